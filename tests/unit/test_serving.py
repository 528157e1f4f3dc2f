"""What is compiled to be served, when it is compiled again, and what a line says of a call."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
import jwt
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from scopegen import pipeline
from scopegen.artifacts import Artifact
from scopegen.cli import main
from scopegen.decide import judge
from scopegen.gateway.calls import Call
from scopegen.gateway.options import Options
from scopegen.locate import Found
from scopegen.model import AnyOf, Public, Scope
from scopegen.served import LOCAL, Served
from scopegen.served import served as served_as
from scopegen.serving.compiling import Compiled, compiled, fingerprint
from scopegen.serving.lines import Line, line, reasoning
from scopegen.serving.server import Place, Servers
from scopegen.serving.state import State
from scopegen.testing import LocalGateway
from scopegen.tree import DiskTree

SPEC = """
openapi: 3.0.3
info: {title: Pets, version: "1"}
x-resource-server: petsapi
paths:
  /pets:
    get: {operationId: listPets, x-required-scope: read, responses: {"200": {description: All}}}
    delete:
      x-required-scope: {allOf: [petsapi/read, petsapi/write]}
      responses: {"204": {description: Gone}}
  /status:
    get: {x-required-scope: {public: for the monitor}, responses: {"200": {description: Up}}}
"""
CONFIG = """
permissions: {Readers: [petsapi/read], Writers: [petsapi/write]}
clients:
  web: {kind: user, callback-urls: ["https://app.example.com/cb"], logout-urls: ["https://app.example.com/"], token-minutes: 30}
  robot: {kind: machine, scopes: [petsapi/read, petsapi/write]}
