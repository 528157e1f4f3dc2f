"""What a request gets that was let in, and how a refusal is worded: mocks, CORS, examples, validators, gateway responses."""

import asyncio
import copy
import json
import time
from typing import Any

import httpx
import jsonschema_rs
import pytest
from gateways import NOW, ask, call, keys, made, operation, token
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegen.gateway.app import Gateway
from scopegen.gateway.calls import Call
from scopegen.gateway.options import Options
from scopegen.gateway.schema_value import made as value_for
from scopegen.gateway.validation import reached
from scopegen.served import Served

READ, WRITE = token("petsapi/read"), token("petsapi/write")
KEY, OPEN = "x-amazon-apigateway-integration", {"public": "anyone"}
ONE_ORIGIN = {"apis": {"pets": {"cors": {"allow-origins": ["https://app.example.com"], "max-age": 60}}}}
TWO_ORIGINS = {"apis": {"pets": {"cors": {"allow-origins": ["https://a.example", "https://b.example"]}}}}


def mock(template: str = "", request: str = '{"statusCode": 200}', **more: Any) -> dict[str, Any]:
    answer = {"statusCode": "200", **({"responseTemplates": {"application/json": template}} if template else {})}
    own = {"type": "mock", "requestTemplates": {"application/json": request}, "responses": {"default": answer}}
    return operation(OPEN, **{KEY: {**own, **more}})


def test_a_supplied_mock_answers_with_the_example() -> None:
    one = operation()
    one["responses"] = {"201": {"description": "", "content": {"application/json": {"example": {"a": "$input #x"}}}}}
    asked = ask(made({"/pets": {"get": one}}), call("/pets", bearer=READ))
    assert (asked.one.status_code, asked.one.json(), asked.calls[0].answered_by) == (201, {"a": "$input #x"}, "mock")
    assert asked.one.headers["content-type"] == "application/json"


def test_without_an_example_the_schema_makes_the_answer() -> None:
    pet = {"type": "object", "properties": {"name": {"type": "string"}, "kind": {"enum": ["cat", "dog"]},
           "born": {"type": "string", "format": "date"}, "parent": {"$ref": "#/components/schemas/Pet"}}}  # fmt: skip
    one = operation(schema={"type": "array", "items": {"$ref": "#/components/schemas/Pet"}})
    asked = ask(made({"/pets": {"get": one}}, components={"schemas": {"Pet": pet}}), call("/pets", bearer=READ))
    assert asked.one.json() == [{"name": "string", "kind": "cat", "born": "2026-01-31"}]
    assert asked.calls[0].answered_by == "schema"


def test_an_integration_without_a_backend_is_answered_and_noted() -> None:
    http = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://backend.example.com/pets"}
    asked = ask(
        made({"/pets": {"get": operation(schema={"type": "integer"}, **{KEY: http})}}), call("/pets", bearer=READ)
    )
    assert (asked.one.status_code, asked.one.json()) == (200, 1)
    assert "no backend" in asked.calls[0].notes[0]


def test_head_has_headers_and_no_body() -> None:
    asked = ask(made({"/pets": {"head": mock('{"a": 1}')}}), call("/pets", "HEAD"))
    assert (asked.one.status_code, asked.one.content, asked.one.headers["content-length"]) == (200, b"", "8")


def test_a_refused_head_has_no_body() -> None:
    asked = ask(made({"/pets": {"head": operation()}}), call("/pets", "HEAD"))
    assert (asked.one.status_code, asked.one.content) == (401, b"")


def test_templates_and_mappings_see_the_variables_of_the_stage() -> None:
    config = {"apis": {"pets": {"stage": {"properties": {"Variables": {"colour": "blue"}}}}}}
    answer = {
        "statusCode": "200",
        "responseTemplates": {
            "application/json": '{"colour": "$stageVariables.colour", "other": "$!stageVariables.other"}'
        },
        "responseParameters": {"method.response.header.X-Colour": "stageVariables.colour"},
    }
    asked = ask(made({"/pets": {"get": mock(responses={"default": answer})}}, config), call("/pets"))
    assert asked.one.json() == {"colour": "blue", "other": ""}
    assert asked.one.headers["x-colour"] == "blue"


