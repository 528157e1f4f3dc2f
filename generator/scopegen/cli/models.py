"""The model that a verb asks about. In: the command line. Out: a Known, compiled or read from an access.json."""

import os
from pathlib import Path
from typing import NamedTuple

import click

from scopegen.cli import options
from scopegen.model import Model, Operation
from scopegen.source import Source

_ACCESS = "access.json"
_MAX_BYTES = 64 * 1024 * 1024

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


class Unknown(click.ClickException):
    """A model that cannot be read, with the reason."""

    exit_code = 2


class Refused(click.ClickException):
    """A workspace that does not compile: its findings are the message. There is no model to ask."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        options.say(self.message, err=True)


def known(access: str | None, config: str | None) -> Known:
    """What `--from` names, else the workspace around the current folder, else an access.json in it or in `build`."""
    if access is not None:
        return _read(Path(access))
    try:
        found = options.find((), config)
    except click.UsageError:
        for place in (Path(_ACCESS), Path("build") / _ACCESS):
            if config is None and place.is_file():
                return _read(place)
        raise
    from scopegen.cli.session import compile_workspace

    session = compile_workspace(found)
    built = session.result.build
    if built is None or session.stopped:
        text = session.findings(colour=False)
        raise Refused(f"{text}\n{session.tally()}\n")
    stages = {api.name: api.stage for api in built.settings.apis}
    preflights = frozenset((name, path) for name, api in built.imports.items() for path in api.preflights)
    return Known(built.model, session.result.sources, stages, preflights, str(found.root))


def _read(place: Path) -> Known:
    from scopegen.targets import access

    try:
        if place.stat().st_size > _MAX_BYTES:
            raise Unknown(f"{place}: too large for an access.json")
        model = access.read(place.read_bytes())
    except OSError as error:
        raise Unknown(f"{place}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unknown(f"{place}: not an access.json that this version of scopegen reads") from None
    return Known(model, {}, {}, frozenset(), str(place.absolute().parent.parent))


def written_at(known: Known, operation: Operation) -> str:
    """Where the rule of an operation stands: file and pointer, and the line where the file is there."""
    source = known.sources.get(operation.source.file) or _file(known.root, operation.source.file)
    if source is None:
        return f"{operation.source.file}#{operation.source.pointer}"
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
