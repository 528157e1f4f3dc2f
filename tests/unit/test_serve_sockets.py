"""`serve` over sockets, as bytes: requests that are read in two ways, and clients that hold what they have."""

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegen.decide import decide
from scopegen.serving import patience
from scopegen.testing import LocalGateway

SPEC = """
openapi: 3.0.3
info: {title: Pets, version: "1"}
x-resource-server: petsapi
paths:
  /pets:
    get: {x-required-scope: read, responses: {"200": {description: All}}}
    post: {x-required-scope: write, responses: {"200": {description: One}}}
  /pets/{id}:
    get: {x-required-scope: write, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {"200": {description: One}}}
  /long:
    get:
      x-required-scope: {public: all}
      responses: {"200": {description: Long, content: {text/plain: {example: LONG}}}}
  /open:
    x-amazon-apigateway-any-method: {x-required-scope: {public: all}, responses: {"200": {description: Up}}}
"""
CONFIG = """
permissions: {Readers: [petsapi/read], Writers: [petsapi/write]}
clients: {web: {kind: user, callback-urls: ["https://app.example.com/cb"], logout-urls: ["https://app.example.com/"]}}
user-pool: {domain: pets}
"""
HOST = b"Host: 127.0.0.1\r\n"
LAST = b"Connection: close\r\n"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGateway]:
    folder = tmp_path_factory.mktemp("sockets")
    (folder / "specs").mkdir()
    Path(folder, "specs/pets.yaml").write_text(SPEC.replace("LONG", "x" * 8_000_000), "utf-8")
    Path(folder, "scopegen.yaml").write_text(CONFIG, "utf-8")
    with LocalGateway(folder) as running:
        yield running


@pytest.fixture(scope="module")
def reader(gateway: LocalGateway) -> bytes:
    return b"Authorization: " + gateway.user_token("Readers").encode() + b"\r\n"


def connected(gateway: LocalGateway) -> socket.socket:
    port = int(gateway.url("pets").split(":")[2].split("/")[0])
    return socket.create_connection(("127.0.0.1", port), timeout=8)


def said(line: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    parts = []
    while True:
        try:
            part = line.recv(65536)
        except ConnectionResetError:
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)


def asked(gateway: LocalGateway, *parts: bytes) -> bytes:
    with connected(gateway) as line:
        with contextlib.suppress(OSError):  # who refuses may be gone by then
            for i, part in enumerate(parts):
                time.sleep(0.1 if i else 0)
                line.sendall(part)
            line.shutdown(socket.SHUT_WR)
        return said(line)


def statuses(answer: bytes) -> list[int]:
    return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d{3})", answer)]


