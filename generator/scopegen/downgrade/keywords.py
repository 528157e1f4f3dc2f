"""What 3.0 says in other words. In: one schema, whose parts are rewritten already. Out: the same, rewritten in place."""

from scopegen.document import Json, mapping, sequence
from scopegen.downgrade.notes import Notes
from scopegen.downgrade.subschemas import also
from scopegen.walk import Path

_ANNOTATIONS = frozenset(
    "$anchor $comment $dynamicAnchor $id $schema $vocabulary contentEncoding contentMediaType contentSchema".split()
)
_REF_NOTES = frozenset(
    {"$ref", "default", "deprecated", "description", "example", "readOnly", "summary", "title", "writeOnly"}
)
_APPLICATORS = frozenset("$ref allOf anyOf oneOf not if then else dependentSchemas".split())
NULL: dict[str, Json] = {"type": "null"}


def rewrite_values(node: dict[str, Json], path: Path, notes: Notes) -> None:
    """Types, constants, bounds, examples, and what says nothing to a validator."""
    for keyword in sorted(_ANNOTATIONS.intersection(node)):
        del node[keyword]
        notes.rewrite(keyword, path)
    if "nullable" in node:
        notes.loosen(node)  # to 3.1 it is no keyword; its authors mean it
    if "const" in node:
        _rewrite_const(node)
        notes.rewrite("const", path)
    if node.get("required") == []:
        del node["required"]
        notes.rewrite("required", path)
    if node.get("enum") == []:
        del node["enum"]
        also(node, "not", {})
        notes.rewrite("enum", path)
    for union in ("anyOf", "oneOf"):
        if NULL in sequence(node.get(union)):
            _rewrite_union(node, union, notes)
            notes.rewrite(f"{union} with null", path)
    if isinstance(node.get("type"), list) or node.get("type") == "null":
        _rewrite_type(node, notes)
        notes.rewrite("type", path)
    if isinstance(node.get("examples"), list):
        examples = sequence(node.pop("examples"))
        node.update({"example": examples[0]} if examples and "example" not in node else {})
        notes.rewrite("examples", path)
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        value = node.get(bound)
        if isinstance(value, int | float) and not isinstance(value, bool):
            _rewrite_bound(node, bound, limit, value)
            notes.rewrite(bound, path)
    _rewrite_notation(node, path, notes)


def rewrite_reference(node: dict[str, Json], path: Path, notes: Notes) -> None:
    """To 3.0 what stands beside `$ref` means nothing; to 3.1 it counts."""
    if "$ref" in node and set(node) - _REF_NOTES:
        siblings = {key: node.pop(key) for key in sorted(node) if key != "$ref"}
        node["allOf"] = [{"$ref": node.pop("$ref")}, siblings]
        notes.rewrite("$ref with siblings", path)


def _rewrite_const(node: dict[str, Json]) -> None:
    value = node.pop("const")
    if "enum" in node and value not in sequence(node["enum"]):
        also(node, "enum", [value])
    else:
        node["enum"] = [value]


def _accepts_null(node: dict[str, Json]) -> bool:
    """Whether `type` and `enum` leave room for null."""
    types = sequence(node.get("type")) or [node.get("type", "null")]
    return "null" in types and ("enum" not in node or None in sequence(node["enum"]))


def _allow_null(node: dict[str, Json], notes: Notes, *, beside: frozenset[str]) -> None:
    """`nullable` is about a whole schema: where more stands beside it, null may have been refused there."""
    node["nullable"] = True
    if beside.intersection(node):
        notes.loosen(node)


def _rewrite_type(node: dict[str, Json], notes: Notes) -> None:
    written = node["type"]
    types = sequence(written) or [written]
    others = [kind for kind in types if kind != "null"]
    if len(others) != len(types) and _accepts_null(node):
        _allow_null(node, notes, beside=_APPLICATORS)
    del node["type"]
    if len(others) == 1:
        node["type"] = others[0]
    elif not others and "nullable" in node:
        node["enum"] = [None]
    elif not others:
        also(node, "not", {})
    else:
        also(node, "anyOf", [{"type": kind} for kind in others])


def _rewrite_bound(node: dict[str, Json], bound: str, limit: str, value: float) -> None:
    """A numeric exclusive bound becomes the 3.0 pair; where a stricter inclusive bound stands beside it, that one counts."""
    inclusive = node.get(limit)
    stricter = isinstance(inclusive, int | float) and (inclusive > value if limit == "minimum" else inclusive < value)
    del node[bound]
    if not stricter:
        node[limit], node[bound] = value, True


def _rewrite_union(node: dict[str, Json], union: str, notes: Notes) -> None:
    members = [member for member in sequence(node[union]) if member != NULL]
    twice = union == "oneOf" and len(sequence(node[union])) - len(members) > 1
    may_be_null = _accepts_null(node) and not twice
    del node[union]
    if may_be_null:
        _allow_null(node, notes, beside=_APPLICATORS)
        if union == "oneOf":
            notes.loosen(node)  # null may be accepted by another member too, and then by none
    if members:
        node[union] = members
    elif may_be_null:
        node["enum"] = [None]
    else:
        also(node, "not", {})


def _rewrite_notation(node: dict[str, Json], path: Path, notes: Notes) -> None:
    """What 3.2 adds to objects inside of a schema, none of which a validator reads."""
    for holder, keyword in (("xml", "nodeType"), ("discriminator", "defaultMapping")):
        if keyword in mapping(node.get(holder)):
            node[holder] = {key: value for key, value in mapping(node[holder]).items() if key != keyword}
            notes.rewrite(holder, path)
