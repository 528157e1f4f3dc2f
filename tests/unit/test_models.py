"""Models of the import spec: whatever a reference leads to, the model that it names is there."""

import json
from typing import Any

import pytest
from memory import compile_files

SCHEMAS: dict[str, Any] = {
    "Order": {"allOf": [{"type": "object", "properties": {"id": {"$ref": "#/components/schemas/Id"}}}, {"type": "object"}]},
    "Id": {"type": "string"},
    "a/b~c": {"type": "integer"},
    "Tree": {"type": "object", "properties": {"leaf": {"$ref": "#/components/schemas/Tree/properties/leaves/items"},
                                              "leaves": {"items": {"$ref": "#/components/schemas/Tree"}}}},
}  # fmt: skip


@pytest.mark.parametrize(
    "reference",
    [
        "#/components/schemas/Id",
        "#/components/schemas/Order/allOf/0",
        "#/components/schemas/Order/allOf/0/properties/id",
        "#/components/schemas/a~1b~0c",
        "#/components/schemas/a~1b%7Ec",
        "#/components/schemas/%49d",
        "#/components/schemas/Tree/properties/leaf",
        "#/components/responses/Answer/content/application~1json/schema",
        "#/paths/~1things/get/responses/200/content/text~1plain/schema",
    ],
)
def test_every_reference_leads_to_a_model(reference: str) -> None:
    answer = {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}}
    content = {"application/json": {"schema": {"$ref": reference}}, "text/plain": {"schema": {"type": "string"}}}
    operation = {"x-required-scope": "things/read", "responses": {"200": {"description": "", "content": content}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"get": operation}},
        "components": {"schemas": SCHEMAS, "responses": {"Answer": answer}},
    }
    result = compile_files({"things.json": document})
    spec = next(json.loads(one.content) for one in result.artifacts if one.path.endswith("openapi.json"))
    models = spec["components"]["schemas"]
    named = set(_references(spec))
    assert named
    assert {name for name in named if name.removeprefix("#/components/schemas/") not in models} == set()
    assert all(name.isalnum() for name in models)


def test_a_reference_into_what_is_rewritten_leads_to_what_it_meant() -> None:
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Maybe/anyOf/1"}}}
    operation = {"x-required-scope": "things/read", "responses": {"200": {"description": "", "content": content}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"get": operation}},
        "components": {"schemas": {"Maybe": schema}},
    }
    result = compile_files({"things.json": document})
    spec = next(json.loads(one.content) for one in result.artifacts if one.path.endswith("openapi.json"))
    (name,) = (one.removeprefix("#/components/schemas/") for one in _references(spec["paths"]))
    assert spec["components"]["schemas"][name] == {"enum": [None]}


def _references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [name for item in node for name in _references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return [*own, *(name for item in node.values() for name in _references(item))]


@pytest.mark.parametrize(
    ("written", "model"),
    [
        pytest.param(
            {"type": "string", "maxLength": 3, "nullable": True},
            {"maxLength": 3, "anyOf": [{"type": "string"}, {"enum": [None]}]},
            id="a type",
        ),
        pytest.param(
            {"type": "object", "nullable": True, "anyOf": [{"required": ["a"]}]},
            {"anyOf": [{"required": ["a"]}], "allOf": [{"anyOf": [{"type": "object"}, {"enum": [None]}]}]},
            id="a type beside alternatives",
        ),
        pytest.param({"nullable": True, "enum": ["a", None]}, {"enum": ["a", None]}, id="no type"),
        pytest.param({"type": "string", "nullable": False}, {"type": "string"}, id="not nullable at all"),
    ],
)
def test_what_may_be_null_may_be_null(written: Any, model: Any) -> None:
    operation = {"x-required-scope": "things/read", "responses": {"200": {"description": ""}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"get": operation}},
        "components": {"schemas": {"Thing": written}},
    }
    made = compile_files({"things.json": document}).artifacts
    spec = next(json.loads(one.content) for one in made if one.path.endswith("openapi.json"))
    assert spec["components"]["schemas"]["Thing"] == model
