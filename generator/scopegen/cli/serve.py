"""`scopegen serve`: the whole flow on this machine, without AWS: sign-in, trigger, authorizer, answers."""

import sys

import click

from scopegen.cli import options

_PORT = 4010
_LAST_PORT = 65535
_PORTS = click.IntRange(0, _LAST_PORT)
_EXTRA = "serve needs more than the rest: pip install 'scopegen[serve]'"


@click.command(name="serve")
@options.specs
@options.config
@click.option(
    "--port", type=_PORTS, default=_PORT, show_default=True, envvar="SCOPEGEN_PORT", help="Of the APIs; 0 for any."
)
@click.option(
    "--pool-port", type=_PORTS, envvar="SCOPEGEN_POOL_PORT", help="Of sign-in and console. [default: the next one]"
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen: whoever reaches it can be anybody."
)
@click.option("--allow-host", "names", multiple=True, metavar="NAME", help="A further host that requests may name.")
@click.option(
    "--backend", "backends", multiple=True, metavar="[API=]URL", help="Forward what is let in to your own service."
)
@click.option(
    "--missing-scope", type=click.Choice(["401", "403"]), default="401", show_default=True,
    help="What a good token without the scope gets: AWS's own pages differ.",
)  # fmt: skip
@click.option(
    "--cognito-issuer", is_flag=True, help="Tokens name Cognito as their issuer, for services that insist on it."
)
@click.option("--explain", is_flag=True, help="Print for every call why, as `scopegen explain` does.")
@click.option("--no-reload", is_flag=True, help="Go on with what was there at the start.")
def command(
    specs: tuple[str, ...], config: str | None, port: int, pool_port: int | None, host: str, names: tuple[str, ...],
    backends: tuple[str, ...], missing_scope: str, cognito_issuer: bool, explain: bool, no_reload: bool,
) -> int:  # fmt: skip
    """Run the whole flow on this machine, without AWS.

    Sign-in, trigger, authorizer and APIs, as they are built. Nothing is written: what is served is what `scopegen build`
    would write. Cognito's sign-in API (InitiateAuth) is not part of it: sign in through the page, as the code flow does,
    or ask for a token with `scopegen token`.
    """
    try:
        from scopegen.cli import serving
        from scopegen.gateway.options import Options
        from scopegen.pool.pool import COGNITO_ISSUER
        from scopegen.serving.server import Place
    except ImportError as error:
        if (error.name or "").partition(".")[0] == "scopegen":
            raise
        raise options.Unreadable(_EXTRA) from None
    found = options.find(specs, config)
    next_port = port + 1 if 0 < port < _LAST_PORT else 0
    place = Place(
        host, port, next_port if pool_port is None else pool_port, names, COGNITO_ISSUER if cognito_issuer else ""
    )
    chosen: Options = Options(int(missing_scope), _backends(backends))
    return serving.serve(found, place, chosen, serving.Choice(explain, not no_reload, options.colour(sys.stdout)))


def _backends(written: tuple[str, ...]) -> dict[str, str]:
    """API -> base URL; the empty name stands for every other API."""
    from urllib.parse import urlsplit

    result: dict[str, str] = {}
    for one in written:
        name, equals, url = one.partition("=")
        if not equals or "/" in name:
            name, url = "", one
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if (
            not usable
            or parts.query
            or parts.fragment
            or "@" in parts.netloc
            or not url.isascii()
            or not url.isprintable()
        ):
            raise click.BadParameter(f"{one!r} is no base URL: write http://localhost:8000", param_hint="--backend")
        if name in result:
            raise click.BadParameter(f"two for {name!r}" if name else "two for every API", param_hint="--backend")
        result[name] = url.rstrip("/")
    return result
