"""`scopegen schema`: the JSON Schemas of what people write."""

import click


@click.command(name="schema")
@click.argument("name", type=click.Choice(["scopegen", "x-required-scope"]), default="scopegen")
def command(name: str) -> int:
    """Print the JSON Schema of scopegen.yaml or of the tag."""
    import json

    from scopegen.schema_errors import own_schema

    click.echo(json.dumps(own_schema(name), indent=2))
    return 0
