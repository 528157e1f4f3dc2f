"""Machine tokens of a user pool. In: its domain, a client and its secret. Out: an Issued, or NoToken.

Source: Cognito developer guide, "Token endpoint": client_credentials, the client by HTTP Basic.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from urllib.parse import urlencode

from scopegen.asking.answers import Issued, NoToken, issued, json_object
from scopegen.asking.exchange import NotAddress, Reply, Unreachable, exchange, origin
from scopegen.document import text
from scopegen.explain.symptoms import of_sign_in

_ERROR = re.compile(r"[a-z_]{1,40}")
_REFUSED = (400, 401, 403)
_TOO_MANY = 429


class Machine:
    """A machine client of a pool, and what it asks for. No value that shows itself: the secret is in it."""

    def __init__(self, domain: str, client_id: str, secret: str, scopes: Iterable[str] = ()) -> None:
        self.domain, self.client_id, self.secret, self.scopes = domain, client_id, secret, sorted(set(scopes))


def machine(domain: str, client_id: str, secret: str, scopes: Iterable[str]) -> Machine:
    """The same, looked at: NoToken for what cannot be one."""
    try:
        whole = origin(domain)
    except NotAddress as error:
        raise NoToken(f"--domain: this {error}") from None
    if not _is_word(client_id) or ":" in client_id:
        raise NoToken("--client-id: no client has this id")
    if not _is_word(secret):
        raise NoToken("the secret is empty, or has blanks or characters that no secret has")
    for scope in scopes:
        if not _is_word(scope):
            raise NoToken(
                f"--scope: `{scope}` is no scope", "one scope each: --scope petsapi/read --scope petsapi/write"
            )
    return Machine(whole, client_id, secret, scopes)


def _is_word(value: str) -> bool:
    return bool(value) and value.isascii() and value.isprintable() and " " not in value


def token(machine: Machine) -> Issued:
    """A new token from the token endpoint."""
    basic = base64.b64encode(f"{machine.client_id}:{machine.secret}".encode()).decode()
    form = {"grant_type": "client_credentials", **({"scope": " ".join(machine.scopes)} if machine.scopes else {})}
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        reply = exchange(f"{machine.domain}/oauth2/token", headers, urlencode(form).encode())
    except Unreachable as error:
        raise NoToken(f"{machine.domain}: {error}") from None
    if reply.status != 200:
        raise _refusal(machine, reply)
    found = issued(json_object(reply.content), machine.domain)
    carried = scope_of(found.access)
    if carried is not None and not set(machine.scopes) <= set(carried.split()):
        lacking = " ".join(one for one in machine.scopes if one not in carried.split())
        raise NoToken(f"the token that was issued lacks {lacking}", "the client's list in the pool has it not", 1)
    return found._replace(scope=carried or found.scope)


def _refusal(machine: Machine, reply: Reply) -> NoToken:
    """What an answer that is no token means. Of the answer only the name of the error is shown."""
    error = text(json_object(reply.content).get("error"))
    if reply.status in _REFUSED and _ERROR.fullmatch(error):
        # A scope that a machine may not have is `invalid_grant` too; codes, which it is else about, are not a machine's.
        is_scope = error in ("invalid_grant", "invalid_scope")
        verdict = of_sign_in("invalid_scope" if is_scope else error).verdict.removeprefix("LIKELY: ")
        hint = "without --scope it gets all that it may have" if is_scope and machine.scopes else ""
        return NoToken(f"no token was issued: {error}: {verdict}", hint, 1)
    if reply.status == _TOO_MANY:
        return NoToken(
            f"{machine.domain}: too many requests: the pool allows so many tokens a second", "try again later"
        )
    if 300 <= reply.status < 400:
        return NoToken(
            f"{machine.domain} answers {reply.status}, a redirect, which is not followed", "is it the pool's domain?"
        )
    return NoToken(f"{machine.domain} answers {reply.status}", "is it the domain of the pool?")


def scope_of(token: str) -> str | None:
    """The `scope` of an access token, whose signature is not looked at; None if it cannot be read."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = json_object(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return None
    return text(claims.get("scope")) if "scope" in claims else None
