"""Tokens taken apart and forged. In: a real token. Out: its claims, or a forgery that claims one more scope."""

import base64
import hashlib
import hmac
import json
from typing import Any

# An RSA key of 2048 bits that no pool has: 2**1279 - 1 and 2**768 + 183 are primes.
_P, _Q, _E = 2**1279 - 1, 2**768 + 183, 65537
_N, _D = _P * _Q, pow(_E, -1, (_P - 1) * (_Q - 1))
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")  # how PKCS #1 announces a SHA-256 digest


def claims(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    payload: dict[str, Any] = json.loads(_decoded(token.split(".")[1]))
    return payload


def scopes(token: str) -> set[str]:
    """The scopes a token carries."""
    return set(claims(token)["scope"].split())


def with_the_old_signature(token: str, scope: str) -> str:
    """The forgery of somebody who has no key."""
    header, _, signature = token.split(".")
    return f"{header}.{_widened(token, scope)}.{signature}"


def without_a_signature(token: str, scope: str) -> str:
    """The forgery that says there is nothing to verify."""
    return f"{_encoded(json.dumps({'alg': 'none', 'typ': 'JWT'}).encode())}.{_widened(token, scope)}."


def signed_with_another_key(token: str, scope: str) -> str:
    """A well-formed RS256 token under the id of the pool's key, by another one."""
    signed = f"{token.split('.')[0]}.{_widened(token, scope)}"
    return f"{signed}.{_encoded(_rsa_signature(signed.encode()))}"


def signed_with_the_key_id(token: str, scope: str) -> str:
    """An HS256 token whose secret is public."""
    kid = json.loads(_decoded(token.split(".")[0]))["kid"]
    header = _encoded(json.dumps({"alg": "HS256", "kid": kid}).encode())
    signed = f"{header}.{_widened(token, scope)}"
    return f"{signed}.{_encoded(hmac.digest(kid.encode(), signed.encode(), 'sha256'))}"


def _widened(token: str, scope: str) -> str:
    said = claims(token)
    return _encoded(json.dumps(said | {"scope": f"{said['scope']} {scope}"}).encode())


def _rsa_signature(message: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 (RFC 8017, 8.2)."""
    size = _N.bit_length() // 8
    digest = _SHA256 + hashlib.sha256(message).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    return pow(int.from_bytes(padded), _D, _N).to_bytes(size)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
