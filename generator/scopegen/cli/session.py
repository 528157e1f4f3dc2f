"""One run of the pipeline for a verb: its result, its findings as text."""

import os

import click

from scopegen import pipeline
from scopegen.cli.options import cache_folder
from scopegen.cli.progress import Progress
from scopegen.diagnostics import Severity, Stopped
from scopegen.locate import Found, UsageError
from scopegen.report import count, render
from scopegen.tree import DiskTree

SEVERITIES = {severity.word: severity for severity in Severity}


class Session:
    """One run over one workspace; `stopped` if a stage found an error."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.tree = DiskTree(found.root)
        self.result = pipeline.Result()
        self.stopped = False

    def findings(self, *, colour: bool) -> str:
        """All findings as text."""
        root = os.path.relpath(self.found.root).replace(os.sep, "/")
        return render(self.result.report.diagnostics, self.result.sources, colour, "" if root == "." else root)

    def tally(self) -> str:
        """How many there are of each severity."""
        return count(self.result.report.diagnostics)

    def code(self, fail_on: str) -> int:
        return self.result.report.exit_code(SEVERITIES[fail_on])


def compile_workspace(found: Found, user_pool_arn: str = "") -> Session:
    """Run the pipeline; findings are in the session's report."""
    session = Session(found)
    compiled = str(cache_folder() / "templates")
    try:
        with Progress() as progress:
            pipeline.run(session.tree, found, session.result, user_pool_arn, compiled, progress.step)
    except Stopped:
        session.stopped = True
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    return session
