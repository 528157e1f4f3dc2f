"""What API Gateway reports of an imported API is what the model and the import spec say, method by method."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from . import reported
from .conftest import EVERYTHING, EXAMPLE
from .importer import Imported
from .localstack import environment

environment()
pytestmark = [pytest.mark.importing, pytest.mark.parametrize("name", [*EXAMPLE, *EVERYTHING])]
Import: TypeAlias = Callable[[str], Imported]
Output: TypeAlias = Callable[[str], Path]


def spec_of(output_of: Output, name: str) -> Any:
    return json.loads((output_of(name) / name / "openapi.json").read_text("utf-8"))


def test_nothing_is_warned_of(name: str, imported: Import) -> None:
    assert "warnings" not in imported(name).said


def test_the_authorizer_is_the_pool(name: str, imported: Import) -> None:
    pool = "${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/${stageVariables.UserPoolId}"
    assert reported.authorizers(imported(name)) == [
        {
            "name": "CognitoAuthorizer",
            "type": "COGNITO_USER_POOLS",
            "authType": "cognito_user_pools",
            "identitySource": "method.request.header.Authorization",
            "providerARNs": [f"arn:{pool}"],
        }
    ]


def test_every_method_asks_for_what_the_model_says(name: str, imported: Import, output_of: Output) -> None:
    """The methods beyond the model are the generated preflights, each of them open."""
    model = json.loads((output_of(name) / "access.json").read_text("utf-8"))
    expected = reported.access_of_model(model, name)
    found = reported.access(imported(name))
    added = found.keys() - expected.keys()
    assert {label for label in added if not label.startswith("OPTIONS ")} == set()
    assert found == expected | dict.fromkeys(added, reported.OPEN)


def test_every_method_is_as_the_import_spec_says(name: str, imported: Import, output_of: Output) -> None:
    assert reported.methods(imported(name)) == reported.methods_of_spec(spec_of(output_of, name))


def test_resources_and_models_are_those_of_the_import_spec(name: str, imported: Import, output_of: Output) -> None:
    spec, api = spec_of(output_of, name), imported(name)
    assert reported.resources(api) == reported.resources_of_spec(spec)
    assert reported.models(api) == reported.models_of_spec(spec)


def test_the_api_as_a_whole_is_as_the_import_spec_says(name: str, imported: Import, output_of: Output) -> None:
    spec, said = spec_of(output_of, name), imported(name).said
    assert (said["name"], said["version"]) == (spec["info"]["title"], spec["info"]["version"])
    assert said.get("description") == spec["info"].get("description")
    assert said["apiKeySource"] == spec.get("x-amazon-apigateway-api-key-source", "HEADER")
    assert said.get("binaryMediaTypes", []) == spec.get("x-amazon-apigateway-binary-media-types", [])
    assert said.get("minimumCompressionSize") == spec.get("x-amazon-apigateway-minimum-compression-size")
    assert ("policy" in said) == ("x-amazon-apigateway-policy" in spec)
