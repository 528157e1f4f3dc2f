"""The Cognito side. In: model and settings. Out: `identity/template.yaml`: pool, servers, clients, groups, trigger.

Sources: AWS CloudFormation template reference, AWS::Cognito::*; Cognito developer guide, "Pre token generation Lambda
trigger". Clients wait for their resource servers, since scopes are plain texts that make no dependency of their own.
"""

import hashlib
from typing import Any

from scopegen.artifacts import Artifact, Build
from scopegen.decide import mint
from scopegen.document import Json
from scopegen.limits import STACK_RESOURCES
from scopegen.model import DERIVED_SERVER, Client, Model, Permission, Scope
from scopegen.names import derived_scopes, pascal
from scopegen.passthrough import merged
from scopegen.settings import Properties
from scopegen.targets import scope_map
from scopegen.templating import render

RUNTIME = "python3.13"
_FIXED_RESOURCES = 9
_MANAGED_BY: Json = [{"Key": "managed-by", "Value": "scopegen"}]
_ALARMS = (
    ("Errors", "Sum", 1, 1, "The trigger failed: the sign-in it belongs to failed with it"),
    ("Throttles", "Sum", 1, 1, "The trigger was throttled: sign-ins fail"),
    ("Duration", "Maximum", 4000, 3, "The trigger is slow: Cognito waits 5 seconds"),
)


def artifacts(build: Build) -> tuple[Artifact, ...]:
    """The identity stack, and the templates of its groups where one stack cannot hold them all."""
    identity = Artifact(
        "identity/template.yaml", render("identity/template.yaml", view(build), build.compiled).encode()
    )
    return identity, *(
        Artifact(f"identity/groups/{shard}.yaml", _groups_template(build, shard, permissions))
        for shard, permissions in sorted(shards(build).items())
    )


def _groups_template(build: Build, shard: str, permissions: list[Permission]) -> bytes:
    view = {"description": f"The Cognito groups of part {shard}", "groups": [_group(one) for one in permissions]}
    return render("identity/groups.yaml", view, build.compiled).encode()


def view(build: Build) -> dict[str, Any]:
    """Everything the template shows."""
    settings, model = build.settings, build.model
    existing = settings.existing_pool
    pool_arn: Json = {"Fn::Sub": _EXISTING_ARN} if existing else {"Fn::GetAtt": ["UserPool", "Arn"]}
    clients = [_client(build, client) for client in model.clients]
    nested = shards(build)
    return {
        "description": "Identity for " + ", ".join(api.name for api in settings.apis)[:900],
        "existing": existing,
        "domain": "" if existing else settings.domain,
        "pool": _pool(build),
        "pool_id": {"Ref": "UserPoolId" if existing else "UserPool"},
        "pool_arn": pool_arn,
        "servers": _servers(build),
        "clients": [client for client in clients if not client["existing"]],
        "existing_clients": [client for client in clients if client["existing"]],
        "user_clients": [client for client in clients if client["kind"] == "user" and not client["existing"]],
        "all_clients": clients,
        "groups": [] if nested else [_group(permission) for permission in _own_groups(build)],
        "nested": [{"id": f"Groups{shard.title()}", "url": f"${{GroupTemplatesUrl}}/{shard}.yaml"} for shard in sorted(nested)],
        "trigger": _trigger(build, clients),
        "alarms": [
            {"id": f"Trigger{metric}Alarm", "metric": metric, "statistic": statistic, "threshold": threshold,
             "periods": periods, "description": description}
            for metric, statistic, threshold, periods, description in _ALARMS
        ],
    }  # fmt: skip


_EXISTING_ARN = "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/${UserPoolId}"


def _pool(build: Build) -> Properties:
    base: Properties = {
        "UserPoolTier": "ESSENTIALS",
        "DeletionProtection": "ACTIVE",
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": not build.settings.open_sign_up},
        "LambdaConfig": {
            "PreTokenGenerationConfig": {
                "LambdaArn": {"Fn::GetAtt": ["TriggerFunction", "Arn"]},
                "LambdaVersion": "V2_0",
            }
        },
        "UserPoolTags": {"managed-by": "scopegen"},
    }
    return merged(base, build.settings.pool_properties)


def _servers(build: Build) -> list[dict[str, Any]]:
    own = [server for server in build.model.resource_servers if not server.existing and server.scopes]
    servers = [
        {
            "id": server_id(server.identifier),
            "identifier": server.identifier,
            "name": server.name,
            "scopes": [{"name": text.name, "description": text.description} for text in server.scopes],
        }
        for server in own
    ]
    derived = derived_scopes(build.model)
    if derived:
        scopes = [{"name": scope.name, "description": _all_of(parts)} for scope, parts in sorted(derived.items())]
        servers.append(
            {"id": server_id(DERIVED_SERVER), "identifier": DERIVED_SERVER, "name": DERIVED_SERVER, "scopes": scopes}
        )
    return servers


