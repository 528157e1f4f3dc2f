"""What `scopegen lint` does. In: a workspace, a command line. Out: what is said, and the exit code."""

import os
import sys

import click

from scopegen import baseline, triage
from scopegen.cli import options
from scopegen.cli.lint import Request
from scopegen.cli.session import Session, compile_workspace
from scopegen.locate import CONFIG_FILE, Found

_FINDINGS = 1


def lint(found: Found, request: Request) -> int:
    """Compile, judge, say it."""
    if request.write_baseline and not found.config:
        raise click.UsageError(f"a baseline lies beside {CONFIG_FILE}: write one first, an empty one will do")
    session = compile_workspace(found, use_baseline=not (request.write_baseline or request.no_baseline))
    session.choice = triage.Choice(request.select, request.ignore)
    if request.strict:
        _add_strict(session)
    if request.write_baseline:
        _write_baseline(session, request)
    _say(session, request)
    code = session.code(request.fail_on)
    return 0 if request.exit_zero and code == _FINDINGS else code


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
    from scopegen.formats import FORMATS

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
    there = path.read_bytes() if path.is_file() else b""
    if there != content:
        replace({path: content})
    session.baseline = baseline.of(found)
    shown = os.path.relpath(path).replace(os.sep, "/")
    number = f"{len(found)} finding{'s' if len(found) != 1 else ''}"
    options.say(f"{shown}  {'written' if there != content else 'unchanged'}: {number}\n", err=request.form != "text")
