"""Bytes -> plain data with positions. In: one YAML or JSON file. Out: a Source, or diagnostics at file:line:col."""

from codecs import getincrementaldecoder
from typing import TYPE_CHECKING

from scopegen import codes, json_text, yaml_events
from scopegen.beside import LARGE
from scopegen.diagnostics import Diagnostic, Location, Report, Rule, Span, pointer_keys
from scopegen.document import Json
from scopegen.parsed import Loaded, Marks, TextProblem, span_at
from scopegen.tree import Tree, TreeError

if TYPE_CHECKING:
    from scopegen.lines import Lines
    from scopegen.positions import Place, Places
    from scopegen.survey import Survey

_PIECE = 1 << 16
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
    """One file: its bytes, as UTF-8 and without a BOM; if it parsed, its data and where things stand in it."""

    def __init__(self, file: str, content: bytes, is_json: bool = False) -> None:
        self.file, self.content, self.is_json = file, content, is_json
        self.data: Json = None
        self.survey: Survey | None = None
        self._marks: Marks | None = None
        self._is_parsed = self._has_duplicates = False
        self._places: Places | None = None
        self._lines: Lines | None = None

    def take(self, loaded: Loaded) -> None:
        """Keep what the text says, and where."""
        self.data, self.survey, self._marks = loaded.data, loaded.survey, loaded.marks
        self._is_parsed, self._has_duplicates = True, loaded.duplicates

    def release(self) -> None:
        """Forget the data, when all that is needed of it has been taken; where things stand is still known."""
        self.data = self.survey = None

    @property
    def places(self) -> "Places | None":
        """Where things stand; None in a text that did not parse."""
        if self._places is None and self._is_parsed:
            from scopegen.positions import JsonOutline, Places, YamlOutline

            outline = JsonOutline(self.content) if self._marks is None else YamlOutline(self.lines, self._marks)
            self._places = Places(outline, self.lines, has_duplicates=self._has_duplicates)
        return self._places

    def find(self, pointer: str) -> "Place | None":
        """The place of what a pointer names; None where nothing is written there."""
        return self.places.find(pointer) if self.places is not None else None

    def span(self, location: Location) -> Span:
        """Where a location is written; that of the nearest thing around it where it has no place of its own."""
        if location.span is not None:
            return location.span
        path, place = location.pointer, self.find(location.pointer)
        while place is None and path:
            path = path.rpartition("/")[0]
            place = self.find(path)
        if place is None:
            return Span(1, 1, 1, 2)
        return place.key if location.part == "key" and place.key else place.value

    def written(self, pointer: str) -> str:
        """The characters a scalar is written with, quotes included; empty where it is not written there, but an alias."""
        place = self.find(pointer)
        if place is None or place.value.line != place.value.end_line:
            return ""
        written = self.line(place.value.line)[place.value.column - 1 : place.value.end_column - 1]
        # No scalar starts with these: they are its anchor and its tag.
        while not self.is_json and written[:1] in ("&", "!") and " " in written:
            written = written.partition(" ")[2].lstrip()
        return "" if not self.is_json and written[:1] == "*" else written

    def line(self, number: int) -> str:
        """A line of the text, counted from 1 as the parser counts it; empty past the end."""
        return self.lines.line(number)

    @property
    def lines(self) -> "Lines":
        """The lines of the text, parsed or not."""
        if self._lines is None:
            from scopegen.lines import Lines

            self._lines = Lines(self.content, is_json=self.is_json)
        return self._lines


def load(
    tree: Tree,
    file: str,
    sources: dict[str, Source],
    report: Report,
    asked_at: Location | None = None,
    empty: Json = None,
) -> Source | None:
    """Read and parse one file into `sources`; None, with the reason in the report, where that cannot be done.

    `asked_at` is where another file names it, `empty` what a file means that says nothing. What does not parse is
    kept as text, so that its problem can be shown.
    """
    try:
        content = tree.read(file)
    except TreeError as error:
        sources.setdefault(file, Source(file, b""))
        report.add(codes.UNREADABLE_FILE.at(asked_at or Location(file), f"`{file}` {error}"))
        return None
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    content = content.removeprefix(b"\xef\xbb\xbf")
    in_utf8 = content if encoding == "utf-8" else content.decode(encoding, "replace").encode()
    source = sources[file] = Source(file, in_utf8, file.lower().endswith(".json"))
    try:
        _check_text(content, encoding, is_json=source.is_json)
        if b"\0" in in_utf8:
            raise TextProblem("syntax", "a binary file, not text", Span(1, 1, 1, 2))
        loaded = json_text.load(in_utf8) if source.is_json else _load_yaml(in_utf8)
    except TextProblem as problem:
        if problem.kind == "empty" and empty is not None:
            source.data = empty
            return source
        rule, hint = _PROBLEMS[problem.kind]
        report.add(rule.at(Location(file, span=problem.span), problem.message, hint))
        return None
    source.take(loaded)
    if loaded.duplicates:
        report.add(*_duplicates(source))
    return source


def _load_yaml(content: bytes) -> Loaded:
    if len(content) < LARGE // 2:  # YAML takes longer by the byte
        return yaml_events.load(content)
    from scopegen.yaml_halves import load

    return load(content)


def _check_text(content: bytes, encoding: str, *, is_json: bool) -> None:
    """TextProblem where bytes are not of their encoding. Read in pieces: as one text they may take four times the memory."""
    try:
        decoder = getincrementaldecoder(encoding)()
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            if decoder.getstate()[0] or encoding != "utf-8" or not piece.isascii():
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        before = content[: _first_undecodable(content, encoding)].decode(encoding, "ignore")
        span = span_at(before, len(before), is_json=is_json)
        raise TextProblem("syntax", f"not {encoding.upper()} text", span) from None


def _first_undecodable(content: bytes, encoding: str) -> int:
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    return len(content)


def _duplicates(source: Source) -> list[Diagnostic]:
    """Keys that stand twice in one mapping; what stands inside of them is not looked at."""
    found = []
    for path, keys in source.places.twice() if source.places else ():
        for again in keys[1:]:
            hint = f"it stands first at line {keys[0].line}; every reader keeps only one of the two"
            message = f"key `{pointer_keys(path)[-1]}` appears twice"
            found.append(codes.DUPLICATE_KEY.at(Location(source.file, path, span=again), message, hint))
    return found or [codes.DUPLICATE_KEY.at(Location(source.file), "a key appears twice")]
