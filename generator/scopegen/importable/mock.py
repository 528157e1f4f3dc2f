"""Mock integrations. In: an operation's responses. Out: an integration that answers with the document's own example.

A mapping template is a program: what an example says may not become one. JSON has a second spelling for the characters
that VTL and CloudFormation act on, so that the answer means the same and executes nothing.
"""

import json
import re

from scopegen import codes, limits
from scopegen.diagnostics import Report, pointer
from scopegen.document import Document, Json, mapping
from scopegen.importable.imported import Integration

_MEDIA = re.compile(r"[A-Za-z0-9_.+-]+/[A-Za-z0-9_.+-]+(?: ?; ?[A-Za-z0-9_=.-]+)*")
JSON_MEDIA = "application/json"
_SPELLINGS = (("$", "\\u0024"), ("#", "\\u0023"), ("{{", "\\u007b\\u007b"))


def literal(value: Json) -> str:
    """JSON text in which nothing is a reference or a directive of VTL. `{{` stands in JSON only inside texts."""
    written = json.dumps(value, sort_keys=True, ensure_ascii=False)
    for character, spelling in _SPELLINGS:
        written = written.replace(character, spelling)
    return written


def integration(document: Document, operation: dict[str, Json], here: str, report: Report) -> Integration:
    """A mock for an operation: its first successful answer, with the example that stands there."""
    responses = mapping(operation.get("responses"))
    code = first_success(responses)
    status = code if code.isdigit() else "200"
    answer: dict[str, Json] = {"statusCode": status}
    response, place = document.resolve_at(responses.get(code), f"{here}/responses/{code}")
    body = _body(document, mapping(response), place, report)
    if body:
        answer["responseTemplates"] = dict(body)
    request = mapping(document.resolve(operation.get("requestBody")))
    media_types = sorted({JSON_MEDIA, *filter(_MEDIA.fullmatch, mapping(request.get("content")))})
    return {
        "type": "mock",
        "passthroughBehavior": "never",
        "requestTemplates": dict.fromkeys(media_types, f'{{"statusCode": {int(status)}}}'),
        "responses": {"default": answer},
    }


def first_success(responses: dict[str, Json]) -> str:
    """The lowest 2xx code, `default` where there is none, `200` where there is nothing."""
    successes = sorted(code for code in responses if code[:1] == "2")
    return successes[0] if successes else "default" if "default" in responses else "200"


def _body(document: Document, response: dict[str, Json], here: str, report: Report) -> dict[str, str]:
    """Media type -> template; JSON where the document has an example in JSON, else text that needs no escaping."""
    for media, content in sorted(mapping(response.get("content")).items(), key=lambda item: item[0] != JSON_MEDIA):
        example, place = _example(document, mapping(content), f"{here}/content{pointer(media)}")
        if not place:
            continue
        written = literal(example)
        if len(written.encode()) > limits.TEMPLATE_BYTES:
            hint = f"API Gateway takes templates of {limits.TEMPLATE_BYTES // 1024} KB: shorten it"
            report.add(codes.UNUSABLE_EXAMPLE.at(document.at(place), f"the `{media}` example is too large", hint))
            continue
        if media == JSON_MEDIA or media.endswith("+json") or not isinstance(example, str):
            return {JSON_MEDIA: written}
        if not set("$#").intersection(example) and "{{" not in example:
            return {media: example}
        where = document.at(place)
        hint = "API Gateway would run it as a template: write the example as JSON, or leave `$`, `#` and `{{` out"
        report.add(codes.UNUSABLE_EXAMPLE.at(where, f"the `{media}` example has `$`, `#` or `{{{{`", hint))
    return {}


def _example(document: Document, content: dict[str, Json], here: str) -> tuple[Json, str]:
    """The example of one media type with its pointer, empty where there is none.

    That is its `example`, else the first of `examples` by name, else the schema's own.
    """
    if "example" in content:
        return content["example"], f"{here}/example"
    for name, item in sorted(mapping(content.get("examples")).items()):
        example, place = document.resolve_at(item, f"{here}/examples{pointer(name)}")
        if "value" in mapping(example):
            return mapping(example)["value"], f"{place}/value"
    schema, place = document.resolve_at(content.get("schema"), f"{here}/schema")
    return (mapping(schema)["example"], f"{place}/example") if "example" in mapping(schema) else (None, "")
