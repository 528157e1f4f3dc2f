"""A pool for tests: a small workspace, compiled; a clock that is set; a browser that keeps cookies and follows nothing."""

import asyncio
import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx
from memory import compile_files
from starlette.applications import Starlette

from scopegen.pool.app import routes
from scopegen.pool.pool import Pool
from scopegen.served import Served, served

T = TypeVar("T")
URL = "http://127.0.0.1:9229"
CALLBACK, CUSTOM, LOGOUT = "https://app.example.com/callback", "folktells://callback", "https://app.example.com/bye"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CONFIG: dict[str, Any] = {
    "permissions": {
        "Reader": ["petsapi/read"],
        "Writer": ["petsapi/read", "petsapi/write"],
        "Cashier": ["billing/refund"],
        "Nothing": [],
    },
    "clients": {
        "web": {
            "kind": "user",
            "callback-urls": [CALLBACK, CUSTOM, "http://localhost:3000/cb"],
            "logout-urls": [LOGOUT],
        },
        "other": {"kind": "user", "callback-urls": [CALLBACK, "https://other.example.com/?a=b"]},
        "reports": {"kind": "machine", "scopes": ["petsapi/read", "petsapi/write", "billing/refund"]},
    },
    "user-pool": {"domain": "pets-example"},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets": {
            method: {"operationId": name, "x-required-scope": tag, "responses": {"200": {"description": "ok"}}}
            for method, name, tag in (
                ("get", "listPets", "petsapi/read"),
                ("post", "addPet", "petsapi/write"),
                ("delete", "sellPet", {"allOf": ["petsapi/write", "billing/refund"]}),
            )
        }
    },
}


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def build(**changed: Any) -> Served:
    """The workspace as it runs, with other sections where they are named."""
    config = {key: value for key, value in {**CONFIG, **changed}.items() if value is not None}
    result = compile_files({"scopegen.yaml": config, "specs/pets.yaml": DOCUMENT})
    assert result.build is not None, result.report.diagnostics
    return served(result.build, result.artifacts)


SERVED = build()


def pool(shown: Served = SERVED, clock: Clock | None = None) -> Pool:
    return Pool(lambda: shown, URL, clock or Clock())


def with_trigger(code: str, environment: dict[str, str] | None = None) -> Served:
    """The workspace with another trigger."""
    return Served(SERVED.model, SERVED.apis.values(), SERVED.apps.values(), code.encode(), environment or {})


def run(made: Pool, talk: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
    """What comes of talking to a pool, in this process."""

    async def whole() -> T:
        transport = httpx.ASGITransport(app=Starlette(routes=list(routes(made))))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as browser:
            return await talk(browser)

    return asyncio.run(whole())


def asked(**changed: str | None) -> dict[str, str]:
    """An authorization request."""
    whole: dict[str, str | None] = {
        "client_id": "web", "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "state": "s",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256", **changed,
    }  # fmt: skip
    return {key: value for key, value in whole.items() if value is not None}


def form_of(page: httpx.Response) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def told(response: httpx.Response) -> dict[str, str]:
    """What an app is told in its URL."""
    assert response.status_code in (302, 303), response.text
    return {key: values[0] for key, values in parse_qs(urlsplit(response.headers["location"]).query, True).items()}


async def signed_in(browser: httpx.AsyncClient, name: str, *groups: str, **changed: str | None) -> httpx.Response:
    """Sign in by the page; the answer to its form."""
    page = await browser.get("/oauth2/authorize", params=asked(**changed))
    fields = {"form": form_of(page), "name": name, "group": list(groups)}
    return await browser.post("/oauth2/authorize", data=fields, headers={"Origin": URL})


async def exchanged(browser: httpx.AsyncClient, code: str, **changed: str | None) -> httpx.Response:
    """A code for tokens."""
    whole: dict[str, str | None] = {
        "grant_type": "authorization_code", "client_id": "web", "code": code, "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER, **changed,
    }  # fmt: skip
    return await browser.post("/oauth2/token", data={key: value for key, value in whole.items() if value is not None})
