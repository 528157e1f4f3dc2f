"""Where things stand. In: a text that parsed. Out: the spans of what a JSON pointer names, and keys that stand twice.

Nothing is looked for before a finding is shown, and then only along its pointer: a build without findings pays for no
more than the marks that a YAML parser makes anyway.
"""

import contextlib
import json
import re
from array import array
from bisect import bisect_right
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
    """Something written: under which key, from where to where, and the number its outline knows it by."""

    key: str
    key_extent: Extent | None
    extent: Extent
    number: int


class Outline(Protocol):
    """What lies in what. Extents are offsets into the text; the end is exclusive."""

    @property
    def root(self) -> Node:
        """The whole."""

    def children(self, node: Node) -> Iterator[Node]:
        """What a mapping or a list holds, in the order written; nothing for all else."""


class YamlOutline:
    """That of a YAML text, by the marks its parser made. An alias holds nothing: what it means is written elsewhere."""

    def __init__(self, lines: Lines, marks: Marks) -> None:
        self.lines, self.marks = lines, marks

    @property
    def root(self) -> Node:
        return self._node("", None, 0)

    def children(self, node: Node) -> Iterator[Node]:
        sizes = self.marks.sizes
        number, stop, index = node.number + 1, node.number + abs(sizes[node.number]), 0
        while number < stop:
            if sizes[node.number] < 0:
                yield self._node(str(index), None, number)
            else:
                key, key_extent = self._key(number), self._extent(number)
                number += 1
                yield self._node(key, key_extent, number)
            number, index = number + (abs(sizes[number]) or 1), index + 1

    def _node(self, key: str, key_extent: Extent | None, number: int) -> Node:
        return Node(key, key_extent, self._extent(number), number)

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
    """That of a JSON text: one pass finds the brackets, all else is read where it is asked for."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.opened, self.closed = array("I"), array("I")
        around = []
        for match in _BRACKET.finditer(content) if content[self._after(0)] in b"{[" else ():
            end = match.end()
            if content[end - 1] in b"{[":
                around.append(len(self.opened))
                self.opened.append(end - 1)
                self.closed.append(0)
            else:
                self.closed[around.pop()] = end

    @property
    def root(self) -> Node:
        return self._node("", None, self._after(0))

    def children(self, node: Node) -> Iterator[Node]:
        start, stop = node.extent
        if self.content[start] not in b"{[":
            return
        position, index = self._after(start + 1), 0
        while position < stop - 1:
            key, key_extent = str(index), None
            if self.content[start] == b"{"[0]:
                key_extent = self._extent(position)
                key = json.loads(self.content[slice(*key_extent)])
                position = self._after(key_extent[1])
            child = self._node(key, key_extent, position)
            yield child
            position, index = self._after(child.extent[1]), index + 1

    def _after(self, position: int) -> int:
        found = _SPACE.match(self.content, position)
        return found.end() if found else position

    def _node(self, key: str, key_extent: Extent | None, position: int) -> Node:
        return Node(key, key_extent, self._extent(position), position)

    def _extent(self, position: int) -> Extent:
        if self.content[position] in b"{[":
            return position, self.closed[bisect_right(self.opened, position) - 1]
        found = _SCALAR.match(self.content, position)
        return position, found.end() if found else position + 1


class Place(NamedTuple):
    """Where a value stands, and its key; where a key stands twice, the last of them counts."""

    value: Span
    key: Span | None


class Places:
    """Finds what pointers name; what has been found once is remembered."""

    def __init__(self, outline: Outline, lines: Lines) -> None:
        self.outline, self.lines = outline, lines
        self.known: dict[int, dict[str, Node]] = {}

    def find(self, path: str) -> Place | None:
        """The place of what a pointer names; None where nothing is written there: aliases, merged keys."""
        node = self.outline.root
        for key in pointer_keys(path):
            children = self._children(node)
            if key not in children:
                return None
            node = children[key]
        return Place(self._span(node.extent), self._span(node.key_extent) if node.key_extent else None)

    def _children(self, node: Node) -> dict[str, Node]:
        if node.number not in self.known:
            self.known[node.number] = {child.key: child for child in self.outline.children(node)}
        return self.known[node.number]

    def twice(self) -> Iterator[tuple[str, list[Span]]]:
        """Every key that stands more than once in its mapping, with all its places; what is inside them is not searched."""
        pending = [("", self.outline.root)]
        while pending:
            above, node = pending.pop()
            keys: dict[str, list[Node]] = {}
            for child in self.outline.children(node):
                keys.setdefault(child.key, []).append(child)
            for key, nodes in keys.items():
                spans = [self._span(one.key_extent) for one in nodes if one.key_extent]
                if len(spans) > 1:
                    yield above + pointer(key), spans
                else:
                    pending.append((above + pointer(key), nodes[0]))

    def _span(self, extent: Extent) -> Span:
        return Span(*self.lines.point(extent[0]), *self.lines.point(extent[1]))
