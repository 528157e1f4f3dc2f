"""Rules about grants, clients and quotas (SG2xx) that need the whole model. In: a Context. Out: diagnostics."""

from collections.abc import Iterator
from functools import cache

from scopegen import codes, limits, passthrough, token_bytes
from scopegen.decide import lets_in
from scopegen.diagnostics import Diagnostic, Location
from scopegen.model import DERIVED_SERVER, AnyOf, Scope
from scopegen.names import derived_scopes
from scopegen.rules.context import Context

_STACK_CLIENTS = 190
_SERVERS_ON_REQUEST = 300


def unreachable_scopes(context: Context) -> Iterator[Diagnostic]:
    """SG203: a scope that an operation requires and nobody is granted."""
    model = context.model
    held = frozenset(scope for one in model.permissions for scope in one.scopes)
    held = held.union(*context.holders.machines.values())
    told: set[Scope] = set()
    # Somebody who has every permission, or some machine.
    tokens = [context.holders.everything, *context.holders.machines.values()]

    @cache
    def is_callable(requirement: AnyOf) -> bool:
        return any(lets_in(requirement, token) for token in tokens)

    for operation in model.operations:
        if not isinstance(operation.requirement, AnyOf):
            continue
        scopes = operation.requirement.scopes
        for scope in sorted(scopes - held - told):
            if not scope.server:
                continue
            told.add(scope)
            where = context.settings.file or "scopegen.yaml"
            hint = f"grant it in {where}, for example `permissions: {{A-Permission: [{scope}]}}`"
            message = f"nobody has `{scope}`, which `{operation.label}` requires"
            yield codes.UNREACHABLE_SCOPE.at(context.tag(operation), message, hint, operation.label)
        if scopes <= held and not is_callable(operation.requirement):
            hint = "its scopes are held, but by different people and machines: grant them to the same"
            message = f"nobody can call `{operation.label}`: nobody has all of any alternative"
            yield codes.UNREACHABLE_SCOPE.at(context.tag(operation), message, hint, operation.label)


def quotas(context: Context) -> Iterator[Diagnostic]:
    """SG215, SG216: more of something than Cognito takes, or nearly."""
    model, config = context.model, _configured(context)
    derived = derived_scopes(model)
    servers = {server.identifier: len(server.scopes) for server in model.resource_servers if not server.existing}
    servers |= {DERIVED_SERVER: len(derived)} if derived else {}
    places = {server.identifier: server.location for server in context.settings.servers}
    for identifier, number in servers.items():
        what, where = (
            f"scopes of the resource server `{identifier}`",
            places.get(identifier) or _used(context, identifier),
        )
        yield from _quota(number, limits.SCOPES_PER_SERVER, what, where, "split it in two")
    for client in model.clients:
        number = len(context.holders.machines.get(client.name, client.scopes))
        what = f"scopes of the client `{client.name}`"
        yield from _quota(number, limits.SCOPES_PER_CLIENT, what, client.source, "use several clients")
    own = [one for one in model.permissions if not one.existing]
    created = [client for client in model.clients if not client.existing]
    people = [client for client in created if client.kind == "user"]
    yield from _quota(len(own), limits.GROUPS_PER_POOL, "groups of the pool", config, "use fewer, larger permissions")
    yield from _quota(len(people), limits.BRANDINGS_PER_POOL, "user clients of the pool", config, "share clients")
    yield from _quota(len(created), _STACK_CLIENTS, "clients of one stack", config, "share clients")
    hint = f"ask AWS for more than {limits.SERVERS_PER_POOL}"
    if len(servers) > limits.SERVERS_PER_POOL:
        if len(servers) > _SERVERS_ON_REQUEST:
            yield from _quota(
                len(servers), _SERVERS_ON_REQUEST, "resource servers of the pool", config, "use two pools"
            )
        else:
            yield codes.NEARLY_TOO_MANY.at(config, f"{len(servers)} resource servers of the pool", hint)


