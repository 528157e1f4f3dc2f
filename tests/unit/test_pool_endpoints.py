"""A pool's endpoints: the flows that give tokens, every request that must not, what is said to whom."""

import base64
import json
import warnings
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooled import (
    CALLBACK,
    CUSTOM,
    LOGOUT,
    SERVED,
    URL,
    VERIFIER,
    Clock,
    asked,
    build,
    exchanged,
    form_of,
    pool,
    run,
    signed_in,
    told,
    with_trigger,
)
from starlette.applications import Starlette

from scopegen.pool.app import routes
from scopegen.pool.pool import Pool

with warnings.catch_warnings(record=True):
    from authlib.integrations.httpx_client import AsyncOAuth2Client  # which would rather have httpx2

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WELL_KNOWN = "/us-east-1_Local/.well-known"
MACHINE = {"grant_type": "client_credentials"}


def error(response: httpx.Response, status: int = 400) -> str:
    """The error of an answer that nobody keeps."""
    assert response.status_code == status, response.text
    assert response.headers["cache-control"] == "no-store"
    return str(response.json()["error"])


async def tokens(browser: httpx.AsyncClient, *groups: str, **changed: str | None) -> dict[str, Any]:
    answer = await exchanged(browser, told(await signed_in(browser, "ann", *groups, **changed))["code"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_code_and_pkce_give_tokens_that_the_published_keys_verify() -> None:
    made = pool()

    async def talk(browser: httpx.AsyncClient) -> tuple[dict[str, Any], Any, Any]:
        found = await tokens(browser, "Writer", nonce="n1", scope="openid petsapi/write billing/refund")
        return found, (await browser.get(f"{WELL_KNOWN}/jwks.json")).json(), None

    found, keys, _ = run(made, talk)
    assert set(found) == {"access_token", "id_token", "refresh_token", "token_type", "expires_in"}
    assert (found["token_type"], found["expires_in"]) == ("Bearer", 900)
    known = {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(keys).keys}
    claims = {}
    for name in ("access_token", "id_token"):
        key = known.pop(jwt.get_unverified_header(found[name])["kid"])
        options: Any = {"verify_exp": False, "verify_aud": False, "verify_iat": False}
        claims[name] = jwt.decode(found[name], key, ["RS256"], options)
    access, identity = claims.values()
    for one in claims.values():
        for volatile in ("jti", "event_id", "origin_jti", "sub"):
            assert one.pop(volatile)
    assert identity.pop("at_hash")
    issuer, now = f"{URL}/us-east-1_Local", 1_800_000_000
    assert access == {
        "auth_time": now, "client_id": "web", "cognito:groups": ["Writer"], "exp": now + 900, "iat": now, "iss": issuer,
        "scope": "openid petsapi/read petsapi/write", "token_use": "access", "username": "ann", "version": 2,
    }  # fmt: skip
    assert identity == {
        "aud": "web", "auth_time": now, "cognito:groups": ["Writer"], "cognito:username": "ann", "email": "ann@example.com",
        "email_verified": True, "exp": now + 3600, "iat": now, "iss": issuer, "nonce": "n1", "token_use": "id",
    }  # fmt: skip


def test_without_groups_and_openid_there_are_none() -> None:
    apps = {
        "web": {
            "kind": "user",
            "callback-urls": [CALLBACK],
            "scopes": ["openid", "email", "aws.cognito.signin.user.admin"],
        }
    }
    made = pool(build(clients=apps))

    async def talk(browser: httpx.AsyncClient) -> dict[str, Any]:
        return await tokens(browser, scope="aws.cognito.signin.user.admin email petsapi/read")

    found = run(made, talk)
    assert "id_token" not in found
    claims = made.keys.read(found["access_token"])
    assert claims["scope"] == "aws.cognito.signin.user.admin"
    assert "cognito:groups" not in claims


@pytest.mark.parametrize("by_header", [True, False], ids=["by Basic", "by the form"])
def test_a_machine_gets_what_it_lists(by_header: bool) -> None:
    made = pool()
    secret = made.secret("reports")

    async def talk(browser: httpx.AsyncClient) -> list[httpx.Response]:
        named = {} if by_header else {"client_id": "reports", "client_secret": secret}
        auth = ("reports", secret) if by_header else None
        scopes: list[dict[str, str]] = [
            {},
            {"scope": "petsapi/read"},
            {"scope": "petsapi/read petsapi/other"},
            {"scope": "openid"},
        ]
        return [await browser.post("/oauth2/token", data={**MACHINE, **named, **one}, auth=auth) for one in scopes]

    everything, one, *others = run(made, talk)
    assert set(everything.json()) == {"access_token", "token_type", "expires_in"}
    claims = made.keys.read(everything.json()["access_token"])
    assert set(str(claims["scope"]).split()) == SERVED.apps["reports"].scopes
    assert claims["sub"] == claims["client_id"] == "reports"
    assert not {"username", "cognito:groups", "origin_jti"} & claims.keys()
    assert made.keys.read(one.json()["access_token"])["scope"] == "petsapi/read"
    assert [error(other) for other in others] == ["invalid_grant", "invalid_grant"]


def basic(text: str | bytes) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()}"}


SECRET = "SECRET"  # stands for the machine's in what follows
REFUSED_TOKENS: dict[str, tuple[str, dict[str, str], str]] = {
    "no client": ("grant_type=client_credentials", {}, "invalid_request"),
    "nobody's client": ("grant_type=client_credentials&client_id=x&client_secret=y", {}, "invalid_client"),
    "no secret": ("grant_type=client_credentials&client_id=reports", {}, "invalid_client"),
    "an empty secret": ("grant_type=client_credentials&client_id=reports&client_secret=", {}, "invalid_client"),
    "another secret": ("grant_type=client_credentials", basic("reports:x"), "invalid_client"),
    "a secret that is no ASCII": ("grant_type=client_credentials", basic("reports:é"), "invalid_client"),
    "a header that is no base64": ("grant_type=client_credentials", {"Authorization": "Basic ***"}, "invalid_client"),
    "a header that is no UTF-8": ("grant_type=client_credentials", basic(b"\xff:x"), "invalid_client"),
    "a header without a colon": ("grant_type=client_credentials", basic("reports"), "invalid_client"),
    "a header of another kind": ("grant_type=client_credentials&client_id=web", {"Authorization": "Bearer x"}, "invalid_client"),
    "a client in the form, another in the header": ("grant_type=client_credentials&client_id=web", basic(f"reports:{SECRET}"), "invalid_client"),
    "two ways to prove oneself": (f"grant_type=client_credentials&client_secret={SECRET}", basic(f"reports:{SECRET}"), "invalid_request"),
    "a secret for a client that has none": ("grant_type=refresh_token&refresh_token=x", basic("web:x"), "invalid_client"),
    "a user's app for a machine's flow": ("grant_type=client_credentials&client_id=web", {}, "unauthorized_client"),
    "a machine for a code": ("grant_type=authorization_code&code=x&redirect_uri=y", basic(f"reports:{SECRET}"), "unauthorized_client"),
    "a machine for a refresh": ("grant_type=refresh_token&refresh_token=x", basic(f"reports:{SECRET}"), "unauthorized_client"),
    "no grant type": ("client_id=web", {}, "invalid_request"),
    "passwords": ("grant_type=password&client_id=web&username=a&password=b", {}, "unsupported_grant_type"),
    "no code": ("grant_type=authorization_code&client_id=web&redirect_uri=y", {}, "invalid_request"),
    "no redirect_uri": ("grant_type=authorization_code&client_id=web&code=x", {}, "invalid_request"),
    "a code that never was": ("grant_type=authorization_code&client_id=web&code=x&redirect_uri=y", {}, "invalid_grant"),
    "a refresh token that never was": ("grant_type=refresh_token&client_id=web&refresh_token=x", {}, "invalid_grant"),
    "a parameter twice": ("grant_type=client_credentials&scope=petsapi/read&scope=petsapi/write", basic(f"reports:{SECRET}"), "invalid_request"),
    "what is no UTF-8": ("grant_type=%ff&client_id=web", {}, "invalid_request"),
    "too much": ("client_id=web&grant_type=refresh_token&refresh_token=" + "x" * 20_000, {}, "invalid_request"),
    "too many": ("&".join(f"a{number}=" for number in range(400)), {}, "invalid_request"),
    "JSON": ('{"grant_type": "client_credentials"}', {"Content-Type": "application/json"}, "invalid_request"),
    "no content type": ("grant_type=client_credentials&client_id=web", {"Content-Type": ""}, "invalid_request"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "headers", "expected"), REFUSED_TOKENS.values(), ids=REFUSED_TOKENS)
def test_no_tokens_for(body: str, headers: dict[str, str], expected: str) -> None:
    made = pool()
    secret = made.secret("reports")
    if "Authorization" in headers and headers["Authorization"] == basic(f"reports:{SECRET}")["Authorization"]:
        headers = basic(f"reports:{secret}")

    async def talk(browser: httpx.AsyncClient) -> httpx.Response:
        return await browser.post("/oauth2/token", content=body.replace(SECRET, secret), headers={**FORM, **headers})

    answer = run(made, talk)
    assert error(answer) == expected
    assert answer.headers["access-control-allow-origin"] == "*"
    assert secret not in answer.text


def test_the_query_is_no_form() -> None:
    made = pool()
    query = {**MACHINE, "client_id": "reports", "client_secret": made.secret("reports")}
    assert (
        error(run(made, lambda browser: browser.post("/oauth2/token", params=query, headers=FORM))) == "invalid_request"
    )
    assert run(made, lambda browser: browser.get("/oauth2/token", params=query)).status_code == 405


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"code_verifier": "w" * 43}, id="another verifier"),
        pytest.param({"code_verifier": None}, id="no verifier"),
        pytest.param({"client_id": "other"}, id="another client"),
        pytest.param({"redirect_uri": CUSTOM}, id="another redirect_uri that is registered"),
        pytest.param({"redirect_uri": CALLBACK + "/"}, id="a redirect_uri with a slash more"),
    ],
)
def test_a_code_is_used_up_by_whoever_asks_wrongly(changed: dict[str, str | None]) -> None:
    async def talk(browser: httpx.AsyncClient) -> list[str]:
        code = told(await signed_in(browser, "ann", "Reader"))["code"]
        return [error(await exchanged(browser, code, **changed)), error(await exchanged(browser, code))]

    assert run(pool(), talk) == ["invalid_grant", "invalid_grant"]


