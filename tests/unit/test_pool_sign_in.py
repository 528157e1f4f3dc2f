"""The sign-in page: who is sent where, what a form can and cannot do, what the page allows a browser."""

import base64
import hashlib
import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooled import (
    CALLBACK,
    CHALLENGE,
    CUSTOM,
    SERVED,
    URL,
    Clock,
    asked,
    build,
    exchanged,
    form_of,
    pool,
    run,
    signed_in,
    told,
)

from scopegen.pool import pages
from scopegen.pool.authorization import Authorization, located
from scopegen.pool.pool import Pool
from scopegen.pool.users import User

AUTHORIZE = "/oauth2/authorize"
EVIL = "https://evil.example/"
NOWHERE: dict[str, Any] = {
    "no client": asked(client_id=None),
    "nobody's client": asked(client_id="webb"),
    "a machine": asked(client_id="reports"),
    "no redirect_uri": asked(redirect_uri=None),
    "somebody's redirect_uri": asked(redirect_uri=EVIL),
    "another app's": asked(redirect_uri="https://other.example.com/?a=b"),
    "a slash more": asked(redirect_uri=CALLBACK + "/"),
    "a query more": asked(redirect_uri=CALLBACK + "?a=b"),
    "a fragment more": asked(redirect_uri=CALLBACK + "#a"),
    "a host in other case": asked(redirect_uri=CALLBACK.replace("app", "APP")),
    "an escape": asked(redirect_uri=CALLBACK.replace("callback", "%63allback")),
    "a way up": asked(redirect_uri=CALLBACK + "/../callback"),
    "somebody before the host": asked(redirect_uri="https://app.example.com@evil.example/callback"),
    "localhost at another port": asked(redirect_uri="http://localhost:3001/cb"),
    "localhost by its number": asked(redirect_uri="http://127.0.0.1:3000/cb"),
    "a blank at the end": asked(redirect_uri=CALLBACK + " "),
    "a line break": asked(redirect_uri=CALLBACK + "\r\nSet-Cookie: a=b"),
    "two redirect_uris": [*asked().items(), ("redirect_uri", EVIL)],
    "two clients": [*asked().items(), ("client_id", "other")],
}


@pytest.mark.parametrize("query", NOWHERE.values(), ids=NOWHERE)
def test_nobody_is_sent_to_what_is_not_exactly_registered(query: Any) -> None:
    answer = run(pool(), lambda browser: browser.get(AUTHORIZE, params=query))
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert "evil" not in answer.text


def test_what_cannot_be_read_is_no_request() -> None:
    query = "&".join(f"{name}={value}" for name, value in asked(state=None).items())
    for more in ("&state=%ff", "&x=" + "x" * 20_000, "".join(f"&a{number}=" for number in range(400))):
        answer = run(pool(), lambda browser, more=more: browser.get(f"{AUTHORIZE}?{query}{more}"))  # type: ignore[misc]
        assert (answer.status_code, "location" in answer.headers) == (400, False)


TOLD: dict[str, tuple[Any, str]] = {
    "no response_type": (asked(response_type=None), "invalid_request"),
    "the implicit flow": (asked(response_type="token"), "unauthorized_client"),
    "a hybrid flow": (asked(response_type="code id_token"), "invalid_request"),
    "a plain challenge": (asked(code_challenge_method="plain"), "invalid_request"),
    "a challenge without its method": (asked(code_challenge_method=None), "invalid_request"),
    "a method without a challenge": (asked(code_challenge=None), "invalid_request"),
    "a challenge that is no hash": (asked(code_challenge="abc"), "invalid_request"),
    "a challenge and a line break": (asked(code_challenge=CHALLENGE + "\n"), "invalid_request"),
    "a scope twice": ([*asked().items(), ("scope", "phone")], "invalid_request"),
    "a parameter that nobody knows, twice": ([*asked().items(), ("x", "1"), ("x", "1")], "invalid_request"),
    "another prompt": (asked(prompt="hello"), "invalid_request"),
    "no prompt, and one": (asked(prompt="none login"), "invalid_request"),
    "no prompt, and nobody is signed in": (asked(prompt="none"), "login_required"),
}


@pytest.mark.parametrize(("query", "expected"), TOLD.values(), ids=TOLD)
def test_the_app_is_told(query: Any, expected: str) -> None:
    answer = run(pool(), lambda browser: browser.get(AUTHORIZE, params=query))
    assert answer.headers["location"].startswith(CALLBACK + "?")
    assert told(answer) == {"error": expected, "state": "s"}


