"""The hooks with the real pre-commit: they regenerate, fail when something changed, pass after."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONFIG = """repos:
  - repo: {repo}
    rev: {rev}
    hooks:
      - id: {hook}
"""
SPEC = """openapi: 3.0.3
info: {title: Toys, version: "1"}
paths:
  /toys:
    get: {x-required-scope: toys/read, responses: {"200": {description: All toys}}}
"""


def git(folder: Path, *words: str) -> str:
    settings = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "core.hooksPath=/dev/null",
    ]
    return subprocess.run(
        ["git", *settings, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """This checkout as it lies here, as a repository of hooks at one revision."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "hooks")
    return folder, git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the hooks that it has installed."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def project(workspace: Path) -> Path:
    """A repository that holds the worked example as it was built."""
    shutil.rmtree(workspace / ".git")
    for name in ("scopegen.yaml", "specs", "build"):
        source = ROOT / name
        shutil.copytree(source, workspace / name) if source.is_dir() else shutil.copy(source, workspace)
    git(workspace, "init", "-q")
    return workspace


def run(project: Path, hook: str, hooks: tuple[Path, str], home: Path) -> subprocess.CompletedProcess[str]:
    (project / ".pre-commit-config.yaml").write_text(CONFIG.format(repo=hooks[0], rev=hooks[1], hook=hook))
    git(project, "add", "-A")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {
        "PRE_COMMIT_HOME": str(home)
    }
    command = [sys.executable, "-m", "pre_commit", "run", "--color=never"]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_build_regenerates_on_a_changed_and_on_an_added_spec(
    project: Path, hooks: tuple[Path, str], home: Path
) -> None:
    assert run(project, "scopegen-build", hooks, home).returncode == 0
    pets = project / "specs" / "pets.yaml"
    for change in (
        lambda: pets.write_text(pets.read_text().replace("x-required-scope: read", "x-required-scope: write")),
        lambda: (project / "specs" / "toys.yaml").write_text(SPEC),
        lambda: (project / "specs" / "toys.yaml").unlink(),
    ):
        change()
        first = run(project, "scopegen-build", hooks, home)
        assert (first.returncode, "Failed" in first.stdout) == (1, True), first.stdout
        assert git(project, "diff", "--name-only", "--", "build")
        second = run(project, "scopegen-build", hooks, home)
        assert (second.returncode, "Passed" in second.stdout) == (0, True), second.stdout
    assert not (project / "build" / "toys").exists()


def test_check_fails_and_writes_nothing(project: Path, hooks: tuple[Path, str], home: Path) -> None:
    assert run(project, "scopegen-check", hooks, home).returncode == 0
    (project / "specs" / "toys.yaml").write_text(SPEC)
    before = {path: path.read_bytes() for path in (project / "build").rglob("*") if path.is_file()}
    result = run(project, "scopegen-check", hooks, home)
    assert result.returncode == 1
    assert "SG601" in result.stdout
    assert "run `scopegen build`" in result.stdout
    assert {path: path.read_bytes() for path in (project / "build").rglob("*") if path.is_file()} == before


def test_check_holds_on_a_checkout_with_other_line_ends_and_after_a_merge(
    project: Path, hooks: tuple[Path, str], home: Path
) -> None:
    git(project, "add", "-A")
    git(project, "commit", "-qm", "base")
    base = git(project, "rev-parse", "--abbrev-ref", "HEAD")
    for branch, path in (("left", "/cats"), ("right", "/dogs")):
        git(project, "checkout", "-q", "-b", branch, base)
        operation = '{x-required-scope: petsapi/read, responses: {"200": {description: ok}}}'
        (project / "specs" / f"{branch}.yaml").write_text(
            SPEC.replace("/toys", path).split("    get")[0] + f"    get: {operation}\n"
        )
        assert run(project, "scopegen-build", hooks, home).returncode == 1
        git(project, "add", "-A")
        git(project, "commit", "-qm", branch)
    merge = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "merge", "-q", "left"],
        cwd=project,
        capture_output=True,
        check=False,
    )
    assert merge.returncode in (0, 1)
    git(project, "add", "-A")
    assert run(project, "scopegen-check", hooks, home).returncode == (0 if merge.returncode == 0 else 1)
    run(project, "scopegen-build", hooks, home)
    assert run(project, "scopegen-check", hooks, home).returncode == 0
    for path in (project / "build").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert run(project, "scopegen-check", hooks, home).returncode == 0
