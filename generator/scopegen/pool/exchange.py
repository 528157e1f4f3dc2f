"""/oauth2/token and /oauth2/revoke. In: forms of clients. Out: tokens, or an error that says little.

Why somebody is refused is told to whoever runs the pool. A scope named at a refresh changes nothing. Sources: Cognito
developer guide, "Token endpoint" and "Revoke endpoint".
"""

from starlette.requests import Request
from starlette.responses import Response

from scopegen.document import Json
from scopegen.pool.answers import data, error
from scopegen.pool.clients import Denied, client
from scopegen.pool.keys import NotOurs
from scopegen.pool.parameters import Malformed, form, once
from scopegen.pool.pool import Pool
from scopegen.pool.tokens import NotAllowed, Tokens
from scopegen.pool.trigger import TriggerFailed
from scopegen.served import App


async def token(pool: Pool, request: Request) -> Response:
    """Tokens for a code, a refresh token or a machine's secret."""
    try:
        given = await _given(request)
        return data(_shown(await _tokens(pool, client(pool, request, given), given)))
    except Denied as denied:
        return _refused(pool, request, denied)
    except (NotAllowed, TriggerFailed) as refused:
        return _refused(pool, request, Denied("invalid_grant", str(refused)))


def _refused(pool: Pool, request: Request, denied: Denied, status: int = 400) -> Response:
    """The error for the client, and the reason for whoever runs the pool."""
    why = f": {denied.description}" if denied.description else ""
    pool.told(f"{status} {request.method} {request.url.path}; {denied.error}{why}")
    return error(denied, status)


async def revoke(pool: Pool, request: Request) -> Response:
    """End the sign-in of a refresh token. One that is not known needs no ending."""
    try:
        given = await _given(request)
        app = client(pool, request, given)
        written = given.get("token", "")
        if not written:
            raise Denied("invalid_request", "token is missing")
        if _is_signed(pool, written):
            raise Denied("unsupported_token_type")
        if not pool.revoke(app, written):
            raise Denied("invalid_request", "the token is another client's")
    except Denied as denied:
        return _refused(pool, request, denied, 401 if denied.error == "invalid_client" else 400)
    return Response(headers={"Cache-Control": "no-store"})


async def _given(request: Request) -> dict[str, str]:
    try:
        return once(await form(request))
    except Malformed as malformed:
        raise Denied("invalid_request", str(malformed)) from None


async def _tokens(pool: Pool, app: App, given: dict[str, str]) -> Tokens:
    kind = given.get("grant_type", "")
    if kind == "client_credentials":
        _only(app, "machine")
        return pool.machine(app, given.get("scope", "").split() or None)
    if kind == "authorization_code":
        _only(app, "user")
        code, redirect_uri = _needed(given, "code"), _needed(given, "redirect_uri")
        return await pool.redeem(app, code, redirect_uri, given.get("code_verifier", ""))
    if kind == "refresh_token":
        _only(app, "user")
        return await pool.refresh(app, _needed(given, "refresh_token"))
    raise Denied("unsupported_grant_type" if kind else "invalid_request")


def _only(app: App, kind: str) -> None:
    if app.kind != kind:
        raise Denied("unauthorized_client")


def _needed(given: dict[str, str], name: str) -> str:
    if not given.get(name):
        raise Denied("invalid_request", f"{name} is missing")
    return given[name]


def _shown(tokens: Tokens) -> dict[str, Json]:
    """The answer; there is no `scope` in it."""
    found = {"access_token": tokens.access, "id_token": tokens.identity, "refresh_token": tokens.refresh}
    kept: dict[str, Json] = {name: value for name, value in found.items() if value is not None}
    return {**kept, "expires_in": tokens.expires_in, "token_type": "Bearer"}


def _is_signed(pool: Pool, written: str) -> bool:
    try:
        pool.keys.read(written)
    except NotOurs:
        return False
    return True
