"""A memory of builds that changed nothing. In: a workspace, its arguments. Out: what the last build said, if all is as it was.

Everything a build reads and writes is held against the hashes of last time: its inputs, the files that its patterns
match, its outputs, scopegen itself. Deleting the memory costs nothing but time; a broken one is no memory.
"""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from scopegen.tree import matching

FORMAT = 2


class Stamp(NamedTuple):
    """What a build depended on and what it said. Paths of `files` are absolute; an absent file has the empty hash.

    `until` is the last day on which it would say the same, as `2027-01-31`; empty: any day.
    """

    tool: str
    root: str
    files: dict[str, str]
    matches: dict[str, list[str]]
    out: str
    err: str
    until: str = ""


def place(cache: Path, root: Path, arguments: Iterable[str]) -> Path:
    """Where the stamp of a workspace and a command line lies."""
    text = "\0".join([str(FORMAT), os.path.realpath(root), *arguments])
    return cache / f"{hashlib.sha256(text.encode(errors='surrogateescape')).hexdigest()[:32]}.json"


def recall(path: Path, today: str) -> Stamp | None:
    """The stamp, if everything is as it was when it was made; None otherwise."""
    try:
        stamp = Stamp(**json.loads(path.read_bytes()))
        root = Path(stamp.root)
        in_time = not stamp.until or today <= stamp.until
        same = in_time and stamp.tool == tool() and all(file_hash(name) == known for name, known in stamp.files.items())
        return stamp if same and all(matching(root, one) == known for one, known in stamp.matches.items()) else None
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def remember(path: Path, stamp: Stamp) -> None:
    """Keep a stamp; whoever cannot write it simply builds again next time."""
    staged = path.with_suffix(f".{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.write_text(json.dumps(stamp._asdict()), "utf-8")
        os.replace(staged, path)


def file_hash(name: str) -> str:
    """The hash of a file's bytes; empty where there is no file to read."""
    if not os.path.isfile(name):
        return ""
    try:
        with open(name, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return ""


@cache
def tool() -> str:
    """What scopegen itself is: its own files as they are on this disk, and the Python that runs them."""
    package = os.path.dirname(os.path.abspath(__file__))
    seen = hashlib.sha256(sys.version.encode())
    for folder in (package, os.path.join(package, os.pardir, os.pardir, "templates")):
        for entry in sorted(_files(folder)):
            seen.update(repr(entry).encode())
    return seen.hexdigest()


def _files(folder: str) -> Iterable[tuple[str, int, int]]:
    if not os.path.isdir(folder):
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns
