"""`scopegen.testing` as docs/reference/testing.md says: its files run as they are written, every member does what it says."""

import http.server
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from e2e.workspaces import built, copied
from whole_table import MACHINES, USERS, asked, environment, write

from scopegen.testing import LocalGateway, WorkspaceError

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/reference/testing.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def example(folder: Path) -> Path:
    """The worked example in a folder."""
    shutil.copytree(ROOT / "specs", folder / "specs")
    shutil.copy(ROOT / "scopegen.yaml", folder)
    (folder / ".git").mkdir()
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the worked example and the files that the page shows."""
    folder = example(tmp_path)
    for block in BLOCKS:
        name = re.match(r"# (\w+\.py)\n", block)
        if name:
            (folder / name[1]).write_text(block, "utf-8")
    return folder


def pytest_in(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    variables = {**os.environ, "NO_PROXY": "127.0.0.1"}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=120)


def test_the_page_runs_as_it_is_written(project: Path) -> None:
    assert {one.name for one in project.glob("*.py")} == {"conftest.py", "test_access.py"}
    done = pytest_in(project)
    assert re.search(r"^2 passed in ", done.stdout, re.MULTILINE), done.stdout + done.stderr


def test_a_gateway_that_lets_everybody_in_fails_the_page(project: Path) -> None:
    spec = project / "specs/pets.yaml"
    spec.write_text(spec.read_text("utf-8").replace("x-required-scope: write", "x-required-scope: read"), "utf-8")
    assert re.search(r"^1 failed, 1 passed in ", pytest_in(project).stdout, re.MULTILINE)


def test_another_workspace_is_served_where_the_fixture_says_so(project: Path) -> None:
    (project / "elsewhere").mkdir()
    for name in ("specs", "scopegen.yaml"):
        shutil.move(project / name, project / "elsewhere" / name)
    assert "WorkspaceError" in pytest_in(project).stdout
    more = (
        "import pathlib\nimport pytest\n\n\n@pytest.fixture(scope='session')\ndef scopegen_workspace():\n"
        "    return pathlib.Path(__file__).parent / 'elsewhere'\n"
    )
    with (project / "conftest.py").open("a", encoding="utf-8") as file:
        file.write(more)
    done = pytest_in(project)
    assert re.search(r"^2 passed in ", done.stdout, re.MULTILINE), done.stdout + done.stderr


@pytest.fixture
def service() -> Iterator[str]:
    """A service that says who called it."""

    class Told(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            context = json.loads(self.headers["x-amzn-request-context"])
            body = json.dumps(context["authorizer"]["claims"]["username"]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_class_serves_a_backend_as_the_page_shows_it(project: Path, service: str) -> None:
    [block] = [one for one in BLOCKS if "with LocalGateway" in one]
    asking = """
        token = gateway.user_token("ReadPetsAccess", user="ann")
        request = urllib.request.Request(gateway.url("pets", "/pets"), headers=gateway.headers(token))
        said = json.load(urllib.request.urlopen(request)), gateway.calls[-1].answered_by
    """
    code = block.replace("path/to/workspace", str(project)).replace("http://127.0.0.1:8000", service)
    names: dict[str, Any] = {"json": json, "urllib": urllib}
    exec(code.replace("    ...\n", "\n".join(line[4:] for line in asking.splitlines()) + "\n"), names)
    assert names["said"] == ("ann", "backend")


def test_whoever_has_an_answer_finds_its_call(project: Path, service: str) -> None:
    """Told of after its answer: of many calls, one would be missing if nobody waited."""
    with LocalGateway(project, backend={"pets": service}) as gateway:
        headers = gateway.headers(gateway.user_token("ReadPetsAccess"))
        for expected in range(1, 101):
            with urllib.request.urlopen(
                urllib.request.Request(gateway.url("pets", "/pets"), headers=headers)
            ) as answer:
                answer.read()
            assert len(gateway.calls) == expected


def members() -> set[str]:
    return {name for name in vars(LocalGateway) if not name.startswith("_")}


def test_every_member_is_on_the_page_with_the_signature_it_has() -> None:
    rows = re.findall(r"^\| (`.*?`) \| ", TEXT.partition("| member | is |")[2], re.MULTILINE)
    told = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert {name.partition("(")[0] for name in told} == members()
    for name in told:
        written, open_, arguments = name.partition("(")
        member = inspect.getattr_static(LocalGateway, written)
        assert bool(open_) is inspect.isfunction(member), name
        if open_ and arguments != "...)":
            found = inspect.signature(member)
            plain = [one.replace(annotation=inspect.Parameter.empty) for one in found.parameters.values()][1:]
            shown = ", ".join(re.sub(r"\s*=\s*'(.*)'", r'="\1"', str(one)) for one in plain)
            assert arguments == f"{shown})", name


def test_every_member_does_what_the_page_says(project: Path) -> None:
    with LocalGateway(project) as gateway:
        tokens = gateway.user_tokens("ReadPetsAccess", "WritePetsAccess", user="ann", client="web")
        assert (tokens.expires_in > 0, bool(tokens.identity), bool(tokens.refresh)) == (True, True, True)
        keys = jwt.PyJWKClient(gateway.keys_url)
        key = keys.get_signing_key_from_jwt(tokens.access)
        claims = jwt.decode(tokens.access, key, ["RS256"], issuer=gateway.issuer)
        assert (claims["username"], claims["client_id"]) == ("ann", "web")
        assert {"petsapi/read", "petsapi/write"} <= set(claims["scope"].split())
        machine = gateway.client_token("stormwatch", "weather-api/post")
        key = keys.get_signing_key_from_jwt(machine)
        assert jwt.decode(machine, key, ["RS256"], issuer=gateway.issuer)["scope"] == "weather-api/post"
        name, secret = gateway.credentials("stormwatch")
        form = f"grant_type=client_credentials&client_id={name}&client_secret={secret}".encode()
        granted = json.load(urllib.request.urlopen(f"{gateway.pool_url}/oauth2/token", form))
        assert granted["token_type"] == "Bearer"
        assert gateway.calls == []
        with pytest.raises(KeyError):
            gateway.url("none")
        for wrong in ("nobody", "ReadNothing"):
            with pytest.raises(ValueError, match="no permission"):
                gateway.user_token(wrong)
        with pytest.raises(ValueError, match="no machine client 'web'"):
            gateway.client_token("web")
        with pytest.raises(ValueError, match="no user client 'reports'"):
            gateway.user_token(client="reports")


def test_a_workspace_that_does_not_build_says_why(project: Path) -> None:
    spec = project / "specs/pets.yaml"
    spec.write_text(spec.read_text("utf-8").replace("x-required-scope: write", "x-required-scope: w rite"), "utf-8")
    with pytest.raises(WorkspaceError, match=r"specs/pets\.yaml:[0-9]+:[0-9]+: SG1"):
        LocalGateway(project)
    with pytest.raises(WorkspaceError):
        LocalGateway(project / "nowhere")


def test_the_table_of_scopegen_test_holds_here_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = copied("workspace", tmp_path / "workspace")
    output = built(workspace)
    monkeypatch.chdir(tmp_path)
    write(tmp_path, output / "access.json")
    with LocalGateway(workspace) as gateway:
        tokens = {name: gateway.user_token(*held, user=name.replace(" ", "-")) for name, held in USERS.items()}
        tokens |= {name: gateway.client_token(name) for name in MACHINES}
        urls = {name: gateway.url(name) for name in ("pets", "weather", "clinic")}
        said = asked(tmp_path, environment(tokens, urls))
        assert re.fullmatch(r"[0-9]+ passed in .*", said), said
        assert int(said.split()[0]) > 100
        wrong = {**tokens, "readers": tokens["writers"]}
        assert " failed" in asked(tmp_path, environment(wrong, urls))