def test_a_code_that_comes_twice_ends_what_came_of_it() -> None:
    async def talk(browser: httpx.AsyncClient) -> tuple[str, str, int]:
        code = told(await signed_in(browser, "ann", "Reader"))["code"]
        found = (await exchanged(browser, code)).json()
        again = error(await exchanged(browser, code))
        info = await browser.get("/oauth2/userInfo", headers={"Authorization": f"Bearer {found['access_token']}"})
        return again, error(await refresh(browser, found["refresh_token"])), info.status_code

    assert run(pool(), talk) == ("invalid_grant", "invalid_grant", 401)


async def refresh(browser: httpx.AsyncClient, token: str, client: str = "web", **more: str) -> httpx.Response:
    return await browser.post(
        "/oauth2/token", data={"grant_type": "refresh_token", "client_id": client, "refresh_token": token, **more}
    )


def test_a_refresh_asks_for_nothing_new() -> None:
    made = pool()

    async def talk(browser: httpx.AsyncClient) -> dict[str, Any]:
        found = await tokens(browser, "Reader")
        made.users.put("ann", ["Cashier"])
        answer: dict[str, Any] = (await refresh(browser, found["refresh_token"], scope="petsapi/read phone")).json()
        return answer

    found = run(made, talk)
    assert set(found) == {"access_token", "id_token", "token_type", "expires_in"}
    assert made.keys.read(found["access_token"])["scope"] == "billing/refund openid"


