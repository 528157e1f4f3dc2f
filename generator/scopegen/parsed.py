"""What a parser gives. In: nothing. Out: the data of a text and where things stand in it, or what is wrong with it."""

import re
from array import array
from typing import Any, NamedTuple, TypeAlias

from scopegen.diagnostics import Span
from scopegen.survey import Survey

MAX_DEPTH = 200
YAML_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


class TextProblem(Exception):
    """What stops a text from being plain data: the kind of problem, a phrase, where."""

    def __init__(self, kind: str, message: str, span: Span) -> None:
        super().__init__(message)
        self.kind, self.message, self.span = kind, message, span


class Marks(NamedTuple):
    """Where each key, value and alias of a YAML text starts and ends, in the order written: offsets, the end exclusive.

    `sizes` says how many of these a mapping takes, itself included; negative for a list, 0 for what holds nothing.
    `alias_keys` are the keys that are written as an alias, by their number.
    """

    starts: "array[int]"
    ends: "array[int]"
    sizes: "array[int]"
    alias_keys: dict[int, str]

    def add(self, event: Any) -> int:
        """Mark a key, a value or an alias; its number."""
        self.starts.append(event.start_mark.index)
        self.ends.append(event.end_mark.index)
        self.sizes.append(0)
        return len(self.sizes) - 1

    def close(self, number: int, event: Any, *, is_list: bool) -> None:
        """Mark the end of what began at a number."""
        self.ends[number] = event.end_mark.index
        size = len(self.sizes) - number
        self.sizes[number] = -size if is_list else size

    def last_value(self, number: int) -> int:
        """The number of the last value in the mapping of a number."""
        value, stop = number, number + self.sizes[number]
        following = number + 1
        while following < stop:
            value = following + 1
            following = value + (abs(self.sizes[value]) or 1)
        return value


Known: TypeAlias = dict[str, tuple[Any, int, int]]


class Reuse(NamedTuple):
    """What aliases may mean at the end of a text, by name: the value, its size, its depth; `expanded` is the size of all that
    aliases stood for. `merges` if there are merge keys.
    """

    anchors: Known
    expanded: int
    merges: bool


class Loaded(NamedTuple):
    """The data of one document, whether some mapping names a key twice, and what its parser has seen on the way.

    For YAML that is where things stand and what its aliases came to, for JSON a survey of the data; of YAML that was read in
    halves both.
    """

    data: Any
    duplicates: bool
    marks: Marks | None = None
    survey: Survey | None = None
    reuse: Reuse | None = None


def span_at(text: str, index: int, *, is_json: bool = False) -> Span:
    """The one character at an index of a text."""
    before = text[:index].split("\n") if is_json else YAML_BREAK.split(text[:index])
    return Span(len(before), len(before[-1]) + 1, len(before), len(before[-1]) + 2)
