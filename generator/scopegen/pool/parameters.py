"""What a request says. In: a request. Out: its parameters, each once; Malformed for anything that could be read two ways."""

import base64
import binascii
from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request

FORM = "application/x-www-form-urlencoded"
_LONGEST = 16_384
_FIELDS = 300
Pairs = tuple[tuple[str, str], ...]


class Malformed(Exception):
    """A request that says nothing clear; why, in a few words in which nothing of it stands."""


def query(request: Request) -> Pairs:
    """The parameters of the URL."""
    return _pairs(request.scope["query_string"])


async def form(request: Request) -> Pairs:
    """The parameters of the body, which must be a form."""
    kinds = request.headers.getlist("content-type")
    if [kind.partition(";")[0].strip().lower() for kind in kinds] != [FORM]:
        raise Malformed(f"the content type must be {FORM}")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST:
            raise Malformed("the request is too long")
    return _pairs(body)


def once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name; Malformed if one comes twice (RFC 6749, 3.1 and 3.2)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise Malformed("a parameter comes twice")
        found[name] = value
    return found


def basic(request: Request) -> tuple[str, str] | None:
    """Name and secret of the Authorization header (RFC 7617); None without one."""
    headers = request.headers.getlist("authorization")
    if not headers:
        return None
    scheme, _, written = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "basic":
        raise Malformed("the Authorization header is not Basic")
    try:
        name, colon, secret = base64.b64decode(written.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise Malformed("the Authorization header is not Basic") from None
    if not colon:
        raise Malformed("the Authorization header is not Basic")
    return name, secret


def bearer(request: Request) -> str | None:
    """The token of the Authorization header (RFC 6750); None without one, or with several."""
    headers = request.headers.getlist("authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _pairs(written: bytes) -> Pairs:
    if len(written) > _LONGEST:
        raise Malformed("the request is too long")
    try:
        return tuple(
            parse_qsl(written.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
        )
    except ValueError:
        raise Malformed("the parameters cannot be read") from None
