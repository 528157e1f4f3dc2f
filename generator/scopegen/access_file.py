"""`access.json` as an input. In: its bytes. Out: the model it holds, or where it is none. Reads no document, and fast.

Nothing is guessed: a key too many or too few, a name twice, an operation twice is refused, since every reader of such a
file would be told something else.
"""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from scopegen.diagnostics import Location
from scopegen.document import Json
from scopegen.limits import IDENTIFIER, METHODS, SCOPE_NAME
from scopegen.model import (
    DERIVED_SERVER,
    AnyOf,
    Client,
    ClientKind,
    Model,
    Operation,
    Permission,
    Public,
    Requirement,
    ResourceServer,
    Scope,
    ScopeText,
)
from scopegen.names import derived_scopes
from scopegen.nodes import Node, NotAccess, parse

VERSION = 1
_T = TypeVar("_T")
_SECTIONS = ("version", "resourceServers", "operations", "permissions", "clients")
_OPERATION = ("api", "method", "path", "operationId", "requires", "source")
_PERMISSION = ("name", "group", "existing", "scopes")
_CLIENT = ("name", "kind", "existing", "scopes", "tokenMinutes")
_SERVER = ("identifier", "name", "existing", "scopes")
_METHODS = frozenset({*METHODS, "ANY"})
_KINDS: dict[str, ClientKind] = {"user": "user", "machine": "machine"}


def read(content: bytes) -> Model:
    """The model that an `access.json` holds; NotAccess, a ValueError, where it is none."""
    root = parse(content).object(_SECTIONS)
    if root["version"].value != VERSION or root["version"].value is True:
        raise root["version"].fail(f"not version {VERSION}, the only one there is")
    known: dict[str, Requirement] = {}
    model = Model(
        _each(root["resourceServers"], _server, lambda one: one.identifier, wanted=_is_own_server),
        _each(root["operations"], lambda node: _operation(node, known), lambda one: one.key),
        _each(root["permissions"], _permission, lambda one: one.name, lambda one: one.group),
        _each(root["clients"], _client, lambda one: one.name),
    )
    _check_derived(model, root["clients"])
    _check_server(model, root["resourceServers"])
    return model


def _check_server(model: Model, servers: Node) -> None:
    """The reserved server lists what operations require together, and nothing else."""
    scopes = [
        {"name": scope.name, "allOf": list(map(str, parts))} for scope, parts in sorted(derived_scopes(model).items())
    ]
    wanted = {"identifier": DERIVED_SERVER, "name": DERIVED_SERVER, "existing": False, "scopes": scopes}
    found = [item for item in servers.items() if not _is_own_server(item)]
    if [item.value for item in found] != ([wanted] if scopes else []):
        raise (found[0] if found else servers).fail(f"not what operations require together, as `{DERIVED_SERVER}`")


def _check_derived(model: Model, clients: Node) -> None:
    """A client lists the derived scopes that its own come to, and no others."""
    derived = derived_scopes(model)
    for item in clients.items():
        client = item.object(_CLIENT)
        own = frozenset(_scopes(client["scopes"]))
        wanted = {scope for scope, parts in derived.items() if own.issuperset(parts)}
        if {scope for scope in own if scope.server == DERIVED_SERVER} != wanted:
            raise client["scopes"].fail(f"not the scopes of `{DERIVED_SERVER}` that the others come to")


def _each(
    node: Node,
    one: Callable[[Node], _T],
    *keys: Callable[[_T], object],
    wanted: Callable[[Node], bool] = lambda _: True,
) -> list[_T]:
    """Every entry of a section; what is named alike, by any of its names, cannot be told apart."""
    found: list[_T] = []
    taken: set[tuple[int, object]] = set()
    for item in filter(wanted, node.items()):
        found.append(one(item))
        names = {(number, key(found[-1])) for number, key in enumerate(keys)}
        if not taken.isdisjoint(names):
            raise item.fail("stands here a second time")
        taken |= names
    return found


def _is_own_server(node: Node) -> bool:
    """What the reserved server lists follows from what operations require."""
    return not isinstance(node.value, dict) or node.value.get("identifier") != DERIVED_SERVER


