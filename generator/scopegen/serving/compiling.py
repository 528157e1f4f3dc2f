"""A workspace compiled to be served, over and over. In: a workspace. Out: Compiled: what runs, or why nothing does.

Nothing is written: what is served is what `build` would write, in memory.
"""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from scopegen import pipeline
from scopegen.diagnostics import Severity, Stopped
from scopegen.locate import Found
from scopegen.report import render
from scopegen.served import Served, served
from scopegen.tree import DiskTree, matching


class Compiled(NamedTuple):
    """`served` is None where an error stopped the line; `errors` is what is told of it, `code` the exit code for it.

    `tree` remembers what was read.
    """

    served: Served | None
    errors: str
    code: int
    tree: DiskTree


def compiled(found: Found, templates: str = "", colour: bool = False) -> Compiled:
    """Compile the workspace as it stands. UsageError where the command line cannot be meant."""
    tree, result = DiskTree(found.root), pipeline.Result()
    with contextlib.suppress(Stopped):
        pipeline.run(tree, found, result, compiled=templates)
    errors = [one for one in result.report.diagnostics if one.severity is Severity.ERROR]
    if result.build is None or errors:
        root = os.path.relpath(found.root).replace(os.sep, "/")
        text = render(errors, result.sources, colour, "" if root == "." else root)
        return Compiled(None, text, result.report.exit_code(), tree)
    named = {api.name for api in result.build.settings.apis if api.spec in found.specs}
    only = frozenset(named) if found.specs else None
    return Compiled(served(result.build, result.artifacts, only), "", 0, tree)


Stat = tuple[int, int, int] | None
Fingerprint = dict[str, Stat | tuple[str, ...]]


def fingerprint(found: Found, last: Compiled) -> Fingerprint:
    """How the files that the last run read look now: it differs when there is reason to compile again.

    After an error the folders count too: what was missing may come to be.
    """
    root = found.root
    files = {found.config, *found.specs, *last.tree.hashes} - {""}
    folders = {str(Path(name).parent) for name in files} if last.served is None else set()
    seen: Fingerprint = {name: _stat(root / name) for name in sorted(files | folders)}
    return seen | {f"{pattern} *": tuple(matching(root, pattern)) for pattern in sorted(last.tree.matches)}


def _stat(path: Path) -> Stat:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
