"""Parameters outside of bodies, and headers. In: one of 2.0, which is its own schema. Out: one of 3.0, which has a schema."""

from scopegen.document import Json, text
from scopegen.swagger.conversion import Conversion
from scopegen.swagger.schemas import convert_schema

_OWN = frozenset({"allowEmptyValue", "description", "in", "name", "required"})
_STYLES: dict[str, dict[str, Json]] = {
    "multi": {"style": "form", "explode": True},
    "pipes": {"style": "pipeDelimited", "explode": False},
    "ssv": {"style": "spaceDelimited", "explode": False},
}


def convert_parameter(conversion: Conversion, parameter: dict[str, Json], place: str, here: str) -> dict[str, Json]:
    """A path, query or header parameter; or a header, which has neither name nor place."""
    conversion.moved(here, place)
    result = {key: value for key, value in parameter.items() if key in _OWN or _is_extension(key)}
    result["schema"] = own_schema(conversion, parameter, place, f"{here}/schema")
    if parameter.get("type") == "array":
        result |= style(parameter)
    return result


def own_schema(conversion: Conversion, parameter: dict[str, Json], place: str, here: str) -> Json:
    """What a parameter says of its value."""
    schema = {key: value for key, value in parameter.items() if key not in _OWN and not _is_extension(key)}
    return convert_schema(conversion, schema, place, here)


def style(parameter: dict[str, Json]) -> dict[str, Json]:
    """How several values are written; for tabs between them 3.0 has no form, and API Gateway reads none of it."""
    is_simple = parameter.get("in") not in ("query", "formData")
    plain: dict[str, Json] = {"style": "simple" if is_simple else "form", "explode": False}
    return plain if is_simple else _STYLES.get(text(parameter.get("collectionFormat")), plain)


def _is_extension(key: str) -> bool:
    return key[:2] == "x-" and key != "x-nullable"
