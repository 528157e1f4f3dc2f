"""Schemas of 2.0 as 3.0 says them. In: a schema. Out: a copy with its references, and what 2.0 spells differently, rewritten."""

from scopegen import codes
from scopegen.diagnostics import pointer
from scopegen.document import Json, mapping, sequence
from scopegen.swagger.conversion import Conversion, component_reference

_NULLABLE = "x-nullable"


def convert_schema(conversion: Conversion, node: Json, place: str, here: str) -> Json:
    """One schema and everything in it."""
    conversion.moved(here, place)
    return _schema(conversion, node, place, here)


def _schema(conversion: Conversion, node: Json, place: str, here: str) -> Json:
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        return {**node, "$ref": component_reference(reference)}
    result: dict[str, Json] = {}
    for key, value in node.items():
        if key == _NULLABLE and isinstance(value, bool):
            result["nullable"] = value
            conversion.moved(f"{here}/nullable", f"{place}/{key}")
        elif key == "discriminator" and isinstance(value, str):
            result[key] = {"propertyName": value}
        elif key != "collectionFormat":  # of items within items, for which 3.0 has no form
            result[key] = _inner(conversion, key, value, place + pointer(key), here + pointer(key))
    if node.get("type") == "file":
        result |= {"type": "string", "format": "binary"}
    elif isinstance(node.get("type"), list) or node.get("type") == "null":
        _rewrite_type(result)
    return result


def _rewrite_type(node: dict[str, Json]) -> None:
    """Several types, or that of null, as OpenAPI 3.0 says it. (2.0 has no `anyOf` that could stand there already.)"""
    written = node.pop("type")
    types = sequence(written) or [written]
    others = [kind for kind in types if kind != "null"]
    if len(others) != len(types):
        node["nullable"] = True
    if len(others) == 1:
        node["type"] = others[0]
    elif others:
        node["anyOf"] = [{"type": kind} for kind in others]
    else:
        node["enum"] = [None]


def _inner(conversion: Conversion, key: str, value: Json, place: str, here: str) -> Json:
    """What stands at a keyword of a schema, the schemas in it converted."""
    if key == "properties":
        inner = mapping(value).items()
        return {name: _schema(conversion, item, place + pointer(name), here + pointer(name)) for name, item in inner}
    if key == "allOf":
        return [_schema(conversion, item, f"{place}/{i}", f"{here}/{i}") for i, item in enumerate(sequence(value))]
    if key == "items" and isinstance(value, list):
        where = conversion.old.at(place, "key")
        message = "`items` that differ by position may be anything: OpenAPI 3.0 cannot say it"
        conversion.found.append(codes.REWRITTEN_SCHEMA.at(where, message, "the backend still has to check it"))
        return {}
    return _schema(conversion, value, place, here) if key in ("items", "additionalProperties") else value
