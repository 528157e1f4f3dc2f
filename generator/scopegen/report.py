"""Diagnostics -> text for people: `file:line:col`, the source line with a caret, a hint. Nothing hostile gets through."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from scopegen.diagnostics import Diagnostic, Severity, Span

if TYPE_CHECKING:
    from scopegen.source import Source

_WIDTH = 160
_LONGEST = 2000
_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}


def visible(text: str) -> str:
    """Text as one line that no terminal acts on: control, invisible and bidirectional characters are escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _harmless(c) else f"\\u{ord(c):04x}" for c in text)


def _harmless(character: str) -> bool:
    return character == " " or unicodedata.category(character)[0] not in "CZ" or character == "\u00a0"


def render(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source], colour: bool = False, root: str = ""
) -> str:
    """Every diagnostic in the order of the sources, one blank line between two; empty where there are none.

    `root` is the workspace as seen from the current folder, so that the files can be opened from there.
    """
    return "\n".join(
        _block(diagnostic, span, sources, colour, root) for span, diagnostic in placed(diagnostics, sources)
    )


def placed(diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source]) -> list[tuple[Span | None, Diagnostic]]:
    """Every diagnostic with the place it points to, in the order of the sources."""
    pairs = [(_span(diagnostic, sources), diagnostic) for diagnostic in diagnostics]
    return sorted(pairs, key=lambda pair: _order(*pair))


def shown_file(diagnostic: Diagnostic, sources: Mapping[str, Source], root: str) -> str:
    """The file of a diagnostic as seen from the current folder; empty where it has none."""
    file = diagnostic.location.file if diagnostic.location else ""
    return posixpath.normpath(posixpath.join(root, file)) if file in sources else file


def _span(diagnostic: Diagnostic, sources: Mapping[str, Source]) -> Span | None:
    location = diagnostic.location
    if location is None:
        return None
    source = sources.get(location.file)
    return source.span(location) if source is not None and source.content else location.span


def _order(span: Span | None, diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    file = diagnostic.location.file if diagnostic.location else ""
    start = (span.line, span.column) if span else (0, 0)
    return file, *start, diagnostic.code, diagnostic.message


def _block(diagnostic: Diagnostic, span: Span | None, sources: Mapping[str, Source], colour: bool, root: str) -> str:
    where = ""
    if diagnostic.location is not None:
        where = visible(shown_file(diagnostic, sources, root))
        if where.lstrip().startswith("::"):
            where = f"./{where}"  # a line that starts so is a command to the runners of GitHub
        where += (f":{span.line}:{span.column}" if span else "") + ": "
    word = _paint(diagnostic.severity.word, _COLOURS[diagnostic.severity], colour)
    lines = [f"{where}{_paint(diagnostic.code, '1', colour)} {word}: {_brief(diagnostic.message)}"]
    source = sources.get(diagnostic.location.file) if diagnostic.location else None
    gutter = 1
    if span is not None and source is not None and source.content:
        gutter = len(str(span.line))
        lines += _frame(source.line(span.line), span, gutter)
    if diagnostic.hint:
        lines.append(f"{' ' * gutter} = hint: {visible(diagnostic.hint)}")
    return "\n".join(lines) + "\n"


def _brief(message: str) -> str:
    """A message in which a name of a thousand characters does not hide the rest of the report."""
    return visible(shortened(message))


def shortened(text: str) -> str:
    """A text, or its two ends."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 2 :]}"


def _frame(line: str, span: Span, gutter: int) -> list[str]:
    start, end = span.column - 1, span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    offset = max(0, start - _WIDTH // 2)
    shown = visible(line[offset : offset + _WIDTH].replace("\t", " "))
    before = visible(line[offset:start].replace("\t", " "))
    marked = visible(line[start : min(end, offset + _WIDTH)].replace("\t", " "))
    blank = " " * gutter
    return [
        f"{blank} |",
        f"{span.line} | {shown}".rstrip(),
        f"{blank} | {' ' * columns(before)}{'^' * max(1, columns(marked.rstrip()))}",
    ]


def columns(text: str) -> int:
    """How many terminal columns a text takes."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def count(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`, or `no findings`."""
    numbers = dict.fromkeys(reversed(Severity), 0)
    for diagnostic in diagnostics:
        numbers[diagnostic.severity] += 1
    parts = [f"{number} {severity.word}{'s' if number != 1 else ''}" for severity, number in numbers.items() if number]
    return ", ".join(parts) or "no findings"
