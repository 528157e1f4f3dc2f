"""The end of a build, for people: what was written, what stayed, what changed for whom, what to run next."""

import os
import posixpath
import shlex
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopegen.artifacts import Build
from scopegen.cli.deploying import commands
from scopegen.locate import CONFIG_FILE, Found
from scopegen.model import Model, Public
from scopegen.output import Plan, State
from scopegen.quoting import json_literal
from scopegen.report import visible

if TYPE_CHECKING:
    from scopegen.review.lines import Line

_COLOURS = {"opened": "red", "broadened": "yellow", "changed": "yellow", "new": "green"}
_MOST = 30
_DIFF_LINES = 200
_FIRST_CLIENT = (
    f"no clients yet; these lines of {CONFIG_FILE} add one:",
    "  user-pool: {domain: a-prefix-of-yours}",
    "  clients:",
    "    web: {kind: user, callback-urls: [https://app.example.com/callback]}",
)


def text(plan: Plan, build: Build, before: Model | None, waiting: list[str], *, colour: bool) -> str:
    """The whole summary. `waiting` are the APIs that are not written now, though theirs is no longer what lies there."""
    todo = commands(plan, build, before, shown(plan.root))
    if waiting and todo:
        todo = [f"stale: {', '.join(waiting)}; `scopegen build` writes every API, and says how to deploy them together"]
    sections = [_files(plan), _counts(build), _changes(build, before, colour), todo]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def shown(root: Path) -> str:
    """The output folder as a person at this prompt would name it."""
    relative = os.path.relpath(root).replace(os.sep, "/")
    return str(root) if relative.startswith("../../..") else relative


def rebuild_command(found: Found, folder: str | None) -> str:
    """The command that makes these outputs again, from here."""
    words = ["scopegen", "build"]
    if not found.config:
        words += [os.path.relpath(found.root / spec).replace(os.sep, "/") for spec in found.specs]
    elif found.config != CONFIG_FILE or not Path.cwd().is_relative_to(found.root):
        words += ["--config", os.path.relpath(found.root / found.config).replace(os.sep, "/")]
    return shlex.join([*words, "-o", folder] if folder else words)


def diffs(plan: Plan) -> str:
    """What a build would change, as a unified diff; long ones are cut."""
    import difflib

    lines = []
    for entry in plan.changes:
        old, new = ((side or b"").decode("utf-8", "replace").splitlines() for side in (entry.old, entry.new))
        name = posixpath.join(shown(plan.root), entry.path)
        diff = [visible(line) for line in difflib.unified_diff(old, new, name, f"{name} (as built)", lineterm="", n=1)]
        lines += diff[:_DIFF_LINES]
        lines += [f"... {len(diff) - _DIFF_LINES} more lines"] if len(diff) > _DIFF_LINES else []
    return "".join(f"{line}\n" for line in lines)


def _files(plan: Plan) -> list[str]:
    words = {State.ORPHAN: "removed", State.KEPT: "no longer made; it was edited, so it stays"}
    lines = [
        f"{visible(posixpath.join(shown(plan.root), entry.path))}  {words.get(entry.state, 'written')}"
        for entry in plan.entries
        if entry.state is not State.FRESH
    ]
    fresh = len(plan.of(State.FRESH))
    if not lines:
        return [f"{shown(plan.root)}: {fresh} files, all up to date"]
    return lines + ([f"{fresh} more unchanged"] if fresh else [])


def _counts(build: Build) -> list[str]:
    model = build.model
    public = sum(isinstance(operation.requirement, Public) for operation in model.operations)
    numbers = [
        (len(model.operations), "operation"),
        (len(model.permissions), "permission"),
        (len(model.clients), "client"),
    ]
    lines = [
        ", ".join(f"{number} {word}{'s' if number != 1 else ''}" for number, word in numbers) + f"; {public} public"
    ]
    mocks = {api.name: _mocks(build, api.name) for api in build.settings.apis}
    if any(mocks.values()):
        named = ", ".join(f"{name} ({number})" for name, number in mocks.items() if number)
        lines.append(f"answered by a mock, for want of an integration: {named}")
    if not build.settings.file:
        lines += _FIRST_CLIENT
        specs = [api.spec for api in build.settings.apis]
        if not all(fnmatch(spec, "specs/*") for spec in specs):
            lines.append(f"  specs: {json_literal(specs)}")
    return lines


def _mocks(build: Build, api: str) -> int:
    """How many operations a supplied mock answers."""
    operations = [one for item in build.imports[api].paths.values() for one in item.values() if one.supplied]
    return len(operations) if build.settings.api(api).integration == "mock" else 0


def _changes(build: Build, before: Model | None, colour: bool) -> list[str]:
    if before is None or before is build.model:
        return []
    from scopegen.compare import compare
    from scopegen.review.lines import lines

    changes = lines(compare(before, build.model))
    told = ["what changed for whom"] if changes else []
    told += [_change(change, colour) for change in changes[:_MOST]]
    return told + ([f"  ... and {len(changes) - _MOST} more: see access.json"] if len(changes) > _MOST else [])


def _change(change: "Line", colour: bool) -> str:
    word = f"{change.kind:<9}"
    painted = click.style(word, fg=_COLOURS.get(change.kind, "cyan")) if colour else word
    return f"  {painted}  {visible(change.subject)}: {visible(change.detail)}"
