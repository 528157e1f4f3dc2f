"""What `scopegen lint` does. In: a workspace, a command line. Out: what is said, and the exit code."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopegen import baseline, triage
from scopegen.cli import options
from scopegen.cli.lint import Request
from scopegen.cli.session import Session, compile_workspace
from scopegen.codes import RULES
from scopegen.locate import CONFIG_FILE, Found
from scopegen.report import shown_file, visible

if TYPE_CHECKING:
    from scopegen.fixing.fixes import Fix

_FINDINGS = 1


def lint(found: Found, request: Request) -> int:
    """Compile, judge, say it."""
    if request.write_baseline and not found.config:
        raise click.UsageError(f"a baseline lies beside {CONFIG_FILE}: write one first, an empty one will do")
    session = _session(found, request)
    if (request.fix or request.diff) and _fixed(session, request):
        session = _session(found, request)
    if request.strict:
        _add_strict(session)
    if request.write_baseline:
        _write_baseline(session, request)
    _say(session, request)
    code = session.code(request.fail_on)
    return 0 if request.exit_zero and code == _FINDINGS else code


def _session(found: Found, request: Request) -> Session:
    session = compile_workspace(found, use_baseline=not (request.write_baseline or request.no_baseline))
    session.choice = triage.Choice(request.select, request.ignore)
    return session


def _fixed(session: Session, request: Request) -> bool:
    """Correct what can be corrected, and say so; with `diff` only show it. Whether anything was written."""
    from scopegen import fixing
    from scopegen.replacing import replace

    codes = [code for code in RULES if session.choice.shows(code)]
    attempt = fixing.attempt(session.tree, session.found, session.result, codes, stopped=session.stopped)
    if attempt.problem:
        _aside(f"nothing was corrected: {visible(attempt.problem)}\n\n", request)
        return False
    if request.diff:
        _aside("".join(_diff(attempt.before[file], new, file) for file, new in attempt.after.items()), request)
        return False
    if not fixing.is_unchanged(session.tree, attempt.before):
        _aside("nothing was corrected: a file has changed meanwhile\n\n", request)
        return False
    root = session.found.root
    replace({Path(os.path.realpath(root / file)): content for file, content in attempt.after.items()})
    lines = [_said(fix, session) for fix in sorted(attempt.fixes, key=lambda fix: (fix.file, fix.span))]
    _aside("".join(f"{line}\n" for line in [*lines, ""] if lines), request)
    return bool(attempt.after)


def _aside(text: str, request: Request) -> None:
    """Say what is no finding: before the findings for people, else on stderr, where no runner takes it for a command."""
    if request.form == "github":
        from scopegen.formats.github import inert

        text = inert(text)
    options.say(text, err=request.form != "text")


def _said(fix: "Fix", session: Session) -> str:
    where = shown_file(fix.found, session.result.sources, session.root)
    return visible(f"{where}:{fix.span.line}:{fix.span.column}: {fix.found.code} corrected: {fix.said}")


def _diff(old: bytes, new: bytes, file: str) -> str:
    """What a correction changes, for people: what a terminal would act on is escaped."""
    from difflib import unified_diff

    was, now = (side.decode("utf-8", "replace").splitlines() for side in (old, new))
    lines = unified_diff(was, now, file, f"{file} (corrected)", lineterm="", n=1)
    return "".join(f"{visible(line)}\n" for line in lines) + "\n"


def _add_strict(session: Session) -> None:
    """What only another validator finds, where there is nothing worse."""
    if session.result.build is not None and not session.stopped:
        from scopegen.strict import strict_findings

        session.strict = True
        session.result.report.add(*strict_findings(session.tree, session.result.build.settings))


def _say(session: Session, request: Request) -> None:
    """The findings on stdout; beside a format for programs their number goes to stderr."""
    if request.form == "text":
        text = session.findings(colour=options.colour(sys.stdout))
        options.say(f"{text}\n{session.tally()}\n" if text else f"{session.tally()}\n")
        return
    from scopegen.formats.known import FORMATS

    options.say(FORMATS[request.form](session.verdict().shown, session.result.sources, session.root))
    options.say(f"{session.tally()}\n", err=True)


def _write_baseline(session: Session, request: Request) -> None:
    """Put into the baseline all that may be in one; nothing where an error hides what stands behind it."""
    from scopegen.replacing import replace

    if session.stopped:
        options.say(f"{baseline.FILE} was not written: an error hides what stands behind it\n", err=True)
        return
    path = session.found.root / baseline.FILE
    found = triage.for_baseline(session.result.report.diagnostics, session.run(), session.today)
    content = baseline.written(found)
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(session.found.root)):
        raise click.UsageError(f"{baseline.FILE} leads out of the workspace")
    there = path.read_bytes() if path.is_file() else b""
    if there != content:
        replace({path: content})
    session.baseline = baseline.of(found)
    shown = os.path.relpath(path).replace(os.sep, "/")
    number = f"{len(found)} finding{'s' if len(found) != 1 else ''}"
    _aside(f"{visible(shown)}  {'written' if there != content else 'unchanged'}: {number}\n", request)
