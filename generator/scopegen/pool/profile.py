"""What a pool says of itself and of whoever is signed in: discovery, keys, /oauth2/userInfo.

Sources: Cognito developer guide, "Redirect and authorization endpoints" (discovery), "The userInfo endpoint".
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from scopegen.decide import expiry
from scopegen.document import Json
from scopegen.pool.answers import data
from scopegen.pool.keys import NotOurs
from scopegen.pool.parameters import bearer
from scopegen.pool.pool import Pool
from scopegen.pool.tokens import shown


async def discovery(pool: Pool, request: Request) -> Response:
    """Where everything is (OpenID Connect Discovery 1.0)."""
    return JSONResponse(
        {
            "authorization_endpoint": f"{pool.url}/oauth2/authorize",
            "code_challenge_methods_supported": ["S256"],
            "end_session_endpoint": f"{pool.url}/logout",
            "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "issuer": pool.issuer,
            "jwks_uri": pool.keys_url,
            "response_types_supported": ["code"],
            "revocation_endpoint": f"{pool.url}/oauth2/revoke",
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
            "token_endpoint": f"{pool.url}/oauth2/token",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "userinfo_endpoint": f"{pool.url}/oauth2/userInfo",
        },
        headers={"Cache-Control": "no-store"},
    )


async def jwks(pool: Pool, request: Request) -> Response:
    """The keys. They are others after a restart, so nobody is to keep them."""
    return JSONResponse(pool.keys.jwks(), headers={"Cache-Control": "no-store"})


async def user_info(pool: Pool, request: Request) -> Response:
    """The attributes of the user whose access token comes along."""
    token = bearer(request)
    if token is None:
        return _refused("invalid_request", "there is no access token", 400)
    try:
        claims = pool.keys.read(token)
    except NotOurs:
        return _refused("invalid_token", "the access token is not one of this pool")
    scopes = frozenset(str(claims.get("scope", "")).split())
    user = pool.users.get(str(claims.get("username", "")))
    expires = expiry(claims)
    if claims.get("token_use") != "access" or expires is None or expires <= pool.clock():
        return _refused("invalid_token", "the token is no access token, or has expired")
    if user is None or user.sub != claims.get("sub") or pool.has_ended(str(claims.get("origin_jti"))):
        return _refused("invalid_token", "the user has signed out, or was removed")
    if "openid" not in scopes:
        return _refused("invalid_token", "the access token does not contain openid")
    texts = {
        name: str(value).lower() if value in (True, False) else value for name, value in shown(user, scopes).items()
    }
    return data({**texts, "sub": user.sub, "username": user.name})


def _refused(error: str, why: str, status: int = 401) -> Response:
    content: dict[str, Json] = {"error": error, "error_description": why}
    return data(content, status, {"WWW-Authenticate": f'Bearer error="{error}", error_description="{why}"'})
