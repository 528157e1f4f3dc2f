"""JSON text -> plain data. In: text. Out: what it says, or a TextProblem at the place that keeps it from being data."""

import json
import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

from scopegen.diagnostics import Span
from scopegen.parsed import MAX_DEPTH, Loaded, TextProblem, span_at
from scopegen.survey import Survey

# Every bracket, text, number and word.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s{}\[\]:,"]+')
# Half of a surrogate pair, escaped; or what might be one, behind an escaped backslash.
_HALF = re.compile(
    r"\\u[dD](?:[89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..\\u[dD])[c-fC-F]|(?<=\\\\u[dD])[89a-fA-F])",
    re.DOTALL,
)


def load(text: str) -> Loaded:
    """Plain data from JSON text; TextProblem where it is not what RFC 8259 and UTF-8 can say."""
    try:
        data = json.loads(text, parse_constant=_constant)
    except json.JSONDecodeError as error:
        phrase = error.msg[0].lower() + error.msg[1:] if text.strip() else "the file is empty"
        span = Span(error.lineno, error.colno, error.lineno, error.colno + 1)
        raise TextProblem("syntax" if text.strip() else "empty", phrase, span) from None
    except RecursionError:
        raise _too_deep(text) from None
    except ValueError:
        raise _no_number(text) from None
    survey = Survey(data)
    if survey.depth > MAX_DEPTH:
        raise _too_deep(text)
    if not survey.is_finite:
        raise _no_number(text)
    if _HALF.search(text) and not _is_encodable(data):
        span = _first(text, lambda token, _: token[0] == '"' and not _is_encodable(json.loads(token)))
        raise TextProblem("tag", "half of a surrogate pair", span)
    return Loaded(data, _has_duplicates(text, survey.entries), survey=survey)


def _has_duplicates(text: str, entries: int) -> bool:
    """Whether a mapping names a key twice. `entries` is the number of keys that are left when the last one counts."""
    if not _is_hard_to_count(text) and text.count('":') - text.count('\\":') == entries:
        return False
    found = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        result = dict(items)
        found = found or len(result) != len(items)
        return result

    json.loads(text, object_pairs_hook=pairs)
    return found


def _is_hard_to_count(text: str) -> bool:
    """Whether a key ends in a backslash, or may stand apart from its colon; plain searches, since text may be long."""
    if any(sign in text for sign in ('\\\\":', "\t:", "\n:", "\r:")):
        return True
    found = text.find(" :")
    while found >= 0:
        at = found
        while text[at - 1] in " \t\r\n":
            at -= 1
        if text[at - 1] == '"':
            return True
        found = text.find(" :", found + 1)
    return False


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