def test_a_mock_chooses_its_response_by_the_status() -> None:
    responses = {
        "4\\d\\d": {"statusCode": "404", "responseTemplates": {"application/json": '{"no": true}'}},
        "default": {"statusCode": "200", "responseParameters": {"method.response.header.X-From": "'here'"}},
    }
    template = '{"statusCode": #if($input.params("no") == "1")404#{else}200#end}'
    one = made({"/pets": {"get": mock(request=template, responses=responses)}})
    asked = ask(one, call("/pets?no=1"), call("/pets"))
    assert [each.status_code for each in asked.responses] == [404, 200]
    assert asked.responses[1].headers["x-from"] == "here"


def test_a_mock_template_sees_the_request_and_its_caller() -> None:
    template = '{"id": "$input.params(\'id\')", "stage": "$context.stage", "who": "$context.authorizer.claims.sub"}'
    own = mock(template) | {"x-required-scope": "petsapi/read"}
    own["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    asked = ask(made({"/pets/{id}": {"get": own}}), call("/pets/a%20b", bearer=READ))
    assert asked.one.json() == {"id": "a b", "stage": "prod", "who": "1"}


@pytest.mark.parametrize(
    ("behaviour", "media", "status"),
    [("never", "text/plain", 415), ("when_no_templates", "text/plain", 415), ("when_no_match", "text/plain", 202),
     ("never", "application/json; charset=utf-8", 200)],
)  # fmt: skip
def test_a_media_type_without_a_template_is_treated_as_the_integration_says(
    behaviour: str, media: str, status: int
) -> None:
    responses = {"202": {"statusCode": "202"}, "default": {"statusCode": "200"}}
    one = made({"/pets": {"post": mock(passthroughBehavior=behaviour, responses=responses)}})
    assert (
        ask(one, call("/pets", "POST", headers={"content-type": media}, body=b'{"statusCode": 202}')).one.status_code
        == status
    )


def test_a_template_overrides_the_status_of_a_mock() -> None:
    asked = ask(made({"/pets": {"get": mock("#set($context.responseOverride.status = 418)tea")}}), call("/pets"))
    assert (asked.one.status_code, asked.one.text) == (418, "tea")


@pytest.mark.parametrize(
    "pattern",
    ["(" * 30 + r"\d*" + ")*" * 30 + "x", r"((((\d?){100}){100}){100}){100}x", "4)|(.*", "40", "4041", "[", r"^404$x"],
)
def test_an_expression_for_a_status_matches_all_of_it_and_takes_no_time(pattern: str) -> None:
    answers = {code: {"statusCode": code, "responseTemplates": {"application/json": code}} for code in ("200", "404")}
    own = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 404}'},
        "responses": {pattern: answers["200"], r"4\d{2}": answers["404"], "default": answers["200"]},
    }
    began = time.perf_counter()
    assert ask(made({"/pets": {"get": operation(OPEN, **{KEY: own})}}), call("/pets")).one.status_code == 404
    assert time.perf_counter() - began < 3


def test_half_a_character_in_a_template_is_sent_as_a_question_mark() -> None:
    asked = ask(made({"/pets": {"get": mock("$util.parseJson('\"\\ud800\"')")}}), call("/pets"))
    assert (asked.one.status_code, asked.one.text) == (200, "?")


@pytest.mark.parametrize("status", ["100", "99", "600", "999", "6000", "-1", "'x'", "[200]", "1.5"])
def test_an_override_that_is_no_status_changes_nothing(status: str) -> None:
    asked = ask(made({"/pets": {"get": mock(f"#set($context.responseOverride.status = {status})a")}}), call("/pets"))
    assert asked.one.status_code == 200


