"""What can be corrected. In: findings. Out: a Fix for each that can be meant in one way only.

Left to people is all that would make an operation public or open to everybody who is signed in, all that touches a
default, since many operations hang on it, and all that stands behind an alias.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from scopegen import codes
from scopegen.diagnostics import Diagnostic, Part, Report, Span, pointer, pointer_keys
from scopegen.document import Document, Json, mapping, value_at
from scopegen.misplaced import meaning
from scopegen.model import AnyOf, Operation, Requirement
from scopegen.names import is_reserved
from scopegen.pipeline import Result
from scopegen.settings import Settings
from scopegen.source import Source, load
from scopegen.survey import SERVER_TAG, TAG
from scopegen.tags import Tag, TagError
from scopegen.tree import Tree
from scopegen.walk import METHODS

_FORMS = ("anyOf", "allOf", "public", "authenticated")
_OPERATION_DEPTH = 3
_BETWEEN = re.compile("[-_]")


class Fix(NamedTuple):
    """One correction: the finding, the span that is replaced and what is put there, in text and in data.

    `operation` is the pointer of the operation whose tag is corrected and `requires` what it says then; empty and None
    where a correction has nothing to do with access.
    """

    found: Diagnostic
    file: str
    pointer: str
    part: Part
    span: Span
    old: str
    value: Json
    operation: str = ""
    requires: Requirement | None = None

    @property
    def said(self) -> str:
        """`x-required-scopes` is now `x-required-scope`."""
        new = (
            f"[{self.old}]" if isinstance(self.value, list) else f"{self.value}" if self.requires else f'"{self.value}"'
        )
        return f"`{self.old}` is now `{new}`"


def fixes(tree: Tree, result: Result) -> list[Fix]:
    """Every fix there is; none for an operation that two of them would give a tag."""
    found = list(_fixes(tree, result))
    tagged = Counter((fix.file, fix.operation) for fix in found if fix.operation)
    return [fix for fix in found if tagged[fix.file, fix.operation] <= 1]


def _fixes(tree: Tree, result: Result) -> Iterator[Fix]:
    known = {(one.source.file, one.source.pointer) for one in result.operations}
    files: dict[str, Source | None] = {}
    for found in result.report.diagnostics:
        at = found.location
        if at is None or found.code not in _FIXERS or at.file not in result.sources:
            continue
        if at.file not in files:
            files[at.file] = load(tree, at.file, {}, Report())
        source = files[at.file]
        fix = _FIXERS[found.code](found, source, result) if source is not None else None
        # An operation that is understood without its tag inherits one: which of the two is meant is not clear.
        if fix is not None and (not fix.operation or (fix.file, fix.operation) not in known):
            yield fix


def _misspelled(found: Diagnostic, source: Source, result: Result) -> Fix | None:
    """SG103: another spelling of the tag, where there is none in the right one."""
    at = found.location
    assert at is not None
    above, _, _ = at.pointer.rpartition("/")
    key = pointer_keys(at.pointer)[-1]
    holder = mapping(_value(source.data, above))
    place = source.find(at.pointer)
    if meaning(key) != TAG or not _is_slip(key) or TAG in holder or place is None or place.key is None:
        return None
    return _tag_fix(found, source, result, above, holder.get(key), Draft(at.pointer, "key", place.key, key, TAG))


def _is_slip(key: str) -> bool:
    """Whether a key is the tag but for case, hyphens and one letter: `x-old-required-scope` may mean anything."""
    if any(len(word) == 1 for word in _BETWEEN.split(key)[1:]):
        return False  # a second one, as `x-required-scope-2`
    left, right = (_BETWEEN.sub("", text.lower()) for text in (key, TAG))
    while left and right and left[0] == right[0]:
        left, right = left[1:], right[1:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    return (len(left) <= 1 and len(right) <= 1) or (len(left) == 2 and left == right[::-1])


def _unqualified(found: Diagnostic, source: Source, result: Result) -> Fix | None:
    """SG101: a short name, where there is one resource server only."""
    servers = _servers(result.settings, result.operations)
    at = found.location
    assert at is not None
    name, place = _value(source.data, at.pointer), source.find(at.pointer)
    if len(servers) != 1 or place is None or not isinstance(name, str) or name in _FORMS or is_reserved(name):
        return None
    draft = Draft(at.pointer, "value", place.value, name, f"{servers.pop()}/{name}")
    return _in_tag(found, source, result, draft)


def _not_a_list(found: Diagnostic, source: Source, result: Result) -> Fix | None:
    """SG105: `anyOf: petsapi/read`, which is a list with one scope."""
    at = found.location
    assert at is not None
    key, value, place = pointer_keys(at.pointer)[-1], _value(source.data, at.pointer), source.find(at.pointer)
    if key not in _FORMS[:2] or not isinstance(value, str) or place is None:
        return None
    return _in_tag(found, source, result, Draft(at.pointer, "value", place.value, value, [value]))


def _number_for_text(found: Diagnostic, source: Source, _: Result) -> Fix | None:
    """SG020: `version: 1.0`, which is read as the text it is written as."""
    at = found.location
    assert at is not None
    value, written, place = _value(source.data, at.pointer), source.written(at.pointer), source.find(at.pointer)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if at.pointer not in ("/swagger", "/info/version") or not is_number or not written or place is None:
        return None
    new = "2.0" if at.pointer == "/swagger" else written
    return Fix(found, source.file, at.pointer, "value", place.value, written, new)


_FIXERS = {
    codes.MISSPELLED_TAG.code: _misspelled,
    codes.UNQUALIFIED_SCOPE.code: _unqualified,
    codes.MALFORMED_TAG.code: _not_a_list,
    codes.REPAIRED_DOCUMENT.code: _number_for_text,
}


class Draft(NamedTuple):
    """What is replaced and by what, before it is known what that means."""

    pointer: str
    part: Part
    span: Span
    old: str
    value: Json


def _in_tag(found: Diagnostic, source: Source, result: Result, draft: Draft) -> Fix | None:
    """A fix of something inside an operation's tag."""
    above, tag, below = draft.pointer.partition(pointer(TAG))
    if not tag or (below and below[0] != "/"):
        return None
    value = replaced(_value(source.data, above + tag), below, "value", draft.value)
    return _tag_fix(found, source, result, above, value, draft)


