"""What a comparison means to a reviewer. In: a Comparison, what fails, what was accepted. Out: a Review."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from scopegen.compare.changes import KINDS, Change, Comparison, Kind
from scopegen.diagnostics import Diagnostic
from scopegen.model import Model
from scopegen.review.accepted import Acceptance


class Judged(NamedTuple):
    """A change, whether it makes the command fail, and whose word it is if it only would have."""

    change: Change
    fails: bool
    accepted: Acceptance | None


class Review(NamedTuple):
    """Everything that is told of a comparison. `base` and `head` say what was compared; `notes` what to know about it;
    `problems` are acceptances that do not count, and why."""

    base: str
    head: str
    before: Model
    comparison: Comparison
    judged: tuple[Judged, ...]
    fail_on: tuple[Kind, ...]
    notes: tuple[str, ...]
    problems: tuple[Diagnostic, ...]

    @property
    def failing(self) -> list[Judged]:
        """What makes the command fail."""
        return [one for one in self.judged if one.fails]

    def of(self, kind: Kind) -> list[Judged]:
        """The changes of one kind."""
        return [one for one in self.judged if one.change.kind == kind]


def review(
    sides: tuple[str, str],
    before: Model,
    comparison: Comparison,
    fail_on: Collection[Kind],
    accepted: Mapping[Change, Acceptance],
    notes: Sequence[str] = (),
    problems: Sequence[Diagnostic] = (),
) -> Review:
    """Judge every change: it fails if its kind does and nobody accepted it."""
    judged = tuple(
        Judged(one, one.kind in fail_on and one not in accepted, accepted.get(one)) for one in comparison.operations
    )
    return Review(
        *sides,
        before,
        comparison,
        judged,
        tuple(kind for kind in KINDS if kind in fail_on),
        tuple(notes),
        tuple(problems),
    )
