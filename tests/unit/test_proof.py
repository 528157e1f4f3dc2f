"""What is emitted says what the model says; whatever says anything else is never written."""

import ast
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from generated import workspace
from hypothesis import HealthCheck, given, settings
from memory import codes, compile_files, files

from scopegen import yaml_events
from scopegen.artifacts import Artifact
from scopegen.model import AnyOf, Public, Scope
from scopegen.proof import prove

LENIENT = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
CONFIG = {
    "permissions": {"Reader": ["petsapi/read"], "Writer": ["petsapi/*"]},
    "clients": {
        "web": {"kind": "user", "callback-urls": ["https://app.example.com/callback"]},
        "batch": {"kind": "machine", "scopes": ["petsapi/read", "petsapi/write"]},
    },
    "user-pool": {"domain": "pets-example"},
    "apis": {"pets": {"cors": {"allow-origins": ["https://app.example.com"]}}},
}
SPEC = """
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get: {x-required-scope: petsapi/read, responses: {"200": {description: ok}}}
    post: {x-required-scope: {allOf: [petsapi/read, petsapi/write]}, responses: {"200": {description: ok}}}
  /health:
    get: {x-required-scope: {public: for the load balancer}, responses: {"200": {description: ok}}}
"""
WORKSPACE = {"scopegen.yaml": CONFIG, "specs/pets.yaml": SPEC}


@LENIENT
@given(workspace())
def test_the_model_read_back_from_every_file_is_the_model(made: dict[str, Any]) -> None:
    result = compile_files(made)
    written = files(result)
    assert "SG901" not in codes(result)
    assert result.build is not None
    model = result.build.model
    stack = yaml.load(written["pets/template.yaml"], yaml.CSafeLoader)
    for spec in (json.loads(written["pets/openapi.json"]), stack["Resources"]["RestApi"]["Properties"]["Body"]):
        derived = _derived(written["identity/scope_map.py"])
        for operation in model.operations:
            key = "x-amazon-apigateway-any-method" if operation.method == "ANY" else operation.method.lower()
            security = spec["paths"][operation.path][key]["security"]
            assert _read(security, derived) == _meant(operation.requirement)


def _derived(source: bytes) -> dict[str, frozenset[str]]:
    constants = {node.targets[0].id: node.value for node in ast.parse(source).body if isinstance(node, ast.Assign)}  # type: ignore[attr-defined]
    return {name: frozenset(parts) for name, parts in ast.literal_eval(constants["DERIVED"]).items()}


def _read(security: list[dict[str, list[str]]], derived: dict[str, frozenset[str]]) -> Any:
    """What API Gateway enforces: nothing, or any one of the scopes."""
    if not security:
        return None
    (only,) = security
    assert set(only) == {"CognitoAuthorizer"}
    assert only["CognitoAuthorizer"]
    return {derived.get(scope, frozenset({scope})) for scope in only["CognitoAuthorizer"]}


def _meant(requirement: Public | AnyOf) -> Any:
    if isinstance(requirement, Public):
        return None
    return {frozenset(map(str, parts)) for parts in requirement.alternatives}


@LENIENT
@given(workspace())
def test_the_body_read_as_json_is_the_body_read_as_yaml(made: dict[str, Any]) -> None:
    content = files(compile_files(made))["pets/template.yaml"].decode()
    block = re.search(r"      Body:\n(.*?\n        }\n)", content, re.DOTALL)
    assert block is not None
    body = yaml_events.load(content.encode()).data["Resources"]["RestApi"]["Properties"]["Body"]
    assert body == json.loads(block[1])


def _text(old: str, new: str) -> Callable[[str], str]:
    def tamper(text: str) -> str:
        assert old in text, text
        return text.replace(old, new, 1)

    return tamper


