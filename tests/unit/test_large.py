"""Documents that are too large for one place or another: a body by way of a bucket, documentation left out."""

import hashlib
import json
from typing import Any

import pytest
import yaml
from memory import compile_files, files

from scopegen.proof import prove


def document(models: int) -> dict[str, Any]:
    properties = {f"field{i}": {"type": "string", "description": "x" * 100} for i in range(10)}
    schemas = {f"Model{number}": {"type": "object", "properties": properties} for number in range(models)}
    operation = {
        "x-required-scope": "petsapi/read",
        "summary": "All pets",
        "responses": {"200": {"description": "ok"}},
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": {
                "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations"
            },
        },
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1", "description": "All of them"},
        "paths": {"/pets": {"get": operation}},
        "components": {"schemas": schemas},
    }


def template(made: dict[str, bytes]) -> Any:
    return yaml.safe_load(made["pets/template.yaml"])


def test_a_large_body_lies_in_a_bucket_under_its_hash() -> None:
    made = files(compile_files({"specs/pets.json": document(700)}))
    stack = template(made)
    key = f"pets-{hashlib.sha256(made['pets/openapi.json']).hexdigest()[:16]}.json"
    rest = stack["Resources"]["RestApi"]["Properties"]
    assert rest["BodyS3Location"] == {"Bucket": {"Ref": "BodyBucket"}, "Key": key}
    assert "Body" not in rest
    variables = stack["Resources"]["Stage"]["Properties"]["Variables"]
    assert variables == {
        "FunctionArn": {"Ref": "FunctionArn"},
        "UserPoolId": {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "UserPoolArn"}]}]},
    }
    assert len(made["pets/template.yaml"]) < 51_200


def test_a_large_body_that_changes_is_deployed_anew() -> None:
    ids = set()
    for models in (700, 701):
        stack = template(files(compile_files({"specs/pets.json": document(models)})))
        ids |= {name for name in stack["Resources"] if name.startswith("Deployment")}
    assert len(ids) == 2


def test_a_small_body_stands_in_the_template() -> None:
    assert (
        "Body" in template(files(compile_files({"specs/pets.json": document(3)})))["Resources"]["RestApi"]["Properties"]
    )


def test_documentation_is_stripped_where_asked_for() -> None:
    config = {"apis": {"pets": {"documentation": "strip"}}}
    made = files(compile_files({"specs/pets.json": document(3), "scopegen.yaml": config}))
    spec = json.loads(made["pets/openapi.json"])
    assert spec["info"] == {"title": "Pets", "version": "1"}
    assert spec["paths"]["/pets"]["get"]["responses"] == {"200": {"description": ""}}
    assert "summary" not in spec["paths"]["/pets"]["get"]
    assert spec["components"]["schemas"]["Model0"]["properties"]["field0"] == {"type": "string"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'Key: "pets-', b'Key: "cats-', id="the body of another build"),
        pytest.param(b'Key: "pets-', b'Version: "1"\n        Key: "pets-', id="a version of its own"),
        pytest.param(b'Bucket: {"Ref": "BodyBucket"}', b"Bucket: another", id="a body from elsewhere"),
        pytest.param(b'UserPoolId: {"Fn::Select"', b'Other: {"Fn::Select"', id="another user pool"),
    ],
)
def test_a_body_in_a_bucket_is_proved(old: bytes, new: bytes) -> None:
    result = compile_files({"specs/pets.json": document(700)})
    assert result.build is not None
    assert prove(result.build, result.artifacts) == []
    tampered = tuple(
        one._replace(content=one.content.replace(old, new)) if one.path == "pets/template.yaml" else one
        for one in result.artifacts
    )
    assert tampered != result.artifacts, "nothing was changed"
    assert [one.code for one in prove(result.build, tampered)] == ["SG901"]


def test_a_body_with_a_pool_of_its_own_takes_no_other() -> None:
    arn = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_example"
    stack = template(files(compile_files({"specs/pets.json": document(700)}, arn)))
    assert stack["Parameters"]["UserPoolArn"]["AllowedValues"] == [arn]