@pytest.mark.parametrize(
    "template",
    ["$input.__class__", "#macro(a)#end", "#if(true)", "$input.path('$..x')", "#foreach($i in [1..99999999])#end"],
)
def test_a_template_that_is_refused_is_a_500_with_a_note(template: str) -> None:
    asked = ask(made({"/pets": {"get": mock(template)}}), call("/pets"))
    assert (asked.one.status_code, asked.one.json()) == (500, {"message": "Internal server error"})
    assert asked.calls[0].notes[0].startswith("the mock's template: ")


@pytest.mark.parametrize("value", ["a\\r\\nX-Evil: 1", "a\nb", "\x00", "☃"])
def test_no_value_breaks_out_of_a_header(value: str) -> None:
    template = f"#set($context.responseOverride.header.X-A = $util.parseJson('\"{value}\"'))"
    plain = f'#set($context.responseOverride.header.X-A = "{value}")'
    for one in (template, plain):
        asked = ask(made({"/pets": {"get": mock(one)}}), call("/pets"))
        assert "x-evil" not in asked.one.headers
        assert asked.one.headers.get("x-a", "") in ("", "a\\r\\nX-Evil: 1")


@pytest.mark.parametrize(
    "name", ["Transfer-Encoding", "Content-Length", "Connection", "x-amzn-RequestId", "a b", "a:b"]
)
def test_a_document_sets_no_header_that_frames_a_message(name: str) -> None:
    answer = {"statusCode": "200", "responseParameters": {f"method.response.header.{name}": "'chunked'"}}
    asked = ask(made({"/pets": {"get": mock(responses={"default": answer})}}), call("/pets"))
    assert "chunked" not in [value for _, value in asked.one.headers.items()]


def test_a_preflight_is_answered_to_anyone_and_names_the_origin() -> None:
    one = made({"/pets": {"get": operation()}}, ONE_ORIGIN)
    asked = ask(
        one,
        call("/pets", "OPTIONS", headers={"origin": "https://evil.example"}),
        options=Options(backends={"": "http://127.0.0.1:1"}),
    )
    assert (asked.one.status_code, asked.one.content) == (204, b"")
    assert asked.one.headers["access-control-allow-origin"] == "https://app.example.com"
    assert asked.one.headers["access-control-allow-methods"] == "GET,OPTIONS"
    assert asked.one.headers["access-control-max-age"] == "60"
    assert (asked.calls[0].operation, asked.calls[0].answered_by) == (None, "mock")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("https://a.example", "https://a.example"), ("https://b.example", "https://b.example"), ("https://c.example", None), ("", None)],
)  # fmt: skip
@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
def test_of_several_origins_only_the_one_that_asked_is_named(method: str, origin: str, allowed: str | None) -> None:
    one = made({"/pets": {"get": operation(schema={"type": "integer"})}}, TWO_ORIGINS)
    asked = ask(one, call("/pets", method, READ, {"origin": origin}))
    assert asked.one.status_code == (204 if method == "OPTIONS" else 200)
    assert asked.one.headers.get("access-control-allow-origin") == allowed
    assert method == "OPTIONS" or asked.one.json() == 1


def test_a_refusal_can_be_read_by_a_browser() -> None:
    asked = ask(made({"/pets": {"get": operation()}}, ONE_ORIGIN), call("/pets"), call("/none"))
    assert [one.status_code for one in asked.responses] == [401, 403]
    assert {one.headers["access-control-allow-origin"] for one in asked.responses} == {"https://app.example.com"}


RESPONSES = {
    "UNAUTHORIZED": {
        "statusCode": "418",
        "responseParameters": {
            "gatewayresponse.header.WWW-Authenticate": "'Bearer'",
            "gatewayresponse.header.X-Path": "context.path",
            "gatewayresponse.header.X-Asked": "method.request.header.x-asked",
        },
        "responseTemplates": {"application/json": '{"m":$context.error.messageString,"p":"$context.path","a":"$method.request.header.x-asked"}'},
    },
    "DEFAULT_4XX": {"responseTemplates": {"text/html": "<p>$context.error.message $method.request.header.x-asked $input.body"}},
}  # fmt: skip


