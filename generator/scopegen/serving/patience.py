"""Connections that nobody can hold. In: uvicorn's connection. Out: the same, closed where the other side is too slow.

A request's head, its body and the reading of its answer have a time each; how long an answer may take is the gateway's.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

_HEAD, _BODY, _READING = 10.0, 30.0, 30.0  # seconds; the last for as much as is buffered, not for the whole answer
_LOOK = 1.0


class Patient(H11Protocol):
    """A connection that waits only so long for the other side, whatever it is that has to come."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._awaited, self._since = self._waiting()[0], self.loop.time()
        self._next_look = self.loop.call_later(_LOOK, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._next_look.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Close a connection on which the same has been awaited for too long."""
        (awaited, longest), now = self._waiting(), self.loop.time()
        if awaited != self._awaited:
            self._awaited, self._since = awaited, now
        if now - self._since >= longest:
            self.transport.abort()  # what is buffered would be waited for
        else:
            self._next_look = self.loop.call_later(_LOOK, self._look)

    def _waiting(self) -> tuple[tuple[str, int], float]:
        """What is awaited, of which request, for how long at most."""
        asked: object = self.cycle  # None until the head of a request is whole
        if self.flow.write_paused:
            return ("reading", id(asked)), _READING
        if asked is None or self.cycle.response_complete:
            return ("head", id(asked)), _HEAD
        return (("body", id(asked)), _BODY) if self.cycle.more_body else (("answer", id(asked)), float("inf"))

    def _should_upgrade(self) -> bool:
        return False

    def send_400_response(self, msg: str) -> None:
        """The answer to what is no HTTP; none where another answer has begun. Whoever was answering learns of it."""
        answering: RequestResponseCycle | None = self.cycle
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:
            self.transport.close()
        if answering is not None:
            answering.disconnected = True
            answering.message_event.set()
