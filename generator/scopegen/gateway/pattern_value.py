"""A text for a pattern. In: a regular expression of a document. Out: a text that it matches, or "" for one that is not read.

The expression is never run: one that takes for ever takes no time here. The first of its alternatives is taken, and of
what may be repeated as little as is long enough. What looks around or back is not read.
"""

import re
from collections.abc import Callable

_LONGEST, _DEEPEST, _MOST = 500, 20, 200
_ESCAPED = {"d": "0", "D": "a", "w": "a", "W": "-", "s": " ", "S": "a", "n": "\n", "r": "\r", "t": "\t"}
_CODE = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})")
_COUNT = re.compile(r"\{(\d{1,4})(?:(,)(\d{0,4}))?\}")
_GROUP = re.compile(r"\((?!\?)|\(\?:|\(\?P?<\w+>")
_TRIED = "a0A-_ .~é"  # for a class that says what is not in it


class _Unread(Exception):
    """A part of an expression that is not understood."""


def matching(pattern: str, least: int = 0) -> str:
    """A text for a pattern, of so many characters at least where it can be."""
    if len(pattern) > _LONGEST:
        return ""
    try:
        short = _Reader(pattern, 0).whole()
        missing = min(least, _MOST) - len(short)
        return short if missing <= 0 else _Reader(pattern, missing).whole()
    except _Unread:
        return ""


class _Reader:
    """An expression as it is read; `more` is how often what may be repeated is repeated beyond its least."""

    def __init__(self, pattern: str, more: int) -> None:
        self.left, self.more = pattern, more

    def whole(self) -> str:
        made = self.alternatives(0)
        if self.left:
            raise _Unread
        return made

    def alternatives(self, depth: int) -> str:
        if depth > _DEEPEST:
            raise _Unread
        first = self.sequence(depth)
        while self.left.startswith("|"):
            self.left = self.left[1:]
            self.sequence(depth)
        return first

    def sequence(self, depth: int) -> str:
        parts: list[str] = []
        while self.left and self.left[0] not in "|)":
            made = self.atom(depth)
            parts.append(made * self.times())
            if sum(map(len, parts)) > _LONGEST:
                raise _Unread
        return "".join(parts)

    def atom(self, depth: int) -> str:
        group = _GROUP.match(self.left)
        if group:
            self.left = self.left[group.end() :]
            made = self.alternatives(depth + 1)
            self.taken()  # the closing one: nothing else ends alternatives
            return made
        one = self.taken()
        if one in "(*+?{":
            raise _Unread
        if one in "[\\":
            return self.one_of_class() if one == "[" else self.escaped()
        return {".": "a", "^": "", "$": ""}.get(one, one)

    def taken(self) -> str:
        if not self.left:
            raise _Unread
        one, self.left = self.left[0], self.left[1:]
        return one

    def escaped(self) -> str:
        code = _CODE.match(self.left)
        if code:
            self.left = self.left[code.end() :]
            return chr(int(code[1] or code[2], 16))
        one = self.taken()
        if one in _ESCAPED:
            return _ESCAPED[one]
        if one.isalnum():  # a property, a reference to a group, an edge of a word
            raise _Unread
        return one

    def one_of_class(self) -> str:
        is_negated = self.left.startswith("^")
        self.left = self.left[is_negated:]
        ranges = [self.range_of_class()]
        while not self.left.startswith("]"):
            ranges.append(self.range_of_class())
        self.taken()
        if not is_negated:
            return ranges[0][0]
        return next((one for one in _TRIED if not any(_within(one, *pair) for pair in ranges)), "")

    def range_of_class(self) -> tuple[str, str]:
        """The first and the last character of a part of a class; an escaped letter stands for its kind."""
        first = self.taken()
        if first == "\\" and self.left[:1] in ("d", "w", "s"):
            return _ESCAPED[self.left[0]], f"\\{self.taken()}"
        first = self.escaped() if first == "\\" else first
        if self.left[:1] != "-" or self.left[1:2] in ("]", ""):
            return first, first
        self.taken()
        last = self.taken()
        return first, self.escaped() if last == "\\" else last

    def times(self) -> int:
        """How often the part before is repeated."""
        count = _COUNT.match(self.left)
        if count:
            self.left = self.left[count.end() :]
            least = int(count[1])
            most = least if not count[2] else int(count[3]) if count[3] else least + self.more + 1
        elif self.left[:1] in ("*", "+", "?") and self.left:
            one = self.taken()
            least, most = 1, 1 if one == "?" else 1 + self.more
        else:
            return 1
        if self.left[:1] in ("?", "+"):  # lazy or possessive: the same texts
            self.taken()
        wanted = min(max(least, 1) + self.more, most)
        if wanted > _LONGEST:
            raise _Unread
        return wanted


_KINDS: dict[str, Callable[[str], bool]] = {
    "\\d": str.isdecimal,
    "\\w": lambda one: one.isalnum() or one == "_",
    "\\s": str.isspace,
}


def _within(one: str, first: str, last: str) -> bool:
    kind = _KINDS.get(last)
    return kind(one) if kind else first <= one <= last