def test_a_gateway_response_is_the_apis_own() -> None:
    one = made({"/pets": {"get": operation()}}, **{"x-amazon-apigateway-gateway-responses": RESPONSES})
    asked = ask(one, call("/pets", headers={"x-asked": '"}<script>'}), call("/none", headers={"x-asked": "<b>&"}))
    first, second = asked.responses
    assert (first.status_code, first.headers["www-authenticate"]) == (418, "Bearer")
    assert first.headers["x-path"] == "/pets/prod/pets"
    assert first.json() == {"m": "Unauthorized", "p": "/pets/prod/pets", "a": '"}<script>'}
    assert second.status_code == 403
    assert second.text == "<p>Missing Authentication Token &lt;b&gt;&amp; $input.body"
    assert second.headers["content-type"] == "text/html"


VALIDATORS: dict[str, Any] = {
    "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True, "validateRequestParameters": True}},
    "x-amazon-apigateway-request-validator": "all",
    "components": {
        "schemas": {"Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}}
    },
}
POST = operation(
    "petsapi/write",
    parameters=[{"name": name, "in": place, "required": True, "schema": {"type": "string"}} for name, place in (("limit", "query"), ("X-A", "header"))],
    requestBody={"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "headers", "body", "message"),
    [
        ("/pets?limit=1", {"x-a": "b"}, b'{"name": "Rex"}', None),
        ("/pets", {"x-a": "b"}, b'{"name": "Rex"}', "Missing required request parameters: [limit]"),
        ("/pets?limit=", {}, b'{"name": "Rex"}', "Missing required request parameters: [X-A, limit]"),
        ("/pets?limit=1", {"x-a": "b"}, b'{"name": 1}', "Invalid request body"),
        ("/pets?limit=1", {"x-a": "b"}, b"{", "Invalid request body"),
        ("/pets?limit=1", {"x-a": "b"}, b"", "Invalid request body"),
        ("/pets?limit=1", {"x-a": "b"}, b"[" * 100_000, "Invalid request body"),
        ("/pets?limit=1", {"x-a": "b"}, b"\xff", "Invalid request body"),
    ],
)
def test_a_validator_refuses_after_authorization(
    path: str, headers: dict[str, str], body: bytes, message: str | None
) -> None:
    one = made({"/pets": {"post": POST}}, **VALIDATORS)
    asked = ask(one, call(path, "POST", WRITE, headers, body), call(path, "POST", "", headers, body))
    good, without = asked.responses
    assert without.status_code == 401
    assert good.status_code == (200 if message is None else 400)
    assert message is None or good.json() == {"message": message}


@pytest.mark.parametrize(
    ("path", "body", "kind", "said"),
    [
        ("/pets?limit=1", b'{"name": "</p>\\"", "name": 1}', "BAD_REQUEST_BODY", '[1 is not of type "string"]'),
        ("/pets?limit=1", b'["</p>\\u0022"]', "BAD_REQUEST_BODY", '[["</p>\\""] is not of type "object"]'),
        ("/pets?limit=1", b"{", "BAD_REQUEST_BODY", "[the body is no JSON]"),
        ("/pets?limit=1", b"", "BAD_REQUEST_BODY", "[a body is required]"),
        ("/pets", b"{}", "BAD_REQUEST_PARAMETERS", "Missing required request parameters: [limit]"),
    ],
)
def test_a_gateway_response_says_what_its_validator_said(path: str, body: bytes, kind: str, said: str) -> None:
    template = '{"kind": "$context.error.responseType", "said": "$context.error.validationErrorString"}'
    own = {
        "x-amazon-apigateway-gateway-responses": {"DEFAULT_4XX": {"responseTemplates": {"application/json": template}}}
    }
    one = made({"/pets": {"post": POST}, "/open": {"get": operation()}}, **VALIDATORS, **own)
    asked = ask(one, call(path, "POST", WRITE, {"x-a": "b"}, body), call("/open"))
    assert [response.json() for response in asked.responses] == [
        {"kind": kind, "said": said},
        {"kind": "UNAUTHORIZED", "said": ""},
    ]


def test_a_validator_is_given_the_models_it_needs_and_no_others() -> None:
    def to(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    models: Any = {
        "A": {"properties": {"b": {"type": "array", "items": to("B")}}},
        "B": {"allOf": [to("A"), to("C")]},
        "C": {"properties": {"$ref": {"type": "string"}, "d": to("D/properties/x")}},
        "D": {"properties": {"x": {"type": "integer"}}},
        "E": to("A"),
        **{f"Z{i}": to("A") for i in range(1_000)},
    }
    assert reached(to("A"), models).keys() == {"A", "B", "C", "D"}
    assert reached({"oneOf": [to("D"), to("none"), {"$ref": 7}]}, models).keys() == {"D"}
    long: Any = {f"m{i}": {"items": to(f"m{i + 1}")} for i in range(20_000)}
    assert len(reached(to("m0"), long)) == 20_000


def test_a_long_list_of_errors_is_cut() -> None:
    template = '"$context.error.validationErrorString"'
    own = {
        "x-amazon-apigateway-gateway-responses": {
            "BAD_REQUEST_BODY": {"responseTemplates": {"application/json": template}}
        }
    }
    validators = copy.deepcopy(VALIDATORS)
    validators["components"]["schemas"]["Pet"] = {"type": "object", "additionalProperties": {"type": "string"}}
    body = json.dumps({f"n{i}": ["x" * 1_000] for i in range(1_000)}).encode()
    asked = ask(
        made({"/pets": {"post": POST}}, **validators, **own), call("/pets?limit=1", "POST", WRITE, {"x-a": "b"}, body)
    )
    assert len(asked.one.content) < 2_000


def test_a_bug_of_ours_lets_nobody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise LookupError(READ)

    monkeypatch.setattr(Gateway, "_judged", broken)
    asked = ask(made({"/pets": {"get": operation()}}), call("/pets", bearer=READ))
    assert (asked.one.status_code, asked.one.json()) == (500, {"message": "Internal server error"})
    assert asked.calls[0].notes[0].startswith("a bug of scopegen's: LookupError")
    assert READ not in repr(asked.calls)


def test_what_is_built_anew_is_served_by_the_next_call() -> None:
    built = [made({"/pets": {"get": operation(OPEN)}}), made({"/pets": {"get": operation("petsapi/write")}})]
    calls: list[Call] = []

    async def run() -> list[int]:
        gateway = Gateway(lambda: built[len(calls)], keys(), Options(), calls.append, lambda: NOW)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=gateway)) as client:
            return [(await client.get("http://127.0.0.1/pets/prod/pets")).status_code for _ in built]

    assert asyncio.run(run()) == [200, 401]


def test_the_gateway_starts_and_stops_and_takes_no_websocket() -> None:
    sent: list[Any] = []

    async def run() -> None:
        messages = iter(["lifespan.startup", "lifespan.shutdown", "websocket.connect"])
        gateway = Gateway(lambda: made({}), keys(), Options(), lambda call: None)

        async def receive() -> Any:
            return {"type": next(messages)}

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await gateway({"type": "lifespan"}, receive, send)
        await gateway({"type": "websocket", "path": "/"}, receive, send)

    asyncio.run(run())
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]


