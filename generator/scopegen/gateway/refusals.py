"""Gateway responses. In: the kind of a refusal, an API's own way to say it. Out: the answer.

Source: API Gateway developer guide, "Gateway responses", "Gateway response types": what an API says of a kind, else of
`DEFAULT_4XX` or `DEFAULT_5XX`, else AWS's own form. A template of them only names values, it runs nothing; what of the
request it names is written so that it stays text in JSON and in HTML.
"""

import html
import json
import re
from collections.abc import Callable
from typing import NamedTuple

from scopegen.document import Json, mapping, text
from scopegen.gateway.answers import Answer, final_status, headers
from scopegen.gateway.mapped import mapped
from scopegen.gateway.seen_by import Sight

_RESPONSES = "x-amazon-apigateway-gateway-responses"
_FIXED = frozenset({"REQUEST_TOO_LARGE"})  # AWS lists it among its known issues: nobody can change it
_NAMED = re.compile(r"\$\{?((?:context|stageVariables|method\.request)\.[A-Za-z0-9_.-]*[A-Za-z0-9_-])\}?")


class Refusal(NamedTuple):
    """A gateway response: its kind, AWS's own status, message and name of the error; what a validator said."""

    kind: str
    status: int
    message: str
    error: str
    detail: str = ""


NO_ROUTE = Refusal(
    "MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token", "MissingAuthenticationTokenException"
)
UNAUTHORIZED = Refusal("UNAUTHORIZED", 401, "Unauthorized", "UnauthorizedException")
EXPIRED = UNAUTHORIZED._replace(message="The incoming token has expired")
DENIED = Refusal("ACCESS_DENIED", 403, "User is not authorized to access this resource", "AccessDeniedException")
BAD_BODY = Refusal("BAD_REQUEST_BODY", 400, "Invalid request body", "BadRequestException")
BAD_PARAMETERS = Refusal("BAD_REQUEST_PARAMETERS", 400, "Missing required request parameters", "BadRequestException")
BAD_MEDIA = Refusal("UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type", "BadRequestException")
BAD_PATH = Refusal("DEFAULT_4XX", 400, "Bad Request", "BadRequestException")
MISCONFIGURED = Refusal("API_CONFIGURATION_ERROR", 500, "Internal server error", "InternalServerErrorException")
OUR_BUG = Refusal("DEFAULT_5XX", 500, "Internal server error", "InternalServerErrorException")
UNREACHABLE = Refusal(
    "INTEGRATION_FAILURE", 504, "Network error communicating with endpoint", "InternalServerErrorException"
)
TIMEOUT = Refusal("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out", "InternalServerErrorException")


def refused(refusal: Refusal, sight: Sight | None, *notes: str) -> Answer:
    """The answer to a refused request; without an API, AWS's own."""
    own = _own(refusal, sight)
    error = {
        "message": refusal.message,
        "messageString": json.dumps(refusal.message),
        "responseType": refusal.kind,
        "validationErrorString": refusal.detail,
    }
    templates = mapping(own.get("responseTemplates"))
    media = "application/json" if "application/json" in templates or not templates else next(iter(templates))
    body = json.dumps({"message": refusal.message}, separators=(",", ":"))
    if sight is not None and templates:
        body = _filled(text(templates[media]), media, sight, error)
    own_headers = () if sight is None else headers(_headers(own, sight))
    names = {name.lower() for name, _ in own_headers}
    plain = headers([("x-amzn-ErrorType", refusal.error), ("Content-Type", media)])
    return Answer(
        final_status(text(own.get("statusCode")), refusal.status),
        (*(one for one in plain if one[0].lower() not in names), *own_headers),
        body.encode("utf-8", "replace"),
        notes=notes,
    )


def _own(refusal: Refusal, sight: Sight | None) -> dict[str, Json]:
    if sight is None or refusal.kind in _FIXED:
        return {}
    responses = mapping(sight.api.spec.get(_RESPONSES))
    return mapping(responses.get(refusal.kind, responses.get(f"DEFAULT_{refusal.status // 100}XX")))


def _headers(own: dict[str, Json], sight: Sight) -> list[tuple[str, str]]:
    found = []
    for name, written in mapping(own.get("responseParameters")).items():
        value = mapped(text(written), sight)
        if name.startswith("gatewayresponse.header.") and value is not None:
            found.append((name.removeprefix("gatewayresponse.header."), value))
    return found


def _filled(template: str, media: str, sight: Sight, error: dict[str, str]) -> str:
    escape = _escape(media)

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("context.error."):
            made = error.get(name.removeprefix("context.error."), "")
            return made if name.endswith("messageString") and media.endswith("json") else escape(made)
        return escape(mapped(name, sight) or "")

    return _NAMED.sub(value, template)


def _escape(media: str) -> Callable[[str], str]:
    if media.endswith("json"):
        return lambda value: json.dumps(value)[1:-1]
    return html.escape if media != "text/plain" else lambda value: value
