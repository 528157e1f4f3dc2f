"""Model against model. In: the model before and after. Out: a Comparison: what changed, for whom, as values.

A verdict follows from what tokens carry (`tables`), never from how a document is written; who says it in words is elsewhere.
"""

from collections.abc import Iterable

from scopegen.compare.changes import Change, Comparison
from scopegen.compare.doors import Doors, widened
from scopegen.compare.holders import holder_changes, lifetimes
from scopegen.compare.matching import Key, pair
from scopegen.compare.operations import operation_changes, rerouted_changes
from scopegen.compare.replaced import replacements
from scopegen.compare.rerouted import is_exacter, rerouted
from scopegen.compare.rollout import effect, lockouts
from scopegen.compare.tables import tables
from scopegen.model import Model, Operation


def compare(before: Model, after: Model, doors: tuple[Doors, Doors] | None = None) -> Comparison:
    """Everything that changed from one model to the other; nothing if they are the same.

    `doors` are known where both sides were compiled.
    """
    both = tables(before, after)
    pairs = pair(before, after)
    operations = _ordered(
        operation_changes(pairs.operations, both, dict(pairs.apis)),
        [
            *rerouted_changes(rerouted(pairs.operations, dict(pairs.apis)), both),
            *(widened(pairs.operations, *doors) if doors is not None else ()),
        ],
    )
    told = {change.now.key for change in operations if change.now is not None}
    return Comparison(
        operations=operations,
        holders=tuple(holder_changes(before, after, both, operations)),
        replaced=tuple(replacements(before, after, pairs.apis)),
        lifetimes=tuple(lifetimes(before, after)),
        lockouts=tuple(lockouts(pairs.operations, both)),
        effect=effect(operations, before, both),
        unchanged=sum(one.key not in told for one in after.operations),
    )


def _ordered(changes: Iterable[Change], others: Iterable[Change]) -> tuple[Change, ...]:
    """By operation. What came, and is public, is opened: which requests were another's before adds nothing to that."""
    told = list(changes)
    opened = {one.operation.key for one in told if one.kind == "opened"}
    new = {one.operation.key for one in told if one.kind == "new"}
    instead: dict[Key, list[Operation]] = {}
    for one in others:
        if one.was is not None and one.operation.key in new and is_exacter(one.operation, one.was):
            instead.setdefault(one.operation.key, []).append(one.was)
        elif one.operation.key not in opened:
            told.append(one)
    told = [
        one._replace(instead=tuple(instead.get(one.operation.key, ()))) if one.kind == "new" else one for one in told
    ]
    return tuple(sorted(told, key=lambda one: one.operation.key))
