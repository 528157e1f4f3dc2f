"""Why a call is let in or refused. In: a model, a request, what was seen. Out: an Answer: the verdict, evidence, what to do."""

from typing import NamedTuple

from scopegen.decide import Holders, for_signed_in
from scopegen.model import Model, Operation, Public
from scopegen.wording import ANYONE, said


class Answer(NamedTuple):
    """What is told: the verdict in one line, then what it rests on, then what to do, the first thing first.

    `allowed` is None where the question was not whether a call gets through.
    """

    verdict: str
    evidence: tuple[tuple[str, str], ...] = ()
    todo: tuple[str, ...] = ()
    allowed: bool | None = None


def requirement(model: Model, operation: Operation) -> Answer:
    """What an operation requires, and who holds it."""
    verdict = f"{operation.label} requires {said(operation.requirement)}"
    if isinstance(operation.requirement, Public):
        verdict = f"{operation.label} is public, no token is looked at: {operation.requirement.reason}"
    return Answer(verdict, (*named(operation), *holders(model, operation)))


def named(operation: Operation) -> tuple[tuple[str, str], ...]:
    """Which operation it is, and what it asks for."""
    name = f" ({operation.operation_id})" if operation.operation_id else ""
    return ("operation", f"{operation.api}: {operation.label}{name}"), ("requires", said(operation.requirement))


def holders(model: Model, operation: Operation) -> tuple[tuple[str, str], ...]:
    """Who can call an operation."""
    if isinstance(operation.requirement, Public):
        return (("held by", "everybody, without a token"),)
    known = Holders(model)
    permissions, machines = known.of(operation)
    if for_signed_in(operation.requirement):
        return (("held by", "; ".join([ANYONE, *_listed("machine client", machines)])),)
    found = [*_listed("permission", permissions), *_listed("machine client", machines)]
    together = [_together(parts) for parts in known.together(operation.requirement)]
    return (("held by", "; ".join([*found, *together]) or "nobody: no permission and no machine client"),)


def _listed(kind: str, names: list[str]) -> list[str]:
    return [f"{kind}{'s' if len(names) > 1 else ''} {', '.join(names)}"] if names else []


def _together(parts: list[list[str]]) -> str:
    """Permissions that open an operation together, each part by any of those that give it."""
    return " together with ".join(dict.fromkeys(" or ".join(names) for names in parts))
