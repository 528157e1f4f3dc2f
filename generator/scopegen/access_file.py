"""`access.json` as an input. In: its bytes. Out: the model it holds, or where it is none. Reads no document, and fast.

Nothing is guessed: a key too many or too few, a name twice, an operation twice is refused, since every reader of such a
file would be told something else.
"""

import json
from collections.abc import Callable, Iterator
from typing import TypeVar

from scopegen.diagnostics import Location, pointer
from scopegen.limits import METHODS
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

VERSION = 1
_T = TypeVar("_T")
_SECTIONS = ("version", "resourceServers", "operations", "permissions", "clients")
_OPERATION = ("api", "method", "path", "operationId", "requires", "source")
_PERMISSION = ("name", "group", "existing", "scopes")
_CLIENT = ("name", "kind", "existing", "scopes", "tokenMinutes")
_SERVER = ("identifier", "name", "existing", "scopes")
_METHODS = frozenset({*METHODS, "ANY"})
_KINDS: dict[str, ClientKind] = {"user": "user", "machine": "machine"}


class NotAccess(ValueError):
    """Why a file is no `access.json`, as a phrase, and at which pointer."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.message, self.place = message, place


class _Node:
    """A value and where it stands."""

    def __init__(self, value: object, place: str = "") -> None:
        self.value, self.place = value, place

    def fail(self, message: str) -> NotAccess:
        return NotAccess(message, self.place)

    def object(self, keys: tuple[str, ...]) -> "dict[str, _Node]":
        """An object of exactly these keys."""
        if not isinstance(self.value, dict):
            raise self.fail("not an object")
        for key in keys:
            if key not in self.value:
                raise self.fail(f"`{key}` is missing")
        for key in self.value:
            if key not in keys:
                raise NotAccess(f"`{key}` is not known here", self.place + pointer(key))
        return {key: _Node(self.value[key], self.place + pointer(key)) for key in keys}

    def items(self) -> "Iterator[_Node]":
        if not isinstance(self.value, list):
            raise self.fail("not a list")
        for index, value in enumerate(self.value):
            yield _Node(value, self.place + pointer(index))

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.fail("not a text")
        if any("\ud800" <= character <= "\udfff" for character in self.value):
            raise self.fail("half a surrogate pair")
        return self.value

    def name(self) -> str:
        if not self.text():
            raise self.fail("an empty name")
        return self.text()

    def word(self) -> str:
        """A name that Cognito takes for a group."""
        if any(character.isspace() for character in self.name()):
            raise self.fail("a name of several words")
        return self.text()

    def one_of(self, known: frozenset[str]) -> str:
        if self.text() not in known:
            raise self.fail(f"none of {', '.join(f'`{one}`' for one in sorted(known))}")
        return self.text()

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.fail("neither true nor false")
        return self.value

    def minutes(self) -> int | None:
        if self.value is not None and (isinstance(self.value, bool) or not isinstance(self.value, int)):
            raise self.fail("not a number of minutes")
        return self.value

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value


def read(content: bytes) -> Model:
    """The model that an `access.json` holds; NotAccess, a ValueError, where it is none."""
    try:
        data = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except RecursionError:
        raise NotAccess("nested too deep") from None
    except NotAccess:
        raise
    except ValueError:
        raise NotAccess("not JSON") from None
    root = _Node(data).object(_SECTIONS)
    _each(root["permissions"], _permission, lambda one: one.group)  # Cognito knows them by these
    if root["version"].value != VERSION or root["version"].value is True:
        raise root["version"].fail(f"not version {VERSION}, the only one there is")
    model = Model(
        _each(root["resourceServers"], _server, lambda one: one.identifier, _is_own_server),
        _each(root["operations"], _operation, lambda one: one.key),
        _each(root["permissions"], _permission, lambda one: one.name),
        _each(root["clients"], _client, lambda one: one.name),
    )
    _check_derived(model, root["clients"])
    return model


def _check_derived(model: Model, clients: _Node) -> None:
    """A client lists the derived scopes that its own come to, and no others."""
    derived = derived_scopes(model)
    for item in clients.items():
        client = item.object(_CLIENT)
        own = frozenset(_scopes(client["scopes"]))
        wanted = {scope for scope, parts in derived.items() if own.issuperset(parts)}
        if {scope for scope in own if scope.server == DERIVED_SERVER} != wanted:
            raise client["scopes"].fail(f"not the scopes of `{DERIVED_SERVER}` that the others come to")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for number, (key, _) in enumerate(pairs) if key in dict(pairs[:number]))
        raise NotAccess(f"the key `{twice}` stands twice in one object")
    return found


def _each(
    node: _Node, one: Callable[[_Node], _T], key: Callable[[_T], object], wanted: Callable[[_Node], bool] | None = None
) -> list[_T]:
    """Every entry of a section; what is named alike cannot be told apart."""
    found: dict[object, _T] = {}
    for item in node.items():
        if wanted is None or wanted(item):
            value = one(item)
            if key(value) in found:
                raise item.fail("stands here a second time")
            found[key(value)] = value
    return list(found.values())


def _is_own_server(node: _Node) -> bool:
    """What the reserved server lists follows from what operations require."""
    return not isinstance(node.value, dict) or node.value.get("identifier") != DERIVED_SERVER


def _server(node: _Node) -> ResourceServer:
    item = node.object(_SERVER)
    texts = []
    for scope in item["scopes"].items():
        text = scope.object(("name", "description"))
        texts.append(ScopeText(text["name"].name(), text["description"].text()))
    return ResourceServer(item["identifier"].name(), item["name"].text(), texts, item["existing"].flag())


def _operation(node: _Node) -> Operation:
    item = node.object(_OPERATION)
    file, _, place = item["source"].text().partition("#")
    return Operation(
        item["api"].name(),
        item["path"].name(),
        item["method"].one_of(_METHODS),
        item["operationId"].text(),
        _requirement(item["requires"]),
        Location(file, place),
    )


def _requirement(node: _Node) -> Requirement:
    if node.has("public"):
        return _valid(node, lambda: Public(node.object(("public",))["public"].text()))
    alternatives = [_granted(parts) for parts in node.object(("anyOf",))["anyOf"].items()]
    return _valid(node, lambda: AnyOf(alternatives))


def _valid(node: _Node, make: Callable[[], _T]) -> _T:
    """What the model itself refuses, told at its place."""
    try:
        return make()
    except NotAccess:
        raise
    except ValueError as error:
        raise node.fail(str(error)) from None


def _scopes(node: _Node) -> tuple[Scope, ...]:
    return tuple(map(_scope, node.items()))


def _scope(node: _Node) -> Scope:
    text = node.text()
    return _valid(node, lambda: Scope.parse(text))


def _granted(node: _Node) -> tuple[Scope, ...]:
    """Scopes that a tag or a permission may name."""
    for item in node.items():
        if _scope(item).server == DERIVED_SERVER:
            raise item.fail(f"a scope of `{DERIVED_SERVER}`, which nobody names")
    return _scopes(node)


def _permission(node: _Node) -> Permission:
    item = node.object(_PERMISSION)
    name, group = item["name"].word(), item["group"].word()
    return Permission(name, _granted(item["scopes"]), group, item["existing"].flag())


def _client(node: _Node) -> Client:
    item = node.object(_CLIENT)
    kind = _KINDS.get(item["kind"].text())
    if kind is None:
        raise item["kind"].fail("neither `user` nor `machine`")
    scopes = tuple(scope for scope in _scopes(item["scopes"]) if scope.server != DERIVED_SERVER)
    name, minutes, existing = item["name"].name(), item["tokenMinutes"].minutes(), item["existing"].flag()
    return _valid(node, lambda: Client(name, kind, scopes, minutes, existing))
