"""The pre token generation trigger: what it answers to every event, and that no part of it can be missing."""

import ast
import copy
import os
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopegen.artifacts import Build
from scopegen.diagnostics import Location
from scopegen.model import AnyOf, Model, Operation, Permission, ResourceServer, Scope, ScopeText
from scopegen.names import derived_scope
from scopegen.settings import Settings
from scopegen.targets import scope_map

READ, WRITE, REFUND = Scope("petsapi", "read"), Scope("petsapi", "write"), Scope("billing", "refund")
BOTH = str(derived_scope((REFUND, WRITE)))
HERE = Location("specs/pets.yaml")
MODEL = Model(
    (
        ResourceServer("petsapi", "petsapi", (ScopeText("read", "r"), ScopeText("write", "w"))),
        ResourceServer("billing", "billing", (ScopeText("refund", "r"),)),
        ResourceServer("https://example.com/auth", "drive", (ScopeText("drive", "d"),)),
    ),
    (
        Operation("pets", "/pets", "GET", "listPets", AnyOf([[READ]]), HERE),
        Operation("pets", "/pets", "DELETE", "sellPets", AnyOf([[WRITE, REFUND]]), HERE),
    ),
    (
        Permission("Reader", [READ], "Reader"),
        Permission("Writer", [READ, WRITE], "Writer"),
        Permission("Cashier", [REFUND], "Cashier"),
        Permission("Nothing", [], "Nothing"),
    ),
    (),
)
PLAIN_MODEL = Model(MODEL.resource_servers[:1], MODEL.operations[1:], MODEL.permissions[:1], ())
MANAGED = {"petsapi/read", "petsapi/write", "billing/refund", "https://example.com/auth/drive", BOTH}
USER_SOURCES = [
    "HostedAuth",
    "Authentication",
    "NewPasswordChallenge",
    "AuthenticateDevice",
    "RefreshTokens",
    "Unheard",
]


def load(source: str) -> ModuleType:
    module = ModuleType("scope_map")
    exec(compile(source, "scope_map.py", "exec"), module.__dict__)
    return module


def source(existing_pool: bool = False, model: Model = MODEL) -> str:
    return scope_map.source(Build(Settings(existing_pool=existing_pool), model, {}))


TRIGGER = load(source())
EXISTING = load(source(existing_pool=True))
PLAIN = load(source(model=PLAIN_MODEL))


def event(
    groups: Any = (), scopes: Any = (), client: Any = "client", kind: str = "HostedAuth", version: str = "2"
) -> Any:
    request = {
        "userAttributes": {"sub": "x"},
        "scopes": list(scopes) if isinstance(scopes, tuple) else scopes,
        "groupConfiguration": {"groupsToOverride": list(groups) if isinstance(groups, tuple) else groups},
    }
    context = {"awsSdkVersion": "1", "clientId": client}
    return {
        "version": version, "triggerSource": f"TokenGeneration_{kind}", "region": "eu-west-1", "userPoolId": "eu-west-1_a",
        "userName": "somebody", "callerContext": context, "request": request, "response": {"claimsAndScopeOverrideDetails": None},
    }  # fmt: skip


def answer(module: ModuleType, given_event: Any) -> tuple[list[str], list[str]]:
    """What the trigger adds and suppresses; its answer has nothing else in it."""
    result = module.handler(given_event, None)
    assert set(result["response"]) == {"claimsAndScopeOverrideDetails"}
    details = result["response"]["claimsAndScopeOverrideDetails"]
    assert set(details) == {"accessTokenGeneration"}
    assert set(details["accessTokenGeneration"]) == {"scopesToAdd", "scopesToSuppress"}
    add, suppress = details["accessTokenGeneration"].values()
    assert not set(add) & set(suppress)
    assert add == sorted(set(add))
    assert suppress == sorted(set(suppress))
    return add, suppress