def test_a_resource_policy_is_noted() -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}],
    }
    one = made({"/pets": {"get": operation()}}, **{"x-amazon-apigateway-policy": policy})
    assert ask(one, call("/pets", bearer=READ)).calls[0].notes == ("the resource policy is not evaluated here",)


SIMPLE = st.one_of(
    st.sampled_from([{"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 5}, {"type": "number", "maximum": -2},
                     {"type": "string", "minLength": 9, "maxLength": 12}, {"type": "string", "pattern": "^[A-Z]{3}$"}, {"enum": ["x", 1]},
                     {"type": "integer", "multipleOf": 7}, {"type": "string", "format": "ipv4"}, {"$ref": "#/components/schemas/Pet"},
                     {"type": "string", "pattern": "^\\d{4}$"}, {"type": "number", "minimum": 1, "exclusiveMinimum": True}])
)  # fmt: skip
SCHEMAS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        inner.map(lambda one: {"type": "array", "items": one, "minItems": 2}),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(
            lambda found: (
                {"type": "object", "properties": found, "required": sorted(found)} if found else {"type": "object"}
            )
        ),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=2).map(
            lambda found: {"type": "object", "properties": found, "required": [min(found)], "maxProperties": 1}
        ),
        st.lists(inner, min_size=1, max_size=2).map(lambda found: {"anyOf": found}),
        inner.map(lambda one: {"oneOf": [one]}),
        inner.map(lambda one: {"allOf": [one]}),
    ),
    max_leaves=6,
)
MODELS: Any = {
    "Pet": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "parent": {"$ref": "#/components/schemas/Pet"}},
    }
}


