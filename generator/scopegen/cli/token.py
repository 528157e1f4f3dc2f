"""`scopegen token`: an access token for a client or a user, from the `serve` of this machine or from Cognito."""

import json
import os
import time
from typing import TYPE_CHECKING, NoReturn

import click
from click.core import ParameterSource

from scopegen.cli import options

if TYPE_CHECKING:
    from scopegen.asking.answers import Issued, NoToken
    from scopegen.document import Json

_SECRET = "SCOPEGEN_CLIENT_SECRET"
_POOL = "http://127.0.0.1:4011"


class _No(click.ClickException):
    """Understood, and the answer is no."""

    exit_code = 1


@click.command(name="token")
@click.option("--client", metavar="NAME", help="A client of the local serve.")
@click.option("--user", metavar="NAME", help="A local user, who is made where --permission says what they have.")
@click.option("--permission", "permissions", multiple=True, metavar="NAME", help="Repeat it for several.")
@click.option("--no-permission", "nothing", is_flag=True, help="The user has none at all.")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="Ask for this one only. Repeat it for several.")
@click.option(
    "--pool", metavar="URL", envvar="SCOPEGEN_POOL", help=f"Where the pool of the local serve is.  [default: {_POOL}]"
)
@click.option("--client-id", metavar="ID", help="A machine client of a Cognito user pool.")
@click.option(
    "--domain", metavar="URL", help="The domain of that pool: https://<prefix>.auth.<region>.amazoncognito.com."
)
@click.option("--secret-id", metavar="NAME", help=f"Its secret is in AWS Secrets Manager; else in ${_SECRET}.")
@click.option("--no-cache", is_flag=True, help="Ask for a new token, and keep none.")
@click.option("--id", "identity", is_flag=True, help="The ID token of a local user instead.")
@click.option("--secret", is_flag=True, help="`id:secret` of a local machine client instead, for curl -u.")
@click.option(
    "--format", "form", type=click.Choice(["token", "header", "curl", "json"]), default="token", show_default=True
)
def command(
    client: str | None, user: str | None, permissions: tuple[str, ...], nothing: bool, scopes: tuple[str, ...], pool: str | None,
    client_id: str | None, domain: str | None, secret_id: str | None, no_cache: bool, identity: bool, secret: bool, form: str,
) -> None:  # fmt: skip
    """Print an access token.

    Local: for --client, or for --user with --permission, from the `scopegen serve` that runs on this machine. Cognito:
    for --client-id of the pool at --domain; its secret never stands in the command line.
    """
    from scopegen.asking.answers import NoToken

    names_pool = click.get_current_context().get_parameter_source("pool") is ParameterSource.COMMANDLINE
    is_local = any((client, user, permissions, nothing, names_pool, secret, identity))
    is_cognito = any((client_id, domain, secret_id, no_cache))
    if is_local and is_cognito:
        raise click.UsageError(
            "--client-id and --domain ask Cognito, --client and --user the local serve: one of the two"
        )
    if permissions and nothing:
        raise click.UsageError("--permission and --no-permission contradict each other")
    if identity and form == "json":
        raise click.UsageError("--format json has both tokens: leave --id out")
    try:
        if is_cognito:
            return _say(_of_cognito(client_id, domain, secret_id, scopes, no_cache), False, form)
        if secret:
            return _secret(pool, client, bool(user or permissions or nothing or scopes or identity or form != "token"))
        held = [*permissions] if permissions or nothing else None
        return _say(_of_serve(pool, client, user, held, scopes), identity, form)
    except NoToken as error:
        _refuse(error)


def _of_serve(
    pool: str | None, client: str | None, user: str | None, permissions: list[str] | None, scopes: tuple[str, ...]
) -> "Issued":
    from scopegen.asking import local

    if permissions is not None and not user:
        raise click.UsageError("--permission is what a user has: name a --user")
    if not client and not user:
        raise click.UsageError("name a --client, a --user, or a --client-id with its --domain")
    wanted: dict[str, Json] = {"client": client} if client else {}
    if user:
        wanted["user"] = user
    if permissions is not None:
        wanted["permissions"] = [*permissions]
    if scopes:
        wanted["scopes"] = [*scopes]
    return local.token(pool or _POOL, wanted)


def _secret(pool: str | None, client: str | None, has_more: bool) -> None:
    from scopegen.asking import local

    if not client or has_more:
        raise click.UsageError("--secret goes with --client and nothing else")
    options.say(local.secret(pool or _POOL, client) + "\n")


def _of_cognito(
    client_id: str | None, domain: str | None, secret_id: str | None, scopes: tuple[str, ...], no_cache: bool
) -> "Issued":
    from scopegen.asking import cognito, keeping

    if not client_id or not domain:
        raise click.UsageError("--client-id and --domain go together")
    machine = cognito.machine(domain, client_id, _secret_of(secret_id), scopes)
    folder, now = options.cache_folder() / "tokens", time.time()
    found = None if no_cache else keeping.kept(folder, machine, now)
    if found is None:
        found = cognito.token(machine)
        if not no_cache:
            keeping.keep(folder, machine, found, now)
    return found


def _secret_of(secret_id: str | None) -> str:
    if secret_id:
        from scopegen.asking.secret_store import stored

        return stored(secret_id)
    found = os.environ.get(_SECRET, "").strip()
    if not found:
        raise click.UsageError(f"the secret of the client is missing: set {_SECRET}, or name it with --secret-id")
    return found


def _say(issued: "Issued", identity: bool, form: str) -> None:
    if form == "json":
        data = {"access_token": issued.access, "expires_in": issued.expires_in, "token_type": "Bearer"}
        more = {"id_token": issued.identity, "scope": issued.scope}
        options.say(json.dumps({**data, **{key: value for key, value in more.items() if value}}, indent=2) + "\n")
        return
    token = issued.identity if identity else issued.access
    if token is None:
        raise _No("no ID token was issued: machines have none, users only with the scope openid")
    header = f"Authorization: Bearer {token}"
    options.say({"token": token, "header": header, "curl": f'header = "{header}"'}[form] + "\n")


def _refuse(error: "NoToken") -> NoReturn:
    from scopegen.explain.tokens import hidden
    from scopegen.report import visible

    said = visible(hidden(error.sentence + (f"; {error.hint}" if error.hint else "")))
    raise _No(said) if error.code == 1 else options.Unreadable(said)
