"""Answers of the pool. In: data, errors. Out: responses that nobody keeps; those for browsers' scripts say so.

Source of the headers: Cognito developer guide, "Token endpoint" (CORS for every origin, never with credentials).
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from scopegen.document import Json
from scopegen.pool.clients import Denied

Endpoint = Callable[[Request], Awaitable[Response]]
_NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def data(content: dict[str, Json], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON that is not to be kept."""
    return JSONResponse(content, status, {**_NO_STORE, **(headers or {})})


def error(denied: Denied, status: int = 400) -> Response:
    """An error of OAuth (RFC 6749, 5.2), by its name alone: Cognito does not say why."""
    return data({"error": denied.error}, status)


def redirect(location: str, status: int = 302) -> Response:
    """On to somewhere; nobody learns from where."""
    return RedirectResponse(location, status, {**_NO_STORE, "Referrer-Policy": "no-referrer"})


def for_every_origin(path: str, endpoint: Endpoint, methods: list[str]) -> Route:
    """A route that any page's scripts may use. `*` goes without credentials: no cookie ever counts there."""
    allowed = {
        "Access-Control-Allow-Methods": ", ".join([*methods, "OPTIONS"]),
        "Access-Control-Allow-Headers": "Authorization, *",
        "Access-Control-Max-Age": "600",
    }

    async def answer(request: Request) -> Response:
        preflight = request.method == "OPTIONS"
        response = Response(headers=allowed) if preflight else await endpoint(request)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return Route(path, answer, methods=[*methods, "OPTIONS"])
