"""Requests of the console's own API, read strictly. In: a request. Out: plain data, or a Refusal to answer with.

What changes something is only taken from the console's own page and from programs that are no browser: a foreign page
can send no JSON without a preflight, which is never granted, says whose it is in `Origin`, and in `Sec-Fetch-Site` that
it is foreign. Sources: Fetch, "CORS protocol"; Fetch Metadata Request Headers.
"""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from scopegen.document import Json
from scopegen.pool.sender import is_own

_MOST_BYTES = 64 * 1024
_SITES = frozenset({"same-origin", "none"})  # ours, or no page at all; another port of this machine is `same-site`


class Refusal(Exception):
    """What is answered instead: a status, a sentence, a hint."""

    def __init__(self, status: int, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.hint = status, sentence, hint


def check_sender(request: Request, url: str) -> None:
    """Refusal of a request that a page of somebody else's has made; `url` is our own."""
    if request.headers.get("sec-fetch-site", "none") not in _SITES:
        raise Refusal(403, "only the console's own page may ask this")
    if not is_own(request, url):
        raise Refusal(403, "only the console's own page may ask this")


async def body(request: Request, kinds: Mapping[str, type]) -> dict[str, Any]:
    """The JSON object of a request, with no keys but these, each of its kind; a list is one of texts."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, "send JSON: Content-Type: application/json")
    data = _parsed(await _bytes(request))
    for key, value in data.items():
        if key not in kinds:
            raise Refusal(400, f"`{key}` is not known here", f"known are {', '.join(kinds)}")
        if not _fits(value, kinds[key]):
            raise Refusal(400, f"`{key}` must be {'a list of texts' if kinds[key] is list else 'a text'}")
    return data


async def _bytes(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise Refusal(413, f"more than {_MOST_BYTES // 1024} kB")
    return bytes(content)


def _parsed(content: bytes) -> dict[str, Json]:
    try:
        data = json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
        json.dumps(data, ensure_ascii=False).encode()  # half a character is no text
    except (ValueError, RecursionError):
        raise Refusal(400, "this is no JSON") from None
    if not isinstance(data, dict):
        raise Refusal(400, "send a JSON object")
    return data


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise Refusal(400, "a key stands twice")
    return data


def _no_number(text: str) -> Json:
    raise ValueError(text)


def _fits(value: Json, kind: type) -> bool:
    if kind is not list or not isinstance(value, list):
        return isinstance(value, kind)
    return all(isinstance(one, str) for one in value)
