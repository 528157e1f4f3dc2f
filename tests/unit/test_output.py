"""The output folder: all or nothing, never somebody else's work, never outside."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from scopegen import output
from scopegen.artifacts import Artifact
from scopegen.output import OutputError, State

ONE, TWO = Artifact("a/one.json", b"1\n"), Artifact("two.md", b"2\n")


def build(root: Path, *artifacts: Artifact, prune: bool = True) -> output.Plan:
    plan = output.plan(root, artifacts, prune=prune)
    output.write(plan)
    return plan


def states(root: Path, *artifacts: Artifact) -> dict[str, State]:
    return {entry.path: entry.state for entry in output.plan(root, artifacts, prune=True).entries}


def content(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_second_build_writes_nothing(tmp_path: Path) -> None:
    build(tmp_path, ONE, TWO)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert build(tmp_path, ONE, TWO).changes == []
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_line_ends_of_a_checkout_are_no_change(tmp_path: Path) -> None:
    build(tmp_path, ONE, TWO)
    for path in tmp_path.rglob("*.*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    before = content(tmp_path)
    assert set(states(tmp_path, ONE, TWO).values()) == {State.FRESH}
    build(tmp_path, ONE, TWO)
    assert content(tmp_path) == before
    assert states(tmp_path, Artifact(ONE.path, b"new\n"))[ONE.path] is State.STALE


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        pytest.param(b"edited\n", State.EDITED, id="an edit"),
        pytest.param(b"<<<<<<< ours\n1\n=======\n3\n>>>>>>> theirs\n", State.STALE, id="conflict markers"),
        pytest.param(b"new\n", State.FRESH, id="already what this build would write"),
        pytest.param(b"", State.EDITED, id="an empty file"),
    ],
)
def test_what_lies_there(tmp_path: Path, changed: bytes, state: State) -> None:
    build(tmp_path, ONE)
    (tmp_path / ONE.path).write_bytes(changed)
    assert states(tmp_path, Artifact(ONE.path, b"new\n"))[ONE.path] is state


def test_a_file_that_is_not_ours_is_an_edit(tmp_path: Path) -> None:
    (tmp_path / "two.md").write_text("mine")
    assert states(tmp_path, TWO)["two.md"] is State.EDITED


def test_a_manifest_in_conflict_knows_both_sides(tmp_path: Path) -> None:
    build(tmp_path, ONE)
    ours = (tmp_path / output.MANIFEST).read_text()
    build(tmp_path, Artifact(ONE.path, b"theirs\n"))
    theirs = (tmp_path / output.MANIFEST).read_text()
    (tmp_path / output.MANIFEST).write_text(f"<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n")
    for side in (b"1\n", b"theirs\n"):
        (tmp_path / ONE.path).write_bytes(side)
        assert states(tmp_path, Artifact(ONE.path, b"merged\n"))[ONE.path] is State.STALE


def test_only_listed_and_unmodified_files_are_removed(tmp_path: Path) -> None:
    build(tmp_path, ONE, TWO, Artifact("b/three.md", b"3\n"))
    (tmp_path / "b" / "three.md").write_bytes(b"edited\n")
    (tmp_path / "a" / "mine.txt").write_bytes(b"mine\n")
    build(tmp_path, TWO)
    assert set(content(tmp_path)) == {"two.md", "b/three.md", "a/mine.txt", output.MANIFEST}


def test_without_prune_nothing_is_removed_and_all_stays_ours(tmp_path: Path) -> None:
    build(tmp_path, ONE, TWO)
    build(tmp_path, TWO, prune=False)
    assert set(json.loads((tmp_path / output.MANIFEST).read_text())) == {ONE.path, TWO.path}
    build(tmp_path, TWO)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/hostname", "a/../../outside.txt", "./a", "a//b"])
def test_a_manifest_that_points_outside_removes_nothing(tmp_path: Path, path: str) -> None:
    root = tmp_path / "build"
    build(root, TWO)
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    (root / output.MANIFEST).write_text(json.dumps({path: output.digest(b"x")}))
    build(root, TWO)
    assert outside.exists()


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    root = tmp_path / "build"
    root.mkdir()
    (root / "a").symlink_to(elsewhere)
    with pytest.raises(OutputError, match="leads out"):
        build(root, ONE)
    assert list(elsewhere.iterdir()) == []


def test_a_linked_file_is_replaced_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    root = tmp_path / "build"
    root.mkdir()
    (root / "two.md").symlink_to(victim)
    build(root, TWO)
    assert victim.read_text() == "untouched"
    assert (root / "two.md").read_bytes() == b"2\n"
    assert not (root / "two.md").is_symlink()


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, ONE, TWO)
    before = content(tmp_path)

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="no space left"):
        build(tmp_path, Artifact(ONE.path, b"new\n"), Artifact(TWO.path, b"new\n"))
    assert content(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([output.MANIFEST, "a", "two.md"])


@pytest.mark.parametrize("fails_at", [0, 1, 2])
def test_a_failure_between_two_files_leaves_whole_files(
    tmp_path: Path, fails_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, ONE, TWO)
    replaced: list[Any] = []
    real = os.replace

    def replace(source: Any, target: Any) -> None:
        if len(replaced) == fails_at:
            raise OSError(5, "Input/output error", str(source))
        replaced.append(target)
        real(source, target)

    new = Artifact(ONE.path, b"new 1\n"), Artifact(TWO.path, b"new 2\n")
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replace)
        with pytest.raises(OutputError):
            build(tmp_path, *new)
    assert (tmp_path / ONE.path).read_bytes() in (b"1\n", b"new 1\n")
    assert (tmp_path / TWO.path).read_bytes() in (b"2\n", b"new 2\n")
    assert all(state in (State.STALE, State.FRESH) for state in states(tmp_path, *new).values())
    build(tmp_path, *new)
    assert set(states(tmp_path, *new).values()) == {State.FRESH}


SLOW = """
import os, sys, time
from pathlib import Path
from scopegen import output
from scopegen.artifacts import Artifact
real = os.replace
def slow(source, target):
    real(source, target)
    if not str(target).endswith(output.MANIFEST):
        print("replaced", flush=True)
        time.sleep(60)
