"""What asking for a token comes to. In: the JSON of an answer. Out: an Issued, or NoToken with the words to say."""

import json
import re
from typing import NamedTuple

from scopegen.document import Json

_TOKEN = re.compile(
    r"[A-Za-z0-9._~+/-]+=*"
)  # RFC 6750, section 2.1: nothing that a header, a shell or curl would act on


class NoToken(Exception):
    """There is none, for a reason in a sentence, and what to do. `code` is 1 if the answer is no, 2 if there is no answer.

    Nothing of a token or a secret is in it.
    """

    def __init__(self, sentence: str, hint: str = "", code: int = 2) -> None:
        super().__init__(sentence)
        self.sentence, self.hint, self.code = sentence, hint, code


class Issued(NamedTuple):
    """A token as it was issued; `expires_in` in seconds from then. A machine has no `identity`."""

    access: str
    expires_in: int
    identity: str | None = None
    scope: str = ""


def json_object(content: bytes) -> dict[str, Json]:
    """The JSON object of an answer; an empty one for anything else."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def issued(data: dict[str, Json], who: str) -> Issued:
    """The tokens of an answer; `who` gave it."""
    access, identity, expires_in, scope = (data.get(key) for key in ("access_token", "id_token", "expires_in", "scope"))
    is_time = isinstance(expires_in, int) and not isinstance(expires_in, bool) and expires_in > 0
    if not (_is_token(access) and is_time and (identity is None or _is_token(identity))):
        raise NoToken(f"{who} answers something else than a token")
    assert isinstance(access, str)
    assert isinstance(expires_in, int)
    assert identity is None or isinstance(identity, str)
    return Issued(access, expires_in, identity, scope if isinstance(scope, str) else "")


def _is_token(value: Json) -> bool:
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None
