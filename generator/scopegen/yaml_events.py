"""YAML text -> plain objects, straight from libyaml's events: no node graph, every key the text its author wrote.

Plain scalars follow YAML 1.2: `no`, `on`, dates, `18:00` and `007` are text; `true`, `null` and JSON's numbers are not.
Merge keys (`<<`) are honoured, since real documents use them.
"""

import math
import re
from array import array
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from scopegen.diagnostics import Span

MAX_DEPTH = 200
MAX_EXPANDED = 1_000_000
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMERIC = frozenset("0123456789.eE+-")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_MERGE = "\0merge"  # no text has a NUL
_UNENDED = ("unexpected end of stream", "could not find expected ':'")
BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_TAG = "tag:yaml.org,2002:"
_STRUCTURE_TAGS = (None, "!", _TAG + "map", _TAG + "seq")


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


class Loaded(NamedTuple):
    """The data of one document, whether some mapping names a key twice, and for YAML where things stand."""

    data: Any
    duplicates: bool
    marks: Marks | None = None


def load(text: str, max_depth: int = MAX_DEPTH) -> Loaded:
    """Plain data from YAML text; TextProblem where it is not one document of JSON's kinds."""
    try:
        return _build(yaml.parse(text, Loader=LOADER), max_depth)
    except yaml.MarkedYAMLError as error:
        phrase = " ".join(part for part in (error.context, error.problem) if part)
        # What never ends is noticed far away: the mistake is where it began.
        began = error.context_mark if phrase.endswith(_UNENDED) else None
        raise TextProblem("syntax", phrase, _span(began or error.problem_mark or error.context_mark)) from None
    except yaml.reader.ReaderError as error:
        phrase = f"unacceptable character #x{error.character:04x}: {error.reason}"
        raise TextProblem("syntax", phrase, span_at(text, text.find(chr(error.character)))) from None


def _build(events: Iterator[Any], max_depth: int) -> Loaded:
    """One loop over millions of events in a large document, so it calls little and keeps the open container at hand."""
    root: list[Any] = []
    container: Any = root
    key: str | None = None  # what the next value of an open mapping belongs to
    around: list[tuple[Any, str | None, str | None, int, int, int]] = []
    marks = Marks(array("I"), array("I"), array("i"), {})
    starts, ends, sizes = marks.starts, marks.ends, marks.sizes
    anchors: dict[str, tuple[Any, int, int]] = {}  # values with their sizes and depths, aliases expanded
    merges: list[tuple[dict[str, Any], list[Any]]] = []
    merging: dict[int, Any] = {}  # where each mapping that has a merge key, by identity, names what it merges
    size = by_alias = depth = 0  # depth is that of the deepest value so far in the open container
    duplicates = False
    for event in events:
        kind = event.__class__
        if kind is yaml.ScalarEvent:
            size += 1 + (len(event.value) >> 6)
            starts.append(event.start_mark.index)
            ends.append(event.end_mark.index)
            sizes.append(0)
            if key is None and container.__class__ is dict:
                key = event.value
                if event.tag is not None:
                    _check_key_tag(event)
                if key == "<<" and event.implicit[0]:
                    key, duplicates = _MERGE, duplicates or id(container) in merging
                if key in container:
                    duplicates = True
                if event.anchor is not None:
                    anchors[event.anchor] = event.value, _weight(event.value), 0
                continue
            value = scalar(event) if event.implicit[0] or event.tag else event.value
            if event.anchor is not None:
                anchors[event.anchor] = value, _weight(event.value), 0
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            _check_start(event, len(around), max_depth, is_key=key is None and container.__class__ is dict)
            if key is _MERGE:
                merging[id(container)] = event.start_mark
            around.append((container, key, event.anchor, size, depth, len(starts)))
            starts.append(event.start_mark.index)
            ends.append(0)
            sizes.append(0)
            container, key, size, depth = {} if kind is yaml.MappingStartEvent else [], None, size + 1, 0
            continue
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            value = container
            container, key, anchor, before, beside, opened = around.pop()
            ends[opened] = event.end_mark.index
            sizes[opened] = len(starts) - opened if value.__class__ is dict else opened - len(starts)
            if anchor is not None:
                anchors[anchor] = value, size - before, depth + 1
            depth = max(depth + 1, beside)
        elif kind is yaml.AliasEvent:
            value, weight, below = _aliased(event, anchors, [entry[2] for entry in around])
            size, by_alias, depth = size + weight, by_alias + weight, max(depth, below)
            if len(around) + below > max_depth:
                raise TextProblem("deep", f"more than {max_depth} levels deep", _span(event.start_mark))
            starts.append(event.start_mark.index)
            ends.append(event.end_mark.index)
            sizes.append(0)
            if by_alias > MAX_EXPANDED and by_alias > 10 * (size - by_alias):
                raise TextProblem("bomb", "aliases that expand to millions of values", _span(event.start_mark))
            if key is None and container.__class__ is dict:
                key = marks.alias_keys[len(starts) - 1] = _as_key(value, event)
                duplicates = duplicates or key in container
                continue
        elif kind is yaml.DocumentStartEvent and root:
            raise TextProblem("syntax", "a second document in one file", _span(event.start_mark))
        else:
            continue
        if container.__class__ is list:
            container.append(value)
        elif key is _MERGE:
            merges.append((container, _merged(value, merging.setdefault(id(container), event.start_mark))))
            key = None
        else:
            container[key], key = value, None
    if not root:
        raise TextProblem("empty", "the file is empty", Span(1, 1, 1, 2))
    _merge(merges)
    return Loaded(root[0], duplicates, marks)


