"""A document as API Gateway can import it. In: a self-contained document. Out: an allow-listed copy, and what stayed behind.

Nothing here decides who gets in: `security` and the authorizer are written by the target, from the model.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scopegen import codes
from scopegen.diagnostics import Diagnostic, Report, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.extract import is_preflight, method_name
from scopegen.importable import cors
from scopegen.importable.allowed import (
    ENDPOINT,
    GATEWAY_RESPONSE,
    GATEWAY_RESPONSES,
    PATH_ITEM_READ,
    ROOT,
    ROOT_READ,
    VALIDATOR,
)
from scopegen.importable.hazards import hazards, policy_hazards
from scopegen.importable.integrations import KEY, Place, integration
from scopegen.importable.operations import Operations
from scopegen.importable.schemas import Models
from scopegen.names import model_name
from scopegen.paths import problems as path_problems
from scopegen.security import Reader, Scheme
from scopegen.settings import ApiSettings
from scopegen.validate import METHODS, operations
from scopegen.walk import ANY_METHOD

_POLICY = "x-amazon-apigateway-policy"
_VALIDATOR_NAME = re.compile(r"[A-Za-z0-9 _-]{1,128}")


@dataclass(slots=True)
class Importable:
    """What API Gateway can import of one API. `paths` maps path -> method key -> operation without `security`.

    `preflights` are the OPTIONS that scopegen adds; `keyed` the operations that ask for an API key as well.
    `policy` is the document's own resource policy, which can only narrow what the authorizer lets in.
    """

    root: dict[str, Json]
    paths: dict[str, dict[str, dict[str, object]]]
    models: dict[str, Json]
    preflights: frozenset[str]
    keyed: frozenset[tuple[str, str]]
    policy: Json


def importable(document: Document, api: ApiSettings, report: Report) -> Importable:
    """The importable copy of one document; what API Gateway cannot take is in the report."""
    models = Models(document)
    converter = Operations(document, models, report)
    security = Reader(document)
    items = mapping(document.data.get("paths"))
    paths: dict[str, dict[str, dict[str, object]]] = {}
    keyed = set()
    for path, key, operation in operations(document):
        inherited = sequence(mapping(items[path]).get("parameters"))
        paths.setdefault(path, {})[key] = _operation(converter, api, path, key, operation, inherited)
        if not is_preflight(key, operation) and security.wants_api_key(security.of(path, key, operation)):
            keyed.add((path, key))
    preflights = _add_preflights(paths, api)
    root = _root(document, api, report)
    named = models.all(report)
    models.report(report)
    _report_left_out(document, security, report)
    result = Importable(root, paths, named, preflights, frozenset(keyed), document.data.get(_POLICY))
    report.add(*path_problems(document), *_hazards(document, result))
    return result


def _hazards(document: Document, result: Importable) -> Iterator[Diagnostic]:
    """Everything in the copy that CloudFormation would execute."""
    yield from hazards(document, result.root)
    yield from hazards(document, {"paths": result.paths})
    yield from policy_hazards(document, result.policy)
    for name in mapping(mapping(document.data.get("components")).get("schemas")):
        yield from hazards(document, result.models[model_name(name)], pointer("components", "schemas", name), schema=True)


def _operation(
    converter: Operations, api: ApiSettings, path: str, key: str, operation: dict[str, Json], inherited: list[Json]
) -> dict[str, object]:
    document, report = converter.document, converter.report
    result = converter.convert(path, key, operation, inherited)
    place = Place(document, api, path, method_name(key), pointer("paths", path, key))
    if is_preflight(key, operation) and KEY not in operation:
        result |= _preflight(api, _methods(converter.document, path), _path_parameters(result))
        return result
    found = integration(place, operation, report)
    if KEY not in operation and api.integration == "mock" and api.cors:
        cors.on_mock(api.cors, found)
        _declare_headers(result, found)
    _declare_statuses(result, found)
    result[KEY] = found
    return result


def _preflight(api: ApiSettings, methods: list[str], parameters: list[Json]) -> dict[str, object]:
    if api.cors is not None:
        return cors.preflight(api.cors, methods, parameters)
    answer: Json = {"default": {"statusCode": "204"}}
    templates: Json = {"application/json": '{"statusCode": 204}'}
    mocked: Json = {"type": "mock", "passthroughBehavior": "when_no_match", "requestTemplates": templates, "responses": answer}
    return {"responses": {"204": {"description": ""}}, KEY: mocked}


def _methods(document: Document, path: str) -> list[str]:
    item = mapping(mapping(document.data.get("paths")).get(path))
    named = [method_name(key) for key in METHODS if key in item]
    return ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"] if "ANY" in named else named


def _path_parameters(operation: dict[str, object]) -> list[Json]:
    found = operation.get("parameters")
    parameters: list[Json] = found if isinstance(found, list) else []
    return [parameter for parameter in parameters if mapping(parameter).get("in") == "path"]


def _add_preflights(paths: dict[str, dict[str, dict[str, object]]], api: ApiSettings) -> frozenset[str]:
    """Give every path that lacks one the OPTIONS that browsers ask before they call from another origin."""
    if api.cors is None:
        return frozenset()
    added = set()
    for path, item in paths.items():
        if "options" not in item:
            methods = [method_name(key) for key in item]
            names = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"] if ANY_METHOD in item else methods
            item["options"] = cors.preflight(api.cors, names, _path_parameters(next(iter(item.values()))))
            added.add(path)
    return frozenset(added)


def _declare_statuses(operation: dict[str, object], found: dict[str, object]) -> None:
    """Every status that the integration answers with must be one of the operation's responses."""
    declared, answers = operation["responses"], found.get("responses")
    assert isinstance(declared, dict)
    for answer in (answers if isinstance(answers, dict) else {}).values():
        declared.setdefault(answer.get("statusCode", "200"), {"description": ""})


