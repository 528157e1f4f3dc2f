"""`scopegen token`: from the local serve, from a token endpoint; what is kept, what is never shown."""

import base64
import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import consoles
import matrices
import pytest

from scopegen.asking import exchange, keeping
from scopegen.asking.answers import Issued, NoToken
from scopegen.asking.cognito import Machine, machine
from scopegen.cli import main, options
from scopegen.model import Model

SMALL = matrices.small()
SECRET = "s3cr3tOfTheMachine"
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def said(*words: str) -> tuple[int, str, str]:
        code = main(["token", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return said


@pytest.fixture
def console() -> Iterator[consoles.Console]:
    kept = [one for one in SMALL.clients if one.name != "old"]
    with consoles.serving(Model(SMALL.resource_servers, SMALL.operations, SMALL.permissions, kept)) as served:
        yield served


# ---- the local serve


def test_a_user_with_permissions(console: consoles.Console, say: Say) -> None:
    code, out, err = say(
        "--pool", console.pool.url, "--user", "ann", "--permission", "Reader", "--permission", "Writer"
    )
    assert (code, err) == (0, "")
    claims = console.pool.keys.read(out.strip())
    assert claims["scope"] == "openid pets/read pets/write"
    assert (claims["token_use"], claims["username"]) == ("access", "ann")


def test_the_id_token(console: consoles.Console, say: Say) -> None:
    _, out, _ = say("--pool", console.pool.url, "--user", "ann", "--permission", "Reader", "--id")
    assert console.pool.keys.read(out.strip())["token_use"] == "id"
    code, out, err = say("--pool", console.pool.url, "--client", "batch", "--id")
    assert (code, out) == (1, "")
    assert "machines have none" in err


def test_the_formats(console: consoles.Console, say: Say) -> None:
    asked = ("--pool", f"{console.pool.url}/", "--client", "batch", "--scope", "pets/read", "--format")
    header = say(*asked, "header")[1]
    assert header.startswith("Authorization: Bearer ey")
    assert header.endswith("\n")
    assert console.pool.keys.read(header.split()[2])["scope"] == "pets/read"
    assert say(*asked, "curl")[1].startswith('header = "Authorization: Bearer ey')
    data = json.loads(say(*asked, "json")[1])
    assert data.keys() == {"access_token", "expires_in", "scope", "token_type"}
    assert (data["scope"], data["expires_in"], data["token_type"]) == ("pets/read", 900, "Bearer")


def test_the_secret_of_a_machine(console: consoles.Console, say: Say) -> None:
    assert say("--pool", console.pool.url, "--client", "batch", "--secret") == (0, "batch:secret-of-batch\n", "")
    assert say("--pool", console.pool.url, "--client", "web", "--secret")[0] == 2


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        pytest.param(["--client", "bathc"], 2, "did you mean `batch`?", id="a client that is spelled almost right"),
        pytest.param(
            ["--user", "a", "--permission", "reader"], 2, "did you mean `Reader`?", id="a permission in another case"
        ),
        pytest.param(
            ["--client", "batch", "--scope", "pets/write"], 1, "may not have", id="a scope the client has not"
        ),
        pytest.param(
            ["--user", "refused", "--permission", "Reader"], 1, "the trigger failed", id="a sign-in that fails"
        ),
        pytest.param(["--user", "nobody"], 2, "no user `nobody`", id="a user that is not there"),
    ],
)
def test_what_the_serve_refuses(console: consoles.Console, say: Say, asked: list[str], code: int, said: str) -> None:
    found, out, err = say("--pool", console.pool.url, *asked)
    assert (found, out) == (code, "")
    assert said in err


def closed_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_address[1]


def test_a_serve_that_does_not_run_is_told_with_the_command_that_starts_it(say: Say) -> None:
    code, out, err = say("--pool", f"http://127.0.0.1:{closed_port()}", "--client", "batch")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "`scopegen serve`" in err


