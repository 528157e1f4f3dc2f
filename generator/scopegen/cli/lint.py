"""`scopegen lint`: findings on stdout, nothing written."""

import click

from scopegen.cli import session


@click.command(name="lint")
@session.specs
@session.config
@click.option("--strict", is_flag=True, help="Also run openapi-spec-validator's checks inside schemas.")
@session.fail_on
def command(specs: tuple[str, ...], config: str | None, strict: bool, fail_on: str) -> int:
    """Report what is wrong or doubtful in the specs and in scopegen.yaml."""
    run = session.compile_workspace(session.find(specs, config))
    if strict and not run.stopped:
        from scopegen.strict import strict_findings

        run.result.report.add(*strict_findings(run.result.sources, run.result.build))
    text = session.findings(run, to_stderr=False)
    if text:
        click.echo(text)
    click.echo(session.tally(run))
    return run.result.report.exit_code(session.SEVERITIES[fail_on])
