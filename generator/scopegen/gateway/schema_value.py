"""A value for a schema. In: a schema of an import spec, the models. Out: one that fits it as far as one pass can see.

Always the same, and bounded: deep down there is only what must be there, and models that contain themselves end. `not` is
not looked at, nor whether several alternatives of a `oneOf` fit.
"""

from collections.abc import Callable

from scopegen.document import Json, mapping, sequence, text
from scopegen.gateway.pattern_value import matching
from scopegen.names import model_name

_DEEPEST, _ITEMS, _PROPERTIES, _LONGEST, _VALUES = 8, 20, 200, 200, 2_000
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
_TYPES = {"array": list, "boolean": bool, "integer": int, "number": float, "object": dict, "string": str}


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
        if node is None or depth > 2 * _DEEPEST or self.left < -_VALUES:
            return None
        whole = self.merged(node, inside)
        if whole is None:
            return None
        written = [whole[key] for key in ("example", "default", "const") if key in whole] + sequence(whole.get("enum"))
        suiting = [one for one in written if _suits(one, whole)]
        if suiting or sequence(whole.get("enum")):
            return (suiting or written)[0]
        return _KINDS.get(_kind(whole), _nothing)(self, whole, depth, inside)

    def is_low(self, depth: int) -> bool:
        """Whether only what must be there is still made."""
        return depth >= _DEEPEST or self.left < 0

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

    def merged(self, node: dict[str, Json], inside: tuple[str, ...], depth: int = 0) -> dict[str, Json] | None:
        """A schema with all of its `allOf` and the first possible of its alternatives laid over it; None inside itself."""
        result = {key: value for key, value in node.items() if key not in ("allOf", "anyOf", "oneOf")}
        if depth > _DEEPEST:
            return result
        parts = [self.part(one, inside, depth) for one in sequence(node.get("allOf"))]
        for alternatives in (sequence(node.get(key)) for key in ("oneOf", "anyOf")):
            possible = (self.part(one, inside, depth) for one in alternatives)
            parts += [next((one for one in possible if one is not None), None)] if alternatives else []
        for part in parts:
            if part is None:
                return None
            properties = _both(mapping(result.get("properties")), mapping(part.get("properties")))
            required = [*sequence(result.get("required")), *sequence(part.get("required"))]
            result = {**part, **result}
            if properties:
                result["properties"] = properties
            if required:
                result["required"] = required
        return result

    def part(self, schema: Json, inside: tuple[str, ...], depth: int) -> dict[str, Json] | None:
        """A schema that is laid over another."""
        self.left -= 1
        found, _ = self.resolved(mapping(schema), inside)
        if self.left < -_VALUES:
            return {}
        return None if found is None else self.merged(found, inside, depth + 1)


def _both(first: dict[str, Json], second: dict[str, Json]) -> dict[str, Json]:
    """The properties of two schemas: what both describe must be as both say."""
    shared: dict[str, Json] = {
        name: {"allOf": [first[name], one]} for name, one in second.items() if first.get(name, one) != one
    }
    return {**first, **second, **shared}


def _suits(value: Json, schema: dict[str, Json]) -> bool:
    """Whether what a schema says of itself is of its type, with all that it requires: authors err."""
    if isinstance(value, dict) and any(name not in value for name in map(text, sequence(schema.get("required")))):
        return False
    kind = _kind(schema) if "type" in schema else ""
    if value is None:
        return not kind or schema.get("nullable") is True or "null" in sequence(schema["type"])
    if kind not in _TYPES:
        return True
    if kind in ("integer", "number") and isinstance(value, int | float) and not isinstance(value, bool):
        return kind == "number" or value == int(value)
    return kind not in ("integer", "number") and isinstance(value, _TYPES[kind])


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
    required = dict.fromkeys(text(one) for one in sequence(schema.get("required")))
    properties = mapping(schema.get("properties"))
    most = schema.get("maxProperties")
    room = max(most - len(required), 0) if isinstance(most, int) else _PROPERTIES
    optional = [] if maker.is_low(depth) else [name for name in properties if name not in required]
    optional = optional[: min(room, _PROPERTIES)]
    wanted = {*required, *optional}
    result: dict[str, Json] = {}
    unnamed = [] if schema.get("additionalProperties") is False else [one for one in required if one not in properties]
    for name in [*(one for one in properties if one in wanted), *unnamed]:
        found = maker.value(properties.get(name, {}), depth + 1, inside)
        if found is not None or name in required:
            result[name] = found
    return result


def _array(maker: _Maker, schema: dict[str, Json], depth: int, inside: tuple[str, ...]) -> Json:
    least, most = schema.get("minItems"), schema.get("maxItems")
    number = least if isinstance(least, int) else 0
    if number < 1 and not maker.is_low(depth) and most != 0:
        number = 1
    found = [maker.value(schema.get("items", {}), depth + 1, inside) for _ in range(min(number, _ITEMS))]
    return [one for one in found if one is not None]


def _string(_: _Maker, schema: dict[str, Json], __: int, ___: tuple[str, ...]) -> Json:
    least, most = schema.get("minLength"), schema.get("maxLength")
    long_enough = least if isinstance(least, int) else 0
    by_pattern = matching(text(schema.get("pattern")), long_enough)
    value = by_pattern or _FORMATS.get(text(schema.get("format"))) or "string"
    if len(value) < long_enough:
        value += value[-1] * (min(long_enough, _LONGEST) - len(value))
    return value[: max(most, 0)] if isinstance(most, int) else value


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
