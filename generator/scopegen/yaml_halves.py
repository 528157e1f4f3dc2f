"""A large YAML text, its halves read at the same time. In: bytes. Out: the very data and marks that one reading gives.

The cut is before a key of a block mapping. Stand-ins at the columns of that mapping and of those around it end the first
half and begin the second: where the parser itself finds them says whether both halves have these mappings open at the cut.
Whatever is less plain than that, and whatever is wrong with a text, is read in one.
"""

import os
import re
from array import array
from collections.abc import Iterable
from typing import Any, NamedTuple

from scopegen import beside, yaml_events
from scopegen.beside import Beside
from scopegen.parsed import Known, Loaded, Marks, TextProblem
from scopegen.survey import Survey

_STAND_IN = f"stand-in-{os.urandom(8).hex()}"  # that nobody who writes a document knows
_REACH = 50_000  # bytes, to find something as far out as a path item
_FIRST = 0.56  # of the lines: the second half is also handed over
KEY = re.compile(rb"\n( *+)[A-Za-z0-9/_\"']")
_INDENTED = re.compile(rb"\n( +)[^ \r\n]")
# What the second half takes for the size and the depth of what only the first half knows; the first may have nothing larger.
_SIZE, _DEPTH = 64, 16


class Cut(NamedTuple):
    """Where the second half starts, and the columns of the mappings open there, the outermost first."""

    offset: int
    columns: tuple[int, ...]


class Rest(NamedTuple):
    """The second half, its marks as they count in the whole.

    `seen` is what its survey says, the stand-ins left out. `growth` and `ends` say by how many marks the open mappings
    grow, and where they end. `holes` are the parts of `data` that lack what an anchor of the first half names; `expanded` is
    what aliases stood for, or more.
    """

    data: Any
    seen: dict[str, Any]
    growth: list[int]
    ends: list[int]
    marks: tuple[bytes, ...]
    alias_keys: dict[int, str]
    holes: dict[str, dict[str, Any]]
    expanded: int


def load(content: bytes) -> Loaded:
    """As `yaml_events.load`."""
    cut = find_cut(content) if beside.is_possible() else None
    return (divided(content, cut) if cut is not None else None) or yaml_events.load(content)


