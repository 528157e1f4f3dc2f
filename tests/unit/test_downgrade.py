"""What the rewritten schema accepts: everything that the original does, and nothing more where nothing was lost."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

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


def _validator(components: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({"$ref": "#/components/schemas/A", "components": components})


def _components_30(components: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": {name: _read_as_30(schema) for name, schema in components["schemas"].items()}}


# Schemas that are hard to say in 3.0, and what may stand around them.
ATOMS: list[Any] = [
    True, False, {"type": "string"}, {"type": "object"}, {"type": "array"}, {"const": 1}, {"enum": ["a", 1]}, {"minimum": 1},
    {"exclusiveMinimum": 0}, {"required": ["a"]}, {"propertyNames": {"maxLength": 1}}, {"propertyNames": {"const": "a"}},
    {"prefixItems": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}, {"const": 1}], "items": False},
    {"prefixItems": [{"type": "string"}], "unevaluatedItems": False}, {"contains": {"const": 1}},
    {"contains": {"type": "string"}, "minContains": 2}, {"contains": {"const": "a"}, "minContains": 0, "maxContains": 1},
    {"patternProperties": {"a": {"type": "string"}}}, {"patternProperties": {"^a": {"const": 1}}, "additionalProperties": False},
    {"patternProperties": {".*": {"const": 1}}}, {"dependentRequired": {"a": ["b"]}}, {"properties": {"a": {"const": 1}}},
    {"dependentSchemas": {"a": {"properties": {"b": {"const": 1}}}}}, {"type": ["integer", "array"]},
    {"properties": {"a": True}, "unevaluatedProperties": False},
    {"allOf": [{"properties": {"a": True}}], "properties": {"b": True}, "unevaluatedProperties": False},
    {"anyOf": [{"properties": {"a": {"const": 1}}}, True], "unevaluatedProperties": {"const": "a"}},
    {"$ref": "#/components/schemas/B"}, {"$ref": "#/components/schemas/B/$defs/a"}, {"$ref": "#/components/schemas/C"},
    {"$ref": "#/components/schemas/C", "type": "object"},
]  # fmt: skip
NULLS: list[Any] = [
    {"type": "null"}, {"type": ["string", "null"]}, {"type": ["string", "integer", "null"]}, {"type": ["string", "null"], "enum": ["a"]},
    {"const": None}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string", "anyOf": [{"maxLength": 1}, {"type": "null"}]},
    {"oneOf": [{"$ref": "#/components/schemas/C"}, {"type": "null"}]}, {"oneOf": [{"type": "null"}, {"type": "null"}]},
]  # fmt: skip


def _around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    two, more = st.tuples(inner, inner).map(list), st.lists(inner, min_size=1, max_size=3)
    forms: list[st.SearchStrategy[Any]] = [
        st.fixed_dictionaries({key: two}) for key in ("allOf", "anyOf", "oneOf", "prefixItems")
    ]
    forms += [
        st.fixed_dictionaries({key: inner})
        for key in ("not", "items", "contains", "additionalProperties", "propertyNames")
    ]
    forms += [
        st.fixed_dictionaries({"oneOf": more, "not": inner}),
        st.fixed_dictionaries({"if": inner, "then": inner, "else": inner}),
    ]
    forms += [
        st.fixed_dictionaries({"properties": st.fixed_dictionaries({"a": inner}), "unevaluatedProperties": inner})
    ]
    forms += [st.fixed_dictionaries({"dependentSchemas": st.fixed_dictionaries({"a": inner})})]
    forms += [st.fixed_dictionaries({"if": inner, key: inner}) for key in ("then", "else")]
    forms += [
        st.fixed_dictionaries(
            {"patternProperties": st.fixed_dictionaries({"^a": inner}), "additionalProperties": inner}
        )
    ]
    return st.one_of(forms)


def dense(atoms: list[Any]) -> st.SearchStrategy[Any]:
    inner = st.sampled_from(atoms)
    one = inner | _around(inner)
    return st.tuples(_around(one), one | _around(one), one)


SMALL: list[Any] = [None, True, 0, 1, "", "a", "ab"]
INSTANCES: list[Any] = [
    *SMALL, [], *([one] for one in SMALL), ["a", "a"], ["a", 1], [1, "a"], [1, 1], ["ab", "a", 1], [["a"], {}], {},
    *({"a": one} for one in SMALL), {"b": 1}, {"ab": 1}, {"ab": "a"}, {"b": "a"}, {"a": 1, "b": 1}, {"a": "a", "b": "a"},
    {"a": "a", "b": 1, "ab": "a"}, {"a": {"a": 1}}, {"a": ["a"]}, {"a": {}, "b": []},
]  # fmt: skip


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents | dense(ATOMS + NULLS), st.lists(values, max_size=6))
def test_what_was_accepted_is_accepted(parts: Any, instances: list[Any]) -> None:
    data = _document(*parts)
    before, after = _validator(data["components"]), _validator(_components_30(_rewritten(data)[0]))
    for value in INSTANCES + instances:
        assert after.is_valid(value) or not before.is_valid(value), value


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(plain_documents | dense(ATOMS), st.lists(values, max_size=6))
def test_nothing_more_is_accepted_where_nothing_was_lost(parts: Any, instances: list[Any]) -> None:
    data = _document(*parts)
    components, found = _rewritten(data)
    if "SG019" in found:
        return
    before, after = _validator(data["components"]), _validator(_components_30(components))
    for value in INSTANCES + instances:
        assert after.is_valid(value) == before.is_valid(value), value


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
