"""Schemas -> API Gateway models. In: JSON Schema as OpenAPI writes it. Out: what draft 4 models take; the rest is counted."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from scopegen import codes, limits
from scopegen.diagnostics import Diagnostic, Report, pointer, pointer_keys
from scopegen.document import Document, Json, follow, mapping, sequence, text, unescaped
from scopegen.lost import Lost
from scopegen.names import model_name

# Where a schema stands: a pointer, and the keys below it as a linked list, so that converting builds no strings.
Here: TypeAlias = "str | tuple[Here, str | int]"
_MAPS = ("properties",)
_LISTS = ("allOf", "anyOf", "oneOf")
_WITH_SCHEMAS = frozenset({*_MAPS, *_LISTS, "items", "not", "additionalProperties"})
_COMPONENTS = "#/components/schemas/"
_INDIRECT = re.compile("[/~%]")
# Left out without a word: they never said anything to a validator.
_SILENT = frozenset(
    {"deprecated", "description", "example", "examples", "externalDocs", "readOnly", "writeOnly", "xml"}
)


class Models:
    """Converts the schemas of one document; remembers what was lost on the way, to be told once."""

    def __init__(self, document: Document, *, keeps_text: bool) -> None:
        self.document = document
        self.keywords = limits.SCHEMA_KEYWORDS - (set() if keeps_text else {"description"})
        self.lost: Counter[str] = Counter()
        self.first: dict[str, Here] = {}
        self.parts: dict[str, str] = {}

    def all(self, report: Report) -> dict[str, Json]:
        """Every named schema, under a name that API Gateway takes."""
        result: dict[str, Json] = {}
        schemas = mapping(mapping(self.document.data.get("components")).get("schemas"))
        renamed = []
        for name, schema in schemas.items():
            new_name = model_name(name)
            result[new_name] = self.convert(schema, pointer("components", "schemas", name))
            if new_name != name:
                renamed.append(name)
        done: set[str] = set()
        while left := self.parts.keys() - done:  # a part may refer to further ones
            for name in sorted(left):
                here = self.parts[name]
                result[name] = self.convert(follow(self.document.data, "#" + here), here)
            done |= left
        if renamed:
            where = self.document.at(pointer("components", "schemas", renamed[0]), "key")
            message = f"the model `{renamed[0]}` is named `{model_name(renamed[0])}` on API Gateway"
            more = len(renamed) - 1
            message += f"; {more} more {'are' if more > 1 else 'is'} renamed" if more else ""
            report.add(codes.RENAMED_MODEL.at(where, message))
        return result

    def convert(self, schema: Json, here: Here) -> Json:
        """One schema and everything in it."""
        if not isinstance(schema, dict):
            return schema if isinstance(schema, bool) else {}
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return {"$ref": _COMPONENTS + self.named(reference)}
        result: dict[str, Json] = {}
        for key, value in schema.items():
            if key not in self.keywords or (key == "format" and value not in limits.SCHEMA_FORMATS):
                if key not in _SILENT:
                    self.lose(key, (here, key), value)
            elif key not in _WITH_SCHEMAS:
                result[key] = value
            elif key in _MAPS:
                below = (here, key)
                result[key] = {name: self.convert(inner, (below, name)) for name, inner in mapping(value).items()}
            elif key in _LISTS:
                below = (here, key)
                result[key] = [self.convert(inner, (below, i)) for i, inner in enumerate(sequence(value))]
            else:
                result[key] = self.convert(value, (here, key))
        return _with_null(result) if schema.get("nullable") is True and "type" in result else result

    def named(self, reference: str) -> str:
        """The model that a reference means; what is only a part of a component becomes a model of its own."""
        written = reference.removeprefix(_COMPONENTS)
        if written != reference and not _INDIRECT.search(written):
            return model_name(written)
        here = unescaped(reference[1:])
        keys = pointer_keys(here)
        if keys[:2] == ["components", "schemas"] and len(keys) == 3:
            return model_name(keys[2])
        name = model_name(here)
        self.parts[name] = here
        return name

    def lose(self, key: str, here: Here, value: Json) -> None:
        if not key.startswith("x-") and value is not False:
            self.lost[key] += 1
            self.first.setdefault(key, here)

    def notes(self) -> Iterator[Diagnostic]:
        """One finding per keyword that API Gateway models do not know."""
        why = "API Gateway does not know it"
        lost = Lost(self.document)
        for key, number in self.lost.items():
            what, hint = f"`{key}` is left out of the models", "the backend still has to check it"
            if key == "nullable":
                what, hint = "`nullable` is written as `anyOf` with null in the models", ""
            lost.add(codes.REWRITTEN_SCHEMA, _place(self.first[key]), what, why, hint, number)
        return lost.notes()


def _with_null(model: dict[str, Json]) -> Json:
    """A model that lets null through as well as what its type says; without it, it would be stricter than the document."""
    either: Json = {"anyOf": [{"type": model.pop("type")}, {"enum": [None]}]}
    if "anyOf" in model:
        return {**model, "allOf": [*sequence(model.get("allOf")), either]}
    return {**model, **mapping(either)}


def _place(here: Here) -> str:
    keys: list[str | int] = []
    while isinstance(here, tuple):
        here, key = here
        keys.append(key)
    return here + pointer(*reversed(keys))


def simple_type(document: Document, parameter: dict[str, Json]) -> str:
    """The type of a parameter or header as far as API Gateway keeps it."""
    schema = mapping(document.resolve(parameter.get("schema")))
    kind = text(schema.get("type"))
    return kind if kind in ("string", "number", "integer", "boolean", "array") else "string"
