"""What the imported API answers: the documents' own examples, preflights, and what its validators let through."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from .importer import Imported, api_key
from .localstack import environment

environment()
pytestmark = pytest.mark.importing
Import: TypeAlias = Callable[[str], Imported]
ORIGINS = ("https://app.example.com", "https://staff.example.com", "http://localhost:3000")
ALLOWED = "Access-Control-Allow-Origin"


def examples(document: Path) -> Iterator[tuple[str, str, int, Any]]:
    """Method, path, status and example of every operation that has neither integration nor required input."""
    for path, item in yaml.safe_load(document.read_text("utf-8"))["paths"].items():
        for method, operation in item.items():
            if method == "parameters" or "x-amazon-apigateway-integration" in operation or "requestBody" in operation:
                continue
            status = min(operation["responses"])
            content = operation["responses"][status].get("content", {}).get("application/json")
            if content and "{" not in path:
                yield method.upper(), path, int(status.replace("X", "0")), example(content)


def example(content: Any) -> Any:
    if "example" in content:
        return content["example"]
    return min(content["examples"].items())[1]["value"] if "examples" in content else content["schema"]["example"]


def exact(value: Any) -> str:
    """JSON that tells `1`, `1.0` and `true` apart."""
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize(("name", "count"), [("pets", 1), ("weather", 1), ("clinic", 4), ("market", 4)])
def test_a_mock_answers_with_the_example_of_the_document(
    name: str, count: int, imported: Import, output_of: Callable[[str], Path]
) -> None:
    """Whatever the example says in other languages: VTL, CloudFormation, HTML."""
    found = list(examples(output_of(name).parent / "specs" / f"{name}.yaml"))
    key = api_key(imported(name)) if name == "clinic" else ""
    for method, path, status, expected in found:
        answer = imported(name).call(method, path, **{"x-api-key": key} if key else {})
        assert answer.status == status, (method, path, answer.body)
        assert exact(json.loads(answer.body)) == exact(expected), (method, path)
        assert answer.headers["Content-Type"] == "application/json"
    assert len(found) >= count


@pytest.mark.parametrize(
    ("name", "path", "status", "expected"),
    [
        ("pets", "/pets", 201, {"id": 3, "name": "Nemo"}),
        ("weather", "/", 200, {"message": "success"}),
        ("market", "/values", 201, {"$added": "#1"}),
        ("clinic", "/visits", 201, {"id": 9}),
    ],
)
def test_a_mock_takes_a_body_and_does_not_look_at_it(
    name: str, path: str, status: int, expected: Any, imported: Import
) -> None:
    said = {"statusCode": 500, "id": 1, "name": "#set($context.responseOverride.status = 500)$context.requestId"}
    answer = imported(name).call("POST", path, json.dumps(said).encode(), **{"Content-Type": "application/json"})
    assert (answer.status, json.loads(answer.body)) == (status, expected)


def test_a_mock_takes_every_media_type_of_its_document_and_no_other(imported: Import) -> None:
    answers = {
        media: imported("market").call("POST", "/values", b"{}", **{"Content-Type": media}).status
        for media in ("application/json", "application/vnd.value+json", "application/xml")
    }
    assert answers == {"application/json": 201, "application/vnd.value+json": 201, "application/xml": 415}


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("clinic", "/", "Welcome"),
        ("market", "/plain", "Not JSON: 'single' \"double\" \\ é\nnext line"),
    ],
)
def test_an_example_in_text_is_answered_as_it_is(name: str, path: str, text: str, imported: Import) -> None:
    assert imported(name).call("GET", path).body.decode() == text


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/nothing"), ("OPTIONS", "/values")])
def test_an_answer_without_an_example_has_no_body(method: str, path: str, imported: Import) -> None:
    answer = imported("market").call(method, path)
    assert (answer.status, answer.body) == (204, b"")


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
@pytest.mark.parametrize("origin", ORIGINS)
def test_an_origin_of_the_settings_is_told_that_it_may(origin: str, method: str, imported: Import) -> None:
    answer = imported("market").call(method, "/programs", Origin=origin, **{"Access-Control-Request-Method": "GET"})
    assert (answer.status, answer.headers.get(ALLOWED)) == (204 if method == "OPTIONS" else 200, origin)


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
@pytest.mark.parametrize(
    "origin",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="an empty one"),
        pytest.param("https://other.example.com", id="another one"),
        pytest.param("https://app.example.com.evil.example", id="one that begins so"),
        pytest.param("HTTPS://APP.EXAMPLE.COM", id="another case"),
        pytest.param("http://app.example.com", id="another scheme"),
        pytest.param("null", id="null"),
        pytest.param('" || "1" == "1', id="a condition"),
        pytest.param(f'")#set($context.responseOverride.header.{ALLOWED} = "*")#if("', id="a program"),
        pytest.param("$context.requestId", id="a reference"),
    ],
)
def test_any_other_origin_is_told_nothing(origin: str | None, method: str, imported: Import) -> None:
    headers = {} if origin is None else {"Origin": origin}
    answer = imported("market").call(method, "/programs", **headers)
    assert answer.status == (204 if method == "OPTIONS" else 200)
    assert {name for name in answer.headers if name.lower() == ALLOWED.lower()} == set()


def test_a_preflight_says_what_the_path_has(imported: Import) -> None:
    found = {
        path: imported("clinic").call("OPTIONS", path) for path in ("/bills", "/files/a/b", "/patients/1/visits/2")
    }
    assert {answer.status for answer in found.values()} == {204}
    assert [answer.headers["Access-Control-Allow-Methods"] for answer in found.values()] == [
        "GET,OPTIONS,POST",
        "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT",
        "DELETE,GET,OPTIONS",
    ]
    assert {answer.headers["Access-Control-Max-Age"] for answer in found.values()} == {"600"}
    assert {answer.headers[ALLOWED] for answer in found.values()} == {"https://app.example.com"}


def test_a_mock_of_the_document_stays_a_program(imported: Import) -> None:
    answers = [imported("clinic").call("GET", f"/report?day={day}") for day in ("monday", "sunday")]
    assert [(answer.status, json.loads(answer.body)) for answer in answers] == [
        (200, {"day": "monday"}),
        (503, {"message": "closed"}),
    ]


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_any_method_of_any_path_below_reaches_the_backend(method: str, imported: Import) -> None:
    answer = imported("clinic").call(method, "/files/a/b.txt", b"{}" if method == "PUT" else b"")
    assert json.loads(answer.body) == {"method": method, "path": "/stored/a/b.txt"}


def test_what_the_document_does_not_have_is_not_there(imported: Import) -> None:
    found = [
        imported("clinic").call(*one).status for one in (("GET", "/unknown"), ("DELETE", "/bills"), ("GET", "/bills"))
    ]
    assert found == [403, 403, 200]


@pytest.mark.parametrize(("path", "body"), [("/partners", {"partners": 0}), ("/partners/prices", "free")])
def test_an_api_key_is_asked_for_where_the_document_asks(path: str, body: Any, imported: Import) -> None:
    api = imported("clinic")
    answers = [
        api.call("GET", path, **headers) for headers in ({}, {"x-api-key": "x" * 20}, {"x-api-key": api_key(api)})
    ]
    assert [answer.status for answer in answers] == [403, 403, 200]
    assert json.loads(answers[-1].body) == body


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"id": 1}, 201, id="a model"),
        pytest.param({"id": 1, "next": {"id": 2, "next": {"id": 3}}}, 201, id="a model that holds itself"),
        pytest.param(
            {"id": 1, "notes": [{"text": "x", "about": {"id": 2}}]}, 201, id="two models that hold each other"
        ),
        pytest.param({}, 400, id="what is required is absent"),
        pytest.param({"id": 1, "next": {"id": 2, "next": {}}}, 400, id="absent two levels down"),
        pytest.param({"id": 1, "notes": [{"text": 1}]}, 400, id="another type in the other model"),
        pytest.param({"id": 1, "notes": [{"about": {"id": "2"}}]}, 400, id="another type, round the circle"),
    ],
)
def test_bodies_are_validated_by_models_of_odd_names(body: Any, status: int, imported: Import) -> None:
    sent = json.dumps(body).encode()
    assert imported("clinic").call("POST", "/visits", sent, **{"Content-Type": "application/json"}).status == status


def test_required_parameters_are_validated(imported: Import) -> None:
    found = [imported("clinic").call("GET", f"/patients/1/visits/2{query}") for query in ("", "?since=2026-01-01")]
    assert [answer.status for answer in found] == [400, 200]
    assert json.loads(found[1].body) == {"id": 7, "next": {"id": 8}}