def _tag_fix(
    found: Diagnostic, source: Source, result: Result, operation: str, value: Json, draft: Draft
) -> Fix | None:
    """A fix after which the tag of an operation has a value; None unless that asks for scopes of a resource server."""
    keys = pointer_keys(operation)
    is_spec = source.file in {posixpath.normpath(api.spec) for api in result.settings.apis}
    if not is_spec or len(keys) != _OPERATION_DEPTH or keys[0] != "paths" or keys[2] not in METHODS:
        return None
    server = mapping(source.data).get(SERVER_TAG)
    document = Document("", source.file, mapping(source.data), {source.file: source})
    tag = Tag(value, server if isinstance(server, str) else "", "", document, lambda _: document.at(draft.pointer))
    try:
        requires = tag.requirement()
    except TagError:
        return None
    if not isinstance(requires, AnyOf) or not all(scope.server for scope in requires.scopes):
        return None
    return Fix(found, source.file, *draft, operation=operation, requires=requires)


def _servers(settings: Settings, operations: list[Operation]) -> set[str]:
    required = {
        scope.server for one in operations if isinstance(one.requirement, AnyOf) for scope in one.requirement.scopes
    }
    return (required | {one.identifier for one in settings.servers}) - {""}


def _value(data: Json, path: str) -> Json:
    """What a pointer names; None where there is nothing."""
    try:
        return value_at(data, path)
    except KeyError:
        return None


def replaced(data: Json, path: str, part: Part, new: Json) -> Json:
    """The data with another value, or under another key, where a pointer leads."""
    if not path:
        return new
    key, *below = pointer_keys(path)
    rest = pointer(*below)
    if isinstance(data, list):
        return [replaced(one, rest, part, new) if str(i) == key else one for i, one in enumerate(data)]
    if part == "key" and not below:
        return {str(new) if name == key else name: one for name, one in mapping(data).items()}
    return {name: replaced(one, rest, part, new) if name == key else one for name, one in mapping(data).items()}
