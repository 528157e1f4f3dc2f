"""What every verb that reads a workspace shares: find it, run the pipeline, show the findings."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from scopegen import pipeline, workspace
from scopegen.cli.progress import Progress
from scopegen.diagnostics import Severity, Stopped
from scopegen.report import count, render
from scopegen.tree import DiskTree

SEVERITIES = {severity.word: severity for severity in Severity}
fail_on = click.option(
    "--fail-on",
    type=click.Choice(list(SEVERITIES)),
    default="error",
    show_default=True,
    help="The mildest finding that makes the command fail.",
)
config = click.option("--config", metavar="FILE", help="The scopegen.yaml to use, instead of the nearest one.")
specs = click.argument("specs", nargs=-1, metavar="[SPEC]...")


@dataclass(slots=True)
class Session:
    """One run over one workspace."""

    found: workspace.Found
    result: pipeline.Result
    stopped: bool


def find(paths: Sequence[str], config_file: str | None) -> workspace.Found:
    """The workspace that the arguments mean."""
    try:
        return workspace.find(paths, config_file, Path.cwd())
    except workspace.UsageError as error:
        raise click.UsageError(str(error)) from None


def compile_workspace(found: workspace.Found, user_pool_arn: str = "") -> Session:
    """Run the pipeline; findings are in the session's report."""
    session = Session(found, pipeline.Result(), stopped=False)
    try:
        with Progress() as progress:
            pipeline.run(DiskTree(found.root), found, session.result, user_pool_arn, progress.step)
    except Stopped:
        session.stopped = True
    except workspace.UsageError as error:
        raise click.UsageError(str(error)) from None
    return session


def findings(session: Session, *, to_stderr: bool) -> str:
    """All findings as text for that stream."""
    return render(
        session.result.report.diagnostics, session.result.sources, colour(sys.stderr if to_stderr else sys.stdout)
    )


def tally(session: Session) -> str:
    return count(session.result.report.diagnostics)


def colour(stream: object) -> bool:
    """Colour only for a person at a terminal."""
    plain = "NO_COLOR" in os.environ or "CI" in os.environ or os.environ.get("TERM") == "dumb"
    return not plain and bool(getattr(stream, "isatty", lambda: False)())
