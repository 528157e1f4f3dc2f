"""The console's API: what it gives, whom it gives it to, and what it refuses."""

import asyncio
import json
from typing import Any

import consoles
import httpx
import matrices
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegen.console import data
from scopegen.console.page import page
from scopegen.decide import mint
from scopegen.model import AnyOf, Client, Model, Operation, Scope

SMALL = matrices.small()
JSON = {"content-type": "application/json"}


def model() -> Model:
    """The small one with one user client."""
    kept = [one for one in SMALL.clients if one.name != "old"]
    return Model(SMALL.resource_servers, SMALL.operations, SMALL.permissions, kept)


@pytest.fixture
def console() -> consoles.Console:
    return consoles.Console(model())


def ask(console: consoles.Console, method: str, path: str, **more: Any) -> httpx.Response:
    async def sent() -> httpx.Response:
        transport = httpx.ASGITransport(app=console.app)
        async with httpx.AsyncClient(transport=transport, base_url=console.pool.url) as client:
            return await client.request(method, path, **more)

    return asyncio.run(sent())


def token(console: consoles.Console, **asked: Any) -> httpx.Response:
    return ask(console, "POST", "/local/token", json=asked)


def test_a_user_gets_a_token_with_the_scopes_of_the_named_permissions(console: consoles.Console) -> None:
    answer = token(console, user="ann", permissions=["Reader", "Accountant"])
    assert answer.status_code == 200, answer.text
    claims = console.pool.keys.read(answer.json()["access_token"])
    wanted = {"openid", *map(str, mint(console.served.model, ["Reader", "Accountant"]))}
    assert set(str(claims["scope"]).split()) == wanted == set(answer.json()["scope"].split())
    assert console.pool.keys.read(answer.json()["id_token"])["token_use"] == "id"
    assert answer.json()["expires_in"] == 3600


def test_a_user_who_is_known_keeps_the_permissions_where_none_are_named(console: consoles.Console) -> None:
    token(console, user="ann", permissions=["Reader"])
    assert "pets/read" in token(console, user="ann").json()["scope"]
    token(console, user="ann", permissions=[])
    assert token(console, user="ann").json()["scope"] == "openid"


def test_a_machine_gets_what_it_has_or_less(console: consoles.Console) -> None:
    assert token(console, client="batch").json()["scope"] == "billing/pay pets/read"
    answer = token(console, client="batch", scopes=["pets/read"]).json()
    assert answer["scope"] == "pets/read"
    assert "id_token" not in answer


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        pytest.param({"client": "bathc"}, 404, "did you mean `batch`?", id="a client that is spelled almost right"),
        pytest.param({"user": "ann", "permissions": ["reader"]}, 404, "did you mean `Reader`?", id="another case"),
        pytest.param({"user": "ann", "permissions": ["zzz"]}, 404, "there are `Accountant`", id="nothing like it"),
        pytest.param({"client": "batch", "scopes": ["pets/write"]}, 403, "may not have", id="a scope it has not"),
        pytest.param({"client": "batch", "scopes": []}, 400, "empty", id="no scope at all"),
        pytest.param({"user": "nobody"}, 404, "name the permissions", id="a user that is not there"),
        pytest.param({"client": "web"}, 400, "name the user", id="a user client without a user"),
        pytest.param({"client": "batch", "user": "ann"}, 400, "is a machine", id="a user through a machine"),
        pytest.param({"client": "batch", "permissions": ["Reader"]}, 400, "a user's", id="a machine with permissions"),
        pytest.param({}, 400, "name a client", id="nothing"),
        pytest.param({"user": "a b", "permissions": []}, 400, "no blanks", id="a name with a blank"),
        pytest.param({"user": "", "permissions": []}, 400, "visible", id="no name"),
        pytest.param({"user": "a\u202e", "permissions": []}, 400, "visible", id="a name that turns text around"),
        pytest.param({"user": "x" * 129, "permissions": []}, 400, "128", id="a name that is too long"),
        pytest.param({"user": "refused", "permissions": []}, 403, "the trigger failed", id="a trigger that fails"),
        pytest.param({"user": 7}, 400, "`user` must be a text", id="a number for a name"),
        pytest.param({"user": None}, 400, "must be a text", id="null for a name"),
        pytest.param({"client": "batch", "scopes": "pets/read"}, 400, "list of texts", id="a text for a list"),
        pytest.param({"client": "batch", "scopes": [1]}, 400, "list of texts", id="a list of numbers"),
        pytest.param({"client": "batch", "groups": ["x"]}, 400, "`groups` is not known", id="an unknown key"),
    ],
)
def test_what_is_refused(console: consoles.Console, asked: dict[str, Any], status: int, said: str) -> None:
    answer = token(console, **asked)
    assert answer.status_code == status
    assert said in answer.json()["error"] + "; " + answer.json()["hint"]
    assert "access_token" not in answer.text


