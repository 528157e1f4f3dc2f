"""The lines of a text that is kept as bytes. In: bytes, offsets into them. Out: lines, columns and pieces in characters.

As one `str`, a text takes four bytes a character for the sake of a single emoji; and of a large text hardly a line is
ever shown. So lines are counted block by block, and only the block that is asked for is looked at more closely.
"""

import re
from array import array
from bisect import bisect_right

from scopegen.parsed import YAML_BREAK

_BLOCK = 1 << 14
_JSON_BREAK = re.compile("\n")
_ONLY_YAML = ("\r", "\x85", "\u2028", "\u2029")


class Lines:
    """Offsets count characters in YAML, whose parser does, and bytes in JSON. Lines and columns count from 1."""

    def __init__(self, content: bytes, *, is_json: bool) -> None:
        self.content, self._is_json = content, is_json
        self._break = _JSON_BREAK if is_json else YAML_BREAK
        # Of each block, which ends where a line does: its first byte, its first offset, the lines before it.
        self._starts, self._offsets, self._numbers = array("Q", [0]), array("Q", [0]), array("Q", [0])
        break_bytes = _in_bytes(self._break)
        start = 0
        while found := break_bytes.search(content, start + _BLOCK):
            text = self._text(start, found.end())
            self._offsets.append(self._offsets[-1] + (found.end() - start if is_json else len(text)))
            self._numbers.append(self._numbers[-1] + self._count(text))
            self._starts.append(start := found.end())

    def _text(self, start: int, end: int | None) -> str:
        return self.content[start:end].decode(errors="replace")

    def _count(self, text: str) -> int:
        return text.count("\n") if self._is_plain(text) else len(self._break.findall(text))

    def _split(self, text: str) -> list[str]:
        return text.split("\n") if self._is_plain(text) else self._break.split(text)

    def _is_plain(self, text: str) -> bool:
        """Whether only a line feed ends lines in it: what `str` finds ten times faster than a pattern does."""
        return self._is_json or not any(sign in text for sign in _ONLY_YAML)

    def line(self, number: int) -> str:
        """A line without its end; empty past the last."""
        block = bisect_right(self._numbers, number - 1) - 1
        lines = self._split(self._text(*self._bytes(block, block)))
        return "".join(lines[number - 1 - self._numbers[block] :][:1]).rstrip("\r")

    def point(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        block = bisect_right(self._offsets, offset) - 1
        lines = self._split(self.cut(self._offsets[block], offset))
        return self._numbers[block] + len(lines), len(lines[-1]) + 1

    def cut(self, start: int, end: int) -> str:
        """The text between two offsets."""
        if self._is_json:
            return self._text(start, end)
        first = bisect_right(self._offsets, start) - 1
        text = self._text(*self._bytes(first, bisect_right(self._offsets, end) - 1))
        return text[start - self._offsets[first] : end - self._offsets[first]]

    def _bytes(self, first: int, last: int) -> tuple[int, int | None]:
        """Where some blocks start and end."""
        return self._starts[first], self._starts[last + 1] if last + 1 < len(self._starts) else None


def _in_bytes(pattern: re.Pattern[str]) -> re.Pattern[bytes]:
    """What finds in UTF-8 what a pattern of single characters finds in text."""
    characters = pattern.pattern.removeprefix("\r\n|").strip("[]")
    return re.compile(b"\r\n|" + b"|".join(character.encode() for character in characters))
