"""The pool. In: a build as it runs here, users. Out: their tokens, and those of machines; what is known of it is in memory.

No password is asked for: whoever reaches this machine's loopback is whoever they say. A reload of the build changes what
apps may do, not who is signed in.
"""

import secrets
import time
import uuid
from collections.abc import Callable, Iterable
from typing import NamedTuple

from scopegen.pool import overrides, trigger
from scopegen.pool.codes import Codes
from scopegen.pool.kept import Kept
from scopegen.pool.keys import Keys
from scopegen.pool.tokens import (
    ADMIN,
    Grant,
    NotAllowed,
    Tokens,
    access_claims,
    asked_for,
    identity_claims,
    machine_claims,
)
from scopegen.pool.trigger import HOSTED, REFRESH, SDK, TriggerFailed
from scopegen.pool.users import POOL_ID, User, Users
from scopegen.served import App, Served

__all__ = ["POOL_ID", "NotAllowed", "Pool", "TriggerFailed"]

# What Cognito would say of a pool with this id; no real one has an id so short.
COGNITO_ISSUER = f"https://cognito-idp.{POOL_ID.partition('_')[0]}.amazonaws.com/{POOL_ID}"
_REFRESH_SECONDS = 30 * 24 * 3600
_ENDED_SECONDS = 24 * 3600  # no access token lives longer
SESSION_SECONDS = 3600
_FORM_SECONDS = 1800
_MOST = 10_000


class Session(NamedTuple):
    """That somebody is signed in, in one browser."""

    user: str
    sub: str


class Form(NamedTuple):
    """A sign-in page that was shown: to which browser, for what."""

    browser: str
    asked: tuple[tuple[str, str], ...]


