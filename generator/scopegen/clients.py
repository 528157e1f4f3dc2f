"""App clients. In: settings, scopes, operations. Out: Clients; what Cognito would refuse or voids the model is reported."""

import re
from collections.abc import Iterable, Sequence

from scopegen import codes, limits, nearest
from scopegen.diagnostics import Diagnostic, Report
from scopegen.model import Client, Operation, Public, Scope
from scopegen.names import RESERVED_SCOPES, SIGNED_IN, is_reserved, unreadable
from scopegen.operation_names import OperationNames
from scopegen.scopes import KnownScopes
from scopegen.settings import ClientSettings, Named, Settings

_URL = re.compile(r"[a-z][a-z0-9+.-]*:/\S+")
_EXECUTABLE = ("javascript:", "data:", "vbscript:", "file:")
DEFAULT_USER_SCOPES = (Scope("", "openid"),)


def clients(settings: Settings, known: KnownScopes, operations: Sequence[Operation], report: Report) -> list[Client]:
    """Every client of the configuration that can be one."""
    result, names = [], OperationNames(operations)
    for client in settings.clients:
        report.add(*_problems(client, settings))
        scopes = (
            _user_scopes(client, report) if client.kind == "user" else _machine_scopes(client, known, names, report)
        )
        result.append(Client(client.name, client.kind, scopes, client.token_minutes, client.existing, client.location))
    return result


def _problems(client: ClientSettings, settings: Settings) -> Iterable[Diagnostic]:
    if problem := unreadable(client.name):
        yield codes.MISLEADING_NAME.at(client.location, f"`{client.name}` has {problem}", "write it with plain letters")
    elif not limits.CLIENT_NAME.fullmatch(client.name) or not client.name[0].isalnum():
        hint = "letters, digits and `+=,.@-_`, a letter or digit first"
        yield codes.INVALID_NAME.at(client.location, f"`{client.name}` cannot name a client", hint)
    if client.existing and not settings.existing_pool:
        hint = "a pool that scopegen creates has only the clients that it creates"
        yield codes.EXISTING_IN_NEW_POOL.at(client.location, f"`{client.name}` cannot exist yet", hint)
    if client.kind == "machine" and (client.callback_urls or client.logout_urls):
        hint = "client credentials and sign-in are two clients"
        yield codes.CONFLICTING_CLIENT.at(
            client.location, f"the machine `{client.name}` has URLs to sign in with", hint
        )
    if client.kind == "user" and not client.callback_urls and not client.existing:
        hint = "add `callback-urls`: Cognito sends the authorization code there"
        yield codes.CONFLICTING_CLIENT.at(client.location, f"`{client.name}` has no callback URL", hint)
    for named in (*client.callback_urls, *client.logout_urls):
        yield from _url_problems(named)
    for urls in (client.callback_urls, client.logout_urls):
        if len(urls) > limits.URLS_PER_CLIENT:
            hint = f"Cognito takes {limits.URLS_PER_CLIENT} of each kind"
            yield codes.TOO_MANY.at(client.location, f"`{client.name}` has {len(urls)} URLs", hint)


def _url_problems(named: Named) -> Iterable[Diagnostic]:
    url = named.text
    host = _host(url)
    if host is None or len(url) > limits.URL_LENGTH:
        hint = "write an absolute URL: `https://app.example.com/callback`, or an app's own `myapp://callback`"
        yield codes.BAD_CALLBACK_URL.at(named.location, f"`{url}` is no URL that Cognito sends people to", hint)
    elif url.startswith("http:") and host not in limits.LOCAL_HOSTS:
        hint = "use https; plain http is for localhost only"
        yield codes.BAD_CALLBACK_URL.at(named.location, f"`{url}` would carry the code unencrypted", hint)
    if "#" in url:
        yield codes.BAD_CALLBACK_URL.at(named.location, f"`{url}` has a fragment", "remove everything from `#` on")
    if "," in url:
        hint = "encode the comma as %2C: the list is a parameter whose values commas separate"
        yield codes.BAD_CALLBACK_URL.at(named.location, f"`{url}` has a comma", hint)


