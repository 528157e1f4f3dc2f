"""JSON Schema findings as located phrases. In: data, a schema. Out: diagnostics that say what to write."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from scopegen import nearest
from scopegen.diagnostics import Diagnostic, Location, Part, Rule, pointer
from scopegen.document import Json

_WORDS = {"null": "null", "string": "text", "object": "a mapping", "array": "a list", "integer": "a whole number",
          "number": "a number", "boolean": "true or false"}  # fmt: skip
_SHOWN = 60
_TELLING = ("in", "type")
_VALIDATORS: dict[int, Any] = {}


@cache
def own_schema(name: str) -> Any:
    """A schema that is part of the product: `scopegen`, `x-required-scope` or `expectations`."""
    return json.loads((Path(__file__).parent / "schemas" / f"{name}.schema.json").read_bytes())


def findings(data: Json, schema: Any, rule: Rule, at: Callable[[str, Part], Location]) -> Iterator[Diagnostic]:
    """One diagnostic for everything in `data` that `schema` does not allow; `at` says where a pointer is written."""
    for error in _validator(schema).iter_errors(data):
        best = _most_telling(error)
        path = pointer(*best.instance_path)
        if best.kind.name in ("additionalProperties", "unevaluatedProperties"):
            for key in best.kind.unexpected:
                where = at(path + pointer(key), "key")
                message = f"`{_short(key)}` is not a key that may stand here"
                yield rule.at(where, message, _nearest(key, schema, best))
        elif best.kind.name == "propertyNames":
            yield rule.at(at(path, "value"), f"a key here {_phrase(best.kind.error)}")
        else:
            yield rule.at(at(path, "value"), _phrase(best), _described(schema, error))


def _validator(schema: Any) -> Any:
    """A compiled schema, compiled once: our schemas and OpenAPI's live as long as the process."""
    import jsonschema_rs

    if id(schema) not in _VALIDATORS:
        _VALIDATORS[id(schema)] = jsonschema_rs.validator_for(schema, pattern_options=jsonschema_rs.RegexOptions())
    return _VALIDATORS[id(schema)]


def _most_telling(error: Any) -> Any:
    """The error inside an `anyOf` or `oneOf` that the author most likely made."""
    while error.kind.name in ("oneOf", "anyOf") and getattr(error.kind, "context", None):
        branches = [branch for branch in error.kind.context if branch]
        meant = [branch for branch in branches if not _misses_ref(branch) and not _other_kind(branch, error)]
        candidates = meant or [branch for branch in branches if not _misses_ref(branch)] or branches
        if not candidates or (not meant and len(candidates) > 1):
            return error
        error = min(candidates, key=lambda branch: (-max(len(e.instance_path) for e in branch), len(branch)))[0]
    return error


def _misses_ref(branch: list[Any]) -> bool:
    return any(error.kind.name == "required" and error.kind.property == "$ref" for error in branch)


def _other_kind(branch: list[Any], parent: Any) -> bool:
    """Whether a branch is about something else: another type of value, or of what OpenAPI tells apart by a key."""
    kinds = [error for error in branch if error.kind.name in ("type", "enum", "const")]
    return any(
        e.instance_path == parent.instance_path
        or (e.instance_path[:-1] == parent.instance_path and e.instance_path[-1] in _TELLING)
        for e in kinds
    )


def _phrase(error: Any) -> str:
    kind, value = error.kind, _value(error.instance)
    match kind.name:
        case "required":
            return f"`{_short(kind.property)}` is missing"
        case "type":
            return f"{value} is not {' or '.join(_WORDS.get(name, name) for name in sorted(kind.types))}"
        case "enum":
            return f"{value} is not one of {', '.join(f'`{option}`' for option in kind.options if option is not None)}"
        case "const":
            return f"{value} is not `{kind.expected_value}`"
        case "pattern":
            return f"{value} does not match `{_short(kind.pattern)}`"
        case "anyOf" | "oneOf":
            return f"{value} has none of the forms that may stand here"
        case "minItems" | "minProperties" | "minLength":
            return f"{value} is too short"
        case _:
            return _short(error.message.replace('"', "`"), 160)


def _value(instance: Any) -> str:
    if isinstance(instance, dict | list):
        return ("a mapping" if isinstance(instance, dict) else "a list") if instance else "an empty value"
    return f"`{_short(instance if isinstance(instance, str) else json.dumps(instance))}`"


def _short(text: str, limit: int = _SHOWN) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _nearest(key: str, schema: Any, error: Any) -> str:
    """A hint where a key that may stand here is spelled nearly alike."""
    *_, node = _nodes(schema, error)
    known = list(node.get("properties", {})) if isinstance(node, dict) else []
    return nearest.hint(key, known, f"known here: {', '.join(sorted(known))}" if known else "")


def _described(schema: Any, error: Any) -> str:
    """What the schema says of the place where the mistake is."""
    nearest = list(_nodes(schema, error))[1:][-3:]
    texts = [node.get("description") for node in nearest if isinstance(node, dict)]
    return next((text for text in reversed(texts) if isinstance(text, str)), "")  # a property may be named so


def _nodes(schema: Any, error: Any) -> Iterator[Any]:
    """The schemas on the way to the one that an error violates, references followed."""
    node = schema
    yield node
    for step in error.schema_path[:-1]:
        node = node[step] if isinstance(node, list) else node.get(str(step), {})
        while isinstance(node, dict) and str(node.get("$ref", "")).startswith("#/"):
            node = _follow(schema, node["$ref"])
        yield node


def _follow(schema: Any, reference: str) -> Any:
    for key in reference[2:].split("/"):
        schema = schema.get(key, {})
    return schema