SPEC_TAMPERINGS = [
    pytest.param(_text('"security": [{"CognitoAuthorizer": ["petsapi/read"]}], ', '"security": [], '), id="a protected method made public"),
    pytest.param(_text('"security": [{"CognitoAuthorizer": ["petsapi/read"]}], ', ""), id="a method without security"),
    pytest.param(_text('{"CognitoAuthorizer": ["petsapi/read"]}', '{"CognitoAuthorizer": []}'), id="an empty scope list"),
    pytest.param(_text('["petsapi/read"]', '["petsapi/read", "petsapi/write"]'), id="a scope more"),
    pytest.param(_text('["petsapi/read"]', '["openid"]'), id="another scope"),
    pytest.param(_text('["petsapi/read"]}]', '["petsapi/read"]}, {}]'), id="an anonymous alternative"),
    pytest.param(_text('["petsapi/read"]}]', '["petsapi/read"]}, {"Other": []}]'), id="a second authorizer"),
    pytest.param(_text('["all-of/', '["petsapi/read", "all-of/'), id="a part beside the whole"),
    pytest.param(_text('"responses"', '"x-amazon-apigateway-auth": {"type": "NONE"}, "responses"'), id="API Gateway's own auth"),
    pytest.param(_text('"type": "cognito_user_pools"}', '"type": "cognito_user_pools", "identityValidationExpression": ".*"}'), id="an audience to match"),
    pytest.param(_text('"type": "cognito_user_pools"}', '"type": "request"}'), id="an authorizer of another type"),
    pytest.param(_text('"name": "Authorization"', '"name": "X-Token"'), id="a token from another header"),
    pytest.param(_text('"in": "header"', '"in": "query"'), id="a token from the query"),
    pytest.param(_text('"CognitoAuthorizer": {"in"', '"Second": {"type": "http"}, "CognitoAuthorizer": {"in"'), id="a second scheme"),
    pytest.param(_text('"paths": {', '"security": [], "paths": {'), id="security at the root"),
    pytest.param(_text('"paths": {', '"x-amazon-apigateway-policy": {}, "paths": {'), id="a resource policy"),
    pytest.param(_text('"paths": {', '"paths": {"/new": {"get": {"security": []}}, '), id="an operation more"),
    pytest.param(_text('"/health": {', '"/renamed": {'), id="an operation renamed"),
    pytest.param(lambda text: re.sub('("options": .*)"type": "mock"', r'\1"type": "http_proxy"', text), id="a preflight that reaches a backend"),
]  # fmt: skip


@pytest.mark.parametrize("tamper", SPEC_TAMPERINGS)
@pytest.mark.parametrize("path", ["pets/openapi.json", "pets/template.yaml"])
def test_a_spec_that_says_anything_else_is_refused(path: str, tamper: Callable[[str], str]) -> None:
    _refused(WORKSPACE, path, tamper)


STACK_TAMPERINGS = [
    pytest.param(_text("Mode: overwrite", "Mode: merge"), id="merge leaves removed operations alive"),
    pytest.param(_text("FailOnWarnings: true", "FailOnWarnings: false"), id="warnings are passed over"),
    pytest.param(_text('{"Ref": "UserPoolArn"}', '"arn:aws:cognito-idp:x"'), id="another pool"),
    pytest.param(lambda text: re.sub(r"Deployment[0-9a-f]{10}", "Deployment0000000000", text), id="a deployment that is not new"),
    pytest.param(lambda text: re.sub(r"DeploymentId: .*", "DeploymentId: {Ref: Other}", text), id="a stage with another deployment"),
    pytest.param(_text("  Stage:\n", "  Second: {Type: AWS::ApiGateway::Method}\n  Stage:\n"), id="a method beside the body"),
    pytest.param(_text("      FailOnWarnings", "      Policy: {Statement: []}\n      FailOnWarnings"), id="a resource policy"),
    pytest.param(_text('"title": "Pets"', '"title": {"Fn::ImportValue": "x"}'), id="an intrinsic in the body"),
    pytest.param(_text('"title": "Pets"', '"title": "{{resolve:ssm:x}}"'), id="a dynamic reference"),
    pytest.param(_text("Type: AWS::ApiGateway::Stage", "Type: AWS::ApiGateway::Stage\n    Type: AWS::X"), id="a key twice"),
]  # fmt: skip


@pytest.mark.parametrize("tamper", STACK_TAMPERINGS)
def test_a_stack_that_deploys_anything_else_is_refused(tamper: Callable[[str], str]) -> None:
    _refused(WORKSPACE, "pets/template.yaml", tamper)


IDENTITY_TAMPERINGS = [
    pytest.param(_text("        - openid", '        - openid\n        - "petsapi/write"'), id="an API scope on the user client"),
    pytest.param(_text('        - "petsapi/write"\n', ""), id="a scope less on the machine"),
    pytest.param(_text("        - ScopeName: write", "        - ScopeName: wrote"), id="a scope renamed on its server"),
    pytest.param(_text("- client_credentials", "- client_credentials\n        - code"), id="client credentials mixed with code"),
    pytest.param(_text("GenerateSecret: true", "GenerateSecret: false"), id="client credentials without a secret"),
    pytest.param(_text("GenerateSecret: false", "GenerateSecret: true"), id="a secret on a user client"),
    pytest.param(_text("LambdaVersion: V2_0", "LambdaVersion: V1_0"), id="the old event version"),
    pytest.param(_text("UserPoolTier: ESSENTIALS", "UserPoolTier: LITE"), id="a plan without access token scopes"),
    pytest.param(_text("AllowAdminCreateUserOnly: true", "AllowAdminCreateUserOnly: false"), id="open sign-up"),
    pytest.param(lambda text: re.sub(r"\n    DependsOn: .*", "", text), id="a client before its resource servers"),
    pytest.param(_text("GroupName: Reader", "GroupName: Reeder"), id="a group renamed"),
    pytest.param(_text('"scopesToSuppress": suppress', '"scopesToSuppress": []'), id="a trigger that suppresses nothing"),
    pytest.param(_text("Handler: \"index.handler\"", "Handler: \"index.other\""), id="another handler"),
    pytest.param(_text("Principal: cognito-idp.amazonaws.com", 'Principal: "*"'), id="anybody may call the trigger"),
    pytest.param(_text("      SourceAccount: {Ref: \"AWS::AccountId\"}\n", ""), id="any account's pool may call the trigger"),
    pytest.param(_text("AccessTokenValidity: 15", "AccessTokenValidity: 1440"), id="longer-lived tokens"),
    pytest.param(_text("CallbackURLs:", "Other:"), id="a code flow without callback"),
    pytest.param(_text("AllowedOAuthFlowsUserPoolClient: true", "AllowedOAuthFlowsUserPoolClient: false"), id="flows without effect"),
    pytest.param(_text("  TriggerRole:\n", "  More: {Type: AWS::Cognito::UserPoolClient}\n  TriggerRole:\n"), id="a client more"),
]  # fmt: skip


