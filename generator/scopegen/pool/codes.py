"""Authorization codes. In: a sign-in, where its code is sent. Out: a code, for which the same sign-in is given back once.

Sources: RFC 6749, 4.1.2 and 10.5 (a code that comes twice ends what came of it), RFC 7636 (PKCE).
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import NamedTuple

from scopegen.pool.kept import Kept
from scopegen.pool.tokens import Grant, NotAllowed

_SECONDS = 300
_MOST = 1_000
_REMEMBERED = 24 * 3600


class _Code(NamedTuple):
    grant: Grant
    redirect_uri: str
    challenge: str


class Codes:
    """The codes that were given. `end` is told the origin of a sign-in of which a code comes a second time."""

    def __init__(self, end: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._end = end
        self._codes: Kept[_Code] = Kept(_SECONDS, _MOST, clock)
        self._spent: Kept[str] = Kept(_REMEMBERED, 10 * _MOST, clock)

    def give(self, grant: Grant, redirect_uri: str, challenge: str) -> str:
        """A code for a sign-in; `challenge` is empty where the app sent none."""
        return self._codes.add(_Code(grant, redirect_uri, challenge))

    def take(self, app: str, code: str, redirect_uri: str, verifier: str) -> Grant:
        """The sign-in of a code, once; whoever asks wrongly has used it up. NotAllowed."""
        spent = self._spent.get(code)
        if spent is not None:
            self._end(spent)
            raise NotAllowed("the code was used before")
        found = self._codes.pop(code)
        if found is None:
            raise NotAllowed("there is no such code, or it is too old")
        if found.grant.app != app or found.redirect_uri != redirect_uri:
            raise NotAllowed("the code was given to another client or redirect_uri")
        if not _verifies(verifier, found.challenge):
            raise NotAllowed("the code_verifier is not that of the code_challenge")
        return found.grant

    def spent(self, code: str, grant: Grant) -> None:
        """That tokens came of a code. Until then whoever comes second has nothing to end: an app that asks twice at once
        gets its tokens once."""
        self._spent.put(code, grant.origin)


def _verifies(verifier: str, challenge: str) -> bool:
    """Neither without the other: a verifier where no challenge was seen means that somebody took the challenge away."""
    if not challenge or not verifier:
        return challenge == verifier
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return hmac.compare_digest(
        base64.urlsafe_b64encode(digest).rstrip(b"="), challenge.encode("utf-8", "surrogatepass")
    )
