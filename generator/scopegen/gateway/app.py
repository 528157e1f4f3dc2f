"""The gateway. In: what runs, a pool's keys, requests to `/<api>/<stage>/<path>`. Out: what API Gateway would answer.

A request is measured, routed, authorized and validated in this order, and only then answered; whatever goes wrong on the
way refuses. Source: API Gateway developer guide, "Authorization flow".
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Coroutine
from traceback import extract_tb

from starlette.types import Receive, Scope, Send

from scopegen import limits
from scopegen.decide import Decision
from scopegen.gateway import readings, refusals, responder, validation
from scopegen.gateway import request as requests
from scopegen.gateway.authorizer import Verdict, authorize
from scopegen.gateway.backend import Backends, Failed, seconds
from scopegen.gateway.calls import Call
from scopegen.gateway.forwarded import outgoing
from scopegen.gateway.options import Options
from scopegen.gateway.refusals import Refusal, refused
from scopegen.gateway.reply import Reply
from scopegen.gateway.request import Gone, Request, Unfit
from scopegen.gateway.seen_by import Sight
from scopegen.pool.keys import Keys
from scopegen.served import Api, Method, Served

_NO_ROUTE = Decision(False, 403, "no route", None)
_NOBODY_LEFT = 499  # the status, as servers write it, of a call whose caller went away
_POLICY = "x-amazon-apigateway-policy"


class _Told:
    """What becomes known of a call while it is answered."""

    def __init__(self) -> None:
        self.api, self.problem, self.by = "", "", "gateway"
        self.verdict: Verdict | None = None
        self.decision: Decision | None = None
        self.method: Method | None = None
        self.notes: list[str] = []


class Gateway:
    """The ASGI app of all APIs. `served` is asked at every call, `seen` told of it once, at its end."""

    def __init__(
        self,
        served: Callable[[], Served],
        keys: Keys,
        options: Options,
        seen: Callable[[Call], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._served, self._keys, self._options, self._seen, self._clock = served, keys, options, seen, clock
        self._backends, self._number = Backends(), 0
        self.under_way = 0  # calls of which nobody has been told yet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._call(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def close(self) -> None:
        """Let go of the backends."""
        await self._backends.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.close()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call, whatever becomes of it; it is told of in any case."""
        at, began, told = self._clock(), time.perf_counter(), _Told()
        reply = Reply(send, str(uuid.uuid4()), head=scope["method"] == "HEAD")
        self.under_way += 1
        try:
            await self._answer(scope, receive, reply, told, at)
        except (Gone, asyncio.CancelledError) as error:
            told.notes.append("the caller went away")
            if isinstance(error, asyncio.CancelledError):
                raise
        except Exception as error:
            place = extract_tb(error.__traceback__)[-1]
            told.notes.append(f"a bug of scopegen's: {type(error).__name__} in {place.name}, line {place.lineno}")
            if not reply.status:
                await reply.whole(refused(refusals.OUR_BUG, None))
        finally:
            self._tell(scope, told, reply.status or _NOBODY_LEFT, at, (time.perf_counter() - began) * 1000)
            self.under_way -= 1

    async def _answer(self, scope: Scope, receive: Receive, reply: Reply, told: _Told, at: float) -> None:
        try:
            request = requests.request(scope)
            sight = self._reached(request, told, reply.number, at)
            if sight is None:
                return await reply.whole(refused(refusals.NO_ROUTE, None))
            refusal = self._judged(sight, told)
            if refusal is not None:
                return await reply.whole(refused(refusal, sight))
            body = await requests.body(receive)
        except Unfit as unfit:
            told.problem = unfit.problem
            return await reply.whole(refused(Refusal(unfit.kind, unfit.status, unfit.message, unfit.error), None))
        return await self._let_in(sight, body, receive, reply, told)

    def _reached(self, request: Request, told: _Told, number: str, at: float) -> Sight | None:
        """The request at its API; None where no API and stage are named so."""
        api = self._served().apis.get(request.api)
        if api is None or request.stage != api.stage:
            told.problem = "no API and stage of this name"
            return None
        told.api = api.name
        return Sight(api, request, number, at)

    def _judged(self, sight: Sight, told: _Told) -> Refusal | None:
        """Route and authorize; the refusal of a request that may not go on."""
        api, request = sight.api, sight.request
        method = api.find(request.method, request.path) if request.method in limits.METHODS else None
        if method is None:
            told.decision = _NO_ROUTE
            return refusals.NO_ROUTE
        sight.method = told.method = method
        told.notes += _unchecked(api, method)
        verdict = told.verdict = authorize(api, method, request, self._keys, sight.now)
        told.decision, told.problem = verdict.decision, verdict.problem
        if not verdict.decision.allowed:
            return self._refusal(verdict.decision)
        sight.claims = verdict.claims
        return None

    def _refusal(self, decision: Decision) -> Refusal:
        if decision.reason == "expired":
            return refusals.EXPIRED
        is_denied = decision.reason == "not carried" and self._options.missing_scope == 403
        return refusals.DENIED if is_denied else refusals.UNAUTHORIZED

    async def _let_in(self, sight: Sight, body: bytes, receive: Receive, reply: Reply, told: _Told) -> None:
        method = sight.method
        assert method is not None
        try:
            problem = validation.problem(sight.api, method, sight, body)
        except validation.Unusable:
            told.notes.append("a model that no validator can be made of")
            problem = refusals.MISCONFIGURED
        base = "" if responder.is_own_mock(method) else self._options.backend(sight.api.name)
        if problem is None and base:
            problem = await self._forwarded(sight, method, base, body, receive, reply, told)
            if problem is None:
                return
        answer = responder.answered(sight.api, method, sight, body) if problem is None else refused(problem, sight)
        told.by = answer.by
        told.notes += answer.notes
        await reply.whole(answer)

    async def _forwarded(
        self, sight: Sight, method: Method, base: str, body: bytes, receive: Receive, reply: Reply, told: _Told
    ) -> Refusal | None:
        """Forward a request; the refusal where nothing could be answered."""
        misread = self._misread(sight, method, body)
        if misread:
            told.notes.append(misread)
            return refusals.BAD_PATH
        work = self._backends.forward(sight.request.method, outgoing(sight, base), body, seconds(method), reply)
        try:
            await _unless_gone(work, receive)
        except Failed as failed:
            told.notes.append(failed.note)
            if not reply.status:
                return failed.refusal
        told.by = "backend"
        return None

    def _misread(self, sight: Sight, method: Method, body: bytes) -> str:
        """Why a request is not forwarded: a backend may take it for what its token does not open; empty where it is."""
        api, request = sight.api, sight.request
        try:
            others = [one for one in readings.reached(api, request, body) if one is not method]
        except readings.Ambiguous as error:
            return str(error)
        for one in others:
            if not authorize(api, one, request, self._keys, sight.now).decision.allowed:
                guard = one.guard
                return f"not forwarded: a backend could read it as {guard.method} {guard.path}, which it may not call"
        return ""

    def _tell(self, scope: Scope, told: _Told, status: int, at: float, milliseconds: float) -> None:
        self._number += 1
        path = (scope.get("raw_path") or b"").decode("ascii", "backslashreplace")
        operation = told.method.operation if told.method else None
        claims = told.verdict.claims if told.verdict else None
        rest = (claims, told.problem, told.by, tuple(told.notes))
        self._seen(
            Call(
                self._number, at, milliseconds, scope["method"], path, told.api, status, told.decision, operation, *rest
            )
        )


def _unchecked(api: Api, method: Method) -> list[str]:
    """What API Gateway would ask for besides, and nobody does here."""
    notes = ["asks for an API key as well, which is not checked here"] if method.keyed else []
    return [*notes, "the resource policy is not evaluated here"] if _POLICY in api.spec else notes


async def _unless_gone(work: Coroutine[None, None, None], receive: Receive) -> None:
    """Do some work until it is done or the caller has gone; Gone then."""
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Gone
        await task
    finally:
        for one in (task, gone):
            one.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
