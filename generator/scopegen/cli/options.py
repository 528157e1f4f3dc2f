"""What every verb that reads a workspace shares on the command line. Imports nothing that reads a document."""

import os
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


def find(paths: Sequence[str], config_file: str | None) -> locate.Found:
    """The workspace that the arguments mean."""
    try:
        return locate.find(paths, config_file, Path.cwd())
    except locate.UsageError as error:
        raise click.UsageError(str(error)) from None


def colour(stream: object) -> bool:
    """Colour only for a person at a terminal."""
    plain = "NO_COLOR" in os.environ or "CI" in os.environ or os.environ.get("TERM") == "dumb"
    return not plain and bool(getattr(stream, "isatty", lambda: False)())


def cache_folder() -> Path:
    """Where this user's programs keep what they can do without."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/.cache")
    return Path(base) / "scopegen"
