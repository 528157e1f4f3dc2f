"""Tokens of the `serve` that runs on this machine. In: its URL, what is wanted. Out: an Issued, a secret; or NoToken."""

import json
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from scopegen.asking.answers import Issued, NoToken, issued, json_object
from scopegen.asking.exchange import NotAddress, Reply, Unreachable, exchange, is_loopback, origin
from scopegen.document import Json, text

_NO = 403  # understood, and the answer is no; other refusals are mistakes of whoever asked


def token(pool: str, wanted: Mapping[str, Json]) -> Issued:
    """A token for a client, or for a user who gets the permissions that are named."""
    body = json.dumps(wanted).encode()
    reply = _ask(pool, "/local/token", {"Content-Type": "application/json"}, body)
    return issued(_accepted(pool, reply), pool)


def secret(pool: str, client: str) -> str:
    """`id:secret` of a machine client, which is only good on this machine."""
    data = _accepted(pool, _ask(pool, f"/local/secret?client={quote(client, safe='')}", {}))
    found = f"{text(data.get('client_id'))}:{text(data.get('client_secret'))}"
    if found[:1] == ":" or found[-1:] == ":" or not found.isprintable():
        raise NoToken(f"{pool} answers something else than a secret")
    return found


def _ask(pool: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
    try:
        whole = origin(pool)
    except NotAddress as error:
        raise NoToken(f"--pool: this {error}", "`scopegen serve` says where its pool is, on this machine") from None
    if not is_loopback(urlsplit(whole).hostname or ""):
        raise NoToken(f"--pool: {whole} is not on this machine", "for a pool of Cognito: --domain and --client-id")
    try:
        return exchange(whole + path, headers, body)
    except Unreachable as error:
        hint = "start it in another terminal: `scopegen serve`" if error.is_nobody else ""
        raise NoToken(f"{whole}: {error}", hint) from None


def _accepted(pool: str, reply: Reply) -> dict[str, Json]:
    data = json_object(reply.content)
    if reply.status == 200:
        return data
    sentence = text(data.get("error"))
    if not sentence:
        hint = "is it another program, or the port of the APIs? `scopegen serve` says where its pool is"
        raise NoToken(f"{pool} answers {reply.status}", hint)
    raise NoToken(sentence, text(data.get("hint")), 1 if reply.status == _NO else 2)