@pytest.mark.parametrize("tamper", IDENTITY_TAMPERINGS)
def test_an_identity_stack_that_grants_anything_else_is_refused(tamper: Callable[[str], str]) -> None:
    _refused(WORKSPACE, "identity/template.yaml", tamper)


MAP_TAMPERINGS = [
    pytest.param(_text("'Reader': ('petsapi/read', )", "'Reader': ('petsapi/read', 'petsapi/write')"), id="a grant more"),
    pytest.param(_text("    'Reader': ('petsapi/read', ),\n", ""), id="a grant less"),
    pytest.param(_text("    'petsapi/read',\n", ""), id="a scope unmanaged"),
    pytest.param(_text(": ('petsapi/read', 'petsapi/write', ),\n}\n\n# Every", ": ('petsapi/read', ),\n}\n\n# Every"), id="a derived scope for one part"),
    pytest.param(_text("EVERY_CLIENT = True", "EVERY_CLIENT = False"), id="other clients"),
    pytest.param(_text("- granted)", ")"), id="another rule in the handler"),
    pytest.param(lambda text: text + "\nhandler = print\n", id="a line more"),
    pytest.param(lambda text: text + "\nEVERY_CLIENT = True\n", id="a constant twice"),
    pytest.param(_text("PERMISSION_SCOPES = {", "PERMISSION_SCOPES = {**{}, "), id="a constant that is computed"),
]  # fmt: skip


@pytest.mark.parametrize("tamper", MAP_TAMPERINGS)
def test_a_map_that_grants_anything_else_is_refused(tamper: Callable[[str], str]) -> None:
    _refused(WORKSPACE, "identity/scope_map.py", tamper)


def test_access_json_that_says_anything_else_is_refused() -> None:
    _refused(WORKSPACE, "access.json", _text('"anyOf": [["petsapi/read"]]', '"anyOf": [["petsapi/write"]]'))


EXISTING = {
    "scopegen.yaml": {
        "user-pool": {"existing": True},
        "clients": {
            "web": {"kind": "user", "callback-urls": ["https://app.example.com/callback"]},
            "old": {"kind": "user", "existing": True},
            "batch": {"kind": "machine", "scopes": ["petsapi/read"]},
        },
    },
    "specs/pets.yaml": SPEC,
}


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param(
            _text('- {"Ref": "WebClient"}\n', '- {"Ref": "WebClient"}\n                - theirs\n'), id="a client more"
        ),
        pytest.param(lambda text: re.sub(r' +- {"Ref": "WebClient"}\n', "", text), id="a client less"),
        pytest.param(_text("API_CLIENT_IDS:", "OTHER_IDS:"), id="no list at all"),
    ],
)
def test_an_existing_pool_whose_other_clients_carry_scopes_is_refused(tamper: Callable[[str], str]) -> None:
    _refused(EXISTING, "identity/template.yaml", tamper)


def _refused(workspace: dict[str, Any], path: str, tamper: Callable[[str], str]) -> None:
    result = compile_files(workspace)
    written = files(result)
    assert result.build is not None
    assert prove(result.build, result.artifacts) == []
    changed = tamper(written[path].decode())
    assert changed != written[path].decode()
    artifacts = tuple(
        Artifact(name, changed.encode() if name == path else content) for name, content in written.items()
    )
    found = {diagnostic.location.file for diagnostic in prove(result.build, artifacts) if diagnostic.location}
    assert path in found


def test_scopes_are_compared_as_scopes() -> None:
    assert _meant(AnyOf([[Scope("a", "b")]])) == {frozenset({"a/b"})}
