"""`properties:` of the configuration. In: a generated resource's properties and the user's. Out: the two merged, or refused.

One table names every property that carries authorization: those are scopegen's alone.
"""

import re
from collections.abc import Iterator

from scopegen import codes
from scopegen.diagnostics import Diagnostic, Location, pointer
from scopegen.document import Json, mapping
from scopegen.settings import Properties, Settings

# Per resource: the properties, as dotted paths, that decide who gets in or what code decides it; with what to write instead.
AUTHORIZATION: dict[str, dict[str, str]] = {
    "pool": {
        "LambdaConfig.PreTokenGeneration": "the trigger is scopegen's",
        "LambdaConfig.PreTokenGenerationConfig": "the trigger is scopegen's",
        "UserPoolTier": "scopegen sets the plan: scopes in access tokens need Essentials",
        "AdminCreateUserConfig.AllowAdminCreateUserOnly": "write `user-pool: {sign-up: open}`",
        "IssuerConfiguration": "API Gateway's Cognito authorizer takes only the default issuer",
        "UserPoolTags.managed-by": "this tag is scopegen's",
    },
    "client": {
        "ClientName": "the name of the client in `clients` is its name",
        "AllowedOAuthFlows": "the kind of the client decides",
        "AllowedOAuthFlowsUserPoolClient": "the kind of the client decides",
        "AllowedOAuthScopes": "write `scopes` or `operations`",
        "GenerateSecret": "the kind of the client decides",
        "UserPoolId": "the pool is the workspace's",
        "CallbackURLs": "write `callback-urls`",
        "LogoutURLs": "write `logout-urls`",
        "DefaultRedirectURI": "write `callback-urls`",
        "AccessTokenValidity": "write `token-minutes`",
        "TokenValidityUnits.AccessToken": "write `token-minutes`",
    },
    "trigger": {
        "Code": "the handler is generated",
        "Handler": "the handler is generated",
        "Runtime": "the handler is tested with this one",
        "Role": "the role is generated",
        "PackageType": "the handler is generated",
        "ImageConfig": "the handler is generated",
        "Environment.Variables.API_CLIENT_IDS": "write `clients`, or set the parameter ApiClientIds",
        "Environment.Variables.AWS_LAMBDA_EXEC_WRAPPER": "it decides which code runs",
        "Environment.Variables.LD_LIBRARY_PATH": "it decides which code runs",
        "Environment.Variables.LD_PRELOAD": "it decides which code runs",
        "Environment.Variables.PYTHONHOME": "it decides which code runs",
        "Environment.Variables.PYTHONPATH": "it decides which code runs",
        "Environment.Variables.PYTHONSTARTUP": "it decides which code runs",
    },
    "api": {
        "Body": "the body is generated",
        "BodyS3Location": "the body is generated",
        "CloneFrom": "the body is generated",
        "Mode": "anything but overwrite leaves removed operations alive",
        "FailOnWarnings": "a warning means that something was not imported",
        "Parameters.basepath": "it changes the paths that the model speaks of",
        "Policy": "write `x-amazon-apigateway-policy` in the document",
    },
    "stage": {
        "RestApiId": "the stage belongs to the generated API",
        "DeploymentId": "the deployment is generated",
        "StageName": "write `stage: {name: ...}`",
        "Variables.UserPoolId": "the pool is the parameter UserPoolArn",
        "CanarySetting": "a canary would answer by other rules than the model's",
    },
}
# Values of such a property that change nothing for the model: the Plus plan does all that Essentials does.
HARMLESS: dict[str, tuple[Json, ...]] = {"UserPoolTier": ("ESSENTIALS", "PLUS")}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_INTRINSICS = frozenset({"Ref", "Fn::GetAtt", "Fn::ImportValue", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub"})


def merged(base: Properties, extra: Properties) -> Properties:
    """`base` with `extra` laid over it: mappings are merged, everything else is replaced."""
    result = dict(base)
    for key, value in extra.items():
        inner = result.get(key)
        both = isinstance(inner, dict) and isinstance(value, dict)
        result[key] = merged(mapping(inner), mapping(value)) if both else value
    return result


def places(settings: Settings) -> Iterator[tuple[str, Properties, str]]:
    """Every `properties:` of a configuration: the kind of its resource, its content, its pointer."""
    yield "pool", settings.pool_properties, "/user-pool/properties"
    yield "trigger", settings.trigger_properties, "/trigger/properties"
    for client in settings.clients:
        yield "client", client.properties, pointer("clients", client.name, "properties")
    for api in settings.apis:
        yield "api", api.properties, pointer("apis", api.name, "properties")
        yield "stage", api.stage_properties, pointer("apis", api.name, "stage", "properties")


def problems(settings: Settings) -> Iterator[Diagnostic]:
    """Properties that carry authorization, and values that CloudFormation would execute."""
    for kind, properties, here in places(settings):
        for name in properties:
            if not _NAME.fullmatch(name) or name == "Ref":
                where = Location(settings.file, here + pointer(name), "key")
                yield codes.CLOUDFORMATION_INJECTION.at(where, f"`{name}` is not the name of a property")
        for dotted, hint in AUTHORIZATION[kind].items():
            place = _written(properties, dotted.split("."))
            if place is not None and properties.get(dotted) not in HARMLESS.get(dotted, ()):
                where = Location(settings.file, here + pointer(*place), "key")
                yield codes.OVERRIDDEN_AUTHORIZATION.at(where, f"`{dotted}` carries authorization", hint)
        yield from _executable(properties, settings.file, here)


def _written(properties: Properties, path: list[str]) -> list[str] | None:
    """The part of `path` that is written, where something at or above its end would replace what is there."""
    node: Json = properties
    for depth, key in enumerate(path):
        if not isinstance(node, dict) or any(name == "Ref" or name.startswith("Fn::") for name in node):
            return path[:depth] or None
        if key not in node:
            return None
        node = node[key]
    return path


def _executable(node: Json, file: str, here: str) -> Iterator[Diagnostic]:
    if isinstance(node, list):
        for i, item in enumerate(node):
            yield from _executable(item, file, f"{here}/{i}")
    elif isinstance(node, dict):
        for key, value in node.items():
            if (key.startswith("Fn::") or key == "Ref") and (key not in _INTRINSICS or len(node) > 1):
                where = Location(file, here + pointer(key), "key")
                hint = f"here CloudFormation may compute with {', '.join(sorted(_INTRINSICS))}"
                yield codes.CLOUDFORMATION_INJECTION.at(where, f"`{key}` may not stand here", hint)
            yield from _executable(value, file, here + pointer(key))
