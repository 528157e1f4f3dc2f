"""One run of the pipeline for a verb: its result, its findings as text."""

from dataclasses import dataclass, field

import click

from scopegen import pipeline
from scopegen.cli.progress import Progress
from scopegen.diagnostics import Severity, Stopped
from scopegen.locate import Found, UsageError
from scopegen.report import count, render
from scopegen.tree import DiskTree

SEVERITIES = {severity.word: severity for severity in Severity}


@dataclass(slots=True)
class Session:
    """One run over one workspace; `stopped` if a stage found an error."""

    found: Found
    result: pipeline.Result = field(default_factory=pipeline.Result)
    stopped: bool = False

    def findings(self, *, colour: bool) -> str:
        """All findings as text."""
        return render(self.result.report.diagnostics, self.result.sources, colour)

    def tally(self) -> str:
        """How many there are of each severity."""
        return count(self.result.report.diagnostics)

    def code(self, fail_on: str) -> int:
        return self.result.report.exit_code(SEVERITIES[fail_on])


def compile_workspace(found: Found, user_pool_arn: str = "") -> Session:
    """Run the pipeline; findings are in the session's report."""
    session = Session(found)
    try:
        with Progress() as progress:
            pipeline.run(DiskTree(found.root), found, session.result, user_pool_arn, progress.step)
    except Stopped:
        session.stopped = True
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    return session
