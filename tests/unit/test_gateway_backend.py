"""Forwarding to a real backend on this machine: what it is sent, what comes back, and what never leaves."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from gateways import NOW, ask, call, keys, made, operation, token

from scopegen.gateway.app import Gateway
from scopegen.gateway.calls import Call
from scopegen.gateway.options import Options
from scopegen.gateway.readings import paths
from scopegen.served import Served

READ = token("petsapi/read", **{"email": "a@b.example", "evil": "x\r\nX-Evil: 1", "cognito:groups": ["a", "b"]})
KEY = "x-amazon-apigateway-integration"
PETS = made({"/{any+}": {"x-amazon-apigateway-any-method": operation(parameters=[
    {"name": "any+", "in": "path", "required": True, "schema": {"type": "string"}}])}})  # fmt: skip
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Own: a\r\nX-Own: b\r\n\r\nok"


class Backend:
    """A server that keeps what it was sent as bytes, and answers with what it was given."""

    def __init__(self, answer: bytes, waits: float = 0) -> None:
        self.answer, self.waits = answer, waits
        self.received: list[bytes] = []
        self.left = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
            )
            self.received.append(head + await reader.readexactly(length))
            if self.waits and not await _closed(reader, self.waits):
                self.left.set()
                return
            writer.write(self.answer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _closed(reader: asyncio.StreamReader, waits: float) -> bool:
    """Whether nothing came in the time; False where the other side has gone."""
    try:
        return bool(await asyncio.wait_for(reader.read(1), waits))
    except TimeoutError:
        return True


@asynccontextmanager
async def backend(answer: bytes, waits: float = 0) -> AsyncIterator[Backend]:
    one = Backend(answer, waits)
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield one
    finally:
        server.close()
        await server.wait_closed()


class Result:
    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.calls: list[Call] = []
        self.received: list[bytes] = []

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(name.lower(), value) for name, value in self.sent[0]["headers"]]

    @property
    def body(self) -> bytes:
        return b"".join(one["body"] for one in self.sent[1:])

    def lines(self) -> list[bytes]:
        assert len(self.received) == 1
        return self.received[0].split(b"\r\n\r\n")[0].split(b"\r\n")

    def values(self, name: str) -> list[str]:
        found = [line.partition(b":") for line in self.lines()[1:]]
        return [value.strip().decode() for key, _, value in found if key.lower().decode() == name]


def forward(
    path: str = "/pets",
    method: str = "GET",
    headers: list[tuple[str, str]] = [],  # noqa: B006
    body: bytes = b"",
    answer: bytes = OK,
    one: Served = PETS,
    base: str = "",
    waits: float = 0,
    leaves: Callable[[Backend], Awaitable[None]] | None = None,
) -> Result:
    """One call of the gateway with a backend behind it."""
    result = Result()

    async def run() -> None:
        async with backend(answer, waits) as behind:
            gateway = Gateway(
                lambda: one, keys(), Options(backends={"pets": behind.url + base}), result.calls.append, lambda: NOW
            )
            raw, _, query = f"/pets/prod{path}".encode("latin-1").partition(b"?")
            given = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            scope = {"type": "http", "method": method, "raw_path": raw, "query_string": query, "client": ("127.0.0.9", 1),
                     "headers": [(b"host", b"gateway"), (b"authorization", READ.encode()), *given]}  # fmt: skip
            messages = [{"type": "http.request", "body": body, "more_body": False}]

            async def receive() -> Any:
                if messages:
                    return messages.pop()
                if leaves is None:
                    await asyncio.Event().wait()
                else:
                    await leaves(behind)
                return {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                result.sent.append(message)

            try:
                await gateway(scope, receive, send)
                if leaves is not None:
                    await asyncio.wait_for(behind.left.wait(), 5)
            finally:
                await gateway.close()
            result.received = behind.received

    asyncio.run(run())
    return result


def test_a_request_is_passed_on_as_it_came() -> None:
    told = forward(
        "/a%2Fb//c%20d;x=1?q=%41&q=+b&e",
        "PUT",
        [("x-mine", "1"), ("accept-encoding", "br"), ("content-type", "x/y")],
        b"\x00body",
        base="/base/",
    )
    assert told.lines()[0] == b"PUT /base/a%2Fb//c%20d;x=1?q=%41&q=+b&e HTTP/1.1"
    assert told.received[0].endswith(b"\r\n\r\n\x00body")
    assert (told.values("x-mine"), told.values("accept-encoding"), told.values("content-type")) == (
        ["1"],
        ["br"],
        ["x/y"],
    )
    assert told.values("host") != ["gateway"]
    assert told.values("authorization") == [READ]
    assert told.values("content-length") == ["5"]
    assert (told.status, told.body, told.calls[0].answered_by) == (200, b"ok", "backend")
    assert [value for name, value in told.headers if name == b"x-own"] == [b"a", b"b"]


def test_the_backend_is_told_who_calls() -> None:
    told = forward()
    (written,) = told.values("x-amzn-request-context")
    context = json.loads(written)
    assert context["authorizer"]["claims"]["email"] == "a@b.example"
    assert context["authorizer"]["claims"]["cognito:groups"] == "a,b"
    assert context["authorizer"]["claims"]["evil"] == "x\r\nX-Evil: 1"
    assert (context["stage"], context["httpMethod"], context["resourcePath"]) == ("prod", "GET", "/{any+}")
    assert told.values("x-evil") == []
    assert told.values("x-forwarded-for") == ["127.0.0.9"]


@pytest.mark.parametrize("name", ["x-amzn-request-context", "X-Amzn-Request-Context", "x_amzn_request_context", "x-amzn_request-context", "x.amzn.request~context",
    "x-amzn-lambda-context", "x-forwarded-for", "x-forwarded-host", "x_forwarded_user", "forwarded", "x-real-ip"])  # fmt: skip
def test_what_only_the_gateway_may_say_is_not_taken_from_the_caller(name: str) -> None:
    told = forward(headers=[(name, "forged")])
    assert b"forged" not in told.received[0]


def test_what_belongs_to_one_connection_stays_there() -> None:
    sent = [("connection", "close, X-Secret"), ("x-secret", "dropped"), ("keep-alive", "dropped"), ("te", "dropped"), ("upgrade", "dropped"),
            ("proxy-authorization", "dropped"), ("trailer", "dropped"), ("expect", "100-continue")]  # fmt: skip
    answer = b"HTTP/1.1 200 OK\r\nConnection: close, X-Gone\r\nX-Gone: dropped\r\nKeep-Alive: dropped\r\nX-Stays: yes\r\nContent-Length: 0\r\n\r\n"
    told = forward(headers=sent, answer=answer)
    assert b"dropped" not in told.received[0]
    assert told.values("expect") == []
    assert (b"x-stays", b"yes") in told.headers
    assert b"dropped" not in [value for _, value in told.headers]
    assert not {name for name, _ in told.headers} & {b"connection", b"keep-alive", b"x-gone", b"transfer-encoding"}


def test_the_pools_cookies_stay_between_the_browser_and_the_pool() -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: scopegen-session=forged; Path=/\r\nSet-Cookie: own=1\r\nContent-Length: 0\r\n\r\n"
    sent = [
        ("cookie", "a=1; scopegen-session=secret; b=2;scopegen-browser=secret"),
        ("cookie", "scopegen-session=secret"),
    ]
    told = forward(headers=sent, answer=answer)
    assert b"secret" not in told.received[0]
    assert told.values("cookie")[0] == "a=1; b=2"
    assert [value for name, value in told.headers if name == b"set-cookie"] == [b"own=1"]


def test_an_answer_is_neither_unpacked_nor_followed() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\nx-amzn-RequestId: forged\r\n\r\nabc"
    told = forward(answer=answer)
    assert (told.status, told.body) == (302, b"abc")
    assert (b"content-encoding", b"gzip") in told.headers
    assert len(told.received) == 1
    assert len([name for name, _ in told.headers if name == b"x-amzn-requestid"]) == 1
    assert b"forged" not in [value for _, value in told.headers]


def test_a_large_body_is_passed_on_as_it_came() -> None:
    body = b"0123456789" * 1024 * 1024
    told = forward("/pets", "POST", [("content-type", "x/y")], body)
    assert (told.status, told.values("content-length"), told.values("content-type")) == (200, ["10485760"], ["x/y"])
    assert told.received[0].endswith(b"\r\n\r\n" + body)


def test_a_chunked_answer_is_passed_on_in_pieces() -> None:
    told = forward(answer=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n")
    assert told.body == b"abcdef"
    assert told.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


DOTTED = ["/a/../b", "/..", "/.", "/a/.", "/a/%2e%2e/b", "/a/%2E./b", "/a/.%2e", "/%252e%252e/b", "/a%2f..%2fb", "/a%2f%2e%2e", "/a/..%5cb",
          "/a\\..\\b", "/a/..;x=1/b", "/a/%2e%2e%3bx/b", "/a/%2e"]  # fmt: skip


@pytest.mark.parametrize("path", DOTTED)
def test_dot_segments_are_never_forwarded(path: str) -> None:
    told = forward(path)
    assert (told.status, told.received) == (400, [])
    assert "dot segments" in told.calls[0].notes[0]


@pytest.mark.parametrize("path", ["/", "/a", "/a.b/c..d", "/...", "/a/..b", "/.well-known/x", "/%2ehidden"])
def test_dots_inside_of_names_are_fine(path: str) -> None:
    assert path in paths(path)


def test_a_refused_request_never_reaches_the_backend() -> None:
    one = made({"/pets": {"get": operation("petsapi/write")}})
    told = forward(one=one)
    assert (told.status, told.received, told.calls[0].answered_by) == (401, [], "gateway")


def test_the_integrations_own_parameters_replace_the_callers() -> None:
    mappings = {
        "integration.request.header.X-User": "context.authorizer.claims.email",
        "integration.request.header.X-Evil": "context.authorizer.claims.evil",
        "integration.request.header.X-Static": "'fixed'",
        "integration.request.header.X-Copy": "method.request.querystring.q",
        "integration.request.header.X-None": "context.authorizer.claims.nothing",
        "integration.request.header.x-amzn-request-context": "'forged'",
        "integration.request.header.Transfer-Encoding": "'chunked'",
        "integration.request.querystring.user": "context.authorizer.claims.sub",
    }
    http = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://b.example/", "requestParameters": mappings}
    one = made({"/pets": {"get": operation(**{KEY: http})}})
    forged = [("x-user", "forged"), ("X_USER", "forged"), ("x-none", "forged"), ("x-static", "forged")]
    told = forward("/pets?user=forged&q=1&%75ser=forged&user", headers=forged, one=one)
    assert told.lines()[0] == b"GET /pets?q=1&user=1 HTTP/1.1"
    assert (told.values("x-user"), told.values("x-static"), told.values("x-copy")) == (
        ["a@b.example"],
        ["fixed"],
        ["1"],
    )
    assert told.values("x-none") == told.values("x-evil") == told.values("transfer-encoding") == []
    assert b"forged" not in told.received[0]


def test_a_mock_of_the_documents_own_is_not_forwarded() -> None:
    own = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200"}},
    }
    told = forward(one=made({"/pets": {"get": operation(**{KEY: own})}}))
    assert (told.status, told.received, told.calls[0].answered_by) == (200, [], "mock")


def test_nobody_behind_the_url_is_an_integration_failure() -> None:
    asked = ask(PETS, call("/pets", bearer=READ), options=Options(backends={"": "http://127.0.0.1:1"}))
    assert (asked.one.status_code, asked.one.json()) == (504, {"message": "Network error communicating with endpoint"})
    assert asked.calls[0].notes[0].startswith("the backend did not answer")


@pytest.mark.parametrize(
    "base", ["no url", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999", "file:///etc/hostname"]
)
def test_a_base_that_is_no_url_is_an_integration_failure(base: str) -> None:
    assert ask(PETS, call("/pets", bearer=READ), options=Options(backends={"": base})).one.status_code == 504


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Y: " + b"a" * 100_000 + b"\r\n\r\n",
    b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", b"HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n"],
                         ids=["nothing", "garbage", "a NUL", "a long header", "another protocol", "no status", "a status of nobody's"])  # fmt: skip
def test_no_answer_of_http_is_an_integration_failure(answer: bytes) -> None:
    assert forward(answer=answer).status == 504


def test_an_answer_that_breaks_off_does_not_end_as_a_whole_one() -> None:
    told = forward(answer=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
    assert (told.status, told.body) == (200, b"abc")
    assert all(one.get("more_body", True) for one in told.sent)
    assert told.calls[0].notes[0].startswith("the backend did not answer")


def test_a_slow_backend_is_an_integration_timeout() -> None:
    http = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://b.example/", "timeoutInMillis": 60}
    told = forward(one=made({"/pets": {"get": operation(**{KEY: http})}}), waits=5)
    assert (told.status, json.loads(told.body)) == (504, {"message": "Endpoint request timed out"})


def test_the_backend_call_ends_when_the_caller_goes() -> None:
    async def leaves(behind: Backend) -> None:
        while not behind.received:
            await asyncio.sleep(0.01)

    told = forward(waits=20, leaves=leaves)
    assert told.sent == []
    assert (told.calls[0].status, told.calls[0].notes) == (499, ("the caller went away",))


def test_a_caller_that_goes_while_its_body_is_read_is_told_of_once() -> None:
    calls: list[Call] = []

    async def run() -> None:
        gateway = Gateway(lambda: PETS, keys(), Options(), calls.append, lambda: NOW)

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            raise AssertionError(message)

        headers = [(b"authorization", READ.encode())]
        await gateway(
            {"type": "http", "method": "GET", "raw_path": b"/pets/prod/x", "query_string": b"", "headers": headers},
            receive,
            send,
        )

    asyncio.run(run())
    assert [one.status for one in calls] == [499]
