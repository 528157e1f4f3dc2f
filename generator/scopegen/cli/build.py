"""`scopegen build`: files on stdout, findings on stderr; with `--check` nothing is written."""

import difflib
import os
import posixpath
import sys
from pathlib import Path

import click

from scopegen import codes, output
from scopegen.artifacts import Artifact, Build
from scopegen.cli import session, summary
from scopegen.diagnostics import Location, Severity
from scopegen.ignored import is_ignored
from scopegen.output import State
from scopegen.previous import foreign_sources, previous_model

_SHARED = ("access.json", "ACCESS.md")
_DIFF_LINES = 200


@click.command(name="build")
@session.specs
@session.config
@click.option("-o", "--output", "folder", metavar="DIR", help="Write there instead of the workspace's output folder.")
@click.option("--check", is_flag=True, help="Write nothing; fail if the outputs are not what a build would write.")
@click.option("--exit-non-zero-on-change", is_flag=True, help="Fail if anything was written: for fixer hooks.")
@click.option("--force", is_flag=True, help="Overwrite outputs that were edited, or that belong to other specs.")
@click.option("--user-pool-arn", default="", metavar="ARN", help="Write this pool into the import spec (needs -o).")
@session.fail_on
def command(
    specs: tuple[str, ...],
    config: str | None,
    folder: str | None,
    check: bool,
    exit_non_zero_on_change: bool,
    force: bool,
    user_pool_arn: str,
    fail_on: str,
) -> int:
    """Write the import specs, the identity stack, the API stacks and the access files."""
    _check_arn(user_pool_arn, folder)
    run = session.compile_workspace(session.find(specs, config), user_pool_arn)
    build = run.result.build
    report = run.result.report
    try:
        if build is None or run.stopped:
            return _finish(run, fail_on)
        root = _root(run, build, folder)
        plan = output.plan(root, _wanted(run, build), prune=not run.found.specs or not run.found.config)
        _judge(run, plan, check=check, force=force)
        if is_ignored(root):
            shown = _shown(root)
            report.add(
                codes.IGNORED_OUTPUT.at(
                    Location(shown), f"git ignores `{shown}`", "commit it: reviewers read access there"
                )
            )
        code = _finish(run, fail_on)
        if check:
            _show_diffs(plan, root)
            return max(code, 1 if plan.changes else 0)
        if code:
            return code
        before = previous_model(root)
        output.write(plan)
    except output.OutputError as error:
        where = Location(folder or (build.settings.output if build else "build"))
        report.add(codes.UNWRITABLE_OUTPUT.at(where, str(error), "nothing is lost: correct it and build again"))
        return _finish(run, fail_on)
    click.echo(summary.text(plan, build, before, _shown(root), session.colour(sys.stdout)), nl=False)
    return 1 if exit_non_zero_on_change and plan.changes else 0


def _check_arn(arn: str, folder: str | None) -> None:
    import re

    if arn and not folder:
        raise click.UsageError("--user-pool-arn makes outputs for one environment: say where they go with -o DIR")
    if arn and not re.fullmatch(r"arn:[a-z-]+:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[A-Za-z0-9_-]+", arn):
        raise click.UsageError(f"{arn!r} is not the ARN of a user pool")


def _root(run: session.Session, build: Build, folder: str | None) -> Path:
    """The output folder: named by the user, else inside the workspace."""
    if folder is not None:
        return Path.cwd() / folder
    root = run.found.root / build.settings.output
    if not Path(os.path.realpath(root)).is_relative_to(os.path.realpath(run.found.root)):
        raise output.OutputError(f"`{build.settings.output}` leads out of the workspace")
    return root


def _wanted(run: session.Session, build: Build) -> tuple[Artifact, ...]:
    """With specs named: their APIs, the identity and the access files. Without: everything."""
    names = {api.name for api in build.settings.apis if not run.found.specs or api.spec in run.found.specs} | {
        "identity"
    }
    return tuple(one for one in run.result.artifacts if one.path in _SHARED or one.path.partition("/")[0] in names)


def _judge(run: session.Session, plan: output.Plan, *, check: bool, force: bool) -> None:
    """Report what stands between this build and its outputs."""
    report, shown = run.result.report, _shown(plan.root)
    command = summary.rebuild_command(run.found)
    if run.result.build is not None and not run.found.config and not force:
        for spec in foreign_sources(plan.root, run.result.build):
            hint = f"build them together, write a {codes.CONFIG}, or use -o"
            message = f"`{shown}` holds the identity of `{spec}`, which this build does not know"
            report.add(codes.FOREIGN_OUTPUT.at(Location(shown), message, hint))
    for entry in plan.changes:
        where = Location(posixpath.join(shown, entry.path))
        if entry.state is State.EDITED and not (force and not check):
            hint = f"change the spec or {codes.CONFIG} instead; `{command} --force` overwrites the edit"
            report.add(codes.EDITED_OUTPUT.at(where, f"`{entry.path}` was edited after it was built", hint))
        elif check:
            what = {State.NEW: "is missing", State.ORPHAN: "is no longer made"}.get(entry.state, "is stale")
            report.add(codes.STALE_OUTPUT.at(where, f"`{entry.path}` {what}", f"run `{command}`"))


def _finish(run: session.Session, fail_on: str) -> int:
    text = session.findings(run, to_stderr=True)
    if text:
        click.echo(text, err=True)
    code = run.result.report.exit_code(session.SEVERITIES[fail_on])
    if code:
        errors = [one for one in run.result.report.diagnostics if one.severity is Severity.ERROR]
        click.echo(f"{session.tally(run)}; nothing was written" if errors else session.tally(run), err=True)
    return code


def _show_diffs(plan: output.Plan, root: Path) -> None:
    shown = _shown(root)
    for entry in plan.changes:
        old, new = ((side or b"").decode("utf-8", "replace").splitlines() for side in (entry.old, entry.new))
        name = posixpath.join(shown, entry.path)
        lines = list(difflib.unified_diff(old, new, name, f"{name} (as built)", lineterm="", n=1))
        for line in lines[:_DIFF_LINES]:
            click.echo(summary.clean(line))
        if len(lines) > _DIFF_LINES:
            click.echo(f"... {len(lines) - _DIFF_LINES} more lines")


def _shown(root: Path) -> str:
    """The folder as a person at this prompt would name it."""
    relative = os.path.relpath(root).replace(os.sep, "/")
    return relative if not relative.startswith("../../..") else str(root)
