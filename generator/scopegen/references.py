"""References inside one document. In: its data. Out: an error for each that leads nowhere, or back to itself."""

from scopegen import codes
from scopegen.diagnostics import Diagnostic, Location, Report
from scopegen.document import Document, Json, follow, mapping, text, unescaped
from scopegen.walk import objects, path_pointer

_SHARED = {"2.0": ("#/definitions/", "#/parameters/", "#/responses/")}
_ITEMS = ("#/paths/", "#/components/pathItems/")
_DEPTHS = {"2.0": 2, "3.0": 3}


def may_stay(reference: str, data: dict[str, Json]) -> bool:
    """Whether a local reference leads to something that a document shares, and not into it: API Gateway can follow that.

    Into what a document of 3.1 shares it may lead as well: such references are rewritten with all else of that version.
    """
    version = "2.0" if "swagger" in data else text(data.get("openapi"))[:3]
    is_shared = reference.startswith(_SHARED.get(version, ("#/components/",)))
    if reference.startswith("#/components/x-"):
        return False  # what lies under an extension is nothing that is looked at, and has to be copied
    depth = unescaped(reference).count("/")
    return is_shared and depth == _DEPTHS.get(version, depth)


def check_references(document: Document, report: Report) -> tuple[bool, bool]:
    """Report local references that lead nowhere.

    Whether some reference leads into another file or off the components, and whether some leads to a reference.
    """
    items = [mapping(item) for item in mapping(document.data.get("paths")).values()]
    elsewhere = any("$ref" in item and not text(item["$ref"]).startswith(_ITEMS) for item in items)
    if not elsewhere and all(_is_simple(document, reference) for reference in document.survey.references):
        return False, False
    good: set[str] = set()
    chained = False
    for node, path, names in objects(document.data):
        reference = None if names else node.get("$ref")
        if not isinstance(reference, str) or reference in good:
            continue
        if not reference.startswith("#"):
            elsewhere = True
            continue
        stays = may_stay(reference, document.data)
        elsewhere = elsewhere or not (stays or (_is_path_item(path) and reference.startswith("#/paths/")))
        try:
            chained = "$ref" in mapping(follow(document.data, reference)) or chained
            good.add(reference)
        except KeyError:
            where = Location(document.file, path_pointer(path) + "/$ref")
            report.add(codes.UNRESOLVABLE_REFERENCE.at(where, f"`{reference}` leads nowhere in this document"))
    return elsewhere, chained


def _is_simple(document: Document, reference: str) -> bool:
    """Whether a reference leads to something shared that is no reference itself."""
    target = _target(document, reference) if may_stay(reference, document.data) else None
    return target is not None and "$ref" not in mapping(target)


def check_rings(document: Document, report: Report) -> None:
    """Report references that lead back to themselves by way of nothing but references."""
    ending: set[str] = set()  # references from which no chain leads back
    for node, path, names in objects(document.data):
        reference = None if names else node.get("$ref")
        if isinstance(reference, str) and "$ref" in mapping(_target(document, reference)) and not _is_path_item(path):
            seen: set[str] = set()
            here, next_one = path_pointer(path), reference
            while next_one and next_one not in ending and next_one not in seen and unescaped(next_one[1:]) != here:
                seen.add(next_one)
                next_one = text(mapping(_target(document, next_one)).get("$ref"))
            if not next_one or next_one in ending:
                ending |= seen
            if unescaped(next_one[1:]) == here:
                where = document.at(f"{here}/$ref")
                report.add(to_itself(where, document.written(where).strip("'\"") or reference))


def _target(document: Document, reference: str) -> Json:
    try:
        return follow(document.data, reference)
    except KeyError:
        return None


def to_itself(where: Location, reference: str) -> Diagnostic:
    """A reference that never arrives."""
    return codes.UNRESOLVABLE_REFERENCE.at(where, f"`{reference}` refers to itself")


def _is_path_item(path: object) -> bool:
    return isinstance(path, tuple) and isinstance(path[0], tuple) and path[0] == (None, "paths")
