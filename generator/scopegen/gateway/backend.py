"""Forwarding. In: a request that was let in, a base URL. Out: the backend's answer, piece by piece, or why there is none.

The body of the request is read whole before: API Gateway's limit is on the whole. Nothing is unpacked, no redirect
followed. API Gateway gives a backend 29 seconds at most, or what the integration says.
"""

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING

from scopegen.gateway.answers import is_final
from scopegen.gateway.forwarded import Outgoing, returned
from scopegen.gateway.refusals import TIMEOUT, UNREACHABLE, Refusal
from scopegen.gateway.reply import Reply
from scopegen.limits import INTEGRATION_SECONDS
from scopegen.served import Method

if TYPE_CHECKING:
    from aiohttp import ClientSession


class Failed(Exception):
    """No whole answer of a backend; nothing was sent yet unless the reply has begun."""

    def __init__(self, refusal: Refusal, note: str) -> None:
        super().__init__(note)
        self.refusal, self.note = refusal, note


def seconds(method: Method) -> float:
    """How long the backend of a method may take."""
    written = method.integration.get("timeoutInMillis")
    if isinstance(written, bool) or not isinstance(written, int | float):
        return INTEGRATION_SECONDS
    return min(max(written / 1000, 0.05), INTEGRATION_SECONDS)


class Backends:
    """The connections to backends."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    async def forward(self, method: str, request: Outgoing, body: bytes, limit: float, reply: Reply) -> None:
        """Send a request and pass on what is answered; Failed where nothing whole is."""
        from aiohttp import ClientError, ClientTimeout
        from yarl import URL

        try:
            async with self._connected().request(
                method,
                URL(request.url, encoded=True),
                headers=request.headers,
                data=BytesIO(body) if body else (b"" if method in ("POST", "PUT", "PATCH") else None),
                allow_redirects=False,
                timeout=ClientTimeout(total=limit),
            ) as response:
                if not is_final(response.status):
                    raise Failed(UNREACHABLE, f"the backend did not answer (status {response.status})")
                await reply.start(response.status, returned(response.raw_headers))
                async for part in response.content.iter_any():
                    await reply.part(part)
            await reply.end()
        except TimeoutError:
            raise Failed(TIMEOUT, f"the backend took more than {limit:g} s") from None
        except (ClientError, OSError, ValueError, asyncio.IncompleteReadError) as error:
            raise Failed(UNREACHABLE, f"the backend did not answer ({type(error).__name__})") from None

    def _connected(self) -> "ClientSession":
        from aiohttp import ClientSession, DummyCookieJar

        if self._session is None:
            self._session = ClientSession(
                auto_decompress=False,
                cookie_jar=DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
