"""Workspaces of this folder, built by the command itself. In: the folder's name. Out: what `scopegen build` wrote."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from scopegen.cli import main

_HERE = Path(__file__).parent


def copied(name: str, target: Path) -> Path:
    """A copy of a workspace, to be changed and built; it ends at a `.git`, as a checkout does."""
    shutil.copytree(_HERE / name, target)
    (target / ".git").mkdir()
    return target


def replaced(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in a file exactly once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")


def built(workspace: Path) -> Path:
    """Run `scopegen build`, with a cache of its own; the output folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace)
        patch.setenv("XDG_CACHE_HOME", str(workspace / ".cache"))
        patch.setenv("NO_COLOR", "1")
        assert main(["build"]) == 0
    return workspace / "build"


def resources(template: Path) -> dict[str, Any]:
    """The resources of a template by logical id."""
    parsed: dict[str, Any] = yaml.safe_load(template.read_text("utf-8"))["Resources"]
    return parsed