@pytest.mark.parametrize("why", ["old", "another client's", "removed", "removed and made anew", "revoked"])
def test_a_refresh_token_gives_nothing_if_it_or_its_user_is(why: str) -> None:
    clock = Clock()
    made = pool(clock=clock)

    async def talk(browser: httpx.AsyncClient) -> str:
        token = (await tokens(browser, "Reader"))["refresh_token"]
        if why == "old":
            clock.now += 30 * 24 * 3600
        if why.startswith("removed"):
            made.users.remove("ann")
        if why.endswith("anew"):
            made.users.put("ann", ["Reader"])
        if why == "revoked":
            assert (await browser.post("/oauth2/revoke", data={"client_id": "web", "token": token})).status_code == 200
        return error(await refresh(browser, token, "other" if why == "another client's" else "web"))

    assert run(made, talk) == "invalid_grant"


def test_a_trigger_that_fails_fails_the_sign_in() -> None:
    made = pool(with_trigger("def handler(event, context):\n    raise ValueError(event)\n"))
    heard: list[str] = []
    made.told = heard.append

    async def talk(browser: httpx.AsyncClient) -> httpx.Response:
        return await exchanged(browser, told(await signed_in(browser, "ann"))["code"])

    answer = run(made, talk)
    assert answer.json() == {"error": "invalid_grant"}
    assert heard == ["400 POST /oauth2/token; invalid_grant: the trigger raised an error"]


