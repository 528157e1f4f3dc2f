"""The Cognito authorizer. In: a request at its method, the pool's keys. Out: the verdict, and what was wrong with the token.

`decide.judge` is the only place where it is decided. Source: API Gateway developer guide, "Integrate a REST API with a
user pool"; that a token may stand with or without `Bearer` is common practice, which it does not say.
"""

from typing import NamedTuple

from scopegen.decide import Decision, judge
from scopegen.document import Json
from scopegen.gateway.request import Request
from scopegen.model import Public
from scopegen.pool.keys import Keys, NotOurs
from scopegen.served import Api, Method


class Verdict(NamedTuple):
    """Whether a request gets through; `claims` of a token that the pool signed, `problem` what was wrong with it."""

    decision: Decision
    claims: dict[str, Json] | None = None
    problem: str = ""


def authorize(api: Api, method: Method, request: Request, keys: Keys, now: float) -> Verdict:
    """The verdict on a request. Of a public method the token is not looked at, so that a bad one does not matter."""
    guard = method.guard
    if isinstance(guard.requirement, Public):
        return Verdict(judge(guard, None, now))
    name = api.token_header
    written = request.values(name) if name else []
    if len(written) != 1:
        return Verdict(judge(guard, None, now), None, f"more than one `{name}` header" if written else "no token")
    token = written[0][7:].strip(" ") if written[0][:7].lower() == "bearer " else written[0]
    if not token:
        return Verdict(judge(guard, None, now), None, "no token")
    try:
        claims = keys.read(token)
    except NotOurs as error:
        return Verdict(judge(guard, None, now), None, str(error))
    return Verdict(judge(guard, claims, now), claims)
