"""The process that serves. In: a State, where to listen. Out: two servers in one loop, until they are told to stop.

The APIs have a port of their own: what an API answers must not share an origin with the sign-in and the console.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import uvicorn
from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from scopegen import limits
from scopegen.console.app import Console
from scopegen.gateway.app import Gateway
from scopegen.gateway.options import Options
from scopegen.pool import app as pool_app
from scopegen.pool.pool import Pool
from scopegen.serving.patience import Patient
from scopegen.serving.state import State

LOOPBACK = "127.0.0.1"
_ANY = {"": LOOPBACK, "0.0.0.0": LOOPBACK, "::": "[::1]"}  # noqa: S104  every address, and one to call it by
_LOCAL_NAMES = (LOOPBACK, "localhost", "*.localhost", "[::1]")
_GRACE = 2  # seconds for answers that are under way when told to stop


class Place(NamedTuple):
    """Where to listen, and as whom. Port 0 is any that is free; `names` are hosts besides this machine's that a request may
    name; `issuer` is what tokens say of who issued them, if not the pool's own URL.
    """

    host: str = LOOPBACK
    port: int = 0
    pool_port: int = 0
    names: tuple[str, ...] = ()
    issuer: str = ""


class _Server(uvicorn.Server):
    """Signals are the command's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Servers:
    """Both servers: bound when made, so that their ports are known and taken; OSError, with the
    address as its `filename`, where they cannot be had."""

    def __init__(self, state: State, place: Place, options: Options) -> None:
        self._state = state
        with contextlib.ExitStack() as stack:
            self._sockets = [stack.enter_context(_bound(place.host, port)) for port in (place.port, place.pool_port)]
            host = _ANY.get(place.host, f"[{place.host}]" if ":" in place.host else place.host)
            self.gateway_url, self.pool_url = (f"http://{host}:{one.getsockname()[1]}" for one in self._sockets)
            self.pool = Pool(lambda: state.served, self.pool_url, issuer=place.issuer)
            self.pool.told = lambda text: state.heard(text)
            self._gateway = Gateway(lambda: state.served, self.pool.keys, options, state.seen)
            console = Console(self.pool, lambda: state.served, state.calls, self.url_of, lambda: state.problem)
            pool = Starlette(
                routes=[*console.routes(), *pool_app.routes(self.pool)], exception_handlers={ClientDisconnect: _nobody}
            )
            allowed = [*_LOCAL_NAMES, *place.names, *([] if place.host in _ANY else [place.host])]
            self._servers = [_server(app, allowed) for app in (self._gateway, pool)]
            stack.pop_all()

    def url_of(self, api: str) -> str:
        """The base URL of an API by its name, stage included."""
        return f"{self.gateway_url}/{api}/{self._state.served.apis[api].stage}"

    @property
    def under_way(self) -> int:
        """How many calls there are that nobody has been told of."""
        return self._gateway.under_way

    async def run(self) -> None:
        """Serve until `stop` is called."""
        pairs = zip(self._servers, self._sockets, strict=True)
        await asyncio.gather(*(server.serve([listening]) for server, listening in pairs))

    def stop(self) -> None:
        """Answer what is under way, and end. Also from another thread."""
        for server in self._servers:
            server.should_exit = True


async def _nobody(_: Request, __: Exception) -> Response:
    """Whoever asked has gone before all was said: what is answered reaches nobody."""
    return Response(status_code=400)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Of a socket that does not say TCP asyncio does not turn Nagle's delay off: 40 ms an answer.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(2048)
    except OSError as error:
        made.close()
        error.filename = f"{host}:{port}"
        raise
    return made


def _server(app: ASGIApp, allowed: Sequence[str]) -> uvicorn.Server:
    """A server that answers only to names of this machine: a page elsewhere whose name leads here gets nothing."""
    guarded = TrustedHostMiddleware(app, allowed, www_redirect=False)
    return _Server(
        uvicorn.Config(
            guarded,
            loop="asyncio",
            http=Patient,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="error",  # what is no HTTP is refused, and no news
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE,
            h11_max_incomplete_event_size=4 * limits.HEADER_BYTES,
        )
    )
