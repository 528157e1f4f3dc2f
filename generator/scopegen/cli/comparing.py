"""What `scopegen diff` does. In: the names of two sides, and how to say it. Out: a text on stdout, and an exit code."""

from collections.abc import Sequence
from typing import NamedTuple

from scopegen.cli import options, places, sides
from scopegen.compare import compare
from scopegen.compare.changes import KINDS
from scopegen.formats.findings import encodable
from scopegen.formats.known import FORMATS
from scopegen.review import Review, accepted, findings, markdown, plain, review, screen, template


class Wanted(NamedTuple):
    """How to say it, which kinds of changes fail, whether to say only how to accept them."""

    form: str
    fail_on: Sequence[str]
    accept_template: bool
    colour: bool


def diff(base: str | None, revision: str | None, head: str | None, config: str | None, wanted: Wanted) -> int:
    """Compare, judge, say."""
    if base is not None and head is None:
        base, head = places.split(base)
    was, now = sides.both(base, revision, head, config)
    doors = (was.doors, now.doors) if was.doors is not None and now.doors is not None else None
    comparison = compare(was.model, now.model, doors)
    known, problems = accepted.judge(comparison.operations, was.entries, now.entries, options.today())
    kinds = [kind for kind in KINDS if kind in wanted.fail_on]
    notes = [*was.notes, *now.notes]
    found = review((was.name, now.name), was.model, comparison, kinds, known, notes, problems)
    text = template.render(found) if wanted.accept_template else _text(found, now, wanted)
    options.say(encodable(text))
    return 1 if found.failing else 0


def _text(found: Review, now: sides.Side, wanted: Wanted) -> str:
    if wanted.form == "text":
        return screen.render(found, colour=wanted.colour)
    if wanted.form == "md":
        return markdown.render(found)
    if wanted.form == "json":
        return plain.render(found)
    return FORMATS[wanted.form](findings.findings(found), now.sources, now.root)
