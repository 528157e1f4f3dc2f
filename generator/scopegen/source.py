"""Bytes -> plain data with positions. In: one YAML or JSON file. Out: a Source, or diagnostics at file:line:col."""

import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

from scopegen import codes, yaml_events
from scopegen.diagnostics import Diagnostic, Location, Report, Rule, Span
from scopegen.document import Json
from scopegen.tree import Tree, TreeError

if TYPE_CHECKING:
    from scopegen.positions import Place

_JSON_BREAK = re.compile(r"\r?\n")
_YAML_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_PROBLEMS: dict[str, tuple[Rule, str]] = {
    "syntax": (codes.SYNTAX_ERROR, ""),
    "empty": (codes.NOT_OPENAPI, "write an OpenAPI document"),
    "deep": (codes.DEEP_NESTING, "name the inner schemas and refer to them with `$ref`"),
    "bomb": (codes.ALIAS_BOMB, "write the values out, or refer to them with `$ref`"),
    "alias": (codes.SYNTAX_ERROR, "an alias must follow the whole of its anchor"),
    "tag": (codes.NOT_JSON_DATA, "OpenAPI holds mappings with text keys, lists, text, numbers, true, false and null"),
    "number": (codes.NOT_JSON_DATA, "quote it if it is text"),
}


class Source:
    """One file that parsed: its text, its data, and where things stand in it."""

    def __init__(self, file: str, text: str, data: Json, is_json: bool) -> None:
        self.file, self.text, self.data, self.is_json = file, text, data, is_json
        self._places: dict[str, Place] = {}
        self._lines: list[str] = []

    def places(self) -> "dict[str, Place]":
        if not self._places:
            from scopegen.positions import places

            self._places = places(self.text, self.is_json)
        return self._places

    def span(self, location: Location) -> Span:
        """Where a location is written; that of the nearest thing around it where it has no place of its own."""
        if location.span is not None:
            return location.span
        table, path = self.places(), location.pointer
        while path and path not in table:
            path = path.rpartition("/")[0]
        place = table[path]
        return place.keys[-1] if location.part == "key" and place.keys else place.value

    def written(self, pointer: str) -> str:
        """The characters a scalar is written with, quotes included."""
        place = self.places().get(pointer)
        if place is None or place.value.line != place.value.end_line:
            return ""
        return self.line(place.value.line)[place.value.column - 1 : place.value.end_column - 1]

    def line(self, number: int) -> str:
        """A line of the text, counted from 1 as the parser counts it; empty past the end."""
        if not self._lines:
            self._lines = (_JSON_BREAK if self.is_json else _YAML_BREAK).split(self.text)
        return self._lines[number - 1] if number <= len(self._lines) else ""


def load(tree: Tree, file: str, report: Report, asked_at: Location | None = None, empty: Json = None) -> Source | None:
    """Read and parse one file; `asked_at` is where another file names it, `empty` what a file means that says nothing."""
    try:
        content = _decode(tree.read(file))
        source = Source(file, content, None, file.lower().endswith(".json"))
        source.data = _load_json(source, report) if source.is_json else _load_yaml(source, report)
    except TreeError as error:
        report.add(codes.UNREADABLE_FILE.at(asked_at or Location(file), f"`{file}` {error}"))
        return None
    except yaml_events.YamlProblem as problem:
        if problem.kind == "empty" and empty is not None:
            return Source(file, "", empty, is_json=False)
        rule, hint = _PROBLEMS[problem.kind]
        report.add(rule.at(Location(file, span=problem.span), problem.message, hint))
        return None
    return source


_START = Span(1, 1, 1, 2)


def _decode(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        decoded = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise yaml_events.YamlProblem("syntax", "not UTF-8 text", Span(line, column, line, column + 1)) from None
    if "\0" in decoded:
        raise yaml_events.YamlProblem("syntax", "a binary file, not text", _START)
    return decoded


def _load_yaml(source: Source, report: Report) -> Json:
    loaded = yaml_events.load(source.text)
    if loaded.duplicates:
        report.add(*_duplicates(source))
    data: Json = loaded.data
    return data


def _load_json(source: Source, report: Report) -> Json:
    duplicates = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal duplicates
        result = dict(items)
        duplicates = duplicates or len(result) != len(items)
        return result

    try:
        data: Json = json.loads(source.text, object_pairs_hook=pairs, parse_constant=_constant, parse_float=_float)
    except json.JSONDecodeError as error:
        phrase = error.msg[0].lower() + error.msg[1:] if source.text.strip() else "the file is empty"
        span = Span(error.lineno, error.colno, error.lineno, error.colno + 1)
        raise yaml_events.YamlProblem("syntax" if source.text.strip() else "empty", phrase, span) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise yaml_events.YamlProblem("number", str(error)[:80], _START) from None
    _check_depth(data)
    if duplicates:
        report.add(*_duplicates(source))
    if _SURROGATE_ESCAPE.search(source.text):
        _check_surrogates(data)
    return data


def _too_deep() -> yaml_events.YamlProblem:
    return yaml_events.YamlProblem("deep", f"more than {yaml_events.MAX_DEPTH} levels deep", _START)


def _constant(name: str) -> NoReturn:
    raise ValueError(f"`{name}` has no form in JSON")


def _float(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise ValueError(f"the number `{literal[:40]}` is too large")
    return value


def _check_depth(data: Json) -> None:
    level: list[Json] = [data]
    for _ in range(yaml_events.MAX_DEPTH + 1):
        inner: list[Json] = []
        for node in level:
            children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
            inner += [child for child in children if child.__class__ is dict or child.__class__ is list]
        if not inner:
            return
        level = inner
    raise _too_deep()


def _check_surrogates(data: Json) -> None:
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise yaml_events.YamlProblem("tag", "half of a surrogate pair", _START) from None


def _duplicates(source: Source) -> list[Diagnostic]:
    found = []
    for pointer, place in source.places().items():
        for again in place.keys[1:]:
            key = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
            hint = f"it stands first at line {place.keys[0].line}; every reader keeps only one of the two"
            found.append(
                codes.DUPLICATE_KEY.at(Location(source.file, pointer, span=again), f"key `{key}` appears twice", hint)
            )
    return found
