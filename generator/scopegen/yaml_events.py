"""YAML text -> plain objects, straight from libyaml's events: no node graph, every key the text its author wrote.

Plain scalars follow YAML 1.2: `no`, `on`, dates, `18:00` and `007` are text; `true`, `null` and JSON's numbers are not.
Merge keys (`<<`) are honoured, since real documents use them.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from scopegen.diagnostics import Span

MAX_DEPTH = 200
MAX_EXPANDED = 1_000_000
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?|[-+]?\.[0-9]+([eE][-+]?[0-9]+)?")
_RADIX = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_TAG = "tag:yaml.org,2002:"
_STRUCTURE_TAGS = (None, "!", _TAG + "map", _TAG + "seq")


class YamlProblem(Exception):
    """What stops a YAML text from being plain data: the kind of problem, a phrase, where."""

    def __init__(self, kind: str, message: str, span: Span) -> None:
        super().__init__(message)
        self.kind, self.message, self.span = kind, message, span


@dataclass(slots=True)
class Loaded:
    """The data of one YAML document, and whether some mapping names a key twice."""

    data: Any
    duplicates: bool


@dataclass(slots=True)
class _Frame:
    """An open mapping or sequence, the key it waits for a value of, and its size with aliases expanded."""

    container: Any
    anchor: str | None
    key: str | None = None
    size: int = 1
    merges: list[Any] = field(default_factory=list)


def load(text: str) -> Loaded:
    """Plain data from YAML text; YamlProblem where it is not one document of JSON's kinds."""
    try:
        return _Builder().build(yaml.parse(text, Loader=LOADER))
    except yaml.MarkedYAMLError as error:
        phrase = " ".join(part for part in (error.context, error.problem) if part)
        raise YamlProblem("syntax", phrase, _span(error.problem_mark or error.context_mark)) from None
    except yaml.YAMLError as error:
        raise YamlProblem("syntax", " ".join(str(error).split()), Span(1, 1, 1, 2)) from None


class _Builder:
    """Builds data while the events pass; only the open containers and the anchors are kept."""

    def __init__(self) -> None:
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.root: list[Any] = []
        self.events = 0
        self.duplicates = False

    def build(self, events: Iterator[Any]) -> Loaded:
        for event in events:
            self.events += 1
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._open(event, {} if kind is yaml.MappingStartEvent else [])
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close(event)
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent and self.root:
                raise YamlProblem("syntax", "a second document in one file", _span(event.start_mark))
        if not self.root:
            raise YamlProblem("empty", "the file is empty", Span(1, 1, 1, 2))
        return Loaded(self.root[0], self.duplicates)

    def _scalar(self, event: Any) -> None:
        frame = self.stack[-1] if self.stack else None
        if frame is not None and type(frame.container) is dict and frame.key is None:
            self._key(frame, event.value, plain=event.implicit[0] and event.tag is None, event=event)
            return
        value = event.value if event.tag is None and not event.implicit[0] else scalar(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, 1)
        self._put(value, 1, event)

    def _key(self, frame: _Frame, key: str, plain: bool, event: Any) -> None:
        if event.anchor is not None:
            self.anchors[event.anchor] = (key, 1)
        if key == "<<" and plain:
            frame.key = "\0merge"
            return
        if key in frame.container:
            self.duplicates = True
        frame.key = key

    def _open(self, event: Any, container: Any) -> None:
        if event.tag not in _STRUCTURE_TAGS:
            raise YamlProblem(
                "tag", f"the tag `{_short(event.tag)}` has no meaning in OpenAPI", _span(event.start_mark)
            )
        if self.stack and type(self.stack[-1].container) is dict and self.stack[-1].key is None:
            raise YamlProblem("tag", "a key that is not text", _span(event.start_mark))
        if len(self.stack) >= MAX_DEPTH:
            raise YamlProblem("deep", f"more than {MAX_DEPTH} levels deep", _span(event.start_mark))
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)
        self.stack.append(_Frame(container, event.anchor))

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        for merged in frame.merges:
            for key, value in merged.items():
                frame.container.setdefault(key, value)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = (frame.container, frame.size)
        self._put(frame.container, frame.size, event)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise YamlProblem("alias", f"the alias `*{event.anchor}` names no finished anchor", _span(event.start_mark))
        value, size = self.anchors[event.anchor]
        frame = self.stack[-1] if self.stack else None
        if frame is not None and type(frame.container) is dict and frame.key is None:
            if not isinstance(value, str):
                raise YamlProblem("tag", "a key that is not text", _span(event.start_mark))
            self._key(frame, value, plain=False, event=_NoAnchor)
            return
        self._put(value, size, event)

    def _put(self, value: Any, size: int, event: Any) -> None:
        if not self.stack:
            self.root.append(value)
            return
        frame = self.stack[-1]
        frame.size += size
        if frame.size > MAX_EXPANDED and frame.size > 10 * self.events:
            raise YamlProblem("bomb", "aliases that expand to millions of values", _span(event.start_mark))
        if type(frame.container) is list:
            frame.container.append(value)
            return
        key, frame.key = frame.key, None
        if key == "\0merge":
            frame.merges.extend(self._merged(value, event))
        elif key is not None:
            frame.container[key] = value

    @staticmethod
    def _merged(value: Any, event: Any) -> list[Any]:
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise YamlProblem("syntax", "a merge key (`<<`) that names no mapping", _span(event.start_mark))
        return sources


class _NoAnchor:
    anchor = None


def scalar(event: Any) -> Any:
    """The value of a plain or explicitly tagged scalar."""
    text = event.value
    if event.tag is None or event.tag == "!":
        return text if event.tag == "!" else plain(text, event)
    name = event.tag.removeprefix(_TAG)
    if name == "str":
        return text
    value = plain(text, event) if name in ("bool", "int", "float", "null") else None
    kinds: dict[str, tuple[type, ...]] = {"bool": (bool,), "int": (int,), "float": (int, float), "null": (type(None),)}
    if name not in kinds or not isinstance(value, kinds[name]):
        raise YamlProblem("tag", f"the tag `{_short(event.tag)}` has no meaning in OpenAPI", _span(event.start_mark))
    return value


def plain(text: str, event: Any) -> Any:
    """What a plain scalar means; text unless it is one of YAML 1.2's words or one of JSON's numbers."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789-+.":
        return text
    try:
        if _RADIX.fullmatch(text):
            return int(text, 0)
        match = _NUMBER.fullmatch(text)
        if match is None:
            number: Any = math.inf if text.lstrip("+-").lower() in (".inf", ".nan") else text
        else:
            number = int(text) if not match.group(2) and not match.group(3) and "." not in text else float(text)
    except ValueError:
        number = math.inf
    if isinstance(number, float) and not math.isfinite(number):
        raise YamlProblem("number", f"the number `{text[:40]}` has no form in JSON", _span(event.start_mark))
    return number


def _span(mark: Any) -> Span:
    if mark is None:
        return Span(1, 1, 1, 2)
    return Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix(_TAG) if tag.startswith(_TAG) else tag
