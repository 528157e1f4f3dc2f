"""Mock integrations. In: a request that has been let in. Out: what the templates of its integration answer.

Source: API Gateway developer guide, "Mock integrations in API Gateway": the request template says a status, which chooses
the response, whose template says the body. There is no backend whose answer a template could look at, so that
`$input.body` of a response template is empty.
"""

import json
import re
from functools import lru_cache

from scopegen.document import Json, mapping, text
from scopegen.gateway import inputs, vtl
from scopegen.gateway.answers import Answer, final_status, has_body, headers, is_final
from scopegen.gateway.mapped import mapped
from scopegen.gateway.refusals import BAD_MEDIA, MISCONFIGURED, refused
from scopegen.gateway.refused import Refused
from scopegen.gateway.seen_by import Sight
from scopegen.importable.mock import JSON_MEDIA

_STATUS = re.compile(r"""["']?statusCode["']?\s*:\s*["']?([1-5]\d\d)\b""")


def answered(integration: dict[str, Json], sight: Sight, body: bytes) -> Answer:
    """What a mock integration answers to a request."""
    request = _request_template(integration, sight.request.media())
    if request is None:
        return refused(BAD_MEDIA, sight)
    try:
        status = _status(request, sight, body)
        response = _response(mapping(integration.get("responses")), status)
        return _answer(response, sight)
    except Refused as error:
        return refused(MISCONFIGURED, sight, f"the mock's template: {error}")


def _request_template(integration: dict[str, Json], media: str) -> str | None:
    """The template for a media type; the body itself, spelled `$input.body`, where it passes through; None: refused."""
    templates = {key.lower(): text(value) for key, value in mapping(integration.get("requestTemplates")).items()}
    if media in templates:
        return templates[media]
    behaviour = text(integration.get("passthroughBehavior")).lower() or "when_no_match"
    passes = behaviour == "when_no_match" or (behaviour == "when_no_templates" and not templates)
    return "$input.body" if passes else None


def _status(template: str, sight: Sight, body: bytes) -> int:
    made = template
    if not vtl.is_plain(template):
        made = vtl.render(
            template, inputs.variables(_decoded(body), sight.parameters, sight.context(), sight.api.variables)
        )
    try:
        read: Json = json.loads(made)
    except (ValueError, RecursionError):
        read = None
    named = mapping(read).get("statusCode")
    if isinstance(named, int | str) and re.fullmatch(r"[1-5]\d\d", str(named)):
        return int(named)
    match = _STATUS.search(made) if read is None else None  # API Gateway reads more than JSON as JSON
    if match is None:
        raise Refused("no statusCode")
    return int(match[1])


def _decoded(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _response(responses: dict[str, Json], status: int) -> dict[str, Json]:
    """The response whose expression matches a status, else the default one."""
    for pattern, response in responses.items():
        if pattern != "default" and _matches(pattern, str(status)):
            return mapping(response)
    if "default" not in responses:
        raise Refused("no response for its status")
    return mapping(responses["default"])


@lru_cache(512)
def _matches(pattern: str, status: str) -> bool:
    """Whether a document's expression matches the whole of a status. Python's engine may take for ever, this one may not."""
    from jsonschema_rs import Draft4Validator

    try:
        whole = Draft4Validator({"allOf": [{"pattern": pattern}, {"pattern": f"^(?:{pattern})$"}]})
        return whole.is_valid(status)
    except Exception:
        return False


def _answer(response: dict[str, Json], sight: Sight) -> Answer:
    status = final_status(text(response.get("statusCode")), 200)
    media, template = _response_template(mapping(response.get("responseTemplates")), sight.request.value("accept"))
    found = {
        name.removeprefix("method.response.header."): value
        for name, source in mapping(response.get("responseParameters")).items()
        if name.startswith("method.response.header.") and (value := mapped(text(source), sight)) is not None
    }
    body = template
    if not vtl.is_plain(template):
        context: dict[str, Json] = {**sight.context(), "responseOverride": {"header": {}}}
        body = vtl.render(template, inputs.variables("", sight.parameters, context, sight.api.variables))
        number, overridden = inputs.override(context)
        status = number if number is not None and is_final(number) else status
        found |= {name: str(value) for name, value in overridden.items() if isinstance(value, str | int | float)}
    if media and not any(name.lower() == "content-type" for name in found):
        found["Content-Type"] = media
    return Answer(status, headers(found.items()), body.encode("utf-8", "replace") if has_body(status) else b"", "mock")


def _response_template(templates: dict[str, Json], accepted: str) -> tuple[str, str]:
    """Media type and template for what the caller accepts: the first that it names, else JSON, else the first."""
    for part in accepted.split(","):
        media = part.partition(";")[0].strip()
        if media in templates:
            return media, text(templates[media])
    if not templates:
        return "", ""
    first = JSON_MEDIA if JSON_MEDIA in templates else next(iter(templates))
    return first, text(templates[first])
