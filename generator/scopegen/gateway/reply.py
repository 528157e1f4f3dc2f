"""An answer on its way. In: ASGI's `send`. Out: what was sent: once a start, then a body, none to HEAD."""

from collections.abc import Iterable

from starlette.types import Send

from scopegen.gateway.answers import Answer, Header, has_body


class Reply:
    """The answer to one request. `status` is 0 until it has begun; every answer has the request's number."""

    def __init__(self, send: Send, number: str, *, head: bool) -> None:
        self._send, self._head, self.number = send, head, number
        self._own = (b"x-amzn-RequestId", number.encode("ascii"))
        self.status = 0

    async def start(self, status: int, headers: Iterable[Header]) -> None:
        self.status = status
        await self._send({"type": "http.response.start", "status": status, "headers": [*headers, self._own]})

    async def part(self, body: bytes) -> None:
        if not self._head:
            await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self, body: bytes = b"") -> None:
        await self._send({"type": "http.response.body", "body": b"" if self._head else body, "more_body": False})

    async def whole(self, answer: Answer) -> None:
        """A whole answer, its length included."""
        length = () if not has_body(answer.status) else ((b"Content-Length", b"%d" % len(answer.body)),)
        await self.start(answer.status, (*answer.headers, *length))
        await self.end(answer.body if length else b"")
