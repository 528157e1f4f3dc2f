"""Plain YAML scalars by the rules of YAML 1.2. In: a scalar event. Out: text, number, boolean or null.

`no`, `on`, dates, `18:00` and `007` are text; `true`, `null` and JSON's numbers are not.
"""

import math
from typing import Any

from scopegen.diagnostics import Span
from scopegen.parsed import TextProblem

TAG = "tag:yaml.org,2002:"
_NUMERIC = frozenset("0123456789.eE+-")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
# With what a number or one of the words starts, or an empty scalar: all else that is plain is text.
NOT_PLAIN_TEXT = frozenset({*"0123456789-+.", *(word[:1] for word in _WORDS)})


def scalar(event: Any) -> Any:
    """The value of a plain or explicitly tagged scalar."""
    text = event.value
    if event.tag is None or event.tag == "!":
        return text if event.tag == "!" else plain(text, event)
    name = event.tag.removeprefix(TAG)
    if name == "str":
        return text
    value = plain(text, event) if name in ("bool", "int", "float", "null") else None
    kinds: dict[str, tuple[type, ...]] = {"bool": (bool,), "int": (int,), "float": (int, float), "null": (type(None),)}
    if name not in kinds or not isinstance(value, kinds[name]):
        raise TextProblem("tag", f"the tag `{short(event.tag)}` has no meaning in OpenAPI", span(event.start_mark))
    return value


def plain(text: str, event: Any) -> Any:
    """What a plain scalar means; text unless it is one of YAML 1.2's words or a number that JSON could write."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789-+.":
        return text
    number = _number(text)
    if isinstance(number, float) and not math.isfinite(number):
        raise TextProblem("number", f"the number `{text[:40]}` has no form in JSON", span(event.start_mark))
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


def span(mark: Any) -> Span:
    """Where a mark of the parser is."""
    if mark is None:
        return Span(1, 1, 1, 2)
    return Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)


def short(tag: str) -> str:
    """A tag as people write it."""
    return "!!" + tag.removeprefix(TAG) if tag.startswith(TAG) else tag