def test_a_state_that_comes_twice_does_not_come_back() -> None:
    answer = run(pool(), lambda browser: browser.get(AUTHORIZE, params=[*asked().items(), ("state", "t")]))
    assert told(answer) == {"error": "invalid_request"}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_state_comes_back_as_it_came_and_is_nothing_else(state: str) -> None:
    where = located("https://other.example.com/?a=b#f", {"code": "c"}, state)
    assert where.startswith("https://other.example.com/?a=b&code=c&state=")
    assert where.endswith("#f")
    assert where.isascii()
    assert where.isprintable()
    assert parse_qs(urlsplit(where).query, keep_blank_values=True) == {"a": ["b"], "code": ["c"], "state": [state]}


@pytest.mark.parametrize("state", [None, "", "a b+c&d=e#f", "é\U0001f600", "\r\nSet-Cookie: a=b"])
def test_state_through_the_page(state: str | None) -> None:
    answer = run(pool(), lambda browser: signed_in(browser, "ann", state=state, redirect_uri=CUSTOM))
    assert answer.headers["location"].startswith(f"{CUSTOM}?code=")
    assert told(answer).get("state") == state
    assert "a" not in answer.cookies


def test_the_form_of_the_page_changes_nothing_but_who_signs_in() -> None:
    made = pool()

    async def talk(browser: httpx.AsyncClient) -> tuple[httpx.Response, httpx.Response]:
        page = await browser.get(AUTHORIZE, params=asked(scope="openid petsapi/write"))
        widened = {"redirect_uri": EVIL, "client_id": "other", "scope": "petsapi/write", "state": "x", "prompt": "none"}
        sent = await browser.post(
            AUTHORIZE, data={"form": form_of(page), "name": "ann", "group": ["Reader"], **widened}
        )
        return sent, await exchanged(browser, told(sent)["code"])

    sent, answer = run(made, talk)
    assert sent.headers["location"].startswith(CALLBACK + "?")
    assert told(sent)["state"] == "s"
    claims = made.keys.read(answer.json()["access_token"])
    assert (claims["client_id"], claims["scope"]) == ("web", "openid petsapi/read")


def test_a_form_whose_callback_is_gone_after_a_reload_leads_nowhere() -> None:
    now = [SERVED]
    made = Pool(lambda: now[0], URL, Clock())

    async def talk(browser: httpx.AsyncClient) -> httpx.Response:
        page = await browser.get(AUTHORIZE, params=asked())
        now[0] = build(clients={"web": {"kind": "user", "callback-urls": [CUSTOM]}})
        return await browser.post(AUTHORIZE, data={"form": form_of(page), "name": "ann"})

    answer = run(made, talk)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert made.users.all() == []


@pytest.mark.parametrize(
    "why", ["sent twice", "another browser's", "without a cookie", "too old", "made up", "missing", "twice in one"]
)
def test_a_form_is_refused_that_is(why: str) -> None:
    clock = Clock()
    made = pool(clock=clock)

    async def talk(browser: httpx.AsyncClient) -> httpx.Response:
        form = form_of(await browser.get(AUTHORIZE, params=asked()))
        fields: dict[str, Any] = {"form": form, "name": "ann"}
        if why == "sent twice":
            assert (await browser.post(AUTHORIZE, data={"form": form, "name": "bob"})).status_code == 303
            made.users.remove("bob")
        if why == "another browser's":
            browser.cookies.clear()
            await browser.get(AUTHORIZE, params=asked())
        if why == "without a cookie":
            browser.cookies.clear()
        if why == "too old":
            clock.now += 1800
        changed = {"made up": "x", "missing": None, "twice in one": [form, form]}
        fields["form"] = changed.get(why, form)
        return await browser.post(AUTHORIZE, data={key: value for key, value in fields.items() if value is not None})

    answer = run(made, talk)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert "scopegen-session" not in answer.headers.get("set-cookie", "")
    assert made.users.all() == []


@pytest.mark.parametrize(
    "origin",
    ["https://app.example.com", "null", "http://127.0.0.1:9230", "http://localhost:9229", "https://127.0.0.1:9229", ""],
)
def test_a_form_from_another_origin_is_refused(origin: str) -> None:
    made = pool()

    async def talk(browser: httpx.AsyncClient) -> httpx.Response:
        fields = {"form": form_of(await browser.get(AUTHORIZE, params=asked())), "name": "ann"}
        return await browser.post(AUTHORIZE, data=fields, headers={"Origin": origin})

    answer = run(made, talk)
    assert answer.status_code == 403
    assert made.users.all() == []


