"""One run of the pipeline for a verb: its result, its findings as text."""

import os

import click

from scopegen import baseline, pipeline, triage
from scopegen.cli.options import cache_folder, today
from scopegen.cli.progress import Progress
from scopegen.diagnostics import Severity, Stopped, exit_code
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
        self.stopped = self.strict = False
        self.baseline = baseline.NONE
        self.choice = triage.EVERYTHING
        self.today = today()
        self._judged: tuple[object, triage.Verdict] | None = None

    @property
    def root(self) -> str:
        """The workspace as seen from the current folder; empty where it is that."""
        root = os.path.relpath(self.found.root).replace(os.sep, "/")
        return "" if root == "." else root

    def run(self) -> triage.Run:
        """What this run knew."""
        result = self.result
        return triage.Run(result.settings, result.operations, result.sources, self.stopped, self.strict)

    def verdict(self) -> triage.Verdict:
        """What is shown of all that was found until now; judged once as long as nothing is added."""
        found = self.result.report.diagnostics
        known = len(found), self.baseline, self.choice, self.strict, self.stopped
        if self._judged is None or self._judged[0] != known:
            self._judged = known, triage.judge(found, self.run(), self.baseline, self.choice, self.today)
        return self._judged[1]

    def findings(self, *, colour: bool) -> str:
        """The findings that are shown, as text."""
        return render(self.verdict().shown, self.result.sources, colour, self.root)

    def tally(self) -> str:
        """How many there are of each severity, and how many are not shown."""
        verdict = self.verdict()
        return "; ".join(filter(None, (count(verdict.shown), verdict.hidden)))

    def code(self, fail_on: str) -> int:
        return exit_code(self.verdict().shown, SEVERITIES[fail_on])


def compile_workspace(found: Found, user_pool_arn: str = "", *, use_baseline: bool = True) -> Session:
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
    if found.config and use_baseline:
        session.baseline = baseline.read(session.tree, session.result.sources, session.result.report)
    return session
