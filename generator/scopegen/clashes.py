"""Names that cannot be told apart. In: settings, a model. Out: an error for each that differs in case only, or vanishes."""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from scopegen import codes
from scopegen.diagnostics import Diagnostic, Location, pointer
from scopegen.model import AnyOf, Model, Scope
from scopegen.names import pascal
from scopegen.settings import Settings


class _Name(NamedTuple):
    text: str
    location: Location | None


def clashes(settings: Settings, model: Model) -> Iterator[Diagnostic]:
    """Names of one kind that differ only in case, or that become the same logical id or permission."""
    scopes = _scope_locations(settings, model)
    servers = {server.identifier: server.location for server in settings.servers}
    yield from _equal("scope", [_Name(str(scope), scopes[scope]) for scope in sorted(scopes)], is_logical_id=False)
    identifiers = [_Name(one.identifier, servers.get(one.identifier)) for one in model.resource_servers]
    yield from _equal("resource server", identifiers)
    yield from _equal("client", [_Name(one.name, one.source) for one in model.clients])
    if settings.permissions is None:
        yield from _merged(model, scopes)
        return
    names = list(_equal("permission", [_Name(one.name, one.source) for one in model.permissions]))
    groups = _equal("group", [_Name(one.group, one.source) for one in model.permissions])
    told = {found.location for found in names}
    yield from names
    yield from (found for found in groups if found.location not in told)


def _scope_locations(settings: Settings, model: Model) -> dict[Scope, Location | None]:
    """Where each scope is declared, else an operation that requires it."""
    found: dict[Scope, Location | None] = {}
    for server in settings.servers:
        for name in server.scopes:
            where = Location(settings.file, pointer("resource-servers", server.identifier, "scopes", name), "key")
            found[Scope(server.identifier, name)] = where
    for operation in model.operations:
        if isinstance(operation.requirement, AnyOf):
            for scope in operation.requirement.scopes:
                found.setdefault(scope, operation.source)
    return {scope: found.get(scope) for scope in model.declared}


def _equal(kind: str, names: list[_Name], *, is_logical_id: bool = True) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for name, location in names:
        same = unicodedata.normalize("NFKC", name).casefold()
        keys = [same, f"id {pascal(name).casefold()}"] if is_logical_id else [same]
        first = next((seen[key] for key in keys if key in seen), name)
        seen |= dict.fromkeys(keys, first)
        if first is not name:
            message = f"the {kind} names `{first}` and `{name}` cannot be told apart"
            yield codes.CLASHING_NAMES.at(location, message, "rename one of them")


def _merged(model: Model, locations: dict[Scope, Location | None]) -> Iterator[Diagnostic]:
    """Scopes whose derived permissions have one name. Scopes that differ in case only are told already."""
    seen: dict[str, Scope] = {}
    for permission in model.permissions:
        scope = permission.scopes[0]
        first = seen.setdefault(permission.name.casefold(), scope)
        if str(first).casefold() != str(scope).casefold():
            message = f"`{scope}` and `{first}` become one permission, `{permission.name}`"
            yield codes.CLASHING_NAMES.at(locations.get(scope), message, "write `permissions` that name them apart")