def test_what_the_pool_does_not_take_is_a_sentence(console: consoles.Console) -> None:
    everything = ["Accountant", "Admin", "Reader", "Writer"]
    answers = (
        token(console, user="ann", permissions=everything),
        ask(console, "PUT", "/local/users", json={"name": "ann", "permissions": everything}),
    )
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]) == (400, "a user is in at most 3 groups")
    assert console.pool.users.all() == []


def test_a_refused_request_makes_no_user(console: consoles.Console) -> None:
    token(console, user="ann", permissions=["Reader", "zzz"])
    token(console, user="ann", permissions=["Reader"], client="zzz")
    assert console.pool.users.all() == []


def test_several_user_clients_are_asked_back() -> None:
    several = consoles.Console(SMALL)
    assert "several user clients" in token(several, user="ann", permissions=[]).json()["error"]
    assert token(several, user="ann", permissions=[], client="web").status_code == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b'{"client": "batch", "client": "batch"}', "twice", id="a key twice"),
        pytest.param(b'["batch"]', "object", id="a list"),
        pytest.param(b"", "no JSON", id="nothing"),
        pytest.param(b'{"client": NaN}', "no JSON", id="no number"),
        pytest.param(b'{"client": "\\ud800"}', "no JSON", id="half a character"),
        pytest.param(b'{"client": "\xff"}', "no JSON", id="no UTF-8"),
        pytest.param(b"[" * 60_000, "no JSON", id="as deep as it gets"),
        pytest.param(b'{"client": "' + b"x" * 70_000 + b'"}', "64 kB", id="too large"),
    ],
)
def test_bodies_that_are_refused(console: consoles.Console, content: bytes, said: str) -> None:
    answer = ask(console, "POST", "/local/token", content=content, headers=JSON)
    assert answer.status_code in (400, 413)
    assert said in answer.json()["error"]


FOREIGN = [
    pytest.param({"origin": "https://evil.example"}, id="a foreign page"),
    pytest.param({"origin": "http://localhost:4011"}, id="another name of this machine"),
    pytest.param(
        {"origin": "http://127.0.0.1:4010", "host": "localhost:4010"}, id="another name than the one that was asked"
    ),
    pytest.param({"origin": "null"}, id="a page without an origin"),
    pytest.param({"origin": "http://127.0.0.1:4010"}, id="a page of the APIs' port"),
    pytest.param({"origin": "https://127.0.0.1:4011"}, id="another scheme"),
    pytest.param({"origin": "http://127.0.0.1:4011.evil.example"}, id="a host that begins like ours"),
    pytest.param({"sec-fetch-site": "cross-site"}, id="cross-site by its own words"),
    pytest.param({"sec-fetch-site": "same-site"}, id="another port of this machine"),
    pytest.param({"origin": consoles.URL, "sec-fetch-site": "cross-site"}, id="ours, but cross-site"),
]
ASKED = [
    ("POST", "/local/token", b'{"user": "ann", "permissions": ["Reader"]}'),
    ("GET", "/local/state", b""),
    ("GET", "/local/calls", b""),
    ("GET", "/local/secret?client=batch", b""),
    ("PUT", "/local/users", b'{"name": "ann", "permissions": ["Reader"]}'),
    ("DELETE", "/local/users", b'{"name": "bob"}'),
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_pages_of_others_get_nothing(console: consoles.Console, headers: dict[str, str]) -> None:
    console.pool.users.put("bob", ())
    for method, path, content in ASKED:
        answer = ask(console, method, path, content=content, headers={**JSON, **headers})
        assert answer.status_code == 403, path
        assert "access-control-allow-origin" not in answer.headers
    assert [one.name for one in console.pool.users.all()] == ["bob"]


@pytest.mark.parametrize(
    "origin", [consoles.URL, "http://localhost:4011", "http://[::1]:4011", "http://localhost:5000", None]
)
def test_our_own_page_gets_everything(console: consoles.Console, origin: str | None) -> None:
    console.pool.users.put("bob", ())
    named = {"origin": origin, "host": origin.removeprefix("http://")} if origin else {}
    headers = {**JSON, "sec-fetch-site": "same-origin", **named}
    for method, path, content in ASKED:
        assert ask(console, method, path, content=content, headers=headers).status_code == 200, path


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
        "text/plain; application/json",
        "application/json-p",
    ],
)
def test_what_a_page_can_send_without_a_preflight_is_not_taken(console: consoles.Console, kind: str) -> None:
    for method, path, content in ASKED:
        if content:
            answer = ask(console, method, path, content=content, headers={"content-type": kind})
            assert answer.status_code == 415
    assert console.pool.users.all() == []


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["batch", "web", "ann", "Reader", "Admin", "pets/read", "billing/pay", "pets/write", "", "a b", "\ud800"]
)
ONE = consoles.Console(model())


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["client", "user", "permissions", "scopes", "other"]), NAMES | st.lists(NAMES, max_size=3) | ANY
    )
)
def test_whatever_is_asked_a_token_has_only_what_was_granted(asked: dict[str, Any]) -> None:
    answer = ask(ONE, "POST", "/local/token", content=json.dumps(asked).encode(), headers=JSON)
    if answer.status_code != 200:
        assert answer.status_code in (400, 403, 404)
        assert answer.json()["error"]
        return
    scopes = set(ONE.pool.keys.read(answer.json()["access_token"])["scope"].split())
    if "user" in asked:
        held = [
            one.name for one in ONE.served.model.permissions if one.group in ONE.pool.users.known[asked["user"]].groups
        ]
        assert scopes - {"openid"} <= {str(one) for one in mint(ONE.served.model, held)}
        assert "permissions" not in asked or set(held) == set(asked["permissions"])
    else:
        assert asked["client"] == "batch"
        assert scopes <= {"pets/read", "billing/pay"}
        assert "scopes" not in asked or scopes == set(asked["scopes"])


