"""Corrections as edits of a text. In: a file's bytes, its fixes. Out: the bytes with nothing else changed, or nothing.

What is not corrected stays to the byte: comments, quotes, line ends, a byte order mark. The new text is read, and must
say what the old one said but for the corrections.
"""

import re
from collections.abc import Sequence

from scopegen.diagnostics import Report, Span
from scopegen.document import Json
from scopegen.fixing.fixes import Fix, replaced
from scopegen.parsed import YAML_BREAK
from scopegen.quoting import json_literal, yaml_safe
from scopegen.source import load
from scopegen.tree import Tree

_BOM = b"\xef\xbb\xbf"
_JSON_BREAK = re.compile("\n")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")


class EditedTree:
    """A tree in which some files are others."""

    def __init__(self, tree: Tree, files: dict[str, bytes]) -> None:
        self.tree, self.files = tree, files

    def read(self, path: str) -> bytes:
        return self.files[path] if path in self.files else self.tree.read(path)

    def size(self, path: str) -> int:
        return len(self.files[path]) if path in self.files else self.tree.size(path)

    def glob(self, pattern: str) -> list[str]:
        return self.tree.glob(pattern)


class Text:
    """A file's text, and where its lines start. Bytes that are no UTF-8 are a text in which nothing is found."""

    def __init__(self, file: str, content: bytes) -> None:
        self.file, self.content = file, content
        self.is_json = file.lower().endswith(".json")
        self.mark = _BOM if content.startswith(_BOM) else b""
        self.text = content.removeprefix(_BOM).decode(errors="ignore")
        ends = (_JSON_BREAK if self.is_json else YAML_BREAK).finditer(self.text)
        self._starts = [0, *(match.end() for match in ends)]

    def extent(self, span: Span) -> tuple[int, int]:
        """Where a span starts and ends."""
        points = (span.line, span.column), (span.end_line, span.end_column)
        start, end = (
            (self._starts[line - 1] + column - 1) if line <= len(self._starts) else 0 for line, column in points
        )
        return start, end

    def literal(self, fix: Fix) -> str | None:
        """The new text of a fix, quoted as the old one; None where that is not what was found, as behind an anchor."""
        start, end = self.extent(fix.span)
        written = self.text[start:end]
        quote = written[:1] if written[:1] in ("'", '"') else ""
        if not written or (written[1:-1] if quote else written) != fix.old:
            return None
        if isinstance(fix.value, list):
            return f"[{written}]"
        new = str(fix.value)
        if self.is_json or quote == '"' or fix.requires is None:
            return yaml_safe(json_literal(new))
        if quote and "'" not in new and new.isprintable():
            return f"'{new}'"
        return new if _PLAIN.fullmatch(new) else yaml_safe(json_literal(new))


def edited(text: Text, fixes: Sequence[Fix]) -> bytes | None:
    """The bytes of a file after its fixes; None where the text would say anything else than was meant."""
    new = text.text
    for fix in sorted(fixes, key=lambda one: one.span, reverse=True):
        start, end = text.extent(fix.span)
        new = new[:start] + (text.literal(fix) or "") + new[end:]
    after = text.mark + new.encode()
    return after if _says(text.file, after) == _meant(text, fixes) else None


def separable(text: Text, fixes: Sequence[Fix]) -> list[Fix]:
    """The fixes that change nothing but what they say; left out are those of what an alias repeats elsewhere."""
    if not fixes or edited(text, fixes) is not None:
        return list(fixes)
    half = len(fixes) // 2
    return [*separable(text, fixes[:half]), *separable(text, fixes[half:])] if half else []


class _One:
    """A tree with one file."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self, path: str) -> bytes:
        return self.content

    def size(self, path: str) -> int:
        return len(self.content)

    def glob(self, pattern: str) -> list[str]:
        return []


def _says(file: str, content: bytes) -> Json:
    source = load(_One(content), file, {}, Report())
    return source.data if source is not None else None


def _meant(text: Text, fixes: Sequence[Fix]) -> Json:
    data = _says(text.file, text.content)
    for fix in sorted(fixes, key=lambda one: one.part, reverse=True):  # keys last, since pointers lead through them
        data = replaced(data, fix.pointer, fix.part, fix.value)
    return data
