"""The proof of the gateway side. In: import spec and API stack as bytes. Out: nothing, or Unproved.

Requirements are read back from each operation's `security` and compared with the model's; every other key that could
change who gets in must be absent, or exactly ours.
"""

import hashlib
import json
from collections.abc import Callable
from functools import cache

from scopegen.artifacts import Build
from scopegen.document import Json, mapping, sequence, text
from scopegen.importable import Importable
from scopegen.importable.hazards import without_conditions
from scopegen.model import AnyOf, Operation, Public, Requirement, Scope
from scopegen.proof.reading import at, no_resolve, read_json, read_stack, require

_OURS = "CognitoAuthorizer"
_KEY = "ApiKey"
_INTEGRATION = "x-amazon-apigateway-integration"
_ANY = "x-amazon-apigateway-any-method"
# What brings in an authorizer. Two of them stand on ours, which is read on its own.
_ON_OURS = frozenset({"x-amazon-apigateway-authorizer", "x-amazon-apigateway-authtype"})
_FOREIGN = _ON_OURS | {"x-amazon-apigateway-auth", "identityValidationExpression", "x-amazon-apigateway-cors"}
_COMPUTED = ("uri", "credentials", "connectionId")
_RESOURCES = {
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Stage",
    "AWS::Logs::LogGroup",
    "AWS::Lambda::Permission",
}
Derived = dict[str, frozenset[Scope]]


def read_import(content: bytes) -> dict[str, Json]:
    """What an import spec says of who gets in, and nothing else; Unproved where it could let in others as well."""
    named: list[str] = []
    data = read_json(content, _FOREIGN, named)
    if sorted(named) != sorted(_ON_OURS):
        _only_ours(data)
    paths: dict[str, Json] = {
        path: {key: _said(mapping(one)) for key, one in mapping(item).items()}
        for path, item in mapping(data.get("paths")).items()
    }
    schemes = mapping(data.get("components")).get("securitySchemes")
    kept: dict[str, Json] = {
        key: data[key] for key in ("openapi", "security", "x-amazon-apigateway-policy") if key in data
    }
    return {**kept, "paths": paths, "components": {"securitySchemes": schemes}}


def _said(operation: dict[str, Json]) -> Json:
    said: dict[str, Json] = {"security": operation["security"]} if "security" in operation else {}
    return {**said, _INTEGRATION: {"type": mapping(operation.get(_INTEGRATION)).get("type")}}


def check_import(data: dict[str, Json], name: str, build: Build, derived: Derived) -> None:
    """The import spec says what the model says. `data` is what was read from it."""
    api = build.imports[name]
    require(data.get("openapi") == "3.0.1", "not OpenAPI 3.0.1")
    require(data.get("x-amazon-apigateway-policy") == api.policy, "another resource policy")
    provider = at(data, "components", "securitySchemes", _OURS, "x-amazon-apigateway-authorizer", "providerARNs")
    arn = build.user_pool_arn or (
        "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/${stageVariables.UserPoolId}"
    )
    require(provider == [arn], "another user pool")
    _check_spec(data, name, api, build, derived)


def check_stack(content: bytes, spec: bytes, name: str, build: Build, derived: Derived) -> None:
    """The API stack deploys the same rules, all of them, and again whenever they change. `spec` is the import spec."""
    api, (template, body_text) = build.imports[name], read_stack(content)
    no_resolve(template)
    resources = mapping(at(template, "Resources"))
    kinds = [text(mapping(resource).get("Type")) for resource in resources.values()]
    require(set(kinds) <= _RESOURCES, "a resource of another kind")
    require(kinds.count("AWS::ApiGateway::RestApi") == 1, "not one API")
    rest = mapping(at(resources, "RestApi", "Properties"))
    require(
        rest.get("Mode") == "overwrite" and rest.get("FailOnWarnings") is True, "an import that could leave rules alive"
    )
    require(rest.get("Policy") == api.policy, "another resource policy")
    bare, conditions = without_conditions(rest.get("Policy"))
    _no_intrinsics([bare, *conditions.values()])
    require("CloneFrom" not in rest, "a body from elsewhere")
    require(("BodyS3Location" in rest) != ("Body" in rest), "not exactly one body")
    if "Body" in rest:
        _check_body(mapping(rest["Body"]), name, api, build, derived)
    else:
        body_text = _check_bucket(template, spec, name)
        pinned = mapping(at(template, "Parameters", "UserPoolArn")).get("AllowedValues")
        require(not build.user_pool_arn or pinned == [build.user_pool_arn], "another pool than the body's")
    deployment = text(mapping(at(resources, "Stage", "Properties", "DeploymentId")).get("Ref"))
    require(text(at(resources, deployment, "Type")) == "AWS::ApiGateway::Deployment", "a stage without a deployment")
    settings = {key: value for key, value in rest.items() if key != "Body"}
    changing = json.dumps([body_text, settings, build.settings.api(name).salt], sort_keys=True, ensure_ascii=False)
    anew = "Deployment" + hashlib.sha256(changing.encode()).hexdigest()[:10]
    require(deployment == anew, "a deployment that would not be made anew")