os.replace = slow
output.write(output.plan(Path(sys.argv[1]), [Artifact("a/one.json", b"new\\n"), Artifact("two.md", b"new\\n")], prune=True))
"""


def test_a_kill_in_the_middle_leaves_whole_files_that_are_stale(tmp_path: Path) -> None:
    build(tmp_path, ONE, TWO)
    with subprocess.Popen([sys.executable, "-c", SLOW, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"replaced\n"
        process.send_signal(signal.SIGKILL)
    new = Artifact("a/one.json", b"new\n"), Artifact("two.md", b"new\n")
    assert states(tmp_path, *new) == {"a/one.json": State.FRESH, "two.md": State.STALE}
    # Whatever the next build writes: the half that is new is known for ours.
    later = Artifact("a/one.json", b"later\n"), Artifact("two.md", b"later\n")
    assert set(states(tmp_path, *later).values()) == {State.STALE}
    assert set(states(tmp_path, ONE, TWO).values()) == {State.STALE, State.FRESH}
    leftover = next(tmp_path.glob(".scopegen-*.tmp"))
    os.utime(leftover, (time.time() - 7200, time.time() - 7200))
    build(tmp_path, *new)
    assert set(content(tmp_path)) == {"a/one.json", "two.md", output.MANIFEST}


def test_builds_at_the_same_time_leave_one_whole_result(tmp_path: Path) -> None:
    script = (
        SLOW.replace("time.sleep(60)", "pass")
        .replace('print("replaced", flush=True)', "pass")
        .replace("new", "'+sys.argv[2]+'")
    )
    script = script.replace("b\"'+sys.argv[2]+'\\n\"", '(sys.argv[2] * 100000 + "\\n").encode()')
    runs = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(number % 2)]) for number in range(8)]
    assert [run.wait() for run in runs] == [0] * 8
    for name in ("a/one.json", "two.md"):
        assert (tmp_path / name).read_bytes() in (b"0" * 100000 + b"\n", b"1" * 100000 + b"\n")
    assert list(tmp_path.glob(".scopegen-*.tmp")) == []


@pytest.mark.parametrize("what", ["file", "readonly"])
def test_a_folder_that_cannot_be_written(tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "build"
    if what == "file":
        root.write_text("a file")
    else:
        monkeypatch.setattr(
            Path, "mkdir", lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "Permission denied", "build"))
        )
    with pytest.raises(OutputError):
        build(root, ONE)
