"""A value for a schema. In: a schema of an import spec, the models. Out: one that fits it as far as one pass can see.

Always the same, and bounded: models that contain themselves end after a few levels. Patterns are met only where they
are a plain text or a repeated class; `not` is not looked at.
"""

import re
from collections.abc import Callable

from scopegen.document import Json, mapping, sequence, text
from scopegen.names import model_name

_DEEPEST, _ITEMS, _PROPERTIES, _LONGEST, _VALUES = 8, 3, 200, 200, 2_000
_FORMATS = {
    "byte": "c2NvcGVnZW4=",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "email": "user@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
}
# One class of characters, so and so often: what most patterns of identifiers are.
_CLASS = re.compile(r"\^?(?:\[([A-Za-z0-9])(?:-[A-Za-z0-9])?[^\]\[^]*\]|(\\d))(\{(\d{1,3})(?:,\d*)?\}|[+*]?)\$?")
_PLAIN = re.compile(r"\^?([\w /:-]+)\$?")


def made(schema: Json, models: dict[str, Json]) -> Json:
    """A value for a schema."""
    return _Maker(models).value(schema, 0, ())


class _Maker:
    """One value in the making; `left` is how many parts it may still get."""

    def __init__(self, models: dict[str, Json]) -> None:
        self.models, self.left = models, _VALUES

    def value(self, schema: Json, depth: int, inside: tuple[str, ...]) -> Json:
        self.left -= 1
        node, inside = self.resolved(mapping(schema), inside)
        if node is None or depth > _DEEPEST or self.left < 0:
            return None
        whole = self.merged(node, inside)
        for key in ("example", "default", "const"):
            if key in whole:
                return whole[key]
        if sequence(whole.get("enum")):
            return sequence(whole.get("enum"))[0]
        return _KINDS.get(_kind(whole), _nothing)(self, whole, depth, inside)

    def resolved(
        self, schema: dict[str, Json], inside: tuple[str, ...]
    ) -> tuple[dict[str, Json] | None, tuple[str, ...]]:
        """A schema with its reference followed; None for one that stands inside itself."""
        while isinstance(schema.get("$ref"), str):
            name = model_name(text(schema["$ref"]).rpartition("/")[2])
            if name in inside:
                return None, inside
            schema, inside = mapping(self.models.get(name)), (*inside, name)
        return schema, inside

    def merged(self, node: dict[str, Json], inside: tuple[str, ...], depth: int = 0) -> dict[str, Json]:
        """A schema with all of its `allOf` and the first possible of its alternatives laid over it."""
        result = {key: value for key, value in node.items() if key not in ("allOf", "anyOf", "oneOf")}
        if depth > _DEEPEST:
            return result
        chosen = [*sequence(node.get("allOf"))]
        chosen += [sequence(node.get(key))[0] for key in ("oneOf", "anyOf") if sequence(node.get(key))]
        for one in chosen:
            self.left -= 1
            found, _ = self.resolved(mapping(one), inside)
            part = self.merged(found or {}, inside, depth + 1) if self.left > 0 else {}
            properties = {**mapping(result.get("properties")), **mapping(part.get("properties"))}
            required = [*sequence(result.get("required")), *sequence(part.get("required"))]
            result = {**part, **result}
            if properties:
                result["properties"] = properties
            if required:
                result["required"] = required
        return result


def _kind(schema: dict[str, Json]) -> str:
    """The type of a schema, guessed where it does not say."""
    written = schema.get("type")
    kinds = [text(one) for one in (written if isinstance(written, list) else [written])]
    kind = next((one for one in kinds if one and one != "null"), "")
    if kind or "null" in kinds:
        return kind
    guesses = {"properties": "object", "additionalProperties": "object", "items": "array", "pattern": "string"}
    return next(
        (guess for key, guess in guesses.items() if key in schema), "string" if "format" in schema else "object"
    )


def _object(maker: _Maker, schema: dict[str, Json], depth: int, inside: tuple[str, ...]) -> Json:
    required = {text(one) for one in sequence(schema.get("required"))}
    result: dict[str, Json] = {}
    for name, inner in list(mapping(schema.get("properties")).items())[:_PROPERTIES]:
        found = maker.value(inner, depth + 1, inside)
        if found is not None or name in required:
            result[name] = found
    return result


def _array(maker: _Maker, schema: dict[str, Json], depth: int, inside: tuple[str, ...]) -> Json:
    least = schema.get("minItems")
    number = min(max(least, 1), _ITEMS) if isinstance(least, int) else 1
    found = [maker.value(schema.get("items", {}), depth + 1, inside) for _ in range(number)]
    return [one for one in found if one is not None]


def _string(_: _Maker, schema: dict[str, Json], __: int, ___: tuple[str, ...]) -> Json:
    least, most = schema.get("minLength"), schema.get("maxLength")
    value = _FORMATS.get(text(schema.get("format"))) or _matching(text(schema.get("pattern"))) or "string"
    if isinstance(least, int) and len(value) < least:
        value += value[-1] * (min(least, _LONGEST) - len(value))
    return value[: max(most, 0)] if isinstance(most, int) else value


def _matching(pattern: str) -> str:
    """A text for a simple pattern; empty for any other."""
    plain, repeated = _PLAIN.fullmatch(pattern), _CLASS.fullmatch(pattern)
    if plain:
        return plain[1]
    return (repeated[1] or "0") * min(int(repeated[4] or 1), _LONGEST) if repeated else ""


def _integer(_: _Maker, schema: dict[str, Json], __: int, ___: tuple[str, ...]) -> Json:
    return int(_number(schema, 1))


def _float(_: _Maker, schema: dict[str, Json], __: int, ___: tuple[str, ...]) -> Json:
    return _number(schema, 0.5)


def _number(schema: dict[str, Json], step: float) -> float:
    """A number within its bounds, a multiple where one is asked for."""
    least, most, multiple = (schema.get(key) for key in ("minimum", "maximum", "multipleOf"))
    value: float = 1
    if isinstance(most, int | float):
        value = min(value, most - step if schema.get("exclusiveMaximum") is True else most)
    if isinstance(least, int | float) and value <= least:
        value = least + step if schema.get("exclusiveMinimum") is True else least
    if isinstance(multiple, int | float) and multiple > 0:
        value = -(-value // multiple) * multiple
    return value


def _nothing(_: _Maker, __: dict[str, Json], ___: int, ____: tuple[str, ...]) -> Json:
    return None


_KINDS: dict[str, Callable[[_Maker, dict[str, Json], int, tuple[str, ...]], Json]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _float,
    "boolean": lambda *_: True,
}