def _declare_headers(operation: dict[str, object], found: dict[str, object]) -> None:
    answers, declared = found["responses"], operation["responses"]
    assert isinstance(answers, dict)
    assert isinstance(declared, dict)
    response = declared.setdefault(answers["default"]["statusCode"], {"description": ""})
    response["headers"] = {**response.get("headers", {}), cors.ORIGIN: cors.HEADER}


def _root(document: Document, api: ApiSettings, report: Report) -> dict[str, Json]:
    data = document.data
    info = mapping(data.get("info"))
    result: dict[str, Json] = {key: value for key, value in data.items() if key in ROOT}
    result["info"] = {key: info[key] for key in ("title", "version", "description") if isinstance(info.get(key), str)}
    servers = _servers(data)
    if servers:
        result["servers"] = servers
    gateway = _gateway_responses(document, report)
    if api.cors is not None:
        ours = cors.gateway_responses(api.cors)
        gateway = {kind: _with_headers(ours.get(kind), gateway.get(kind)) for kind in sorted(ours.keys() | gateway.keys())}
    if gateway:
        result["x-amazon-apigateway-gateway-responses"] = gateway
    validators = _validators(document, report)
    if validators:
        result["x-amazon-apigateway-request-validators"] = validators
    return result


def _with_headers(ours: Json, own: Json) -> Json:
    """The document's own gateway response, with our CORS headers where it has none of that name."""
    parameters = {**mapping(mapping(ours).get("responseParameters")), **mapping(mapping(own).get("responseParameters"))}
    return {**mapping(own), "responseParameters": parameters} if parameters else own


def _servers(data: dict[str, Json]) -> list[Json]:
    """Servers only as far as they say how the endpoint is reached; the rest API Gateway ignores."""
    found = [mapping(server) for server in sequence(data.get("servers"))]
    return [{"url": server.get("url", "/"), ENDPOINT: server[ENDPOINT]} for server in found if ENDPOINT in server]


def _gateway_responses(document: Document, report: Report) -> dict[str, Json]:
    result: dict[str, Json] = {}
    key = "x-amazon-apigateway-gateway-responses"
    for kind, item in mapping(document.data.get(key)).items():
        response = mapping(item)
        unknown = sorted(set(response) - GATEWAY_RESPONSE)
        if kind not in GATEWAY_RESPONSES or unknown:
            where = document.at(pointer(key, kind), "key")
            what = f"`{unknown[0]}` of `{kind}`" if unknown else f"`{kind}`"
            report.add(codes.LEFT_OUT_OF_IMPORT.at(where, f"{what} is left out: no gateway response is named so"))
        if kind in GATEWAY_RESPONSES:
            result[kind] = {name: value for name, value in response.items() if name in GATEWAY_RESPONSE}
    return result


def _validators(document: Document, report: Report) -> dict[str, Json]:
    result: dict[str, Json] = {}
    key = "x-amazon-apigateway-request-validators"
    for name, item in mapping(document.data.get(key)).items():
        if _VALIDATOR_NAME.fullmatch(name):
            result[name] = {flag: value is True for flag, value in mapping(item).items() if flag in VALIDATOR}
        else:
            where = document.at(pointer(key, name), "key")
            report.add(codes.LEFT_OUT_OF_IMPORT.at(where, f"`{name}` is left out: a validator's name is letters and digits"))
    return result


def _report_left_out(document: Document, security: Reader, report: Report) -> None:
    for key in document.data:
        if key.startswith("x-amazon-") and key not in ROOT | ROOT_READ:
            message = f"`{key}` is left out: API Gateway's REST import does not take it"
            report.add(codes.LEFT_OUT_OF_IMPORT.at(document.at(pointer(key), "key"), message))
    for path, item in mapping(document.data.get("paths")).items():
        for key in mapping(item):
            if key.startswith("x-amazon-") and key not in PATH_ITEM_READ:
                where = document.at(pointer("paths", path, key), "key")
                report.add(codes.LEFT_OUT_OF_IMPORT.at(where, f"`{key}` is left out: it means nothing on a path"))
    for name, kind in security.kinds.items():
        if kind is Scheme.OTHER:
            where = document.at(pointer("components", "securitySchemes", name), "key")
            hint = "API Gateway checks the scopes of Cognito's access tokens, and nothing else"
            report.add(codes.REPLACED_SCHEME.at(where, f"the scheme `{text(name)}` is replaced by the Cognito authorizer", hint))
