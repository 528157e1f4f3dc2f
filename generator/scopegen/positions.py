"""Where things stand. In: the text of a YAML or JSON document. Out: JSON pointer -> spans of its keys and its value.

Computed only when a diagnostic is shown: a build without findings never pays for it.
"""

import contextlib
import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from scopegen.diagnostics import Span, pointer
from scopegen.yaml_events import LOADER

Entry: TypeAlias = tuple[str, Span | None, Span]
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s{}\[\]:,"]+')


@dataclass(slots=True)
class Place:
    """Where a value stands, and every place its key is written: more than one where it is a duplicate."""

    value: Span
    keys: list[Span] = field(default_factory=list)


def places(text: str, is_json: bool) -> dict[str, Place]:
    """Everything in a text, the root at least, whether it parses or not; aliases and merged keys have no place of their own."""
    table: dict[str, Place] = {"": Place(Span(1, 1, 1, 2))}
    with contextlib.suppress(yaml.YAMLError, ValueError, LookupError):
        for path, key, value in _json_entries(text) if is_json else _yaml_entries(text):
            place = table.setdefault(path, Place(value))
            place.value = value
            if key is not None:
                place.keys.append(key)
    return table


@dataclass(slots=True)
class _Open:
    """A container being read: in a sequence `index` counts, in a mapping `key` is what the next value belongs to."""

    path: str
    key_span: Span | None
    start: tuple[int, int]
    index: int | None
    key: str | None = None
    pending: Span | None = None

    def take(self) -> tuple[str, Span | None]:
        """The pointer and key span of the value that comes now."""
        if self.index is not None:
            self.index += 1
            return f"{self.path}/{self.index - 1}", None
        key, span = self.key, self.pending
        self.key = self.pending = None
        return self.path + pointer(key or ""), span

    @property
    def wants_key(self) -> bool:
        return self.index is None and self.pending is None


def _yaml_entries(text: str) -> Iterator[Entry]:
    stack: list[_Open] = []
    texts: dict[str, str] = {}  # what an alias means where it is a key
    for event in yaml.parse(text, Loader=LOADER):
        start, end = _point(event.start_mark), _point(event.end_mark)
        if isinstance(event, yaml.CollectionEndEvent):
            opened = stack.pop()
            yield opened.path, opened.key_span, Span(*opened.start, *end)
        elif isinstance(event, yaml.NodeEvent):
            if isinstance(event, yaml.ScalarEvent) and event.anchor:
                texts[event.anchor] = event.value
            if stack and stack[-1].wants_key:
                stack[-1].key = (
                    event.value if isinstance(event, yaml.ScalarEvent) else texts.get(event.anchor or "", "")
                )
                stack[-1].pending = Span(*start, *end)
                continue
            path, key = stack[-1].take() if stack else ("", None)
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append(_Open(path, key, start, 0 if isinstance(event, yaml.SequenceStartEvent) else None))
            else:
                yield path, key, Span(*start, *end)


def json_tokens(text: str) -> Iterator[tuple[str, Span]]:
    """Every bracket, text, number and word of a JSON text."""
    breaks = [match.end() for match in re.finditer("\n", text)]

    def at(offset: int) -> tuple[int, int]:
        line = bisect_right(breaks, offset)
        return line + 1, offset - (breaks[line - 1] if line else 0) + 1

    for match in _JSON_TOKEN.finditer(text):
        yield match.group(), Span(*at(match.start()), *at(match.end()))


def _json_entries(text: str) -> Iterator[Entry]:
    stack: list[_Open] = []
    for token, span in json_tokens(text):
        if token in "}]":
            opened = stack.pop()
            yield opened.path, opened.key_span, Span(*opened.start, *span[2:])
        elif stack and stack[-1].wants_key:
            stack[-1].key, stack[-1].pending = json.loads(token), span
        else:
            path, key = stack[-1].take() if stack else ("", None)
            if token in "{[":
                stack.append(_Open(path, key, span[:2], 0 if token == "[" else None))
            else:
                yield path, key, span


def _point(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1
