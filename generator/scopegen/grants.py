"""Who is granted what. In: settings and operations. Out: the Model, or the reason why a grant means nothing."""

from collections.abc import Iterable, Sequence

from scopegen import codes, limits
from scopegen.clashes import clashes
from scopegen.clients import clients
from scopegen.diagnostics import Diagnostic, Location, Report, pointer
from scopegen.model import (
    DERIVED_SERVER,
    AnyOf,
    Model,
    Operation,
    Permission,
    ResourceServer,
    Scope,
    ScopeText,
)
from scopegen.names import is_reserved_server, permission_for, unreadable
from scopegen.scopes import KnownScopes
from scopegen.settings import Named, PermissionSettings, ServerSettings, Settings


def compile_model(settings: Settings, operations: Sequence[Operation], report: Report) -> Model:
    """The model of a workspace; with errors in the report it is not to be trusted."""
    required = _required(operations)
    servers = _servers(settings, required, report)
    declared = {Scope(server.identifier, text.name) for server in servers for text in server.scopes}
    known = KnownScopes(frozenset(declared), frozenset(required))
    permissions = _permissions(settings, known, report)
    found = clients(settings, known, operations, report)
    model = Model(tuple(servers), tuple(operations), tuple(permissions), tuple(found))
    report.add(*clashes(settings, model))
    return model


def _required(operations: Iterable[Operation]) -> dict[Scope, Operation]:
    """Every scope of ours that an operation requires, with the first operation that does."""
    first: dict[Scope, Operation] = {}
    for operation in operations:
        if isinstance(operation.requirement, AnyOf):
            for scope in operation.requirement.scopes:
                if scope.server:
                    first.setdefault(scope, operation)
    return first


def _servers(settings: Settings, required: dict[Scope, Operation], report: Report) -> list[ResourceServer]:
    written = {server.identifier: server for server in settings.servers}
    for server in settings.servers:
        report.add(*_server_problems(server, settings))
    result = []
    for identifier in sorted(written.keys() | {scope.server for scope in required}):
        conf = written.get(identifier) or ServerSettings(identifier, "", {}, False, Location(settings.file))
        names = conf.scopes.keys() | {scope.name for scope in required if scope.server == identifier}
        texts = (
            ScopeText(name, conf.scopes.get(name) or f"{identifier}/{name}")
            for name in names
            if name and "/" not in name
        )
        result.append(ResourceServer(identifier, conf.name or _display(identifier), tuple(texts), conf.existing))
    return result


def _display(identifier: str) -> str:
    """A name that Cognito takes, made of an identifier, which may have more characters."""
    return "".join(c if limits.DISPLAY_NAME.fullmatch(c) else "-" for c in identifier)


def _server_problems(server: ServerSettings, settings: Settings) -> Iterable[Diagnostic]:
    here = pointer("resource-servers", server.identifier)
    if server.identifier == DERIVED_SERVER:
        yield codes.RESERVED_SCOPE.at(
            server.location, f"`{DERIVED_SERVER}` is a reserved name", "choose another identifier"
        )
    elif (
        not limits.IDENTIFIER.fullmatch(server.identifier)
        or "*" in server.identifier
        or is_reserved_server(server.identifier)
    ):
        hint = 'an identifier is printable ASCII without space, `"`, `\\` and `*`'
        yield codes.INVALID_NAME.at(server.location, f"`{server.identifier}` cannot name a resource server", hint)
    if server.existing and not settings.existing_pool:
        hint = "a pool that scopegen creates has only the resource servers that it creates"
        yield codes.EXISTING_IN_NEW_POOL.at(server.location, f"`{server.identifier}` cannot exist yet", hint)
    if server.name and not limits.DISPLAY_NAME.fullmatch(server.name):
        hint = "Cognito takes letters, digits, spaces and `+=,.@-_`"
        where = Location(settings.file, f"{here}/name")
        yield codes.INVALID_NAME.at(where, f"`{server.name}` cannot be the name of a resource server", hint)
    for name, description in server.scopes.items():
        where = Location(settings.file, here + pointer("scopes", name), "key")
        if not limits.SCOPE_NAME.fullmatch(name) or "*" in name:
            hint = 'a scope is printable ASCII without space, `"`, `\\`, `/` and `*`'
            yield codes.INVALID_SCOPE.at(where, f"`{name}` cannot name a scope", hint)
        elif len(f"{server.identifier}/{name}") > limits.CLIENT_SCOPE_LENGTH:
            hint = f"Cognito takes {limits.CLIENT_SCOPE_LENGTH} characters, resource server and `/` included"
            yield codes.INVALID_SCOPE.at(where, f"`{name[:40]}` is too long for its resource server", hint)
        if len(description) > limits.DESCRIPTION_LENGTH:
            hint = f"Cognito takes {limits.DESCRIPTION_LENGTH} characters"
            yield codes.INVALID_NAME.at(where, f"the description of `{name}` is too long", hint)


def _permissions(settings: Settings, known: KnownScopes, report: Report) -> list[Permission]:
    if settings.permissions is None:
        return [_derived_permission(scope) for scope in sorted(known.all)]
    result = []
    for permission in settings.permissions:
        report.add(*_permission_problems(permission, settings))
        granted = [scope for named in permission.grants for scope in _granted(named, known, report)]
        result.append(
            Permission(permission.name, tuple(granted), permission.group, permission.existing, permission.location)
        )
        if not permission.grants:
            hint = "list the scopes it grants, or remove it"
            report.add(codes.EMPTY_GRANT.at(permission.location, f"`{permission.name}` grants nothing", hint))
    return result


def _derived_permission(scope: Scope) -> Permission:
    name = permission_for(scope)
    return Permission(name, (scope,), name)


def _permission_problems(permission: PermissionSettings, settings: Settings) -> Iterable[Diagnostic]:
    if permission.existing and not settings.existing_pool:
        hint = "a pool that scopegen creates has only the groups that it creates"
        yield codes.EXISTING_IN_NEW_POOL.at(permission.location, f"`{permission.name}` cannot exist yet", hint)
    for name in dict.fromkeys((permission.name, permission.group)):
        if problem := unreadable(name):
            yield codes.MISLEADING_NAME.at(
                permission.location, f"`{name}` has {problem}", "write it with plain letters"
            )
        elif any(character.isspace() for character in name) or not 1 <= len(name) <= limits.GROUP_NAME_LENGTH:
            hint = f"a Cognito group has no spaces and at most {limits.GROUP_NAME_LENGTH} characters"
            yield codes.INVALID_NAME.at(permission.location, f"`{name}` cannot name a group", hint)


def _granted(named: Named, known: KnownScopes, report: Report) -> list[Scope]:
    """The scopes that one entry of a permission means: the scope itself, or all of `server/*`."""
    if "*" not in named.text:
        scope = known.named(named, report)
        return [scope] if scope is not None else []
    server, _, rest = named.text.rpartition("/")
    scopes = sorted(scope for scope in known.all if scope.server == server)
    if rest == "*" and "*" not in server and scopes:
        return scopes
    hint = "the only wildcard is `<resource-server>/*`, for a resource server that has scopes"
    report.add(codes.BAD_WILDCARD.at(named.location, f"`{named.text}` matches nothing", hint))
    return []
