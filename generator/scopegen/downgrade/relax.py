"""`not` and `oneOf` around what became weaker would become stricter. In: rewritten schemas. Out: the same without those."""

from scopegen.document import Json, sequence, text
from scopegen.downgrade.notes import Notes
from scopegen.downgrade.subschemas import also, parts, whole
from scopegen.walk import Path

_COMPONENTS = "#/components/schemas/"


def relax(roots: list[tuple[dict[str, Json], Path]], schemas: dict[str, Json], notes: Notes) -> None:
    """Leave out each `not`, and read each `oneOf` as `anyOf`, that holds a schema which accepts more than it did."""
    if not notes.inexact:
        return
    weaker = _weaker(schemas, notes)
    seen: dict[int, bool] = {}
    for node, path in reversed(roots):
        _relaxed(node, path, weaker, notes, seen)


def _weaker(schemas: dict[str, Json], notes: Notes) -> set[str]:
    """References to the schemas that accept more, by themselves or by what they refer to."""
    users: dict[str, list[str]] = {}
    found: list[str] = []
    for name, schema in schemas.items():
        reference = _COMPONENTS + name
        for node, _ in whole(schema, None):
            users.setdefault(text(node.get("$ref")), []).append(reference)
            if id(node) in notes.inexact:
                found.append(reference)
    weaker = set(found)
    for reference in found:  # which grows while it is worked on
        fresh = set(users.get(reference, ())) - weaker
        weaker |= fresh
        found += fresh
    return weaker


def _relaxed(node: dict[str, Json], path: Path, weaker: set[str], notes: Notes, seen: dict[int, bool]) -> bool:
    """Whether a schema accepts more than it did."""
    if id(node) in seen:
        return seen[id(node)]
    seen[id(node)] = False
    loose = id(node) in notes.inexact or text(node.get("$ref")) in weaker
    inner: set[str] = set()
    for part in reversed(parts(node, path)):
        if isinstance(part.schema, dict) and _relaxed(part.schema, part.path, weaker, notes, seen):
            loose = True
            inner.add(part.keyword)
    if "not" in inner:
        del node["not"]
        notes.lose("not", path, node)
    if "oneOf" in inner:
        also(node, "anyOf", sequence(node.pop("oneOf")))
        notes.lose("oneOf", path, node)
    seen[id(node)] = loose
    return loose
