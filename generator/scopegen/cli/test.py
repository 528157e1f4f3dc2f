"""`scopegen test`: are the expectations of who may call what met? And the whole table, for other programs."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopegen.cli import models, options
from scopegen.tree import refusal

if TYPE_CHECKING:
    from scopegen.expectations import Vector
    from scopegen.model import Model


@click.command(name="test")
@click.argument("file", metavar="FILE")
@options.config
@models.from_file
@click.option("--vectors", metavar="FILE", help="Write the whole table of allow and deny as JSON; `-` prints it.")
@click.option(
    "--pytest", "tests", metavar="FILE", help="Write it as a pytest file that asks a deployed API; `-` prints it."
)
def command(file: str, config: str | None, access: str | None, vectors: str | None, tests: str | None) -> int:
    """Hold who may call what against the expectations in FILE."""
    from scopegen import codes, expectations
    from scopegen.diagnostics import Report
    from scopegen.report import count, render
    from scopegen.source import Source
    from scopegen.tree import DiskTree

    if vectors == "-" and tests == "-":
        raise click.UsageError("only one of the two can be printed")
    known = models.known(access, config)
    inputs = [file, *filter(None, (access, config)), *(os.path.join(known.root, one) for one in known.sources)]
    _check_places([one for one in (vectors, tests) if one is not None and one != "-"], inputs)
    place, report, sources = Path(os.path.abspath(file)), Report(), dict[str, Source]()
    found = expectations.vectors(DiskTree(place.parent), place.name, known.model, sources, report)
    prints = "-" in (vectors, tests)
    folder = os.path.relpath(place.parent).replace(os.sep, "/")
    text = render(report.diagnostics, sources, options.colour(sys.stderr if prints else sys.stdout), folder)
    options.say(f"{text}\n" if text else "", err=prints)
    is_understood = all(one.code == codes.UNMET_EXPECTATION.code for one in report.diagnostics)
    if is_understood:
        _write(found, known.model, vectors, tests)
    options.say(f"{_summary(found) if is_understood else count(report.diagnostics)}\n", err=prints)
    return report.exit_code()


def _check_places(written: list[str], read: list[str]) -> None:
    """Refuse to write over what was read, or twice to one place."""
    taken = {os.path.realpath(one) for one in read}
    for place in written:
        if os.path.realpath(place) in taken:
            raise click.UsageError(f"{place!r} is read or written already: name another file")
        taken.add(os.path.realpath(place))


def _summary(found: "list[Vector]") -> str:
    expected = [one for one in found if one.expected is not None]
    unmet = sum(one.allowed != (one.expected == "allow") for one in expected)
    tests = len({one.principal.name for one in found})
    met = f"{len(expected) - unmet} of {len(expected)} expectations met"
    return f"test: {met}; {tests} principal{'s' if tests != 1 else ''}, {len(found)} calls looked at"


def _write(found: "list[Vector]", model: "Model", vectors: str | None, tests: str | None) -> None:
    """Print or write what was asked for."""
    from scopegen.replacing import replace
    from scopegen.vectors import as_json, as_pytest

    made: list[tuple[str | None, Callable[[], str]]] = [
        (vectors, lambda: as_json(found)),
        (tests, lambda: as_pytest(found, model, str(options.cache_folder() / "templates"))),
    ]
    for place, make in made:
        if place == "-":
            options.say(make())
        elif place is not None:
            try:
                replace({Path(place): make().encode()})
            except OSError as error:
                raise options.Unreadable(f"{place}: {refusal(error)}") from None