def test_an_app_that_is_gone_after_a_reload_gets_nothing() -> None:
    now = [SERVED]
    made = Pool(lambda: now[0], URL, Clock())

    async def talk(browser: httpx.AsyncClient) -> list[str]:
        code = told(await signed_in(browser, "ann", "Reader"))["code"]
        token = (await tokens(browser, "Reader", prompt="login"))["refresh_token"]
        now[0] = build(clients={"machine": {"kind": "machine", "scopes": ["petsapi/read"]}})
        return [error(await exchanged(browser, code)), error(await refresh(browser, token))]

    assert run(made, talk) == ["invalid_client", "invalid_client"]


REVOKED: dict[str, tuple[dict[str, str], int, str | None]] = {
    "one that never was": ({"token": "x"}, 200, None),
    "another client's": ({"client_id": "other", "token": "REFRESH"}, 400, "invalid_request"),
    "an access token": ({"token": "ACCESS"}, 400, "unsupported_token_type"),
    "none": ({}, 400, "invalid_request"),
    "nobody's client": ({"client_id": "x", "token": "REFRESH"}, 401, "invalid_client"),
    "a machine without its secret": ({"client_id": "reports", "token": "REFRESH"}, 401, "invalid_client"),
}


@pytest.mark.parametrize(("fields", "status", "expected"), REVOKED.values(), ids=REVOKED)
def test_revoking_what_cannot_be_changes_nothing(fields: dict[str, str], status: int, expected: str | None) -> None:
    async def talk(browser: httpx.AsyncClient) -> tuple[httpx.Response, int]:
        found = await tokens(browser, "Reader")
        real = {"REFRESH": found["refresh_token"], "ACCESS": found["access_token"]}
        given = {"client_id": "web", **{name: real.get(value, value) for name, value in fields.items()}}
        answer = await browser.post("/oauth2/revoke", data=given)
        return answer, (await refresh(browser, found["refresh_token"])).status_code

    answer, still = run(pool(), talk)
    assert (answer.status_code, still) == (status, 200)
    if expected:
        assert error(answer, status) == expected


def test_the_user_behind_a_token() -> None:
    made = pool()

    async def talk(browser: httpx.AsyncClient) -> list[httpx.Response]:
        found = await tokens(browser, "Reader")
        machine = made.machine(SERVED.apps["reports"], None).access
        ask = [found["access_token"], found["id_token"], machine, "x"]
        answers = [await browser.get("/oauth2/userInfo", headers={"Authorization": f"Bearer {one}"}) for one in ask]
        answers.append(await browser.post("/oauth2/userInfo"))
        made.users.remove("ann")
        for _ in range(2):  # removed, and then somebody else of that name
            answers.append(await browser.get("/oauth2/userInfo", headers={"Authorization": f"Bearer {ask[0]}"}))
            made.users.put("ann", [])
        return answers

    answers = run(made, talk)
    assert [one.status_code for one in answers] == [200, 401, 401, 401, 400, 401, 401]
    assert set(answers[0].json()) == {"sub", "username", "email", "email_verified"}
    assert (answers[0].json()["username"], answers[0].json()["email_verified"]) == ("ann", "true")
    assert all("access-control-allow-origin" in one.headers for one in answers)
    assert all(one.headers["www-authenticate"].startswith("Bearer error=") for one in answers[1:])


def test_an_old_token_says_nothing_of_its_user() -> None:
    clock = Clock()

    async def talk(browser: httpx.AsyncClient) -> list[int]:
        headers = {"Authorization": f"Bearer {(await tokens(browser, 'Reader'))['access_token']}"}
        answers = []
        for seconds in (899, 1):
            clock.now += seconds
            answers.append((await browser.get("/oauth2/userInfo", headers=headers)).status_code)
        return answers

    assert run(pool(clock=clock), talk) == [200, 401]


