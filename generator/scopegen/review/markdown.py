"""A review as a comment on a pull request. In: a Review. Out: Markdown that GitHub takes: short first, details folded.

What does not fit is counted, never dropped in silence; what fails comes first, so that it is what is left.
"""

from collections.abc import Iterable

from scopegen.compare.changes import KINDS
from scopegen.quoting import markdown_comment
from scopegen.review import Judged, Review, words
from scopegen.review.screen import sections, verdict

# GitHub takes 65,536 characters in a comment; some are left for whoever puts something around it.
MOST = 65_000
_MOST_CELL = 2_000


def render(review: Review) -> str:
    """A headline, a table of what changed, and the rest folded."""
    sign = "❌" if review.failing else "✅"
    head = [f"### {sign} {markdown_comment(verdict(review))}", "", f"{_text(review.base)} .. {_text(review.head)}", ""]
    head += [f"> {_text(note)}\n" for note in review.notes]
    rows = [_row(one) for one in sorted(review.judged, key=lambda one: (not one.fails, KINDS.index(one.change.kind)))]
    tail = [line for title, lines in sections(review) for line in _folded(title, lines)]
    tail.append(f"{review.comparison.unchanged} unchanged. Explained in `scopegen rule SG401` and following.")
    return _fitted("\n".join(head), rows, tail)


def _fitted(head: str, rows: list[str], tail: list[str]) -> str:
    """As many rows as fit, then as much of the rest; each is told where it is cut."""
    title = "\n| | operation | requires | who |\n|---|---|---|---|\n" if rows else ""
    cut = "\n*{} more changes do not fit here: run `scopegen diff` to see them.*\n"
    body, left = head[: MOST // 2] + title, MOST - len(head[: MOST // 2]) - len(title) - 200
    kept: list[str] = []
    for row in rows:
        if len(row) > left:
            break
        kept.append(row)
        left -= len(row)
    body += "".join(kept) + (cut.format(len(rows) - len(kept)) if len(kept) < len(rows) else "")
    rest = "\n" + "\n".join(tail) + "\n"
    return body + (rest if len(rest) <= left else "\n*The details do not fit here: run `scopegen diff` to see them.*\n")


def _row(judged: Judged) -> str:
    change = judged.change
    kind = f"**{change.kind}**" if judged.fails else change.kind
    effect = words.effect(change)
    if judged.accepted is not None:
        kept = judged.accepted
        effect += f"; accepted by {kept.author} until {kept.expires}: {kept.reason}"
    cells = (_text(words.subject(change)), _text(words.requirements(change)), _text(effect))
    return f"| {kind} | {' | '.join(cells)} |\n"


def _text(text: str) -> str:
    shown = text if len(text) <= _MOST_CELL else f"{text[:_MOST_CELL]} ... ({len(text) - _MOST_CELL} characters more)"
    return markdown_comment(shown)


def _folded(title: str, lines: Iterable[str]) -> list[str]:
    shown = [f"- {_text(line)}" for line in lines]
    return (
        ["<details>", f"<summary>{title} ({len(shown)})</summary>", "", *shown, "", "</details>", ""] if shown else []
    )
