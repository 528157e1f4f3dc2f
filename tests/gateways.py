"""A gateway in this process: a workspace compiled in memory, a pool's keys, calls without a socket."""

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import httpx
from memory import compile_files

from scopegen.document import Json
from scopegen.gateway.app import Gateway
from scopegen.gateway.calls import Call
from scopegen.gateway.options import Options
from scopegen.pool.keys import Keys
from scopegen.served import Served, served

NOW = 1_900_000_000.0
ISSUER = "http://127.0.0.1:1/local_pool"


@cache
def keys(issuer: str = ISSUER) -> Keys:
    return Keys(issuer)


def made(paths: dict[str, Any], config: dict[str, Any] | None = None, **root: Any) -> Served:
    """What runs of one API `pets` with these paths."""
    document = {"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "paths": paths, **root}
    settings = {"resource-servers": {"petsapi": {"scopes": {"read": "Read", "write": "Write"}}}, **(config or {})}
    return ran({"specs/pets.yaml": document, "scopegen.yaml": settings})


def ran(files: dict[str, Any]) -> Served:
    result = compile_files(files)
    assert result.build is not None, [one.message for one in result.report.diagnostics]
    assert result.artifacts, [one.message for one in result.report.diagnostics]
    return served(result.build, result.artifacts)


def operation(tag: Json = "petsapi/read", schema: Json = None, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "ok"}
    if schema is not None:
        answer["content"] = {"application/json": {"schema": schema}}
    return {"x-required-scope": tag, "responses": {"200": answer}, **more}


def token(*scopes: str, use: Any = "access", lasts: float = 900, by: Keys | None = None, **claims: Json) -> str:
    whole = {"sub": "1", "client_id": "web", "exp": int(NOW + lasts), "iat": int(NOW), **claims}
    return (by or keys()).sign(use, {**whole, "scope": " ".join(scopes)} if use == "access" else whole)


class Answered:
    """Some answers, and the calls that were told of."""

    def __init__(self, responses: list[httpx.Response], calls: list[Call]) -> None:
        self.responses, self.calls = responses, calls

    @property
    def one(self) -> httpx.Response:
        assert len(self.responses) == len(self.calls) == 1
        return self.responses[0]


def ask(one: Served, *requests: httpx.Request, options: Options = Options()) -> Answered:  # noqa: B008
    """Every request in turn, sent as it is."""
    calls: list[Call] = []
    sent: dict[str, Any] = {}

    async def run() -> list[httpx.Response]:
        gateway = Gateway(lambda: one, keys(), options, calls.append, lambda: NOW)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            raw, _, query = sent["target"].partition(b"?")  # what httpx would tidy up
            await gateway({**scope, "raw_path": raw, "query_string": query}, receive, send)

        transport = httpx.ASGITransport(app=app)
        try:
            async with httpx.AsyncClient(transport=transport) as client:
                answers = []
                for request in requests:
                    sent.update(request.extensions)
                    answers.append(await client.send(request))
                return answers
        finally:
            await gateway.close()

    return Answered(asyncio.run(run()), calls)


def call(
    path: str,
    method: str = "GET",
    bearer: str = "",
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    body: bytes | None = None,
    stage: str = "/pets/prod",
) -> httpx.Request:
    """A request whose path goes out as it is written."""
    raw = f"{stage}{path}".encode("latin-1")
    given = [*(headers.items() if isinstance(headers, Mapping) else headers)]
    if bearer:
        given.append(("Authorization", bearer))
    return httpx.Request(method, "http://127.0.0.1/", headers=given, content=body, extensions={"target": raw})


def forged(header: dict[str, Any], payload: dict[str, Any], sign: Any = lambda data: b"") -> str:
    """A token written by hand."""
    import json

    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, payload)]
    data = b".".join(parts)
    return (data + b"." + base64.urlsafe_b64encode(sign(data)).rstrip(b"=")).decode()


def claims(**more: Any) -> dict[str, Any]:
    return {"iss": ISSUER, "exp": int(time.time()) + 10**9, "token_use": "access", "scope": "petsapi/read", **more}
