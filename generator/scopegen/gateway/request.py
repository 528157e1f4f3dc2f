"""A request as the gateway sees it. In: an ASGI scope. Out: a Request, or Unfit where API Gateway would not look further.

The path stays as it was sent: escapes are resolved by routing alone, dot segments by nobody. Sources: API Gateway
developer guide, quotas: 10,240 bytes of headers, line ends counted, 10,240 characters of URL, 10 MB of body. What it
answers to too many headers is not documented: 431 stands for it here.
"""

import re
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

from scopegen import limits
from scopegen.gateway.answers import POOLS

_TARGET = re.compile(rb"/[\x21\x22\x24-\x7e]*")  # printable, and no fragment
_QUERY = re.compile(rb"[\x21\x22\x24-\x7e]*")


class Unfit(Exception):
    """A request that is refused before anything else: kind, status and message of the answer, what was wrong."""

    error = "BadRequestException"

    def __init__(self, kind: str, status: int, message: str, problem: str) -> None:
        super().__init__(problem)
        self.kind, self.status, self.message, self.problem = kind, status, message, problem


class Gone(Exception):
    """The client went away before its request was read."""


class Request(NamedTuple):
    """`path` is below API and stage and still escaped; header names are in lower case."""

    method: str
    api: str
    stage: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    client: str

    def values(self, name: str) -> list[str]:
        """Every value of a header, by its name in lower case."""
        return [value for key, value in self.headers if key == name]

    def value(self, name: str) -> str:
        """The first value of a header; empty where it has none."""
        return next((value for key, value in self.headers if key == name), "")

    def media(self) -> str:
        """The media type of the body, without its parameters."""
        return (self.value("content-type") or "application/json").partition(";")[0].strip().lower()

    def queries(self) -> list[tuple[str, str]]:
        return (
            parse_qsl(self.query, keep_blank_values=True, max_num_fields=1000) if self.query.count("&") < 1000 else []
        )


def request(scope: Scope) -> Request:
    """The request of a scope; Unfit where it is over a limit or no path of an API's."""
    raw, query = scope.get("raw_path") or b"", scope.get("query_string") or b""
    if len(raw) + len(query) + bool(query) > limits.REQUEST_URL_LENGTH:
        raise Unfit("DEFAULT_4XX", 414, "Request URI too long", "a URL that is too long")
    if not _TARGET.fullmatch(raw) or not _QUERY.fullmatch(query):
        raise Unfit("DEFAULT_4XX", 400, "Bad Request", "characters that no path or query has")
    given = scope["headers"]
    if sum(len(name) + len(value) + 4 for name, value in given) > limits.HEADER_BYTES:
        raise Unfit(
            "DEFAULT_4XX", 431, "Request Header Fields Too Large", f"more than {limits.HEADER_BYTES} bytes of headers"
        )
    _, api, *rest = raw.decode("ascii").split("/", 3)
    stage, path = rest[0] if rest else "", f"/{rest[1]}" if len(rest) > 1 else "/"
    pairs = ((name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")) for name, value in given)
    headers = tuple((name, _foreign(value) if name == "cookie" else value) for name, value in pairs)
    lengths = {value for name, value in headers if name == "content-length"}
    if len(lengths) > 1 or (lengths and any(name == "transfer-encoding" for name, _ in headers)):
        raise Unfit("DEFAULT_4XX", 400, "Bad Request", "two lengths of one body")
    client = (scope.get("client") or ("127.0.0.1", 0))[0]
    return Request(scope["method"], api, stage, path, query.decode("ascii"), headers, client)


def plain(name: str) -> str:
    """The name of a header as backends may read it: to CGI and WSGI `_` is `-`, and to some any other sign as well."""
    return re.sub(r"[^a-z0-9]", "-", name.lower())


def _foreign(cookies: str) -> str:
    """Cookies without those of the pool."""
    if POOLS not in cookies:
        return cookies
    return ";".join(one for one in cookies.split(";") if not one.lstrip().startswith(POOLS)).strip()


async def body(receive: Receive) -> bytes:
    """The whole body, counted while it is read: what a header says of its length is not believed. Unfit over 10 MB."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        part = message.get("body", b"")
        size += len(part)
        if size > limits.BODY_BYTES:
            raise Unfit("REQUEST_TOO_LARGE", 413, "Request Too Long", "a body of more than 10 MB")
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)