CASES = [
    pytest.param((), (), set(), id="no group: nothing is added, everything is suppressed"),
    pytest.param(("Reader",), (), {"petsapi/read"}, id="one group"),
    pytest.param(("Writer",), (), {"petsapi/read", "petsapi/write"}, id="a group with two scopes"),
    pytest.param(("Reader", "Cashier"), (), {"petsapi/read", "billing/refund"}, id="two groups: the union"),
    pytest.param(
        ("Writer", "Cashier"), (), MANAGED - {"https://example.com/auth/drive"}, id="all parts of a derived scope"
    ),
    pytest.param(("Cashier",), (BOTH,), {"billing/refund"}, id="one part of a derived scope, and it is asked for"),
    pytest.param(("eu-west-1_a_Google",), (), set(), id="a federated group is no permission"),
    pytest.param(("reader",), (), set(), id="a group that differs in case is no permission"),
    pytest.param(("Nothing",), (), set(), id="a permission without scopes"),
    pytest.param((), ("petsapi/write",), set(), id="asking does not help"),
    pytest.param(("Reader",), ("petsapi/write", "openid"), {"petsapi/read"}, id="asking for more does not help"),
    pytest.param((None, 7, {}, ["Reader"]), (), set(), id="groups that are not text"),
    pytest.param(None, None, set(), id="groups and scopes are null"),
    pytest.param("Reader", "petsapi/read", set(), id="groups and scopes are no lists"),
    pytest.param((*(f"g{i}" for i in range(99)), "Reader"), (), {"petsapi/read"}, id="a hundred groups"),
    pytest.param(("__class__", "${Reader}", "Reader\n", "petsapi/read"), (), set(), id="hostile group names"),
]


@pytest.mark.parametrize("kind", USER_SOURCES)
@pytest.mark.parametrize(("groups", "scopes", "granted"), CASES)
def test_users_get_what_their_groups_grant(groups: Any, scopes: Any, granted: set[str], kind: str) -> None:
    add, suppress = answer(TRIGGER, event(groups, scopes, kind=kind))
    assert set(add) == granted
    assert set(suppress) == MANAGED - granted


@pytest.mark.parametrize(
    ("asked", "suppressed"),
    [
        pytest.param("petsapi/gone", True, id="a scope that was removed from a server of ours"),
        pytest.param("all-of/gone-1234abcd", True, id="a derived scope that is no more"),
        pytest.param("https://example.com/auth/gone", True, id="a scope that was removed from a server with slashes"),
        pytest.param("https://example.com/gone", False, id="a server that ours starts like"),
        pytest.param("petsapi/", True, id="a server of ours and no scope"),
        pytest.param("other/read", False, id="a scope of a server that is not ours"),
        pytest.param("openid", False, id="a scope of Cognito's own"),
        pytest.param("aws.cognito.signin.user.admin", False, id="the scope of self-service"),
        pytest.param("petsapi/read/more", False, id="a server whose name starts like ours"),
    ],
)
def test_requested_scopes_of_our_servers_are_suppressed(asked: str, suppressed: bool) -> None:
    add, suppress = answer(TRIGGER, event(("Reader",), (asked,)))
    assert add == ["petsapi/read"]
    assert (asked in suppress) is suppressed


@pytest.mark.parametrize("version", ["1", "2", "3", "", None])
def test_machines_are_left_to_cognito(version: str) -> None:
    given_event = event(kind="ClientCredentials", scopes=("petsapi/read", "petsapi/gone"), version=version)
    given_event["request"]["groupConfiguration"] = None
    assert answer(TRIGGER, given_event) == ([], [])


def test_a_user_named_like_a_machine_is_a_user() -> None:
    given_event = event((), ("petsapi/write",)) | {"userName": "ClientCredentials", "version": "3"}
    add, suppress = answer(TRIGGER, given_event)
    assert add == []
    assert set(suppress) == MANAGED


def _parts(node: Any) -> Iterator[tuple[str, ...]]:
    for key, value in node.items():
        yield (key,)
        if isinstance(value, dict):
            yield from ((key, *rest) for rest in _parts(value))


