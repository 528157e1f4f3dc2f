"""When a change takes effect, and whom it locks out on the way. In: changes, decision tables. Out: Lockouts, an Effect.

An operation asks for another scope as soon as its API is deployed; a token carries what was granted when it was made
(API Gateway looks at nothing else), so a grant comes and goes with the tokens.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from scopegen.compare.changes import Change, Effect, Lockout, Who
from scopegen.compare.doors import BARRED, KEYLESS, NEWCOMER
from scopegen.compare.matching import Pair
from scopegen.compare.tables import Tables, TooManyWays, Way, held, rights, smallest, smallest_ways, told
from scopegen.decide import for_signed_in
from scopegen.model import AnyOf, Model, Operation, Public, Requirement, Scope
from scopegen.names import single_scope


def lockouts(pairs: Iterable[Pair], both: Tables) -> Iterator[Lockout]:
    """The operations that somebody may call before and after, but not with a token of before."""
    for was, now in pairs:
        if was is not None and now is not None and was.requirement != now.requirement:
            yield from _lockout(was, now, both)


def _lockout(was: Operation, now: Operation, both: Tables) -> Iterator[Lockout]:
    wanted, wants = was.requirement, now.requirement
    if not isinstance(wanted, AnyOf) or not isinstance(wants, AnyOf) or _is_carried(wants, both):
        return
    who: list[Who] = []
    mutual = False
    for some, old, new in [*_users(wanted, wants, both), *_machines(both)]:
        if _may(wanted, old, some[0]) and _may(wants, new, some[0]) and not _may(wants, old, some[0]):
            who += some
            mutual = mutual or not _may(wanted, new, some[0])
    if who:
        yield Lockout(was, now, tuple(dict.fromkeys(who)), mutual)


def _is_carried(requirement: AnyOf, both: Tables) -> bool:
    """Whether tokens of before say of a requirement what those of afterwards do: then nobody waits for a new one."""
    derived = (single_scope(parts) for parts in requirement.alternatives if len(parts) > 1)
    return not requirement.scopes & both.regranted and all(scope in both.before.derived for scope in derived)


def _may(requirement: Requirement, token: frozenset[Scope], who: Who) -> bool:
    """What API Gateway asks: whether the one scope of an alternative is in the token."""
    if isinstance(requirement, Public) or (who.kind != "client" and for_signed_in(requirement)):
        return True
    return any(single_scope(parts) in token for parts in requirement.alternatives)


Held = tuple[list[Who], frozenset[Scope], frozenset[Scope]]


def _users(was: AnyOf, now: AnyOf, both: Tables) -> list[Held]:
    """The smallest sets of permissions that may call before and after, with what their tokens carry."""
    old, new = rights(was, now, both)
    try:
        ways: set[Way] = {one | other for one, other in product(smallest_ways(was, old), smallest_ways(now, new))}
        ordered = sorted(smallest(ways), key=lambda way: (len(way), sorted(way)))
    except TooManyWays:
        return []
    return [
        (told(way, both.names), both.before.token(held(way, old)), both.after.token(held(way, new))) for way in ordered
    ]


def _machines(both: Tables) -> list[Held]:
    old, new = both.before.machines, both.after.machines
    return [
        ([Who("client", ((name,),))], both.before.token(old[name]), both.after.token(new[name]))
        for name in sorted(old.keys() & new.keys())
    ]


def effect(operations: Sequence[Change], before: Model, both: Tables) -> Effect:
    """How soon what is gained is gained, and what is lost is lost."""
    gained = [one for one in operations if one.is_gain and one.who]
    lost = [one for one in operations if one.kind in ("narrowed", "removed") and one.who]
    late = [(one, who) for one in lost if one.kind == "narrowed" for who in one.who if _opens(one, who, both)]
    late = [(one, who) for one, who in late if not _is_retained(who, both)]
    return Effect(
        any(_opens(one, who, both) for one in gained for who in one.who),
        any(not _opens(one, who, both) for one in gained for who in one.who),
        any(one.now is None or not _opens(one, who, both) for one in lost for who in one.who),
        bool(late),
        _minutes([who for _, who in late], before),
    )


def _is_retained(who: Who, both: Tables) -> bool:
    """Whether it is a machine client that is gone here: it stays in Cognito, with its scopes, until it is deleted there."""
    return who.kind == "client" and who.names[0][0] not in both.after.machines


def _minutes(late: Sequence[Who], before: Model) -> int | None:
    machines = {who.names[0][0] for who in late if who.kind == "client"}
    users = any(who.kind != "client" for who in late)
    concerned = [one for one in before.clients if (users if one.kind == "user" else one.name in machines)]
    known = [client.token_minutes for client in concerned if client.token_minutes is not None]
    return max(known) if known and len(known) == len(concerned) else None


def _opens(change: Change, who: Who, both: Tables) -> bool:
    """Whether tokens of before open an operation as it is after everything is deployed."""
    if change.now is None:
        return False
    wanted = change.now.requirement
    if who in (NEWCOMER, KEYLESS, BARRED):
        return True
    if who.kind == "everybody":
        return isinstance(wanted, Public)
    return _may(wanted, both.before.token(_carried(who, both)), who)


def _carried(who: Who, both: Tables) -> frozenset[Scope]:
    """What was granted before, to everybody who is meant."""
    if who.kind == "client":
        return both.before.machines.get(who.names[0][0], frozenset())
    named = {name for names in who.names for name in names}
    return frozenset(
        scope for group, scopes in both.before.users.items() if both.names[group] in named for scope in scopes
    )
