"""JSON text -> plain data. In: bytes. Out: what they say, or a TextProblem at the place that keeps it from being data."""

import json
import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

from scopegen.beside import LARGE, Beside
from scopegen.diagnostics import Span
from scopegen.parsed import MAX_DEPTH, Loaded, TextProblem, span_at
from scopegen.survey import Survey

# Every bracket, text, number and word.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s{}\[\]:,"]+')
# Half of a surrogate pair, escaped; or what might be one, behind an escaped backslash.
_HALF = re.compile(
    rb"\\u[dD](?:[89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..\\u[dD])[c-fC-F]|(?<=\\\\u[dD])[89a-fA-F])",
    re.DOTALL,
)
_WIDE = re.compile(rb"[\x80-\xff]+")
_AFTER_BACKSLASH = re.compile(rb"\\[\x80-\xff]")


def load(content: bytes) -> Loaded:
    """Plain data from JSON text in UTF-8; TextProblem where it is not what RFC 8259 can say."""
    with Beside(lambda _: _keys_written(content), is_worth=len(content) > LARGE) as written:
        written.ask()
        try:
            data = _read(narrow(content))
        except TextProblem:
            data = _read(content.decode())  # in which what is wrong stands where its author wrote it
        survey = Survey(data)
        if survey.depth > MAX_DEPTH:
            raise _too_deep(content.decode())
        if not survey.is_finite:
            raise _no_number(content.decode())
        if _HALF.search(content) and not _is_encodable(data):
            span = _first(content.decode(), lambda token, _: token[0] == '"' and not _is_encodable(json.loads(token)))
            raise TextProblem("tag", "half of a surrogate pair", span)
        # Of two that are the same the last one counts.
        return Loaded(data, written.result() != survey.entries and _has_duplicates(content), survey=survey)


def narrow(content: bytes) -> str:
    """JSON text that says the same in ASCII: one emoji makes four bytes of every character of a text."""
    if content.isascii() or _AFTER_BACKSLASH.search(content):  # that is no JSON, and must stay none
        return content.decode()
    return _WIDE.sub(lambda wide: json.dumps(wide[0].decode())[1:-1].encode(), content).decode()


def _read(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_constant)
    except json.JSONDecodeError as error:
        phrase = error.msg[0].lower() + error.msg[1:] if text.strip() else "the file is empty"
        span = Span(error.lineno, error.colno, error.lineno, error.colno + 1)
        raise TextProblem("syntax" if text.strip() else "empty", phrase, span) from None
    except RecursionError:
        raise _too_deep(text) from None
    except ValueError:
        raise _no_number(text) from None


def _keys_written(content: bytes) -> int:
    """How many keys are written; -1 where that is hard to tell. Plain searches, since the text may be long."""
    if rb'\\":' in content or any(sign in content and sign + b":" in content for sign in (b"\t", b"\r", b"\n")):
        return -1
    found = content.find(b" :")
    while found >= 0:
        at = found
        while content[at - 1] in b" \t\r\n":
            at -= 1
        if content[at - 1 : at] == b'"':
            return -1
        found = content.find(b" :", found + 1)
    return content.count(b'":') - content.count(b'\\":')


def _has_duplicates(content: bytes) -> bool:
    found = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        result = dict(items)
        found = found or len(result) != len(items)
        return result

    json.loads(content, object_pairs_hook=pairs)
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(name)


def _float(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise ValueError(literal)
    return value


def _is_encodable(data: Any) -> bool:
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_deep(text: str) -> TextProblem:
    return TextProblem("deep", f"more than {MAX_DEPTH} levels deep", _first(text, lambda _, depth: depth > MAX_DEPTH))


def _no_number(text: str) -> TextProblem:
    written = ""

    def is_meant(token: str, _: int) -> bool:
        nonlocal written
        written = token
        return not _is_value(token)

    span = _first(text, is_meant)
    if written.strip("-") in ("NaN", "Infinity"):
        return TextProblem("number", f"`{written}` has no form in JSON", span)
    return TextProblem("number", f"the number `{written[:40]}` is too large", span)


def _is_value(token: str) -> bool:
    try:
        return token in "{}[]" or json.loads(token, parse_constant=_constant, parse_float=_float) is not NotImplemented
    except ValueError:
        return False


def _first(text: str, meant: Callable[[str, int], bool]) -> Span:
    """Where the first token stands of which `meant(token, containers open)` holds."""
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        depth += (token in "{[") - (token in "}]")
        if meant(token, depth):
            start, end = (span_at(text, index, is_json=True) for index in match.span())
            return Span(start.line, start.column, end.line, end.column)
    return Span(1, 1, 1, 2)