def test_a_property_that_two_schemas_describe_is_as_both_say() -> None:
    several = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    narrowed = {"allOf": [{"properties": {"device": several}}, {"properties": {"device": {"maxProperties": 1}}}]}
    assert value_for(narrowed, {}) == {"device": {"a": "string"}}


@settings(deadline=None)
@given(SCHEMAS)
def test_a_made_up_value_fits_its_schema(schema: Any) -> None:
    found = value_for(schema, MODELS)
    assert found == value_for(schema, MODELS)
    jsonschema_rs.Draft4Validator({"allOf": [schema], "components": {"schemas": MODELS}}).validate(found)


def test_a_made_up_value_is_bounded() -> None:
    models: Any = {
        f"m{i}": {"type": "object", "properties": {f"p{j}": {"$ref": f"#/components/schemas/m{j}"} for j in range(30)}}
        for i in range(30)
    }
    assert len(json.dumps(value_for({"$ref": "#/components/schemas/m0"}, models))) < 200_000
    doubling: Any = {f"m{i}": {"allOf": [{"$ref": f"#/components/schemas/m{i + 1}"}] * 9} for i in range(40)}
    assert value_for({"$ref": "#/components/schemas/m0"}, doubling) is not NotImplemented


def test_a_call_under_way_when_another_build_comes_leaves_nothing_in_it() -> None:
    def build(kind: str) -> Served:
        schema = {"type": "object", "properties": {"name": {"type": kind}}}
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        one = operation(OPEN, requestBody=body)
        root = {name: value for name, value in VALIDATORS.items() if name.startswith("x-")}
        return made({"/pets": {"post": one}}, **root)

    old, new = build("string"), build("integer")
    shown, statuses = [old], list[int]()

    async def run() -> None:
        gateway = Gateway(lambda: shown[0], keys(), Options(), lambda _: None, lambda: NOW)
        scope = {"type": "http", "method": "POST", "raw_path": b"/pets/prod/pets", "query_string": b"", "headers": []}
        slow = asyncio.Event()

        async def call_it(body: bytes, waits: bool) -> None:
            async def receive() -> Any:
                if waits:
                    await slow.wait()
                return {"type": "http.request", "body": body, "more_body": False}

            async def send(message: Any) -> None:
                if "status" in message:
                    statuses.append(message["status"])

            await gateway(scope, receive, send)

        under_way = asyncio.ensure_future(call_it(b'{"name": "Rex"}', True))
        await asyncio.sleep(0)
        shown[0] = new
        await call_it(b"", False)  # has no model made yet
        slow.set()
        await under_way
        for body in (b'{"name": "Rex"}', b'{"name": 1}'):
            await call_it(body, False)

    asyncio.run(run())
    assert statuses == [400, 200, 400, 200]
