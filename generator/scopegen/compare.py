"""Model against model. In: the model before and after. Out: what changed for whom, in the words opened, broadened, narrowed."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from scopegen.decide import Holders, for_signed_in
from scopegen.model import AnyOf, Model, Operation, Public, Requirement, Scope

Kind: TypeAlias = Literal["opened", "broadened", "narrowed", "changed", "new", "removed"]


class Change(NamedTuple):
    """One change: its kind, whose, and how, as texts."""

    kind: Kind
    subject: str
    detail: str


def compare(before: Model, after: Model) -> list[Change]:
    """Every change from one model to the other: operations first, then what permissions and clients gain and lose."""
    return [*_operations(before, after), *_holders(before, after)]


def _operations(before: Model, after: Model) -> Iterator[Change]:
    old = {(one.api, one.path, one.method): one for one in before.operations}
    new = {(one.api, one.path, one.method): one for one in after.operations}
    then, today = Holders(before), Holders(after)
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        if was is None and now is not None:
            kind: Kind = "opened" if isinstance(now.requirement, Public) else "new"
            yield Change(kind, _label(now), f"{said(now.requirement)}, callable by {_who(today, now)}")
        elif now is None and was is not None:
            yield Change("removed", _label(was), said(was.requirement))
        elif was is not None and now is not None and was.requirement != now.requirement:
            yield _changed(then, was, today, now)


def _changed(before: Holders, was: Operation, after: Holders, now: Operation) -> Change:
    """What a changed requirement comes to: for whom, where somebody gains or loses; else by what it asks for."""
    old, new = _callers(before, was), _callers(after, now)
    gained, lost = sorted(new - old), sorted(old - new)
    kind = direction(was.requirement, now.requirement)
    if kind == "changed" and bool(gained) != bool(lost):
        kind = "broadened" if gained else "narrowed"
    detail = f"{said(was.requirement)} -> {said(now.requirement)}"
    detail += f"; gained by {', '.join(gained)}" if gained else ""
    detail += f"; lost by {', '.join(lost)}" if lost else ""
    return Change(kind, _label(now), detail)


def _callers(holders: Holders, operation: Operation) -> set[str]:
    """Who can call an operation that not everybody can."""
    if isinstance(operation.requirement, Public):
        return set()
    permissions, machines = holders.of(operation)
    return {*permissions, *machines}


def direction(was: Requirement, now: Requirement) -> Kind:
    """What a changed requirement does: whether all who met the old one meet the new one, or the other way round."""
    if isinstance(now, Public):
        return "changed" if isinstance(was, Public) else "opened"
    if isinstance(was, Public):
        return "narrowed"
    widens, narrows = _covers(now, was), _covers(was, now)
    return "changed" if widens == narrows else "broadened" if widens else "narrowed"


def _covers(wide: AnyOf, narrow: AnyOf) -> bool:
    """Whether everybody who meets `narrow` also meets `wide`."""
    return all(any(set(less) <= set(more) for less in wide.alternatives) for more in narrow.alternatives)


def said(requirement: Requirement) -> str:
    """A requirement as people say it."""
    if isinstance(requirement, Public):
        return f"public ({requirement.reason})"
    if for_signed_in(requirement) and not any(scope.server for scope in requirement.scopes):
        return "any signed-in user"
    several = len(requirement.alternatives) > 1
    said_parts = (" and ".join(map(str, parts)) for parts in requirement.alternatives)
    return " or ".join(f"({part})" if several and " and " in part else part for part in said_parts)


def _label(operation: Operation) -> str:
    return f"{operation.api}: {operation.label}"


def _who(holders: Holders, operation: Operation) -> str:
    if isinstance(operation.requirement, Public):
        return "everybody"
    permissions, machines = holders.of(operation)
    return ", ".join([*permissions, *machines]) or (
        "signed-in users" if for_signed_in(operation.requirement) else "nobody yet"
    )


def _holders(before: Model, after: Model) -> Iterator[Change]:
    old = {("permission", one.name): one.scopes for one in before.permissions}
    old |= {("client", one.name): one.scopes for one in before.clients if one.kind == "machine"}
    new = {("permission", one.name): one.scopes for one in after.permissions}
    new |= {("client", one.name): one.scopes for one in after.clients if one.kind == "machine"}
    for kind, name in sorted(old.keys() | new.keys()):
        gained = set(new.get((kind, name), ())) - set(old.get((kind, name), ()))
        lost = set(old.get((kind, name), ())) - set(new.get((kind, name), ()))
        if gained:
            yield Change("broadened" if (kind, name) in old else "new", f"{kind} {name}", _listed("gains", gained))
        if lost:
            yield Change("narrowed" if (kind, name) in new else "removed", f"{kind} {name}", _listed("loses", lost))


def _listed(verb: str, scopes: set[Scope]) -> str:
    return f"{verb} {', '.join(sorted(map(str, scopes)))}"
