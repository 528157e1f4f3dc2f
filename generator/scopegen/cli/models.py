"""The model that a verb asks about. In: the command line. Out: a Known, compiled or read from an access.json."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import click

from scopegen import access_file, codes
from scopegen.cli import options
from scopegen.diagnostics import Location, Report
from scopegen.locate import Found
from scopegen.model import Model, Operation
from scopegen.nodes import NotAccess
from scopegen.report import render
from scopegen.tree import DiskTree, TreeError

if TYPE_CHECKING:
    from scopegen.source import Source

_ACCESS = "access.json"

from_file = click.option(
    "--from", "access", metavar="FILE", help="Ask this access.json instead of the workspace: nothing else is needed."
)


class Known(NamedTuple):
    """A model, and what is known beside it: the files it was compiled from, the stage of each API, generated preflights.

    `apis` are those of the specs that were named; None for all.
    """

    model: Model
    sources: "dict[str, Source]"
    stages: dict[str, str]
    preflights: frozenset[tuple[str, str]]
    root: str
    has_settings: bool = True
    open_sign_up: bool = False
    apis: frozenset[str] | None = None


def refuse(findings: str, code: int = 2) -> NoReturn:
    """End here: there is no model to ask, and the findings say why."""
    options.say(findings, err=True)
    raise click.exceptions.Exit(code)


def known(access: str | None, config: str | None) -> Known:
    """What `--from` names, else the workspace around the current folder, else an access.json in it or in `build`."""
    if access is not None:
        return recorded(access)
    try:
        found = options.find((), config)
    except click.UsageError:
        for place in (_ACCESS, f"build/{_ACCESS}"):
            if config is None and Path(place).is_file():
                return recorded(place)
        raise
    return compiled(found, 2)


def compiled(found: Found, code: int | None = None) -> Known:
    """That of a workspace as it stands; only errors prevent one. `code` is that of the end then, if not theirs."""
    from scopegen.cli.session import compile_workspace

    session = compile_workspace(found)
    build = session.result.build
    if build is None or session.stopped:
        text = session.findings(colour=options.colour(sys.stderr))
        refuse(f"{text}\n{session.tally()}\n", session.code("error") if code is None else code)
    apis = build.settings.apis
    return Known(
        build.model,
        session.result.sources,
        {api.name: api.stage for api in apis},
        frozenset((name, path) for name, api in build.imports.items() for path in api.preflights),
        str(found.root),
        open_sign_up=build.settings.open_sign_up,
        apis=frozenset(api.name for api in apis if api.spec in found.specs) if found.specs else None,
    )


def recorded(file: str) -> Known:
    """That of an `access.json`. Documents are not read, and nothing is imported that reads them."""
    path = Path(os.path.realpath(Path.cwd() / file))
    tree = DiskTree(path.parent)
    try:
        model = access_file.read(tree.read(path.name))
    except TreeError as error:
        hint = "`scopegen build` writes one into its output folder"
        found = codes.UNREADABLE_FILE.at(Location(file), f"`{file}` {error}", hint)
        refuse(render([found], {}, options.colour(sys.stderr)))
    except NotAccess as error:
        refuse(_misread(tree, path.name, file, error))
    return Known(model, {}, {}, frozenset(), str(Path(file).absolute().parent.parent), has_settings=False)


def _misread(tree: DiskTree, name: str, file: str, error: NotAccess) -> str:
    """Only what is wrong is worth reading with positions."""
    from scopegen.source import Source, load

    sources: dict[str, Source] = {}
    report = Report()
    source = load(tree, name, sources, report)
    if not report.diagnostics or source is not None:
        hint = "write it anew with `scopegen build`"
        report.add(codes.NOT_ACCESS_FILE.at(Location(name, error.place), f"not an access.json: {error.message}", hint))
    root = str(Path(file).parent)
    return render(report.diagnostics, sources, options.colour(sys.stderr), "" if root == "." else root)


def written_at(known: Known, operation: Operation) -> str:
    """Where the rule of an operation stands: file and pointer, and the line where the file is there."""
    source = known.sources.get(operation.source.file) or _file(known.root, operation.source.file)
    if source is None:
        return operation.source.reference
    above = operation.source.pointer.rpartition("/")[0]
    holders = (operation.source.pointer, above, "")
    places = [f"{holder}/{key}" for key in ("x-required-scope", "security") for holder in holders]
    pointer = next((place for place in places if source.find(place) is not None), operation.source.pointer)
    found = source.find(pointer)
    file = os.path.relpath(os.path.join(known.root, operation.source.file))
    line = f"{file}:{found.value.line}:{found.value.column}" if found is not None else file
    return f"{line} ({pointer})"


def _file(root: str, name: str) -> "Source | None":
    """A document beside an access.json that was built from it, if it is there and can be read."""
    from scopegen.source import load

    return load(DiskTree(Path(root)), name, {}, Report())