@pytest.mark.parametrize("part", list(_parts(event(("Reader",)))), ids=".".join)
@pytest.mark.parametrize("instead", ["missing", None, [], {}, "", 0, "text"], ids=str)
def test_whatever_is_missing_grants_nothing_more(part: tuple[str, ...], instead: Any) -> None:
    given_event = event(("Reader",), ("petsapi/write",))
    holder = given_event
    for key in part[:-1]:
        holder = holder[key]
    if instead == "missing":
        del holder[part[-1]]
    else:
        holder[part[-1]] = instead
    if given_event.get("triggerSource") == "TokenGeneration_ClientCredentials":
        return
    add, suppress = answer(TRIGGER, given_event)
    assert set(add) <= {"petsapi/read"}
    assert MANAGED - set(add) <= set(suppress)


@pytest.mark.parametrize(
    ("client", "ids", "carries"),
    [
        pytest.param("ours", "ours,more", True, id="a client of the stack"),
        pytest.param("more", "ours,more", True, id="a client that was listed"),
        pytest.param("theirs", "ours,more", False, id="any other client"),
        pytest.param("our", "ours,more", False, id="part of an id"),
        pytest.param("ours,more", "ours,more", False, id="the whole list"),
        pytest.param("", "ours,", False, id="no client id"),
        pytest.param(None, "ours,None", False, id="a null client id"),
        pytest.param(["ours"], "ours", False, id="a client id that is not text"),
        pytest.param("ours", None, False, id="the list was never set"),
    ],
)
def test_in_an_existing_pool_only_known_clients_carry_scopes(
    client: Any, ids: str | None, carries: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("API_CLIENT_IDS", raising=False)
    if ids is not None:
        monkeypatch.setenv("API_CLIENT_IDS", ids)
    add, suppress = answer(EXISTING, event(("Reader",), ("petsapi/write",), client=client))
    assert add == (["petsapi/read"] if carries else [])
    assert set(suppress) == MANAGED - set(add)


def test_the_event_is_never_printed(capfd: pytest.CaptureFixture[str]) -> None:
    answer(TRIGGER, event(("Reader",)))
    assert capfd.readouterr() == ("", "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([*MANAGED, "Reader", "Writer"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    groups=st.lists(st.sampled_from(["Reader", "Writer", "Cashier", "x"])) | JSON, scopes=JSON, client=JSON, other=JSON
)
def test_no_event_makes_it_fail_or_grant_too_much(groups: Any, scopes: Any, client: Any, other: Any) -> None:
    given_event = event(groups, scopes, client) | {"response": other, "callerContext": client}
    names = {group for group in groups if isinstance(group, str)} if isinstance(groups, list) else set()
    granted = {str(scope) for one in MODEL.permissions if one.name in names for scope in one.scopes}
    granted |= {BOTH} if {"petsapi/write", "billing/refund"} <= granted else set()
    add, suppress = answer(TRIGGER, copy.deepcopy(given_event))
    assert set(add) == granted
    assert MANAGED - granted <= set(suppress)


# Every way to spoil one piece of the handler: each must fail at least one of the checks above.
SET_OPERATIONS = {ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.Sub: ast.BitOr}


class _Spoiler(ast.NodeTransformer):
    """Spoils the nth thing that can be spoilt."""

    def __init__(self, nth: int) -> None:
        self.nth, self.seen, self.what = nth, 0, ""

    def _hit(self, what: str) -> bool:
        self.seen += 1
        if self.seen - 1 == self.nth:
            self.what = what
        return self.seen - 1 == self.nth

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if type(node.op) in SET_OPERATIONS and self._hit(f"flip {ast.unparse(node)}"):
            node.op = SET_OPERATIONS[type(node.op)]()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        if self._hit(f"flip {ast.unparse(node)}"):
            node.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        if self._hit(f"always {ast.unparse(node.body)}"):
            return node.body
        return node.orelse if self._hit(f"never {ast.unparse(node.body)}") else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        return ast.UnaryOp(ast.Not(), node) if self._hit(f"not {ast.unparse(node)}") else node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        if node.ifs and self._hit(f"without if {ast.unparse(node.ifs[0])}"):
            node.ifs = []
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "split" and self._hit("not split"):
            return node.func.value
        if isinstance(node.func, ast.Attribute) and node.func.attr == "rpartition" and self._hit("partition"):
            node.func.attr = "partition"
        return node

    def visit_Set(self, node: ast.Set) -> ast.AST:
        self.generic_visit(node)
        return ast.parse("set()", mode="eval").body if self._hit(f"without {ast.unparse(node)}") else node

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        self.generic_visit(node)
        for index, key in enumerate(node.keys):
            if self._hit(f"without {ast.unparse(key) if key else '**'}"):
                del node.keys[index], node.values[index]
                break
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list) and isinstance(node, ast.FunctionDef | ast.If):
                for index, statement in enumerate(block):
                    docstring = isinstance(statement, ast.Expr)
                    if not docstring and self._hit(f"drop {ast.unparse(statement).splitlines()[0]}"):
                        block[index] = ast.Pass()
                        break
        return super().generic_visit(node)