def _all_of(parts: tuple[Scope, ...]) -> str:
    text = f"All of {', '.join(map(str, parts))}"
    return text if len(text) <= 256 else text[:253] + "..."


def server_id(identifier: str) -> str:
    """The logical id of a resource server."""
    return f"{pascal(identifier)}ResourceServer"


def client_scopes(model: Model, client: Client) -> list[str]:
    """What a client lists: its scopes, and each derived scope of which it holds all parts."""
    return sorted(str(scope) for scope in {*client.scopes, *mint(model, client)})


def _client(build: Build, client: Client) -> dict[str, Any]:
    name, settings = pascal(client.name), build.settings.client(client.name)
    used = {Scope.parse(scope).server for scope in client_scopes(build.model, client)}
    created = {server["identifier"]: server["id"] for server in _servers(build)}
    return {
        "id": f"{name}Client",
        "kind": client.kind,
        "existing": client.existing,
        "reference": f"{name}ExistingClientId" if client.existing else f"{name}Client",
        "parameter": f"{name}ExistingClientId",
        "parameter_description": f"The id of the client {client.name}, which exists",
        "output": f"{name}ClientId",
        "callback_parameter": f"{name}CallbackUrls",
        "callback_description": f"Where {client.name} may be sent after sign-in",
        "callback_urls": ",".join(named.text for named in settings.callback_urls),
        "logout_parameter": f"{name}LogoutUrls",
        "logout_description": f"Where {client.name} may be sent after sign-out; empty for nowhere",
        "logout_urls": ",".join(named.text for named in settings.logout_urls),
        "logout_condition": f"Has{name}LogoutUrls",
        "branding": f"{name}Branding" if client.kind == "user" else "",
        "depends_on": [created[server] for server in sorted(used) if server in created],
        "properties": merged(_client_properties(build, client, name), settings.properties),
    }


def _client_properties(build: Build, client: Client, name: str) -> Properties:
    pool: Json = {"Ref": "UserPoolId" if build.settings.existing_pool else "UserPool"}
    properties: Properties = {
        "UserPoolId": pool,
        "ClientName": client.name,
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthScopes": [*client_scopes(build.model, client)],
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": True,
        "AccessTokenValidity": client.token_minutes,
        "TokenValidityUnits": {"AccessToken": "minutes"},
    }
    if client.kind == "machine":
        return properties | {"AllowedOAuthFlows": ["client_credentials"], "GenerateSecret": True}
    no_value: Json = {"Ref": "AWS::NoValue"}
    return properties | {
        "AllowedOAuthFlows": ["code"],
        "GenerateSecret": False,
        "SupportedIdentityProviders": ["COGNITO"],
        "CallbackURLs": {"Ref": f"{name}CallbackUrls"},
        "LogoutURLs": {"Fn::If": [f"Has{name}LogoutUrls", {"Ref": f"{name}LogoutUrls"}, no_value]},
    }


def _own_groups(build: Build) -> list[Permission]:
    return [permission for permission in build.model.permissions if not permission.existing]


def _group(permission: Permission) -> dict[str, str]:
    return {"id": f"{pascal(permission.group)}Group", "name": permission.group}


def shards(build: Build) -> dict[str, list[Permission]]:
    """Groups by the template that holds them; none while one stack holds everything. A group's shard is a hash of its name."""
    permissions = _own_groups(build)
    others = _FIXED_RESOURCES + len(build.model.resource_servers) + 1 + 2 * len(build.model.clients)
    if len(permissions) + others <= STACK_RESOURCES:
        return {}
    result: dict[str, list[Permission]] = {}
    for permission in permissions:
        result.setdefault(f"{hashlib.sha256(permission.group.encode()).digest()[0] // 4:02x}", []).append(permission)
    return result


def _trigger(build: Build, clients: list[dict[str, Any]]) -> Properties:
    base: Properties = {
        "Description": "Puts the scopes of a user's permissions into the access token",
        "Runtime": RUNTIME,
        "Handler": "index.handler",
        "Timeout": 5,
        "MemorySize": 128,
        "Role": {"Fn::GetAtt": ["TriggerRole", "Arn"]},
        "KmsKeyArn": {"Fn::If": ["HasKmsKey", {"Ref": "KmsKeyArn"}, {"Ref": "AWS::NoValue"}]},
        "LoggingConfig": {"LogGroup": {"Ref": "TriggerLog"}},
        "Tags": _MANAGED_BY,
        "Code": {"ZipFile": scope_map.source(build)},
    }
    if build.settings.existing_pool:
        ids: list[Json] = [{"Ref": client["reference"]} for client in clients if client["kind"] == "user"]
        listed: Json = {"Fn::Join": [",", [*ids, {"Fn::Join": [",", {"Ref": "ApiClientIds"}]}]]}
        base["Environment"] = {"Variables": {"API_CLIENT_IDS": listed}}
    return merged(base, build.settings.trigger_properties)
