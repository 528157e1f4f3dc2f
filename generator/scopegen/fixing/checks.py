"""Whether corrections do what they promise. In: a workspace with them, what was known without. Out: why not, or nothing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from scopegen import pipeline
from scopegen.codes import RULES
from scopegen.diagnostics import Diagnostic, Severity, Stopped
from scopegen.fixing.fixes import Fix
from scopegen.formats.findings import fingerprint
from scopegen.locate import Found
from scopegen.model import Operation, Requirement
from scopegen.pipeline import Result
from scopegen.tree import Tree


def problem_of(tree: Tree, found: Found, before: Result, fixes: Sequence[Fix], *, stopped: bool) -> str:
    """The first reason not to write; empty where every promise is kept."""
    after = Result()
    try:
        pipeline.run(tree, found, after)
    except Stopped:
        if not stopped:
            return "it would lead to an error"
    problems = chain(_findings(before, after, fixes, stopped=stopped), _access(before, after, fixes))
    return next(problems, "")


def _findings(before: Result, after: Result, fixes: Sequence[Fix], *, stopped: bool) -> Iterator[str]:
    """Findings that should have gone and have not, and others that have come.

    Where an error had stopped the line, notes and warnings may come that nobody could see before; no guard's.
    """
    old = Counter(map(fingerprint, before.report.diagnostics))
    left = Counter(map(fingerprint, after.report.diagnostics))
    for mark, number in Counter(fingerprint(fix.found) for fix in fixes).items():
        if left[mark] > old[mark] - number:
            yield "a finding would still be there"
    for one in after.report.diagnostics:
        if left[fingerprint(one)] > old[fingerprint(one)] and not (stopped and _is_mild(one)):
            yield f"it would lead to {one.code}: {one.message}"


def _is_mild(diagnostic: Diagnostic) -> bool:
    return diagnostic.severity < Severity.ERROR and not RULES[diagnostic.code].guard


def _access(before: Result, after: Result, fixes: Sequence[Fix]) -> Iterator[str]:
    """Operations that would require something else than before, or than their corrected tag says."""
    promised: dict[tuple[str, str], Requirement] = {
        (fix.file, fix.operation): fix.requires for fix in fixes if fix.requires is not None
    }
    old = {one.key: one for one in before.operations}
    new = {one.key: one for one in after.operations}
    for key, one in old.items():
        if key not in new or new[key].requirement != one.requirement:
            yield f"`{one.label}` would require something else"
    for key, one in new.items():
        if key not in old and promised.get(_place(one)) != one.requirement:
            yield f"`{one.label}` would require something that was not asked for"
    if promised.keys() - {_place(one) for one in after.operations}:
        yield "an operation would still not be understood"
    if before.build is not None and (after.build is None or after.build.model != before.build.model):
        yield "the model would be another one"


def _place(operation: Operation) -> tuple[str, str]:
    return operation.source.file, operation.source.pointer
