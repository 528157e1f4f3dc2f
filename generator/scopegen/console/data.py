"""What the page shows, as plain data. In: a Served, users, calls. Out: JSON; the page makes text nodes of it, never markup.

Nothing of a token is in it but names and scopes.
"""

from collections.abc import Callable
from urllib.parse import quote

from scopegen.console.naming import permissions_of
from scopegen.decide import Decision, scopes_in
from scopegen.document import Json
from scopegen.gateway.calls import Call, caller, is_allowed
from scopegen.model import Operation, Public
from scopegen.pool.pool import Pool
from scopegen.pool.users import User
from scopegen.routing import template_parts
from scopegen.served import Api, App, Served
from scopegen.wording import said


def state(served: Served, pool: Pool, gateway_url: Callable[[str], str]) -> dict[str, Json]:
    """Everything but the calls."""
    return {
        "apis": [_api(one, gateway_url(one.name)) for one in served.apis.values()],
        "clients": [_client(one) for one in served.apps.values()],
        "permissions": [
            {"name": one.name, "group": one.group, "scopes": [str(scope) for scope in one.scopes]}
            for one in served.model.permissions
        ],
        "users": users(served, pool),
        "pool": pool.url,
    }


def users(served: Served, pool: Pool) -> list[Json]:
    return [user(served, one) for one in pool.users.all()]


def user(served: Served, one: User) -> Json:
    """A user, with the groups that are no permission's apart: they give nothing."""
    known = set(served.groups)
    others: list[Json] = [group for group in one.groups if group not in known]
    return {"name": one.name, "permissions": [*permissions_of(served, one.groups)], "otherGroups": others}


def _client(app: App) -> Json:
    return {
        "name": app.name,
        "kind": app.kind,
        "scopes": [*sorted(app.scopes)],
        "callbackUrls": [*app.callback_urls],
        "minutes": app.minutes,
    }


def _api(api: Api, url: str) -> Json:
    own = [one.operation for one in api.methods.values() if one.operation is not None]
    return {"name": api.name, "url": url, "operations": [_operation(one, url) for one in own]}


def _operation(one: Operation, url: str) -> Json:
    return {
        "method": one.method,
        "path": one.path,
        "id": one.operation_id,
        "requires": said(one.requirement),
        "public": isinstance(one.requirement, Public),
        "try": "GET" if one.method == "ANY" else one.method,
        "url": url.rstrip("/") + sample(one.path),
    }


def sample(path: str) -> str:
    """A concrete path of an operation, in characters that a shell and a URL leave alone: `1` for every variable."""
    parts = ["1" if part.startswith("{") else quote(part, safe="-._~:@!$&()*+,;=") for part in template_parts(path)]
    return "/" + "/".join(parts)


def call(one: Call) -> Json:
    """A call with its verdict in words."""
    asked = one.operation or (one.decision.operation if one.decision else None)
    return {
        "number": one.number,
        "at": one.at,
        "milliseconds": round(one.milliseconds, 1),
        "method": one.method,
        "path": one.path,
        "api": one.api,
        "status": one.status,
        "allowed": is_allowed(one),
        "who": who(one),
        "required": _required(asked) if asked else "",
        "had": _had(one),
        "why": why(one),
        "answeredBy": one.answered_by,
        "notes": [*one.notes],
    }


def _required(one: Operation) -> str:
    wanted = said(one.requirement)
    return wanted if isinstance(one.requirement, Public) else f"requires {wanted}"


def who(one: Call) -> str:
    """Whose token it was."""
    if one.claims is None:
        return "nobody" if one.decision is None or one.decision.reason != "public" else "anybody"
    name, client = caller(one.claims)
    return f"{name} through {client}" if name else f"machine {client}"


def _had(one: Call) -> str:
    if one.claims is None:
        return ""
    return " ".join(sorted(map(str, scopes_in(one.claims)))) or "no scopes"


def why(one: Call) -> str:
    """The verdict in words; what was wrong with the request comes first."""
    is_said = one.problem and one.decision is not None and one.decision.reason == "no token"
    found = _reason(one.decision) if one.decision is not None and not is_said else ""
    return "; ".join(dict.fromkeys(filter(None, (one.problem, found))))


def _reason(decision: Decision) -> str:
    if decision.reason == "not carried" and decision.alternatives:
        near = decision.alternatives[0]
        return f"the token lacks {' and '.join(map(str, near.missing or (near.scope,)))}"
    if decision.reason == "carried":
        return f"the token carries {decision.by}"
    return {
        "public": "public: no token is looked at",
        "no route": "no operation answers this path and method",
        "no token": "no token that counts was sent",
        "no access token": "not an access token: send that of the same sign-in",
        "expired": "the token has expired",
    }.get(decision.reason, decision.reason)
