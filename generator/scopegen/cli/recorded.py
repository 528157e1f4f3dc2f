"""A model for the verbs that only ask. In: a workspace, or an `access.json`. Out: the model, or the findings that prevent one."""

import os
import sys
from pathlib import Path
from typing import NamedTuple

from scopegen import access_file, codes
from scopegen.cli import options
from scopegen.diagnostics import Diagnostic, Location, Report
from scopegen.model import Model
from scopegen.nodes import NotAccess
from scopegen.report import render
from scopegen.tree import DiskTree, TreeError


class Compiled(NamedTuple):
    """A model; without one, why, as text and as exit code. `apis` are those of the specs that were named; None for all."""

    model: Model | None
    findings: str = ""
    code: int = 0
    open_sign_up: bool = False
    apis: frozenset[str] | None = None


def compiled(specs: tuple[str, ...], config: str | None) -> Compiled:
    """The model of a workspace as it stands; only errors prevent one."""
    from scopegen.cli.session import compile_workspace

    session = compile_workspace(options.find(specs, config))
    build = session.result.build
    if build is None or session.stopped:
        text = session.findings(colour=options.colour(sys.stderr))
        return Compiled(None, f"{text}\n{session.tally()}\n", session.code("error"))
    named = session.found.specs
    apis = frozenset(api.name for api in build.settings.apis if api.spec in named)
    return Compiled(build.model, open_sign_up=build.settings.open_sign_up, apis=apis if named else None)


def recorded(file: str) -> Compiled:
    """The model of an `access.json`. Documents are not read, and nothing is imported that reads them."""
    path = Path(os.path.realpath(Path.cwd() / file))
    tree = DiskTree(path.parent)
    try:
        return Compiled(access_file.read(tree.read(path.name)))
    except TreeError as error:
        hint = "`scopegen build` writes one into its output folder"
        return _refused(codes.UNREADABLE_FILE.at(Location(file), f"`{file}` {error}", hint))
    except NotAccess as error:
        return _misread(tree, path.name, file, error)


def _refused(*found: Diagnostic) -> Compiled:
    return Compiled(None, render(found, {}, options.colour(sys.stderr)), 2)


def _misread(tree: DiskTree, name: str, file: str, error: NotAccess) -> Compiled:
    """Only what is wrong is worth reading with positions."""
    from scopegen.source import Source, load

    sources: dict[str, Source] = {}
    report = Report()
    source = load(tree, name, sources, report)
    if not report.diagnostics or source is not None:
        hint = "write it anew with `scopegen build`"
        report.add(codes.NOT_ACCESS_FILE.at(Location(name, error.place), f"not an access.json: {error.message}", hint))
    root = str(Path(file).parent)
    return Compiled(
        None, render(report.diagnostics, sources, options.colour(sys.stderr), "" if root == "." else root), 2
    )
