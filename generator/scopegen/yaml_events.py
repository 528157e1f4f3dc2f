"""YAML text -> plain objects, straight from libyaml's events: no node graph, every key the text its author wrote.

Plain scalars follow YAML 1.2: `no`, `on`, dates, `18:00` and `007` are text; `true`, `null` and JSON's numbers are not.
Merge keys (`<<`) are honoured, since real documents use them.
"""

from array import array
from collections.abc import Iterator
from sys import intern
from typing import Any

import yaml

from scopegen.diagnostics import Span
from scopegen.parsed import MAX_DEPTH, Known, Loaded, Marks, Reuse, TextProblem, span_at
from scopegen.yaml_scalars import NOT_PLAIN_TEXT, TAG, scalar, short, span

MAX_EXPANDED = 1_000_000
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "\0merge"  # no text has a NUL
_UNENDED = ("unexpected end of stream", "could not find expected ':'")
_LONG = 6  # a text counts once more for every 2**6 characters
_KEY_TAGS = (None, "!", TAG + "str")
_STRUCTURE_TAGS = (None, "!", TAG + "map", TAG + "seq")


def load(content: bytes, max_depth: int = MAX_DEPTH, anchors: Known | None = None) -> Loaded:
    """Plain data from YAML text in UTF-8; TextProblem where it is not one document of JSON's kinds.

    `anchors` are those known before it starts.
    """
    try:
        return _build(iter(LOADER(content).get_event, None), _Anchors(max_depth, {} if anchors is None else anchors))
    except yaml.MarkedYAMLError as error:
        phrase = " ".join(part for part in (error.context, error.problem) if part)
        # What never ends is noticed far away: the mistake is where it began.
        began = error.context_mark if phrase.endswith(_UNENDED) else None
        raise TextProblem("syntax", phrase, span(began or error.problem_mark or error.context_mark)) from None
    except yaml.reader.ReaderError as error:
        phrase = f"unacceptable character #x{error.character:04x}: {error.reason}"
        text = content.decode()
        raise TextProblem("syntax", phrase, span_at(text, text.find(chr(error.character)))) from None


def _build(events: Iterator[Any], anchors: "_Anchors") -> Loaded:
    """One loop over millions of events in a large document, so it calls little and keeps the open container at hand."""
    root: list[Any] = []
    container: Any = root
    append: Any = root.append  # None in a mapping
    key: str | None = None  # what the next value of an open mapping belongs to
    around: list[tuple[Any, Any, str | None, str | None, int, int, int]] = []
    marks, merges, max_depth = Marks(array("I"), array("I"), array("i"), {}), _Merges(), anchors.max_depth
    start, end, hold = marks.starts.append, marks.ends.append, marks.sizes.append
    size, depth, duplicates = 0, 0, False  # size of all so far, aliases expanded; depth of the deepest in the open one
    for event in events:
        kind = event.__class__
        if kind is yaml.ScalarEvent:
            value = event.value
            size += 1 + (len(value) >> _LONG)
            start(event.start_mark.index)
            end(event.end_mark.index)
            hold(0)
            if key is None and append is None:
                key = intern(value) if event.tag is event.anchor is None and value != "<<" else anchors.key(event)
                duplicates |= key in container or (key is _MERGE and merges.has(container))
                continue
            if event.tag or (event.implicit[0] and value[:1] in NOT_PLAIN_TEXT):
                value = scalar(event)
            if event.anchor is not None:
                anchors.define(event.anchor, value, 1 + (len(event.value) >> _LONG), 0)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            if event.tag or len(around) >= max_depth or key is append is None:
                _check_start(event, len(around), max_depth, is_key=key is append is None)
            if key is _MERGE:
                merges.begin(container, event.start_mark)
            around.append((container, append, key, event.anchor, size, depth, marks.add(event)))
            container, key, size, depth = {} if kind is yaml.MappingStartEvent else [], None, size + 1, 0
            append = container.append if kind is yaml.SequenceStartEvent else None
            continue
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            value, is_list = container, append is not None
            container, append, key, anchor, before, beside, opened = around.pop()
            marks.close(opened, event, is_list=is_list)
            if anchor is not None:
                anchors.define(anchor, value, size - before, depth + 1)
            depth = depth + 1 if depth >= beside else beside
        elif kind is yaml.AliasEvent:
            value, size, below = anchors.use(event, [entry[3] for entry in around], size)
            depth, number = max(depth, below), marks.add(event)
            if key is None and append is None:
                key = marks.alias_keys[number] = _as_key(value, event)
                duplicates = duplicates or key in container
                continue
        else:
            _check_other(event, root)
            continue
        if append is not None:
            append(value)
        elif key is _MERGE:
            key = merges.add(container, value, event.start_mark)
        else:
            container[key], key = value, None
    merges.carry_out()
    return Loaded(_only(root), duplicates, marks, reuse=anchors.reuse(merges=bool(merges.found)))


