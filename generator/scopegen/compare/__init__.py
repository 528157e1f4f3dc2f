"""Model against model. In: the model before and after. Out: a Comparison: what changed, for whom, as values.

A verdict follows from what tokens carry (`tables`), never from how a document is written; who says it in words is elsewhere.
"""

from scopegen.compare.changes import Comparison
from scopegen.compare.holders import holder_changes, lifetimes
from scopegen.compare.matching import pair
from scopegen.compare.operations import operation_changes
from scopegen.compare.replaced import replacements
from scopegen.compare.rollout import effect, lockouts
from scopegen.compare.tables import tables
from scopegen.model import Model


def compare(before: Model, after: Model) -> Comparison:
    """Everything that changed from one model to the other. `compare(a, a)` is empty; the reverse is its mirror image."""
    both = tables(before, after)
    pairs = pair(before, after)
    operations = tuple(operation_changes(pairs.operations, both))
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
