"""Mock integrations. In: an operation's responses. Out: an integration that answers with the document's own example.

A mapping template is a program: what an example says may not become one. JSON has a second spelling for the characters
that VTL and CloudFormation act on, so that the answer means the same and executes nothing.
"""

import json

from scopegen import codes
from scopegen.diagnostics import Report
from scopegen.document import Document, Json, mapping
from scopegen.importable.imported import Integration

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
    place = f"{here}/responses/{code}"
    body = _body(document, mapping(document.resolve(responses.get(code))), place, report)
    if body:
        answer["responseTemplates"] = dict(body)
    request = mapping(document.resolve(operation.get("requestBody")))
    media_types = sorted({JSON_MEDIA, *(media for media in mapping(request.get("content")) if "*" not in media)})
    return {
        "type": "mock",
        "passthroughBehavior": "never",
        "requestTemplates": {media: json.dumps({"statusCode": int(status)}) for media in media_types},
        "responses": {"default": answer},
    }


def first_success(responses: dict[str, Json]) -> str:
    """The lowest 2xx code, `default` where there is none, `200` where there is nothing."""
    successes = sorted(code for code in responses if code[:1] == "2")
    return successes[0] if successes else "default" if "default" in responses else "200"


def _body(document: Document, response: dict[str, Json], here: str, report: Report) -> dict[str, str]:
    """Media type -> template; JSON where the document has an example in JSON, else text that needs no escaping."""
    for media, content in sorted(mapping(response.get("content")).items(), key=lambda item: item[0] != JSON_MEDIA):
        examples = _examples(document, mapping(content))
        if not examples:
            continue
        example = examples[0]
        if media == JSON_MEDIA or media.endswith("+json") or not isinstance(example, str):
            return {JSON_MEDIA: literal(example)}
        if not set("$#").intersection(example) and "{{" not in example:
            return {media: example}
        where = document.at(f"{here}/content")
        hint = "API Gateway would run it as a template: write the example as JSON, or leave `$`, `#` and `{{` out"
        report.add(codes.UNUSABLE_EXAMPLE.at(where, f"the `{media}` example has `$`, `#` or `{{{{`", hint))
    return {}


def _examples(document: Document, content: dict[str, Json]) -> list[Json]:
    """The examples of one media type: `example`, else those of `examples` by name, else the schema's own."""
    if "example" in content:
        return [content["example"]]
    named = [mapping(document.resolve(example)) for _, example in sorted(mapping(content.get("examples")).items())]
    values = [example["value"] for example in named if "value" in example]
    schema = mapping(document.resolve(content.get("schema")))
    return values or ([schema["example"]] if "example" in schema else [])
