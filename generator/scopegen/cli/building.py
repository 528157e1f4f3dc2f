"""What `scopegen build` does when there is something to do. In: a workspace, a command line. Out: files, and an Outcome."""

import hashlib
import os
import posixpath
from pathlib import Path

from scopegen import codes, output, stamp
from scopegen.artifacts import Artifact, Build
from scopegen.cli import summary
from scopegen.cli.build import Outcome, Request
from scopegen.cli.session import Session, compile_workspace
from scopegen.diagnostics import Location
from scopegen.ignored import ignore_files, is_ignored
from scopegen.locate import CONFIG_FILE, Found
from scopegen.output import State
from scopegen.previous import foreign_sources, previous_model
from scopegen.suppressions import first_end

_SHARED = ("access.json", "ACCESS.md")


def build(found: Found, request: Request) -> Outcome:
    """Compile, then write, or with `check` compare."""
    session = compile_workspace(found, request.user_pool_arn)
    compiled = session.result.build
    if compiled is None or session.stopped:
        return _refused(session, request)
    try:
        root = _root(found, compiled, request.folder)
        wanted = _wanted(session, compiled)
        plan = output.plan(root, wanted, prune=not found.specs or not found.config)
        _judge(session, compiled, plan, request)
        if session.code(request.fail_on):
            return _refused(session, request, summary.diffs(plan) if request.check else "")
        before = previous_model(root)
        if not request.check:
            output.write(plan)
    except output.OutputError as error:
        where = Location(request.folder or compiled.settings.output)
        hint = "correct it and build again"
        session.result.report.add(codes.UNWRITABLE_OUTPUT.at(where, str(error), hint))
        return _refused(session, request, written=error.written)
    waiting = _waiting(session, root, wanted) if not request.check else []
    text = summary.text(plan, compiled, before, waiting, colour=request.colour_out)
    code = 1 if request.fail_on_change and plan.changes else 0
    remembered = _stamp(session, compiled, plan, request)
    return Outcome(code, text, _findings(session, request) + _hidden(session), remembered)


def _root(found: Found, compiled: Build, folder: str | None) -> Path:
    """The output folder: named by the user, else inside the workspace."""
    if folder is not None:
        return Path.cwd() / folder
    root = found.root / compiled.settings.output
    if not Path(os.path.realpath(root)).is_relative_to(os.path.realpath(found.root)):
        raise output.OutputError(f"`{compiled.settings.output}` leads out of the workspace")
    return root


def _wanted(session: Session, compiled: Build) -> tuple[Artifact, ...]:
    """With specs named: their APIs, the identity and the access files. Without: everything."""
    specs = session.found.specs
    names = {api.name for api in compiled.settings.apis if not specs or api.spec in specs} | {"identity"}
    return tuple(one for one in session.result.artifacts if one.path in _SHARED or one.path.partition("/")[0] in names)


def _waiting(session: Session, root: Path, wanted: tuple[Artifact, ...]) -> list[str]:
    """The APIs that this build does not write, though what lies there is not what they have become."""
    rest = [one for one in session.result.artifacts if one not in wanted]
    there = [entry for entry in output.plan(root, rest, prune=False).changes if entry.state is not State.NEW]
    return sorted({entry.path.partition("/")[0] for entry in there})


def _judge(session: Session, compiled: Build, plan: output.Plan, request: Request) -> None:
    """Report what stands between this build and its outputs."""
    report, shown = session.result.report, summary.shown(plan.root)
    command = summary.rebuild_command(session.found, request.folder)
    is_ours = bool(session.found.config) and plan.root.resolve().is_relative_to(session.found.root.resolve())
    if not is_ours and not request.force:
        for spec in foreign_sources(plan.root, compiled):
            hint = f"build them together, write a {CONFIG_FILE}, or use -o"
            message = f"`{shown}` holds the identity of `{spec}`, which this build does not know"
            report.add(codes.FOREIGN_OUTPUT.at(Location(shown), message, hint))
    for entry in plan.changes:
        where = Location(posixpath.join(shown, entry.path))
        if entry.state is State.EDITED and (request.check or not request.force):
            hint = f"change the spec or {CONFIG_FILE} instead; `{command} --force` overwrites the edit"
            report.add(codes.EDITED_OUTPUT.at(where, f"`{entry.path}` was edited after it was built", hint))
        elif request.check:
            what = {State.NEW: "is missing", State.ORPHAN: "is no longer made"}.get(entry.state, "is stale")
            report.add(codes.STALE_OUTPUT.at(where, f"`{entry.path}` {what}", f"run `{command}`"))
    for entry in plan.of(State.KEPT) if request.check else ():
        where = Location(posixpath.join(shown, entry.path))
        hint = "delete it: a build leaves alone what was edited"
        report.add(codes.STALE_OUTPUT.at(where, f"`{entry.path}` is no longer made", hint))
    if request.check and not plan.changes and plan.old_manifest != plan.manifest:
        where = Location(posixpath.join(shown, output.MANIFEST))
        what = "is stale" if plan.old_manifest else "is missing"
        report.add(codes.STALE_OUTPUT.at(where, f"`{output.MANIFEST}` {what}", f"run `{command}`"))
    if is_ignored(plan.root):
        hint = "commit it: reviewers read there who can call what"
        report.add(codes.IGNORED_OUTPUT.at(Location(shown), f"git ignores `{shown}`", hint))


def _findings(session: Session, request: Request) -> str:
    """The findings that are shown; how many are not is told with them, or alone."""
    text = session.findings(colour=request.colour_err)
    return f"{text}\n" if text else ""


def _hidden(session: Session) -> str:
    hidden = session.verdict().hidden
    return f"{hidden}\n" if hidden else ""


def _refused(session: Session, request: Request, out: str = "", written: int = 0) -> Outcome:
    """What was not written, and why."""
    was = f"{written} of the files were written" if written else "nothing was written"
    end = session.tally() + ("" if request.check else f"; {was}")
    return Outcome(session.code(request.fail_on), out, f"{_findings(session, request)}{end}\n")


def _stamp(session: Session, compiled: Build, plan: output.Plan, request: Request) -> stamp.Stamp | None:
    """What must stay as it is for the next build to have nothing to do. None where something is not as a build leaves it.

    Every hash is of the bytes that this run has read or written itself, not of what may lie there by now.
    """
    if plan.of(State.KEPT) or (request.check and plan.changes):
        return None
    made = [entry for entry in plan.entries if entry.new is not None]
    written = {entry.path: (entry.old if entry.state is State.FRESH else entry.new) or b"" for entry in made}
    written[output.MANIFEST] = plan.manifest
    files = {os.path.abspath(session.found.root / path): known for path, known in session.tree.hashes.items()}
    files |= {
        os.path.abspath(plan.root / path): hashlib.sha256(content).hexdigest() for path, content in written.items()
    }
    files |= {str(path): stamp.file_hash(str(path)) for path in ignore_files(plan.root)}
    after = plan._replace(entries=tuple(entry._replace(state=State.FRESH) for entry in made))
    text = summary.text(after, compiled, compiled.model, [], colour=request.colour_out)
    root = os.path.abspath(session.found.root)
    err = _findings(session, request) + _hidden(session)
    until = first_end(compiled.settings.lint.suppressions, session.today)
    return stamp.Stamp(stamp.tool(), root, files, session.tree.matches, text, err, until)
