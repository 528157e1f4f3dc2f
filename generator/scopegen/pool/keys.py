"""The keys of a pool. In: claims. Out: signed tokens; and back, for those that this pool signed.

One key signs access tokens, another ID tokens; both stand in one JWKS. Source: Cognito developer guide, "Verifying JSON
web tokens"; RFC 7515, RFC 7517.
"""

import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from scopegen.document import Json

Use: TypeAlias = Literal["access", "id"]
_ALGORITHM = "RS256"
_EXPONENT, _BITS = 65537, 2048
_REMEMBERED = 1000  # tokens


class NotOurs(Exception):
    """No token that this pool signed, for a reason in a few words; nothing of the token is in it."""


class _Key:
    """A private key and its name, which says nothing."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(_EXPONENT, _BITS)
        self.public = self.private.public_key()
        self.kid = secrets.token_urlsafe(32)

    def jwk(self) -> dict[str, Json]:
        data = RSAAlgorithm.to_jwk(self.public, as_dict=True)
        return {"alg": _ALGORITHM, "e": data["e"], "kid": self.kid, "kty": "RSA", "n": data["n"], "use": "sig"}


class Keys:
    """The two keys of a pool with this issuer, made anew for every process."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        with ThreadPoolExecutor(2) as threads:
            access, identity = threads.map(lambda _: _Key(), range(2))
        self._keys: dict[Use, _Key] = {"access": access, "id": identity}
        self._public = {key.kid: key.public for key in self._keys.values()}
        self._known = lru_cache(_REMEMBERED)(self._verified)

    def jwks(self) -> dict[str, Json]:
        """Both public keys (RFC 7517)."""
        return {"keys": [key.jwk() for key in self._keys.values()]}

    def sign(self, use: Use, claims: Mapping[str, Json]) -> str:
        """A token of these claims, its issuer and kind added."""
        key = self._keys[use]
        whole = {**claims, "iss": self.issuer, "token_use": use}
        return jwt.encode(whole, key.private, _ALGORITHM, {"kid": key.kid, "typ": None})

    def read(self, token: str) -> dict[str, Json]:
        """The claims of a token that this pool signed, however old; NotOurs for anything else.

        The key is one of ours, named by the header and never taken from it; the algorithm is ours, whatever the header says.
        What was verified once stays true: of the last tokens, letter by letter the same, the claims are remembered.
        """
        return dict(self._known(token))

    def _verified(self, token: str) -> dict[str, Json]:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            public = self._public.get(kid) if isinstance(kid, str) else None
            if public is None:
                raise NotOurs("signed by no key of this pool")
            options: Any = {"verify_exp": False, "verify_aud": False, "verify_iat": False, "require": ["iss", "exp"]}
            claims: dict[str, Json] = jwt.decode(token, public, [_ALGORITHM], options, issuer=self.issuer)
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise NotOurs("no token of this pool") from None
        return claims
