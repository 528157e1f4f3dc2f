"""Tokens kept until three quarters of their life are over. In: a folder, a Machine, the time. Out: an Issued, or None.

Only their owner can read them, not even for a moment anybody else; what somebody else could have written, or was made
for another secret, does not exist. Where files have no owners nothing is kept. What cannot be kept is no error.
"""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from scopegen.asking.answers import Issued, NoToken, issued, json_object
from scopegen.asking.cognito import Machine

_SHARE = 0.75
_MOST_BYTES = 64 * 1024
_LONGEST = 24 * 3600  # seconds: the longest that a token of Cognito lives


def kept(folder: Path, machine: Machine, now: float) -> Issued | None:
    """The token that was kept for this machine, with the seconds that it has left."""
    with contextlib.suppress(OSError), _opened(folder) as place:
        if place is None:
            return None
        data = json_object(_read(_name(machine), place))
        asked, until, ends = (data.get(key) for key in ("asked", "until", "ends"))
        if isinstance(asked, int) and isinstance(until, int) and isinstance(ends, int) and asked <= now < until <= ends:
            with contextlib.suppress(NoToken):
                return (
                    issued({**data, "expires_in": int(ends - now)}, "the cache") if ends - asked <= _LONGEST else None
                )
    return None


def keep(folder: Path, machine: Machine, one: Issued, now: float) -> None:
    """Keep a token that was issued now; those that nobody can use any more go."""
    asked, life = int(now), min(one.expires_in, _LONGEST)
    data = {"access_token": one.access, "scope": one.scope, "asked": asked}
    content = json.dumps({**data, "until": asked + int(life * _SHARE), "ends": asked + life}).encode()
    with contextlib.suppress(OSError):
        os.makedirs(folder.parent, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        with _opened(folder) as place:
            if place is not None:
                _write(_name(machine), content, place)
                _prune(place, now)


def _name(machine: Machine) -> str:
    """Of everything that a token depends on, the secret too: another secret finds nothing. Nothing can be read from it."""
    asked = json.dumps([machine.domain, machine.client_id, machine.scopes]).encode()
    return hmac.new(machine.secret.encode(), asked, hashlib.sha256).hexdigest() + ".json"


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    """The folder itself, held fast: None if it is somebody else's, open to others, or a link."""
    if os.name != "posix":
        yield None
        return
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield place if _is_private(os.fstat(place)) else None
    finally:
        os.close(place)


def _is_private(about: os.stat_result) -> bool:
    return about.st_uid == os.geteuid() and stat.S_IMODE(about.st_mode) & 0o077 == 0


def _read(name: str, place: int) -> bytes:
    """A file of ours; nothing for any other."""
    # What is no file is not waited for.
    number = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
    with open(number, "rb") as file:
        about = os.fstat(number)
        # No name at all is left where another run has just replaced it.
        is_ours = stat.S_ISREG(about.st_mode) and about.st_nlink <= 1 and _is_private(about)
        return file.read(_MOST_BYTES) if is_ours else b""


def _write(name: str, content: bytes, place: int) -> None:
    """Whole or not at all, and readable by nobody else from its first moment."""
    beside = f".{secrets.token_hex(8)}.tmp"
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=place)
    try:
        with open(number, "wb") as file:
            file.write(content)
        os.replace(beside, name, src_dir_fd=place, dst_dir_fd=place)
    except OSError:
        os.unlink(beside, dir_fd=place)
        raise


def _prune(place: int, now: float) -> None:
    """Remove what is older than any token lives."""
    for name in os.listdir(place):
        with contextlib.suppress(OSError):
            about = os.stat(name, dir_fd=place, follow_symlinks=False)
            if stat.S_ISREG(about.st_mode) and now - about.st_mtime > _LONGEST:
                os.unlink(name, dir_fd=place)
