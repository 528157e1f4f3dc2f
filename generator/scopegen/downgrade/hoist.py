"""Schemas that 3.0 can only refer to as components. In: a document's schemas. Out: the same, each reference to a component."""

from scopegen.diagnostics import Location
from scopegen.document import Document, Json, follow, mapping, text, unescaped
from scopegen.downgrade.notes import Notes
from scopegen.downgrade.subschemas import whole
from scopegen.names import ALNUM, hash8
from scopegen.walk import Path, path_pointer

Roots = list[tuple[dict[str, Json], Path]]
_COMPONENTS = "/components/schemas/"
_DEFINITIONS = ("$defs", "definitions")


class Hoister:
    """Gives names to the schemas of one document that lie inside of others. The same place always has the same name."""

    def __init__(self, document: Document, notes: Notes) -> None:
        self.document, self.notes = document, notes
        self.names: dict[str, str] = {}
        self.added: dict[str, Json] = {}
        self.origins: dict[str, Location] = {}

    def run(self, roots: Roots) -> Roots:
        """Hoist what is referred to and what is defined inside of schemas; the new components."""
        nodes = [entry for node, path in roots for entry in whole(node, path)]
        self.resolve_dynamic(nodes)
        for node, path in nodes:
            for keyword in _DEFINITIONS:
                if isinstance(node.get(keyword), dict):
                    for name in mapping(node[keyword]):
                        self.name_of(path_pointer(((path, keyword), name)))
        for node, path in reversed(nodes):
            if "$ref" in node:
                self.refer(node, path)
        for node, path in reversed(nodes):
            for keyword in _DEFINITIONS:
                if isinstance(node.get(keyword), dict):
                    del node[keyword]
                    self.notes.rewrite(keyword, path)
        if self.added:
            components = self.document.data.setdefault("components", {})
            mapping(mapping(components).setdefault("schemas", {})).update(self.added)
            self.document.origins = {"": Location(self.document.file), **self.document.origins, **self.origins}
        return [(mapping(one), ((((None, "components"), "schemas"), name))) for name, one in self.added.items()]

    def refer(self, node: dict[str, Json], path: Path) -> None:
        """Let a reference lead to a component; one that leads nowhere is told elsewhere."""
        place = unescaped(text(node["$ref"])[1:])
        if place.startswith(_COMPONENTS) and "/" not in place[len(_COMPONENTS) :]:
            node["$ref"] = "#" + place
            return
        name = self.name_of(place) if place else ""  # all of a document is no schema
        if name:
            node["$ref"] = "#" + _COMPONENTS + name
            self.notes.rewrite("$ref", path)
        else:
            del node["$ref"]
            self.notes.lose("$ref", path, node)

    def name_of(self, place: str) -> str:
        """The name of what lies at a pointer; empty where no schema lies there."""
        if place not in self.names:
            try:
                schema = follow(self.document.data, "#" + place.replace("%", "%25"))
            except KeyError:
                return ""
            if not isinstance(schema, dict | bool):
                return ""
            last = place.rpartition("/")[2]
            name = self.names[place] = "".join(ALNUM.findall(last))[:64] + hash8("#" + place)
            if isinstance(schema, bool):
                schema = {} if schema else {"not": {}}
            self.added[name] = schema
            self.origins[_COMPONENTS + name] = self.document.at(place)
        return self.names[place]

    def resolve_dynamic(self, nodes: Roots) -> None:
        """A `$dynamicRef` that can only mean one schema of the document is a `$ref` to it."""
        anchors: dict[str, list[str]] = {}
        for node, path in nodes:
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(keyword), str):
                    anchors.setdefault("#" + text(node[keyword]), []).append(path_pointer(path))
        for node, path in reversed(nodes):
            reference = text(node.get("$dynamicRef"))
            places = anchors.get(reference, [])
            place = places[0] if len(places) == 1 else reference[1:] if reference.startswith("#/") else ""
            if place and place != path_pointer(path) and "$ref" not in node:
                node["$ref"] = "#" + place
                del node["$dynamicRef"]
                self.notes.rewrite("$dynamicRef", path)