def _server(node: Node) -> ResourceServer:
    item = node.object(_SERVER)
    texts = []
    for scope in item["scopes"].items():
        text = scope.object(("name", "description"))
        texts.append(ScopeText(text["name"].name(), text["description"].text()))
    return ResourceServer(item["identifier"].name(), item["name"].text(), texts, item["existing"].flag())


def _operation(node: Node, known: dict[str, Requirement]) -> Operation:
    """`known` are the requirements that were read already, by how they are written."""
    item = node.object(_OPERATION)
    written = repr(item["requires"].value)
    if written not in known:
        known[written] = _requirement(item["requires"])
    file, _, place = item["source"].text().partition("#")
    return Operation(
        item["api"].name(),
        item["path"].path(),
        item["method"].one_of(_METHODS),
        item["operationId"].text(),
        known[written],
        Location(file, place),
    )


def operation_entry(operation: Operation) -> dict[str, Json]:
    """An operation as the file has it; `requires` is `{"anyOf": [[scope]]}` or `{"public": reason}`."""
    requirement = operation.requirement
    alternatives = [] if isinstance(requirement, Public) else requirement.alternatives
    any_of: Json = [[str(scope) for scope in parts] for parts in alternatives]
    return {
        "api": operation.api,
        "method": operation.method,
        "path": operation.path,
        "operationId": operation.operation_id,
        "requires": {"public": requirement.reason} if isinstance(requirement, Public) else {"anyOf": any_of},
        "source": operation.source.reference,
    }


def _requirement(node: Node) -> Requirement:
    if node.has("public"):
        return _valid(node, lambda: Public(node.object(("public",))["public"].text()))
    alternatives = [_together(parts) for parts in node.object(("anyOf",))["anyOf"].items()]
    return _valid(node, lambda: AnyOf(alternatives))


def _valid(node: Node, make: Callable[[], _T]) -> _T:
    """What the model itself refuses, told at its place."""
    try:
        return make()
    except NotAccess:
        raise
    except ValueError as error:
        raise node.fail(str(error)) from None


def _scopes(node: Node) -> tuple[Scope, ...]:
    return tuple(map(_scope, node.items()))


def _scope(node: Node) -> Scope:
    text = node.text()
    return _valid(node, lambda: _parsed(text))


@cache
def _parsed(text: str) -> Scope:
    scope = Scope.parse(text)
    if scope.server and not (IDENTIFIER.fullmatch(scope.server) and SCOPE_NAME.fullmatch(scope.name)):
        raise ValueError("not a scope of Cognito")
    if scope.server and "*" in scope.name:
        raise ValueError("a wildcard, which a build writes out")
    return scope


def _together(node: Node) -> tuple[Scope, ...]:
    """Scopes of one alternative; what every signed-in user has is none of several."""
    scopes = _named(node)
    if len(scopes) > 1 and not all(scope.server for scope in scopes):
        raise node.fail("a scope that Cognito reserves, together with others")
    return scopes


def _granted(node: Node) -> tuple[Scope, ...]:
    """Scopes that a permission may grant."""
    for item in node.items():
        if not _scope(item).server:
            raise item.fail("a scope that Cognito reserves, which nobody grants")
    return _named(node)


def _named(node: Node) -> tuple[Scope, ...]:
    """Scopes that a tag or a permission may name."""
    scopes = _scopes(node)
    for item, scope in zip(node.items(), scopes, strict=True):
        if scope.server == DERIVED_SERVER:
            raise item.fail(f"a scope of `{DERIVED_SERVER}`, which nobody names")
    return scopes


def _permission(node: Node) -> Permission:
    item = node.object(_PERMISSION)
    name, group = item["name"].word(), item["group"].word()
    return Permission(name, _granted(item["scopes"]), group, item["existing"].flag())


def _client(node: Node) -> Client:
    item = node.object(_CLIENT)
    kind = _KINDS.get(item["kind"].text())
    if kind is None:
        raise item["kind"].fail("neither `user` nor `machine`")
    scopes = tuple(scope for scope in _scopes(item["scopes"]) if scope.server != DERIVED_SERVER)
    name, minutes, existing = item["name"].name(), item["tokenMinutes"].minutes(), item["existing"].flag()
    return _valid(node, lambda: Client(name, kind, scopes, minutes, existing))
