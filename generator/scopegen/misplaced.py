"""Tags that nobody would read. In: a document. Out: an error for each that is misspelled or stands where it means nothing."""

import re
import unicodedata
from collections.abc import Iterator

from scopegen import codes
from scopegen.diagnostics import Diagnostic, pointer_keys
from scopegen.document import Document, Json, mapping
from scopegen.names import unreadable
from scopegen.survey import SERVER_TAG, TAG
from scopegen.walk import ADDITIONAL, METHODS, NAME_MAPS, UNSERVED, Path, path_pointer, unserved_operations

_LETTERS = re.compile(r"[^a-z]")
# `x-resource-service` is another word than `x-resource-server`, not a slip of the pen.
_PLAIN = ((TAG, "xrequiredscope", 0.85), (SERVER_TAG, "xresourceserver", 0.92))
_DENIALS = frozenset({"no", "not", "without"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_SCOPE = "".join(sorted("scope"))
_EXTENSIBLE = ("paths", "responses", "callbacks")
# The keys there are media types and scopes, so that the meta-schema takes any.
_EXTENSIBLE_SWAGGER = (*_EXTENSIBLE, "examples", "scopes")
_PLACES = "it counts on an operation, on a path item and at the root"


def misplaced(document: Document) -> Iterator[Diagnostic]:
    """Every key that is the tag in the wrong place, or nearly the tag in any place: even inside examples and extensions."""
    verdicts = {key: meaning(key) for key in document.survey.keys if key[:1] in "xX"}
    if all(meant in ("", key) for key, meant in verdicts.items()) and _stand_right(document):
        return
    taken = _taken(document)
    for node, path in _everything(document.data, _EXTENSIBLE_SWAGGER if document.is_swagger else _EXTENSIBLE):
        for key in node:
            meant = verdicts.get(key, "")
            if not meant or (key == meant and _may_stand(key, path)) or _is_denial(key, node[key]):
                continue
            if key == TAG and _is_taken(path, taken):
                continue
            where = document.at(path_pointer((path, key)), "key")
            if key != meant:
                hint = f"did you mean `{meant}`? OpenAPI tools ignore extensions that they do not know"
                yield codes.MISSPELLED_TAG.at(where, f"`{key}` is not an extension that scopegen reads", hint)
            else:
                hint = "it counts at the root" if key == SERVER_TAG else _PLACES
                yield codes.MISPLACED_TAG.at(where, f"`{key}` means nothing here", hint)


def _taken(document: Document) -> set[str]:
    """The pointers of what references take to the paths from elsewhere in this file."""
    return {
        origin.pointer
        for here, origin in document.origins.items()
        if here.startswith("/paths/") and origin.file == document.file
    }


def _is_taken(path: Path, taken: set[str]) -> bool:
    """Whether a reference takes the path item or operation at a path: its tag is looked at where it is taken to."""
    here = path_pointer(path)
    above, _, method = here.rpartition("/")
    return here in taken or (above in taken and method in METHODS)


def _stand_right(document: Document) -> bool:
    """Whether there are no more tags than there are where tags may stand."""
    data = document.data
    items = [mapping(item) for path, item in mapping(data.get("paths")).items() if path[:2] != "x-"]
    served = (mapping(item[method]) for item in items for method in METHODS if method in item)
    unserved = (operation for item in items for _, operation in unserved_operations(item))
    holders = [data, *items, *served, *unserved]
    counts = document.survey.counts
    return counts[TAG] == sum(TAG in holder for holder in holders) and counts[SERVER_TAG] == (SERVER_TAG in data)


def meaning(key: str) -> str:
    """The extension of ours that a key is or nearly is; empty for all others."""
    if key in (TAG, SERVER_TAG):
        return key
    if not key.isascii() and unreadable(unicodedata.normalize("NFKC", key)).startswith("letters"):
        return TAG  # letters that only look like these may spell anything
    letters = _LETTERS.sub("", key.lower())
    if ("required" in letters and "scope" in letters) or _says_required_scope(key):
        return TAG
    for tag, plain, nearness in _PLAIN:
        if abs(len(letters) - len(plain)) <= 2 and _likeness(letters, plain) >= nearness:
            return tag
    return ""


def _is_denial(key: str, value: Json) -> bool:
    """Whether another program is told that no scope is required, as by `x-acme-no-scope-required: true`.

    Nobody takes that for protection; what is found beside it still counts.
    """
    return value is True and not _DENIALS.isdisjoint(word.lower() for word in _WORD.findall(key))


def _says_required_scope(key: str) -> bool:
    """Whether one word of a key is nearly `require`, and another one nearly `scope`, in any order."""
    words = [word.lower() for word in _WORD.findall(key[1:])]
    scopes = [word for word in words if word[:1] == "s" and _likeness("".join(sorted(word)), _SCOPE) >= 0.8]
    if any(word.startswith(("reqs", "reqd", "requir")) and "scope" in word for word in words):
        return True
    return bool(scopes) and any(
        word in ("req", "reqd", "reqs") or word.startswith("requir") or _likeness(word, "required") >= 0.8
        for word in words
    )


def _likeness(left: str, right: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, left, right).ratio()


def _may_stand(key: str, path: Path) -> bool:
    if path is None:
        return True
    keys = pointer_keys(path_pointer(path))
    if keys[:2] == ["components", "pathItems"]:
        keys = keys[1:]
    on_item = keys[0] == "pathItems" or (keys[0] == "paths" and keys[1:] and keys[1][:2] != "x-")
    on_operation = (len(keys) == 3 and keys[2] in (*METHODS, *UNSERVED)) or (len(keys) == 4 and keys[2] == ADDITIONAL)
    return key == TAG and bool(on_item) and (len(keys) == 2 or on_operation)


def _everything(data: Json, extensible: tuple[str, ...]) -> Iterator[tuple[dict[str, Json], Path]]:
    """Each mapping whose keys are not all names chosen by an author: beside paths and statuses extensions may stand."""
    stack: list[tuple[Json, Path, bool]] = [(data, None, False)]
    while stack:
        node, path, names = stack.pop()
        if isinstance(node, list):
            stack += [(child, (path, i), False) for i, child in enumerate(node) if child.__class__ in (dict, list)]
        elif isinstance(node, dict):
            if not names or (path is not None and path[1] in extensible):
                yield node, path
            for key, child in node.items():
                if child.__class__ is dict or child.__class__ is list:
                    stack.append((child, (path, key), not names and (key in NAME_MAPS or key == "headers")))
