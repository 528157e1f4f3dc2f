"""A user pool as its users and machines meet it. In: a deployed identity stack. Out: tokens."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from .cloud import Cloud
from .emulator import Answer

CALLBACK = "https://app.example.com/callback"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_PASSWORD = "Secret-of-a-test-1"
_numbers = count(1)


@dataclass(frozen=True)
class Session:
    """What a sign-in gives; an ID token only to those who ask for `openid`."""

    access: str
    refresh: str
    identity: str


@dataclass(frozen=True)
class Pool:
    """A pool and the outputs of the stack that knows its clients."""

    cloud: Cloud
    outputs: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.outputs["UserPoolId"]

    @property
    def cognito(self) -> Any:
        return self.cloud.client("cognito-idp")

    def client_id(self, name: str) -> str:
        return self.outputs[f"{name}ClientId"]

    def user(self, *groups: str) -> str:
        """A new user, confirmed, in groups that exist."""
        name = f"user-{next(_numbers)}"
        self.cognito.admin_create_user(UserPoolId=self.id, Username=name, MessageAction="SUPPRESS")
        self.cognito.admin_set_user_password(UserPoolId=self.id, Username=name, Password=_PASSWORD, Permanent=True)
        for group in groups:
            self.cognito.admin_add_user_to_group(UserPoolId=self.id, Username=name, GroupName=group)
        return name

    def remove(self, user: str, group: str) -> None:
        self.cognito.admin_remove_user_from_group(UserPoolId=self.id, Username=user, GroupName=group)

    def hand_made_client(self, *scopes: str, **settings: Any) -> str:
        """The id of a public code client that somebody adds to the pool beside ours."""
        client = self.cognito.create_user_pool_client(
            UserPoolId=self.id,
            ClientName=f"hand-made-{next(_numbers)}",
            AllowedOAuthFlows=["code"],
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthScopes=list(scopes),
            CallbackURLs=[CALLBACK],
            SupportedIdentityProviders=["COGNITO"],
            **settings,
        )
        made: str = client["UserPoolClient"]["ClientId"]
        return made

    def sign_in(self, user: str, client_id: str = "", scope: str = "openid", submitted: str | None = None) -> Session:
        """Code with PKCE: the login page, its form, the code, the tokens. `submitted` is a scope put into the form by hand."""
        client_id, verifier = client_id or self.client_id("Web"), secrets.token_urlsafe(48)
        page = self.authorize(client_id, scope, verifier)
        fields = _hidden_fields(page.body) | {"username": user, "password": _PASSWORD}
        if submitted is not None:
            fields["scope"] = submitted
        redirect = self._post("/login", fields)
        code = parse_qs(urlsplit(redirect.headers["Location"]).query)["code"][0]
        grant = {"grant_type": "authorization_code", "client_id": client_id, "redirect_uri": CALLBACK}
        answer = self._post("/oauth2/token", grant | {"code": code, "code_verifier": verifier})
        tokens = json.loads(answer.body)
        return Session(tokens["access_token"], tokens["refresh_token"], tokens.get("id_token", ""))

    def authorize(self, client_id: str, scope: str, verifier: str = "v" * 43) -> Answer:
        """The answer of the authorization endpoint: the login page, or a redirect that says why not."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {"response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK, "scope": scope}
        pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
        return self.cloud.emulator.send("GET", f"/oauth2/authorize?{urlencode(query | pkce)}")

    def refresh(self, session: Session) -> str:
        """The access token of a refreshed session. (The emulator's token endpoint forgets the groups; this API does not.)"""
        answer = self.cognito.get_tokens_from_refresh_token(
            RefreshToken=session.refresh, ClientId=self.client_id("Web")
        )
        token: str = answer["AuthenticationResult"]["AccessToken"]
        return token

    def sign_in_by_sdk(self, user: str, client_id: str) -> str:
        """The access token of a sign-in without the login page, through a client that allows it."""
        answer = self.cognito.admin_initiate_auth(
            UserPoolId=self.id,
            ClientId=client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user, "PASSWORD": _PASSWORD},
        )
        token: str = answer["AuthenticationResult"]["AccessToken"]
        return token

    def machine(self, name: str, scope: str = "") -> Answer:
        """The token endpoint's answer to a machine client: all its scopes, or those named."""
        client_id = self.client_id(name)
        client = self.cognito.describe_user_pool_client(UserPoolId=self.id, ClientId=client_id)["UserPoolClient"]
        credentials = base64.b64encode(f"{client_id}:{client['ClientSecret']}".encode()).decode()
        wanted = {"scope": scope} if scope else {}
        return self._post(
            "/oauth2/token", {"grant_type": "client_credentials"} | wanted, {"Authorization": f"Basic {credentials}"}
        )

    def machine_token(self, name: str, scope: str = "") -> str:
        token: str = json.loads(self.machine(name, scope).body)["access_token"]
        return token

    def _post(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        return self.cloud.emulator.send("POST", path, urlencode(fields).encode(), _FORM | dict(headers or {}))


class _Hidden(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("type") == "hidden":
            self.fields[found["name"] or ""] = found.get("value") or ""


def _hidden_fields(page: bytes) -> dict[str, str]:
    parser = _Hidden()
    parser.feed(page.decode())
    parser.close()
    return parser.fields
