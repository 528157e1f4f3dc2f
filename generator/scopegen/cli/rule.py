"""`scopegen rule CODE`: the manual page of a rule."""

import click


@click.command(name="rule")
@click.argument("code", required=False)
def command(code: str | None) -> int:
    """Explain a rule, by code or name; without one, list them."""
    from scopegen.codes import RULES

    if code is None:
        for rule in RULES.values():
            click.echo(f"{rule.code}  {rule.severity.word:<8} {rule.name}")
        return 0
    wanted = code.strip()
    found = RULES.get(wanted.upper()) or next((rule for rule in RULES.values() if rule.name == wanted.lower()), None)
    if found is None:
        raise click.BadParameter(f"no rule has the code or name {wanted!r}; `scopegen rule` lists them")
    from scopegen.manual import page

    click.echo(page(found), nl=False)
    return 0
