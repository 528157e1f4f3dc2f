"""The claims of tokens. In: who signs in where, what the trigger answered. Out: claims as Cognito writes them.

Sources: Cognito developer guide, "Understanding the access token" and "Understanding the identity (ID) token".
"""

import base64
import hashlib
import uuid
from typing import NamedTuple

from scopegen.document import Json
from scopegen.pool.overrides import GROUPS, Overrides, applied
from scopegen.pool.users import User
from scopegen.served import App

IDENTITY_SECONDS = 3600
ADMIN = "aws.cognito.signin.user.admin"
# What each of these scopes shows of a user, beside `openid`.
_SHOWN = {"email": ("email", "email_verified"), "phone": ("phone_number", "phone_number_verified"), "profile": ()}


class NotAllowed(Exception):
    """No tokens for that, for a reason in a few words; nothing secret is in it."""


class Tokens(NamedTuple):
    """What an app gets. `expires_in` is how long the access token lives, in seconds."""

    access: str
    identity: str | None
    refresh: str | None
    expires_in: int


class Grant(NamedTuple):
    """That a user signed in to an app, on a page or by an SDK: what every token of that sign-in has in common."""

    app: str
    user: str
    sub: str
    scopes: frozenset[str]
    auth_time: int
    origin: str
    nonce: str
    by_sdk: bool = False


def asked_for(app: App, requested: frozenset[str] | None) -> frozenset[str]:
    """The scopes of a sign-in: what the app may ask for and did; all of it where it does not say.

    Source: developer guide, "Authorize endpoint": what a client may not have is ignored; `email`, `phone` and `profile`
    need `openid`.
    """
    asked = app.scopes if requested is None else app.scopes & requested
    return asked if "openid" in asked else asked - _SHOWN.keys()


def access_claims(app: App, user: User, grant: Grant, overrides: Overrides, now: int) -> dict[str, Json]:
    """A user's access token."""
    scopes = overrides.scopes(grant.scopes)
    claims: dict[str, Json] = {
        **_shared(user, grant, overrides, now),
        "version": 2,
        "client_id": app.name,
        "exp": now + app.minutes * 60,
        "username": user.name,
    }
    return applied(claims | _scope(scopes), overrides.access, app.name)


def identity_claims(app: App, user: User, grant: Grant, overrides: Overrides, now: int, access: str) -> dict[str, Json]:
    """A user's ID token, beside an access token."""
    half = hashlib.sha256(access.encode()).digest()[:16]
    claims: dict[str, Json] = {
        **shown(user, grant.scopes),
        **_shared(user, grant, overrides, now),
        "aud": app.name,
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        "cognito:username": user.name,
        "exp": now + IDENTITY_SECONDS,
    }
    nonce: dict[str, Json] = {"nonce": grant.nonce} if grant.nonce else {}
    return applied(claims | nonce, overrides.identity, app.name)


def machine_claims(app: App, scopes: frozenset[str], now: int) -> dict[str, Json]:
    """A machine's access token: no user, no groups."""
    claims: dict[str, Json] = {
        "sub": app.name,
        "version": 2,
        "client_id": app.name,
        "auth_time": now,
        "iat": now,
        "exp": now + app.minutes * 60,
        "jti": str(uuid.uuid4()),
    }
    return claims | _scope(scopes)


def shown(user: User, scopes: frozenset[str]) -> dict[str, Json]:
    """The attributes of a user that a client sees: those of the scopes it asked for, all where that is `openid` alone."""
    limited = scopes & _SHOWN.keys()
    wanted = {name for scope in limited or _SHOWN for name in _SHOWN[scope]}
    known = {name: value for name, value in user.attributes.items() if name in wanted}
    return {name: value == "true" if name.endswith("_verified") else value for name, value in known.items()}


def _shared(user: User, grant: Grant, overrides: Overrides, now: int) -> dict[str, Json]:
    groups = user.groups if overrides.groups is None else overrides.groups
    claims: dict[str, Json] = {
        "sub": user.sub,
        "origin_jti": grant.origin,
        "event_id": str(uuid.uuid4()),
        "auth_time": grant.auth_time,
        "iat": now,
        "jti": str(uuid.uuid4()),
    }
    return claims | ({GROUPS: [*groups]} if groups else {})


def _scope(scopes: frozenset[str]) -> dict[str, Json]:
    return {"scope": " ".join(sorted(scopes))} if scopes else {}