@pytest.mark.parametrize(
    "pool",
    ["http://example.com", "https://example.com:4011", "http://127.0.0.1.example.com", "http://user:pw@127.0.0.1",
     "http://127.0.0.1/x", "ftp://127.0.0.1", "127.0.0.1:4011", "http://127.0.0.1:99999", "http://[::1", "http://0.0.0.0", ""],
)  # fmt: skip
def test_only_a_pool_of_this_machine_is_asked(monkeypatch: pytest.MonkeyPatch, say: Say, pool: str) -> None:
    monkeypatch.setattr("scopegen.asking.local.exchange", pytest.fail)
    code, out, err = say("--pool", pool or " ", "--client", "batch")
    assert (code, out) == (2, "")
    assert "pw" not in err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--permission", "Reader", "--client", "web"],
        ["--client", "a", "--client-id", "b"],
        ["--client-id", "b"],
        ["--domain", "https://x"],
        ["--secret"],
        ["--secret", "--client", "a", "--scope", "b/c"],
        ["--user", "a", "--id", "--format", "json"],
    ],
    ids=" ".join,
)
def test_questions_that_mean_nothing(say: Say, words: list[str]) -> None:
    code, out, err = say(*words)
    assert (code, out) == (2, "")
    assert "Error: " in err


# ---- a token endpoint


