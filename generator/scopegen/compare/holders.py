"""Permissions and clients. In: two models. Out: who gains and loses which scopes, and whose tokens live longer or shorter."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from scopegen.compare.changes import Change, HolderChange, HolderKind, Lifetime
from scopegen.compare.tables import Tables
from scopegen.model import Client, Model, Permission

Holder: TypeAlias = Permission | Client
Named: TypeAlias = Mapping[str, Hashable]
Counts: TypeAlias = Counter[tuple[str, str, bool]]


def holder_changes(before: Model, after: Model, both: Tables, operations: Sequence[Change]) -> Iterator[HolderChange]:
    """Every permission and machine client that came, went, has another name, or gains or loses scopes."""
    counts = _counted(operations)
    old, new = ({one.name: one for one in model.permissions} for model in (before, after))
    yield from _changes("permission", old, new, renamed_permissions(before, after), both, counts)
    machines, machines_now = (
        {one.name: one for one in model.clients if one.kind == "machine"} for model in (before, after)
    )
    yield from _changes("client", machines, machines_now, renamed_clients(before, after), both, counts)


def _changes(
    holder: HolderKind,
    old: Mapping[str, Holder],
    new: Mapping[str, Holder],
    renamed: Mapping[str, str],
    both: Tables,
    counts: Counts,
) -> Iterator[HolderChange]:
    for was, now in pairs(old, new, renamed):
        change = _changed(holder, old.get(was), new.get(now), both, counts)
        if change.gains or change.loses or not was or not now or was != now:
            yield change


def pairs(old: Iterable[str], new: Iterable[str], renamed: Mapping[str, str]) -> list[tuple[str, str]]:
    """The names of before and after that belong together; empty where there is no other."""
    was, now = set(old), set(new)
    found = [(one, renamed.get(one, "") or (one if one in now else "")) for one in was]
    found = [(one, other if other in now else "") for one, other in found]
    found += [("", one) for one in now - {other for _, other in found}]
    return sorted(found, key=lambda names: (names[1] or names[0], names))


def _changed(holder: HolderKind, was: Holder | None, now: Holder | None, both: Tables, counts: Counts) -> HolderChange:
    held = frozenset(was.scopes if was is not None else ())
    holds = frozenset(now.scopes if now is not None else ())
    one = now or was
    return HolderChange(
        holder,
        was.name if was is not None else "",
        now.name if now is not None else "",
        tuple(sorted(holds - held)),
        tuple(sorted(held - holds)),
        counts[holder, _label(now, both), True],
        counts[holder, _label(was, both), False],
        one.source if one is not None else None,
    )


def _label(one: Holder | None, both: Tables) -> str:
    if one is None:
        return ""
    return both.names[one.group] if isinstance(one, Permission) else one.name


def _counted(operations: Iterable[Change]) -> Counts:
    """How many operations name a holder alone among those who gain them, or lose them."""
    return Counter(
        (who.kind, who.names[0][0], one.is_gain)
        for one in operations
        for who in one.who
        if not one.rerouted and who.kind in ("permission", "client")
    )


def renamed_permissions(before: Model, after: Model) -> dict[str, str]:
    """Permissions that have another name now: the group stayed, or all they grant did."""
    old, new = _apart(
        {one.name: one.group for one in before.permissions}, {one.name: one.group for one in after.permissions}
    )
    by_group = _same(old, new)
    old_scopes = {one.name: one.scopes for one in before.permissions if one.name in old and one.name not in by_group}
    new_scopes = {one.name: one.scopes for one in after.permissions if one.name in new}
    taken = set(by_group.values())
    return by_group | _same(old_scopes, {name: scopes for name, scopes in new_scopes.items() if name not in taken})


def renamed_clients(before: Model, after: Model) -> dict[str, str]:
    """Clients that have another name now, though they are of the same kind and hold what they held."""
    old, new = ({one.name: (one.kind, one.scopes) for one in model.clients} for model in (before, after))
    return _same(*_apart(old, new))


def _apart(old: Mapping[str, Hashable], new: Mapping[str, Hashable]) -> tuple[Named, Named]:
    """What is only in one of the two."""
    return {n: v for n, v in old.items() if n not in new}, {n: v for n, v in new.items() if n not in old}


def _same(old: Named, new: Named) -> dict[str, str]:
    """The names on either side of what is the same, where it stands once on either side."""
    was, now = Counter(old.values()), Counter(new.values())
    names = {value: name for name, value in new.items() if now[value] == 1}
    return {name: names[value] for name, value in old.items() if was[value] == 1 and value in names}


def lifetimes(before: Model, after: Model) -> Iterator[Lifetime]:
    """The clients whose access tokens live another time: what is taken away works that much longer."""
    old = {client.name: client for client in before.clients}
    for client in after.clients:
        was = old.get(client.name, client).token_minutes
        if was != client.token_minutes:
            yield Lifetime(client.name, was, client.token_minutes)
