"""The model that a verb asks about. In: the command line. Out: a Known, compiled or read from an access.json."""

import os
from pathlib import Path
from typing import NamedTuple

import click

from scopegen.cli import options
from scopegen.cli.recorded import recorded
from scopegen.model import Model, Operation
from scopegen.source import Source

_ACCESS = "access.json"

from_file = click.option(
    "--from", "access", metavar="FILE", help="Ask this access.json instead of the workspace: nothing else is needed."
)


class Known(NamedTuple):
    """A model, and what is known beside it: the files it was compiled from, the stage of each API, generated preflights."""

    model: Model
    sources: dict[str, Source]
    stages: dict[str, str]
    preflights: frozenset[tuple[str, str]]
    root: str
    has_settings: bool = True


class Unknown(click.ClickException):
    """Something that was named cannot be read, with the reason."""

    exit_code = 2


class Refused(click.ClickException):
    """There is no model to ask: why is the message, findings as they are shown."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        options.say(self.message, err=True)


def known(access: str | None, config: str | None) -> Known:
    """What `--from` names, else the workspace around the current folder, else an access.json in it or in `build`."""
    if access is not None:
        return _recorded(access)
    try:
        found = options.find((), config)
    except click.UsageError:
        for place in (_ACCESS, f"build/{_ACCESS}"):
            if config is None and Path(place).is_file():
                return _recorded(place)
        raise
    from scopegen.cli.session import compile_workspace

    session = compile_workspace(found)
    built = session.result.build
    if built is None or session.stopped:
        raise Refused(f"{session.findings(colour=False)}\n{session.tally()}\n")
    stages = {api.name: api.stage for api in built.settings.apis}
    preflights = frozenset((name, path) for name, api in built.imports.items() for path in api.preflights)
    return Known(built.model, session.result.sources, stages, preflights, str(found.root))


def _recorded(file: str) -> Known:
    found = recorded(file)
    if found.model is None:
        raise Refused(found.findings)
    return Known(found.model, {}, {}, frozenset(), str(Path(file).absolute().parent.parent), has_settings=False)


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


def _file(root: str, name: str) -> Source | None:
    """A document beside an access.json that was built from it, if it is there and can be read."""
    from scopegen.diagnostics import Report
    from scopegen.source import load
    from scopegen.tree import DiskTree

    return load(DiskTree(Path(root)), name, {}, Report())
