"""`scopegen test`: no verdict is wrong, nothing is tested by nothing, and the file it generates sees an open gateway."""

import http.server
import runpy
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from scopegen.cli import main
from scopegen.diagnostics import Location
from scopegen.expectations import Principal, allows
from scopegen.model import AnyOf, Operation, Public, Scope
from scopegen.operation_names import OperationNames

HERE = Location("specs/pets.yaml")
SPEC = """\
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get: {x-required-scope: petsapi/read, responses: {"200": {description: ok}}}
    head: {operationId: peek, x-required-scope: petsapi/read, responses: {"200": {description: ok}}}
"""


@pytest.fixture
def pets(workspace: Path) -> Path:
    (workspace / "specs").mkdir()
    (workspace / "specs/pets.yaml").write_text(SPEC)
    (workspace / "scopegen.yaml").write_text("permissions: {Readers: [petsapi/read]}\n")
    return workspace


def held(pets: Path, expectations: str, *arguments: str) -> int:
    (pets / "access.yaml").write_text(expectations)
    return main(["test", "access.yaml", *arguments])


def test_the_operation_itself_is_asked_not_what_its_path_would_lead_to() -> None:
    scope = AnyOf([[Scope("petsapi", "read")]])
    closed = Operation("pets", "/pets/{id}", "GET", "one", scope, HERE)
    greedy = Operation("pets", "/pets/{rest+}", "GET", "rest", Public("a reason"), HERE)
    stranger = Principal("a stranger", (), "", None)
    assert [allows(stranger, one) for one in (closed, greedy)] == [False, True]


def test_both_readings_of_a_name_count_and_nothing_is_no_name() -> None:
    scope = AnyOf([[Scope("petsapi", "read")]])
    one = Operation("pets", "/a", "GET", "list", scope, HERE)
    two = Operation("birds", "/a", "GET", "pets:list", scope, HERE)
    unnamed = Operation("birds", "/b", "GET", "", scope, HERE)
    names = OperationNames([one, two, unnamed])
    assert names.named("list") == [one]
    assert set(names.named("pets:list")) == {one, two}
    assert names.named("GET /a") == [one, two]
    assert names.named("birds: GET /a") == [two]
    assert names.named("birds:") == names.named("") == names.named(":") == []


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ("{token: none}", 2),
        ("{token: none, allow: [], deny: []}", 2),
        ("{token: none, unlisted: ignore}", 0),
        ("{token: none, deny: [peek]}", 0),
        ("{token: none, allow: [peek]}", 1),
        ("{token: none, deny: ['pets:']}", 1),
        ("{permissions: [], scopes: [], deny: [peek]}", 2),
    ],
)
def test_a_test_expects_nothing_only_on_purpose(
    test: str, code: int, pets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert held(pets, f"tests: {{one: {test}}}\n") == code
    assert ("expects nothing" in capsys.readouterr().out) == (
        test in ("{token: none}", "{token: none, allow: [], deny: []}")
    )


def test_what_is_said_for_all_tests_is_said(pets: Path) -> None:
    assert held(pets, "unlisted: deny\ntests: {one: {token: none}}\n") == 0
    assert held(pets, "unlisted: allow\ntests: {one: {token: none}}\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--vectors", "specs/pets.yaml"),
        ("--pytest", "./scopegen.yaml"),
        ("--vectors", "access.yaml"),
        ("--vectors", "made", "--pytest", "./made"),
        ("--from", "build/access.json", "--vectors", "build/../build/access.json"),
    ],
)
def test_nothing_that_is_read_is_written_over(arguments: tuple[str, ...], pets: Path) -> None:
    assert main(["build"]) == 0
    before = {path: path.read_bytes() for path in pets.rglob("*") if path.is_file()}
    expectations = "tests: {one: {token: none, deny: [peek]}}\n"
    assert held(pets, expectations, *arguments) == 2
    after = {path: path.read_bytes() for path in pets.rglob("*") if path.is_file()}
    assert after == before | {pets / "access.yaml": expectations.encode()}


class Gateway(http.server.BaseHTTPRequestHandler):
    """Answers as it is told to."""

    answer: tuple[int, dict[str, str]] = (200, {})
    seen: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("Authorization")))
        status, headers = self.answer if self.path == "/prod/pets" else (401, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def gateway() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Gateway.seen.clear()
    yield f"http://127.0.0.1:{server.server_port}/prod"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "headers", "passes"),
    [
        (401, {}, True),
        (403, {"x-amzn-ErrorType": "ForbiddenException"}, True),
        (200, {}, False),
        (302, {"Location": "/login"}, False),
        (403, {"x-amzn-ErrorType": "MissingAuthenticationTokenException"}, False),
    ],
)
def test_the_generated_file_sees_an_open_gateway(
    status: int,
    headers: dict[str, str],
    passes: bool,
    pets: Path,
    gateway: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert held(pets, "tests: {beginners: {permissions: [], deny: [peek]}}\n", "--pytest", "test_it.py") == 0
    monkeypatch.setenv("SCOPEGEN_URL_PETS", gateway)
    monkeypatch.setenv("SCOPEGEN_TOKEN_BEGINNERS", "a-token")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(Gateway, "answer", (status, headers))
    made = runpy.run_path("test_it.py")
    assert made["VECTORS"] == [
        ("beginners", "pets", "GET", "/pets", False),
        ("beginners", "pets", "HEAD", "/pets", False),
    ]
    failed = []
    for vector in made["VECTORS"]:
        try:
            made["test_access"](*vector)
        except AssertionError:
            failed.append(vector)
    assert failed == ([] if passes else made["VECTORS"])
    assert Gateway.seen == [("/prod/pets", "Bearer a-token")] * 2
