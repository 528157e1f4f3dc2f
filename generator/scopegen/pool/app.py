"""The pool on its port. In: a pool. Out: routes, at the paths that Cognito's hosted domain and its issuer have."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scopegen.document import Json
from scopegen.pool import exchange, hosted, profile
from scopegen.pool.answers import data, for_every_origin
from scopegen.pool.pool import Pool
from scopegen.pool.users import POOL_ID

_NOT_PLAYED = (
    "scopegen serve has no user pool API (InitiateAuth and the like): sign in at /oauth2/authorize, or take a token from "
    "`scopegen token` or the console"
)


async def not_played(_: Request) -> Response:
    """What an SDK asks of the user pool API, in the form in which it expects an error; one in a browser may read it too."""
    body: dict[str, Json] = {"__type": "NotImplementedException", "message": _NOT_PLAYED}
    return data(body, 400, {"x-amzn-ErrorType": "NotImplementedException"})


def routes(pool: Pool) -> list[Route]:
    """Every endpoint. Scripts of other origins may use those that take no cookie, and never a page."""
    well_known = f"/{POOL_ID}/.well-known"
    return [
        for_every_origin("/oauth2/token", partial(exchange.token, pool), ["POST"]),
        for_every_origin("/oauth2/userInfo", partial(profile.user_info, pool), ["GET", "POST"]),
        for_every_origin(f"{well_known}/openid-configuration", partial(profile.discovery, pool), ["GET"]),
        for_every_origin(f"{well_known}/jwks.json", partial(profile.jwks, pool), ["GET"]),
        Route("/oauth2/revoke", partial(exchange.revoke, pool), methods=["POST"]),
        Route("/oauth2/authorize", partial(hosted.authorize, pool), methods=["GET"]),
        Route("/oauth2/authorize", partial(hosted.submit, pool), methods=["POST"]),
        Route("/logout", partial(hosted.logout, pool), methods=["GET"]),
        for_every_origin("/", not_played, ["POST"]),
    ]