@pytest.mark.parametrize("path", ["/local/token", "/local/users", "/local/secret", "/local/state", "/"])
def test_no_preflight_is_granted(console: consoles.Console, path: str) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    answer = ask(console, "OPTIONS", path, headers=headers)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_secrets_are_those_of_machines(console: consoles.Console) -> None:
    answer = ask(console, "GET", "/local/secret", params={"client": "batch"})
    assert answer.json() == {"client_id": "batch", "client_secret": "secret-of-batch"}
    assert answer.headers["cache-control"] == "no-store"
    for query, status in (("client=web", 400), ("client=zzz", 404), ("", 400), ("client=batch&client=batch", 400)):
        assert ask(console, "GET", f"/local/secret?{query}").status_code == status


def test_users_are_changed_and_removed(console: consoles.Console) -> None:
    made = ask(console, "PUT", "/local/users", json={"name": "ann", "permissions": ["Admin", "Admin"]})
    assert made.json() == {"name": "ann", "permissions": ["Admin"], "otherGroups": []}
    assert console.pool.users.known["ann"].groups == ("pets-admins",)
    assert ask(console, "PUT", "/local/users", json={"name": "ann"}).status_code == 400
    assert ask(console, "DELETE", "/local/users", json={"name": "bob"}).status_code == 404
    assert ask(console, "DELETE", "/local/users", json={"name": "ann"}).status_code == 200
    assert console.pool.users.all() == []


def test_the_state_is_what_is_served_now(console: consoles.Console) -> None:
    console.pool.users.put("ann", ("Reader", "us-east-1_Local_Google"))
    state = ask(console, "GET", "/local/state").json()
    assert state["users"] == [{"name": "ann", "permissions": ["Reader"], "otherGroups": ["us-east-1_Local_Google"]}]
    pets = next(one for one in state["apis"] if one["name"] == "pets")
    paid = next(one for one in pets["operations"] if one["path"] == "/pets/{petId}/adoption")
    assert paid["requires"] == "billing/pay and pets/read"
    assert paid["url"] == "http://127.0.0.1:4010/pets/prod/pets/1/adoption"
    assert {one["name"]: one["kind"] for one in state["clients"]} == {"batch": "machine", "web": "user"}
    before = ask(console, "GET", "/local/calls").json()["version"]
    console.served = consoles.served(matrices.large(3, 3))
    assert ask(console, "GET", "/local/calls").json()["version"] != before
    assert [one["name"] for one in ask(console, "GET", "/local/state").json()["apis"]] != ["pets"]


