"""What every verb that reads a workspace shares on the command line. Imports nothing that reads a document."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from scopegen import locate

_SEVERITIES = ("note", "warning", "error")

specs = click.argument("specs", nargs=-1, metavar="[SPEC]...")
config = click.option("--config", metavar="FILE", help="The scopegen.yaml to use, instead of the nearest one.")
fail_on = click.option(
    "--fail-on",
    type=click.Choice(_SEVERITIES),
    default="error",
    show_default=True,
    help="The mildest finding that makes the command fail.",
)


class Unreadable(click.ClickException):
    """Something that was named cannot be read, with the reason."""

    exit_code = 2


class _Misnamed(click.ClickException):
    """SG016, which is found before there is a workspace to report it for."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        from scopegen import codes, report
        from scopegen.diagnostics import Location

        name = os.path.basename(self.message)
        found = codes.MISNAMED_CONFIG.at(
            Location(self.message), f"`{name}` is not read", f"rename it to `{locate.CONFIG_FILE}`"
        )
        click.echo(report.render([found], {}), err=True, nl=False)


def find(paths: Sequence[str], config_file: str | None) -> locate.Found:
    """The workspace that the arguments mean."""
    try:
        return locate.find(paths, config_file, Path.cwd())
    except locate.MisnamedConfig as error:
        raise _Misnamed(str(error)) from None
    except locate.UsageError as error:
        raise click.UsageError(str(error)) from None


def colour(stream: object) -> bool:
    """Colour only for a person at a terminal."""
    plain = "NO_COLOR" in os.environ or "CI" in os.environ or os.environ.get("TERM") == "dumb"
    return not plain and bool(getattr(stream, "isatty", lambda: False)())


def say(text: str, *, err: bool = False) -> None:
    """Write a text; a reader who has gone does not change the answer."""
    try:
        click.echo(text, err=err, nl=False)
    except BrokenPipeError:
        stream = sys.stderr if err else sys.stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def today() -> str:
    """The day, everywhere the same, as `2027-01-31`: what a suppression's end is held against."""
    import time

    return time.strftime("%Y-%m-%d", time.gmtime())


def cache_folder() -> Path:
    """Where this user's programs keep what they can do without."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/.cache")
    return Path(base) / "scopegen"
