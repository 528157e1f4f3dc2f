"""`scopegen build`: files on stdout, findings on stderr; with `--check` nothing is written.

A build that would change nothing is remembered, and answered without reading a document; `--check`, which guards,
remembers nothing.
"""

import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

import click

from scopegen import stamp
from scopegen.cli import options
from scopegen.locate import Found

_POOL_ARN = re.compile(r"arn:[a-z-]+:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[A-Za-z0-9_-]+")


class Request(NamedTuple):
    """The command line of a build."""

    check: bool
    force: bool
    folder: str | None
    user_pool_arn: str
    fail_on: str
    fail_on_change: bool
    colour_out: bool
    colour_err: bool


class Outcome(NamedTuple):
    """What a build says and its exit code; `remembered` if there is nothing to do until something changes."""

    code: int
    out: str
    err: str
    remembered: stamp.Stamp | None = None


@click.command(name="build")
@options.specs
@options.config
@click.option("-o", "--output", "folder", metavar="DIR", help="Write there instead of the workspace's output folder.")
@click.option("--check", is_flag=True, help="Write nothing; fail if the outputs are not what a build would write.")
@click.option("--exit-non-zero-on-change", is_flag=True, help="Fail if anything was written: for fixer hooks.")
@click.option("--force", is_flag=True, help="Overwrite outputs that were edited, or that belong to other specs.")
@click.option("--user-pool-arn", default="", metavar="ARN", help="Write this pool into the import spec (needs -o).")
@options.fail_on
def command(
    specs: tuple[str, ...],
    config: str | None,
    folder: str | None,
    check: bool,
    exit_non_zero_on_change: bool,
    force: bool,
    user_pool_arn: str,
    fail_on: str,
) -> int:
    """Write import specs, stacks and access files.

    Every spec of the workspace is read; with SPEC only its API, the identity stack and the access files are written.
    """
    _check_arn(user_pool_arn, folder)
    found = options.find(specs, config)
    colours = options.colour(sys.stdout), options.colour(sys.stderr)
    request = Request(check, force, folder, user_pool_arn, fail_on, exit_non_zero_on_change, *colours)
    place = stamp.place(options.cache_folder(), found.root, _key(found, request))
    known = None if check else stamp.recall(place, options.today())
    outcome = Outcome(0, known.out, known.err) if known is not None else _build(found, request)
    options.say(outcome.err, err=True)
    options.say(outcome.out)
    if outcome.remembered is not None and not check:
        stamp.remember(place, outcome.remembered)
    return outcome.code


def _check_arn(arn: str, folder: str | None) -> None:
    if folder == "":
        raise click.UsageError("-o names no folder")
    if arn and not folder:
        raise click.UsageError("--user-pool-arn makes outputs for one environment: say where they go with -o DIR")
    if arn and not _POOL_ARN.fullmatch(arn):
        raise click.UsageError(f"{arn!r} is not the ARN of a user pool")


def _key(found: Found, request: Request) -> list[str]:
    """Everything on the command line that changes what is written or said when nothing changes."""
    folder = os.path.abspath(request.folder) if request.folder else ""
    said = [
        request.fail_on,
        str(request.check),
        str(request.colour_out),
        str(request.colour_err),
        os.path.relpath(found.root),
    ]
    return [found.config, *found.specs, "", folder, request.user_pool_arn, *said, str(Path.cwd())]


def _build(found: Found, request: Request) -> Outcome:
    from scopegen.cli import building

    return building.build(found, request)
