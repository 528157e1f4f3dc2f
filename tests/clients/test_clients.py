"""Clients that were written for Cognito and for OAuth at large, unmodified: they sign in, refresh, verify and call."""

import json
import warnings
from pathlib import Path
from typing import Any

import httpx
import joserfc.jwt
import jwt
import pytest
from joserfc.jwk import KeySet
from pooled import form_of

from scopegen.testing import LocalGateway

from .conftest import CALLBACK, HERE

with warnings.catch_warnings(record=True):  # of libraries to come
    from authlib.integrations.httpx_client import OAuth2Client as AuthlibClient
    from authlib.oidc.core import CodeIDToken
    from joserfc.errors import InvalidClaimError


def test_requests_oauthlib_signs_in_calls_and_refreshes(gateway: LocalGateway, python: Path, run: Any) -> None:
    done = run(
        str(python / "python"), str(HERE / "code_flow.py"), POOL=gateway.pool_url, ISSUER=gateway.issuer, API=gateway.url("pets"),
        CALLBACK=CALLBACK, SECRET=gateway.credentials("reports")[1], OAUTHLIB_INSECURE_TRANSPORT="1", OAUTHLIB_RELAX_TOKEN_SCOPE="1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"called": [200, 401, 200, 200], "new": True, "refresh": True, "name": "olga"}


def verified(node: tuple[str, str], run: Any, gateway: LocalGateway) -> Any:
    tokens = gateway.user_tokens("Reader", user="ann")
    done = run(
        node[0], str(HERE / "verify.mjs"), PACKAGES=node[1], ACCESS=tokens.access, IDENTITY=tokens.identity or "",
        ISSUER=gateway.issuer, KEYS=gateway.keys_url,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_aws_jwt_verify_takes_local_tokens_with_the_keys_given(gateway: LocalGateway, node: Any, run: Any) -> None:
    said = verified(node, run, gateway)
    assert said == {
        "fetching": "TypeError",  # https alone, as docs/reference/serve.md says
        "given": "ann",
        "cognito": "ParameterValidationError",
        "identity": "ParameterValidationError",
        "other": "ParameterValidationError",
    }


def test_the_cognito_verifier_takes_them_with_cognito_as_the_issuer(folder: Path, node: Any, run: Any) -> None:
    with LocalGateway(folder, cognito_issuer=True) as gateway:
        said = verified(node, run, gateway)
        answer = httpx.get(gateway.url("pets", "/pets"), headers=gateway.headers(gateway.user_token("Reader")))
        settings = httpx.get(f"{gateway.pool_url}/us-east-1_Local/.well-known/openid-configuration").json()
        issuer, keys = gateway.issuer, gateway.keys_url
    assert said == {
        "fetching": "TypeError",
        "given": "ann",
        "cognito": "ann",
        "identity": "CognitoJwtInvalidTokenUseError",
        "other": "CognitoJwtInvalidClientIdError",
    }
    assert answer.status_code == 200
    assert settings["issuer"] == issuer == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Local"
    assert settings["jwks_uri"] == keys


def test_pyjwt_fetches_the_keys_and_verifies(gateway: LocalGateway, folder: Path) -> None:
    keys = jwt.PyJWKClient(gateway.keys_url)
    tokens = gateway.user_tokens("Reader", user="ann")
    for token, audience in ((tokens.access, None), (tokens.identity, "web")):
        assert token
        key = keys.get_signing_key_from_jwt(token)
        claims = jwt.decode(token, key, ["RS256"], issuer=gateway.issuer, audience=audience)
        assert claims["token_use"] == ("id" if audience else "access")
    with LocalGateway(folder) as other, pytest.raises(jwt.PyJWKClientError):
        keys.get_signing_key_from_jwt(other.user_token("Reader"))


_READ = {"GET /status", "GET /pets", "GET /pets/{pet}"}
_ALL = {*_READ, "POST /pets", "DELETE /pets/{pet}"}


@pytest.mark.parametrize(
    ("held", "reached"),
    [(["Keeper"], _ALL), (["Reader"], _READ), ([], {"GET /status"})],
    ids=["everything", "reading", "nothing"],
)
def test_schemathesis_finds_nothing(
    held: list[str], reached: set[str], gateway: LocalGateway, folder: Path, python: Path, run: Any
) -> None:
    header = f"Authorization: Bearer {gateway.user_token(*held, user='tess')}"
    last = max((one.number for one in gateway.calls), default=0)
    done = run(
        str(python / "schemathesis"), "run", str(folder / "specs/pets.json"), "--url", gateway.url("pets"), "--header", header,
        "--max-examples", "25", "--seed", "1", "--phases", "examples,coverage,fuzzing",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    calls = [one for one in gateway.calls if one.number > last]
    assert not [one for one in calls if one.status >= 500 or any("bug" in note for note in one.notes)]
    allowed = {f"{one.method} {one.operation.path}" for one in calls if one.operation and one.status < 300}
    assert allowed == reached


def test_authlib_takes_the_id_token_of_a_sign_in(gateway: LocalGateway) -> None:
    """By the rules of OpenID Connect: issuer, audience, nonce, and the hash of the access token beside it."""
    with httpx.Client() as browser, AuthlibClient(
        "web", scope="openid email", redirect_uri=CALLBACK, code_challenge_method="S256", token_endpoint_auth_method="none"
    ) as app:  # fmt: skip
        settings = browser.get(f"{gateway.issuer}/.well-known/openid-configuration").json()
        verifier = "v" * 43
        url, state = app.create_authorization_url(
            settings["authorization_endpoint"], code_verifier=verifier, nonce="n-1"
        )
        page = browser.get(url)
        fields = {"form": form_of(page), "name": "ada", "group": "Reader"}
        sent = browser.post(f"{gateway.pool_url}/oauth2/authorize", data=fields, headers={"Origin": gateway.pool_url})
        found = app.fetch_token(
            settings["token_endpoint"],
            authorization_response=sent.headers["location"],
            state=state,
            code_verifier=verifier,
        )
        keys = KeySet.import_key_set(browser.get(settings["jwks_uri"]).json())
        token = joserfc.jwt.decode(found["id_token"], keys, ["RS256"])
        rules = {"iss": {"value": settings["issuer"]}, "aud": {"value": "web"}}
        known = {"nonce": "n-1", "client_id": "web", "access_token": found["access_token"]}
        CodeIDToken(token.claims, token.header, rules, known).validate()
        for wrong in ({"nonce": "n-2"}, {"access_token": "another"}):
            with pytest.raises(InvalidClaimError):
                CodeIDToken(token.claims, token.header, rules, {**known, **wrong}).validate()
        assert app.get(gateway.url("pets", "/pets")).status_code == 200
        assert app.get(settings["userinfo_endpoint"]).json()["email"] == "ada@example.com"
