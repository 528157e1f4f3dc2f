"""The proof of the Cognito side. In: the identity templates as data. Out: nothing, or Unproved."""

from scopegen.artifacts import Build
from scopegen.document import Json, mapping, sequence, text
from scopegen.model import Client, Scope
from scopegen.names import derived_scopes, pascal
from scopegen.proof.reading import at, no_resolve, require

_RESOURCES = {
    "AWS::CloudFormation::Stack",
    "AWS::CloudWatch::Alarm",
    "AWS::Cognito::ManagedLoginBranding",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Cognito::UserPoolResourceServer",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
}
Resources = dict[str, dict[str, Json]]


def check(templates: list[dict[str, Json]], handler: str, build: Build) -> None:
    """The stack grants what the model grants: servers, clients, groups, pool and trigger."""
    resources: Resources = {}
    for template in templates:
        no_resolve(template)
        for name, resource in mapping(at(template, "Resources")).items():
            require(name not in resources, f"`{name}` in two templates")
            resources[name] = mapping(resource)
    require({text(resource.get("Type")) for resource in resources.values()} <= _RESOURCES, "a resource of another kind")
    _check_servers(resources, build)
    _check_clients(resources, build)
    groups = sorted(text(one.get("GroupName")) for one in _of(resources, "UserPoolGroup"))
    require(groups == sorted(one.group for one in build.model.permissions if not one.existing), "other groups")
    _check_pool(resources, build)
    _check_trigger(resources, handler, build)


def _of(resources: Resources, kind: str) -> list[dict[str, Json]]:
    return [mapping(one.get("Properties")) for one in resources.values() if one.get("Type") == f"AWS::Cognito::{kind}"]


def _check_servers(resources: Resources, build: Build) -> None:
    found = {text(one.get("Identifier")): _names(one) for one in _of(resources, "UserPoolResourceServer")}
    own = [server for server in build.model.resource_servers if not server.existing and server.scopes]
    expected = {server.identifier: sorted(one.name for one in server.scopes) for server in own}
    derived = sorted(scope.name for scope in derived_scopes(build.model))
    require(found == expected | ({"all-of": derived} if derived else {}), "other resource servers")


def _names(server: dict[str, Json]) -> list[str]:
    return sorted(text(mapping(scope).get("ScopeName")) for scope in sequence(server.get("Scopes")))


def _check_clients(resources: Resources, build: Build) -> None:
    servers = {
        text(mapping(one.get("Properties")).get("Identifier")): name
        for name, one in resources.items()
        if one.get("Type") == "AWS::Cognito::UserPoolResourceServer"
    }
    found = {
        text(mapping(one.get("Properties")).get("ClientName")): one
        for one in resources.values()
        if one.get("Type") == "AWS::Cognito::UserPoolClient"
    }
    expected = {client.name: client for client in build.model.clients if not client.existing}
    require(found.keys() == expected.keys(), "other clients")
    for name, client in expected.items():
        _check_client(found[name], client, servers, build)


def _check_client(resource: dict[str, Json], client: Client, servers: dict[str, str], build: Build) -> None:
    properties = mapping(resource["Properties"])
    listed = [text(scope) for scope in sequence(properties.get("AllowedOAuthScopes"))]
    derived = {str(scope) for scope, parts in derived_scopes(build.model).items() if set(parts) <= set(client.scopes)}
    require(set(listed) == {str(scope) for scope in client.scopes} | derived, f"other scopes on {client.name}")
    machine = client.kind == "machine"
    flow = "client_credentials" if machine else "code"
    require(properties.get("AllowedOAuthFlows") == [flow], f"other flows on {client.name}")
    require(properties.get("GenerateSecret") is machine, f"a secret too many or too few on {client.name}")
    require(properties.get("AllowedOAuthFlowsUserPoolClient") is True, f"flows of {client.name} without effect")
    require(machine or not any(Scope.parse(scope).server for scope in listed), f"API scopes on {client.name}")
    require(machine or "CallbackURLs" in properties, f"a code flow without callback on {client.name}")
    needed = {servers[server] for server in {Scope.parse(scope).server for scope in listed} if server in servers}
    require(needed <= set(map(str, sequence(resource.get("DependsOn")))), f"{client.name} before its resource servers")
    minutes = (properties.get("AccessTokenValidity"), mapping(properties.get("TokenValidityUnits")).get("AccessToken"))
    require(minutes == (client.token_minutes, "minutes"), f"another token life on {client.name}")


def _check_pool(resources: Resources, build: Build) -> None:
    pools = _of(resources, "UserPool")
    require(len(pools) == (0 if build.settings.existing_pool else 1), "another number of pools")
    for pool in pools:
        triggers = mapping(pool.get("LambdaConfig"))
        expected: Json = {"LambdaArn": {"Fn::GetAtt": ["TriggerFunction", "Arn"]}, "LambdaVersion": "V2_0"}
        require(triggers.get("PreTokenGenerationConfig") == expected, "another trigger")
        require("PreTokenGeneration" not in triggers, "a second trigger")
        require(pool.get("UserPoolTier") in ("ESSENTIALS", "PLUS"), "a plan without scopes in tokens")
        admin_only = at(pool, "AdminCreateUserConfig", "AllowAdminCreateUserOnly")
        require(admin_only is not build.settings.open_sign_up, "another sign-up")
        require("IssuerConfiguration" not in pool, "an issuer that API Gateway does not know")


def _check_trigger(resources: Resources, handler: str, build: Build) -> None:
    function = mapping(at(resources["TriggerFunction"], "Properties"))
    require(function.get("Code") == {"ZipFile": handler}, "another trigger than scope_map.py")
    require(function.get("Handler") == "index.handler", "another handler")
    variables = mapping(mapping(function.get("Environment")).get("Variables"))
    require(variables.get("API_CLIENT_IDS") == _carriers(build), "other clients may carry scopes")
    permission = mapping(at(resources["TriggerPermission"], "Properties"))
    require(permission.get("Principal") == "cognito-idp.amazonaws.com", "Cognito may not call the trigger")
    require({"SourceArn", "SourceAccount"} <= permission.keys(), "anybody's pool may call the trigger")


def _carriers(build: Build) -> Json:
    """The clients of an existing pool whose users may carry scopes: ours, and those that the operator lists."""
    if not build.settings.existing_pool:
        return None
    people = [client for client in build.model.clients if client.kind == "user"]
    ours: list[Json] = [
        {"Ref": pascal(one.name) + ("ExistingClientId" if one.existing else "Client")} for one in people
    ]
    return {"Fn::Join": [",", [*ours, {"Fn::Join": [",", {"Ref": "ApiClientIds"}]}]]}
