"""An authorization request. In: its parameters, a build. Out: Authorization, or why not: told to the person, or to the app.

Sources: Cognito developer guide, "Authorize endpoint"; RFC 6749, 4.1.2.1; RFC 7636. Until app and redirect_uri are known to
belong together nobody is sent anywhere. They do if the text is exactly one that is registered.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, urlencode

from scopegen.pool.parameters import Malformed, once
from scopegen.served import App, Served

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_PROMPTS = frozenset(["none", "login", "select_account", "consent"])


class Authorization(NamedTuple):
    """Where a user is to be signed in, and sent after that. `state` goes back as it came; None if none came."""

    app: App
    redirect_uri: str
    requested: frozenset[str] | None
    state: str | None
    nonce: str
    challenge: str
    prompt: frozenset[str]

    @property
    def asks_anew(self) -> bool:
        """Whether whoever is signed in already is asked again."""
        return bool(self.prompt & {"login", "select_account"})

    def answer(self, **values: str) -> str:
        """The URL that tells the app."""
        return located(self.redirect_uri, values, self.state)


class Unknown(Exception):
    """A request of which nobody knows whose it is: a person is told, and sent nowhere."""


class Refused(Exception):
    """A request of an app that is told so, at a location."""

    def __init__(self, location: str) -> None:
        super().__init__("refused")
        self.location = location


def read(pairs: Iterable[tuple[str, str]], served: Served) -> Authorization:
    """The request; Unknown or Refused."""
    pairs = tuple(pairs)
    app, redirect_uri = whose(pairs, served)
    states = [value for name, value in pairs if name == "state"]
    state = states[0] if len(states) == 1 else None
    try:
        given = once(pairs)
    except Malformed:
        raise Refused(located(redirect_uri, {"error": "invalid_request"}, state)) from None
    error = _error(given)
    if error:
        raise Refused(located(redirect_uri, {"error": error}, state))
    scopes = frozenset(given.get("scope", "").split()) or None
    prompt = frozenset(given.get("prompt", "").split())
    challenge = given.get("code_challenge", "")
    return Authorization(app, redirect_uri, scopes, state, given.get("nonce", ""), challenge, prompt)


def whose(pairs: tuple[tuple[str, str], ...], served: Served) -> tuple[App, str]:
    """The app, and where it wants its users sent; Unknown if either is not given once and known."""
    names = [value for name, value in pairs if name == "client_id"]
    places = [value for name, value in pairs if name == "redirect_uri"]
    app = served.apps.get(names[0]) if len(names) == 1 else None
    if app is None or app.kind != "user":
        raise Unknown("The client_id is not that of an app that signs users in.")
    if len(places) != 1 or places[0] not in app.callback_urls:
        raise Unknown(f"The redirect_uri is not exactly one of the callback URLs of {app.name}.")
    return app, places[0]


def located(place: str, values: dict[str, str], state: str | None) -> str:
    """A registered URL with values for the app behind it."""
    written = urlencode({**values, **({} if state is None else {"state": state})}, quote_via=quote)
    base, mark, fragment = place.partition("#")
    return f"{base}{'&' if '?' in base else '?'}{written}{mark}{fragment}"


def _error(given: dict[str, str]) -> str:
    """What is wrong. `token` is a flow that a client can have, and that no client of ours has."""
    kind = given.get("response_type", "")
    if kind != "code":
        return "unauthorized_client" if kind == "token" else "invalid_request"
    challenge, method = given.get("code_challenge"), given.get("code_challenge_method")
    if (challenge is None) != (method is None) or method not in (None, "S256"):
        return "invalid_request"
    if challenge is not None and not _CHALLENGE.fullmatch(challenge):
        return "invalid_request"
    prompt = frozenset(given.get("prompt", "").split())
    return "invalid_request" if prompt - _PROMPTS or ("none" in prompt and len(prompt) > 1) else ""