def _host(url: str) -> str | None:
    """The host of a URL, empty where an app's own scheme has none; None where people cannot be sent there."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    usable = _URL.fullmatch(url) and not url.startswith(_EXECUTABLE) and not unreadable(url)
    return host if usable and (host or parts.scheme not in ("http", "https")) else None


def _user_scopes(client: ClientSettings, report: Report) -> tuple[Scope, ...]:
    """What a user client may list: only names that Cognito reserves. API scopes are the trigger's to add."""
    for named in client.operations:
        hint = "users call what their permissions allow: grant scopes in `permissions`"
        report.add(
            codes.SELF_GRANTING_CLIENT.at(named.location, f"the user client `{client.name}` lists operations", hint)
        )
    scopes = []
    for named in client.scopes:
        if named.text in RESERVED_SCOPES or named.text == str(SIGNED_IN[1]):
            scopes.append(Scope("", named.text))
        else:
            message = f"the user client `{client.name}` lists `{named.text}`: whoever signs in could ask for it"
            hint = "remove it, and grant it in `permissions`: the trigger adds it for those who have the permission"
            report.add(codes.SELF_GRANTING_CLIENT.at(named.location, message, hint))
    names = {scope.name for scope in scopes}
    if names & {"email", "phone", "profile"} and "openid" not in names:
        hint = "add `openid`: Cognito gives the others only with it"
        report.add(codes.CONFLICTING_CLIENT.at(client.location, f"`{client.name}` lists no `openid`", hint))
    return tuple(scopes) or DEFAULT_USER_SCOPES


def _machine_scopes(
    client: ClientSettings, known: KnownScopes, operations: OperationNames, report: Report
) -> tuple[Scope, ...]:
    """What a machine may ask for: the scopes it lists and those that its operations require."""
    scopes: list[Scope] = []
    for named in client.scopes:
        if "*" in named.text:
            hint = "list the scopes: a machine gets what it needs and no more"
            report.add(codes.BAD_WILDCARD.at(named.location, f"`{named.text}` on a client", hint))
        elif is_reserved(named.text):
            hint = "client credentials know only scopes of resource servers"
            report.add(
                codes.CONFLICTING_CLIENT.at(named.location, f"the machine `{client.name}` lists `{named.text}`", hint)
            )
        else:
            scope = known.named(named, report)
            scopes += [] if scope is None else [scope]
    for named in client.operations:
        operation = operation_named(named, operations, report)
        scopes += [] if operation is None else _needed(named, operation, report)
    if not client.scopes and not client.operations:
        hint = "add `scopes` or `operations`: Cognito gives no token without a scope"
        report.add(codes.CONFLICTING_CLIENT.at(client.location, f"the machine `{client.name}` has no scopes", hint))
    return tuple(scopes)


def operation_named(named: Named, operations: OperationNames, report: Report) -> Operation | None:
    """The operation that is named; None, with the reason in the report, where that is none or several."""
    matches = operations.named(named.text)
    if len(matches) == 1:
        return matches[0]
    if matches:
        hint = f"write one of {', '.join(f'`{operation.api}:{named.text}`' for operation in matches)}"
        report.add(codes.UNKNOWN_OPERATION.at(named.location, f"`{named.text}` names {len(matches)} operations", hint))
        return None
    hint = nearest.hint(named.text, operations.all, "write an operationId, or a method and a path: `GET /pets`")
    report.add(codes.UNKNOWN_OPERATION.at(named.location, f"`{named.text}` names no operation", hint))
    return None


def _needed(named: Named, operation: Operation, report: Report) -> tuple[Scope, ...]:
    requirement = operation.requirement
    if isinstance(requirement, Public):
        hint = "leave it out: anybody may call it, without a token"
        report.add(codes.UNASSIGNABLE_OPERATION.at(named.location, f"`{named.text}` is public", hint))
        return ()
    if not all(scope.server for scope in requirement.scopes):
        hint = "leave it out: only people can be signed in"
        report.add(codes.UNASSIGNABLE_OPERATION.at(named.location, f"`{named.text}` asks for a signed-in user", hint))
        return ()
    if len(requirement.alternatives) > 1:
        hint = f"write `scopes` instead: {' or '.join(' and '.join(map(str, parts)) for parts in requirement.alternatives)}"
        report.add(codes.UNASSIGNABLE_OPERATION.at(named.location, f"`{named.text}` has several alternatives", hint))
        return ()
    return requirement.alternatives[0]
