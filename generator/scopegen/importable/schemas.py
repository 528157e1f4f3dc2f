"""Schemas -> API Gateway models. In: JSON Schema as OpenAPI writes it. Out: what draft 4 models take; the rest is counted."""

from collections import Counter

from scopegen import codes, limits
from scopegen.diagnostics import Location, Report, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.names import model_name

_MAPS = ("properties",)
_LISTS = ("allOf", "anyOf", "oneOf")
_ONE = ("items", "not", "additionalProperties")
_COMPONENTS = "#/components/schemas/"
# Left out without a word: they never said anything to a validator.
_SILENT = frozenset({"deprecated", "example", "examples", "externalDocs", "readOnly", "writeOnly", "xml"})


class Models:
    """Converts the schemas of one document; remembers what was lost on the way, to be told once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.lost: Counter[str] = Counter()
        self.first: dict[str, str] = {}

    def all(self, report: Report) -> dict[str, Json]:
        """Every named schema, under a name that API Gateway takes."""
        result: dict[str, Json] = {}
        schemas = mapping(mapping(self.document.data.get("components")).get("schemas"))
        for name, schema in schemas.items():
            here = pointer("components", "schemas", name)
            result[model_name(name)] = self.convert(schema, here)
            if model_name(name) != name:
                message = f"the model `{name}` is named `{model_name(name)}` on API Gateway"
                report.add(codes.RENAMED_MODEL.at(self.document.at(here, "key"), message))
        return result

    def convert(self, schema: Json, here: str) -> Json:
        """One schema and everything in it."""
        if not isinstance(schema, dict):
            return schema if isinstance(schema, bool) else {}
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return {"$ref": _COMPONENTS + model_name(reference.removeprefix(_COMPONENTS))}
        result: dict[str, Json] = {}
        for key, value in schema.items():
            below = f"{here}/{key}"
            if key not in limits.SCHEMA_KEYWORDS or (key == "format" and value not in limits.SCHEMA_FORMATS):
                self.lose(key, below, value)
            elif key in _MAPS:
                result[key] = {
                    name: self.convert(inner, below + pointer(name)) for name, inner in mapping(value).items()
                }
            elif key in _LISTS:
                result[key] = [self.convert(inner, f"{below}/{i}") for i, inner in enumerate(sequence(value))]
            elif key in _ONE:
                result[key] = self.convert(value, below)
            else:
                result[key] = value
        return result

    def lose(self, key: str, here: str, value: Json) -> None:
        if key not in _SILENT and not key.startswith("x-") and value is not False:
            self.lost[key] += 1
            self.first.setdefault(key, here)

    def report(self, report: Report) -> None:
        """One note per keyword that API Gateway models do not know."""
        for key, number in sorted(self.lost.items()):
            places = f"{number} place{'s' if number > 1 else ''}"
            where: Location = self.document.at(self.first[key], "key")
            message = f"`{key}` is left out of the models ({places}): API Gateway does not know it"
            report.add(codes.REWRITTEN_SCHEMA.at(where, message, "the backend still has to check it"))


def simple_type(document: Document, parameter: dict[str, Json]) -> str:
    """The type of a parameter or header as far as API Gateway keeps it."""
    schema = mapping(document.resolve(parameter.get("schema")))
    kind = text(schema.get("type"))
    return kind if kind in ("string", "number", "integer", "boolean", "array") else "string"
