"""A comparison is the difference of two decision tables: held against tables that are filled in by brute force.

The tables here ask what API Gateway asks: is the one scope of an alternative (a derived one where it has several parts)
among those that a token carries. For every set of groups, every machine, and nobody.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, combinations, product
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from scopegen.compare import compare
from scopegen.compare.changes import Change, Comparison, Who
from scopegen.decide import mint
from scopegen.diagnostics import Location
from scopegen.model import AnyOf, Client, Model, Operation, Permission, Public, Requirement, Scope
from scopegen.names import SIGNED_IN, single_scope

SCOPES = [Scope("petsapi", "read"), Scope("petsapi", "write"), Scope("billing", "read"), Scope("billing", "refund")]
GROUPS = ["A", "B", "C", "D"]
MACHINES = ["robot", "batch"]
PATHS = ["/a", "/b", "/c"]
SIGNED = [[scope] for scope in SIGNED_IN]

scopes = st.lists(st.sampled_from(SCOPES), max_size=3, unique=True)
alternatives = st.lists(st.lists(st.sampled_from(SCOPES), min_size=1, max_size=3, unique=True), min_size=1, max_size=3)
requirements = st.one_of(
    alternatives.map(AnyOf),
    alternatives.map(AnyOf),
    st.just(AnyOf(SIGNED)),
    alternatives.map(lambda some: AnyOf([*SIGNED, *some])),
    st.just(Public("a reason")),
)


class Principal(NamedTuple):
    kind: str
    names: frozenset[str] = frozenset()


NOBODY = Principal("nobody")
PRINCIPALS = [
    NOBODY,
    *(Principal("machine", frozenset({name})) for name in MACHINES),
    *(Principal("user", frozenset(some)) for n in range(5) for some in combinations(GROUPS, n)),
]


@st.composite
def models(draw: st.DrawFn) -> Model:
    permissions = [Permission(name, draw(scopes), name) for name in draw(st.sets(st.sampled_from(GROUPS)))]
    clients = [Client(name, "machine", draw(scopes), 60) for name in draw(st.sets(st.sampled_from(MACHINES)))]
    operations = [
        Operation("pets", path, "GET", "", draw(requirements), Location("specs/pets.yaml"))
        for path in draw(st.sets(st.sampled_from(PATHS)))
    ]
    return Model((), operations, permissions, clients)


def allows(model: Model, path: str, principal: Principal) -> bool:
    operation = next((one for one in model.operations if one.path == path), None)
    if operation is None:
        return False
    if isinstance(operation.requirement, Public):
        return True
    return _lets_in(operation.requirement, model, principal)


def _lets_in(requirement: AnyOf, granted: Model, principal: Principal) -> bool:
    """Whether a token that somebody has by one model meets a requirement, which may be of another."""
    if principal is NOBODY:
        return False
    carried = set(mint(granted, _holder(granted, principal)))
    carried |= set(SIGNED_IN) if principal.kind == "user" else set()
    return any(single_scope(parts) in carried for parts in requirement.alternatives)


def _holder(model: Model, principal: Principal) -> Client | Iterable[str]:
    if principal.kind == "user":
        return principal.names
    (name,) = principal.names
    return next((one for one in model.clients if one.name == name), Client(name, "machine", [], 60))


def gained(before: Model, after: Model, path: str) -> set[Principal]:
    return {one for one in PRINCIPALS if allows(after, path, one) and not allows(before, path, one)}


def expanded(who: Who) -> Iterator[Principal]:
    """Everybody that a Who names, one by one."""
    if who.kind == "everybody":
        yield NOBODY
    elif who.kind == "client":
        yield Principal("machine", frozenset(who.names[0]))
    elif who.kind in ("signed-in", "permission", "permissions"):
        yield from (Principal("user", frozenset(some)) for some in product(*who.names))
    else:
        assert who.kind == "bearer"


def told(changes: Iterable[Change], kinds: set[str], path: str) -> set[Who]:
    return {who for one in changes if one.kind in kinds and one.operation.path == path for who in one.who}


GAINS, LOSSES = {"opened", "broadened", "new"}, {"narrowed", "removed"}


@settings(max_examples=200, deadline=None)
@given(models(), models())
def test_gains_and_losses_are_the_difference_of_the_tables(before: Model, after: Model) -> None:
    changes = compare(before, after).operations
    for path in PATHS:
        _holds(told(changes, GAINS, path), gained(before, after, path))
        _holds(told(changes, LOSSES, path), gained(after, before, path))


def _holds(named: set[Who], table: set[Principal]) -> None:
    """Whoever is named is in the table; whoever is in the table is named, or has more than somebody who is."""
    principals = set(chain.from_iterable(map(expanded, named)))
    assert principals <= table
    if NOBODY in table:
        assert principals == {NOBODY}
        return
    for one in table:
        if one.kind == "machine":
            assert one in principals or NOBODY in principals
        else:
            assert any(less.kind == "user" and less.names <= one.names for less in principals)


@settings(max_examples=120, deadline=None)
@given(models(), models())
def test_kinds_say_what_happened(before: Model, after: Model) -> None:
    for change in compare(before, after).operations:
        path = change.operation.path
        more, less = gained(before, after, path), gained(after, before, path)
        if change.kind == "opened":
            assert NOBODY in more
        elif change.kind in ("broadened", "new"):
            assert NOBODY not in more
            assert (change.was is None) is (change.kind == "new")
            assert more or change.kind == "new" or all(who.kind == "bearer" for who in change.who)
        elif change.kind in ("narrowed", "removed"):
            assert less or change.kind == "removed" or all(who.kind == "bearer" for who in change.who)
        else:
            assert change.kind == "changed"
            assert not more
            assert not less


@settings(max_examples=40, deadline=None)
@given(models())
def test_nothing_differs_from_itself(model: Model) -> None:
    found = compare(model, model)
    assert found.is_empty
    assert not found.lockouts
    assert found.unchanged == len(model.operations)


@settings(max_examples=120, deadline=None)
@given(models(), models())
def test_the_way_back_is_the_mirror_image(one: Model, other: Model) -> None:
    there, back = compare(one, other), compare(other, one)
    for path in PATHS:
        assert told(there.operations, GAINS, path) == told(back.operations, LOSSES, path)
        assert told(there.operations, LOSSES, path) == told(back.operations, GAINS, path)
    assert _grants(there) == sorted((was, now, loses, gains) for now, was, gains, loses in _grants(back))
    unchanged = {path for path in PATHS if not any(one.operation.path == path for one in there.operations)}
    assert unchanged == {path for path in PATHS if not any(one.operation.path == path for one in back.operations)}


def _grants(comparison: Comparison) -> list[tuple[str, str, tuple[Scope, ...], tuple[Scope, ...]]]:
    return sorted((one.was, one.now, one.gains, one.loses) for one in comparison.holders)


@settings(max_examples=120, deadline=None)
@given(models(), models())
def test_who_is_locked_out_on_the_way(before: Model, after: Model) -> None:
    """Somebody who may before and after, and whose token of before does not open the operation of after."""
    locked = {one.now.path for one in compare(before, after).lockouts}
    for path in PATHS:
        was, now = (_requirement(model, path) for model in (before, after))
        if not isinstance(was, AnyOf) or not isinstance(now, AnyOf) or was == now:
            assert path not in locked
            continue
        refused = [
            one
            for one in PRINCIPALS
            if allows(before, path, one) and allows(after, path, one) and not _lets_in(now, before, one)
        ]
        assert bool(refused) is (path in locked)


def _requirement(model: Model, path: str) -> Requirement | None:
    return next((one.requirement for one in model.operations if one.path == path), None)