user-pool: {domain: pets}
apis: {pets: {cors: {allow-origins: ["https://app.example.com"]}}}
"""
ASKED = {"response_type": "code", "redirect_uri": "", "scope": "openid"}
CREDENTIALS = {"grant_type": "client_credentials"}


@pytest.fixture
def found(workspace: Path) -> Found:
    (workspace / "specs").mkdir()
    (workspace / "specs/pets.yaml").write_text(SPEC, "utf-8")
    (workspace / "scopegen.yaml").write_text(CONFIG, "utf-8")
    return Found(workspace, "scopegen.yaml", ())


@pytest.fixture
def served(found: Found) -> Served:
    made = compiled(found).served
    assert made is not None
    return made


def test_what_is_enforced_is_what_the_import_spec_says(served: Served) -> None:
    methods = {key[1:]: one.guard.requirement for key, one in served.apis["pets"].methods.items()}
    [derived] = [key for key in served.apps["robot"].scopes if key.startswith("all-of/")]
    assert methods == {
        ("/pets", "DELETE"): AnyOf([[Scope.parse(derived)]]),
        ("/pets", "GET"): AnyOf([[Scope("petsapi", "read")]]),
        ("/pets", "OPTIONS"): Public("preflight"),
        ("/status", "GET"): Public("for the monitor"),
        ("/status", "OPTIONS"): Public("preflight"),
    }


@pytest.mark.parametrize(
    "security",
    [
        pytest.param([], id="no entry"),
        pytest.param([{"ApiKey": []}], id="an API key alone"),
        pytest.param([{"CognitoAuthorizer": []}], id="an authorizer without scopes"),
        pytest.param(None, id="nothing said"),
    ],
)
def test_an_import_spec_that_is_more_open_than_the_model_is_not_served(security: Any, found: Found) -> None:
    result = pipeline.Result()
    pipeline.run(DiskTree(found.root), found, result)
    assert result.build is not None
    contents = {one.path: one.content for one in result.artifacts}
    assert served_as(result.build, result.artifacts).apis
    spec = json.loads(contents["pets/openapi.json"])
    spec["paths"]["/pets"]["get"]["security"] = security
    if security is None:
        del spec["paths"]["/pets"]["get"]["security"]
    tampered = [Artifact(path, content) for path, content in contents.items() if path != "pets/openapi.json"]
    with pytest.raises((ValueError, KeyError)):
        served_as(result.build, [*tampered, Artifact("pets/openapi.json", json.dumps(spec).encode())])


def test_clients_are_what_the_template_makes_them(served: Served) -> None:
    web, robot = served.apps["web"], served.apps["robot"]
    assert (web.kind, set(web.scopes), web.minutes) == ("user", {"openid"}, 30)
    assert (web.callback_urls, web.logout_urls) == (("https://app.example.com/cb",), ("https://app.example.com/",))
    assert {"petsapi/read", "petsapi/write"} < robot.scopes
    assert served.groups == ["Readers", "Writers"]
    assert b"PERMISSION_SCOPES" in served.trigger


@pytest.mark.parametrize(
    "config",
    [
        None,
        "{}",
        "{clients: {robot: {kind: machine, scopes: [petsapi/read]}}, user-pool: {domain: pets}}",
        "user-pool: {existing: true}",
    ],
)
def test_where_nobody_could_sign_in_there_is_a_client_of_this_machine(config: str | None, found: Found) -> None:
    place = found.root / "scopegen.yaml"
    place.write_text(config, "utf-8") if config is not None else place.unlink()
    with LocalGateway(found.root / "specs/pets.yaml") as gateway:
        claims = jwt.decode(gateway.user_token("ReadPetsapiAccess"), options={"verify_signature": False})
        answer = httpx.get(f"{gateway.pool_url}/oauth2/authorize", params={**ASKED, "client_id": LOCAL})
        machine = httpx.post(f"{gateway.pool_url}/oauth2/token", data={**CREDENTIALS, "client_id": LOCAL})
    assert (claims["client_id"], claims["scope"]) == (LOCAL, "openid petsapi/read")
    assert (answer.status_code, machine.status_code) == (400, 400)


def test_it_is_not_there_where_somebody_can_and_no_client_has_its_name(found: Found) -> None:
    made = compiled(found).served
    assert made is not None
    assert LOCAL not in made.apps
    (found.root / "scopegen.yaml").write_text(CONFIG.replace("web:", f"{LOCAL}:"), "utf-8")
    assert f"`{LOCAL}` cannot name a client" in compiled(found).errors


def test_only_the_named_specs_are_served(found: Found) -> None:
    (found.root / "specs/other.yaml").write_text(SPEC.replace("/pets", "/others"), "utf-8")
    made = compiled(found._replace(specs=("specs/other.yaml",))).served
    assert made is not None
    assert list(made.apis) == ["other"]
    assert {one.api for one in made.model.operations} == {"other", "pets"}


def test_an_error_is_told_and_serves_nothing(found: Found) -> None:
    (found.root / "specs/pets.yaml").write_text(SPEC.replace("x-required-scope: read, ", ""), "utf-8")
    made = compiled(found)
    assert made.served is None
    assert made.code == 1
    assert "SG102" in made.errors


def test_nothing_is_written(found: Found) -> None:
    compiled(found)
    assert not (found.root / "build").exists()


CHANGES = [
    pytest.param("specs/pets.yaml", SPEC + "# more\n", id="a spec that grew"),
    pytest.param("specs/pets.yaml", SPEC.replace("Pets", "Cats"), id="a spec of the same size"),
    pytest.param("specs/pets.yaml", None, id="a spec that is gone"),
    pytest.param("specs/new.yaml", SPEC, id="a spec that came"),
    pytest.param("scopegen.yaml", CONFIG + "# more\n", id="the configuration"),
]


@pytest.mark.parametrize(("file", "content"), CHANGES)
def test_a_change_is_seen(file: str, content: str | None, found: Found) -> None:
    last = compiled(found)
    before = fingerprint(found, last)
    assert fingerprint(found, last) == before
    if content is None:
        (found.root / file).unlink()
    else:
        (found.root / file).write_text(content, "utf-8")
        os.utime(found.root / file, ns=(1, 1))
    assert fingerprint(found, last) != before


def test_a_file_that_nobody_reads_changes_nothing(found: Found) -> None:
    last = compiled(found)
    before = fingerprint(found, last)
    (found.root / "specs/notes.txt").write_text("x", "utf-8")
    (found.root / "build").mkdir()
    assert fingerprint(found, last) == before


def test_after_an_error_what_was_missing_is_awaited(found: Found) -> None:
    broken = SPEC.replace("{description: All}", "{$ref: ../parts.yaml#/all}")
    (found.root / "specs/pets.yaml").write_text(broken, "utf-8")
    last = compiled(found)
    assert last.served is None
    before = fingerprint(found, last)
    (found.root / "parts.yaml").write_text("all: {description: All}", "utf-8")
    assert fingerprint(found, last) != before
    assert compiled(found).served is not None


def call(served: Served, method: str, path: str, claims: dict[str, Any] | None, status: int, **more: Any) -> Call:
    found = served.apis["pets"].find(method, path)
    decision = None if found is None else judge(found.guard, claims, 0)
    operation = None if found is None else found.operation
    return Call(1, 0.0, 2.4, method, f"/pets/prod{path}", "pets", status, decision, operation, claims, **more)


USER = {
    "token_use": "access",
    "exp": 60,
    "username": "ann",
    "client_id": "web",
    "cognito:groups": ["Readers"],
    "scope": "openid petsapi/read",
}
ROBOT = {"token_use": "access", "exp": 60, "sub": "robot", "client_id": "robot", "scope": "petsapi/write"}
LINES = [
    (("GET", "/pets", USER, 200), {"answered_by": "mock"}, Line("allowed", "200 GET /pets/prod/pets; needs petsapi/read; has openid petsapi/read; user ann (Readers) by web; mock; 2 ms")),
    (("GET", "/pets", ROBOT, 401), {}, Line("refused", "401 GET /pets/prod/pets; needs petsapi/read; has petsapi/write; machine robot; 2 ms")),
    (("DELETE", "/pets", USER, 401), {}, Line("refused", "401 DELETE /pets/prod/pets; needs petsapi/read and petsapi/write; has openid petsapi/read; user ann (Readers) by web; 2 ms")),
    (("GET", "/pets", {**USER, "token_use": "id"}, 401), {}, Line("refused", "401 GET /pets/prod/pets; needs petsapi/read; has no access token; user ann (Readers) by web; 2 ms")),
    (("GET", "/pets", None, 401), {"problem": "no token"}, Line("refused", "401 GET /pets/prod/pets; needs petsapi/read; no token; 2 ms")),
    (("GET", "/status", None, 200), {"answered_by": "schema"}, Line("allowed", "200 GET /pets/prod/status; needs public (for the monitor); schema; 2 ms")),
    (("PUT", "/pets", None, 403), {"problem": "no operation answers"}, Line("refused", "403 PUT /pets/prod/pets; no operation answers; 2 ms")),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "more", "expected"), LINES, ids=[one[2].text for one in LINES])
def test_a_call_in_a_line(asked: tuple[Any, ...], more: dict[str, Any], expected: Line, served: Served) -> None:
    assert line(call(served, *asked, **more)) == expected


def test_what_the_gateway_stopped_itself_is_refused_though_the_token_was_good(served: Served) -> None:
    stopped = call(served, "GET", "/pets", USER, 403, answered_by="gateway")
    assert line(stopped).verdict == "refused"
    assert line(stopped._replace(answered_by="backend")).verdict == "allowed"


def test_the_reasoning_is_that_of_explain(served: Served) -> None:
    answer = reasoning(served.model, call(served, "DELETE", "/pets", USER, 401))
    assert answer is not None
    assert answer.verdict == "DENIED: the token lacks petsapi/write"
    assert any("Writers" in one for one in answer.todo)
    missing = reasoning(served.model, call(served, "GET", "/pets", None, 401, problem="no token was sent"))
    assert missing is not None
    assert missing.verdict == "DENIED: what was sent is no token: no token was sent"
    assert reasoning(served.model, call(served, "PUT", "/pets", None, 403)) is None


def test_the_last_calls_are_kept_and_no_more(served: Served) -> None:
    state, told = State(served), []
    state.told = told.append
    for number in range(600):
        state.seen(call(served, "GET", "/pets", None, 401)._replace(number=number))
    assert [one.number for one in state.calls()] == list(range(100, 600))
    assert [one.number for one in state.calls(597)] == [598, 599]
    assert len(told) == 600


def test_the_command_explains_every_call(found: Found) -> None:
    command = [sys.executable, "-m", "scopegen", "serve", "--port", "0", "--explain"]
    with subprocess.Popen(command, cwd=found.root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [line.split() for line in iter(process.stdout.readline, "Ctrl-C stops\n")]
            url = next(line[1] for line in lines if line[0] == "pets")
            assert (
                httpx.get(f"{url}/pets?secret=1", headers={"Authorization": "Bearer made.up.token"}).status_code == 401
            )
            said = [process.stdout.readline() for _ in range(7)]
        finally:
            process.terminate()
    assert said[0].startswith("refused 401 GET /pets/prod/pets; needs petsapi/read; no token of this pool; ")
    assert said[1:] == [
        "  DENIED: what was sent is no token: no token of this pool\n",
        "    operation  pets: GET /pets (listPets)\n",
        "    requires   petsapi/read\n",
        "    held by    permission Readers; machine client robot\n",
        "    do         1  send the access token itself, after `Bearer `: three parts with two dots\n",
        "               2  get a new token: sign in again, or ask the token endpoint anew\n",
    ]


@pytest.mark.parametrize("flags", [[], ["--cognito-issuer"]], ids=["its own", "Cognito's"])
def test_the_command_says_who_issues_tokens_and_where_the_keys_are(flags: list[str], found: Found) -> None:
    command = [sys.executable, "-m", "scopegen", "serve", "--port", "0", "--no-reload", *flags]
    with subprocess.Popen(command, cwd=found.root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [line.split() for line in iter(process.stdout.readline, "Ctrl-C stops\n")]
            rows = {line[0]: line[1] for line in lines if len(line) == 2}
            pool = rows["console"].rstrip("/")
            own = f"{pool}/us-east-1_Local"
            with urllib.request.urlopen(f"{own}/.well-known/openid-configuration") as answer:
                settings = json.load(answer)
        finally:
            process.terminate()
        assert process.wait(10) == 0
    keys = f"{own}/.well-known/jwks.json"
    assert (
        rows["issuer"]
        == settings["issuer"]
        == ("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Local" if flags else own)
    )
    assert (rows.get("keys"), settings["jwks_uri"]) == (keys if flags else None, keys)


@pytest.mark.parametrize("option", ["--port", "--pool-port"])
def test_an_address_that_is_taken_is_told_with_what_to_do(
    option: str, found: Found, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(found.root)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", "0", option, port]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"Error: 127.0.0.1:{port}: something listens there already")
    assert option in said.err


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(
            lambda pool: pool.initiate_auth(
                ClientId="web", AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": "ann"}
            ),
            id="signIn",
        ),
        pytest.param(lambda pool: pool.get_user(AccessToken="x"), id="what comes after it"),
    ],
)
def test_an_sdk_is_told_where_to_sign_in(ask: Callable[[Any], object], found: Found) -> None:
    with LocalGateway(found.root) as gateway:
        config = Config(signature_version=UNSIGNED, retries={"max_attempts": 1})
        pool = boto3.client("cognito-idp", endpoint_url=gateway.pool_url, region_name="us-east-1", config=config)
        with pytest.raises(ClientError, match=r"NotImplementedException.*sign in at /oauth2/authorize.*scopegen token"):
            ask(pool)


def test_an_sdk_in_a_browser_may_read_it(found: Found) -> None:
    origin = {"Origin": "http://localhost:3000"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-amz-target"}
    with LocalGateway(found.root) as gateway:
        preflight = httpx.options(gateway.pool_url, headers={**origin, **asked})
        answer = httpx.post(gateway.pool_url, headers=origin, json={})
        console = httpx.get(gateway.pool_url, headers=origin)
    assert preflight.status_code == 200
    assert [one.headers.get("access-control-allow-origin") for one in (preflight, answer, console)] == ["*", "*", None]
    assert "access-control-allow-credentials" not in preflight.headers
    assert answer.status_code == 400


def write(place: Path, content: str) -> None:
    """At once, as editors do: half a file is another change."""
    beside = place.parent.parent.parent / "beside"
    beside.write_text(content, "utf-8")
    beside.replace(place)


def while_serving(found: Found, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """The command, until something has been done and a look at the files was due twice."""

    looks, started = 0, threading.Event()

    def looked(*asked: Any) -> object:
        nonlocal looks
        looks += 1
        if looks > 1:  # the first is before anything is served
            started.set()
        return fingerprint(*asked)

    def then_stop() -> None:
        assert started.wait(60)
        try:
            act()
            time.sleep(2)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("scopegen.cli.serving.fingerprint", looked)
    monkeypatch.chdir(found.root)
    beside = threading.Thread(target=then_stop)
    beside.start()
    assert main(["serve", "--port", "0"]) == 0
    beside.join()


def test_an_error_is_told_once(
    found: Found, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = found.root / "specs/pets.yaml"
    while_serving(found, monkeypatch, lambda: write(place, "openapi: 3.0.3\n"))
    said = capsys.readouterr()
    assert said.err.count("not reloaded: what was served is served on") == 1
    assert "reloaded" not in said.out


def test_what_changes_while_it_is_compiled_is_compiled_again(
    found: Found, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place, runs = found.root / "specs/pets.yaml", 0

    def slowly(*asked: Any) -> Compiled:
        nonlocal runs
        runs, made = runs + 1, compiled(*asked)
        if runs == 2:
            place.write_text(SPEC.replace("/status", "/health"), "utf-8")
        return made

    monkeypatch.setattr("scopegen.cli.serving.compiled", slowly)
    while_serving(found, monkeypatch, lambda: write(place, SPEC.replace("/status", "/up")))
    assert (runs, capsys.readouterr().out.count("\nreloaded: 1 API with 3 operations")) == (3, 2)


BROKEN_OFF = {
    "gone in the middle": b"Content-Length: 100\r\n\r\na=b",
    "gone in a chunk": b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    "no chunk": b"Transfer-Encoding: chunked\r\n\r\n3\r\na=b\r\nzz\r\n",
}
KINDS = (b"application/json", b"application/x-www-form-urlencoded", b"text/plain")


@pytest.mark.parametrize("body", BROKEN_OFF.values(), ids=BROKEN_OFF)
def test_a_request_that_breaks_off_is_no_fault_of_ours(
    body: bytes, found: Found, caplog: pytest.LogCaptureFixture
) -> None:
    with LocalGateway(found.root) as gateway:
        for path in ("/oauth2/token", "/oauth2/revoke", "/oauth2/authorize", "/local/token", "/"):
            for kind in KINDS:
                break_off(gateway.pool_url, path, kind, body)
        break_off(gateway.url("pets"), "/pets/prod/pets", KINDS[0], body)
        assert gateway.user_token("Readers")
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []


def break_off(url: str, path: str, kind: bytes, body: bytes) -> None:
    """Send a request that never is whole, and go."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port or 80), 10) as connection:
        head = b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %b\r\n" % (path.encode(), kind)
        connection.sendall(head + body)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


