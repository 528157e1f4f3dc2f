"""One form for two readings of an API. In: what the gateway reports; an import spec; access.json. Out: mappings to compare.

A method is keyed by path and HTTP method, as `GET /pets`. What the emulator is known not to import (gateway responses,
credentials and connections of integrations, the type of the endpoint) is in neither reading.
"""

import json
from typing import Any, TypeAlias

from scopegen.importable.integrations import KEY
from scopegen.model import Scope
from scopegen.names import derived_scope
from scopegen.walk import ANY_METHOD

from .importer import Imported

Reading: TypeAlias = dict[str, Any]
JSON = "application/json"
_VALIDATOR = "x-amazon-apigateway-request-validator"
_PLACES = {"header": "header", "path": "path", "query": "querystring"}


def authorizers(api: Imported) -> list[Reading]:
    """The authorizers of an API without their ids."""
    return [{key: value for key, value in item.items() if key != "id"} for item in api.items("authorizers")]


def access(api: Imported) -> Reading:
    """Who gets in, as the gateway has it: the type of authorization, and the scopes any of which suffices."""
    names = {item["id"]: item["name"] for item in api.items("authorizers")}
    return {
        label: {
            "type": method["authorizationType"],
            "authorizer": names.get(method.get("authorizerId")),
            "scopes": sorted(method.get("authorizationScopes", [])),
        }
        for label, method in _reported(api)
    }


def access_of_model(model: Reading, api: str) -> Reading:
    """Who gets in, as access.json has it: a conjunction is one derived scope."""
    return {
        f"{operation['method']} {operation['path']}": _access(operation["requires"])
        for operation in model["operations"]
        if operation["api"] == api
    }


OPEN: Reading = {"type": "NONE", "authorizer": None, "scopes": []}


def _access(requires: Reading) -> Reading:
    if "public" in requires:
        return OPEN
    alternatives = [tuple(map(Scope.parse, parts)) for parts in requires["anyOf"]]
    scopes = sorted(str(parts[0] if len(parts) == 1 else derived_scope(parts)) for parts in alternatives)
    return {"type": "COGNITO_USER_POOLS", "authorizer": "CognitoAuthorizer", "scopes": scopes}


def methods(api: Imported) -> Reading:
    """Everything else that the gateway reports of each method."""
    validators = {item["id"]: item["name"] for item in api.items("request_validators")}
    return {
        label: {
            "operation": method.get("operationName"),
            "api key": method["apiKeyRequired"],
            "validator": validators.get(method.get("requestValidatorId")),
            "parameters": method.get("requestParameters", {}),
            "body": method.get("requestModels", {}),
            "answers": {
                code: (sorted(answer.get("responseParameters", {})), answer.get("responseModels", {}))
                for code, answer in method["methodResponses"].items()
            },
            "integration": _reported_integration(method["methodIntegration"]),
        }
        for label, method in _reported(api)
    }


def methods_of_spec(spec: Reading) -> Reading:
    """The same from the import spec."""
    return {
        label: {
            "operation": operation.get("operationId"),
            "api key": {"ApiKey": []} in operation["security"],
            "validator": operation.get(_VALIDATOR, spec.get(_VALIDATOR)),
            "parameters": {
                f"method.request.{_PLACES[one['in']]}.{one['name']}": one["required"]
                for one in operation.get("parameters", [])
            },
            "body": _model(operation.get("requestBody", {})),
            "answers": {
                code: (sorted(f"method.response.header.{name}" for name in answer.get("headers", {})), _model(answer))
                for code, answer in operation["responses"].items()
            },
            "integration": _specified_integration(operation[KEY]),
        }
        for label, operation in _specified(spec)
    }


def resources(api: Imported) -> list[str]:
    return sorted(item["path"] for item in api.items("resources"))


def resources_of_spec(spec: Reading) -> list[str]:
    """The paths, and every path above one of them."""
    parts = [path.strip("/").split("/") for path in spec["paths"]]
    return sorted({"/"} | {"/" + "/".join(one[: i + 1]) for one in parts for i in range(len(one))})


def models(api: Imported) -> Reading:
    """The models with references by name: the gateway writes them as addresses of its own."""
    return {item["name"]: _named(json.loads(item["schema"])) for item in api.items("models")}


def models_of_spec(spec: Reading) -> Reading:
    return {name: _named(schema) for name, schema in spec["components"]["schemas"].items()}


def _reported(api: Imported) -> list[tuple[str, Reading]]:
    return [
        (f"{name} {resource['path']}", method)
        for resource in api.items("resources", embed=["methods"])
        for name, method in resource.get("resourceMethods", {}).items()
    ]


def _specified(spec: Reading) -> list[tuple[str, Reading]]:
    return [
        (f"{'ANY' if key == ANY_METHOD else key.upper()} {path}", operation)
        for path, item in spec["paths"].items()
        for key, operation in item.items()
    ]


def _reported_integration(found: Reading) -> Reading:
    answers = found.get("integrationResponses", {}).values()
    return {
        "type": found["type"],
        "method": found.get("httpMethod"),
        "uri": found.get("uri"),
        "passthrough": found["passthroughBehavior"],
        "milliseconds": int(found["timeoutInMillis"]),
        "parameters": found.get("requestParameters", {}),
        "templates": found.get("requestTemplates", {}),
        "answers": {
            one.get("selectionPattern", "default"): (
                one["statusCode"],
                one.get("responseParameters", {}),
                one.get("responseTemplates", {}),
            )
            for one in answers
        },
    }


def _specified_integration(written: Reading) -> Reading:
    return {
        "type": written["type"].upper(),
        "method": None if written["type"].upper() == "MOCK" else written.get("httpMethod"),
        "uri": written.get("uri"),
        "passthrough": written.get("passthroughBehavior", "when_no_match").upper(),
        "milliseconds": written.get("timeoutInMillis", 29000),
        "parameters": written.get("requestParameters", {}),
        "templates": written.get("requestTemplates", {}),
        "answers": {
            pattern: (one["statusCode"], one.get("responseParameters", {}), one.get("responseTemplates", {}))
            for pattern, one in written.get("responses", {}).items()
        },
    }


def _model(holder: Reading) -> Reading:
    """The model of a body. The emulator knows only models by reference, and only those of JSON."""
    schema = holder.get("content", {}).get(JSON, {}).get("schema", {})
    return {JSON: schema["$ref"].rpartition("/")[2]} if isinstance(schema.get("$ref"), str) else {}


def _named(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_named(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value.rpartition("/")[2] if key == "$ref" and isinstance(value, str) else _named(value)
        for key, value in schema.items()
    }
