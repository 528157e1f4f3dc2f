"""A remembered build is only believed while everything it depended on is as it was."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scopegen import stamp
from scopegen.cli import main, options

SPEC = """openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get: {x-required-scope: petsapi/read, responses: {"200": {description: ok}}}
    post: {$ref: "../parts/post.yaml"}
"""
POST = 'x-required-scope: petsapi/write\nresponses: {"200": {description: ok}}\n'


@pytest.fixture
def built(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """A workspace that was built; calling it builds again and says whether the pipeline ran."""
    (workspace / "specs").mkdir()
    (workspace / "specs" / "pets.yaml").write_text(SPEC.replace('    post: {$ref: "../parts/post.yaml"}\n', ""))
    (workspace / "scopegen.yaml").write_text("permissions: {Reader: [petsapi/read]}\n")
    assert main(["build"]) == 0
    ran = []
    from scopegen.cli import building

    real = building.compile_workspace
    monkeypatch.setattr(building, "compile_workspace", lambda *arguments: ran.append(1) or real(*arguments))

    def again() -> bool:
        ran.clear()
        main(["build"])
        return bool(ran)

    return again


def test_an_unchanged_workspace_is_not_read_again(
    built: Callable[[], bool], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not built()
    assert "6 files, all up to date" in capsys.readouterr().out


CHANGES: dict[str, Callable[[Path], object]] = {
    "a spec": lambda root: (root / "specs/pets.yaml").write_text(SPEC.split("    post")[0] + "# more\n"),
    "a spec more": lambda root: (root / "specs/toys.yaml").write_text(SPEC.split("    post")[0]),
    "the configuration": lambda root: (root / "scopegen.yaml").write_text("permissions: {}\n"),
    "an output": lambda root: (root / "build/access.json").write_text("{}"),
    "an output less": lambda root: (root / "build/pets/openapi.json").unlink(),
    "the manifest": lambda root: (root / "build/.scopegen.json").write_text("{}"),
    "what git ignores": lambda root: (root / ".gitignore").write_text("build\n"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(what: str, built: Callable[[], bool], workspace: Path) -> None:
    CHANGES[what](workspace)
    assert built()


def test_a_broken_or_foreign_stamp_is_no_stamp(built: Callable[[], bool], workspace: Path) -> None:
    (kept,) = options.cache_folder().glob("*.json")
    for content in (
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"tool": 1}',
        json.dumps(json.loads(kept.read_text()) | {"tool": "x"}),
    ):
        kept.write_text(content)
        assert built()
        assert not built()


def test_the_gate_remembers_nothing(built: Callable[[], bool], workspace: Path) -> None:
    (kept,) = options.cache_folder().glob("*.json")
    known = json.loads(kept.read_text())
    spec = str(workspace / "specs/pets.yaml")
    (workspace / "specs/pets.yaml").write_text(SPEC.split("    post")[0].replace("read", "write"))
    known["files"][spec] = stamp.file_hash(spec)
    kept.write_text(json.dumps(known))
    assert main(["build", "--check"]) == 1


def test_a_cache_that_cannot_be_written_is_done_without(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (workspace / "pets.yaml").write_text(SPEC.split("    post")[0])
    assert main(["build", "pets.yaml"]) == 0
    assert main(["build", "pets.yaml"]) == 0


def test_findings_are_said_again(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "pets.yaml").write_text(SPEC.split("    post")[0].replace("get:", "delete:"))
    said = [(main(["build", "pets.yaml"]), capsys.readouterr().err)[1] for _ in range(3)]
    assert "SG117" in said[0]
    assert said[0] == said[1] == said[2]


def test_the_place_depends_on_workspace_and_arguments(tmp_path: Path) -> None:
    places = {
        stamp.place(tmp_path, root, words)
        for root in (tmp_path, tmp_path / "x")
        for words in ((), ("a",), ("a", "b"), ("ab",))
    }
    assert len(places) == 8
