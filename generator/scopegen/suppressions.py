"""Suppressions held against findings. In: both. Out: what each one covers, and a finding for each that covers nothing.

A suppression with an operation covers findings of that operation, one with a file those that belong to no operation and
stand exactly there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from scopegen import codes
from scopegen.codes import RULES
from scopegen.diagnostics import Diagnostic, Location, Severity
from scopegen.model import Operation
from scopegen.operation_names import OperationNames
from scopegen.settings import Settings, Suppression


def matched(
    suppressions: Sequence[Suppression],
    diagnostics: Sequence[Diagnostic],
    settings: Settings,
    operations: Sequence[Operation],
    today: str,
) -> dict[Suppression, list[Diagnostic]]:
    """The findings that each suppression covers, of those that may be hidden; none where it has expired."""
    names, specs = OperationNames(operations), {one.spec: one.name for one in settings.apis}
    places: dict[tuple[str, ...], list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        places.setdefault(_place(diagnostic), []).append(diagnostic)

    def covered(one: Suppression) -> list[Diagnostic]:
        if is_expired(one, today):
            return []
        if not one.operation:
            return places.get((one.rule, one.file, one.at), [])
        meant = names.named(one.operation)
        # Which of several operations is meant is not for us to choose.
        candidates = places.get((one.rule, meant[0].label), []) if len(meant) == 1 else []
        return [each for each in candidates if _is_of(meant[0], each, specs)]

    return {one: covered(one) for one in suppressions}


def _place(found: Diagnostic) -> tuple[str, ...]:
    """What a suppression says of a finding: its rule with its operation, or with the file and the place in it."""
    at = found.location
    return (found.code, found.subject) if found.subject else (found.code, at.file, at.pointer) if at else (found.code,)


def is_expired(suppression: Suppression, today: str) -> bool:
    """Whether its last day is over; days are compared as texts, which ISO 8601 allows."""
    return bool(suppression.expires) and suppression.expires < today


def _is_of(operation: Operation, found: Diagnostic, specs: Mapping[str, str]) -> bool:
    """Whether a finding with its name is of an operation: in its document, or in a part that is no other API's document."""
    at = found.location
    return at is not None and specs.get(at.file, operation.api) == operation.api


def unanswered(
    suppressions: Sequence[Suppression],
    covered: Mapping[Suppression, Sequence[Diagnostic]],
    operations: Sequence[Operation],
    today: str,
    looked_for: Callable[[str], bool],
) -> Iterator[Diagnostic]:
    """SG024 for what covers nothing, SG025 for what has expired."""
    names = OperationNames(operations)
    for one in suppressions:
        if is_expired(one, today):
            hint = "correct what it hid, or look at it again and set a later day"
            message = f"this suppression of `{one.rule}` expired after `{one.expires}`"
            yield codes.EXPIRED_SUPPRESSION.at(_at(one, "expires"), message, hint)
        elif not covered[one] and looked_for(one.rule):
            yield codes.UNUSED_SUPPRESSION.at(_at(one), *_why(one, names))


def _why(one: Suppression, names: OperationNames) -> tuple[str, str]:
    """Why a suppression covers nothing, and what to do."""
    rule = RULES[one.rule]
    if rule.severity is Severity.ERROR:
        return f"`{one.rule}` stops a build: it cannot be suppressed", "correct what it finds, and remove this"
    meant = names.named(one.operation)
    if one.operation and len(meant) != 1:
        hint = f"write one of {', '.join(f'`{each.api}:{one.operation}`' for each in meant)}" if meant else "remove it"
        return f"`{one.operation}` names {len(meant) or 'no'} operation{'s' if meant else ''}", hint
    where = f"`{one.operation}`" if one.operation else f"`{one.file}#{one.at}`"
    return f"`{one.rule}` is not found on {where}", "remove it"


def _at(suppression: Suppression, key: str = "") -> Location:
    at = suppression.location
    return at._replace(pointer=f"{at.pointer}/{key}") if key else at


def first_end(suppressions: Sequence[Suppression], today: str) -> str:
    """The last day on which all of them say what they say today; empty where that is any day."""
    return min((one.expires for one in suppressions if one.expires and not is_expired(one, today)), default="")