def test_a_token_without_openid_says_nothing_of_its_user() -> None:
    made = pool(
        build(
            clients={
                "web": {
                    "kind": "user",
                    "callback-urls": [CALLBACK],
                    "scopes": ["openid", "aws.cognito.signin.user.admin"],
                }
            }
        )
    )

    async def talk(browser: httpx.AsyncClient) -> httpx.Response:
        found = await tokens(browser, scope="aws.cognito.signin.user.admin")
        return await browser.get("/oauth2/userInfo", headers={"Authorization": f"Bearer {found['access_token']}"})

    assert error(run(made, talk), 401) == "invalid_token"


@pytest.mark.parametrize(
    "path", ["/oauth2/token", "/oauth2/userInfo", f"{WELL_KNOWN}/jwks.json", f"{WELL_KNOWN}/openid-configuration"]
)
def test_scripts_of_every_origin_may_ask_without_cookies(path: str) -> None:
    answer = run(pool(), lambda browser: browser.options(path, headers={"Origin": "https://app.example.com"}))
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/oauth2/authorize", "/logout", "/oauth2/revoke"])
def test_no_script_may_read_a_page(path: str) -> None:
    async def talk(browser: httpx.AsyncClient) -> list[httpx.Response]:
        headers = {"Origin": "https://app.example.com"}
        return [
            await browser.request(method, path, params=asked(), headers=headers)
            for method in ("GET", "POST", "OPTIONS")
        ]

    for answer in run(pool(), talk):
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_discovery_names_what_is_there() -> None:
    made = pool()

    async def talk(browser: httpx.AsyncClient) -> tuple[dict[str, Any], list[int]]:
        found = (await browser.get(f"{WELL_KNOWN}/openid-configuration")).json()
        places = [value for name, value in found.items() if name.endswith(("_endpoint", "_uri"))]
        return found, [(await browser.get(place)).status_code for place in places]

    found, statuses = run(made, talk)
    assert found["issuer"] == made.issuer == f"{URL}/us-east-1_Local"
    assert len(statuses) == 6
    assert 404 not in statuses


def test_authlib_signs_in_and_refreshes() -> None:
    made = pool()
    app = Starlette(routes=list(routes(made)))

    async def talk(browser: httpx.AsyncClient) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        settings = (await browser.get(f"{WELL_KNOWN}/openid-configuration")).json()
        transport = httpx.ASGITransport(app=app)
        async with AsyncOAuth2Client(
            "web", scope="openid", redirect_uri=CALLBACK, code_challenge_method="S256",
            token_endpoint_auth_method="none", transport=transport,
        ) as client:  # fmt: skip
            url, _ = client.create_authorization_url(settings["authorization_endpoint"], code_verifier=VERIFIER)
            page = await browser.get(url)
            sent = await browser.post(
                "/oauth2/authorize", data={"form": form_of(page), "name": "ann", "group": ["Reader"]}
            )
            found = await client.fetch_token(
                settings["token_endpoint"], authorization_response=sent.headers["location"], code_verifier=VERIFIER
            )
            again = await client.refresh_token(settings["token_endpoint"], refresh_token=found["refresh_token"])
        secret = made.secret("reports")
        async with AsyncOAuth2Client("reports", secret, scope="petsapi/read", transport=transport) as machine:
            alone = await machine.fetch_token(settings["token_endpoint"], grant_type="client_credentials")
        return dict(found), dict(again), dict(alone)

    found, again, alone = run(made, talk)
    for one in (found, again):
        assert made.keys.read(one["access_token"])["scope"] == "openid petsapi/read"
    assert made.keys.read(alone["access_token"])["scope"] == "petsapi/read"


def test_secrets_are_of_one_process_and_of_one_app() -> None:
    made = pool()
    assert made.secret("reports") == made.secret("reports")
    assert len({made.secret("reports"), made.secret("another"), pool().secret("reports")}) == 3


