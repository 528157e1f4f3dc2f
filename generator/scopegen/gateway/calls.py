"""What is remembered of a call: who asked for what, the verdict, and why. No token, no header, no body."""

from typing import NamedTuple

from scopegen.decide import Decision
from scopegen.document import Json, text
from scopegen.model import Operation


class Call(NamedTuple):
    """One call of an API, answered. `at` is in seconds since 1970, `milliseconds` what answering took.

    `path` is that of the request without its query, `api` empty where no API is meant; `operation` is the model's, None for
    preflights and where no operation answers. `decision` is None where it never came to one (too large, no such API).
    `claims` are those of a token that the pool signed, None for any other and for none. `problem` says in a few words what
    was wrong with the request or its token; `answered_by` is `mock`, `example`, `schema`, `backend`, `gateway`; `notes` are
    worth telling besides.
    """

    number: int
    at: float
    milliseconds: float
    method: str
    path: str
    api: str
    status: int
    decision: Decision | None = None
    operation: Operation | None = None
    claims: dict[str, Json] | None = None
    problem: str = ""
    answered_by: str = "gateway"
    notes: tuple[str, ...] = ()


def is_allowed(call: Call) -> bool:
    """Whether the gateway let it through: never where it answered 401 or 403 itself, whatever was decided."""
    stopped = call.answered_by == "gateway" and call.status in (401, 403)
    return call.decision is not None and call.decision.allowed and not stopped


def caller(claims: dict[str, Json]) -> tuple[str, str]:
    """User and client of a token, of either kind; a machine's has no user."""
    user = text(claims.get("username")) or text(claims.get("cognito:username"))
    return user, text(claims.get("client_id")) or text(claims.get("aud"))
