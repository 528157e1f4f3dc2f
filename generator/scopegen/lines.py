"""The lines of a text that is kept as bytes. In: bytes, offsets into them. Out: lines, columns and pieces in characters.

As one `str`, a text takes four bytes a character for the sake of a single emoji.
"""

import re
from array import array
from bisect import bisect_right

_YAML_BREAK = re.compile(rb"\r\n|\r|\n|\xc2\x85|\xe2\x80[\xa8\xa9]")
_JSON_BREAK = re.compile(rb"\n")


class Lines:
    """Offsets count characters in YAML, whose parser does, and bytes in JSON. Lines and columns count from 1."""

    def __init__(self, content: bytes, *, is_json: bool) -> None:
        self.content = content
        breaks = (_JSON_BREAK if is_json else _YAML_BREAK).finditer(content)
        self._bytes = array("Q", [match.end() for match in breaks])
        if not self._bytes or self._bytes[-1] < len(content):
            self._bytes.append(len(content))
        self._counts_bytes = is_json or content.isascii()
        self._ends = self._bytes if self._counts_bytes else self._characters()

    def _characters(self) -> "array[int]":
        ends, total, start = array("Q"), 0, 0
        for end in self._bytes:
            line = self.content[start:end]
            total += len(line) if line.isascii() else len(line.decode(errors="replace"))
            ends.append(total)
            start = end
        return ends

    def line(self, number: int) -> str:
        """A line without its end; empty past the last."""
        if number > len(self._bytes):
            return ""
        start = self._bytes[number - 2] if number > 1 else 0
        return self.content[start : self._bytes[number - 1]].decode(errors="replace").rstrip("\r\n\x85\u2028\u2029")

    def point(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        line = bisect_right(self._ends, offset)
        start = self._ends[line - 1] if line else 0
        if self._counts_bytes:
            return line + 1, len(self.content[start:offset].decode(errors="replace")) + 1
        return line + 1, offset - start + 1

    def cut(self, start: int, end: int) -> str:
        """The text between two offsets."""
        if self._counts_bytes:
            return self.content[start:end].decode(errors="replace")
        first = bisect_right(self._ends, start)
        last = min(bisect_right(self._ends, end), len(self._ends) - 1)
        before = self._ends[first - 1] if first else 0
        around = self.content[self._bytes[first - 1] if first else 0 : self._bytes[last]].decode(errors="replace")
        return around[start - before : end - before]