def _configured(context: Context, path: str = "") -> Location | None:
    """A place in the configuration; without one the first operation stands for what the documents add up to."""
    if context.settings.file:
        return Location(context.settings.file, path, "key")
    return context.at(context.model.operations[0]) if context.model.operations else None


def _used(context: Context, identifier: str) -> Location | None:
    """An operation that requires a scope of a resource server, or several scopes at once."""
    for operation in context.model.operations:
        alternatives = operation.requirement.alternatives if isinstance(operation.requirement, AnyOf) else ()
        servers = {DERIVED_SERVER if len(parts) > 1 else parts[0].server for parts in alternatives}
        if identifier in servers:
            return context.tag(operation)
    return _configured(context)


def _quota(number: int, limit: int, what: str, where: Location | None, hint: str) -> Iterator[Diagnostic]:
    if number > limit:
        yield codes.TOO_MANY.at(where, f"{number} {what}: Cognito takes at most {limit}", hint)
    elif number >= limit * limits.NEAR:
        yield codes.NEARLY_TOO_MANY.at(where, f"{number} {what}: Cognito takes at most {limit}", hint)


def holdable(context: Context) -> Iterator[Diagnostic]:
    """SG217: more permissions than one person can have."""
    number = len(context.model.permissions)
    if number > limits.GROUPS_PER_USER:
        where = _configured(context, "/permissions")
        hint = "nobody can have them all: add permissions that grant several scopes, as in `petsapi/*`"
        message = f"{number} permissions, of which one user can have {limits.GROUPS_PER_USER}"
        yield codes.UNHOLDABLE_PERMISSIONS.at(where, message, hint)


def token_size(context: Context) -> Iterator[Diagnostic]:
    """SG218: an access token that may not fit into a request's headers."""
    model = context.model
    worst = token_bytes.worst(model)
    number = f"{len(worst.permissions)} permission{'' if len(worst.permissions) == 1 else 's'}"
    yield from _too_large(f"a user with {number}", worst.size, _configured(context, "/permissions"))
    for client in model.clients:
        if client.kind == "machine":
            size = token_bytes.of_machine(model, client)
            yield from _too_large(f"the machine `{client.name}`", size, client.source)


def _too_large(who: str, size: int, where: Location | None) -> Iterator[Diagnostic]:
    if size > token_bytes.ROOM:
        hint = (
            f"API Gateway takes {limits.HEADER_BYTES} bytes of headers in all: use fewer or shorter scopes and groups"
        )
        yield codes.TOKEN_TOO_LARGE.at(where, f"{who} has an access token of about {size} bytes", hint)


def pool(context: Context) -> Iterator[Diagnostic]:
    """SG212 and settings that only a pool of our own can have."""
    settings = context.settings
    here = Location(settings.file, "/user-pool", "key")
    domain = Location(settings.file, "/user-pool/domain")
    if settings.existing_pool:
        if settings.domain:
            yield codes.BAD_DOMAIN.at(domain, "a pool that exists has its own domain", "remove `domain`")
        if settings.pool_properties or settings.open_sign_up:
            hint = "a pool that exists keeps its settings: remove `properties` and `sign-up`"
            yield codes.INVALID_CONFIG.at(here, "settings for a pool that exists", hint)
        return
    if not settings.domain:
        if settings.clients:
            hint = "add `user-pool: {domain: a-prefix}`: tokens come from the pool's domain"
            yield codes.BAD_DOMAIN.at(settings.clients[0].location, "clients, but no domain to get tokens from", hint)
    elif not limits.DOMAIN_PREFIX.fullmatch(settings.domain):
        hint = "at most 63 lower-case letters, digits and inner hyphens"
        yield codes.BAD_DOMAIN.at(domain, f"`{settings.domain}` is no domain prefix", hint)
    else:
        for word in limits.DOMAIN_RESERVED:
            if word in settings.domain:
                yield codes.BAD_DOMAIN.at(domain, f"`{settings.domain}` contains `{word}`, which AWS keeps for itself")


def properties(context: Context) -> Iterator[Diagnostic]:
    """SG213, SG308: `properties:` that would change who gets in."""
    yield from passthrough.problems(context.settings)
