"""`scopegen schema`: the JSON Schemas of what people write."""

import click


@click.command(name="schema")
@click.argument("name", type=click.Choice(["scopegen", "x-required-scope", "expectations"]), default="scopegen")
def command(name: str) -> int:
    """Print the JSON Schema of a file that people write."""
    import json

    from scopegen.schema_errors import own_schema

    click.echo(json.dumps(own_schema(name), indent=2))
    return 0
