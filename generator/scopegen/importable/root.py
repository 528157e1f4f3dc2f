"""What a document says of the API as a whole. In: a document, CORS settings. Out: the keys of the root that are imported."""

import re
from collections.abc import Iterator

from scopegen import codes
from scopegen.diagnostics import Diagnostic, Report, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.importable import cors
from scopegen.importable.allowed import ENDPOINT, GATEWAY_RESPONSE, GATEWAY_RESPONSES, ROOT, VALIDATOR
from scopegen.settings import ApiSettings

REQUEST_VALIDATOR, _VALIDATORS = "x-amazon-apigateway-request-validator", "x-amazon-apigateway-request-validators"
_VALIDATOR_NAME = re.compile(r"[A-Za-z0-9 _-]{1,128}")


def root(document: Document, copy: Document, api: ApiSettings, report: Report) -> dict[str, Json]:
    """The keys of the root that say how the API is set up. `copy` is told what stands elsewhere than it was written."""
    data = document.data
    info = mapping(data.get("info"))
    result: dict[str, Json] = {key: value for key, value in data.items() if key in ROOT}
    told = ("title", "version", "description") if api.documentation == "keep" else ("title", "version")
    result["info"] = {key: info[key] for key in told if isinstance(info.get(key), str)}
    servers = _servers(data)
    report.add(*_base_path(document))
    if servers:
        result["servers"] = [server for _, server in servers]
        copy.origins |= {f"/servers/{i}": document.at(f"/servers/{place}") for i, (place, _) in enumerate(servers)}
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
        result[_VALIDATORS] = validators
    if REQUEST_VALIDATOR in result and not is_validator(document, result[REQUEST_VALIDATOR], "", report):
        del result[REQUEST_VALIDATOR]
    return result


def is_validator(document: Document, name: Json, here: str, report: Report) -> bool:
    """Whether a validator of this name is imported: to name another one validates nothing, and should not go unnoticed.

    What is no name at all stays, for whoever looks for CloudFormation's intrinsics.
    """
    if isinstance(name, dict | list):
        return True
    if text(name) in mapping(document.data.get(_VALIDATORS)) and _VALIDATOR_NAME.fullmatch(text(name)):
        return True
    where = document.at(here + pointer(REQUEST_VALIDATOR))
    message = f"the validator `{text(name)}` is left out: none of that name is imported"
    report.add(codes.LEFT_OUT_OF_IMPORT.at(where, message, f"define it at the root, in `{_VALIDATORS}`"))
    return False


def _with_headers(ours: Json, own: Json) -> Json:
    """The document's own gateway response, with our CORS headers where it has none of that name."""
    parameters = {**mapping(mapping(ours).get("responseParameters")), **mapping(mapping(own).get("responseParameters"))}
    return {**mapping(own), "responseParameters": parameters} if parameters else own


def _servers(data: dict[str, Json]) -> list[tuple[int, Json]]:
    """Servers, each with its index, only as far as they say how the endpoint is reached; the rest API Gateway ignores."""
    found = [(i, mapping(server)) for i, server in enumerate(sequence(data.get("servers")))]
    return [(i, {"url": one.get("url", "/"), ENDPOINT: one[ENDPOINT]}) for i, one in found if ENDPOINT in one]


def _base_path(document: Document) -> Iterator[Diagnostic]:
    """The first path that servers have, which the import ignores unless it is told otherwise."""
    for i, server in enumerate(sequence(document.data.get("servers"))):
        _, scheme, rest = text(mapping(server).get("url")).rpartition("://")
        path = ("/" + rest.partition("/")[2] if scheme else rest).rstrip("/")
        if path.startswith("/"):
            hint = "callers have the stage in its place, or what a custom domain maps to it"
            message = f"the path `{path}` of `servers` is left out: API Gateway's import ignores it"
            yield codes.LEFT_OUT_OF_IMPORT.at(document.at(f"/servers/{i}/url"), message, hint)
            return


def _gateway_responses(document: Document, report: Report) -> dict[str, Json]:
    result: dict[str, Json] = {}
    key = "x-amazon-apigateway-gateway-responses"
    for kind, item in mapping(document.data.get(key)).items():
        if kind not in GATEWAY_RESPONSES:
            where = document.at(pointer(key, kind), "key")
            report.add(codes.LEFT_OUT_OF_IMPORT.at(where, f"`{kind}` is left out: no gateway response is named so"))
            continue
        response = mapping(item)
        for unknown in sorted(response.keys() - GATEWAY_RESPONSE):
            where = document.at(pointer(key, kind, unknown), "key")
            message = f"`{unknown}` of `{kind}` is left out: no key of a gateway response is named so"
            report.add(codes.LEFT_OUT_OF_IMPORT.at(where, message))
        result[kind] = {name: value for name, value in response.items() if name in GATEWAY_RESPONSE}
    return result


def _validators(document: Document, report: Report) -> dict[str, Json]:
    result: dict[str, Json] = {}
    for name, item in mapping(document.data.get(_VALIDATORS)).items():
        if not _VALIDATOR_NAME.fullmatch(name):
            where = document.at(pointer(_VALIDATORS, name), "key")
            message = f"`{name}` is left out: a validator's name is letters and digits"
            report.add(codes.LEFT_OUT_OF_IMPORT.at(where, message))
            continue
        for unknown in sorted(mapping(item).keys() - VALIDATOR):
            where = document.at(pointer(_VALIDATORS, name, unknown), "key")
            message = f"`{unknown}` is left out: API Gateway's REST import does not take it"
            report.add(codes.LEFT_OUT_OF_IMPORT.at(where, message))
        result[name] = {flag: value is True for flag, value in mapping(item).items() if flag in VALIDATOR}
    return result
