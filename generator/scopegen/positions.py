"""Where things stand. In: a text that parsed. Out: the spans of what a JSON pointer names, and keys that stand twice.

Nothing is looked for before a finding is shown, and then only along its pointer: a build without findings pays for no
more than the marks that a YAML parser makes anyway.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol, TypeAlias

import yaml

from scopegen.diagnostics import Span, pointer, pointer_keys
from scopegen.lines import Lines
from scopegen.parsed import Marks
from scopegen.yaml_events import LOADER

Extent: TypeAlias = tuple[int, int]
_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:"(?:[^"\\]++|\\.)*+"[^"{}\[\]]*+)*+[{}\[\]]', re.DOTALL)
_SPACE = re.compile(rb"[\s,:]*")
_SCALAR = re.compile(rb'"(?:[^"\\]|\\.)*"|[^\s,:{}\[\]]+', re.DOTALL)


class Node(NamedTuple):
    """Something written: under which key, and the number its outline knows it by."""

    key: str
    key_extent: Extent | None
    number: int


class Outline(Protocol):
    """What lies in what. Extents are offsets into the text; the end is exclusive."""

    @property
    def root(self) -> Node:
        """The whole."""

    def extent(self, node: Node) -> Extent:
        """From where to where it stands."""

    def children(self, node: Node) -> Iterator[Node]:
        """What a mapping or a list holds, in the order written; nothing for all else."""


class YamlOutline:
    """That of a YAML text, by the marks its parser made. An alias holds nothing: what it means is written elsewhere."""

    def __init__(self, lines: Lines, marks: Marks) -> None:
        self.lines, self.marks = lines, marks

    @property
    def root(self) -> Node:
        return Node("", None, 0)

    def extent(self, node: Node) -> Extent:
        return self._extent(node.number)

    def children(self, node: Node) -> Iterator[Node]:
        sizes = self.marks.sizes
        number, stop, index = node.number + 1, node.number + abs(sizes[node.number]), 0
        while number < stop:
            if sizes[node.number] < 0:
                yield Node(str(index), None, number)
            else:
                key, key_extent = self._key(number), self._extent(number)
                number += 1
                yield Node(key, key_extent, number)
            number, index = number + (abs(sizes[number]) or 1), index + 1

    def _extent(self, number: int) -> Extent:
        return self.marks.starts[number], self.marks.ends[number]

    def _key(self, number: int) -> str:
        if number in self.marks.alias_keys:
            return self.marks.alias_keys[number]
        written = self.lines.cut(*self._extent(number))
        if written[:1] not in "\"'&!|>" and "\n" not in written:
            return written
        with contextlib.suppress(yaml.YAMLError):
            for event in yaml.parse(written, Loader=LOADER):
                if isinstance(event, yaml.ScalarEvent):
                    return str(event.value)
        return ""


class JsonOutline:
    """That of a JSON text: its brackets are found as far as anything is asked for, all else is read where it is."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._brackets = _BRACKET.finditer(content)
        self._open: list[int] = []
        self._ends: dict[int, int] = {}  # of what has been closed so far, by where it starts

    @property
    def root(self) -> Node:
        return Node("", None, self._after(0))

    def extent(self, node: Node) -> Extent:
        return self._extent(node.number)

    def children(self, node: Node) -> Iterator[Node]:
        kind = self.content[node.number]
        if kind not in b"{[":
            return
        position, index = self._after(node.number + 1), 0
        while self.content[position] not in b"}]":
            key, key_extent = str(index), None
            if kind == b"{"[0]:
                key_extent = self._extent(position)
                key = json.loads(self.content[slice(*key_extent)])
                position = self._after(key_extent[1])
            yield Node(key, key_extent, position)
            position, index = self._after(self._extent(position)[1]), index + 1

    def _after(self, position: int) -> int:
        found = _SPACE.match(self.content, position)
        return found.end() if found else position

    def _extent(self, position: int) -> Extent:
        if self.content[position] in b"{[":
            return position, self._ends.get(position) or self._find_end(position)
        found = _SCALAR.match(self.content, position)
        return position, found.end() if found else position + 1

    def _find_end(self, position: int) -> int:
        for match in self._brackets:
            end = match.end()
            if self.content[end - 1] in b"{[":
                self._open.append(end - 1)
            else:
                start = self._open.pop()
                self._ends[start] = end
                if start == position:
                    return end
        return position + 1


class Place:
    """Where a value stands, and its key; looked for when asked, since the end of a value may be far."""

    def __init__(self, places: "Places", node: Node) -> None:
        self._places, self._node = places, node

    @property
    def value(self) -> Span:
        return self._places.span(self._places.outline.extent(self._node))

    @property
    def key(self) -> Span | None:
        return self._places.span(self._node.key_extent) if self._node.key_extent else None


class Places:
    """Finds what pointers name; what has been found once is remembered. Where a key stands twice, the last of them counts."""

    def __init__(self, outline: Outline, lines: Lines, *, has_duplicates: bool) -> None:
        self.outline, self.lines, self.has_duplicates = outline, lines, has_duplicates
        self._known: dict[int, tuple[dict[str, Node], Iterator[Node]]] = {}

    def find(self, path: str) -> Place | None:
        """The place of what a pointer names; None where nothing is written there: aliases, merged keys."""
        node: Node | None = self.outline.root
        for key in pointer_keys(path):
            node = self._child(node, key) if node is not None else None
        return Place(self, node) if node is not None else None

    def _child(self, node: Node, key: str) -> Node | None:
        if node.number not in self._known:
            self._known[node.number] = {}, self.outline.children(node)
        known, rest = self._known[node.number]
        if key not in known or self.has_duplicates:
            for child in rest:
                known[child.key] = child
                if child.key == key and not self.has_duplicates:
                    break
        return known.get(key)

    def twice(self) -> Iterator[tuple[str, list[Span]]]:
        """Every key that stands more than once in its mapping, with all its places; what is inside them is not searched."""
        pending = [("", self.outline.root)]
        while pending:
            above, node = pending.pop()
            keys: dict[str, list[Node]] = {}
            for child in self.outline.children(node):
                keys.setdefault(child.key, []).append(child)
            for key, nodes in keys.items():
                if len(nodes) > 1:
                    yield above + pointer(key), [self.span(one.key_extent) for one in nodes if one.key_extent]
                else:
                    pending.append((above + pointer(key), nodes[0]))

    def span(self, extent: Extent) -> Span:
        """Lines and columns of an extent."""
        return Span(*self.lines.point(extent[0]), *self.lines.point(extent[1]))
