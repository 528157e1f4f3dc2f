"""A document whose texts are programs in every language that we write: it deploys, and none of them runs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .cloud import Api, Cloud
from .pool import Pool
from .workspaces import built, copied

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def kennel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(copied("workspace_hostile", tmp_path_factory.mktemp("hostile") / "workspace"))


@pytest.fixture(scope="module")
def hostile_pool(kennel: Path, pool_of: Callable[..., Pool]) -> Pool:
    return pool_of("hostile-identity", kennel / "identity/template.yaml")


@pytest.fixture(scope="module")
def api(kennel: Path, hostile_pool: Pool, api_of: Callable[..., Api]) -> Api:
    return api_of("hostile-kennel", kennel / "kennel/template.yaml", hostile_pool)


@pytest.fixture(scope="module")
def body(api: Api, cloud: Cloud) -> Any:
    """The document in the deployed stack, read back."""
    text = cloud.client("cloudformation").get_template(StackName="hostile-kennel")["TemplateBody"]
    return yaml.safe_load(text)["Resources"]["RestApi"]["Properties"]["Body"]


@pytest.fixture(scope="module")
def document() -> Any:
    return yaml.safe_load((Path(__file__).parent / "workspace_hostile/specs/kennel.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("groups", "reads", "writes"),
    [
        pytest.param([], False, False, id="no permission, nothing"),
        pytest.param(["ReadKennel"], True, False, id="the read permission reads"),
        pytest.param(["WriteKennel"], False, True, id="the write permission writes"),
    ],
)
def test_its_scopes_are_enforced(groups: list[str], reads: bool, writes: bool, hostile_pool: Pool, api: Api) -> None:
    token = hostile_pool.sign_in(hostile_pool.user(*groups)).access
    assert (api.admits("GET", "/dogs", token), api.admits("POST", "/dogs", token)) == (reads, writes)
    assert (api.admits("GET", "/dogs"), api.admits("GET", "/status")) == (False, True)


@pytest.mark.parametrize(("method", "code"), [("get", "200"), ("post", "201")])
def test_an_example_is_no_program_and_means_the_same(method: str, code: str, body: Any, document: Any) -> None:
    integration = body["paths"]["/dogs"][method]["x-amazon-apigateway-integration"]
    template = integration["responses"]["default"]["responseTemplates"]["application/json"]
    assert not set("$#") & set(template)
    example = document["paths"]["/dogs"][method]["responses"][code]["content"]["application/json"]["example"]
    assert json.loads(template) == example


def test_texts_of_the_document_arrive_as_they_are(body: Any, document: Any) -> None:
    assert {key: body["info"][key] for key in ("title", "version")} == {
        key: document["info"][key] for key in ("title", "version")
    }
    said = [one["paths"]["/dogs"]["get"]["responses"]["200"]["description"] for one in (body, document)]
    assert said[0] == said[1]


def test_no_key_of_the_document_is_an_intrinsic_function(body: Any) -> None:
    """The only one that stands there is ours: the pool's ARN."""
    scheme = body["components"]["securitySchemes"]["CognitoAuthorizer"]
    assert scheme["x-amazon-apigateway-authorizer"].pop("providerARNs") == [{"Ref": "UserPoolArn"}]
    assert [key for key in _keys(body) if key in ("Ref", "Condition") or key.startswith("Fn::")] == []


def test_a_schema_named_ref_survives_with_what_is_no_intrinsic(body: Any, document: Any) -> None:
    schema = body["components"]["schemas"][_model(body, "get", "200").removeprefix("#/components/schemas/")]
    source = document["components"]["schemas"]["Ref"]
    assert set(source["properties"]) - set(schema["properties"]) == {"Ref", "Condition", "Fn::Transform"}
    assert schema["description"] == source["description"]


def test_the_import_spec_keeps_what_the_stack_cannot_say(kennel: Path, document: Any) -> None:
    spec = json.loads((kennel / "kennel/openapi.json").read_text("utf-8"))
    schema = spec["components"]["schemas"][_model(spec, "get", "200").removeprefix("#/components/schemas/")]
    source = document["components"]["schemas"]["Ref"]
    assert set(schema["properties"]) == set(source["properties"])
    assert schema["properties"]["Ref"]["enum"] == source["properties"]["Ref"]["enum"]


def _model(spec: Any, method: str, code: str) -> str:
    content = spec["paths"]["/dogs"][method]["responses"][code]["content"]["application/json"]
    reference: str = content["schema"].get("items", content["schema"])["$ref"]
    return reference


def _keys(tree: Any) -> list[str]:
    if isinstance(tree, list):
        return [key for item in tree for key in _keys(item)]
    if not isinstance(tree, dict):
        return []
    return [*tree, *(key for value in tree.values() for key in _keys(value))]
