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


def test_nothing_is_written_through_a_link_that_waits_there(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    trap = tmp_path / f".a.{os.getpid()}.tmp"
    trap.symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        replace({tmp_path / "a": b"new"})
    assert (tmp_path / "victim").read_text() == "mine"
    assert trap.is_symlink()
    assert not (tmp_path / "a").exists()


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
