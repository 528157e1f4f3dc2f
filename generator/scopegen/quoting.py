"""Literals of every output language. In: a value. Out: text that means exactly that value there, whatever it contains."""

import json
import re
from collections.abc import Iterator, Mapping

from scopegen.document import Json

# What libyaml and CloudFormation's parser refuse or take for a line break inside quotes, though JSON allows it.
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_PLAIN_YAML = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:::[A-Za-z0-9]+)*")
_FLOW_WIDTH = 90
# Several lines of printable ASCII, the first not indented, one line break at the end: what a block scalar shows as it is.
_BLOCK_TEXT = re.compile(r"[!-~][ -~]*(?:\n[ -~]*)*[!-~]\n")
_YAML_WORDS = frozenset("y n yes no on off true false null".split())
_MARKDOWN = re.compile(r"([\\`*_{}\[\]#|<>~&$:@])")
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False)
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_NOT_IN_SCRIPT = re.compile("[<>&'\u2028\u2029]")
# Full-width forms too: some programs read them as the plain ones.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def json_literal(value: object) -> str:
    """A JSON text on one line, keys sorted."""
    return _ENCODER.encode(value)


def json_lined(data: Mapping[str, object], depths: Mapping[str, int]) -> str:
    """A JSON document a person can read line by line: one key a line, and for the keys in `depths` so many levels more."""
    return "".join(json_pieces(data, depths))


def json_pieces(data: Mapping[str, object], depths: Mapping[str, int]) -> Iterator[str]:
    """The same in pieces: a large document as one text would take four bytes a character for the sake of one emoji."""
    separator = "{\n"
    for key in sorted(data):
        yield f"{separator}  {json_literal(key)}: "
        yield from _pieces(data[key], depths.get(key, 0), "  ")
        separator = ",\n"
    yield "\n}\n" if data else "{\n\n}\n"


def _pieces(value: object, depth: int, indent: str) -> Iterator[str]:
    if depth == 0 or not value or not isinstance(value, dict | list):
        yield json_literal(value)
        return
    below = indent + "  "
    separator = "[\n" if isinstance(value, list) else "{\n"
    for key in range(len(value)) if isinstance(value, list) else sorted(value):
        yield separator + (below if isinstance(value, list) else f"{below}{json_literal(key)}: ")
        yield from _pieces(value[key], depth - 1, below)
        separator = ",\n"
    yield f"\n{indent}]" if isinstance(value, list) else f"\n{indent}}}"


def json_visible(text: str) -> str:
    """JSON text of printable lines: what nobody would see, or would turn other text around, is escaped."""
    return _INVISIBLE.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text)


def yaml_literal(value: object) -> str:
    """A YAML scalar or flow collection on one line: plain where nothing else could be read, else JSON's form."""
    if isinstance(value, str) and _PLAIN_YAML.fullmatch(value) and value.lower() not in _YAML_WORDS:
        return value
    return yaml_safe(json_literal(value))


def yaml_safe(text: str) -> str:
    """JSON text as YAML flow: the few characters that JSON allows inside quotes and YAML does not are escaped."""
    return _NOT_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def yaml_block(value: Json, indent: int) -> str:
    """A YAML block collection, each line indented; starts on the line after its key."""
    lines = _block_lines(value)
    return "".join(f"\n{' ' * indent}{line}" for line in lines)


def _block_lines(value: Json) -> list[str]:
    if isinstance(value, dict) and value:
        return [line for key in sorted(value) for line in _entry(f"{yaml_literal(key)}:", value[key], "  ")]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item(item)]
    return [yaml_literal(value)]


def _entry(head: str, value: Json, indent: str) -> list[str]:
    if isinstance(value, str) and _BLOCK_TEXT.fullmatch(value):
        return [f"{head} |", *(indent + line if line else "" for line in value[:-1].split("\n"))]
    if isinstance(value, dict | list) and value and not _is_short_intrinsic(value):
        return [head, *(indent + line for line in _block_lines(value))]
    return [f"{head} {yaml_literal(value)}"]


def _is_short_intrinsic(value: Json) -> bool:
    """`{"Ref": "UserPool"}` reads better on one line."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    key = next(iter(value))
    return (key == "Ref" or key.startswith("Fn::")) and len(json_literal(value)) <= _FLOW_WIDTH


def _item(value: Json) -> list[str]:
    if _is_short_intrinsic(value):
        return ["- " + yaml_literal(value)]
    lines = _block_lines(value)
    return ["- " + lines[0], *("  " + line for line in lines[1:])]


def python_literal(value: object) -> str:
    """A Python literal in ASCII."""
    return ascii(value)


def markdown_literal(value: object) -> str:
    """Text that Markdown shows as it is, on one line, in a table or out of one."""
    return _MARKDOWN.sub(r"\\\1", shown(value))


def markdown_code(value: object) -> str:
    """A code span that shows the text as it is, in a table or out of one."""
    text = shown(value)
    if "`" in text or "|" in text or text != text.strip() or not text:
        return markdown_literal(text)
    return f"`{text}`"


def shown(value: object) -> str:
    """Text for people, on one line: what nobody would see, or would turn other text around, is shown by its number."""
    return _INVISIBLE.sub(lambda match: f"U+{ord(match[0]):04X}", str(value))


def html_literal(value: object) -> str:
    """Text of a page, in an element or in a quoted attribute."""
    return shown(value).translate(_HTML)


def html_data(value: object) -> str:
    """Data in a `script` element that is not run: JSON in which nothing can end the element, or be part of a page."""
    return _NOT_IN_SCRIPT.sub(lambda match: f"\\u{ord(match[0]):04x}", json_visible(json_literal(value)))


def csv_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: what could begin one comes after an apostrophe.

    Source: OWASP, "CSV Injection". Blanks before it do not help, since some programs pass over them.
    """
    text = shown(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def markdown_comment(value: object) -> str:
    """Text for a comment on GitHub, which also looks for people, issues and addresses in what Markdown made of it.

    It leaves code alone, so what could call somebody is shown as code.
    """
    text = shown(value).replace("www.", "www\0")
    escaped = _MARKDOWN.sub(lambda match: f"&#{ord(match[0])};", text).replace("\0", "&#46;")
    return f"<code>{escaped}</code>" if "@" in text or "#" in text else escaped
