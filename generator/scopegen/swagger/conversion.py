"""One conversion. In: a document of Swagger 2.0. Out: where each part of the result was written, and what was found."""

import re

from scopegen.diagnostics import Diagnostic, Location, pointer, pointer_keys
from scopegen.document import Document, Json, mapping, unescaped
from scopegen.names import model_name

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SECTIONS = {"definitions": "schemas", "parameters": "parameters", "responses": "responses"}


def component(name: str) -> str:
    """The name of a component: 2.0 allows all characters, 3.0 only some."""
    return name if _NAME.fullmatch(name) else model_name(name)


def component_reference(reference: str) -> str:
    """`#/definitions/Pet` -> `#/components/schemas/Pet`; what is no reference to something shared stays what it is."""
    keys = pointer_keys(unescaped(reference[1:]))
    if reference[:2] != "#/" or len(keys) != 2 or keys[0] not in _SECTIONS:
        return reference
    return "#" + pointer("components", _SECTIONS[keys[0]], component(keys[1]))


class Conversion:
    """What is known while a document is converted; `place` is always a pointer in the old document, `here` one in the new."""

    def __init__(self, old: Document) -> None:
        self.old = old
        self.found: list[Diagnostic] = []
        self._places: dict[str, str] = {}

    def moved(self, here: str, place: str) -> None:
        """Remember where something stood, even if it stays there: another part of it may go elsewhere."""
        self._places[here] = place

    def resolved(self, node: Json, place: str) -> tuple[dict[str, Json], str]:
        """What a node is once its references are followed, and where; empty where one leads nowhere, which is told."""
        try:
            value, there = self.old.resolve_at(node, place)
        except KeyError:
            return {}, place
        return mapping(value), there

    def origins(self) -> dict[str, Location]:
        """Where the parts of the new document were written, those included that references had brought into the old one."""
        result = {here: self.old.at(place) for here, place in self._places.items()}
        if not self.old.origins:
            return result
        copies: dict[str, list[str]] = {}
        for here, place in self._places.items():
            copies.setdefault(place, []).append(here)
        for inner, location in self.old.origins.items():
            place = inner
            while place and place not in copies:
                place = place.rpartition("/")[0]
            for here in copies.get(place, [""]):
                result.setdefault(here + inner[len(place) :], location)
        return result
