"""Model against model. In: the model before and after. Out: what changed for whom, in the words opened, broadened, narrowed."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from scopegen.decide import Holders, for_signed_in
from scopegen.model import AnyOf, Client, Model, Operation, Public, Requirement, Scope

Kind: TypeAlias = Literal["opened", "broadened", "narrowed", "changed", "new", "removed"]
_EVERYBODY = "everybody"
_SIGNED_IN = "every signed-in user"


class Change(NamedTuple):
    """One change: its kind, whose, and how, as texts."""

    kind: Kind
    subject: str
    detail: str


def compare(before: Model, after: Model) -> list[Change]:
    """Every change from one model to the other: operations first, then what permissions and clients gain and lose."""
    return [*_operations(before, after), *_holders(before, after), *_lifetimes(before, after)]


def _operations(before: Model, after: Model) -> Iterator[Change]:
    old = {one.key: one for one in before.operations}
    new = {one.key: one for one in after.operations}
    then, today = Holders(before), Holders(after)
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        if was is None and now is not None:
            kind: Kind = "opened" if isinstance(now.requirement, Public) else "new"
            who = ", ".join(_shown(_callers(today, now))) or "nobody yet"
            yield Change(kind, _label(now), f"{said(now.requirement)}, callable by {who}")
        elif now is None and was is not None:
            yield Change("removed", _label(was), said(was.requirement))
        elif was is not None and now is not None and was.requirement != now.requirement:
            yield _changed(was.requirement, _callers(then, was), now, _callers(today, now))


def _changed(was: Requirement, old: frozenset[str], now: Operation, new: frozenset[str]) -> Change:
    """What a changed requirement comes to: for whom, where somebody gains or loses; else by what it asks for."""
    kind: Kind = direction(was, now.requirement)
    if new - old:
        kind = "opened" if _EVERYBODY in new - old else "broadened"
    elif old - new:
        kind = "narrowed"
    detail = f"{said(was)} -> {said(now.requirement)}"
    gained, lost = _shown(new - old), _shown(old - new)
    detail += f"; gained by {', '.join(gained)}" if gained else ""
    detail += f"; lost by {', '.join(lost)}" if lost else ""
    if lost and lost[0] in (_EVERYBODY, _SIGNED_IN):
        detail += f" but {', '.join(_shown(new)) or 'nobody'}"
    return Change(kind, _label(now), detail)


def _callers(holders: Holders, operation: Operation) -> frozenset[str]:
    """Everybody who can call an operation: who needs no permission for it stands for all who could have one."""
    permissions, machines = holders.of(operation)
    if isinstance(operation.requirement, Public):
        return frozenset({_EVERYBODY, _SIGNED_IN, *permissions, *machines})
    if for_signed_in(operation.requirement):
        return frozenset({_SIGNED_IN, *holders.permissions, *machines})
    return frozenset({*permissions, *machines})


def _shown(callers: frozenset[str]) -> list[str]:
    """Callers by name; whom a larger group includes is not named beside it."""
    # A machine is no signed-in user, but whoever lost or gained a machine beside all users reads of the users first.
    for everyone in (_EVERYBODY, _SIGNED_IN):
        if everyone in callers:
            return [everyone]
    return sorted(callers)


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


def _holders(before: Model, after: Model) -> Iterator[Change]:
    old, new = _held(before), _held(after)
    for kind, name in sorted(old.keys() | new.keys()):
        gained = set(new.get((kind, name), ())) - set(old.get((kind, name), ()))
        lost = set(old.get((kind, name), ())) - set(new.get((kind, name), ()))
        if gained:
            yield Change("broadened" if (kind, name) in old else "new", f"{kind} {name}", _listed("gains", gained))
        if lost and (kind, name) not in new and kind == "client":
            # The stack retains it, and Cognito polices machines by their own list: it works until somebody deletes it.
            yield Change("removed", f"client {name}", _listed("keeps, until it is deleted in Cognito,", lost))
        elif lost:
            yield Change("narrowed" if (kind, name) in new else "removed", f"{kind} {name}", _listed("loses", lost))


def _held(model: Model) -> dict[tuple[str, str], tuple[Scope, ...]]:
    permissions = {("permission", one.name): one.scopes for one in model.permissions}
    return permissions | {("client", one.name): one.scopes for one in model.clients if one.kind == "machine"}


def _lifetimes(before: Model, after: Model) -> Iterator[Change]:
    """How long tokens live: what is taken away works that much longer."""
    old = {client.name: client for client in before.clients}
    for client in after.clients:
        was = old.get(client.name, client).token_minutes
        if was != client.token_minutes:
            yield Change("changed", f"client {client.name}", f"tokens live {_minutes(client)}, not {was or '?'}")


def _minutes(client: Client) -> str:
    return f"{client.token_minutes} minutes" if client.token_minutes else "as long as the client says"


def _listed(verb: str, scopes: set[Scope]) -> str:
    return f"{verb} {', '.join(sorted(map(str, scopes)))}"
