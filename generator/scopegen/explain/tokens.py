"""Tokens as people paste them. In: text. Out: the claims in it, and whether keys that were given signed it. Nothing is sent.

A token is never shown and never part of a message: who has it can call.
"""

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from scopegen.document import Json, mapping, text

if TYPE_CHECKING:
    import jwt

MAX_BYTES = 1 << 20
_SENT = re.compile(r"(?:authorization:\s*)?(?:bearer\s+)?(.*)", re.IGNORECASE | re.DOTALL)
_ENCRYPTED_PARTS = 5
# The head of a token is an object in base64, which begins like this; with its parts, or cut off.
_TOKEN = re.compile(r"eyJ[\w=-]{8,}(?:\.[\w=-]*)*")
ALGORITHM = "RS256"  # Cognito's: amazon-cognito-user-pools-using-tokens-verifying-a-jwt


class TokenProblem(Exception):
    """Why a text is no token, as a phrase."""


class KeysProblem(Exception):
    """Why keys cannot be used, as a phrase."""


class Token(NamedTuple):
    """The claims of a token; `signed` says whether one of the given keys signed it, None where none were given.

    `algorithm` is what it says it is signed with.
    """

    claims: dict[str, Json]
    signed: bool | None = None
    algorithm: str = ALGORITHM


def read(written: str, keys: str | None = None) -> Token:
    """The token in a text: alone, after `Bearer`, or in the answer of a token endpoint. `keys` is a JWKS (RFC 7517)."""
    import jwt

    compact = _compact(written)
    if compact.count(".") == _ENCRYPTED_PARTS - 1:
        raise TokenProblem("it is encrypted, as a refresh token is")
    try:
        found = jwt.decode_complete(compact, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise TokenProblem("not a JSON Web Token") from None
    signed = None if keys is None else _is_signed(compact, keys)
    return Token(mapping(found["payload"]), signed, text(found["header"].get("alg")))


def _compact(written: str) -> str:
    found = written.strip()
    if found[:1] == "{":
        try:
            answer = mapping(json.loads(found))
        except (ValueError, RecursionError):
            raise TokenProblem("neither a token nor the answer of a token endpoint") from None
        answer = mapping(answer.get("AuthenticationResult")) or answer  # of `initiate-auth`
        found = text(answer.get("access_token")) or text(answer.get("AccessToken"))
        if not found:
            raise TokenProblem("the answer of the sign-in holds no access token")
    match = _SENT.fullmatch(found)
    return match[1].strip() if match else found


def _is_signed(compact: str, keys: str) -> bool:
    import jwt

    try:
        known = jwt.PyJWKSet.from_dict(mapping(json.loads(keys)))
    except jwt.exceptions.MissingCryptographyError:
        raise KeysProblem(
            "they are read with the extra `verify`: pip install '.[verify]' in a checkout of scopegen"
        ) from None
    except (jwt.PyJWTError, ValueError, RecursionError, TypeError, AttributeError):
        raise KeysProblem("no key set: a file like <issuer>/.well-known/jwks.json") from None
    kid = jwt.get_unverified_header(compact).get("kid")
    return any(key.key_id == kid and key.algorithm_name == ALGORITHM and _is_by(compact, key) for key in known.keys)


def _is_by(compact: str, key: "jwt.PyJWK") -> bool:
    """Whether a key made the signature. Only that: what the claims say is not the key's matter."""
    import jwt

    try:
        jwt.PyJWS().decode(compact, key, algorithms=[ALGORITHM])
    except (jwt.PyJWTError, ValueError):
        return False
    return True


def hidden(text: str) -> str:
    """A text without the tokens in it: what people paste may hold one, as some answers of API Gateway do."""
    return _TOKEN.sub("<token>", text)
