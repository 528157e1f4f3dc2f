"""A scope for every operation of a document. In: a document. Out: its files with tags written into them, and what they mean.

YAML is tagged as text, so that all else stays as its author wrote it; JSON is written anew, with a line for each value.
"""

import hashlib
import json
from typing import Any, NamedTuple

from corpus_documents import Document, File, Operation
from corpus_security import Scopes, is_open_preflight

TAG = "x-required-scope"
SERVER = "x-resource-server"
_VERBS = {"get": "read", "head": "read", "delete": "remove"}
SIGNED_IN: Scopes = frozenset({frozenset({"openid"}), frozenset({"aws.cognito.signin.user.admin"})})


class Tagged(NamedTuple):
    """Files by name, and what every operation requires; None is public."""

    files: dict[str, str]
    expected: dict[tuple[str, str], Scopes | None]


def tagged(document: Document) -> Tagged:
    """The document with a tag on every operation, on the path item above it, or at the root."""
    is_alone = len(document.files) == 1 and not _number(document.main) % 2
    tags: dict[int, Any] = {}
    where: dict[int, tuple[str, dict[str, Any]]] = {}
    operations = document.operations()
    root = document.data
    if _number(f"{document.main} root") % 2 and operations:
        tags[id(root)] = {"allOf": ["corpus/root", "corpus/admin"]}
        where[id(root)] = document.main, root
    for one in operations:
        default = _number(one.path) % 6 == 0
        if default and id(one.item) not in tags and "$ref" not in one.item:
            tags[id(one.item)] = {"anyOf": ["corpus/admin", f"corpus/item{_number(one.path) % 4}"]}
            where[id(one.item)] = one.item_file, one.item
        own = _tag(one, is_alone, id(one.item) in tags, id(root) in tags)
        if own is not None and id(one.data) not in tags:
            tags[id(one.data)] = own
            where[id(one.data)] = one.file, one.data
    expected = {one.name: _expected(one, tags, root) for one in operations}
    edits: dict[str, list[tuple[dict[str, Any], str, Any]]] = {name: [] for name in document.files}
    for key, (file, holder) in where.items():
        edits[file].append((holder, TAG, tags[key]))
    if is_alone and isinstance(document.files[document.main].data, dict):
        edits[document.main].append((document.data, SERVER, "corpus"))
    return Tagged({name: _written(file, edits[name]) for name, file in document.files.items()}, expected)


def _number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def _tag(one: Operation, short: bool, inherits: bool, has_root: bool) -> Any:
    """The tag of an operation; None where it shall have what is above it, or be a preflight."""
    if one.data.get("security") == []:
        return {"public": f"as {one.path} was before"}
    if inherits and (one.method != "options" or (is_open_preflight(one) and "security" not in one.data)):
        return None
    verb = _VERBS.get(one.method, "write")
    scope, other = f"corpus/{verb}", f"billing/{verb}"
    forms = [
        {"anyOf": [scope, "corpus/admin"]},
        {"allOf": [scope, other]},
        {"anyOf": ["corpus/admin", {"allOf": [other, scope, "https://corpus.example.com/auth/drive"]}]},
        {"authenticated": True},
        [scope],
        verb if short else scope,
    ]
    number = _number(" ".join(one.name)) % 12
    if number == 6 and has_root and one.method != "options":
        return None
    return forms[number] if number < len(forms) else scope


def _expected(one: Operation, tags: dict[int, Any], root: Any) -> Scopes | None:
    """The nearest tag; an OPTIONS has its own or is a preflight."""
    if one.method == "options" and id(one.data) not in tags:
        return None
    return _meaning(next(tags[id(holder)] for holder in (one.data, one.item, root) if id(holder) in tags))


def _meaning(tag: Any) -> Scopes | None:
    if isinstance(tag, str):
        return frozenset({frozenset({tag if "/" in tag else f"corpus/{tag}"})})
    if isinstance(tag, list):
        return _meaning(tag[0])
    if "public" in tag:
        return None
    if "authenticated" in tag:
        return SIGNED_IN
    if "allOf" in tag:
        return frozenset({frozenset(tag["allOf"])})
    return frozenset(frozenset(one["allOf"] if isinstance(one, dict) else [one]) for one in tag["anyOf"])


def _written(file: File, edits: list[tuple[dict[str, Any], str, Any]]) -> str:
    if file.is_json and file.has_duplicates:
        return file.text
    if file.is_json:
        for holder, key, value in edits:
            holder[key] = value
        text = json.dumps(file.data, indent=1, ensure_ascii=False)
        for holder, key, _ in edits:
            del holder[key]
        return text
    inserted = [_insertion(file, holder, key, value) for holder, key, value in edits]
    text, end, parts = file.text, len(file.text), []
    for index, piece in sorted(inserted, reverse=True):
        parts += [text[index:end], piece]
        end = index
    return "".join(reversed([*parts, text[:end]]))


def _insertion(file: File, holder: dict[str, Any], key: str, value: Any) -> tuple[int, str]:
    """Where in a YAML text an entry goes so that it is the first of its mapping."""
    node, written = file.nodes[id(holder)], json.dumps(value)
    if node.flow_style:
        start = file.text.index("{", node.start_mark.index)
        return start + 1, f'"{key}": {written}, '
    mark = node.value[0][0].start_mark
    return mark.index, f"{key}: {written}\n{' ' * mark.column}"


def server_tagged(document: Document, server: str) -> dict[str, str]:
    """The files of a document with nothing added but the resource server that completes short names."""
    files = {name: _written(file, []) for name, file in document.files.items()}
    if isinstance(document.files[document.main].data, dict) and document.data:
        files[document.main] = _written(document.files[document.main], [(document.data, SERVER, server)])
    return files
