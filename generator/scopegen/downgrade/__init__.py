"""OpenAPI 3.1 and 3.2 -> 3.0. In: a self-contained document. Out: the same as 3.0 says it, or weaker, never stricter.

What has a form in 3.0 is rewritten, and noted; for the rest there is a warning that says what API Gateway will not check.
"""

from collections.abc import Iterator

from scopegen.diagnostics import Report
from scopegen.document import Document, Json, mapping
from scopegen.downgrade.assertions import rewrite_assertions, rewrite_unevaluated
from scopegen.downgrade.hoist import Hoister, Roots
from scopegen.downgrade.keywords import NULL, rewrite_reference, rewrite_values
from scopegen.downgrade.notes import Notes
from scopegen.downgrade.outside import leave_out
from scopegen.downgrade.relax import relax
from scopegen.downgrade.subschemas import Part, parts, whole
from scopegen.walk import Path, objects, path_keys, path_pointer


def downgrade(document: Document, report: Report) -> dict[str, dict[str, Json]]:
    """Rewrite the document in place; its schemas, by pointer."""
    notes = Notes()
    leave_out(document, report)
    roots = _roots(document.data)
    roots += Hoister(document, notes).run(roots)
    seen = {id(NULL)}
    nodes = [entry for node, path in roots for entry in _spelled_out(node, path, seen)]
    for node, path in reversed(nodes):  # from the inside out
        rewrite_unevaluated(node, path, notes)
        rewrite_values(node, path, notes)
        rewrite_assertions(node, path, notes)
        rewrite_reference(node, path, notes)
    relax(roots, mapping(mapping(document.data.get("components")).get("schemas")), notes)
    notes.report(document, report)
    return {path_pointer(path): node for node, path in roots}


def _roots(data: dict[str, Json]) -> Roots:
    """The schemas that stand in no other one, of what is imported."""
    found: list[Part] = []
    for node, path, names in objects(data):
        if names and path == ((None, "components"), "schemas"):
            found += [Part("schemas", node, name, (path, name)) for name in reversed(node)]
        elif not names and "schema" in node and _is_imported(path):
            found.append(Part("schema", node, "schema", (path, "schema")))
    for part in found:
        part.spell_out()
    # They were found from the end of the document to its start.
    return [(mapping(part.schema), part.path) for part in reversed(found) if isinstance(part.schema, dict)]


def _is_imported(path: Path) -> bool:
    """Whether a place is none of what API Gateway does not call: webhooks and callbacks."""
    keys = path_keys(path)
    return keys[:1] != ["webhooks"] and keys[:2] != ["components", "callbacks"] and keys[3:4] != ["callbacks"]


def _spelled_out(node: dict[str, Json], path: Path, seen: set[int]) -> Iterator[tuple[dict[str, Json], Path]]:
    """A schema and all in it that is to be rewritten, no part of which is `true` or `false` any more."""
    for one, here in whole(node, path, seen):
        for part in parts(one, here):
            part.spell_out()
            if part.keyword in ("anyOf", "oneOf") and part.schema == NULL:
                part.put(NULL)  # which only adds null to a union: that is rewritten as a whole
        yield one, here
