"""An answer, and headers that cannot be anything else. In: names and values. Out: what is sent."""

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

Header: TypeAlias = tuple[bytes, bytes]
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# What belongs to one connection (RFC 9110, 7.6.1), and what says where a message ends.
HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    "upgrade".split()
)
_OURS = HOP_BY_HOP | {"content-length", "x-amzn-requestid"}
POOLS = "scopegen-"  # what cookies of the pool begin with: browsers send them to every port of a machine
_FINAL = re.compile(r"[2-5]\d\d")
_BODILESS = frozenset({204, 205, 304})


class Answer(NamedTuple):
    """A status, headers, a body; who answered, and what is worth telling."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    by: str = "gateway"
    notes: tuple[str, ...] = ()


def header(name: str, value: str) -> Header | None:
    """A header as bytes; None for one that HTTP has not, such as a value with a line break, and for cookies of the pool."""
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        return None
    if name.lower() == "set-cookie" and value.lstrip(" \t").startswith(POOLS):
        return None  # a browser would take it to the pool's port as well
    return name.encode("ascii"), value.strip(" \t").encode("latin-1")


def headers(pairs: Iterable[tuple[str, str]]) -> tuple[Header, ...]:
    """The headers among these that a document may set."""
    made = (header(name, value) for name, value in pairs if name.lower() not in _OURS)
    return tuple(one for one in made if one is not None)


def has_body(status: int) -> bool:
    """Whether an answer of this status may have one."""
    return status not in _BODILESS


def is_final(status: int) -> bool:
    """Whether a status is one that ends a call."""
    return 200 <= status < 600


def final_status(written: str, otherwise: int) -> int:
    """The status that a document writes, if it is one that ends a call."""
    return int(written) if _FINAL.fullmatch(written) else otherwise
