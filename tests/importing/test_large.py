"""A document as large as one API may be, such as frameworks write them: every resource, method and model arrives."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.workspaces import built

from scopegen.limits import RESOURCES_PER_API

from . import reported
from .importer import Imported, Importer
from .localstack import environment

environment()
pytestmark = pytest.mark.importing
KINDS = 99  # of three resources each
SETTINGS = """
permissions: {Keeper: ["stock/*"], Guest: ["stock/read"]}
apis: {stock: {cors: {allow-origins: [https://app.example.com, https://staff.example.com]}}}
"""


@pytest.fixture(scope="module")
def output(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("large") / "work"
    for folder in (".git", "specs"):
        (work / folder).mkdir(parents=True)
    (work / "scopegen.yaml").write_text(SETTINGS, "utf-8")
    (work / "specs/stock.json").write_text(json.dumps(document()), "utf-8")
    return built(work)


@pytest.fixture(scope="module")
def stock(importer: Importer, output: Path) -> Imported:
    api = importer.new(output / "stock/openapi.json")
    api.deploy()
    return api


def test_all_of_it_is_reported(stock: Imported, output: Path) -> None:
    spec = json.loads((output / "stock/openapi.json").read_text("utf-8"))
    model = json.loads((output / "access.json").read_text("utf-8"))
    found, expected = reported.access(stock), reported.access_of_model(model, "stock")
    assert (len(expected), len(found) - len(expected)) == (KINDS * 6, KINDS * 3)
    assert "warnings" not in stock.said
    assert {label: found[label] for label in expected} == expected
    assert all(found[label] == reported.OPEN for label in found.keys() - expected.keys())
    assert reported.methods(stock) == reported.methods_of_spec(spec)
    assert reported.models(stock) == reported.models_of_spec(spec)
    assert reported.resources(stock) == reported.resources_of_spec(spec)
    assert RESOURCES_PER_API - 3 < len(reported.resources(stock)) <= RESOURCES_PER_API


@pytest.mark.parametrize("number", [0, 7, 50, KINDS - 1])
def test_each_of_it_answers_for_itself(number: int, stock: Imported) -> None:
    for path, expected in (
        (f"/kind-{number}", [{"id": number}]),
        (f"/kind-{number}/1/parts", {"of": f"$kind {number}"}),
    ):
        answer = stock.call("GET", path)
        assert (answer.status, json.loads(answer.body)) == (200, expected)


def document() -> Any:
    names = [f"Kind_{number}.v1" for number in range(KINDS)]
    paths = {path: item for number in range(KINDS) for path, item in kind(number, names)}
    schemas = {name: model(names[(number + 1) % KINDS]) for number, name in enumerate(names)}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Stock", "version": "1"},
        "x-resource-server": "stock",
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
        },
        "paths": paths,
    }


def model(other: str) -> Any:
    """Each model refers to the next one, and so round all of them."""
    return {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "next": {"$ref": f"#/components/schemas/{other}"}},
    }


def kind(number: int, names: list[str]) -> Iterator[tuple[str, Any]]:
    """Three paths with six operations, among them every form of requirement."""
    schema = {"$ref": f"#/components/schemas/{names[number]}"}
    content = {"application/json": {"schema": schema}}
    identifier = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    one = {"description": "One", "content": content}
    requirements: list[Any] = ["read", {"anyOf": ["read", "audit"]}, {"allOf": ["read", f"audit-{number % 9}"]}]
    yield (
        f"/kind-{number}",
        {
            "get": {"x-required-scope": requirements[number % 3], "responses": {"200": answer([{"id": number}])}},
            "post": {"x-required-scope": "write", "requestBody": {"content": content}, "responses": {"201": one}},
        },
    )
    yield (
        f"/kind-{number}/{{id}}",
        {
            "parameters": [identifier],
            "get": {"x-required-scope": {"authenticated": True}, "responses": {"200": one}},
            "put": {
                "x-required-scope": "write",
                "security": [{"key": []}],
                "requestBody": {"content": content},
                "responses": {"200": one},
            },
            "delete": {
                "x-required-scope": {"anyOf": ["admin", {"allOf": ["write", "audit"]}]},
                "responses": {"204": {"description": "Gone"}},
            },
        },
    )
    yield (
        f"/kind-{number}/{{id}}/parts",
        {
            "parameters": [identifier],
            "get": {
                "x-required-scope": {"public": "Parts are on the label"},
                "responses": {"200": answer({"of": f"$kind {number}"})},
            },
        },
    )


def answer(example: Any) -> Any:
    return {"description": "As it is", "content": {"application/json": {"example": example}}}
