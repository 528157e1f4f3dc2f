"""A comparison in one line a subject, as `build` ends with it. In: a Comparison. Out: Lines."""

from itertools import groupby
from typing import NamedTuple

from scopegen.compare.changes import Change, Comparison, Kind
from scopegen.review import words


class Line(NamedTuple):
    """One change: its kind, whose, and how, as texts."""

    kind: Kind
    subject: str
    detail: str


def lines(comparison: Comparison) -> list[Line]:
    """Operations first, then what permissions and clients gain and lose."""
    found = [_operation(list(changes)) for _, changes in groupby(comparison.operations, lambda one: one.operation.key)]
    found += [Line(one.kind, words.holder(one), words.grants(one)) for one in comparison.holders]
    return found + [Line("changed", f"client {one.client}", words.lifetime(one)) for one in comparison.lifetimes]


def _operation(changes: list[Change]) -> Line:
    first = changes[0]
    effects = [text for change in changes if change.kind != "changed" and (text := words.effect(change))]
    if first.kind == "removed":
        effects = []
    joined = "; ".join([words.requirements(first), *effects])
    return Line(words.old_kind(changes), words.subject(first), joined)