def find_cut(content: bytes) -> Cut | None:
    """A key near the middle with as little as possible around it; None where indentation does not tell what that is."""
    unit, middle, reach = _INDENTED.search(content), _middle(content), max(len(content) // 64, _REACH)
    keys = KEY.finditer(content, middle - reach, middle + reach)
    key = min(keys, key=lambda match: (len(match[1]), abs(match.start() - middle)), default=None)
    if unit is None or key is None or len(key[1]) % len(unit[1]):
        return None
    return Cut(key.end(1), tuple(range(0, len(key[1]) + 1, len(unit[1]))))


def _middle(content: bytes) -> int:
    """About where the first half of the lines ends: reading takes time by the line."""
    step = len(content) // 64 + 1
    counts = [content.count(b"\n", start, start + step) for start in range(0, len(content), step)]
    before, wanted = 0, sum(counts) * _FIRST
    for number, count in enumerate(counts):
        if before + count > wanted:
            return number * step + int(step * (wanted - before) / count)
        before += count
    return len(content) // 2


def divided(content: bytes, cut: Cut) -> Loaded | None:
    """What the halves come to; None where that might not be what the whole says."""
    if content[:1] == b"%" or b"\n%" in content[: cut.offset]:  # a directive, which would hold for both halves
        return None
    with Beside(lambda _: tuple(_second(content, cut) or ())) as other:
        other.ask()
        opened = _first(content, cut)
        if opened is None:
            return None
        survey = Survey(opened.loaded.data)
        found = other.result()
    if not found:
        return None
    rest = Rest(*found)
    if not opened.fill(rest) or not opened.join(rest):
        return None
    survey.add(rest.seen)
    return opened.loaded if rest.holes else opened.loaded._replace(survey=survey)


class Opened:
    """The first half: what it says, without its stand-ins, and the mappings open at its end, the outermost first."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.mappings: list[dict[str, Any]] = []
        self.numbers: list[int] = []

    @property
    def marks(self) -> Marks:
        assert self.loaded.marks is not None
        return self.loaded.marks

    def find(self, depth: int) -> bool:
        """Take off the stand-ins and so find the mappings; False where there are not `depth` of them."""
        inner = self.loaded.data
        while isinstance(inner, dict) and next(reversed(inner), None) == _STAND_IN:
            del inner[_STAND_IN]
            self.mappings.append(inner)
            inner = inner[next(reversed(inner))] if inner else None
        if len(self.mappings) != depth:
            return False
        for column in self.marks[:3]:
            del column[-2 * depth :]
        self.numbers.append(0)
        for left in range(depth, 0, -1):
            self.marks.sizes[self.numbers[-1]] -= 2 * left
            if left > 1:
                self.numbers.append(self.marks.last_value(self.numbers[-1]))
        return True

    def fill(self, rest: Rest) -> bool:
        """Put into the second half what anchors of the first one name; False where that cannot be told from here."""
        reuse = self.loaded.reuse
        assert reuse is not None
        if reuse.expanded + rest.expanded > yaml_events.MAX_EXPANDED:
            return False
        # The name of a mapping that is open at the cut means nothing inside of it, and the mapping after it.
        opened = {id(mapping) for mapping in self.mappings}
        if any(id(value) in opened for value, _, _ in reuse.anchors.values()):
            return False
        for name, hole in rest.holes.items():
            value, size, depth = reuse.anchors.get(name, (None, 0, 0))
            if not isinstance(value, dict) or size > _SIZE or depth > _DEPTH:
                return False
            hole.update(value)
        return True

    def join(self, rest: Rest) -> bool:
        """Add the second half to the open mappings; False where a key stands in both."""
        shift = len(self.marks.sizes)
        for column, more in zip(self.marks[:3], rest.marks, strict=True):
            column.frombytes(more)
        self.marks.alias_keys.update({number + shift: key for number, key in rest.alias_keys.items()})
        for number, growth, end in zip(self.numbers, rest.growth, rest.ends, strict=True):
            self.marks.sizes[number] += growth
            self.marks.ends[number] = end
        added = rest.data
        for mapping in self.mappings:
            inner = added.pop(_STAND_IN) if mapping is not self.mappings[-1] else {}
            if not mapping.keys().isdisjoint(added):
                return False
            mapping.update(added)
            added = inner
        return True


class _Outer(dict[str, tuple[Any, int, int]]):
    """The anchors of a second half, in which every name means something: what is not its own is a hole."""

    def __init__(self) -> None:
        super().__init__()
        self.holes: dict[str, dict[str, Any]] = {}

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> tuple[Any, int, int]:
        return self.holes.setdefault(name, {}), _SIZE, _DEPTH


def _stand_ins(columns: Iterable[int]) -> bytes:
    return b"".join(b"%*s%s:\n" % (column, b"", _STAND_IN.encode()) for column in columns)


def _half(content: bytes, anchors: Known) -> Loaded | None:
    """What a half says; None where it is wrong or where its keys may depend on the other half."""
    try:
        loaded = yaml_events.load(content, anchors=anchors)
    except TextProblem:
        return None
    return None if loaded.duplicates or loaded.reuse is None or loaded.reuse.merges else loaded


def _first(content: bytes, cut: Cut) -> Opened | None:
    loaded = _half(content[: cut.offset] + _stand_ins(cut.columns[::-1]).lstrip(), {})
    opened = Opened(loaded) if loaded is not None else None
    return opened if opened is not None and opened.find(len(cut.columns)) else None


def _second(content: bytes, cut: Cut) -> Rest | None:
    """The second half, below as many stand-ins as mappings lie around the one that is cut."""
    before, anchors = _stand_ins(cut.columns[:-1]) + b" " * cut.columns[-1], _Outer()
    loaded = _half(before + content[cut.offset :], anchors)
    if loaded is None or loaded.marks is None or loaded.reuse is None:
        return None
    inner, above = loaded.data, len(cut.columns) - 1
    for _ in range(above):
        inner = inner[_STAND_IN]
    if not isinstance(inner, dict):
        return None
    survey = Survey(loaded.data)
    survey.keys.discard(_STAND_IN)
    survey.entries -= above
    shift, own = len(content[: cut.offset].decode()) - len(before), 2 * above + 1
    starts, ends, sizes, _ = loaded.marks
    moved = (array("I", [mark + shift for mark in column[own:]]) for column in (starts, ends))
    return Rest(
        loaded.data,
        vars(survey),
        [sizes[number] - (own - number) for number in range(0, own, 2)],
        [ends[number] + shift for number in range(0, own, 2)],
        (*(column.tobytes() for column in moved), sizes[own:].tobytes()),
        {number - own: key for number, key in loaded.marks.alias_keys.items()},
        anchors.holes,
        loaded.reuse.expanded,
    )
