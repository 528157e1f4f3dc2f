"""A document as API Gateway can import it. In: a self-contained document. Out: an allow-listed copy, and what stayed behind.

Nothing here decides who gets in: `security` and the authorizer are written by the target, from the model.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

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
from scopegen.importable.imported import Imported, plain
from scopegen.importable.integrations import KEY, Place, integration
from scopegen.importable.operations import Operations
from scopegen.importable.schemas import Models
from scopegen.names import model_name
from scopegen.paths import problems as path_problems
from scopegen.security import Reader, Scheme
from scopegen.settings import ApiSettings
from scopegen.validate import operations
from scopegen.walk import ANY_METHOD, METHODS

_EVERY_METHOD = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_POLICY = "x-amazon-apigateway-policy"
_VALIDATOR_NAME = re.compile(r"[A-Za-z0-9 _-]{1,128}")


class Importable(NamedTuple):
    """What API Gateway can import of one API. `paths` maps path -> method key -> operation without `security`.

    `preflights` are the paths whose OPTIONS scopegen adds; `keyed` the operations that ask for an API key as well.
    `policy` is the document's own resource policy, which can only narrow what the authorizer lets in.
    """

    root: dict[str, Json]
    paths: dict[str, dict[str, Imported]]
    models: dict[str, Json]
    preflights: frozenset[str]
    keyed: frozenset[tuple[str, str]]
    policy: Json


def importable(document: Document, api: ApiSettings, report: Report) -> Importable:
    """The importable copy of one document; what API Gateway cannot take is in the report."""
    models = Models(document)
    converter = Operations(document, models, report)
    security = Reader(document)
    paths: dict[str, dict[str, Imported]] = {}
    keyed = set()
    for path, key, operation in operations(document):
        paths.setdefault(path, {})[key] = _operation(converter, api, path, key, operation)
        if not is_preflight(key, operation) and security.wants_api_key(security.of(path, key, operation)):
            keyed.add((path, key))
    preflights = _add_preflights(paths, api)
    result = Importable(
        root=_root(document, api, report),
        paths=paths,
        models=models.all(report),
        preflights=preflights,
        keyed=frozenset(keyed),
        policy=document.data.get(_POLICY),
    )
    models.report(report)
    _report_left_out(document, security, report)
    report.add(*path_problems(document), *_hazards(document, result))
    return result


def _hazards(document: Document, result: Importable) -> Iterator[Diagnostic]:
    """Everything in the copy that CloudFormation would execute."""
    yield from hazards(document, result.root)
    for path, item in result.paths.items():
        for key, operation in item.items():
            here = pointer("paths", path, key)
            yield from hazards(document, operation.data, here)
            yield from hazards(document, operation.integration, here + pointer(KEY))
    yield from policy_hazards(document, result.policy)
    for name in mapping(mapping(document.data.get("components")).get("schemas")):
        here = pointer("components", "schemas", name)
        yield from hazards(document, result.models[model_name(name)], here, schema=True)


def _operation(converter: Operations, api: ApiSettings, path: str, key: str, operation: dict[str, Json]) -> Imported:
    document, report = converter.document, converter.report
    item = mapping(mapping(document.data["paths"])[path])
    data = converter.convert(path, key, operation, sequence(item.get("parameters")))
    if is_preflight(key, operation) and KEY not in operation:
        return _preflight(
            api, list(item), [one for one in sequence(data.get("parameters")) if mapping(one).get("in") == "path"]
        )
    place = Place(document, api, path, method_name(key), pointer("paths", path, key))
    result = Imported(data, integration(place, operation, report), supplied=KEY not in operation)
    if result.supplied and api.integration == "mock" and api.cors:
        cors.on_mock(api.cors, result)
    _declare_statuses(result)
    return result


def _preflight(api: ApiSettings, keys: list[str], parameters: list[Json]) -> Imported:
    """The answer to a preflight for a path that has these methods."""
    if api.cors is None:
        return cors.open_mock({}, {}, parameters)
    methods = sorted(_EVERY_METHOD if ANY_METHOD in keys else [method_name(key) for key in keys if key in METHODS])
    return cors.preflight(api.cors, methods, parameters)


def _add_preflights(paths: dict[str, dict[str, Imported]], api: ApiSettings) -> frozenset[str]:
    """Give every path that lacks one the OPTIONS that browsers ask before they call from another origin."""
    if api.cors is None:
        return frozenset()
    added = [path for path, item in paths.items() if "options" not in item]
    for path in added:
        first = next(iter(paths[path].values()))
        parameters = [one for one in first.parameters if mapping(one).get("in") == "path"]
        paths[path]["options"] = _preflight(api, list(paths[path]), parameters)
    return frozenset(added)


def _declare_statuses(operation: Imported) -> None:
    """Every status that the integration answers with must be one of the operation's responses."""
    declared = mapping(operation.data["responses"])
    for answer in plain(operation.integration.get("responses")).values():
        declared.setdefault(text(mapping(answer).get("statusCode")) or "200", {"description": ""})


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
        gateway = {
            kind: _with_headers(ours.get(kind), gateway.get(kind)) for kind in sorted(ours.keys() | gateway.keys())
        }
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
            report.add(
                codes.LEFT_OUT_OF_IMPORT.at(where, f"`{name}` is left out: a validator's name is letters and digits")
            )
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
            report.add(
                codes.REPLACED_SCHEME.at(
                    where, f"the scheme `{text(name)}` is replaced by the Cognito authorizer", hint
                )
            )
