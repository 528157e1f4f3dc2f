"""References by name. In: the data of a document of 3.1 or later. Out: the same, where each is the path to what it names.

`$id` and `$self` give a name to a schema and to the document, `$anchor` to a schema inside of one (JSON Schema 2020-12,
section 8.2). What a name does not lead to is left as it is written.
"""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin

from scopegen.document import Json, follow, mapping, text
from scopegen.walk import Path, in_schema, objects, path_pointer

_ANCHORS = ("$anchor", "$dynamicAnchor")
_DEFINITIONS = ("#/$defs/", "#/definitions/")


class _Named(NamedTuple):
    """Where names lead: that of a resource, and those of anchors in each of them."""

    bases: dict[str, str]
    resources: dict[str, str]
    anchors: dict[tuple[str, str], str]


def resolve(data: Json) -> None:
    """Rewrite, in place, references that lead to a part of this document by name."""
    nodes = [(node, path) for node, path, names in objects(data) if not names]
    references = [(node, path) for node, path in nodes if isinstance(node.get("$ref"), str)]
    if all(_leads(data, text(node["$ref"])) for node, _ in references) and not any("$id" in node for node, _ in nodes):
        return
    named = _named(data, nodes)
    whole = text(mapping(data).get("$self"))
    document = _Named({"": whole}, {whole: ""}, {})  # what a schema is called is no name for a path item
    for node, path in references:
        here, reference = path_pointer(path), text(node["$ref"])
        for candidate in _candidates(named if in_schema(path) else document, here, reference):
            if _leads(data, candidate):
                node["$ref"] = candidate
                break


def anchored(data: Json, name: str) -> str:
    """The pointer of a schema by its anchor, empty where there is none."""
    nodes = ((node, path) for node, path, names in objects(data) if not names)
    return next((path_pointer(path) for node, path in nodes if name in map(node.get, _ANCHORS)), "")


def _named(data: Json, nodes: list[tuple[dict[str, Json], Path]]) -> _Named:
    root = text(mapping(data).get("$self"))
    named = _Named({"": root}, {root: ""}, {})
    ids = [(path_pointer(path), text(node.get("$id"))) for node, path in nodes if isinstance(node.get("$id"), str)]
    for here, name in sorted(ids, key=lambda item: len(item[0])):
        base = _joined(_base(named, here), name).partition("#")[0]
        named.bases[here] = base
        named.resources.setdefault(base, here)
    for node, path in nodes:
        for keyword in _ANCHORS:
            if isinstance(node.get(keyword), str):
                here = path_pointer(path)
                named.anchors.setdefault((_base(named, here), text(node[keyword])), here)
    return named


def _base(named: _Named, here: str) -> str:
    """The name of the innermost resource around a place."""
    while here not in named.bases:
        here = here.rpartition("/")[0]
    return named.bases[here]


def _joined(base: str, reference: str) -> str:
    if reference[:1] == "#":
        return base + reference
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def _candidates(named: _Named, here: str, reference: str) -> Iterator[str]:
    """What a reference may mean, likeliest first: by the rules, as it is written, and in a schema around it."""
    base, _, fragment = _joined(_base(named, here), reference).partition("#")
    root = named.resources.get(base)
    if root is not None and (not fragment or fragment[0] == "/"):
        yield f"#{root}{fragment}"
    elif root is not None and (base, fragment) in named.anchors:
        yield "#" + named.anchors[base, fragment]
    yield reference
    while here and reference.startswith(_DEFINITIONS):
        yield f"#{here}{reference[1:]}"
        here = here.rpartition("/")[0]


def _leads(data: Json, reference: str) -> bool:
    try:
        follow(data, reference)
    except KeyError:
        return False
    return True
