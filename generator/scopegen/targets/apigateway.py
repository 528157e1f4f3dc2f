"""The import spec. In: an importable copy and the model. Out: `<api>/openapi.json` for `aws apigateway import-rest-api`."""

import io
from collections.abc import Callable

from scopegen import quoting
from scopegen.artifacts import Artifact, Build
from scopegen.document import Json
from scopegen.importable import Importable
from scopegen.importable.imported import Imported
from scopegen.importable.integrations import KEY
from scopegen.importable.operations import method_key
from scopegen.model import AnyOf, Model, Public, Requirement
from scopegen.names import single_scope
from scopegen.substitution import Substitution

AUTHORIZER = "CognitoAuthorizer"
API_KEY = "ApiKey"
API_KEY_SCHEME: Json = {"type": "apiKey", "name": "x-api-key", "in": "header"}
# API Gateway resolves the three AWS variables at import, the stage variable at call time.
PROVIDER_ARN = (
    "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/${stageVariables.UserPoolId}"
)


def artifacts(build: Build) -> tuple[Artifact, ...]:
    """One import spec per API."""
    return tuple(Artifact(f"{name}/openapi.json", text(build, name)) for name in sorted(build.imports))


def text(build: Build, name: str) -> bytes:
    """The import spec of one API, made once."""
    if name not in build.texts:
        api = build.imports[name]
        data = spec(api, name, build.model, build.user_pool_arn or PROVIDER_ARN, Substitution.for_import)
        if api.policy is not None:
            data["x-amazon-apigateway-policy"] = api.policy
        made = io.BytesIO()
        made.writelines(piece.encode() for piece in quoting.json_pieces(data, {"paths": 2, "components": 2}))
        build.texts[name] = made.getvalue()
    return build.texts[name]


def spec(
    api: Importable, name: str, model: Model, provider: Json, spell: Callable[[Substitution], Json]
) -> dict[str, Json]:
    """The import spec of one API; every operation carries its own `security`, nothing stands at the root.

    `provider` is the pool's ARN and `spell` writes deploy-time text, each in the language of the output.
    """
    requirements = {(op.path, method_key(op.method)): op.requirement for op in model.operations if op.api == name}
    paths: dict[str, Json] = {}
    for path, item in api.paths.items():
        paths[path] = {
            key: _operation(operation, _security(api, path, key, requirements.get((path, key))), spell)
            for key, operation in item.items()
        }
    components: Json = {"schemas": api.models, "securitySchemes": _security_schemes(api, provider)}
    return {**api.root, "openapi": "3.0.1", "paths": paths, "components": components}


def _operation(operation: Imported, security: Json, spell: Callable[[Substitution], Json]) -> Json:
    integration: dict[str, Json] = {
        name: spell(value) if isinstance(value, Substitution) else value
        for name, value in operation.integration.items()
    }
    return {**operation.data, KEY: integration, "security": security}


def _security(api: Importable, path: str, key: str, requirement: Requirement | None) -> Json:
    """The `security` of one operation. A generated preflight is the only operation that the model does not know."""
    if requirement is None:
        assert (path, key) in {(generated, "options") for generated in api.preflights}
        return []
    keys: list[Json] = [{API_KEY: []}] if (path, key) in api.keyed else []
    return keys if isinstance(requirement, Public) else [{AUTHORIZER: [*scopes(requirement)]}, *keys]


def scopes(requirement: AnyOf) -> list[str]:
    """The list that API Gateway matches, any one of it: a conjunction is one derived scope."""
    return sorted({str(single_scope(parts)) for parts in requirement.alternatives})


def _security_schemes(api: Importable, provider: Json) -> Json:
    """Our authorizer, and the API key scheme where an operation asks for one."""
    authorizer: Json = {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "cognito_user_pools",
        "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [provider]},
    }
    return {AUTHORIZER: authorizer, **({API_KEY: API_KEY_SCHEME} if api.keyed else {})}