def test_a_gateway_works_in_its_with_and_again_in_another(found: Found) -> None:
    gateway = LocalGateway(found.root)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="in a `with`"):
            gateway.user_token("Readers")
        with gateway:
            assert gateway.user_token("Readers")
            with pytest.raises(RuntimeError, match="already"), gateway:
                pass
            assert gateway.user_token("Writers")


def test_a_client_that_is_not_there_makes_no_user(found: Found) -> None:
    with LocalGateway(found.root) as gateway:
        with pytest.raises(ValueError, match="no user client 'nobody': there are web"):
            gateway.user_token("Readers", user="ann", client="nobody")
        assert "ann" not in httpx.get(f"{gateway.pool_url}/local/state").text


@pytest.mark.parametrize("host", ["0.0.0.0", "", "127.0.0.2"])
def test_whoever_listens_elsewhere_is_called_by_what_is_printed_and_by_the_names_that_are_allowed(
    host: str, served: Served
) -> None:
    servers = Servers(State(served), Place(host, names=("pets.test",)), Options(401, {}))
    beside = threading.Thread(target=lambda: asyncio.run(servers.run()))
    beside.start()
    try:
        printed = urlsplit(servers.pool_url)
        for name, status in ((printed.hostname, 200), ("localhost", 200), ("pets.test", 200), ("evil.test", 400)):
            named = f"{name}:{printed.port}"
            for origin, expected in (
                (f"http://{named}", status),
                (f"http://evil.test:{printed.port}", 400 if status == 400 else 403),
            ):
                answer = httpx.put(
                    f"{servers.pool_url}/local/users",
                    headers={"Host": named, "Origin": origin},
                    json={"name": "ann", "permissions": []},
                )
                assert answer.status_code == expected, (named, origin, answer.text)
        assert servers.pool.issuer.startswith(servers.pool_url)
    finally:
        servers.stop()
        beside.join()
