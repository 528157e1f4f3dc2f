"""References by name, and schemas that lie inside of others: where they lead, and under which name they are imported."""

import json
from pathlib import Path
from typing import Any

import pytest

from scopegen.cli import main
from scopegen.identifiers import resolve

HEAD = """\
openapi: 3.2.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      x-required-scope: petsapi/read
      responses: {"200": {description: OK, content: {application/json: {schema: SCHEMA}}}}
"""


def models(workspace: Path, files: dict[str, str]) -> tuple[Any, dict[str, Any]]:
    """The schema of the answer, and the models, as they are imported."""
    for name, content in files.items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    assert main(["build", "specs/pets.yaml"]) == 0
    spec = json.loads((workspace / "build/pets/openapi.json").read_text())
    answer = spec["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return answer, spec["components"].get("schemas", {})


def followed(answer: Any, schemas: dict[str, Any]) -> Any:
    """A schema with every reference replaced by what it leads to."""
    if isinstance(answer, dict) and "$ref" in answer:
        return followed(schemas[answer["$ref"].rpartition("/")[2]], schemas)
    if isinstance(answer, dict):
        return {key: followed(value, schemas) for key, value in answer.items()}
    return answer


PET = """\
components:
  schemas:
    Pet:
      PET
"""
NAME = {"type": "string", "minLength": 1}


@pytest.mark.parametrize(
    ("schema", "pet"),
    [
        ("{$ref: '#/components/schemas/Pet/$defs/Name'}", "$defs: {Name: {type: string, minLength: 1}}"),
        ("{$ref: '#/components/schemas/Pet/definitions/Name'}", "definitions: {Name: {type: string, minLength: 1}}"),
        ("{$ref: '#/components/schemas/Pet/properties/name'}", "properties: {name: {type: string, minLength: 1}}"),
        ("{$ref: '#/components/schemas/Pet/$defs/a~1b'}", "$defs: {a/b: {type: string, minLength: 1}}"),
        ("{$ref: '#/components/schemas/Pet/$defs/50%25'}", "$defs: {'50%': {type: string, minLength: 1}}"),
        ("{$ref: '#name'}", "$defs: {Name: {$anchor: name, type: string, minLength: 1}}"),
        ("{$ref: 'https://example.com/name'}", "$defs: {Name: {$id: 'https://example.com/name', type: string, minLength: 1}}"),
        ("{$ref: 'https://example.com/a/name'}", "$id: https://example.com/a/pet\n      $defs: {Name: {$id: name, type: string, minLength: 1}}"),
        ("{$ref: 'https://example.com/pet#name'}", "$id: https://example.com/pet\n      $defs: {Name: {$anchor: name, type: string, minLength: 1}}"),
        ("{$ref: 'urn:pets#name'}", "$id: urn:pets\n      $defs: {Name: {$anchor: name, type: string, minLength: 1}}"),
        ("{$dynamicRef: '#name'}", "$defs: {Name: {$dynamicAnchor: name, type: string, minLength: 1}}"),
        ("{$defs: {Name: {type: string, minLength: 1}}, $ref: '#/$defs/Name'}", "type: object"),
        ("{$ref: 'https://example.com/pets.yaml#/components/schemas/Pet'}", "{type: string, minLength: 1}"),
        ("{$ref: 'common.yaml#name'}", "type: object"),
        ("{$ref: 'common.yaml#/$defs/Name'}", "type: object"),
    ],
)  # fmt: skip
def test_a_reference_leads_to_the_schema_that_it_names(workspace: Path, schema: str, pet: str) -> None:
    document = HEAD.replace("openapi: 3.2.0", "openapi: 3.2.0\n$self: https://example.com/pets.yaml")
    common = "$id: https://example.com/common\n$defs: {Name: {$anchor: name, type: string, minLength: 1}}\n"
    files = {
        "specs/pets.yaml": document.replace("SCHEMA", schema) + PET.replace("PET", pet),
        "specs/common.yaml": common,
    }
    assert followed(*models(workspace, files)) == NAME


def test_a_definition_keeps_its_name_whatever_else_there_is(workspace: Path) -> None:
    schema = "{$ref: '#/components/schemas/Pet/$defs/Name'}"
    one = HEAD.replace("SCHEMA", schema) + PET.replace("PET", "$defs: {Name: {type: string}}")
    more = PET.replace("PET", "$defs: {Age: {type: integer}, Name: {type: string, $defs: {Name: {type: object}}}}")
    first, _ = models(workspace, {"specs/pets.yaml": one})
    second, schemas = models(
        workspace, {"specs/pets.yaml": HEAD.replace("SCHEMA", schema) + more + "    Name: {type: array}\n"}
    )
    assert first == second
    assert len(schemas) == 5


def test_a_definition_is_where_it_was_written(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pet = "$defs: {Name: {type: string, nullable: true}}"
    models(workspace, {"specs/pets.yaml": HEAD.replace("SCHEMA", "{}") + PET.replace("PET", pet)})
    assert "specs/pets.yaml:11:36: SG310 note: `nullable` is written" in capsys.readouterr().err


def test_what_is_named_by_itself_ends(workspace: Path) -> None:
    pet = "{$dynamicAnchor: node, properties: {next: {$dynamicRef: '#node'}}}"
    _, schemas = models(workspace, {"specs/pets.yaml": HEAD.replace("SCHEMA", "{}") + PET.replace("PET", pet)})
    assert schemas == {"Pet": {"properties": {"next": {"$ref": "#/components/schemas/Pet"}}}}


def test_the_nearest_definition_counts() -> None:
    outer = {
        "$defs": {"A": {"type": "string"}},
        "properties": {"x": {"$defs": {"A": {"type": "integer"}}, "items": {"$ref": "#/$defs/A"}}},
    }
    data: Any = {"openapi": "3.1.0", "components": {"schemas": {"Pet": outer}}}
    resolve(data)
    assert outer["properties"]["x"]["items"] == {"$ref": "#/components/schemas/Pet/properties/x/$defs/A"}


def test_an_anchor_counts_in_its_own_resource_only() -> None:
    schemas = {
        "A": {"$id": "https://example.com/a", "properties": {"x": {"$anchor": "x"}, "y": {"$ref": "#x"}}},
        "B": {
            "$id": "https://example.com/b",
            "properties": {"x": {"$anchor": "x"}, "y": {"$ref": "#x"}, "z": {"$ref": "a#x"}},
        },
    }
    data: Any = {"openapi": "3.1.0", "components": {"schemas": schemas}}
    resolve(data)
    inner: Any = schemas["B"]["properties"]
    assert inner["y"]["$ref"] == "#/components/schemas/B/properties/x"
    assert inner["z"]["$ref"] == "#/components/schemas/A/properties/x"


@pytest.mark.parametrize("name", ["callbacks", "webhooks", "schema", "schemas", "content"])
def test_what_is_named_like_a_keyword_is_rewritten_too(workspace: Path, name: str) -> None:
    pets = HEAD.replace(
        "{description: OK, content: {application/json: {schema: SCHEMA}}}", f'{{$ref: "#/components/responses/{name}"}}'
    )
    response = "{description: OK, content: {application/json: {schema: {type: [string, integer]}}}}"
    schema, schemas = models(
        workspace,
        {
            "specs/pets.yaml": pets
            + f"components:\n  responses: {{{name}: {response}}}\n  schemas: {{{name}: {{type: [string, integer]}}}}\n"
        },
    )
    assert schema == schemas[name] == {"anyOf": [{"type": "string"}, {"type": "integer"}]}
