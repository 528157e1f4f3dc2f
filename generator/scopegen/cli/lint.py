"""`scopegen lint`: findings on stdout; nothing is written but what `--fix` and `--write-baseline` are for."""

from typing import NamedTuple

import click

from scopegen.cli import options

_FORMATS = ("text", "json", "sarif", "github")


class Request(NamedTuple):
    """The command line, but for what finds the workspace."""

    form: str
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    strict: bool
    fix: bool
    diff: bool
    write_baseline: bool
    no_baseline: bool
    fail_on: str
    exit_zero: bool


@click.command(name="lint")
@options.specs
@options.config
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True, help="How to say it.")
@click.option("--select", multiple=True, metavar="CODES", help="Show these only, as in SG1,SG203.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Do not show these. Guards and errors are always shown.")
@click.option("--strict", is_flag=True, help="Also run openapi-spec-validator's checks inside schemas.")
@click.option("--fix", is_flag=True, help="Correct in the files what can be meant in one way only.")
@click.option("--diff", is_flag=True, help="Show what --fix would do; write nothing.")
@click.option("--write-baseline", is_flag=True, help="From now on count what is found now, instead of showing it.")
@click.option("--no-baseline", is_flag=True, help="Show also what is in the baseline.")
@options.fail_on
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if something is found.")
def command(
    specs: tuple[str, ...],
    config: str | None,
    form: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    strict: bool,
    fix: bool,
    diff: bool,
    write_baseline: bool,
    no_baseline: bool,
    fail_on: str,
    exit_zero: bool,
) -> int:
    """Report what is wrong or doubtful."""
    chosen = _codes("--select", select), _codes("--ignore", ignore)
    request = Request(form, *chosen, strict, fix, diff, write_baseline, no_baseline, fail_on, exit_zero)
    _check(request)
    from scopegen.cli import linting

    return linting.lint(options.find(specs, config), request)


def _codes(option: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """The prefixes of codes in lists with commas; a usage error where one is the beginning of no code."""
    from scopegen.codes import RULES

    prefixes = tuple(one.strip().upper() for value in values for one in value.split(","))
    for prefix in prefixes:
        if not prefix or not any(code.startswith(prefix) for code in RULES):
            from scopegen.lint_section import near_code

            raise click.UsageError(f"{option}: no code begins with {prefix!r}; {near_code(prefix).replace('`', '')}")
    return prefixes


def _check(request: Request) -> None:
    """Refuse what contradicts itself: a baseline holds everything, or it would seem that the rest were new."""
    if request.fix and request.diff:
        raise click.UsageError("--diff only shows what --fix would write: name one of the two")
    if request.write_baseline and (request.fix or request.diff or request.no_baseline):
        raise click.UsageError("--write-baseline goes alone: what is fixed first need not be in it")
    if request.write_baseline and (request.select or request.ignore):
        raise click.UsageError("--write-baseline takes all findings in: leave --select and --ignore away")
