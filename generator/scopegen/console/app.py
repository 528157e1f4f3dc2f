"""The console over HTTP. In: a pool, what is served, the calls. Out: routes: the page at `/`, its data below `/local/`.

`GET /local/state`, `/local/calls?after=N`, `/local/secret?client=NAME`; `POST /local/token`; `PUT` and `DELETE /local/users`.
No answer may be read by a page of another origin, nor be kept.
"""

import json
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scopegen.console import data, naming, tokens
from scopegen.console.page import page
from scopegen.console.reading import Refusal, body, check_sender
from scopegen.document import Json
from scopegen.gateway.calls import Call
from scopegen.pool.pool import Pool
from scopegen.served import Served

_MOST_CALLS = 500
_LONGEST_PROBLEM = 20_000  # characters; who has more findings reads them in the terminal
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class Console:
    """What the console answers. `gateway_url` gives the base URL of an API by its name, `problem` the findings that kept the
    last change from being served. `run` tells processes apart, whose calls are each numbered anew."""

    def __init__(
        self,
        pool: Pool,
        served: Callable[[], Served],
        calls: Callable[[int], list[Call]],
        gateway_url: Callable[[str], str],
        problem: Callable[[], str] = lambda: "",
    ) -> None:
        self.pool, self.served, self.calls = pool, served, calls
        self.gateway_url, self.problem = gateway_url, problem
        self.run, self._known, self._reloads = secrets.token_hex(8), served(), 0

    def routes(self) -> list[Route]:
        """Where it answers."""
        return [
            Route("/", _show),
            Route("/local/state", _guarded(self.pool, self.state)),
            Route("/local/calls", _guarded(self.pool, self.recent)),
            Route("/local/secret", _guarded(self.pool, self.secret)),
            Route("/local/token", _guarded(self.pool, self.token), methods=["POST"]),
            Route("/local/users", _guarded(self.pool, self.put_user), methods=["PUT"]),
            Route("/local/users", _guarded(self.pool, self.remove_user), methods=["DELETE"]),
        ]

    async def state(self, _: Request) -> Json:
        return data.state(self.served(), self.pool, self.gateway_url)

    async def recent(self, request: Request) -> Json:
        found = self.calls(_number(request.query_params.get("after", "0")))[-_MOST_CALLS:]
        shown: list[Json] = [data.call(one) for one in found]
        return {
            "run": self.run,
            "calls": shown,
            "problem": self.problem()[:_LONGEST_PROBLEM],
            "version": self._version(),
        }

    def _version(self) -> str:
        """Another text whenever the state may be another."""
        if self._known is not self.served():
            self._known, self._reloads = self.served(), self._reloads + 1
        return json.dumps([self._reloads, data.users(self._known, self.pool)])

    async def token(self, request: Request) -> Json:
        return await tokens.token(self.served(), self.pool, await body(request, tokens.KINDS))

    async def secret(self, request: Request) -> Json:
        app = tokens.machine(self.served(), _only(request, "client"))
        return {"client_id": app.name, "client_secret": self.pool.secret(app.name)}

    async def put_user(self, request: Request) -> Json:
        asked = await body(request, {"name": str, "permissions": list})
        if asked.keys() != {"name", "permissions"}:
            raise Refusal(400, "send `name` and `permissions`")
        name, groups = naming.user_name(asked["name"]), naming.groups_of(self.served(), asked["permissions"])
        return data.user(self.served(), naming.put(self.pool.users, name, groups))

    async def remove_user(self, request: Request) -> Json:
        name = (await body(request, {"name": str})).get("name", "")
        if self.pool.users.get(name) is None:
            raise Refusal(404, f"there is no user `{name}`")
        self.pool.users.remove(name)
        return {}


async def _show(_: Request) -> Response:
    made = page()
    return Response(made.html, headers={**_HEADERS, "Content-Security-Policy": made.policy}, media_type="text/html")


def _guarded(pool: Pool, make: Callable[[Request], Awaitable[Json]]) -> _Endpoint:
    """An endpoint that looks at the sender first, and says what was wrong as JSON."""

    async def endpoint(request: Request) -> Response:
        try:
            check_sender(request, pool.url)
            return _json(await make(request))
        except Refusal as error:
            return _json({"error": error.sentence, "hint": error.hint}, error.status)

    return endpoint


def _json(answer: Json, status: int = 200) -> Response:
    return Response(json.dumps(answer), status, _HEADERS, "application/json")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Refusal(400, "`after` is the number of a call")
    return int(text)


def _only(request: Request, key: str) -> str:
    values = request.query_params.getlist(key)
    if len(values) != 1:
        raise Refusal(400, f"name one `{key}`")
    return values[0]