def test_signing_out_ends_the_session_and_goes_where_the_app_registered() -> None:
    async def talk(browser: httpx.AsyncClient) -> list[httpx.Response]:
        await signed_in(browser, "ann", "Reader")
        known = await browser.get("/oauth2/authorize", params=asked())
        out = await browser.get("/logout", params={"client_id": "web", "logout_uri": LOGOUT})
        return [known, out, await browser.get("/oauth2/authorize", params=asked())]

    known, out, page = run(pool(), talk)
    assert "code" in told(known)
    assert (out.status_code, out.headers["location"]) == (302, LOGOUT)
    assert form_of(page)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"client_id": "web"}, id="nowhere"),
        pytest.param({"client_id": "web", "logout_uri": LOGOUT + "?a=b"}, id="with a query more"),
        pytest.param({"client_id": "other", "logout_uri": LOGOUT}, id="of another app"),
        pytest.param({"client_id": "web", "logout_uri": CALLBACK}, id="a callback"),
        pytest.param(
            {"client_id": "web", "redirect_uri": LOGOUT, "response_type": "code"}, id="a page for signing out"
        ),
        pytest.param(
            [("client_id", "web"), ("logout_uri", LOGOUT), ("logout_uri", "https://evil.example")], id="twice"
        ),
    ],
)
def test_signing_out_to_anywhere_else_is_refused_and_nobody_is_signed_out(query: Any) -> None:
    async def talk(browser: httpx.AsyncClient) -> tuple[httpx.Response, httpx.Response]:
        await signed_in(browser, "ann", "Reader")
        return await browser.get("/logout", params=query), await browser.get("/oauth2/authorize", params=asked())

    out, known = run(pool(), talk)
    assert out.status_code == 400
    assert "location" not in out.headers
    assert "code" in told(known)


def test_signing_out_to_sign_in_again() -> None:
    async def talk(browser: httpx.AsyncClient) -> tuple[httpx.Response, httpx.Response]:
        await signed_in(browser, "ann", "Reader")
        out = await browser.get("/logout", params=asked(state="a b&c"))
        return out, await browser.get(out.headers["location"])

    out, page = run(pool(), talk)
    assert urlsplit(out.headers["location"]).path == "/oauth2/authorize"
    assert parse_qs(urlsplit(out.headers["location"]).query)["state"] == ["a b&c"]
    assert form_of(page)


def test_pools_without_apps_and_pools_that_exist_work() -> None:
    nobody = pool(build(clients=None))
    answer = run(nobody, lambda browser: browser.get("/oauth2/authorize", params=asked()))
    assert answer.status_code == 400
    made = pool(build(**{"user-pool": {"existing": True}}))
    found = run(made, lambda browser: tokens(browser, "Reader"))
    assert made.keys.read(found["access_token"])["scope"] == "openid petsapi/read"
    assert json.dumps(run(nobody, lambda browser: browser.get(f"{WELL_KNOWN}/jwks.json")).json()).count('"kid"') == 2


FUZZED = pool()
WORDS = st.sampled_from(
    [*asked().values(), *asked(), "grant_type", "client_credentials", "refresh_token", "reports", "name", "x"]
)
NOISE = st.text(st.characters(max_codepoint=0x7F), max_size=8).map(lambda text: quote(text, safe="%&=;+"))
PAIRS = st.lists(st.tuples(WORDS | NOISE, WORDS | NOISE), max_size=8).map(
    lambda pairs: "&".join(f"{quote(name, safe='%')}={quote(value, safe='%')}" for name, value in pairs)
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "authorization": st.binary(max_size=12).map(lambda raw: b"Basic " + base64.b64encode(raw)) | st.sampled_from([b"Basic", b"Bearer \xff", b"x"]),
        "cookie": st.sampled_from([b"scopegen-session=x", b"scopegen-browser=\xff", b";=;", b"a"]),
        "origin": st.sampled_from([b"null", b"\xff", URL.encode()]),
        "content-type": st.sampled_from([FORM["Content-Type"].encode(), b"\xff", b""]),
    },
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["/oauth2/token", "/oauth2/authorize", "/oauth2/revoke", "/oauth2/userInfo", "/logout"]),
    st.sampled_from(["GET", "POST", "OPTIONS", "HEAD"]),
    PAIRS,
    PAIRS.map(str.encode) | st.binary(max_size=40),
    HEADERS,
)
def test_no_request_breaks_it_or_gets_anything(
    path: str, method: str, query: str, body: bytes, headers: dict[str, bytes]
) -> None:
    async def talk(browser: httpx.AsyncClient) -> httpx.Response:
        return await browser.request(method, f"{path}?{query}", content=body, headers={**FORM, **headers})

    answer = run(FUZZED, talk)
    assert answer.status_code < 500
    assert "_token" not in answer.text or "error" in answer.json()
    assert "code" not in parse_qs(urlsplit(answer.headers.get("location", "")).query) or path == "/logout"
