"""`scopegen diff`: what a change opens, broadens and narrows, and for whom. Reads two sides, writes nothing.

Exit 1 where something opens or broadens that nobody accepted; 2 where there is nothing to compare.
"""

import sys

import click

from scopegen.cli import options

_FORMATS = ("text", "md", "json", "sarif", "github")
_KINDS = ("opened", "broadened", "narrowed", "changed", "new", "removed", "renamed")


def _kinds(_: click.Context, __: click.Parameter, text: str) -> list[str]:
    """The kinds of a comma list; `none` stands alone."""
    kinds = [kind.strip() for kind in text.split(",")]
    unknown = next((kind for kind in kinds if kind not in (*_KINDS, "none")), None)
    if unknown is not None or ("none" in kinds and len(kinds) > 1):
        raise click.BadParameter(f"{unknown or 'none with others'!r}: name {', '.join(_KINDS)}, or none alone")
    return [] if kinds == ["none"] else kinds


@click.command(name="diff")
@click.argument("base", required=False, metavar="[BASE]")
@click.argument("head", required=False, metavar="[HEAD]")
@click.option("--base", "revision", metavar="REVISION", help="BASE is this git revision; `main...` where it was left.")
@options.config
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True, help="How to say it.")
@click.option(
    "--fail-on", callback=_kinds, default="opened,broadened", show_default=True, metavar="KINDS", help="What fails."
)
@click.option("--accept-template", is_flag=True, help="Say only which lines would accept what fails.")
def command(
    base: str | None,
    head: str | None,
    revision: str | None,
    config: str | None,
    form: str,
    fail_on: list[str],
    accept_template: bool,
) -> int:
    """Say what a change opens, broadens and narrows, and for whom.

    BASE and HEAD are folders with a workspace, specs, access.json files, git revisions (main, HEAD~1:specs/pets.yaml)
    or both in one (main..topic, main...topic). Without HEAD the files as they are now.
    """
    if revision is not None:
        if head is not None:
            raise click.UsageError("--base names BASE: name only HEAD beside it")
        base, head = None, base
    elif base is None:
        raise click.UsageError(
            "name what to compare with, as in `scopegen diff main` or `scopegen diff --base origin/main`"
        )
    from scopegen.cli import comparing

    return comparing.diff(
        base, revision, head, config, comparing.Wanted(form, fail_on, accept_template, options.colour(sys.stdout))
    )
