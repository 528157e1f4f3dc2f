"""The same table of allow and deny three times: by `decide`, by `scopegen serve`, and by the emulator on what was deployed.

Every operation by every kind of token. The emulator is known to be wrong nowhere in this table; see the module of its
own tests for where it is.
"""

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from scopegen import access_file
from scopegen.decide import decide
from scopegen.model import Model
from scopegen.testing import LocalGateway

from . import tokens
from .cloud import Api
from .pool import Pool, Session
from .workspaces import copied

pytestmark = pytest.mark.e2e

READ, WRITE, BILLS, REMOVE = "ReadPetsAccess", "WritePetsAccess", "ReadBillsAccess", "RemoveEventsAccess"
HELD = {
    "a user without a permission": (),
    "a reader": (READ,),
    "a writer": (WRITE,),
    "a clerk": (BILLS,),
    "a remover": (REMOVE,),
    "a reader and clerk": (READ, BILLS),
    "a user with every permission": (READ, WRITE, BILLS, REMOVE),
}
MACHINES = {"reports": (), "auditor": (), "cashier": (), "stormwatch": ()}
NARROWED = {
    "auditor, narrowed to one part": ("auditor", "petsapi/read"),
    "auditor, narrowed to both parts": ("auditor", "petsapi/read billing/read"),
    "auditor, narrowed to the derived scope": ("auditor", "<derived>"),
    "stormwatch, narrowed to post": ("stormwatch", "weather-api/post"),
}
FORGERIES: dict[str, Callable[[str, str], str]] = {
    "a widened token with the old signature": tokens.with_the_old_signature,
    "a widened token without a signature": tokens.without_a_signature,
    "a widened token signed with another key": tokens.signed_with_another_key,
    "a widened token signed with the key's name": tokens.signed_with_the_key_id,
}
WORTHLESS = ("none", "empty", "garbage", "an ID token", "an expired token", "a token of another pool", *FORGERIES)
KINDS = (*WORTHLESS, *HELD, *MACHINES, *NARROWED)
_PORTS = count()


class Side(NamedTuple):
    """How tokens are got on one side, by permissions, by client and scopes, expired, of another pool."""

    session: Callable[[tuple[str, ...]], Session]
    machine: Callable[[str, str], str]
    expired: Callable[[], str]
    foreign: Callable[[], str]


def token(side: Side, kind: str, derived: str) -> str | None:
    """A token of one kind on one side; None for none at all."""
    if kind in FORGERIES:
        return FORGERIES[kind](side.session((READ,)).access, "petsapi/write")
    if kind in HELD:
        return side.session(HELD[kind]).access
    if kind in MACHINES:
        return side.machine(kind, "")
    if kind in NARROWED:
        client, scope = NARROWED[kind]
        return side.machine(client, scope.replace("<derived>", derived))
    made: dict[str, Callable[[], str | None]] = {
        "none": lambda: None,
        "empty": lambda: "",
        "garbage": lambda: "garbage",
        "an ID token": lambda: side.session((READ, WRITE, BILLS, REMOVE)).identity,
        "an expired token": side.expired,
        "a token of another pool": side.foreign,
    }
    return made[kind]()


@pytest.fixture(scope="module")
def workspace_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied("workspace", tmp_path_factory.mktemp("served") / "workspace")


@pytest.fixture(scope="module")
def local(workspace_folder: Path) -> Iterator[LocalGateway]:
    with LocalGateway(workspace_folder) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def served(local: LocalGateway, workspace_folder: Path) -> Side:
    def session(held: tuple[str, ...]) -> Session:
        found = local.user_tokens(*held, user=f"user-{'-'.join(held)}")
        return Session(found.access, found.refresh or "", found.identity or "")

    def expired() -> str:
        claims = tokens.claims(session((READ, WRITE, BILLS, REMOVE)).access)
        return local._servers.pool.keys.sign("access", claims | {"exp": int(time.time()) - 1})

    def foreign() -> str:
        with LocalGateway(workspace_folder) as other:
            return other.user_token(READ, WRITE, BILLS, REMOVE)

    return Side(session, lambda name, scope: local.client_token(name, *scope.split()), expired, foreign)


