"""Which operation is which. In: two models. Out: operations in pairs, and APIs whose name changed.

An operation is known by API, path and method. One that is gone and one that came are the same where only the names of
path variables differ, where both have the same operationId, or where they stand in two APIs under the same address; an
API that is gone and one that came, where they share most of their operations, or where either side has no other. So no
gain hides behind a new name.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from scopegen.model import Model, Operation
from scopegen.routing import shape

Pair = tuple[Operation | None, Operation | None]
Key = tuple[str, ...]
Keyed = Callable[[Operation, dict[str, str]], Key]


class Pairs(NamedTuple):
    """Every operation of either side with its other self, sorted; API names before and after where they differ."""

    operations: tuple[Pair, ...]
    apis: tuple[tuple[str, str], ...]


def pair(before: Model, after: Model) -> Pairs:
    """Both sides, paired: by what they are called first, then by what is the same but for a name."""
    apis = _apis(before, after)
    old, new = list(before.operations), list(after.operations)
    pairs: list[Pair] = []
    for key in (_exact, _shape, _identified, _elsewhere):
        matched = _matched(old, new, key, apis)
        pairs += matched
        gone, came = {id(was) for was, _ in matched}, {id(now) for _, now in matched}
        old = [one for one in old if id(one) not in gone]
        new = [one for one in new if id(one) not in came]
    pairs += [(one, None) for one in old] + [(None, one) for one in new]
    return Pairs(tuple(sorted(pairs, key=_order)), tuple(sorted(apis.items())))


def _order(both: Pair) -> Key:
    was, now = both
    return (now.key if now is not None else was.key if was is not None else ()) + ("" if now is None else "now",)


def _exact(one: Operation, apis: dict[str, str]) -> Key:
    return apis.get(one.api, one.api), one.path, one.method


def _shape(one: Operation, apis: dict[str, str]) -> Key:
    return apis.get(one.api, one.api), shape(one.path), one.method


def _identified(one: Operation, apis: dict[str, str]) -> Key:
    return (apis.get(one.api, one.api), one.operation_id) if one.operation_id else ()


def _elsewhere(one: Operation, _: dict[str, str]) -> Key:
    return shape(one.path), one.method


def _matched(
    old: Iterable[Operation], new: Iterable[Operation], key: Keyed, apis: dict[str, str]
) -> list[tuple[Operation, Operation]]:
    """Those of either side that have the same key, where it is the key of one alone; `apis` are the new names of the old."""
    was, now = _unique(old, key, apis), _unique(new, key, {})
    return [(was[one], now[one]) for one in was if one in now]


def _unique(operations: Iterable[Operation], key: Keyed, apis: dict[str, str]) -> dict[Key, Operation]:
    found: dict[Key, list[Operation]] = {}
    for one in operations:
        found.setdefault(key(one, apis), []).append(one)
    return {known: ones[0] for known, ones in found.items() if known and len(ones) == 1}


def _apis(before: Model, after: Model) -> dict[str, str]:
    """The APIs that have another name now."""
    old, new = _routes(before), _routes(after)
    if len(old) == len(new) == 1:
        was, now = *old, *new
        return {was: now} if was != now else {}
    gone, came = old.keys() - new.keys(), new.keys() - old.keys()
    shared = {(was, now): len(old[was] & new[now]) for was in gone for now in came}
    likely = [both for both, number in shared.items() if number * 2 > min(len(old[both[0]]), len(new[both[1]]))]
    found: dict[str, str] = {}
    for was, now in sorted(likely, key=lambda both: (-shared[both], sorted(both))):
        if was not in found and now not in found.values():
            found[was] = now
    return found


def _routes(model: Model) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for one in model.operations:
        found.setdefault(one.api, set()).add((shape(one.path), one.method))
    return found