def by_path(console: consoles.Console, path: str) -> Operation:
    return next(one for one in console.served.model.operations if one.path == path)


def test_calls_are_told_with_their_verdict(console: consoles.Console) -> None:
    claims = {"token_use": "access", "scope": "openid pets/read", "username": "ann", "client_id": "web"}
    console.call(by_path(console, "/pets"), claims)
    console.call(by_path(console, "/pets/{petId}/adoption"), claims)
    console.call(None, None)
    console.call(by_path(console, "/health"), None)
    console.call(by_path(console, "/pets"), None, "the token is not this pool's")
    answer = ask(console, "GET", "/local/calls", params={"after": "0"}).json()
    shown = [(one["allowed"], one["who"], one["why"]) for one in answer["calls"]]
    assert shown == [
        (True, "ann through web", "the token carries pets/read"),
        (False, "ann through web", "the token lacks billing/pay"),
        (False, "nobody", "no operation answers this path and method"),
        (True, "anybody", "public: no token is looked at"),
        (False, "nobody", "the token is not this pool's"),
    ]
    assert [one["number"] for one in ask(console, "GET", "/local/calls?after=3").json()["calls"]] == [4, 5]
    for wrong in ("-1", "x", "1e3", "9" * 20, "٣"):
        assert ask(console, "GET", "/local/calls", params={"after": wrong}).status_code == 400


def test_what_the_gateway_stopped_is_never_called_allowed(console: consoles.Console) -> None:
    claims = {"token_use": "access", "scope": "pets/read", "username": "ann", "client_id": "web"}
    call = console.call(by_path(console, "/pets"), claims)
    assert data.is_allowed(call)
    assert data.is_allowed(call._replace(status=404, answered_by="backend"))
    assert not data.is_allowed(call._replace(status=403, answered_by="gateway"))
    assert not data.is_allowed(call._replace(status=413, answered_by="gateway", decision=None))


def test_only_the_last_calls_are_told(console: consoles.Console) -> None:
    for _ in range(520):
        console.call(None, None)
    assert [one["number"] for one in ask(console, "GET", "/local/calls").json()["calls"]] == list(range(21, 521))


def test_the_problem_of_the_last_change_is_told(console: consoles.Console) -> None:
    console.problem = "specs/pets.yaml:6:3: SG102 error"
    assert ask(console, "GET", "/local/calls").json()["problem"] == console.problem


def test_the_page_may_talk_to_its_own_server_only(console: consoles.Console) -> None:
    answer = ask(console, "GET", "/")
    policy = answer.headers["content-security-policy"]
    for part in ("default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
                 "form-action 'none'", "trusted-types 'none'"):  # fmt: skip
        assert part in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    script = page().html.rpartition("<script>")[2].partition("</script>")[0]
    for tag in ("innerHTML", "insertAdjacent", "document.write", "eval(", "http:", "https:", "localStorage"):
        assert tag not in script


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6), max_size=4))
def test_a_url_that_is_copied_means_nothing_to_a_shell(parts: list[str]) -> None:
    path = data.sample("/" + "/".join(part.replace("/", "") for part in parts))
    assert path.isascii()
    assert path.isprintable()
    assert not set(path) & set("'\" \\`<>{}#?")


def test_a_hostile_model_is_told_as_it_is() -> None:
    hostile = consoles.Console(matrices.hostile())
    answer = ask(hostile, "GET", "/local/state")
    assert answer.headers["content-type"] == "application/json"
    named = {one["name"] for one in answer.json()["clients"]}
    assert named == {one.name for one in hostile.served.model.clients}
    assert json.loads(answer.text) == answer.json()


def test_a_user_may_name_scopes(console: consoles.Console) -> None:
    token(console, user="ann", permissions=[], scopes=["openid", "pets/write"])
    assert console.pool.asked == [frozenset({"openid", "pets/write"})]


def test_a_scope_of_a_derived_requirement_is_named_as_the_token_lacks_it() -> None:
    both = AnyOf([[Scope("a", "x"), Scope("b", "y")]])
    alone = Model([], [matrices.operation(1, both)], [], [Client("m", "machine", [], 60)])
    console = consoles.Console(alone)
    claims = {"token_use": "access", "scope": "a/x b/y", "sub": "m", "client_id": "m"}
    call = console.call(alone.operations[0], claims)
    assert data.why(call).startswith("the token lacks all-of/")
    assert data.who(call) == "machine m"
