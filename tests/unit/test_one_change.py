"""What a team writes by hand: one endpoint with its permission is one change in one place, a whole system a few lines."""

import difflib
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from memory import compile_files, files

from scopegen.cli import main
from scopegen.diagnostics import Severity

ROOT = Path(__file__).parents[2]
ENDPOINT = """    delete:
      operationId: removePets
      x-required-scope: remove
      responses: {"204": {description: Gone}}
"""
# Two operations, each behind a permission of its own, and an application in which people sign in.
SPEC = """openapi: 3.0.3
info: {title: Pets, version: "1.0"}
x-resource-server: petsapi
paths:
  /pets:
    get:
      x-required-scope: read
      responses: {"200": {description: All pets}}
    post:
      x-required-scope: write
      responses: {"201": {description: The pet}}
"""
CONFIG = """permissions:
  ReadPetsAccess: [petsapi/read]
  WritePetsAccess: [petsapi/write]
clients:
  web: {kind: user, callback-urls: [https://app.example.com/callback]}
user-pool: {domain: pets-example}
"""


def test_one_more_endpoint_is_one_change_in_one_place(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("specs", "build"):
        shutil.copytree(ROOT / name, workspace / name)
    shutil.copy(ROOT / "scopegen.yaml", workspace)
    spec = workspace / "specs" / "pets.yaml"
    before = spec.read_text("utf-8")
    spec.write_text(before.replace("components:\n", ENDPOINT + "components:\n"), "utf-8")
    assert main(["build"]) == 0

    changes = list(difflib.unified_diff(before.splitlines(), spec.read_text("utf-8").splitlines(), n=0))
    assert len([line for line in changes if line.startswith("@@")]) == 1
    build = workspace / "build"
    rules = json.loads((build / "pets" / "openapi.json").read_bytes())["paths"]["/pets"]["delete"]["security"]
    assert rules == [{"CognitoAuthorizer": ["petsapi/remove"]}]
    identity = yaml.safe_load((build / "identity" / "template.yaml").read_bytes())["Resources"]
    scopes = identity["PetsapiResourceServer"]["Properties"]["Scopes"]
    assert [scope["ScopeName"] for scope in scopes] == ["read", "remove", "write"]
    assert re.search(r"'PetsAdmin': \([^)]*'petsapi/remove'", (build / "identity" / "scope_map.py").read_text("utf-8"))
    assert "DELETE /pets" in (build / "ACCESS.md").read_text("utf-8")
    assert "DELETE /pets" in capsys.readouterr().out


def test_without_grants_the_endpoint_brings_its_permission() -> None:
    made = files(compile_files({"specs/pets.yaml": SPEC + ENDPOINT}))
    groups = yaml.safe_load(made["identity/template.yaml"])["Resources"]
    assert "RemovePetsapiAccessGroup" in groups
    assert b"'RemovePetsapiAccess': ('petsapi/remove', )" in made["identity/scope_map.py"]


def test_the_lines_that_the_readme_counts() -> None:
    result = compile_files({"specs/pets.yaml": SPEC, "scopegen.yaml": CONFIG})
    assert files(result)
    assert [found for found in result.report.diagnostics if found.severity > Severity.NOTE] == []
    lines = len(SPEC.splitlines()) + len(CONFIG.splitlines())
    said = re.search(r"(\d+) lines by hand, (\d+) of them about authorization", (ROOT / "README.md").read_text("utf-8"))
    assert said is not None
    assert int(said[1]) == lines
    assert int(said[2]) == len(CONFIG.splitlines()) + len(re.findall("x-re", SPEC))