@pytest.fixture(scope="module")
def deployed(pool: Pool, pool_of: Callable[..., Pool], output: Path) -> Side:
    sessions: dict[tuple[str, ...], Session] = {}

    def session(held: tuple[str, ...]) -> Session:
        if held not in sessions:
            sessions[held] = pool.sign_in(pool.user(*held))
        return sessions[held]

    def expired() -> str:
        short = pool.hand_made_client("openid", AccessTokenValidity=1, TokenValidityUnits={"AccessToken": "seconds"})
        found = pool.sign_in(pool.user(READ, WRITE, BILLS, REMOVE), short).access
        time.sleep(2.1)
        assert tokens.claims(found)["exp"] < time.time()
        return found

    def foreign() -> str:
        other = pool_of(f"foreign-{next(_PORTS)}", output / "identity/template.yaml", DomainPrefix="foreign-pool")
        return other.sign_in(other.user(READ, WRITE, BILLS, REMOVE)).access

    return Side(session, lambda name, scope: pool.machine_token(name.title(), scope), expired, foreign)


@pytest.fixture(scope="module")
def model(output: Path) -> Model:
    return access_file.read((output / "access.json").read_bytes())


def test_no_kind_of_token_is_forgotten() -> None:
    assert len(set(KINDS)) == len(KINDS) == len(WORTHLESS) + len(HELD) + len(MACHINES) + len(NARROWED)


@pytest.mark.parametrize("kind", KINDS)
def test_all_three_admit_the_same(
    kind: str, model: Model, local: LocalGateway, served: Side, deployed: Side, pets: Api, weather: Api, clinic: Api, derived: str
) -> None:  # fmt: skip
    here, there = token(served, kind, derived), token(deployed, kind, derived)
    apis = {"pets": pets, "weather": weather, "clinic": clinic}
    claims = tokens.claims(here) if here and kind not in ("garbage", "a token of another pool", *FORGERIES) else None
    admitted: dict[str, set[str]] = {"decide": set(), "serve": set(), "emulator": set()}
    for operation in model.operations:
        api, method, path = operation.api, operation.method, operation.path
        name = f"{api}: {method} {path}"
        if decide(model, api, method, path, claims, time.time()).allowed:
            admitted["decide"].add(name)
        if admits(local.url(api, path), method, here):
            admitted["serve"].add(name)
        if apis[api].admits(method, path, there):
            admitted["emulator"].add(name)
    assert admitted["serve"] == admitted["decide"]
    assert admitted["emulator"] == admitted["decide"]
    assert "clinic: GET /status" in admitted["serve"]
    assert (len(admitted["serve"]) == 1) == (kind in WORTHLESS)


def test_both_sides_put_the_same_scopes_into_tokens(served: Side, deployed: Side, derived: str) -> None:
    for kind in (*HELD, *MACHINES, *NARROWED):
        here, there = (token(side, kind, derived) for side in (served, deployed))
        assert tokens.scopes(here or "") == tokens.scopes(there or ""), kind


def test_both_sides_say_the_same_of_users_and_machines(served: Side, deployed: Side) -> None:
    """The names of the claims are those of Cognito; the emulator has its own idea of some."""

    def claims(side: Side, kind: str) -> dict[str, Any]:
        return tokens.claims(token(side, kind, "") or "")

    for kind in ("a reader", "reports"):
        here, there = claims(served, kind), claims(deployed, kind)
        shared = here.keys() & there.keys()
        assert {"sub", "iss", "client_id", "token_use", "scope", "exp", "iat", "jti"} <= shared
        assert here["token_use"] == there["token_use"] == "access"
        assert here.get("cognito:groups") == there.get("cognito:groups")


def admits(url: str, method: str, sent: str | None) -> bool:
    """Whether a call on serve is let in; anything but that and a 401 is an error of the test's own."""
    parts = urlsplit(url)
    headers = {} if sent is None else {"Authorization": f"Bearer {sent}"}
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)) as connection:
        connection.request(method, parts.path, b"{}" if method == "POST" else None, headers)
        status = connection.getresponse().status
    assert status < 300 or status == 401, status
    return status < 300
