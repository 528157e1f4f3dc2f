"""What a backend is sent and what the caller gets back. In: a request that was let in. Out: URL and headers, both cleaned.

What the caller could forge is taken out before API Gateway's own is put in: the request context, the parameters that the
integration maps. A backend may read `_` in a header's name as `-`, so that both are the same name here.
Sources: RFC 9110, 7.6; API Gateway developer guide, "HTTP proxy integrations", "Parameter mapping"; AWS Lambda Web Adapter.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

from scopegen.document import Json, mapping, text
from scopegen.gateway import answers
from scopegen.gateway.answers import HOP_BY_HOP, Header
from scopegen.gateway.mapped import mapped
from scopegen.gateway.request import plain
from scopegen.gateway.seen_by import Sight

_CONTEXT = "x-amzn-request-context"
_FORGED = ("x-forwarded-", "x-amzn-request-context", "x-amzn-lambda-context", "forwarded", "x-real-ip")
_NEVER = HOP_BY_HOP | {"host", "content-length", "expect"}
_HEADER, _QUERY = "integration.request.header.", "integration.request.querystring."


class Outgoing(NamedTuple):
    """A request to a backend."""

    url: str
    headers: tuple[tuple[str, str], ...]


def outgoing(sight: Sight, base: str) -> Outgoing:
    """What a backend is sent: the path as it came below its base URL."""
    request = sight.request
    wanted = mapping(sight.method.integration.get("requestParameters")) if sight.method else {}
    queries, headers = _mapped(wanted, _QUERY, sight), _mapped(wanted, _HEADER, sight)
    query = _queries(request.query, queries)
    url = f"{base.rstrip('/')}{request.path}" + (f"?{query}" if query else "")
    kept = _kept(request.headers, {plain(name) for name in headers})
    own = [(name, value) for name, value in headers.items() if value is not None and plain(name) not in _NEVER]
    own += [("x-forwarded-for", request.client), (_CONTEXT, context(sight))]
    return Outgoing(url, (*kept, *(one for one in own if answers.header(*one) is not None)))


def context(sight: Sight) -> str:
    """The request context as AWS passes it on: JSON in ASCII, in which a line break is an escape."""
    return json.dumps(sight.context(), separators=(",", ":"))


def _mapped(wanted: dict[str, Json], prefix: str, sight: Sight) -> dict[str, str | None]:
    """Name -> value of the integration's own parameters of one kind; None where the request has no value for one."""
    return {
        name.removeprefix(prefix): mapped(text(source), sight)
        for name, source in wanted.items()
        if name.startswith(prefix) and not name.startswith(_HEADER + _CONTEXT)
    }


def _queries(written: str, own: dict[str, str | None]) -> str:
    """The query as it was sent, without the parameters that the integration sets."""
    kept = [one for one in written.split("&") if unquote_plus(one.partition("=")[0]) not in own] if own else [written]
    made = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in own.items() if value is not None]
    return "&".join(one for one in (*kept, *made) if one)


def _kept(headers: Iterable[tuple[str, str]], replaced: set[str]) -> list[tuple[str, str]]:
    pairs = list(headers)
    named = _of_connection(pairs)
    return [
        (name, _as_sent(value))
        for name, value in pairs
        if name not in _NEVER
        and name not in named
        and plain(name) not in replaced
        and not plain(name).startswith(_FORGED)
        and answers.header(name, value) is not None
    ]


def _of_connection(pairs: list[tuple[str, str]]) -> set[str]:
    """The headers that `Connection` names, which belong to this connection too."""
    return {part.strip().lower() for name, value in pairs if name.lower() == "connection" for part in value.split(",")}


def _as_sent(value: str) -> str:
    """A value that the client library writes as UTF-8: the same bytes again, where they were any."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value


def returned(raw: Iterable[tuple[bytes, bytes]]) -> list[Header]:
    """The headers of a backend's answer that go on to the caller."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]
    dropped = HOP_BY_HOP | _of_connection(pairs) | {"x-amzn-requestid"}
    made = (answers.header(name, value) for name, value in pairs if name.lower() not in dropped)
    return [one for one in made if one is not None]
