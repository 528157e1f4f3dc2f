"""A file is replaced whole or not at all."""

import os
from pathlib import Path

import pytest

from scopegen.cli import main
from scopegen.replacing import replace


def test_files_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    replace({tmp_path / "a": b"new", tmp_path / "b": b"more"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "new", "b": "more"}


def test_what_cannot_be_staged_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(OSError, match="No such file"):
        replace({tmp_path / "a": b"new", tmp_path / "nowhere" / "b": b"more"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old"}


def test_nothing_is_written_through_a_link_that_waits_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "victim").write_text("mine")
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    trap = tmp_path / ".a.guessed.tmp"
    trap.symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        replace({tmp_path / "a": b"new"})
    assert (tmp_path / "victim").read_text() == "mine"
    assert trap.is_symlink()
    assert not (tmp_path / "a").exists()


def test_what_a_killed_run_with_our_number_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f".a.{os.getpid()}.tmp").write_text("half")
    replace({tmp_path / "a": b"new"})
    assert (tmp_path / "a").read_text() == "new"


def test_a_file_that_is_not_to_be_written_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "a").chmod(0o444)
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write anything
    with pytest.raises(PermissionError):
        replace({tmp_path / "a": b"new"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old"}


def test_a_baseline_leads_nowhere_else(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = workspace / "inner"
    (inner / "specs").mkdir(parents=True)
    (inner / "specs/pets.yaml").write_text(
        'openapi: 3.0.3\ninfo: {title: P, version: "1"}\npaths:\n  /a:\n    delete: {x-required-scope: a/read, responses: {"200": {description: ok}}}\n'
    )
    (inner / "scopegen.yaml").write_text("{}\n")
    (workspace / "victim").write_text("mine")
    (inner / "scopegen-baseline.json").symlink_to(workspace / "victim")
    assert main(["lint", "--write-baseline", "--config", "inner/scopegen.yaml"]) == 2
    assert "leads out of the workspace" in capsys.readouterr().err
    assert (workspace / "victim").read_text() == "mine"


def test_a_baseline_that_cannot_be_written_is_told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "specs").mkdir()
    (workspace / "specs/pets.yaml").write_text(
        'openapi: 3.0.3\ninfo: {title: P, version: "1"}\npaths:\n  /a:\n    get: {x-required-scope: a/b, responses: {"200": {description: ok}}}\n'
    )
    (workspace / "scopegen.yaml").write_text("{}\n")
    (workspace / "scopegen-baseline.json").mkdir()
    assert main(["lint", "--write-baseline"]) == 2
    assert "scopegen-baseline.json" in capsys.readouterr().err
    assert sorted(path.name for path in workspace.iterdir()) == [
        ".git",
        "scopegen-baseline.json",
        "scopegen.yaml",
        "specs",
    ]


def test_without_a_configuration_there_is_no_place_for_a_baseline(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "pets.yaml").write_text("openapi: 3.0.3\n")
    assert main(["lint", "--write-baseline", "pets.yaml"]) == 2
    assert "a baseline lies beside scopegen.yaml" in capsys.readouterr().err
