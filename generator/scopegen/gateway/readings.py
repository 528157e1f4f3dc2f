"""What a backend may take a request for. In: a request that was let in, its body. Out: the other operations it may reach.

API Gateway authorizes one reading of a request and passes on what was sent. Frameworks read more into it: escapes that
are resolved once more, `\\` and `;x` and `//`, letters of either case, `.json` at the end, another method or path in a
header or a form. Whoever finds such a reading would call what the token does not open.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from scopegen import limits
from scopegen.gateway.request import Request, plain
from scopegen.routing import path_of
from scopegen.served import Api, Method

# Rails, Symfony, Spring, Google's and others.
_METHODS = {"x-http-method-override", "x-http-method", "x-method-override"}
_PATHS = {"x-original-url", "x-rewrite-url"}  # IIS, Symfony, Zend
_MOST = 200
_NAME = "".join(f"(?:{letter}|%{ord(letter):x})" for letter in "_method")
_FIELD = re.compile(rf"(?:^|&){_NAME}=([A-Za-z]+)", re.IGNORECASE)
_PART = re.compile(rb"name=[\"']?_method\b", re.IGNORECASE)
_HABITS: tuple[Callable[[str], str], ...] = (
    unquote,  # once more than the gateway: proxies before it, Tomcat
    lambda path: re.sub(r"%u00([0-9a-f]{2})", r"%\1", path, flags=re.IGNORECASE),  # IIS
    # A byte more than UTF-8 needs: old decoders.
    lambda path: re.sub(
        r"%c([01])%([89ab][0-9a-f])",
        lambda found: chr(int(found[1]) << 6 | int(found[2], 16) & 63),
        path,
        flags=re.IGNORECASE,
    ),
    lambda path: path.replace("\\", "/"),  # IIS, the WHATWG's URLs
    lambda path: re.sub(r";[^/]*", "", path),  # servlets
    lambda path: re.split(r"[?#\0]", path, maxsplit=1)[0],  # once resolved; texts of C
    lambda path: re.sub(r"/{2,}", "/", path),  # nginx, Spring, werkzeug
    lambda path: "/".join(part.rstrip(" ") for part in path.split("/")),
    lambda path: "/".join(part.rstrip(".") for part in path.split("/")),  # Windows
    lambda path: re.sub(r"(?<=[^/.])\.[A-Za-z0-9]{1,8}$", "", path),  # Rails, Spring: a format
    lambda path: unicodedata.normalize("NFKC", path),
)


class Ambiguous(Exception):
    """A path that can be read as almost anything."""


def paths(path: str) -> set[str]:
    """Every way to read a path; Ambiguous for dot segments, which lead anywhere, and for too many ways."""
    found = fresh = {path}
    while fresh:
        if any(part in (".", "..") for one in fresh for part in one.split("/")):
            raise Ambiguous("a path with dot segments, which a backend could read as another path, is not forwarded")
        fresh = {read(one) for one in fresh for read in _HABITS} - found
        found = found | fresh
        if len(found) > _MOST:
            raise Ambiguous("a path that can be read in too many ways is not forwarded")
    return found


def methods(request: Request, body: bytes) -> set[str]:
    """Every method that a request may count as. GET's handlers answer HEAD nearly everywhere."""
    written = [value for name, value in request.headers if plain(name) in _METHODS]
    written += _FIELD.findall(request.query)
    media = request.media()
    if media == "application/x-www-form-urlencoded":
        written += _FIELD.findall(body.decode("latin-1"))
    elif media == "multipart/form-data":
        written += limits.METHODS if _PART.search(body) else ()
    asked = {request.method, *(one.upper() for text in written for one in re.findall(r"[A-Za-z]+", text))}
    return asked | ({"GET"} if "HEAD" in asked else set())


def reached(api: Api, request: Request, body: bytes) -> Iterator[Method]:
    """Every operation that a backend may take a request for; Ambiguous where nobody can tell."""
    written = {path_of(value) for name, value in request.headers if plain(name) in _PATHS}
    asked = methods(request, body)
    for path in {one for start in (request.path, *written) for one in paths(start)}:
        for method in asked:
            yield from api.alike(method, path)