POST = b"POST /pets/prod/open HTTP/1.1\r\n" + HOST
INNER = b"GET /pets/prod/pets HTTP/1.1\r\n" + HOST + b"\r\n"
SMUGGLED = {
    "two kinds of length": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 6\r\nContent-Length: 5\r\n\r\nabcdef",
    "a sign": b"Content-Length: +6\r\n\r\nabcdef",
    "no number": b"Content-Length: 0x6\r\n\r\nabcdef",
    "less than nothing": b"Content-Length: -1\r\n\r\n",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two codings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a strange space": b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a bare CR": b"X: a\rTransfer-Encoding: chunked\r\n\r\n",
    "a NUL": b"X: a\0\r\n\r\n",
    "a name of no letters": b"X\xe9: a\r\n\r\n",
    "two hosts": b"Host: 127.0.0.1\r\n\r\n",
    "a length of a chunk below nothing": b"Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
    "an end of line in an extension": b"Transfer-Encoding: chunked\r\n\r\n3;a\nx\r\nabc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("rest", SMUGGLED.values(), ids=SMUGGLED)
def test_a_message_without_one_plain_end_is_refused(rest: bytes, gateway: LocalGateway) -> None:
    assert statuses(asked(gateway, POST + rest))[0] == 400


def test_what_stands_in_a_body_is_no_request(gateway: LocalGateway, reader: bytes) -> None:
    hidden = b"GET /pets/prod/pets HTTP/1.1\r\n" + HOST + reader + b"\r\n"
    length = b"Content-Length: %d\r\n" % len(hidden)
    for path, expected in ((b"open", [200, 401]), (b"pets", [401, 401])):
        first = b"POST /pets/prod/" + path + b" HTTP/1.1\r\n" + HOST + length + b"\r\n"
        assert statuses(asked(gateway, first + hidden + INNER)) == expected


def test_the_token_of_one_request_does_not_count_for_the_next(gateway: LocalGateway, reader: bytes) -> None:
    first = INNER.replace(b"\r\n\r\n", b"\r\n" + reader + b"\r\n")
    assert statuses(asked(gateway, first + INNER + first)) == [200, 401, 200]


def test_a_body_that_breaks_after_the_refusal_is_no_bug(
    gateway: LocalGateway, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"POST /pets/prod/pets HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert statuses(asked(gateway, head, b"zz\r\n", b"more")) == [401]
    assert not caplog.records


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket"])
def test_no_other_protocol_is_spoken_and_nothing_is_said_of_it(
    protocol: bytes, gateway: LocalGateway, caplog: pytest.LogCaptureFixture
) -> None:
    assert statuses(asked(gateway, POST + b"Connection: Upgrade\r\nUpgrade: " + protocol + b"\r\n\r\n" + INNER)) == [
        200,
        401,
    ]
    assert not caplog.records


@pytest.mark.parametrize("host", ["localhost.", "localhost.evil", "127.0.0.1@evil", "evil@127.0.0.1", "127.1", "2130706433", "127.0.0.1.nip.io", "",
                                  "evil, localhost", "localhost/evil", "localhost:evil", "localhost#evil", "[::ffff:127.0.0.1]"])  # fmt: skip
def test_a_name_that_may_lead_elsewhere_gets_nothing(host: str, gateway: LocalGateway) -> None:
    request = f"GET /pets/prod/open HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    assert statuses(asked(gateway, request)) == [400]
    assert statuses(asked(gateway, request.replace(b"/pets", b"http://127.0.0.1/pets"))) == [400]


SLOW = {
    "says nothing": b"",
    "half a head": b"GET /pets/prod/open HTTP/1.1\r\nHo",
    "a second head that never ends": b"GET /pets/prod/open HTTP/1.1\r\n" + HOST + b"\r\nGET /pe",
    "half a body": POST + b"Content-Length: 10\r\n\r\nabc",
    "a body nobody reads": POST.replace(b"open", b"pets") + b"Content-Length: 10\r\n\r\nabc",
    "a chunk that never ends": POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
}


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("_HEAD", 0.3), ("_BODY", 0.3), ("_READING", 0.3), ("_LOOK", 0.1)):
        monkeypatch.setattr(patience, name, seconds)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_a_client_that_does_not_go_on_is_left(sent: bytes, gateway: LocalGateway) -> None:
    with connected(gateway) as line:
        line.sendall(sent)
        began = time.monotonic()
        said(line)
        assert time.monotonic() - began < 4  # uvicorn's own patience with an idle connection is 5 s


@pytest.mark.usefixtures("hurried")
def test_a_client_that_drips_its_head_is_left(gateway: LocalGateway) -> None:
    with connected(gateway) as line:
        line.sendall(POST)
        with pytest.raises(ConnectionError):
            _drip(line)


def _drip(line: socket.socket) -> None:
    for _ in range(80):
        time.sleep(0.05)
        line.sendall(b"X: y\r\n")


@pytest.mark.usefixtures("hurried")
def test_a_client_that_does_not_read_is_left(gateway: LocalGateway) -> None:
    with connected(gateway) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(b"GET /pets/prod/long HTTP/1.1\r\n" + HOST + b"\r\n")
        time.sleep(2)
        assert len(said(line)) < 8_000_000


TARGETS = ["/pets", "/pets/", "//pets", "/pets/1", "/pets/%31", "/p%65ts", "/PETS", "/pets/1/2", "/pets/..", "/open", "/open/", "/nothing", "/", "/pets?x=/open", "/pets%3fx", "/open;x"]  # fmt: skip
METHODS = ["GET", "POST", "get", "HEAD", "DELETE", "OPTIONS", "TRACE", "PATCH"]
KINDS = ["none", "reader", "Bearer reader", "bEARER reader", "Basic reader", "two", "both", "writer", "in another header", "in a cookie", "in the query"]  # fmt: skip
ENDS = ["\r\n", "\n"]
MORE = [b"", b"X-HTTP-Method-Override: GET\r\n", b"X-Original-URL: /open\r\n", b"Content-Length: 2\r\n", b"Transfer-Encoding: chunked\r\n", b"Cookie: a=b\r\n"]  # fmt: skip
OPENED = {
    "reader": ["read"],
    "Bearer reader": ["read"],
    "bEARER reader": ["read"],
    "writer": ["write"],
    "both": ["read", "write"],
}


@pytest.fixture(scope="module")
def tokens(gateway: LocalGateway) -> dict[str, str]:
    held = {"reader": ["Readers"], "writer": ["Writers"], "both": ["Readers", "Writers"]}
    return {name: gateway.user_token(*names, user=name) for name, names in held.items()}


def raw(tokens: dict[str, str], target: str, method: str, kind: str, end: str, more: bytes) -> bytes:
    """A request as bytes, and its body."""
    token = tokens.get(kind, tokens["reader"])
    value = kind.replace("reader", token) if kind.endswith("reader") else token
    lines = [f"{method} /pets/prod{target} HTTP/1.1", "Host: 127.0.0.1"]
    if kind in OPENED or kind.endswith(" reader") or kind == "two":
        lines += [f"Authorization: {value}"] * (2 if kind == "two" else 1)
    if kind == "in another header":
        lines += [f"Authorization_: {token}", f"X-Authorization: {token}"]
    if kind == "in a cookie":
        lines.append(f"Cookie: Authorization={token}")
    if kind == "in the query":
        lines[0] = lines[0].replace(" HTTP", f"{'&' if '?' in target else '?'}Authorization={token} HTTP")
    head = (end.join(lines) + end).encode() + more.replace(b"\r\n", end.encode()) + end.encode()
    body = (
        {b"C": b"{}", b"T": b"2\r\n{}\r\n0\r\n\r\n"}.get(more[:1], b"")
        if b"-Length" in more or b"-Enc" in more
        else b""
    )
    return head + body


REQUEST = st.tuples(*map(st.sampled_from, (TARGETS, METHODS, KINDS, ENDS, MORE)))


@settings(max_examples=150, deadline=None)
@given(st.lists(REQUEST, min_size=1, max_size=4))
def test_every_verdict_over_the_socket_is_that_of_decide(
    gateway: LocalGateway, tokens: dict[str, str], requests: list[tuple[Any, ...]]
) -> None:
    model = gateway._state.served.model
    answer = asked(gateway, b"".join(raw(tokens, *one) for one in requests))
    expected = []
    for target, method, kind, _, _ in requests:
        scopes = [f"petsapi/{one}" for one in OPENED.get(kind, [])]
        claims: Any = {"token_use": "access", "scope": " ".join(scopes)} if scopes else None
        known = method if method in ("GET", "POST", "HEAD", "DELETE", "OPTIONS", "PATCH") else "unknown"
        expected.append(decide(model, "pets", known, target, claims).status if known != "unknown" else 403)
    assert statuses(answer) == expected, answer
