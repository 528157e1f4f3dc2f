"""Which findings are shown. In: all of them, what the workspace and the command line say about them. Out: a Verdict.

The one place that hides anything, for `lint` and `build` alike. It never hides and never lowers what a guard finds, nor
an error: an error stops the line, so that hiding it would hide every guard that stands behind it. The one exception are
the errors that only `lint --strict` finds, which stop nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from scopegen import codes
from scopegen.baseline import Baseline, stale
from scopegen.codes import RULES
from scopegen.diagnostics import Diagnostic, Severity
from scopegen.formats.findings import Finding, findings
from scopegen.model import Operation
from scopegen.settings import Override, Settings
from scopegen.source import Source
from scopegen.suppressions import matched, unanswered

_STRICT = codes.STRICT_FINDING.code
# Found by other commands than `lint`, so that their absence says nothing.
_ELSEWHERE = ("SG4", "SG5", "SG6")


class Run(NamedTuple):
    """What a run knew: its settings, its operations, its sources; if an error `stopped` it; if it was `strict`."""

    settings: Settings
    operations: Sequence[Operation]
    sources: Mapping[str, Source]
    stopped: bool
    strict: bool = False

    def looked_for(self, code: str) -> bool:
        """Whether the absence of a finding of a rule means anything."""
        return not self.stopped and not code.startswith(_ELSEWHERE) and (self.strict or code != _STRICT)


class Choice(NamedTuple):
    """Prefixes of codes that a person wants to see, and not to see; the longer of two that fit counts."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def shows(self, code: str) -> bool:
        chosen = max((len(one) for one in self.select if code.startswith(one)), default=-1 if self.select else 0)
        ignored = max((len(one) for one in self.ignore if code.startswith(one)), default=-1)
        return chosen > ignored


EVERYTHING = Choice()


class Verdict(NamedTuple):
    """What is shown, and how many findings are only counted."""

    shown: list[Diagnostic]
    suppressed: int = 0
    known: int = 0
    ignored: int = 0

    @property
    def hidden(self) -> str:
        """`12 findings of the baseline, 1 suppressed`; empty where nothing is hidden."""
        baseline = f"{self.known} finding{'s' if self.known != 1 else ''} of the baseline" if self.known else ""
        suppressed = f"{self.suppressed} suppressed" if self.suppressed else ""
        ignored = f"{self.ignored} not selected" if self.ignored else ""
        return ", ".join(filter(None, (baseline, suppressed, ignored)))


def judge(diagnostics: Sequence[Diagnostic], run: Run, baseline: Baseline, choice: Choice, today: str) -> Verdict:
    """Suppressions first, then the baseline, then severities, then the choice of the command line."""
    lint = run.settings.lint
    free = [one for one in diagnostics if can_hide(one)]
    covered = matched(lint.suppressions, free, run.settings, run.operations, today)
    suppressed = {one for found in covered.values() for one in found}
    found = {one.fingerprint: one.diagnostic for one in findings(diagnostics, run.sources)} if baseline.known else {}
    # An entry that calls its finding by another code would mislead whoever reviews it.
    marks = {
        mark: one for mark, one in found.items() if mark in baseline.known and baseline.known[mark].code == one.code
    }
    known = {one for one in marks.values() if can_hide(one)} - suppressed
    own = [
        *_without_effect(lint.overrides),
        *unanswered(lint.suppressions, covered, run.operations, today, run.looked_for),
        *stale(baseline, marks, run.looked_for),
    ]
    left = [one for one in (*diagnostics, *own) if one not in suppressed and one not in known]
    chosen = [one for one in left if not can_hide(one) or choice.shows(one.code)]
    severities = {one.rule: one.severity for one in lint.overrides}
    return Verdict(list(_graded(chosen, severities)), len(suppressed), len(known), len(left) - len(chosen))


def for_baseline(diagnostics: Sequence[Diagnostic], run: Run, today: str) -> list[Finding]:
    """What a baseline takes in: all that may be hidden and that no suppression covers."""
    free = [one for one in diagnostics if can_hide(one)]
    covered = matched(run.settings.lint.suppressions, free, run.settings, run.operations, today)
    suppressed = {one for found in covered.values() for one in found}
    marked = findings(diagnostics, run.sources)
    return [one for one in marked if can_hide(one.diagnostic) and one.diagnostic not in suppressed]


def can_hide(diagnostic: Diagnostic) -> bool:
    """Whether a finding may be hidden or lowered at all. A rule that is not known is taken for a guard."""
    rule = RULES.get(diagnostic.code)
    stops = diagnostic.severity is Severity.ERROR and diagnostic.code != _STRICT
    return rule is not None and not rule.guard and not stops


def _graded(diagnostics: Iterable[Diagnostic], severities: Mapping[str, Severity]) -> Iterator[Diagnostic]:
    """Findings with the severities that the workspace gives them; what may not be lowered is only raised."""
    for one in diagnostics:
        wanted = severities.get(one.code, one.severity)
        graded = wanted if can_hide(one) else max(wanted, one.severity)
        yield one if graded is one.severity else one._replace(severity=graded)


def _without_effect(overrides: Iterable[Override]) -> Iterator[Diagnostic]:
    """SG024 for severities that change nothing, since an error stops a build whatever it is called."""
    for one in overrides:
        if stops_build(one.rule) and one.severity < Severity.ERROR:
            message = f"`{one.rule}` stops a build: calling it a {one.severity.word} changes nothing"
            yield codes.UNUSED_SUPPRESSION.at(one.location, message, "remove the line")


def stops_build(code: str) -> bool:
    """Whether what a rule finds stops a build; guards are told of when the configuration is read."""
    return RULES[code].severity is Severity.ERROR and code != _STRICT and not RULES[code].guard