def _only(documents: list[Any]) -> Any:
    if not documents:
        raise TextProblem("empty", "the file is empty", Span(1, 1, 1, 2))
    return documents[0]


class _Anchors:
    """What aliases mean, with sizes and depths as if written out: what expands to millions is noticed before it does."""

    def __init__(self, max_depth: int, known: Known) -> None:
        self.max_depth, self.known = max_depth, known
        self.expanded = 0

    def reuse(self, *, merges: bool) -> Reuse:
        """What is known at the end."""
        return Reuse(self.known, self.expanded, merges)

    def define(self, name: str, value: Any, size: int, depth: int) -> None:
        self.known[name] = value, size, depth

    def key(self, event: Any) -> str:
        """A key that has a tag or an anchor, or that may be a merge key."""
        if event.tag not in _KEY_TAGS:
            raise TextProblem("tag", f"the tag `{short(event.tag)}` has no meaning in OpenAPI", span(event.start_mark))
        if event.anchor is not None:
            self.define(event.anchor, event.value, 1 + (len(event.value) >> _LONG), 0)
        return _MERGE if event.value == "<<" and event.implicit[0] else str(event.value)

    def use(self, event: Any, open_anchors: list[str | None], size: int) -> tuple[Any, int, int]:
        """The value of an alias, the size of all so far with it, its depth. `open_anchors` are those of what is around it."""
        if event.anchor not in self.known or event.anchor in open_anchors:
            raise TextProblem("alias", f"the alias `*{event.anchor}` names no finished anchor", span(event.start_mark))
        value, weight, depth = self.known[event.anchor]
        if len(open_anchors) + depth > self.max_depth:
            raise TextProblem("deep", f"more than {self.max_depth} levels deep", span(event.start_mark))
        written = size - self.expanded
        self.expanded += weight
        if self.expanded > MAX_EXPANDED and self.expanded > 10 * written:
            raise TextProblem("bomb", "aliases that expand to millions of values", span(event.start_mark))
        return value, size + weight, depth


class _Merges:
    """Merge keys (`<<`): what they name is added at the end, where a mapping has no key of its own."""

    def __init__(self) -> None:
        self.found: list[tuple[dict[str, Any], list[Any]]] = []
        self.starts: dict[int, Any] = {}  # by the identity of the mapping

    def has(self, container: dict[str, Any]) -> bool:
        return id(container) in self.starts

    def begin(self, container: dict[str, Any], start: Any) -> None:
        """What is merged starts here, and is written out."""
        self.starts[id(container)] = start

    def add(self, container: dict[str, Any], value: Any, start: Any) -> str | None:
        """One merge key with what it names; no key is open then."""
        sources = value if isinstance(value, list) else [value]
        start = self.starts.setdefault(id(container), start)
        if not all(isinstance(source, dict) for source in sources):
            raise TextProblem("syntax", "a merge key (`<<`) that names no mapping", span(start))
        self.found.append((container, sources))
        return None

    def carry_out(self) -> None:
        """Add the keys. A merge comes after those in what it names."""
        for target, sources in self.found:
            for source in sources:
                for key, value in source.items():
                    target.setdefault(key, value)


def _check_other(event: Any, root: list[Any]) -> None:
    if event.__class__ is yaml.DocumentStartEvent and root:
        raise TextProblem("syntax", "a second document in one file", span(event.start_mark))


def _check_start(event: Any, depth: int, max_depth: int, *, is_key: bool) -> None:
    if event.tag not in _STRUCTURE_TAGS:
        raise TextProblem("tag", f"the tag `{short(event.tag)}` has no meaning in OpenAPI", span(event.start_mark))
    if is_key:
        raise TextProblem("tag", "a key that is not text", span(event.start_mark))
    if depth >= max_depth:
        raise TextProblem("deep", f"more than {max_depth} levels deep", span(event.start_mark))


def _as_key(value: Any, event: Any) -> str:
    if not isinstance(value, str):
        raise TextProblem("tag", "a key that is not text", span(event.start_mark))
    return value