def _check_body(body: dict[str, Json], name: str, api: Importable, build: Build, derived: Derived) -> None:
    """A body in the template says what the import spec says, and CloudFormation executes nothing of it."""
    require("x-amazon-apigateway-policy" not in body, "a second resource policy")
    provider = at(body, "components", "securitySchemes", _OURS, "x-amazon-apigateway-authorizer", "providerARNs")
    require(provider == [{"Ref": "UserPoolArn"}], "another user pool")
    _only_ours(body)
    _check_spec(body, name, api, build, derived)
    _no_intrinsics({**body, "components": mapping(body["components"]).get("schemas")})


def _check_bucket(template: dict[str, Json], spec: bytes, name: str) -> str:
    """A body in a bucket can be no other than the import spec, and finds the pool of the stack. Its key."""
    rest = at(template, "Resources", "RestApi", "Properties", "BodyS3Location")
    key = f"{name}-{hashlib.sha256(spec).hexdigest()[:16]}.json"
    require(rest == {"Bucket": {"Ref": "BodyBucket"}, "Key": key}, "a body from elsewhere")
    pool = at(template, "Resources", "Stage", "Properties", "Variables", "UserPoolId")
    require(pool == {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "UserPoolArn"}]}]}, "another user pool")
    return key


def _check_spec(data: dict[str, Json], name: str, api: Importable, build: Build, derived: Derived) -> None:
    require("security" not in data, "`security` at the root")
    schemes = mapping(at(data, "components", "securitySchemes"))
    require(schemes.keys() == {_OURS} | ({_KEY} if api.keyed else set()), "another security scheme")
    ours = mapping(schemes[_OURS])
    require(
        (ours.get("type"), ours.get("in"), ours.get("name")) == ("apiKey", "header", "Authorization"),
        "another token source",
    )
    require(ours.get("x-amazon-apigateway-authtype") == "cognito_user_pools", "another authorizer")
    authorizer = mapping(ours["x-amazon-apigateway-authorizer"])
    require(authorizer.keys() == {"type", "providerARNs"}, "an authorizer with further settings")
    require(authorizer["type"] == "cognito_user_pools", "another authorizer")
    expected = {(one.path, _key(one)): one.requirement for one in build.model.operations if one.api == name}
    found = {
        (path, key): mapping(one) for path, item in mapping(data["paths"]).items() for key, one in mapping(item).items()
    }
    generated = {(path, "options") for path in api.preflights}
    require(found.keys() == expected.keys() | generated, "other operations")
    require(not generated & expected.keys(), "a preflight in the place of an operation")

    @cache  # thousands of operations list the same
    def meant(scopes: tuple[str, ...]) -> AnyOf:
        return AnyOf(derived.get(scope, frozenset({Scope.parse(scope)})) for scope in scopes)

    for place, operation in found.items():
        keyed = place in api.keyed
        if place in generated:
            require(operation.get("security") == [], "a preflight with `security`")
            require(at(operation, _INTEGRATION, "type") == "mock", "a preflight that reaches a backend")
        else:
            read = _requirement(operation, keyed, meant, expected[place])
            require(read == expected[place], f"another rule for {place}")


def _key(operation: Operation) -> str:
    return _ANY if operation.method == "ANY" else operation.method.lower()


def _requirement(
    operation: dict[str, Json], keyed: bool, meant: Callable[[tuple[str, ...]], AnyOf], expected: Requirement
) -> Requirement:
    """What API Gateway enforces for one operation, read from its `security`; the reason of a public one is not in it.

    `meant` is what a list of scopes comes to.
    """
    require("security" in operation, "an operation without `security`")
    entries = sequence(operation["security"])
    require((entries[-1:] == [{_KEY: []}]) == keyed, "an API key lost or added")
    rules = entries[:-1] if keyed else entries
    if not rules:
        return Public(expected.reason if isinstance(expected, Public) else "not public at all")
    require(len(rules) == 1 and mapping(rules[0]).keys() == {_OURS}, "not exactly one authorizer")
    scopes = sequence(mapping(rules[0])[_OURS])
    require(len(scopes) > 0, "a protected method with an empty scope list")
    require(all(isinstance(scope, str) for scope in scopes), "a scope that is not text")
    return meant(tuple(map(str, scopes)))


def _only_ours(data: dict[str, Json]) -> None:
    """No key beside the schemes that would bring in an authorizer. Headers, and what a schema calls its properties, are none."""
    nodes: list[Json] = [{**data, "components": {**mapping(data["components"]), "securitySchemes": {}}}]
    for node in nodes:
        if isinstance(node, dict):
            foreign = _FOREIGN.intersection(node)
            require(not foreign, f"`{min(foreign, default='')}`")
            nodes += [value for key, value in node.items() if key not in ("headers", "schemas", "schema")]
            nodes += mapping(node.get("headers")).values()
        elif isinstance(node, list):
            nodes += node


def _no_intrinsics(data: Json) -> None:
    """No key that CloudFormation executes, but where an integration computes its address."""
    nodes = [data]
    for node in nodes:
        if isinstance(node, dict):
            executed = [key for key in node if key in ("Ref", "Condition") or key[:4] == "Fn::"]
            require(not executed, f"`{executed[:1]}` in the body")
            nodes += [value for key, value in node.items() if key not in _COMPUTED or not _is_computed(value)]
        elif isinstance(node, list):
            nodes += node


def _is_computed(value: Json) -> bool:
    return isinstance(value, dict) and value.keys() in ({"Fn::Sub"}, {"Ref"})
