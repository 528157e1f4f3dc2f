"""The command among other programs: closed and full streams, readers that have gone, folders that are none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SPEC = """\
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      x-required-scope: a/b
      responses: {"200": {description: ok}}
"""


def shell(command: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a shell command in which `$S` is scopegen."""
    env = {**os.environ, "S": f"{sys.executable} -m scopegen", **environment}
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, errors="replace", check=False
    )


@pytest.fixture
def built(workspace: Path) -> Path:
    (workspace / "specs").mkdir()
    (workspace / "specs" / "pets.yaml").write_text(SPEC)
    (workspace / "scopegen.yaml").touch()
    assert shell("$S build", workspace).returncode == 0
    return workspace


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param("$S build --check >&-", 0, id="stdout is closed"),
        pytest.param("$S build --check 2>&-", 0, id="stderr is closed"),
        pytest.param("$S build --check >&- 2>&-", 0, id="both are closed"),
        pytest.param("$S lint nothing.yaml 2>&-", 2, id="stderr is closed and there is something to say"),
        pytest.param("$S rule | head -1 >/dev/null; exit ${PIPESTATUS[0]}", 0, id="the reader has gone"),
        pytest.param("$S --help | true; exit ${PIPESTATUS[0]}", 0, id="the reader of the help has gone"),
        pytest.param("rm -r specs; $S lint | true; exit ${PIPESTATUS[0]}", 2, id="the reader of bad news has gone"),
        pytest.param("$S build --config .", 2, id="a folder as configuration"),
        pytest.param("$S build --config /", 2, id="the root as configuration"),
        pytest.param("$S build -o ''", 2, id="an output folder without a name"),
        pytest.param("mkdir d; cd d; rmdir ../d; $S lint", 2, id="a current folder that is gone"),
    ],
)
def test_exit_codes(built: Path, command: str, code: int) -> None:
    result = shell(command, built)
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    assert "bug in scopegen" not in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["$S lint >/dev/full", "$S --help >/dev/full", "$S build nope.yaml 2>/dev/full"])
def test_a_full_disk_is_no_bug(built: Path, command: str) -> None:
    result = shell(command, built)
    assert result.returncode == 2
    assert "bug" not in result.stderr


def test_a_character_that_the_terminal_lacks(built: Path) -> None:
    (built / "specs" / "pets.yaml").write_text(SPEC.replace("/pets", "/\N{DOG FACE}"), "utf-8")
    result = shell("$S lint", built, PYTHONIOENCODING="latin-1")
    assert result.returncode == 1
    assert "\\U0001f436" in result.stdout


def test_findings_are_named_as_seen_from_here(built: Path) -> None:
    (built / "specs" / "pets.yaml").write_text(SPEC.replace("a/b", "''"))
    (built / "elsewhere").mkdir()
    result = shell("$S lint --config ../scopegen.yaml", built / "elsewhere")
    assert result.stdout.startswith("../specs/pets.yaml:6:")
    stale = shell("$S build --check --config ../scopegen.yaml", built / "elsewhere")
    assert stale.returncode == 1
