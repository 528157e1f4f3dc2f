"""Artifacts -> files. In: what a build made, and what lies in the output folder. Out: a Plan; then, all or nothing, the files.

The manifest says which bytes are ours. A file that is neither that nor what this build writes has been edited: it is
never overwritten unasked. Line ends are not compared, since a checkout may have changed them.
"""

import contextlib
import hashlib
import os
import re
import time
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from scopegen.artifacts import Artifact
from scopegen.quoting import json_lined
from scopegen.tree import refusal

MANIFEST = ".scopegen.json"
_ENTRY = re.compile(r'"((?:[^"\\]|\\.)+)":\s*"([0-9a-f]{64})"')
_CONFLICT = re.compile(rb"^(<{7}|>{7}|={7})( |$)", re.MULTILINE)
_STAGING = ".scopegen-*.tmp"
_ABANDONED_AFTER = 3600


class State(Enum):
    """What an output file is, against what this build would write."""

    FRESH = "unchanged"
    NEW = "new"
    STALE = "stale"
    EDITED = "edited"
    ORPHAN = "removed"
    KEPT = "kept"


class OutputError(Exception):
    """Why the output folder cannot be written, as a phrase; `written` files were replaced before it was known."""

    def __init__(self, reason: str, written: int = 0) -> None:
        super().__init__(reason)
        self.written = written


class Entry(NamedTuple):
    """One file of the plan: `old` is what lies there, `new` what belongs there; None where nothing does."""

    path: str
    state: State
    old: bytes | None
    new: bytes | None


class Plan(NamedTuple):
    """Everything a build would do to an output folder, in the order of the paths, and the manifest it would leave."""

    root: Path
    entries: tuple[Entry, ...]
    manifest: bytes
    old_manifest: bytes

    def of(self, *states: State) -> list[Entry]:
        return [entry for entry in self.entries if entry.state in states]

    @property
    def changes(self) -> list[Entry]:
        """What is not as this build leaves it."""
        return self.of(State.NEW, State.STALE, State.EDITED, State.ORPHAN)


def digest(content: bytes) -> str:
    """The hash by which the manifest knows a file; the same for every kind of line end."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def plan(root: Path, artifacts: Iterable[Artifact], *, prune: bool) -> Plan:
    """What writing `artifacts` to `root` comes to. Only with `prune` are files removed that are ours and no longer made."""
    known = read_manifest(root)
    made = {artifact.path: artifact.content for artifact in artifacts}
    entries = [_entry(root, path, content, known.get(path, frozenset())) for path, content in sorted(made.items())]
    manifest = {path: digest(content) for path, content in made.items()}
    for path in sorted(known.keys() - made.keys()):
        orphan = _orphan(root, path, known[path]) if prune else []
        entries += orphan
        if not prune or (orphan and orphan[0].state is State.KEPT):
            manifest[path] = min(known[path])
    old = (_read(root / MANIFEST) or b"").replace(b"\r\n", b"\n")
    return Plan(root, tuple(entries), json_lined(manifest, {}).encode(), old)


def read_manifest(root: Path) -> dict[str, frozenset[str]]:
    """Path -> the hashes it is known by: more than one while a merge is unresolved. Empty where there is no manifest."""
    content = _read(root / MANIFEST) or b""
    found: dict[str, set[str]] = {}
    for path, known in _ENTRY.findall(content.decode("utf-8", "replace")):
        found.setdefault(path, set()).add(known)
    return {path: frozenset(known) for path, known in found.items() if _is_below(path)}


def _is_below(path: str) -> bool:
    normal = os.path.normpath(path)
    return normal == path.replace("/", os.sep) and not os.path.isabs(normal) and normal != "." and normal[:2] != ".."


def _entry(root: Path, path: str, content: bytes, known: frozenset[str]) -> Entry:
    old = _read(_inside(root, path))
    if old is None:
        state = State.NEW
    elif digest(old) == digest(content):
        state = State.FRESH
    elif digest(old) in known or _CONFLICT.search(old):
        state = State.STALE
    else:
        state = State.EDITED
    return Entry(path, state, old, content)


def _orphan(root: Path, path: str, known: frozenset[str]) -> list[Entry]:
    old = _read(_inside(root, path))
    if old is None:
        return []
    return [Entry(path, State.ORPHAN if digest(old) in known else State.KEPT, old, None)]


def _inside(root: Path, path: str) -> Path:
    """The file of an output path; OutputError where a symbolic link would lead out of the folder."""
    folders = Path(path).parents
    if any((root / folder).is_symlink() for folder in folders[:-1]):
        raise OutputError(f"`{path}` leads out of the output folder")
    return root / path


def _read(path: Path) -> bytes | None:
    try:
        if path.is_symlink() or not path.exists():
            return None
        if not path.is_file():
            raise OutputError(f"`{path.name}` is no regular file")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(f"`{path.name}`: {refusal(error)}") from None


def write(todo: Plan) -> None:
    """Carry a plan out: stage everything, then replace file by file, the manifest last. OutputError if it cannot be done.

    Before the first file is replaced the manifest comes to know both the old ones and the new, so that whatever a
    killed build leaves is known for ours.
    """
    files = [(entry.path, entry.new) for entry in todo.changes if entry.new is not None]
    if files and todo.old_manifest:
        files.insert(0, (MANIFEST, todo.old_manifest + todo.manifest))
    if files or todo.old_manifest != todo.manifest:
        files.append((MANIFEST, todo.manifest))
    removed = todo.of(State.ORPHAN)  # a file that goes also leaves the manifest, which is therefore written
    if not files:
        return
    staging = todo.root / _STAGING.replace("*", str(os.getpid()))
    written = 0
    try:
        todo.root.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(todo.root)
        staging.mkdir()
        for number, (_, content) in enumerate(files):
            (staging / str(number)).write_bytes(content)
        for path, _ in files:
            _inside(todo.root, path).parent.mkdir(parents=True, exist_ok=True)
        for number, (path, _) in enumerate(files):
            if number == len(files) - 1:
                _remove(todo.root, removed)
            os.replace(staging / str(number), _inside(todo.root, path))
            written += path != MANIFEST
    except OSError as error:
        name = os.path.basename(str(error.filename2 or error.filename or todo.root))
        raise OutputError(f"`{name}`: {refusal(error)}", written) from None
    finally:
        _delete(staging)


def _remove(root: Path, orphans: list[Entry]) -> None:
    for entry in orphans:
        path = _inside(root, entry.path)
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            path.parent.rmdir()


def _clear_abandoned(root: Path) -> None:
    """Staging folders of builds that were killed; a build takes no hour."""
    for folder in root.glob(_STAGING):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _ABANDONED_AFTER:
                _delete(folder)


def _delete(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
