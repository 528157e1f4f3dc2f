"""Decision tables. In: two models. Out: for each who can call what, by principals that are the same in both.

A user is the set of groups they are in: what opens an operation for users are its smallest sets of groups. A permission
is known by its group, since that is what a token says; groups that give the same relevant scopes in both models stand
together, so that sets of several stay few.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from scopegen.compare.changes import EVERYBODY, SIGNED_IN, UNTOLD, Who
from scopegen.decide import for_signed_in, lets_in, opens, with_derived
from scopegen.model import AnyOf, Model, Public, Requirement, Scope
from scopegen.names import derived_scopes

_MOST_WAYS = 2000
Way = frozenset[tuple[str, ...]]
Groups = Mapping[tuple[str, ...], frozenset[Scope]]


class Table(NamedTuple):
    """One side: the scopes granted to each group and each machine client, and the derived scopes that tokens carry for
    holding several, and which resource servers others use as well."""

    users: dict[str, frozenset[Scope]]
    machines: dict[str, frozenset[Scope]]
    derived: dict[Scope, tuple[Scope, ...]]
    shared: frozenset[str] = frozenset()

    def token(self, scopes: frozenset[Scope]) -> frozenset[Scope]:
        """What a token carries for these scopes."""
        return with_derived(scopes, self.derived)


class Tables(NamedTuple):
    """Both sides, and what is the same for them: how a group is called, which scopes other holders have than before, or
    may have, and which groups give a scope on either side."""

    before: Table
    after: Table
    names: dict[str, str]
    regranted: frozenset[Scope]
    givers: dict[Scope, set[str]]


class TooManyWays(Exception):
    """Too many sets of groups to be told one by one."""


def tables(before: Model, after: Model) -> Tables:
    """The decision tables of both models."""
    called = [(one.group, one.name) for model in (before, after) for one in model.permissions]
    # A name that was another group's must not be taken for it: the people in the two are not the same.
    groups = Counter(name for _, name in set(called))
    names = {group: f"{name} (group {group})" if groups[name] > 1 else name for group, name in called}
    old, new = _table(before), _table(after)
    givers: dict[Scope, set[str]] = {}
    for group, scopes in (*old.users.items(), *new.users.items()):
        for scope in scopes:
            givers.setdefault(scope, set()).add(group)
    handed = old.shared ^ new.shared
    regranted = {scope for model in (before, after) for scope in model.required if scope.server in handed}
    return Tables(old, new, names, _regranted(old, new) | regranted, givers)


def _regranted(old: Table, new: Table) -> frozenset[Scope]:
    found: set[Scope] = set()
    for was, now in ((old.users, new.users), (old.machines, new.machines)):
        for holder in was.keys() | now.keys():
            found |= was.get(holder, frozenset()) ^ now.get(holder, frozenset())
    return frozenset(found)


def _table(model: Model) -> Table:
    users: dict[str, frozenset[Scope]] = {}
    for one in model.permissions:
        users[one.group] = users.get(one.group, frozenset()) | frozenset(one.scopes)
    machines = {one.name: frozenset(one.scopes) for one in model.clients if one.kind == "machine"}
    shared = frozenset(server.identifier for server in model.resource_servers if server.existing)
    return Table(users, machines, derived_scopes(model), shared)


def mirrored(both: Tables) -> Tables:
    """The tables of the way back."""
    return both._replace(before=both.after, after=both.before)


def gainers(was: Requirement | None, now: Requirement, both: Tables) -> tuple[Who, ...]:
    """Whoever `now` lets in under the second table and `was` does not under the first; the smallest sets of them.

    Where everybody may, nobody else is named: nobody without a token could before.
    """
    if isinstance(was, Public):
        return ()
    if isinstance(now, Public):
        return (EVERYBODY,)
    return (*_users(was, now, both), *_machines(was, now, both), *_outsiders(was, now, both))


def callers(requirement: Requirement, both: Tables) -> tuple[Who, ...]:
    """Whoever a requirement lets in under the second table."""
    return gainers(None, requirement, both)


def _users(was: Requirement | None, now: Requirement, both: Tables) -> list[Who]:
    old, new = rights(was, now, both)
    if was == now and old == new:
        return []
    try:
        ways = smallest_ways(now, new)
    except TooManyWays:
        return [UNTOLD]
    gained = [way for way in ways if was is None or not lets_in(was, held(way, old))]
    return [one for way in sorted(gained, key=_order) for one in told(way, both.names)]


def rights(was: Requirement | None, now: Requirement, both: Tables) -> tuple[Groups, Groups]:
    """What groups give of the scopes that two requirements name, before and after."""
    relevant = _scopes(now) | (_scopes(was) if was is not None else frozenset())
    found: dict[tuple[frozenset[Scope], frozenset[Scope]], list[str]] = {}
    nothing = frozenset[Scope]()
    for group in sorted({group for scope in relevant for group in both.givers.get(scope, ())}):
        gives = both.before.users.get(group, nothing) & relevant, both.after.users.get(group, nothing) & relevant
        found.setdefault(gives, []).append(group)
    classes = [(tuple(groups), gives) for gives, groups in found.items()]
    return {groups: gives[0] for groups, gives in classes}, {groups: gives[1] for groups, gives in classes}


def held(way: Way, rights: Groups) -> frozenset[Scope]:
    """What all groups of a set give together."""
    return frozenset(scope for groups in way for scope in rights[groups])


def smallest_ways(requirement: Requirement, rights: Groups) -> frozenset[Way]:
    """The smallest sets of groups whose scopes together meet a requirement; the empty one where no permission is needed."""
    if isinstance(requirement, Public) or for_signed_in(requirement):
        return frozenset({frozenset()})
    found: set[Way] = set()
    for parts in requirement.alternatives:
        found |= _ways_to_all(parts, rights)
    return smallest(found)


def _ways_to_all(parts: tuple[Scope, ...], rights: Groups) -> frozenset[Way]:
    ways: frozenset[Way] = frozenset({frozenset()})
    for part in parts:
        givers = [members for members, scopes in rights.items() if part in scopes]
        longer: set[Way] = set()
        for way in ways:
            longer.update([way] if any(one in way for one in givers) else (way | {one} for one in givers))
        ways = smallest(longer)
    return ways


def smallest(ways: set[Way]) -> frozenset[Way]:
    """The sets that contain no other of them; TooManyWays where they are too many."""
    if len(ways) > _MOST_WAYS:
        raise TooManyWays
    kept: list[Way] = []
    for way in sorted(ways, key=len):
        if not any(less <= way for less in kept):
            kept.append(way)
    return frozenset(kept)


def _order(way: Way) -> tuple[int, list[tuple[str, ...]]]:
    return len(way), sorted(way)


def told(way: Way, names: Mapping[str, str]) -> list[Who]:
    """A set of groups by the names of its permissions; each of those that are enough alone by itself."""
    if not way:
        return [SIGNED_IN]
    named = sorted(tuple(sorted(names[group] for group in members)) for members in way)
    if len(named) > 1:
        return [Who("permissions", tuple(named))]
    return [Who("permission", ((name,),)) for name in named[0]]


def _machines(was: Requirement | None, now: Requirement, both: Tables) -> list[Who]:
    may = _opened(now, both.after.machines)
    could = _opened(was, both.before.machines) if was is not None else frozenset()
    return [Who("client", ((name,),)) for name in sorted(may - could)]


def _opened(requirement: Requirement, machines: Mapping[str, frozenset[Scope]]) -> frozenset[str]:
    return frozenset(name for name, scopes in machines.items() if opens(requirement, scopes))


def _outsiders(was: Requirement | None, now: Requirement, both: Tables) -> list[Who]:
    """Clients of others: whoever runs a resource server that we only refer to gives its scopes to whom they like."""
    if isinstance(now, Public):
        return []
    gained = [
        parts
        for parts in now.alternatives
        if all(one.server in both.after.shared for one in parts) and not _could(was, parts, both.before)
    ]
    return [Who("outsider", tuple((str(part),) for part in parts)) for parts in gained]


def _could(was: Requirement | None, parts: tuple[Scope, ...], before: Table) -> bool:
    """Whether clients of others that hold these scopes could call before."""
    held = frozenset(one for one in parts if one.server in before.shared)
    return was is not None and opens(was, held)


def bearers(was: Requirement, now: Requirement) -> tuple[Who, ...]:
    """Whoever else will be given what a wider requirement asks for, where nobody gains: an alternative more is a way in.

    None where it is not wider, but another one: then there is nothing that opened before and still does.
    """
    if isinstance(was, Public) or isinstance(now, Public) or not covers(now, was) or covers(was, now):
        return ()
    added = [parts for parts in now.alternatives if not opens(was, frozenset(parts))]
    return tuple(Who("bearer", tuple((str(part),) for part in parts)) for parts in added)


def covers(wide: AnyOf, narrow: AnyOf) -> bool:
    """Whether everybody who meets `narrow` also meets `wide`."""
    return all(opens(wide, frozenset(parts)) for parts in narrow.alternatives)


def _scopes(requirement: Requirement) -> frozenset[Scope]:
    return frozenset() if isinstance(requirement, Public) else requirement.scopes
