"""The pool on its port. In: a pool. Out: routes, at the paths that Cognito's hosted domain and its issuer have."""

from functools import partial

from starlette.routing import Route

from scopegen.pool import exchange, hosted, profile
from scopegen.pool.answers import for_every_origin
from scopegen.pool.pool import Pool
from scopegen.pool.users import POOL_ID


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
    ]
