"""Tokens as people paste them. In: text. Out: the claims in it, and whether keys that were given signed it. Nothing is sent.

A token is never shown and never part of a message: who has it can call.
"""

import json
from typing import NamedTuple

from scopegen.document import Json, mapping, text

MAX_BYTES = 1 << 20
_ALGORITHM = "RS256"  # Cognito's: amazon-cognito-user-pools-using-tokens-verifying-a-jwt


class TokenProblem(Exception):
    """Why a text is no token, as a phrase."""


class KeysProblem(Exception):
    """Why keys cannot be used, as a phrase."""


class Token(NamedTuple):
    """The claims of a token; `signed` says whether one of the given keys signed it, None where none were given."""

    claims: dict[str, Json]
    signed: bool | None = None


def read(written: str, keys: str | None = None) -> Token:
    """The token in a text: alone, after `Bearer`, or in the answer of a token endpoint. `keys` is a JWKS (RFC 7517)."""
    import jwt

    compact = _compact(written)
    try:
        claims = jwt.decode(compact, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise TokenProblem("not a JSON Web Token") from None
    return Token(mapping(claims), None if keys is None else _is_signed(compact, keys))


def _compact(written: str) -> str:
    found = written.strip()
    if found[:1] == "{":
        try:
            answer = mapping(json.loads(found))
        except (ValueError, RecursionError):
            raise TokenProblem("neither a token nor the answer of a token endpoint") from None
        found = text(answer.get("access_token"))
    scheme, _, rest = found.partition(" ")
    found = rest.strip() if scheme.lower() in ("bearer", "authorization:") else found
    return found.removeprefix("Bearer ").strip()


def _is_signed(compact: str, keys: str) -> bool:
    import jwt

    try:
        known = jwt.PyJWKSet.from_dict(mapping(json.loads(keys)))
    except jwt.exceptions.MissingCryptographyError:
        raise KeysProblem("they are read with the extra `verify`: pip install 'scopegen[verify]'") from None
    except (jwt.PyJWTError, ValueError, RecursionError, TypeError, AttributeError):
        raise KeysProblem("no key set: a file like <issuer>/.well-known/jwks.json") from None
    kid = jwt.get_unverified_header(compact).get("kid")
    for key in known.keys:
        if key.key_id == kid and key.algorithm_name == _ALGORITHM:
            try:
                jwt.decode(compact, key, algorithms=[_ALGORITHM], options={"verify_aud": False, "verify_exp": False})
            except jwt.PyJWTError:
                return False
            return True
    return False
