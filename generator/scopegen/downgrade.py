"""OpenAPI 3.1 -> 3.0. In: a self-contained document. Out: the same, with what 3.0 can say rewritten; the rest is an error."""

from collections import Counter

from scopegen import codes
from scopegen.diagnostics import Location, Report
from scopegen.document import Document, Json, mapping, sequence
from scopegen.walk import Path, objects, path_pointer

_UNSUPPORTED = frozenset(
    "$anchor $defs $dynamicAnchor $dynamicRef $id contains dependentRequired dependentSchemas else if maxContains "
    "minContains patternProperties prefixItems propertyNames then unevaluatedItems unevaluatedProperties".split()
)
_ANNOTATIONS = frozenset({"$comment", "$schema", "contentEncoding", "contentMediaType", "contentSchema"})
_REF_NOTES = frozenset(
    {"$ref", "default", "deprecated", "description", "example", "readOnly", "summary", "title", "writeOnly"}
)
_BOOLEAN_SCHEMAS: dict[bool, Json] = {True: {}, False: {"not": {}}}


def downgrade(document: Document, report: Report) -> None:
    """Rewrite the document's schemas in place; keywords without a 3.0 form are in the report."""
    if "webhooks" in document.data:
        where = document.at("/webhooks", "key")
        report.add(codes.LEFT_OUT_OF_IMPORT.at(where, "`webhooks` are left out: API Gateway does not serve them"))
    rewritten: Counter[str] = Counter()
    first: dict[str, Location] = {}
    for node, path, names in list(objects(document.data)):
        if names or not _in_schema(path):
            continue
        for keyword in _rewrite(node):
            first.setdefault(keyword, document.at(f"{path_pointer(path)}/{keyword.split()[0]}", "key"))
            rewritten[keyword] += 1
        for keyword in sorted(_UNSUPPORTED.intersection(node)):
            where = document.at(f"{path_pointer(path)}/{keyword}", "key")
            hint = "say it with keywords of OpenAPI 3.0: API Gateway reads no other"
            report.add(codes.UNSUPPORTED_KEYWORD.at(where, f"`{keyword}` is not known to OpenAPI 3.0", hint))
    for keyword, number in sorted(rewritten.items()):
        message = (
            f"`{keyword}` of OpenAPI 3.1 is written as 3.0 says it ({number} {'place' if number == 1 else 'places'})"
        )
        report.add(codes.REWRITTEN_SCHEMA.at(first[keyword], message))


def _in_schema(path: Path) -> bool:
    """Whether a path leads into a schema of what is imported; webhooks are not."""
    found, root = False, path
    while path is not None:
        root, (path, key) = path, path
        found = found or key in ("schema", "schemas")
    return found and root is not None and root[1] != "webhooks"


def _rewrite(node: dict[str, Json]) -> list[str]:
    """Rewrite one schema in place; the keywords that were rewritten."""
    done = [keyword for keyword in sorted(_ANNOTATIONS.intersection(node)) if node.pop(keyword, "") != ""]
    if "const" in node:
        node["enum"] = [node.pop("const")]
        done.append("const")
    if isinstance(node.get("type"), list) or node.get("type") == "null":
        _rewrite_type(node)
        done.append("type")
    if isinstance(node.get("examples"), list):
        examples = sequence(node.pop("examples"))
        node.update({"example": examples[0]} if examples and "example" not in node else {})
        done.append("examples")
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        value = node.get(bound)
        if isinstance(value, int | float) and not isinstance(value, bool):
            _rewrite_bound(node, bound, limit, value)
            done.append(bound)
    for union in ("anyOf", "oneOf"):
        if {"type": "null"} in sequence(node.get(union)):
            _rewrite_union(node, union)
            done.append(f"{union} with null")
    if "$ref" in node and set(node) - _REF_NOTES:
        siblings = {key: node.pop(key) for key in sorted(node) if key != "$ref"}
        node["allOf"] = [{"$ref": node.pop("$ref")}, siblings]
        done.append("$ref with siblings")
    _rewrite_booleans(node)
    return done


def _rewrite_type(node: dict[str, Json]) -> None:
    written = node.pop("type")
    types = sequence(written) or [written]
    others = [kind for kind in types if kind != "null"]
    if len(others) != len(types):
        node["nullable"] = True
    if len(others) == 1:
        node["type"] = others[0]
    elif not others:
        node["enum"] = [None]
    elif "anyOf" in node:
        node["allOf"] = [*sequence(node.get("allOf")), {"anyOf": [{"type": kind} for kind in others]}]
    else:
        node["anyOf"] = [{"type": kind} for kind in others]


def _rewrite_bound(node: dict[str, Json], bound: str, limit: str, value: float) -> None:
    """A numeric exclusive bound becomes the 3.0 pair; where a stricter inclusive bound stands beside it, that one counts."""
    inclusive = node.get(limit)
    stricter = isinstance(inclusive, int | float) and (inclusive > value if limit == "minimum" else inclusive < value)
    del node[bound]
    if not stricter:
        node[limit], node[bound] = value, True


def _rewrite_union(node: dict[str, Json], union: str) -> None:
    members = [member for member in sequence(node[union]) if member != {"type": "null"}]
    node["nullable"] = True
    if members:
        node[union] = members
    else:
        node["enum"] = [None]
        del node[union]


def _rewrite_booleans(node: dict[str, Json]) -> None:
    """`true` and `false` as schemas; `additionalProperties` may stay what it is."""
    places = [(mapping(node.get("properties")), key) for key in mapping(node.get("properties"))]
    places += [(node, key) for key in ("items", "not") if key in node]
    for container, key in places:
        value = container[key]
        if isinstance(value, bool):
            container[key] = _BOOLEAN_SCHEMAS[value]
