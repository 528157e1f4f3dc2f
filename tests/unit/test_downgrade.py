"""What the rewritten schema accepts: everything that the original does, and nothing more where nothing was lost."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from scopegen.diagnostics import Report
from scopegen.document import Document
from scopegen.downgrade import downgrade
from scopegen.identifiers import resolve

NAMES = ("a", "b", "ab")
PATTERNS = ("a", "^b", ".*", "b$")
MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
KNOWN = frozenset(
    "title multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems "
    "maxProperties minProperties required enum type not allOf oneOf anyOf items properties additionalProperties description format "
    "default nullable discriminator readOnly writeOnly example externalDocs deprecated xml $ref".split()
)
UNKNOWN = (
    "$defs $id $anchor $dynamicAnchor $dynamicRef definitions const examples prefixItems contains minContains maxContains if then else "
    "dependentRequired dependentSchemas patternProperties propertyNames unevaluatedItems unevaluatedProperties"
).split()

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 3)
    | st.sampled_from([0.5, 1.0])
    | st.sampled_from(["", "a", "b", "ab"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
small = st.integers(0, 3)


def _keywords(inner: st.SearchStrategy[Any], types: tuple[str, ...]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, min_size=1, max_size=3)
    named = st.dictionaries(st.sampled_from(NAMES), inner, max_size=2)
    names = st.lists(st.sampled_from(NAMES), max_size=2, unique=True)
    bound = st.integers(-2, 3) | st.just(0.5)
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "type": st.sampled_from(types) | st.lists(st.sampled_from(types), min_size=1, max_size=3, unique=True),
        "const": values,
        "enum": st.lists(values, max_size=3),
        "minimum": bound,
        "maximum": bound,
        "exclusiveMinimum": bound,
        "exclusiveMaximum": bound,
        "minLength": small,
        "required": names,
        "minItems": small,
        "maxItems": small,
        "maxProperties": small,
        "properties": named,
        "patternProperties": st.dictionaries(st.sampled_from(PATTERNS), inner, max_size=2),
        "additionalProperties": inner,
        "propertyNames": inner,
        "unevaluatedProperties": inner,
        "items": inner,
        "prefixItems": some,
        "unevaluatedItems": inner,
        "contains": inner,
        "minContains": small,
        "maxContains": small,
        "dependentRequired": st.dictionaries(st.sampled_from(NAMES), names, max_size=2),
        "dependentSchemas": named,
        "if": inner,
        "then": inner,
        "else": inner,
        "allOf": some,
        "anyOf": some,
        "oneOf": some,
        "not": inner,
        "$ref": st.sampled_from(["#/components/schemas/B", "#/components/schemas/B/$defs/a", "#/components/schemas/C"]),
        "$comment": st.just("x"),
        "examples": st.lists(values, max_size=2),
    }
    return st.lists(st.sampled_from(sorted(keywords)), max_size=4, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({key: keywords[key] for key in chosen})
    )


def schemas(types: tuple[str, ...]) -> st.SearchStrategy[Any]:
    null = [st.just({"type": "null"})] if "null" in types else []
    return st.recursive(
        st.booleans() | st.one_of(st.just({"type": "string"}), *null),
        lambda inner: _keywords(inner, types),
        max_leaves=8,
    )


KINDS = ("string", "integer", "number", "boolean", "array", "object")
documents = st.tuples(schemas((*KINDS, "null")), schemas((*KINDS, "null")), schemas((*KINDS, "null")))
plain_documents = st.tuples(schemas(KINDS), schemas(KINDS), schemas(KINDS))


def _without_loops(schema: Any, *, but: str) -> Any:
    """A schema that refers to nothing but one other: endless ones are endless to every validator."""
    if isinstance(schema, list):
        return [_without_loops(item, but=but) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_loops(value, but=but) for key, value in schema.items() if key != "$ref" or value.endswith(but)
    }


def _document(first: Any, second: Any, third: Any) -> dict[str, Any]:
    second, third = _without_loops(second, but="/C"), _without_loops(third, but="nothing")
    middle = second if isinstance(second, dict) else {"not": second}
    middle = {**middle, "$defs": {"a": third}}
    return {
        "openapi": "3.1.0",
        "info": {},
        "paths": {},
        "components": {"schemas": {"A": first, "B": middle, "C": third}},
    }


def _rewritten(data: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    copy = deepcopy(data)
    report = Report()
    downgrade(Document("pets", "specs/pets.yaml", copy, {}), report)
    return copy["components"], [one.code for one in report.diagnostics]


def _read_as_30(schema: Any) -> Any:
    """A schema of OpenAPI 3.0 as JSON Schema says it."""
    if isinstance(schema, list):
        return [_read_as_30(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    assert set(schema) <= KNOWN, schema
    result = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {name: _read_as_30(inner) for name, inner in value.items()}
        elif key in ("exclusiveMinimum", "exclusiveMaximum"):
            limit = key.replace("exclusiveM", "m")
            assert value is True
            result[key] = schema[limit]
        elif key not in ("nullable", "example"):
            result[key] = _read_as_30(value) if key not in ("enum",) else value
    assert result.get("enum") != []
    assert isinstance(result.get("type", ""), str)
    return {"anyOf": [{"type": "null"}, result]} if schema.get("nullable") else result


def _accepts(components: dict[str, Any], value: Any) -> bool:
    whole = {"$ref": "#/components/schemas/A", "components": components}
    return Draft202012Validator(whole).is_valid(value)


def _components_30(components: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": {name: _read_as_30(schema) for name, schema in components["schemas"].items()}}


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents, st.lists(values, min_size=1, max_size=12))
def test_what_was_accepted_is_accepted(parts: Any, instances: list[Any]) -> None:
    data = _document(*parts)
    components, _ = _rewritten(data)
    for value in instances:
        if _accepts(data["components"], value):
            assert _accepts(_components_30(components), value), (value, components)


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(plain_documents, st.lists(values, min_size=1, max_size=12))
def test_nothing_more_is_accepted_where_nothing_was_lost(parts: Any, instances: list[Any]) -> None:
    data = _document(*parts)
    components, found = _rewritten(data)
    if "SG019" in found:
        return
    for value in instances:
        assert _accepts(data["components"], value) == _accepts(_components_30(components), value), (value, components)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(plain_documents)
def test_a_second_time_nothing_changes(parts: Any) -> None:
    components, _ = _rewritten(_document(*parts))
    again, _ = _rewritten({**_document(True, True, True), "components": components})
    assert again == components


@pytest.mark.parametrize("depth", [40])
def test_conditions_within_conditions_do_not_grow(depth: int) -> None:
    schema: Any = {"type": "string"}
    for _ in range(depth):
        schema = {"if": schema, "then": {"minLength": 1}, "else": {"type": "object"}}
    components, found = _rewritten(_document(schema, True, True))
    assert len(str(components)) < 100_000
    assert "SG019" in found


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 2)
    | st.sampled_from(["", "null", "string", "#", "#/", "#T", "#/components/schemas/B"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*NAMES, *sorted(KNOWN), *UNKNOWN]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from([*sorted(KNOWN), *UNKNOWN]), anything, max_size=5), anything)
def test_nonsense_breaks_nothing(first: Any, second: Any) -> None:
    data = {"openapi": "3.1.0", "info": {}, "paths": {}, "components": {"schemas": {"A": first, "B": second}}}
    resolve(data)
    _rewritten(data)