def _weight(text: str) -> int:
    """What a scalar counts for where aliases repeat it: long texts for more."""
    return 1 + (len(text) >> 6)


def _check_start(event: Any, depth: int, max_depth: int, *, is_key: bool) -> None:
    if event.tag not in _STRUCTURE_TAGS:
        raise TextProblem("tag", f"the tag `{_short(event.tag)}` has no meaning in OpenAPI", _span(event.start_mark))
    if is_key:
        raise TextProblem("tag", "a key that is not text", _span(event.start_mark))
    if depth >= max_depth:
        raise TextProblem("deep", f"more than {max_depth} levels deep", _span(event.start_mark))


def _check_key_tag(event: Any) -> None:
    if event.tag not in ("!", _TAG + "str"):
        raise TextProblem("tag", f"the tag `{_short(event.tag)}` has no meaning in OpenAPI", _span(event.start_mark))


def _aliased(
    event: Any, anchors: dict[str, tuple[Any, int, int]], open_anchors: list[str | None]
) -> tuple[Any, int, int]:
    if event.anchor not in anchors or event.anchor in open_anchors:
        raise TextProblem("alias", f"the alias `*{event.anchor}` names no finished anchor", _span(event.start_mark))
    return anchors[event.anchor]


def _as_key(value: Any, event: Any) -> str:
    if not isinstance(value, str):
        raise TextProblem("tag", "a key that is not text", _span(event.start_mark))
    return value


def _merged(value: Any, start: Any) -> list[dict[str, Any]]:
    """The mappings that a merge key names."""
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(source, dict) for source in sources):
        raise TextProblem("syntax", "a merge key (`<<`) that names no mapping", _span(start))
    return sources


def _merge(merges: list[tuple[dict[str, Any], list[Any]]]) -> None:
    """Add merged keys where a mapping has none of its own. A merge comes after those in what it names."""
    for target, sources in merges:
        for source in sources:
            for key, value in source.items():
                target.setdefault(key, value)


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
        raise TextProblem("tag", f"the tag `{_short(event.tag)}` has no meaning in OpenAPI", _span(event.start_mark))
    return value


def plain(text: str, event: Any) -> Any:
    """What a plain scalar means; text unless it is one of YAML 1.2's words or a number that JSON could write."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789-+.":
        return text
    number = _number(text)
    if isinstance(number, float) and not math.isfinite(number):
        raise TextProblem("number", f"the number `{text[:40]}` has no form in JSON", _span(event.start_mark))
    return text if number is None else number


def _number(text: str) -> float | None:
    """The number a text writes; None where it is none, and for leading zeros, which mean different things elsewhere."""
    digits = text.lstrip("+-")
    try:
        if digits[:2] in ("0x", "0o") and digits == text:
            return int(text, 0)
        if digits.lower() in (".inf", ".nan"):
            return math.inf
        if (
            len(text) - len(digits) > 1
            or not _NUMERIC.issuperset(digits)
            or (digits[:1] == "0" and digits[1:2].isdigit())
        ):
            return None
        return int(text) if digits.isdigit() else float(text)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.inf if digits.isdigit() else None


def span_at(text: str, index: int) -> Span:
    """The one character at an index of a text."""
    before = BREAK.split(text[:index])
    return Span(len(before), len(before[-1]) + 1, len(before), len(before[-1]) + 2)


def _span(mark: Any) -> Span:
    if mark is None:
        return Span(1, 1, 1, 2)
    return Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix(_TAG) if tag.startswith(_TAG) else tag
