"""Integrations. In: what an operation says of its backend, and the API's default. Out: what API Gateway imports, or why not."""

import re
from typing import NamedTuple

from scopegen import codes, limits
from scopegen.diagnostics import Location, Report, pointer
from scopegen.document import Document, Json, mapping, text
from scopegen.importable import mock
from scopegen.importable.allowed import INTEGRATION, INTEGRATION_RESPONSE
from scopegen.importable.imported import COMPUTED, Integration
from scopegen.settings import ApiSettings
from scopegen.substitution import Parameter, Part, Pseudo, Substitution, read

KEY = "x-amazon-apigateway-integration"
FUNCTION_START, FUNCTION_END = ":lambda:path/2015-03-31/functions/", "/invocations"
_TEXTS = {
    "httpMethod",
    "connectionType",
    "contentHandling",
    "passthroughBehavior",
    "cacheNamespace",
    "responseTransferMode",
}
_TEXT_MAPS = ("requestParameters", "requestTemplates", "responseParameters", "responseTemplates")
_MAPS = (*_TEXT_MAPS, "responses")
_VARIABLE = re.compile(r"\{([^{}]+)\}")


class Place(NamedTuple):
    """The operation an integration belongs to."""

    document: Document
    api: ApiSettings
    path: str
    method: str
    here: str

    def at(self, below: str) -> Location:
        return self.document.at(f"{self.here}/{KEY}{below}")


def integration(place: Place, operation: dict[str, Json], report: Report) -> Integration:
    """The integration of one operation: its own, cleaned, or the one that the settings supply."""
    if KEY in operation:
        return _own(place, operation[KEY], report)
    if place.api.integration == "mock":
        return mock.integration(place.document, operation, place.here, report)
    if place.api.integration == "lambda":
        return _lambda()
    return _proxy(place)


def _lambda() -> Integration:
    parts: tuple[Part, ...] = ("arn:", Pseudo("AWS::Partition"), ":apigateway:", Pseudo("AWS::Region"), FUNCTION_START)
    uri = Substitution((*parts, Parameter("FunctionArn"), FUNCTION_END))
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}


def _proxy(place: Place) -> Integration:
    variables = _VARIABLE.findall(place.path)
    base = Parameter("BackendUrl", place.api.integration.rstrip("/"))
    uri = Substitution((base, place.path.replace("+}", "}")))
    method = "ANY" if place.method == "ANY" else place.method
    result: Integration = {"type": "http_proxy", "httpMethod": method, "uri": uri}
    if variables:
        names = [variable.removesuffix("+") for variable in variables]
        result["requestParameters"] = {f"integration.request.path.{n}": f"method.request.path.{n}" for n in names}
    return result


def _own(place: Place, value: Json, report: Report) -> Integration:
    if not isinstance(value, dict):
        _malformed(place, "", "an integration is a mapping", "write at least its `type`", report)
        return {}
    kind = text(value.get("type")).lower()
    if kind not in limits.INTEGRATION_TYPES:
        written = text(value.get("type"))
        message = f"`{written}` is no type of integration" if written else "an integration without a `type`"
        _malformed(
            place,
            "/type" if "type" in value else "",
            message,
            f"write one of {', '.join(limits.INTEGRATION_TYPES)}",
            report,
        )
        return {}
    result: Integration = {"type": kind}
    for key, item in value.items():
        if key == "type":
            continue
        if key not in INTEGRATION:
            where = place.document.at(f"{place.here}/{KEY}{pointer(key)}", "key")
            report.add(
                codes.LEFT_OUT_OF_IMPORT.at(where, f"`{key}` is left out: API Gateway's REST import does not know it")
            )
        else:
            result[key] = _value(place, key, item, report)
    _check(place, kind, result, report)
    return result


def _value(place: Place, key: str, value: Json, report: Report) -> Json | Substitution:
    if key in COMPUTED:
        try:
            if not isinstance(value, str | dict):
                _malformed(place, pointer(key), f"`{key}` takes text", "quote it", report)
                return ""
            return read(value)
        except ValueError as error:
            where = place.at(pointer(key))
            hint = "write text, `Fn::Sub`, `Ref` or `Fn::GetAtt`"
            report.add(codes.CLOUDFORMATION_INJECTION.at(where, f"`{key}`: {error}", hint))
            return ""
    if key == "responses" and isinstance(value, dict):
        return {code: _response(place, code, item, report) for code, item in value.items()}
    return _checked(place, pointer(key), key, value, report)


def _response(place: Place, code: str, value: Json, report: Report) -> Json:
    result: dict[str, Json] = {}
    for key, item in mapping(value).items():
        below = pointer("responses", code, key)
        if key not in INTEGRATION_RESPONSE:
            where = place.at(below)._replace(part="key")
            report.add(codes.LEFT_OUT_OF_IMPORT.at(where, f"`{key}` is left out of the integration's response"))
        elif key == "statusCode":
            result[key] = str(item) if isinstance(item, int) else item
        else:
            result[key] = _checked(place, below, key, item, report)
    if not re.fullmatch(r"[1-5]\d\d", text(result.get("statusCode"))):
        hint = 'write `statusCode: "200"`'
        _malformed(place, pointer("responses", code), "a response without a status code", hint, report)
    return result


def _checked(place: Place, below: str, key: str, value: Json, report: Report) -> Json:
    """A value of the kind its key takes: CloudFormation's intrinsics are mappings, and so never are."""
    if key in _MAPS and not isinstance(value, dict):
        _malformed(place, below, f"`{key}` takes a mapping", "see API Gateway's OpenAPI extensions", report)
    elif key in _TEXT_MAPS:
        for name, item in mapping(value).items():
            if not isinstance(item, str):
                _malformed(place, below + pointer(name), f"`{key}` takes text", "quote it", report)
    elif key in _TEXTS and not isinstance(value, str):
        _malformed(place, below, f"`{key}` takes text", "quote it", report)
    return value


def _check(place: Place, kind: str, found: Integration, report: Report) -> None:
    """What API Gateway would refuse with 'malformed integration', and nothing else."""
    if kind == "mock":
        return
    if found.get("uri") in (None, Substitution(("",))):
        _malformed(place, "", "an integration without an `uri`", "write where requests go", report)
    method = found.get("httpMethod")
    if not method:
        hint = "POST for a Lambda function" if kind.startswith("aws") else "the method that the backend is called with"
        _malformed(place, "", "an integration without an `httpMethod`", hint, report)
    uri = found.get("uri")
    to_function = isinstance(uri, Substitution) and uri.between(FUNCTION_START, FUNCTION_END) is not None
    if to_function and isinstance(method, str) and method.upper() != "POST":
        _malformed(place, "/httpMethod", "a Lambda function is called with POST", "write `httpMethod: POST`", report)


def _malformed(place: Place, below: str, message: str, hint: str, report: Report) -> None:
    report.add(codes.MALFORMED_INTEGRATION.at(place.at(below), message, hint, f"{place.method} {place.path}"))


def function_of(integration: Integration) -> Substitution | None:
    """The Lambda function that API Gateway itself must be allowed to call; None where a role is used or none is called."""
    uri = integration.get("uri")
    if not isinstance(uri, Substitution) or integration.get("credentials"):
        return None
    function = uri.between(FUNCTION_START, FUNCTION_END)
    if function is None or any(isinstance(part, str) and "${" in part for part in function.parts):
        return None
    return function
