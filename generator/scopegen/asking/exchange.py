"""One request over HTTP. In: a URL, headers, a body. Out: a Reply, whatever its status, or Unreachable with a phrase.

Bounded in size and in time as a whole; redirects are not followed, since what is sent is a secret. What stays on this
machine goes through no proxy.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import NamedTuple, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

_MOST_BYTES = 256 * 1024
_PATIENCE = 20.0  # seconds


class Unreachable(Exception):
    """There was no answer, for a reason as a phrase; `is_nobody` if nothing listens."""

    def __init__(self, phrase: str, is_nobody: bool = False) -> None:
        super().__init__(phrase)
        self.is_nobody = is_nobody


class NotAddress(Exception):
    """A text is no address to send a secret to, for a reason as a phrase."""


class Reply(NamedTuple):
    """A status and what came with it."""

    status: int
    content: bytes


class _Stay(HTTPRedirectHandler):
    """Redirects are answers like others."""

    def redirect_request(self, *_: object) -> None:
        return None


def origin(url: str) -> str:
    """Scheme, host and port of an address: `https`, or `http` on this machine. NotAddress for any other."""
    try:
        whole = urlsplit(url)
        host, port = whole.hostname or "", whole.port
    except ValueError:
        raise NotAddress("is no URL") from None
    if whole.scheme not in ("https", "http") or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise NotAddress("is no URL: write it as <scheme>://<host>")
    if (
        whole.username is not None
        or whole.password is not None
        or whole.path not in ("", "/")
        or "?" in url
        or "#" in url
    ):
        raise NotAddress("must be a scheme and a host, with nothing besides")
    if whole.scheme == "http" and not is_loopback(host):
        raise NotAddress("must be https: what is sent is secret")
    shown = f"[{host}]" if ":" in host else host
    return f"{whole.scheme}://{shown}{'' if port is None else f':{port}'}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def exchange(url: str, headers: Mapping[str, str], body: bytes | None = None, patience: float = _PATIENCE) -> Reply:
    """GET, or POST where there is a body. In a thread: what drips in byte by byte is not waited for either."""
    came: list[Reply | Exception] = []

    def run() -> None:
        try:
            came.append(_exchange(url, headers, body, patience))
        except Exception as error:  # raised again where somebody can tell it
            came.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(patience)
    if not came:
        raise Unreachable(f"no answer within {patience:g} seconds")
    if isinstance(came[0], Exception):
        raise came[0]
    return came[0]


def _exchange(url: str, headers: Mapping[str, str], body: bytes | None, patience: float) -> Reply:
    own = [ProxyHandler({})] if is_loopback(urlsplit(url).hostname or "") else []
    request = Request(url, body, {"User-Agent": "scopegen", "Accept": "application/json", **headers})  # noqa: S310  see `origin`
    try:
        try:
            with build_opener(_Stay, *own).open(request, timeout=patience) as answer:
                return Reply(answer.status, _bounded(answer.read(_MOST_BYTES + 1)))
        except HTTPError as error:
            with error:
                return Reply(error.code, _bounded(error.read(_MOST_BYTES + 1)))
    except URLError as error:
        _unreachable(error.reason)
    except (OSError, ValueError, http.client.HTTPException) as error:
        _unreachable(error)


def _bounded(content: bytes) -> bytes:
    if len(content) > _MOST_BYTES:
        raise Unreachable(f"the answer is larger than {_MOST_BYTES // 1024} kB")
    return content


def _unreachable(error: object) -> NoReturn:
    """Why, in our words: what others say of a failure may hold anything."""
    if isinstance(error, ConnectionRefusedError):
        raise Unreachable("nothing listens there", is_nobody=True) from None
    if isinstance(error, socket.gaierror):
        raise Unreachable("there is no such host") from None
    if isinstance(error, ssl.SSLCertVerificationError):
        raise Unreachable(f"its certificate is not trusted: {error.verify_message}") from None
    if isinstance(error, TimeoutError):
        raise Unreachable("no answer in time") from None
    if isinstance(error, OSError) and error.strerror:
        raise Unreachable(error.strerror.lower()) from None
    raise Unreachable("what answers speaks no HTTP") from None