class Pool:
    """A user pool at a URL. `issuer` is what its tokens say of who issued them, if not that URL."""

    def __init__(
        self, served: Callable[[], Served], url: str, clock: Callable[[], float] = time.time, issuer: str = ""
    ) -> None:
        self.served, self.url, self.clock = served, url.rstrip("/"), clock
        self.told: Callable[[str], None] = lambda _: None  # hears why a client is refused
        self.keys_url = f"{self.url}/{POOL_ID}/.well-known/jwks.json"
        self.issuer = issuer or f"{self.url}/{POOL_ID}"
        self.keys = Keys(self.issuer)
        self.users = Users(self._groups)
        self.codes = Codes(self.end, clock)
        self.sessions: Kept[Session] = Kept(SESSION_SECONDS, _MOST, clock)
        self.forms: Kept[Form] = Kept(_FORM_SECONDS, 1_000, clock)
        self._secrets: dict[str, str] = {}
        self._refresh: Kept[Grant] = Kept(_REFRESH_SECONDS, _MOST, clock)
        self._ended: Kept[bool] = Kept(_ENDED_SECONDS, _MOST, clock)

    def secret(self, app_name: str) -> str:
        """The secret of a machine, random for every process."""
        return self._secrets.setdefault(app_name, secrets.token_urlsafe(32))

    async def sign_in(
        self, app: App, user: User, requested: frozenset[str] | None, source: str = HOSTED, nonce: str = ""
    ) -> Tokens:
        """The tokens of a user who signs in now. TriggerFailed; NotAllowed for a machine."""
        grant = self.grant(app, user, requested, source, nonce)
        return await self._issue(app, user, grant, source)

    def grant(
        self, app: App, user: User, requested: frozenset[str] | None, source: str = HOSTED, nonce: str = ""
    ) -> Grant:
        """A sign-in of which there are no tokens yet. Those that an SDK asks for have one scope, whatever the app lists.

        Source: developer guide, "Scopes, M2M, and resource servers".
        """
        if app.kind != "user":
            raise NotAllowed("nobody signs in to a machine")
        by_sdk = source == SDK
        scopes = frozenset([ADMIN]) if by_sdk else asked_for(app, requested)
        return Grant(app.name, user.name, user.sub, scopes, int(self.clock()), str(uuid.uuid4()), nonce, by_sdk)

    async def redeem(self, app: App, code: str, redirect_uri: str, verifier: str) -> Tokens:
        """The tokens for a code. NotAllowed, TriggerFailed."""
        grant = self.codes.take(app.name, code, redirect_uri, verifier)
        tokens = await self._issue(app, self._still_there(grant), grant, HOSTED)
        self.codes.spent(code, grant)
        return tokens

    async def refresh(self, app: App, token: str) -> Tokens:
        """New tokens for a refresh token, for the groups that the user has now; the same refresh token stays."""
        grant = self._refresh.get(token)
        if grant is None or grant.app != app.name:
            raise NotAllowed("the refresh token is not one of this client, or not any longer")
        return await self._issue(app, self._still_there(grant), grant._replace(nonce=""), REFRESH)

    def machine(self, app: App, requested: Iterable[str] | None) -> Tokens:
        """A machine's access token. There is no trigger: the pool sends it V2_0 events, which machines cause none of.

        A scope that the client does not list: two pages of the developer guide ("Token endpoint", "Scopes, M2M, and
        resource servers") contradict each other; here it is refused.
        """
        wanted = app.scopes if requested is None else frozenset(requested)
        if app.kind != "machine" or not wanted <= app.scopes:
            raise NotAllowed("the client may not ask for all of these scopes")
        token = self.keys.sign("access", machine_claims(app, wanted, int(self.clock())))
        return Tokens(token, None, None, app.minutes * 60)

    def revoke(self, app: App, token: str) -> bool:
        """End the sign-in of a refresh token; False if it is another client's."""
        grant = self._refresh.get(token)
        if grant is not None and grant.app != app.name:
            return False
        if grant is not None:
            self.end(grant.origin)
        return True

    def end(self, origin: str) -> None:
        """End a sign-in: no more tokens come of it, and Cognito's own API takes none of those that did."""
        self._ended.put(origin, True)
        self._refresh.drop(lambda grant: grant.origin == origin)

    def has_ended(self, origin: str) -> bool:
        """Whether a sign-in was ended."""
        return self._ended.get(origin) is not None

    def signed_in(self, session: str) -> User | None:
        """Who is signed in, in the browser of a session."""
        found = self.sessions.get(session)
        user = self.users.get(found.user) if found is not None else None
        return user if user is not None and found is not None and user.sub == found.sub else None

    def _still_there(self, grant: Grant) -> User:
        user = self.users.get(grant.user)
        if user is None or user.sub != grant.sub:
            raise NotAllowed("the user was removed")
        return user

    async def _issue(self, app: App, user: User, grant: Grant, source: str) -> Tokens:
        served = self.served()
        narrowed = grant if grant.by_sdk else grant._replace(scopes=grant.scopes & app.scopes)
        sent = trigger.event(source, user, app.name, narrowed.scopes)
        said = overrides.read(await trigger.run(served.trigger, served.environment, sent))
        if self.has_ended(grant.origin):  # while the trigger ran
            raise NotAllowed("the sign-in was ended")
        try:
            access, identity = self._signed(app, user, narrowed, said)
        except RecursionError:
            raise TriggerFailed("the trigger's answer is nested too deeply") from None
        refresh = None if source == REFRESH else self._refresh.add(grant)
        return Tokens(access, identity, refresh, app.minutes * 60)

    def _signed(self, app: App, user: User, grant: Grant, said: overrides.Overrides) -> tuple[str, str | None]:
        """The access token, and the ID token of whoever asked for one."""
        now = int(self.clock())
        access = self.keys.sign("access", access_claims(app, user, grant, said, now))
        if not grant.by_sdk and "openid" not in grant.scopes:
            return access, None
        return access, self.keys.sign("id", identity_claims(app, user, grant, said, now, access))

    def _groups(self) -> frozenset[str] | None:
        """The groups that there are; only who made the pool knows all of them."""
        served = self.served()
        return None if "API_CLIENT_IDS" in served.environment else frozenset(served.groups)
