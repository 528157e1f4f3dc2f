"""A review on a screen. In: a Review. Out: text of at most a hundred columns where names allow, safe for a terminal."""

from collections.abc import Iterable, Sequence
from textwrap import wrap

from scopegen.compare.changes import Kind
from scopegen.report import visible
from scopegen.review import Judged, Review, words
from scopegen.review.findings import RULES

MEANINGS: dict[Kind, str] = {
    "opened": "callable without a token now",
    "broadened": "somebody gains an operation that there was before",
    "narrowed": "somebody loses an operation that is still there",
    "changed": "requires something else, and nobody gains or loses it",
    "new": "there was no such operation",
    "removed": "there is no such operation any more",
    "renamed": "the same operation at another address",
}
_COLOURS: dict[Kind, str] = {"opened": "31", "broadened": "33", "narrowed": "36", "new": "32"}
_WIDTH = 100


def render(review: Review, *, colour: bool = False) -> str:
    """Every change by kind, then who gains and loses, what is replaced, when it takes effect, what to do, the verdict."""
    blocks = [[f"{visible(review.base)} .. {visible(review.head)}"]]
    blocks[0] += [_line for note in review.notes for _line in _wrapped(f"note: {note}", "  ")]
    blocks += [_kind(kind, review.of(kind), colour) for kind in RULES]
    blocks.append([f"UNCHANGED {review.comparison.unchanged:>5}"])
    blocks += [_section(title, lines) for title, lines in sections(review)]
    blocks.append(verdict(review).split("\n"))
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def _kind(kind: Kind, judged: Sequence[Judged], colour: bool) -> list[str]:
    if not judged:
        return []
    word = f"{kind.upper():<9}"
    if colour:
        word = f"\x1b[1;{_COLOURS.get(kind, '36')}m{word}\x1b[0m"
    lines = [f"{word} {len(judged):>5}  {RULES[kind].code} {MEANINGS[kind]}"]
    for one in judged:
        lines += [f"  {visible(words.subject(one.change))}", *_details(one)]
    return lines


def _details(judged: Judged) -> list[str]:
    texts = [words.requirements(judged.change), words.effect(judged.change)]
    if judged.accepted is not None:
        kept = judged.accepted
        texts.append(f"accepted by {kept.author} until {kept.expires}: {kept.reason}")
    return [line for text in texts if text for line in _wrapped(text, "      ")]


def sections(review: Review) -> list[tuple[str, list[str]]]:
    """What is told besides the operations: titles, and lines not yet quoted."""
    comparison = review.comparison
    grants = [f"{'SG408 ' if one.gains else ''}{words.holder(one)}: {words.grants(one)}" for one in comparison.holders]
    effect = [
        f"{'SG412 ' if words.is_longer(one) else ''}client {one.client}: {words.lifetime(one)}"
        for one in comparison.lifetimes
    ]
    effect += words.takes_effect(comparison.effect)
    problems = [f"{one.code} {one.message}; {one.hint}" for one in review.problems]
    return [
        ("who gains, who loses", grants),
        ("replaced", [f"SG409 {words.replacement(one)}" for one in comparison.replaced]),
        ("takes effect", effect),
        ("rollout", words.rollout(comparison.lockouts, review.before)),
        ("acceptances that do not count", problems),
    ]


def _section(title: str, lines: Iterable[str]) -> list[str]:
    shown = [line for text in lines for line in _wrapped(text, "  ")]
    return [title, *shown] if shown else []


def verdict(review: Review) -> str:
    """What it comes to, in a sentence."""
    counts = {kind: len(review.of(kind)) for kind in RULES}
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "nothing changed for anybody"
    failing = len(review.failing)
    accepted = sum(one.accepted is not None and one.change.kind in review.fail_on for one in review.judged)
    kept = f", {accepted} accepted" if accepted else ""
    choice = ",".join(review.fail_on) or "none"
    return f"{told}{kept}: {f'{failing} to approve' if failing else 'nothing to approve'} (--fail-on {choice})"


def _wrapped(text: str, indent: str) -> list[str]:
    """Lines that fit, the further ones indented; what is too long to be broken is not."""
    below = indent + "  "
    return wrap(
        visible(text), _WIDTH, initial_indent=indent, subsequent_indent=below,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
