"""`scopegen lint`: findings on stdout, nothing written."""

import sys

import click

from scopegen.cli import options


@click.command(name="lint")
@options.specs
@options.config
@click.option("--strict", is_flag=True, help="Also run openapi-spec-validator's checks inside schemas.")
@options.fail_on
def command(specs: tuple[str, ...], config: str | None, strict: bool, fail_on: str) -> int:
    """Report what is wrong or doubtful."""
    from scopegen.cli.session import compile_workspace

    run = compile_workspace(options.find(specs, config))
    if strict and run.result.build is not None and not run.stopped:
        from scopegen.strict import strict_findings

        run.result.report.add(*strict_findings(run.tree, run.result.build.settings))
    text = run.findings(colour=options.colour(sys.stdout))
    options.say(f"{text}\n{run.tally()}\n" if text else f"{run.tally()}\n")
    return run.code(fail_on)
