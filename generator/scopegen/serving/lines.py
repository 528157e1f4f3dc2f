"""A call as one line for people. In: a call, the model. Out: who, what was required, what the token had, the verdict."""

from typing import NamedTuple

from scopegen.decide import judge, scopes_in
from scopegen.document import Json, sequence, text
from scopegen.explain import Answer, refusals
from scopegen.explain.tokens import Token
from scopegen.gateway.calls import Call, caller, is_allowed
from scopegen.model import Model
from scopegen.wording import said


class Line(NamedTuple):
    """The verdict in one word, and everything else."""

    verdict: str
    text: str


def line(call: Call) -> Line:
    """One line; what came from the request is not yet quoted for a terminal."""
    verdict = "allowed" if is_allowed(call) else "refused"
    asked = [f"{call.status} {call.method} {call.path}"]
    if call.operation is not None:
        asked.append(f"needs {said(call.operation.requirement)}")
    if call.claims is not None:
        asked += [f"has {_carried(call.claims)}", _who(call.claims)]
    told = [call.problem, call.answered_by if verdict == "allowed" else "", *call.notes]
    return Line(verdict, "; ".join(filter(None, [*asked, *told, f"{call.milliseconds:.0f} ms"])))


def _carried(claims: dict[str, Json]) -> str:
    if claims.get("token_use") != "access":
        return "no access token"
    return " ".join(sorted(map(str, scopes_in(claims)))) or "no scope"


def _who(claims: dict[str, Json]) -> str:
    user, client = caller(claims)
    if not user:
        return f"machine {client}"
    groups = ", ".join(text(group) for group in sequence(claims.get("cognito:groups")))
    return f"user {user} ({groups or 'no permission'}) by {client}"


def reasoning(model: Model, call: Call) -> Answer | None:
    """Why, as `explain` says it; None where no operation was asked for."""
    if call.operation is None or call.decision is None:
        return None
    if call.claims is None:
        return refusals.by_no_token(model, call.operation, call.problem or "no token was sent")
    decision = judge(call.operation, call.claims, call.at)  # of the model: it knows what a derived scope stands for
    return refusals.by_token(model, decision, Token(call.claims, True), call.at)