def test_a_session_passes_without_the_page_until_it_is_old_or_asked_again() -> None:
    clock = Clock()
    made = pool(clock=clock)

    async def talk(browser: httpx.AsyncClient) -> None:
        first = await signed_in(browser, "ann", "Reader")
        cookie = first.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        for query in (asked(), asked(prompt="none"), asked(client_id="other")):
            assert "code" in told(await browser.get(AUTHORIZE, params=query))
        for prompt in ("login", "select_account"):
            assert form_of(await browser.get(AUTHORIZE, params=asked(prompt=prompt)))
        made.users.remove("ann")
        made.users.put("ann", ["Writer"])
        assert form_of(await browser.get(AUTHORIZE, params=asked()))
        await signed_in(browser, "ann", "Reader")
        clock.now += 3600
        assert form_of(await browser.get(AUTHORIZE, params=asked()))

    run(made, talk)


def test_a_session_that_a_browser_made_up_is_none() -> None:
    async def talk(browser: httpx.AsyncClient) -> httpx.Response:
        browser.cookies.set("scopegen-session", "x" * 43)
        return await browser.get(AUTHORIZE, params=asked())

    assert form_of(run(pool(), talk))


def test_somebody_who_is_here_signs_in_as_they_are() -> None:
    made = pool()
    ann = made.users.put("ann", ["Writer", "us-east-1_Local_Google"])

    async def talk(browser: httpx.AsyncClient) -> tuple[httpx.Response, httpx.Response]:
        form = form_of(await browser.get(AUTHORIZE, params=asked()))
        sent = await browser.post(AUTHORIZE, data={"form": form, "user": "ann", "group": ["Cashier"]})
        again = form_of(await browser.get(AUTHORIZE, params=asked(prompt="login")))
        return sent, await browser.post(AUTHORIZE, data={"form": again, "user": "nobody"})

    sent, nobody = run(made, talk)
    assert "code" in told(sent)
    assert made.users.all() == [ann]
    assert nobody.status_code == 400
    assert "no such user" in nobody.text


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"name": "a b"}, {"name": "ann", "group": "Admin"}, {"name": "x" * 129}, {}]
)
def test_who_cannot_be_is_asked_again_by_a_form_that_works(fields: dict[str, str]) -> None:
    async def talk(browser: httpx.AsyncClient) -> tuple[httpx.Response, httpx.Response]:
        page = await browser.get(AUTHORIZE, params=asked())
        wrong = await browser.post(AUTHORIZE, data={"form": form_of(page), **fields})
        return wrong, await browser.post(AUTHORIZE, data={"form": form_of(wrong), "name": "ann", "group": "Reader"})

    wrong, right = run(pool(), talk)
    assert wrong.status_code == 400
    assert 'role="alert"' in wrong.text
    assert "code" in told(right)


def test_memory_is_bounded() -> None:
    made = pool()

    async def talk(browser: httpx.AsyncClient) -> None:
        first = form_of(await browser.get(AUTHORIZE, params=asked()))
        for _ in range(1_000):
            made.forms.add(made.forms.get(first) or pytest.fail("forgotten too early"))

    run(made, talk)
    assert len(made.forms) == 1_000


def test_the_page_allows_a_browser_little() -> None:
    page = run(pool(), lambda browser: browser.get(AUTHORIZE, params=asked()))
    style = re.search(r"<style>(.*)</style>", page.text, re.S)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert page.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self' https://app.example.com"
    )
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
    assert "<script" not in page.text
    assert "no password is needed" in page.text


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("https://app.example.com/a?b=c", "https://app.example.com"),
        ("https://app.example.com:8443/", "https://app.example.com:8443"),
        ("http://localhost:3000/cb", "http://localhost:3000 http://localhost:* http://127.0.0.1:*"),
        ("folktells://callback", "folktells:"),
        ("http://[::1]:3000/", "http:"),
        ("https://a;b/", "https:"),
        ("https://a'b,c/", "https:"),
        ("x y://z", ""),
        ("//x", ""),
        ("https://a:99999/", ""),
    ],
)
def test_where_a_form_may_lead(place: str, expected: str) -> None:
    assert pages.target(place) == expected


HOSTILE = "</style><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}\u202e"


def test_no_text_is_markup() -> None:
    app = SERVED.apps["web"]._replace(name=HOSTILE)
    authorization = Authorization(app, HOSTILE, None, HOSTILE, HOSTILE, HOSTILE, frozenset())
    users = [User(HOSTILE, "sub", (HOSTILE,), {})]
    page = bytes(pages.sign_in(authorization, "form", users, [HOSTILE], HOSTILE).body).decode()
    plain = bytes(
        pages.sign_in(
            authorization._replace(redirect_uri="x", app=SERVED.apps["web"]),
            "form",
            [User("a", "s", ("b",), {})],
            ["c"],
            "d",
        ).body
    ).decode()
    assert re.findall(r"<\w+", page) == re.findall(r"<\w+", plain)
    assert "\u202e" not in page
    assert html.unescape(page).count(HOSTILE.replace("\u202e", "U+202E")) == 9
    assert "<script" not in bytes(pages.problem(HOSTILE).body).decode()
