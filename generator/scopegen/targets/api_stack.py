"""The API as a stack. In: importable copy, model, settings. Out: `<api>/template.yaml`: RestApi, Deployment, Stage.

The deployment's logical id ends in a hash of the API and its body: CloudFormation deploys only what is a new resource.
A body that is too large for a template lies in a bucket: it is the import spec, which finds the pool by stage variables,
since CloudFormation computes nothing in it. Its key ends in its hash and is no parameter, which a stack would keep.
Sources: AWS CloudFormation template reference, AWS::ApiGateway::*; API Gateway developer guide, "Lambda permissions".
"""

import hashlib
import re
from typing import Any

from scopegen import limits, quoting
from scopegen.artifacts import Artifact, Build
from scopegen.document import Json, mapping
from scopegen.importable import Importable
from scopegen.importable.allowed import DOCUMENTATION
from scopegen.importable.hazards import without_intrinsics
from scopegen.importable.integrations import KEY
from scopegen.names import pascal
from scopegen.passthrough import merged
from scopegen.settings import ApiSettings, Properties
from scopegen.substitution import STACK_PARAMETERS, Substitution
from scopegen.targets.apigateway import spec, text
from scopegen.templating import Raw, render
from scopegen.walk import ANY_METHOD

_VARIABLE = re.compile(r"\{[^{}]+\}")
_EXECUTE = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${RestApi}/${StageName}/"
_BODY_INDENT = " " * 8
_POOL_ID: Json = {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "UserPoolArn"}]}]}
_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "ip": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "path": "$context.resourcePath",
    "status": "$context.status",
    "clientId": "$context.authorizer.claims.client_id",
    "sub": "$context.authorizer.claims.sub",
    "error": "$context.error.responseType",
    "latency": "$context.responseLatency",
}


def artifacts(build: Build) -> tuple[Artifact, ...]:
    """One stack per API."""
    views = {api.name: view(build, api) for api in build.settings.apis if api.name in build.imports}
    return tuple(
        Artifact(f"{name}/template.yaml", render("api_stack/template.yaml", shown, build.compiled).encode())
        for name, shown in sorted(views.items())
    )


def view(build: Build, settings: ApiSettings) -> dict[str, Any]:
    """Everything the template shows."""
    api = build.imports[settings.name]
    policy: Properties = {} if api.policy is None else {"Policy": api.policy}
    key = body_key(build, settings.name)
    if key:
        located: Properties = {"BodyS3Location": {"Bucket": {"Ref": "BodyBucket"}, "Key": key}}
        body, asked = "", [one for one in parameters(api) if not one["default"]]
        variables: Properties = {
            "Variables": {"UserPoolId": _POOL_ID, **{p["name"]: {"Ref": p["name"]} for p in asked}}
        }
    else:
        body = quoting.yaml_safe(quoting.json_lined(stack_body(build, settings.name), {"paths": 2, "components": 2}))
        located, asked, variables = {}, parameters(api), {}
    rest_api = merged(_rest_api() | policy | located, settings.properties)
    changing = quoting.json_literal([body or key, rest_api, settings.salt])
    return {
        "description": f"The API {settings.name}",
        "parameters": asked,
        "stage_name": settings.stage,
        "rest_api": rest_api,
        "body": Raw(("\n" + body.rstrip("\n")).replace("\n", "\n" + _BODY_INDENT)) if body else "",
        "body_key": key,
        "pool_arn": build.user_pool_arn if key else "",
        "deployment": f"Deployment{hashlib.sha256(changing.encode()).hexdigest()[:10]}",
        "stage": merged(_stage() | variables, settings.stage_properties),
        "permissions": permissions(api),
    }


def body_key(build: Build, name: str) -> str:
    """The name under which the body of an API lies in a bucket; empty where the body stands in the template."""
    content = text(build, name)
    return f"{name}-{hashlib.sha256(content).hexdigest()[:16]}.json" if len(content) > limits.INLINE_BODY_BYTES else ""


def stack_body(build: Build, name: str) -> dict[str, Json]:
    """The import spec as CloudFormation may read it: no documentation, no key or text that it would execute."""
    data = spec(build.imports[name], name, build.model, {"Ref": "UserPoolArn"}, Substitution.for_stack)
    info = mapping(data["info"])
    paths = {
        path: {key: _bare(mapping(one)) for key, one in mapping(item).items()}
        for path, item in mapping(data["paths"]).items()
    }
    components = mapping(data["components"])
    return {
        **data,
        "info": {key: info[key] for key in ("title", "version") if key in info},
        "paths": dict(paths),
        "components": {**components, "schemas": without_intrinsics(components["schemas"])},
    }


def _bare(operation: dict[str, Json]) -> Json:
    """An operation without its documentation, and without intrinsics in what the document wrote."""
    ours = {KEY: operation[KEY]}
    kept = {key: value for key, value in operation.items() if key not in DOCUMENTATION and key != KEY}
    return {**mapping(without_intrinsics(kept)), **ours}


def _rest_api() -> Properties:
    return {
        "Mode": "overwrite",
        "FailOnWarnings": True,
        "Parameters": {"endpointConfigurationTypes": "REGIONAL", "ignore": "documentation"},
        "Tags": [{"Key": "managed-by", "Value": "scopegen"}],
    }


def _stage() -> Properties:
    throttling: Json = {
        "HttpMethod": "*",
        "ResourcePath": "/*",
        "ThrottlingBurstLimit": {"Ref": "ThrottlingBurstLimit"},
        "ThrottlingRateLimit": {"Ref": "ThrottlingRateLimit"},
    }
    log: Json = {
        "DestinationArn": {"Fn::GetAtt": ["AccessLogGroup", "Arn"]},
        "Format": quoting.json_literal(_ACCESS_LOG),
    }
    return {
        "StageName": {"Ref": "StageName"},
        "MethodSettings": [throttling],
        "AccessLogSetting": {"Fn::If": ["LogsAccess", log, {"Ref": "AWS::NoValue"}]},
        "Tags": [{"Key": "managed-by", "Value": "scopegen"}],
    }


def parameters(api: Importable) -> list[dict[str, str]]:
    """The parameters that integrations ask for; one without a default must be given at deploy time."""
    found: dict[str, str] = {}
    for _, _, operation in api.operations():
        for value in operation.integration.values():
            for parameter in value.parameters if isinstance(value, Substitution) else ():
                if parameter.name not in STACK_PARAMETERS:
                    found[parameter.name] = found.get(parameter.name) or parameter.default
    return [{"name": name, "default": default} for name, default in sorted(found.items())]


def permissions(api: Importable) -> list[dict[str, Any]]:
    """One Lambda permission per method and path of each function; one for the whole stage where its policy would overflow."""
    result = []
    for function, called in api.functions().items():
        if len(called) > limits.PERMISSIONS_PER_FUNCTION:
            name = pascal(quoting.json_literal(function.for_stack()))
            result.append(_permission(name, function, "*"))
            continue
        for path, key in called:
            method = "*" if key == ANY_METHOD else key.upper()
            name = pascal(f"{method.replace('*', 'ANY')} {path}")
            result.append(_permission(name, function, f"{method}{_VARIABLE.sub('*', path)}"))
    return sorted(result, key=lambda permission: str(permission["id"]))


def _permission(name: str, function: Substitution, resource: str) -> dict[str, Any]:
    source: Json = {"Fn::Sub": _EXECUTE + resource.replace("${", "${!")}
    return {"id": f"{name}Permission", "function": function.for_stack(), "source_arn": source}