def _mutants(of: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    while True:
        tree = ast.parse(of)
        spoiler = _Spoiler(len(found))
        for index, node in enumerate(tree.body):
            if isinstance(node, ast.FunctionDef):
                tree.body[index] = spoiler.visit(node)
        if not spoiler.what:
            return found
        found.append((spoiler.what, ast.unparse(ast.fix_missing_locations(tree))))


def _checks(created: ModuleType, existing: ModuleType, plain: ModuleType) -> Iterator[Callable[[], None]]:
    """The facts above as one suite for a mutant."""

    def users(groups: Any, scopes: Any, granted: set[str]) -> None:
        add, suppress = answer(created, event(groups, scopes))
        assert set(add) == granted
        assert set(suppress) == MANAGED - granted

    for case in CASES:
        yield lambda case=case: users(*case.values)
    yield lambda: _stale(created, "petsapi/gone", "all-of/gone", "https://example.com/auth/gone")
    yield lambda: _stale(plain, "all-of/gone")
    yield lambda: _machine(created)
    for client, ids, carries in (
        ("ours", "ours", True),
        ("theirs", "ours", False),
        ("our", "ours", False),
        ("", "ours,", False),
        ("ours", "", False),
    ):
        yield lambda client=client, ids=ids, carries=carries: _existing(existing, client, ids, carries)
    yield lambda: _without(created, "request")
    yield lambda: _without(created, "callerContext")
    yield lambda: _without(existing, "callerContext")


def _stale(module: ModuleType, *scopes: str) -> None:
    for asked in scopes:
        assert asked in answer(module, event((), (asked,)))[1]
    assert "other/read" not in answer(module, event((), ("other/read",)))[1]


def _machine(module: ModuleType) -> None:
    assert answer(module, event(kind="ClientCredentials", scopes=("petsapi/read",))) == ([], [])


def _existing(module: ModuleType, client: str, ids: str, carries: bool) -> None:
    os.environ["API_CLIENT_IDS"] = ids
    try:
        assert answer(module, event(("Reader",), client=client))[0] == (["petsapi/read"] if carries else [])
    finally:
        del os.environ["API_CLIENT_IDS"]


def _without(module: ModuleType, part: str) -> None:
    given_event = event(("Reader",))
    del given_event[part]
    add, suppress = answer(module, given_event)
    assert set(add) | set(suppress) == MANAGED


MUTANTS = list(
    zip(_mutants(source()), _mutants(source(existing_pool=True)), _mutants(source(model=PLAIN_MODEL)), strict=True)
)


def test_there_are_mutants() -> None:
    assert len(MUTANTS) > 35


@pytest.mark.parametrize("mutants", MUTANTS, ids=[created[0] for created, *_ in MUTANTS])
def test_every_spoilt_handler_is_caught(mutants: tuple[tuple[str, str], ...]) -> None:
    for check in _checks(*(load(mutant[1]) for mutant in mutants)):
        try:
            check()
        except Exception:
            return
    pytest.fail(f"nothing notices: {mutants[0][0]}")


def test_the_suite_itself_passes_on_the_real_handler() -> None:
    for check in _checks(TRIGGER, EXISTING, PLAIN):
        check()
