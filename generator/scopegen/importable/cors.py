"""CORS. In: the origins of the settings. Out: preflights, response headers, gateway responses that browsers can read.

An origin is always one that the settings name: the request's own is compared with it and never sent back.
"""

import re
from collections.abc import Iterator

from scopegen import codes
from scopegen.diagnostics import Diagnostic
from scopegen.document import Json, mapping, text
from scopegen.importable.imported import Imported, Integration, plain
from scopegen.settings import Cors, Settings

ORIGIN = "Access-Control-Allow-Origin"
_ORIGIN = re.compile(r"(https?)://[a-z0-9.-]+(?::([1-9][0-9]{0,4}))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_GATEWAY_RESPONSES = ("ACCESS_DENIED", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN", "UNAUTHORIZED")


def problems(settings: Settings) -> Iterator[Diagnostic]:
    """Origins that no browser sends, or that could break out of a template."""
    for api in settings.apis:
        origins = api.cors.origins if api.cors else ()
        for named in origins:
            if named.text != "*" and not _is_origin(named.text):
                hint = "write scheme and host as browsers send them: `https://app.example.com`"
                yield codes.BAD_ORIGIN.at(named.location, f"`{named.text}` is no origin", hint)
            elif named.text == "*" and len(origins) > 1:
                yield codes.BAD_ORIGIN.at(named.location, "`*` beside other origins", "keep `*`, or name them all")


def _is_origin(text: str) -> bool:
    """Whether a browser could send this: host in lower case, no default port (RFC 6454)."""
    match = _ORIGIN.fullmatch(text)
    return match is not None and match[2] != _DEFAULT_PORTS[match[1]] and int(match[2] or 0) < 2**16


def preflight(cors: Cors, methods: list[str], parameters: list[Json]) -> Imported:
    """The OPTIONS of one path: open, answered by API Gateway itself."""
    origins = [named.text for named in cors.origins]
    headers = {
        "Access-Control-Allow-Headers": ",".join(cors.headers),
        "Access-Control-Allow-Methods": ",".join(sorted({*methods, "OPTIONS"})),
    }
    if cors.max_age is not None:
        headers["Access-Control-Max-Age"] = str(cors.max_age)
    if len(origins) == 1:
        headers[ORIGIN] = origins[0]
    answer: dict[str, Json] = {
        "responseParameters": {f"method.response.header.{name}": f"'{value}'" for name, value in headers.items()}
    }
    if len(origins) > 1:
        answer["responseTemplates"] = {"application/json": origin_template(origins)}
    return open_mock(answer, dict.fromkeys([*headers, ORIGIN], HEADER), parameters)


def open_mock(answer: dict[str, Json], headers: dict[str, Json], parameters: list[Json]) -> Imported:
    """An OPTIONS that API Gateway answers with 204."""
    response: dict[str, Json] = {"description": "CORS preflight", **({"headers": headers} if headers else {})}
    integration: Integration = {
        "type": "mock",
        "passthroughBehavior": "when_no_match",
        "requestTemplates": {"application/json": '{"statusCode": 204}'},
        "responses": {"default": {"statusCode": "204", **answer}},
    }
    data: dict[str, Json] = {"responses": {"204": response}, **({"parameters": parameters} if parameters else {})}
    return Imported(data, integration)


HEADER: Json = {"schema": {"type": "string"}}


def origin_template(origins: list[str]) -> str:
    """VTL that answers with the one of several origins that asked; nothing of the request is written out."""
    override = f"$context.responseOverride.header.{ORIGIN}"
    branches = "".join(
        f'#{"if" if i == 0 else "elseif"}($origin == "{origin}")#set({override} = "{origin}")'
        for i, origin in enumerate(sorted(origins))
    )
    return f'#set($origin = $input.params("Origin")){branches}#end'


def gateway_responses(cors: Cors) -> dict[str, Json]:
    """Headers for the answers that API Gateway gives itself: without them a browser shows a CORS error for a 401."""
    origins = [named.text for named in cors.origins]
    allowed = origins[0] if len(origins) == 1 else "*"
    parameters: Json = {f"gatewayresponse.header.{ORIGIN}": f"'{allowed}'"}
    return {kind: {"responseParameters": parameters} for kind in _GATEWAY_RESPONSES}


def on_mock(cors: Cors, operation: Imported) -> None:
    """Let browsers read what a supplied mock answers."""
    origins = [named.text for named in cors.origins]
    answer = mapping(plain(operation.integration["responses"])["default"])
    if len(origins) == 1:
        answer["responseParameters"] = {f"method.response.header.{ORIGIN}": f"'{origins[0]}'"}
    else:
        templates = mapping(answer.get("responseTemplates")) or {"application/json": ""}
        answer["responseTemplates"] = {
            media: origin_template(origins) + text(body) for media, body in templates.items()
        }
    declared = mapping(operation.data["responses"])
    response = mapping(declared.setdefault(text(answer["statusCode"]), {"description": ""}))
    response["headers"] = {**mapping(response.get("headers")), ORIGIN: HEADER}