class Endpoint:
    """A token endpoint that answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.status, self.answer, self.headers = 200, b"", dict[str, str]()
        self.issued = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                outer.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                content = outer.answer or outer.token()
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def token(self) -> bytes:
        self.issued += 1
        claims = json.dumps({"scope": "petsapi/read petsapi/write", "n": self.issued}).encode()
        payload = base64.urlsafe_b64encode(claims).rstrip(b"=").decode()
        return json.dumps({"access_token": f"eyJh.{payload}.c2ln", "expires_in": 3600, "token_type": "Bearer"}).encode()


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("SCOPEGEN_CLIENT_SECRET", SECRET)
    made = Endpoint()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def asked(endpoint: Endpoint, *more: str) -> list[str]:
    return ["--client-id", "abc123", "--domain", endpoint.url, *more]


def tokens_folder() -> Path:
    return options.cache_folder() / "tokens"


def test_a_machine_asks_by_basic_and_with_its_scopes(endpoint: Endpoint, say: Say) -> None:
    code, out, err = say(*asked(endpoint, "--scope", "petsapi/write", "--scope", "petsapi/read"))
    assert (code, err) == (0, "")
    assert out.startswith("eyJh.")
    ((path, headers, body),) = endpoint.asked
    assert path == "/oauth2/token"
    assert headers["authorization"] == "Basic " + base64.b64encode(f"abc123:{SECRET}".encode()).decode()
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert body == "grant_type=client_credentials&scope=petsapi%2Fread+petsapi%2Fwrite"


def test_a_token_is_kept_and_used_again(endpoint: Endpoint, say: Say) -> None:
    first = say(*asked(endpoint))[1]
    assert say(*asked(endpoint))[1] == first
    assert len(endpoint.asked) == 1
    assert say(*asked(endpoint, "--no-cache"))[1] != first
    assert say(*asked(endpoint, "--scope", "petsapi/read"))[1] != first
    assert len(endpoint.asked) == 3


def test_another_secret_finds_nothing(endpoint: Endpoint, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    say(*asked(endpoint))
    monkeypatch.setenv("SCOPEGEN_CLIENT_SECRET", "another")
    endpoint.status, endpoint.answer = 400, b'{"error": "invalid_client"}'
    assert say(*asked(endpoint))[0] == 1


def test_no_cache_keeps_nothing(endpoint: Endpoint, say: Say) -> None:
    say(*asked(endpoint, "--no-cache"))
    assert not tokens_folder().exists()


def test_what_is_kept_is_its_owners_alone_and_has_no_secret(endpoint: Endpoint, say: Say) -> None:
    old = os.umask(0)
    try:
        say(*asked(endpoint))
    finally:
        os.umask(old)
    (file,) = tokens_folder().iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(tokens_folder().stat().st_mode) == 0o700
    text = file.read_text()
    assert SECRET not in text + file.name
    assert base64.b64encode(SECRET.encode()).decode().rstrip("=") not in text
    assert "abc123" not in file.name


def spoil_link(file: Path) -> None:
    file.rename(file.with_suffix(".real"))
    file.symlink_to(file.with_suffix(".real"))


def spoil_folder_link(file: Path) -> None:
    real = file.parent.with_name("elsewhere")
    file.parent.rename(real)
    real.with_name("tokens").symlink_to(real)


def spoil_fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)


def change(**changes: Any) -> Callable[[Path], None]:
    return lambda file: (file.write_text(json.dumps({**json.loads(file.read_text()), **changes})), None)[1]


SPOILED: dict[str, Callable[[Path], object]] = {
    "readable by others": lambda file: file.chmod(0o644),
    "writable by the group": lambda file: file.chmod(0o620),
    "in a folder that others may read": lambda file: file.parent.chmod(0o755),
    "a link": spoil_link,
    "in a folder that is a link": spoil_folder_link,
    "a second name of a file": lambda file: os.link(file, file.with_suffix(".other")),
    "a pipe": spoil_fifo,
    "empty": lambda file: file.write_text(""),
    "cut off": lambda file: file.write_text(file.read_text()[:-20]),
    "no JSON": lambda file: file.write_bytes(b"\xff\xfe["),
    "a list": lambda file: file.write_text("[]"),
    "as deep as it gets": lambda file: file.write_text("[" * 60_000),
    "with a token that is two lines": change(access_token="a\r\nX-Evil: 1"),
    "with no token": change(access_token=None),
    "with a time that is a text": change(until="9999999999"),
    "of a year": change(ends=99999999999, until=99999999998),
    "from the future": change(asked=99999999999, until=99999999999, ends=99999999999),
    "over": change(until=1),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_what_cannot_be_trusted_is_asked_for_again(
    endpoint: Endpoint, say: Say, spoil: Callable[[Path], object]
) -> None:
    say(*asked(endpoint))
    (file,) = tokens_folder().iterdir()
    spoil(file)
    code, out, err = say(*asked(endpoint))
    assert (code, err) == (0, "")
    assert len(endpoint.asked) == 2
    assert out.startswith("eyJh.")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("whole", [False, True], ids=["the file", "the folder"])
def test_what_somebody_else_owns_is_asked_for_again(endpoint: Endpoint, say: Say, whole: bool) -> None:
    say(*asked(endpoint))
    (file,) = tokens_folder().iterdir()
    os.chown(file.parent if whole else file, 12345, 12345)
    say(*asked(endpoint))
    assert len(endpoint.asked) == 2


def test_a_cache_that_cannot_be_is_no_error(
    endpoint: Endpoint, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert say(*asked(endpoint))[0] == 0


def test_a_token_is_used_for_three_quarters_of_its_life(tmp_path: Path) -> None:
    folder, one = tmp_path / "tokens", machine("https://x.example", "id", SECRET, [])
    keeping.keep(folder, one, Issued("a.b.c", 1000), 5000.0)
    assert keeping.kept(folder, one, 5000.0) == Issued("a.b.c", 1000)
    assert keeping.kept(folder, one, 5749.0) == Issued("a.b.c", 251)
    assert keeping.kept(folder, one, 5750.0) is None
    assert keeping.kept(folder, one, 4999.0) is None, "a clock that went back knows nothing"


@pytest.mark.parametrize("other", [("https://y.example", "id", SECRET, ()), ("https://x.example", "di", SECRET, ()),
                                   ("https://x.example", "id", "z", ()), ("https://x.example", "id", SECRET, ("a/b",))],
                         ids=["domain", "client", "secret", "scopes"])  # fmt: skip
def test_a_token_is_found_for_what_it_was_asked_for(tmp_path: Path, other: tuple[Any, ...]) -> None:
    one = machine("https://x.example", "id", SECRET, [])
    keeping.keep(tmp_path / "tokens", one, Issued("a.b.c", 1000), 5000.0)
    assert keeping.kept(tmp_path / "tokens", Machine(*other), 5000.0) is None


def test_runs_at_the_same_time_leave_whole_files(tmp_path: Path) -> None:
    folder, one = tmp_path / "tokens", machine("https://x.example", "id", SECRET, [])
    wrong: list[object] = []

    def run(number: int) -> None:
        for _ in range(30):
            keeping.keep(folder, one, Issued(f"{number}.{'x' * 5000}.c", 1000), 5000.0)
            found = keeping.kept(folder, one, 5000.0)
            if found is None or len(found.access) != 5004:
                wrong.append(found)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(list(folder.iterdir())) == 1


def test_what_nobody_can_use_any_more_goes(tmp_path: Path) -> None:
    folder = tmp_path / "tokens"
    old, new = machine("https://x.example", "old", SECRET, []), machine("https://x.example", "new", SECRET, [])
    keeping.keep(folder, old, Issued("a.b.c", 1000), 5000.0)
    (file,) = folder.iterdir()
    os.utime(file, (1000, 1000))
    keeping.keep(folder, new, Issued("a.b.c", 1000), 1000 + 25 * 3600)
    assert not file.exists()
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("status", "answer", "code", "said"),
    [
        pytest.param(400, {"error": "invalid_client"}, 1, "id or secret is wrong", id="a wrong secret"),
        pytest.param(401, {"error": "invalid_client"}, 1, "id or secret is wrong", id="a wrong secret, 401"),
        pytest.param(400, {"error": "invalid_grant"}, 1, "may not have a scope", id="a scope it has not"),
        pytest.param(400, {"error": "unauthorized_client"}, 1, "may not use this grant", id="no machine"),
        pytest.param(400, {"error": "new_error"}, 1, "new_error", id="an error nobody knows"),
        pytest.param(400, {"error": f"Basic {SECRET} \x1b[31m"}, 2, "answers 400", id="an error with our secret in it"),
        pytest.param(400, ["x"], 2, "answers 400", id="something else"),
        pytest.param(429, {}, 2, "too many requests", id="too many requests"),
        pytest.param(500, {}, 2, "answers 500", id="a failure"),
        pytest.param(200, {}, 2, "something else than a token", id="no token"),
        pytest.param(200, {"access_token": "a\nb", "expires_in": 3600}, 2, "something else", id="a token of two lines"),
        pytest.param(200, {"access_token": "a.b.c", "expires_in": True}, 2, "something else", id="no time"),
        pytest.param(200, {"access_token": "a.b.c", "expires_in": 0}, 2, "something else", id="a token that is over"),
        pytest.param(
            200, {"access_token": "x" * 300_000, "expires_in": 9}, 2, "larger than 256 kB", id="a huge answer"
        ),
    ],
)
def test_what_the_endpoint_answers_is_told_in_words(
    endpoint: Endpoint, say: Say, status: int, answer: Any, code: int, said: str
) -> None:
    endpoint.status, endpoint.answer = status, json.dumps(answer).encode()
    found, out, err = say(*asked(endpoint))
    assert (found, out) == (code, ""), err
    assert said in err
    assert SECRET not in err
    assert "\x1b" not in err
    assert err.count("\n") == 1
    assert not list(tokens_folder().glob("*"))


def test_a_token_without_a_scope_that_was_asked_for_is_no_answer(endpoint: Endpoint, say: Say) -> None:
    code, out, err = say(*asked(endpoint, "--scope", "petsapi/read", "--scope", "petsapi/delete"))
    assert (code, out) == (1, "")
    assert "lacks petsapi/delete" in err
    assert "eyJ" not in err


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(endpoint: Endpoint, say: Say, status: int) -> None:
    endpoint.status, endpoint.answer, endpoint.headers = status, b"x", {"Location": f"{endpoint.url}/elsewhere"}
    code, out, err = say(*asked(endpoint))
    assert (code, out) == (2, "")
    assert "not followed" in err
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    "domain", ["http://x.auth.eu-west-1.amazoncognito.com", "x.auth.eu-west-1.amazoncognito.com", "https://a:b@x.example",
               "https://x.example/oauth2/token", "https://x.example?a", "https://x .example", "file:///etc/passwd", "https://", "http://127.0.0.1@evil.example"],
)  # fmt: skip
def test_a_secret_is_only_sent_by_https(monkeypatch: pytest.MonkeyPatch, say: Say, domain: str) -> None:
    monkeypatch.setenv("SCOPEGEN_CLIENT_SECRET", SECRET)
    monkeypatch.setattr("scopegen.asking.cognito.exchange", pytest.fail)
    code, out, err = say("--client-id", "a", "--domain", domain)
    assert (code, out) == (2, "")
    assert SECRET not in err


def certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody but itself has signed."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).add_extension(names, critical=True)
    )  # fmt: skip
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    file = folder / "certificate.pem"
    file.write_bytes(pem)
    return file


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
def test_a_secret_is_only_sent_to_whom_the_certificate_names(
    endpoint: Endpoint, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    import ssl

    context, file = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), certificate(tmp_path)
    context.load_cert_chain(file)
    endpoint.server.socket = context.wrap_socket(endpoint.server.socket, server_side=True)
    endpoint.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever does not trust us hangs up
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    endpoint.url = endpoint.url.replace("http:", "https:")
    code, out, err = say(*asked(endpoint))
    if trusted:
        assert (code, err, len(endpoint.asked)) == (0, "", 1)
    else:
        assert (code, out, endpoint.asked) == (2, "", [])
        assert "its certificate is not trusted" in err


def test_no_proxy_stands_between_us_and_this_machine(
    endpoint: Endpoint, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    assert say(*asked(endpoint))[0] == 0


def test_a_secret_is_never_missing_silently(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCOPEGEN_CLIENT_SECRET", raising=False)
    code, _, err = say("--client-id", "a", "--domain", "https://x.example")
    assert code == 2
    assert "SCOPEGEN_CLIENT_SECRET" in err
    for wrong in ("a b", "a\nb", "\u00e9"):
        monkeypatch.setenv("SCOPEGEN_CLIENT_SECRET", wrong)
        code, _, err = say("--client-id", "a", "--domain", "https://x.example")
        assert code == 2
        assert wrong not in err


def test_an_answer_that_drips_in_is_not_waited_for() -> None:
    import socket
    import time

    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    began = time.monotonic()
    with pytest.raises(exchange.Unreachable, match=r"no answer within 0\.4 seconds"):
        exchange.exchange(f"http://127.0.0.1:{listener.getsockname()[1]}/", {}, b"x", 0.4)
    assert time.monotonic() - began < 3
    stop.set()
    thread.join()
    listener.close()


def test_what_speaks_no_http_is_told() -> None:
    import socket

    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"220 mail.example ESMTP\r\n")

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(exchange.Unreachable, match="speaks no HTTP"):
        exchange.exchange(f"http://127.0.0.1:{listener.getsockname()[1]}/", {})
    thread.join()
    listener.close()


# ---- Secrets Manager


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Secrets Manager as botocore stubs it: what is asked and answered has its true shape."""
    import boto3
    from botocore.stub import Stubber

    client = boto3.client("secretsmanager", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr("boto3.client", lambda name: client)
    with Stubber(client) as stub:
        yield stub
    client.close()


@pytest.mark.parametrize("value", [SECRET, f"{SECRET}\n", json.dumps({"client_secret": SECRET, "client_id": "x"})])
def test_the_secret_may_be_in_secrets_manager(endpoint: Endpoint, say: Say, stored: Any, value: str) -> None:
    stored.add_response("get_secret_value", {"SecretString": value}, {"SecretId": "pets/reports"})
    assert say(*asked(endpoint, "--secret-id", "pets/reports"))[0] == 0
    sent = endpoint.asked[0][1]["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == f"abc123:{SECRET}"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"SecretString": '{"password": "hidden-value"}'}, "without `client_secret`"),
        ({"SecretString": '{"client_secret": ["hidden-value"]}'}, "without `client_secret`"),
        ({"SecretString": '{"client_secret": "hidden-value"'}, "without `client_secret`"),
        ({"SecretBinary": b"hidden-value"}, "no text"),
    ],
    ids=["another key", "a list", "cut off", "bytes"],
)
def test_what_is_stored_otherwise_is_told_without_it(
    endpoint: Endpoint, say: Say, stored: Any, answer: dict[str, Any], said: str
) -> None:
    stored.add_response("get_secret_value", answer, {"SecretId": "n"})
    code, _, err = say(*asked(endpoint, "--secret-id", "n"))
    assert code == 2
    assert said in err
    assert "hidden-value" not in err
    assert endpoint.asked == []


def test_secrets_manager_may_say_no(endpoint: Endpoint, say: Say, stored: Any) -> None:
    stored.add_client_error("get_secret_value", "AccessDeniedException", "arn:aws:sts::123:assumed-role/x")
    code, _, err = say(*asked(endpoint, "--secret-id", "n"))
    assert code == 2
    assert "AccessDeniedException" in err
    assert "arn:" not in err


def test_without_boto3_the_extra_is_named(endpoint: Endpoint, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    code, _, err = say(*asked(endpoint, "--secret-id", "n"))
    assert code == 2
    assert "scopegen[aws]" in err


def test_what_is_refused_is_a_sentence() -> None:
    with pytest.raises(NoToken, match="no scope"):
        machine("https://x.example", "id", SECRET, ["a/b c/d"])
    with pytest.raises(NoToken, match="no client has this id"):
        machine("https://x.example", "a:b", SECRET, [])
