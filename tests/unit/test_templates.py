"""Stacks and import specs as others judge them, and the ways to get one wrong that neither a linter nor an emulator sees."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from memory import codes, compile_files, files
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import UnresolvableParameterError

from scopegen.substitution import STACK_PARAMETERS, read

ROOT = Path(__file__).parents[2]
BUILT = [path for folder in (ROOT / "build", *ROOT.glob("tests/cases/*/tree")) for path in sorted(folder.rglob("*"))]
CLIENTS = {
    "web": {"kind": "user", "callback-urls": ["https://app.example.com/callback"]},
    "batch": {"kind": "machine", "scopes": ["petsapi/read", "petsapi/write"]},
}
CONFIG: dict[str, Any] = {
    "resource-servers": {"petsapi": {"scopes": {"read": "", "write": ""}}},
    "clients": CLIENTS,
    "user-pool": {"domain": "pets-example"},
}


def operation(tag: Any = "petsapi/read", **more: Any) -> dict[str, Any]:
    return {"x-required-scope": tag, "responses": {"200": {"description": "ok"}}, **more}


def spec(paths: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    usual = {
        "/pets": {
            "get": operation(),
            "post": operation("petsapi/write"),
            "put": operation({"allOf": ["petsapi/read", "petsapi/write"]}),
        }
    }
    return {"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "paths": paths or usual, **more}


def merged(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: merged(base[key], value)
        for key, value in extra.items()
        if isinstance(base.get(key), dict) and isinstance(value, dict)
    }
    return base | extra | both


def test_cfn_lint_has_nothing_to_say(tmp_path: Path) -> None:
    """Informational checks included; on everything that this repository builds, and on forms that no case has."""
    variants = {
        "many": {"permissions": {f"P{number}": ["petsapi/read"] for number in range(600)}},
        "existing": {
            "user-pool": {"existing": True, "domain": None},
            "clients": {"old": {"kind": "user", "existing": True}},
        },
        "nothing": {"clients": {}, "permissions": {}},
        "function": {"apis": {"pets": {"integration": "lambda", "stage": {"properties": {"TracingEnabled": True}}}}},
    }
    for name, extra in variants.items():
        config = merged(CONFIG, extra)
        config["user-pool"] = {key: value for key, value in config["user-pool"].items() if value is not None}
        for path, content in files(compile_files({"scopegen.yaml": config, "specs/pets.json": spec()})).items():
            if path.endswith(".yaml"):
                (tmp_path / f"{name}-{path.replace('/', '-')}").write_bytes(content)
    templates = [*tmp_path.iterdir(), *(path for path in BUILT if path.name == "template.yaml")]
    assert len(templates) > 70
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--include-checks", "I", "--", *map(str, templates)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.parametrize(
    "path", [path for path in BUILT if path.name == "openapi.json"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_openapi_spec_validator_accepts_the_import_spec(path: Path) -> None:
    data = json.loads(path.read_bytes())
    for greedy in [name for name in data["paths"] if "+}" in name]:
        with pytest.raises(UnresolvableParameterError):
            validate(data)
        del data["paths"][greedy]
    validate(data)


def built(config: dict[str, Any] | None = None, document: dict[str, Any] | None = None) -> dict[str, Any]:
    """The stacks of a workspace as data, by path."""
    made = {"scopegen.yaml": merged(CONFIG, config or {}), "specs/pets.json": document or spec()}
    result = files(compile_files(made))
    return {
        path: yaml.load(content, yaml.CSafeLoader)
        for path, content in result.items()
        if path.endswith(("yaml", "json"))
    }


def properties(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one.get("Properties", {}) for one in template["Resources"].values() if one["Type"] == f"AWS::{kind}"]


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any] | None, str]] = {
    "a client scope that no server declares": ({"clients": {"batch": {"scopes": ["petsapi/fly"]}}}, None, "SG201"),
    "client credentials without a secret": ({"clients": {"batch": {"properties": {"GenerateSecret": False}}}}, None, "SG213"),
    "client credentials mixed with code": ({"clients": {"batch": {"callback-urls": ["https://a.example/"]}}}, None, "SG206"),
    "flows mixed by properties": ({"clients": {"batch": {"properties": {"AllowedOAuthFlows": ["code", "client_credentials"]}}}}, None, "SG213"),
    "client credentials with openid": ({"clients": {"batch": {"scopes": ["openid"]}}}, None, "SG206"),
    "client credentials without a scope": ({"clients": {"batch": {"scopes": []}}}, None, "SG206"),
    "code without a callback": ({"clients": {"web": {"callback-urls": []}}}, None, "SG206"),
    "the implicit flow": ({"clients": {"web": {"properties": {"AllowedOAuthFlows": ["implicit"]}}}}, None, "SG213"),
    "API scopes on a user client": ({"clients": {"web": {"scopes": ["petsapi/write"]}}}, None, "SG205"),
    "API scopes on a user client by properties": ({"clients": {"web": {"properties": {"AllowedOAuthScopes": ["petsapi/write"]}}}}, None, "SG213"),
    "event V2_0 on the LITE plan": ({"user-pool": {"properties": {"UserPoolTier": "LITE"}}}, None, "SG213"),
    "event V1_0": ({"user-pool": {"properties": {"LambdaConfig": {"PreTokenGeneration": "arn:x"}}}}, None, "SG213"),
    "another trigger": ({"user-pool": {"properties": {"LambdaConfig": {"PreTokenGenerationConfig": {}}}}}, None, "SG213"),
    "all triggers replaced by an intrinsic": ({"user-pool": {"properties": {"LambdaConfig": {"Fn::ImportValue": "x"}}}}, None, "SG213"),
    "an issuer that the authorizer does not know": ({"user-pool": {"properties": {"IssuerConfiguration": {"Type": "UPDATED"}}}}, None, "SG213"),
    "sign-up opened by properties": ({"user-pool": {"properties": {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False}}}}, None, "SG213"),
    "a reserved domain prefix": ({"user-pool": {"domain": "my-cognito"}}, None, "SG212"),
    "an impossible domain prefix": ({"user-pool": {"domain": "Pets_"}}, None, "SG212"),
    "clients without a domain": ({"user-pool": {"domain": None}}, None, "SG0"),
    "variables that are siblings": ({}, spec({"/pets/{a}": {"get": _path("a")}, "/pets/{b}/x": {"get": _path("b")}}), "SG302"),
    "a variable that is half a part": ({}, spec({"/pets/{a}.json": {"get": _path("a")}}), "SG301"),
    "a path with an empty part": ({}, spec({"/pets//x": {"get": operation()}}), "SG301"),
    "TRACE": ({}, spec({"/pets": {"trace": operation()}}), "SG304"),
    "no method at all": ({}, {**spec(), "paths": {}}, "SG319"),
    "a Lambda integration called with GET": ({}, spec({"/pets": {"get": operation(**{"x-amazon-apigateway-integration": _proxy("GET")})}}), "SG305"),
    "an integration without an uri": ({}, spec({"/pets": {"get": operation(**{"x-amazon-apigateway-integration": {"type": "http_proxy"}})}}), "SG305"),
    "a callback over plain http": ({"clients": {"web": {"callback-urls": ["http://app.example.com/"]}}}, None, "SG207"),
    "a callback with a fragment": ({"clients": {"web": {"callback-urls": ["https://app.example.com/#x"]}}}, None, "SG207"),
    "a group with a space": ({"permissions": {"Pet Readers": ["petsapi/read"]}}, None, "SG211"),
    "two names that are one logical id": ({"permissions": {"reader": ["petsapi/read"], "Reader": ["petsapi/read"]}}, None, "SG210"),
    "a server name with characters that Cognito refuses": ({"resource-servers": {"petsapi": {"name": "Pets: (all)"}}}, None, "SG211"),
    "a scope description that is too long": ({"resource-servers": {"petsapi": {"scopes": {"read": "x" * 257}}}}, None, "SG211"),
    "101 scopes on a server": ({"resource-servers": {"petsapi": {"scopes": {f"s{number}": "" for number in range(101)}}}}, None, "SG215"),
    "51 scopes on a client": (
        {"resource-servers": {"petsapi": {"scopes": {f"s{n}": "" for n in range(51)}}}, "clients": {"batch": {"scopes": [f"petsapi/s{n}" for n in range(51)]}}},
        None,
        "SG215",
    ),
    "merge instead of overwrite": ({"apis": {"pets": {"properties": {"Mode": "merge"}}}}, None, "SG213"),
    "warnings that are passed over": ({"apis": {"pets": {"properties": {"FailOnWarnings": False}}}}, None, "SG213"),
    "a base path that moves every operation": ({"apis": {"pets": {"properties": {"Parameters": {"basepath": "prepend"}}}}}, None, "SG213"),
    "a canary": ({"apis": {"pets": {"stage": {"properties": {"CanarySetting": {}}}}}}, None, "SG213"),
    "another authorizer": (
        {},
        spec(security=[{"x": []}], components={"securitySchemes": {"x": {"type": "apiKey", "in": "header", "name": "a", "x-amazon-apigateway-authorizer": {"type": "token"}}}}),
        "SG114",
    ),
} if (_path := lambda name: operation(parameters=[{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}])) and (_proxy := lambda method: {"type": "aws_proxy", "httpMethod": method, "uri": "arn:aws:apigateway:x:lambda:path/2015-03-31/functions/f/invocations"}) else {}  # fmt: skip


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_mistake_is_refused(mistake: str) -> None:
    config, document, code = REFUSED[mistake]
    result = compile_files({"scopegen.yaml": merged(CONFIG, config), "specs/pets.json": document or spec()})
    assert any(found.startswith(code) for found in codes(result)), codes(result)
    assert not result.artifacts


def test_every_client_waits_for_the_servers_of_its_scopes() -> None:
    resources = built()["identity/template.yaml"]["Resources"]
    servers = {
        one["Properties"]["Identifier"]: name
        for name, one in resources.items()
        if one["Type"].endswith("ResourceServer")
    }
    clients = [one for one in resources.values() if one["Type"].endswith("UserPoolClient")]
    for client in clients:
        needed = {
            servers[scope.rpartition("/")[0]] for scope in client["Properties"]["AllowedOAuthScopes"] if "/" in scope
        }
        assert needed <= set(client.get("DependsOn", []))
    assert any(client.get("DependsOn") for client in clients)


def test_a_function_may_be_called_by_each_of_its_methods_and_by_nothing_else() -> None:
    document = spec({"/pets/{id}": {"get": _path("id"), "post": _path("id")}, "/": {"get": operation()}})
    stack = built({"apis": {"pets": {"integration": "lambda"}}}, document)["pets/template.yaml"]
    sources = {
        one["SourceArn"]["Fn::Sub"].rpartition("${StageName}/")[2] for one in properties(stack, "Lambda::Permission")
    }
    assert sources == {"GET/pets/*", "POST/pets/*", "GET/"}
    assert {one["Principal"] for one in properties(stack, "Lambda::Permission")} == {"apigateway.amazonaws.com"}


def test_the_trigger_may_be_called_by_its_pool_only() -> None:
    (permission,) = properties(built()["identity/template.yaml"], "Lambda::Permission")
    assert permission["SourceArn"] == {"Fn::GetAtt": ["UserPool", "Arn"]}
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_no_method_is_protected_by_nothing() -> None:
    for content in (
        built()["pets/openapi.json"],
        built()["pets/template.yaml"]["Resources"]["RestApi"]["Properties"]["Body"],
    ):
        assert "security" not in content
        for item in content["paths"].values():
            for method in item.values():
                assert all(scopes for entry in method["security"] for scopes in entry.values())


def test_no_resource_waits_for_itself() -> None:
    for template in built().values():
        resources = template.get("Resources", {})
        waits = {name: _named(one) & resources.keys() - {name} for name, one in resources.items()}
        while waits:
            free = [name for name, needed in waits.items() if not needed & waits.keys()]
            assert free, sorted(waits)
            for name in free:
                del waits[name]


def _named(data: Any) -> set[str]:
    """Every resource that a resource names: by reference, attribute, substitution or order."""
    text = json.dumps(data)
    found = set(re.findall(r'"Ref": "(\w+)"', text)) | set(re.findall(r'"Fn::GetAtt": \["(\w+)"', text))
    return found | set(re.findall(r"\$\{(\w+)[.}]", text)) | set(data.get("DependsOn", []))


def test_a_changed_rule_is_deployed() -> None:
    def deployment(document: dict[str, Any]) -> str:
        resources = built(document=document)["pets/template.yaml"]["Resources"]
        (name,) = [name for name, one in resources.items() if one["Type"] == "AWS::ApiGateway::Deployment"]
        assert resources["Stage"]["Properties"]["DeploymentId"] == {"Ref": name}
        assert "StageName" not in resources[name]["Properties"]
        return name

    before, after = (
        spec({"/pets": {"get": operation()}}),
        spec({"/pets": {"get": operation("petsapi/write"), "post": operation("petsapi/read")}}),
    )
    assert deployment(before) == deployment(before) != deployment(after)


def test_nothing_names_an_account_a_region_or_a_pool() -> None:
    text = json.dumps(built())
    assert not re.search(r"(?<![0-9])[0-9]{12}(?![0-9])", text)
    assert not re.search(r"[a-z]{2}-[a-z]+-[0-9](?![0-9])", text)


def test_no_secret_is_put_out() -> None:
    assert "ClientSecret" not in json.dumps(built())


def test_an_empty_list_of_logout_urls_is_no_list() -> None:
    (web,) = [
        one
        for one in properties(built()["identity/template.yaml"], "Cognito::UserPoolClient")
        if one["ClientName"] == "web"
    ]
    assert web["LogoutURLs"] == {"Fn::If": ["HasWebLogoutUrls", {"Ref": "WebLogoutUrls"}, {"Ref": "AWS::NoValue"}]}


def test_managed_login_has_a_branding_for_every_user_client() -> None:
    template = built()["identity/template.yaml"]
    assert [one["ClientId"] for one in properties(template, "Cognito::ManagedLoginBranding")] == [{"Ref": "WebClient"}]


def test_what_people_depend_on_is_retained() -> None:
    kept = ("UserPool", "UserPoolDomain", "UserPoolResourceServer", "UserPoolClient", "UserPoolGroup")
    for one in built()["identity/template.yaml"]["Resources"].values():
        if one["Type"].rpartition("::")[2] in kept:
            assert (one["DeletionPolicy"], one["UpdateReplacePolicy"]) == ("Retain", "Retain")
    (pool,) = properties(built()["identity/template.yaml"], "Cognito::UserPool")
    assert pool["DeletionProtection"] == "ACTIVE"


def test_browsers_can_read_refusals_and_no_status_is_changed() -> None:
    document = built({"apis": {"pets": {"cors": {"allow-origins": ["https://a.example"]}}}})["pets/openapi.json"]
    responses = document["x-amazon-apigateway-gateway-responses"]
    assert {"UNAUTHORIZED", "ACCESS_DENIED", "EXPIRED_TOKEN", "DEFAULT_4XX", "DEFAULT_5XX"} <= responses.keys()
    assert all(set(one) == {"responseParameters"} for one in responses.values())


@pytest.mark.parametrize("origins", [["https://a.example"], ["https://a.example", "https://b.example"], ["*"]], ids=str)
def test_an_origin_is_never_reflected(origins: list[str]) -> None:
    text = json.dumps(built({"apis": {"pets": {"cors": {"allow-origins": origins}}}})["pets/openapi.json"])
    assert "method.request.header.Origin" not in text
    assert "input.params(" not in text or text.count("$origin ==") > 0
    written = re.findall(r"Access-Control-Allow-Origin = \\+\"([^\\]*)", text) + re.findall(
        r"Allow-Origin\": \"'([^']*)'", text
    )
    assert set(written) <= {*origins, "*"}
    assert "Access-Control-Allow-Credentials" not in text


def test_past_500_resources_groups_move_to_templates_by_a_hash_of_their_names() -> None:
    few = {f"P{number}": ["petsapi/read"] for number in range(600)}
    before, after = built({"permissions": few}), built({"permissions": few | {"Aaa": ["petsapi/read"]}})
    places = [
        {
            group["GroupName"]: path
            for path, template in made.items()
            if "/groups/" in path
            for group in properties(template, "Cognito::UserPoolGroup")
        }
        for made in (before, after)
    ]
    assert len(places[0]) == 600
    assert places[0].items() < places[1].items()
    assert all(len(template["Resources"]) <= 500 for template in after.values() if "Resources" in template)
    assert properties(after["identity/template.yaml"], "Cognito::UserPoolGroup") == []


def test_a_description_is_never_too_long() -> None:
    made = {f"specs/a{number:04}.json": spec() for number in range(200)}
    template = files(compile_files({"scopegen.yaml": CONFIG, **made}))["identity/template.yaml"]
    assert len(yaml.load(template, yaml.CSafeLoader)["Description"]) <= 1024


def test_the_names_of_the_api_stack_are_known_where_documents_are_read() -> None:
    template = yaml.safe_load(files(compile_files({"specs/pets.json": spec()}))["pets/template.yaml"])
    assert set(template["Parameters"]) == STACK_PARAMETERS
    for name in (*template["Resources"], *template["Conditions"], "GetPetsPermission"):
        with pytest.raises(ValueError, match="a resource of the stack itself"):
            read({"Ref": name})
    for name in (*STACK_PARAMETERS, "BackendUrl", "Stages", "RestApiName"):
        assert read({"Ref": name}).for_stack() == {"Ref": name}
