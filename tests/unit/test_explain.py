"""The first line is the right one: for every row of the table of symptoms, and for every way in which a token can fail."""

import json
import re
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegen.cli import main
from scopegen.decide import mint, opens
from scopegen.diagnostics import Location
from scopegen.explain import grants, symptoms, tokens
from scopegen.model import AnyOf, Model, Operation, Permission, ResourceServer, Scope, ScopeText

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
POOL = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12"
CONFIG = """
permissions:
  Reader: [petsapi/read]
  Writer: {scopes: [petsapi/write], group: writers}
  Clerk: [billing/read]
  Admin: ["petsapi/*", billing/read]
clients:
  web: {kind: user, callback-urls: ["https://app.example.com/cb"]}
  batch: {kind: machine, scopes: [petsapi/read]}
user-pool: {domain: pets-example}
apis: {pets: {cors: {allow-origins: ["https://app.example.com"]}, stage: {name: live}}}
"""
SPEC = """openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      x-required-scope: petsapi/read
      responses: {"200": {description: ok}}
    post: {x-required-scope: petsapi/write, responses: {"200": {description: ok}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {x-required-scope: {anyOf: [petsapi/read, petsapi/admin]}, responses: {"200": {description: ok}}}
    delete: {x-required-scope: {allOf: [petsapi/write, billing/read]}, responses: {"200": {description: ok}}}
  /me:
    get: {x-required-scope: {authenticated: true}, responses: {"200": {description: ok}}}
  /health:
    get: {x-required-scope: {public: for the load balancer}, responses: {"200": {description: ok}}}
"""


@pytest.fixture
def pets(workspace: Path) -> Path:
    (workspace / "specs").mkdir()
    (workspace / "scopegen.yaml").write_text(CONFIG)
    (workspace / "specs" / "pets.yaml").write_text(SPEC)
    return workspace


def user(**claims: Any) -> dict[str, Any]:
    made = {
        "sub": "s",
        "username": "ann",
        "client_id": "c1",
        "iss": POOL,
        "token_use": "access",
        "exp": int(time.time()) + 900,
    }
    return {**made, "scope": "openid", **claims}


def machine(scope: str) -> dict[str, Any]:
    return {
        "sub": "c2",
        "client_id": "c2",
        "iss": POOL,
        "token_use": "access",
        "exp": int(time.time()) + 900,
        "scope": scope,
    }


def signed(claims: dict[str, Any], key: Any = KEY) -> str:
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})


def said(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, first line, and all of it."""
    code = main(["explain", *words])
    captured = capfd.readouterr()
    text = captured.out or captured.err
    return code, text.split("\n")[0], text


@pytest.mark.parametrize(
    ("words", "code", "first"),
    [
        (["GET", "/pets"], 0, "GET /pets requires petsapi/read"),
        (["pets", "get", "/pets/{id}"], 0, "GET /pets/{id} requires petsapi/admin or petsapi/read"),
        (["GET", "/pets/7?x=1"], 0, "GET /pets/{id} requires petsapi/admin or petsapi/read"),
        (["GET", "https://a1.execute-api.eu-west-1.amazonaws.com/anything/pets/7"], 0, "GET /pets/{id} requires"),
        (["GET", "https://A1.EXECUTE-API.eu-west-1.amazonaws.com:443/v2/pets#/x"], 0, "GET /pets requires"),
        (["GET", "a1.execute-api.eu-west-1.amazonaws.com/v2/pets"], 0, "GET /pets requires"),
        (["GET", "/live/pets?next=https://api.example.com/live/pets"], 1, "NO ROUTE: no operation answers GET /live/pets:"),
        (["GET", "http://[::1/live/pets"], 0, "GET /pets requires"),
        (["GET", "https://api.example.com/live/pets"], 0, "GET /pets requires"),
        (["GET", "http://127.0.0.1:4010/pets/live/pets/7?x=/y"], 0, "GET /pets/{id} requires"),
        (["GET", "http://127.0.0.1:4010/pets/dev/pets/7"], 1, "NO ROUTE: no operation answers GET /pets/dev/pets/7:"),
        (["GET", "https://api.example.com/v2/pets"], 0, "GET /pets requires"),
        (["GET", "/health"], 0, "GET /health is public, no token is looked at: for the load balancer"),
        (["GET", "/me"], 0, "GET /me requires any signed-in user"),
        (["DELETE", "/pets"], 1, "NO ROUTE: no operation answers DELETE /pets: API Gateway says 403 Missing Authentication Token"),
        (["GET", "/Pets"], 1, "NO ROUTE: no operation answers GET /Pets"),
        (["OPTIONS", "/pets"], 1 - 1, "ALLOWED: OPTIONS /pets is a preflight that scopegen adds"),
        (["GET", "/pets", "--permission", "Reader"], 0, "ALLOWED: a user with Reader can call GET /pets"),
        (["POST", "/pets", "--permission", "Reader"], 1, "DENIED: a user with Reader lacks petsapi/write for POST /pets"),
        (["DELETE", "/pets/7", "--permission", "Writer"], 1, "DENIED: a user with Writer lacks billing/read for DELETE /pets/{id}"),
        (["DELETE", "/pets/7", "--permission", "Writer", "--permission", "Clerk"], 0, "ALLOWED: a user with Writer and Clerk can call"),
        (["POST", "/pets", "--client", "batch"], 1, "DENIED: batch lacks petsapi/write for POST /pets"),
        (["GET", "/pets", "--client", "batch"], 0, "ALLOWED: batch can call GET /pets"),
        (["GET", "/me", "--client", "batch"], 1, "DENIED: batch is a machine, and GET /me is for signed-in users"),
        (["GET", "/pets", "--client", "web"], 1, "IT DEPENDS: web signs users in"),
        (["GET", "/me", "--client", "web"], 0, "ALLOWED: a user without permissions can call GET /me"),
        (["GET", "/pets", "--status", "403", "--body", '{"message":"Missing Authentication Token"}'], 1, "LIKELY: not deployed"),
    ],
)  # fmt: skip
def test_questions(pets: Path, capfd: pytest.CaptureFixture[str], words: list[str], code: int, first: str) -> None:
    found = said(capfd, *words)
    assert (found[0], found[1][: len(first)]) == (code, first)


@pytest.mark.parametrize(
    ("call", "claims", "code", "first", "then"),
    [
        ("GET /pets", user(scope="openid petsapi/read"), 0, "ALLOWED: the token carries petsapi/read", ""),
        ("GET /health", user(exp=1), 0, "ALLOWED: GET /health is public", ""),
        ("GET /me", user(), 0, "ALLOWED: the token carries openid", ""),
        ("POST /pets", user(scope="petsapi/read"), 1, "DENIED: the token lacks petsapi/write", "put the user into the group writers (permission Writer): grants petsapi/write"),
        ("POST /pets", user(scope="aws.cognito.signin.user.admin"), 1, "DENIED: the token lacks petsapi/write", "the trigger did not run"),
        ("POST /pets", user(**{"cognito:groups": ["writers"]}), 1, "DENIED: the token lacks petsapi/write", "older than the grant"),
        ("POST /pets", machine("petsapi/read"), 1, "DENIED: the token lacks petsapi/write", "client asked for less with `scope=`"),
        ("DELETE /pets/7", machine("petsapi/write billing/read"), 1, "DENIED: the token lacks all-of/", "which stands for billing/read and petsapi/write"),
        ("DELETE /pets/7", user(scope="petsapi/write"), 1, "DENIED: the token lacks billing/read", "permission Admin"),
        ("GET /pets", user(exp=1, scope="petsapi/read"), 1, "DENIED: the token has expired", "get a new token"),
        ("POST /pets", user(exp=1), 1, "DENIED: the token has expired", "it lacks petsapi/write besides"),
        ("GET /pets", user(token_use="id"), 1, "DENIED: this is an ID token", "access_token"),
        ("GET /pets", {"iss": "x"}, 1, "DENIED: this is no token of Cognito", ""),
    ],
)  # fmt: skip
def test_tokens(
    pets: Path, capfd: pytest.CaptureFixture[str], call: str, claims: dict[str, Any], code: int, first: str, then: str
) -> None:
    token = signed(claims)
    (pets / "t.jwt").write_text(f"Bearer {token}\n")
    found = said(capfd, *call.split(), "--token-file", "t.jwt")
    assert (found[0], found[1][: len(first)]) == (code, first)
    assert then in found[2]
    assert "the signature was not checked" in found[2]
    assert not any(part in found[2] for part in token.split("."))


def test_what_is_no_token(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    good = signed(user(scope="petsapi/read"))
    nothing = "not a JSON Web Token"
    without = "the answer of the sign-in holds no access token"
    for text, why in (
        ("", nothing), ("garbage", nothing), ("a.b.c.d", nothing), (f"Bearer Bearer {good}", nothing),
        ("{}", without), ('{"access_token": 1}', without), (json.dumps({"id_token": good}), without),
        ("eyJh.a.b.c.d", "it is encrypted, as a refresh token is"),
    ):  # fmt: skip
        (pets / "t.jwt").write_text(text)
        code, first, _ = said(capfd, "GET", "/pets", "--token-file", "t.jwt")
        assert (code, first) == (1, f"DENIED: what was sent is no token: {why}"), text
        assert said(capfd, "GET", "/health", "--token-file", "t.jwt")[0] == 0


def test_a_call_that_was_refused_though_the_model_lets_it_in(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (pets / "t.json").write_text(json.dumps({"access_token": signed(user(scope="petsapi/read"))}))
    code, first, whole = said(capfd, "GET", "/pets", "--token-file", "t.json", "--status", "401")
    assert (code, first) == (
        1,
        "NOT BY THE MODEL: it lets this call in (the token carries petsapi/read), yet 401 was seen",
    )
    assert "is what was built deployed?" in whole


@pytest.mark.parametrize(
    "form", ["{}", "authorization: bearer {}", '{{"AuthenticationResult": {{"AccessToken": "{}"}}}}']
)
def test_how_a_token_is_pasted(pets: Path, capfd: pytest.CaptureFixture[str], form: str) -> None:
    (pets / "t.jwt").write_text(form.format(signed(user(scope="petsapi/read"))))
    assert said(capfd, "GET", "/pets", "--token-file", "t.jwt")[:2] == (0, "ALLOWED: the token carries petsapi/read")


@pytest.mark.parametrize("expires", [float("inf"), float("nan"), "99999999999", 10**400, True, None, [1]])
def test_a_token_without_an_end_is_not_let_in(pets: Path, capfd: pytest.CaptureFixture[str], expires: Any) -> None:
    import base64

    parts = [{"alg": "RS256", "kid": "k1"}, user(scope="petsapi/read", exp=expires)]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    (pets / "t.jwt").write_text(".".join([*encoded, "c2lnbg"]))
    code, first, _ = said(capfd, "GET", "/pets", "--token-file", "t.jwt")
    assert (code, first) == (1, "DENIED: the token does not say as a time when it expires (`exp`)")


def test_a_token_that_cognito_cannot_have_made_is_not_let_in(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (pets / "t.jwt").write_text(jwt.encode(user(scope="petsapi/read"), None, algorithm="none"))
    code, first, _ = said(capfd, "GET", "/pets", "--token-file", "t.jwt")
    assert (code, first) == (1, "DENIED: no token of Cognito, which signs with RS256: this says `none`")


def test_no_token_is_said_again(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    token = signed(user())
    body = f"'{token}' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer {token}'."
    for words in (
        ["--status", "403", "--body", body],
        ["GET", "/pets", "--status", "403", "--body", body, "--format", "json"],
        ["--token-error", body],
        ["--import-error", body],
        ["GET", "/pets", "--token-file", token],
        ["GET", "/pets", "--token-file", "t.jwt", "--jwks", token],
        [token, "GET", "/pets"],
        ["GET", token, "/pets"],
        ["GET", f"/{token}"],
        ["GET", "/pets", "--permission", token],
        ["GET", "/pets", "--client", token],
    ):
        (pets / "t.jwt").write_text(token)
        whole = said(capfd, *words)[2]
        assert whole
        assert not any(part in whole for part in token.split(".")), words


@pytest.mark.parametrize(
    ("words", "code", "first"),
    [
        (["GET", "/pets", "--status", "200"], 1, "NOT BY THE MODEL: it refuses this call (the token lacks petsapi/read), yet 200 was seen: what is deployed may be open"),
        (["GET", "/pets", "--status", "401"], 1, "DENIED: the token lacks petsapi/read"),
        (["GET", "/health", "--status", "401"], 1, "NOT BY THE MODEL: it lets this call in (GET /health is public"),
        (["GET", "/pets", "--status", "403", "--body", "Missing Authentication Token"], 1, "LIKELY: not deployed"),
        (["GET", "/nothing", "--status", "200"], 1, "NOT BY THE MODEL: no operation answers GET /nothing, yet 200 was seen"),
    ],
)  # fmt: skip
def test_what_was_seen_is_held_against_the_model(
    pets: Path, capfd: pytest.CaptureFixture[str], words: list[str], code: int, first: str
) -> None:
    (pets / "t.jwt").write_text(signed(user()))
    found = said(capfd, *words, "--token-file", "t.jwt")
    assert (found[0], found[1][: len(first)]) == (code, first)


def test_a_public_operation_that_refuses_is_not_a_matter_of_tokens(
    pets: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert said(capfd, "GET", "/health", "--status", "401")[1].startswith("NOT BY THE MODEL: it lets this call in")
    assert said(capfd, "GET", "/pets", "--status", "200")[:2] == (0, "GET /pets requires petsapi/read")


def test_every_way_to_hold_what_is_required_is_told(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "held by    permission Admin; Clerk together with Writer" in said(capfd, "DELETE", "/pets/7")[2]


def test_a_url_that_may_be_of_two_apis_is_asked_back(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (pets / "specs" / "shop.yaml").write_text(SPEC.replace("operationId: listPets", "operationId: listShops"))
    code, _, whole = said(capfd, "GET", "https://api.example.com/v2/pets")
    assert code == 2
    assert "GET /pets may be an operation of pets and of shop: name the API first" in whole
    assert said(capfd, "shop", "GET", "https://api.example.com/v2/pets")[0] == 0


def test_a_preflight_comes_before_a_catch_all(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    more = """  /all/{proxy+}:
    parameters: [{name: proxy, in: path, required: true, schema: {type: string}}]
    x-amazon-apigateway-any-method: {x-required-scope: petsapi/write, responses: {"200": {description: ok}}}
"""
    (pets / "specs" / "pets.yaml").write_text(SPEC + more)
    assert main(["build"]) == 0
    emitted = json.loads((pets / "build" / "pets" / "openapi.json").read_text())["paths"]["/all/{proxy+}"]["options"]
    assert not emitted["security"]
    capfd.readouterr()
    assert said(capfd, "OPTIONS", "/all/x/y")[1].startswith("ALLOWED: OPTIONS /all/x/y is a preflight")
    assert said(capfd, "ANY", "/all/x/y")[1] == "ANY /all/{proxy+} requires petsapi/write"
    assert said(capfd, "OPTIONS", "/all/x", "--from", "build/access.json")[1].startswith("NOT KNOWN")
    (pets / "scopegen.yaml").write_text(CONFIG.replace('cors: {allow-origins: ["https://app.example.com"]}, ', ""))
    assert said(capfd, "OPTIONS", "/all/x/y")[1] == "ANY /all/{proxy+} requires petsapi/write"


def test_a_url_that_may_mean_two_operations_is_asked_back(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    more = SPEC + "  /v2/pets:\n    get: {x-required-scope: {public: old}, responses: {'200': {description: ok}}}\n"
    (pets / "specs" / "pets.yaml").write_text(more)
    code, _, whole = said(capfd, "GET", "https://api.example.com/v2/pets")
    assert code == 2
    assert "the path may be /v2/pets or /pets: write it alone, without host and stage" in whole


@pytest.mark.parametrize(
    ("key", "first"), [(KEY, "ALLOWED"), (OTHER, "DENIED: none of the given keys signed this token")]
)
def test_signatures(pets: Path, capfd: pytest.CaptureFixture[str], key: Any, first: str) -> None:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
    (pets / "jwks.json").write_text(json.dumps({"keys": [{**public, "kid": "k1", "alg": "RS256", "use": "sig"}]}))
    (pets / "t.jwt").write_text(signed(user(scope="petsapi/read"), key))
    assert said(capfd, "GET", "/pets", "--token-file", "t.jwt", "--jwks", "jwks.json")[1].startswith(first)


def test_only_the_signature_is_the_matter_of_a_key(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Two keys of one name; a clock that is behind that of the pool; an audience."""
    public, other = (json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) for key in (KEY, OTHER))
    named = {"kid": "k1", "alg": "RS256", "use": "sig"}
    (pets / "jwks.json").write_text(json.dumps({"keys": [{**other, **named}, {**public, **named}]}))
    later = int(time.time()) + 300
    (pets / "t.jwt").write_text(signed(user(scope="petsapi/read", iat=later, nbf=later, aud="x")))
    found = said(capfd, "GET", "/pets", "--token-file", "t.jwt", "--jwks", "jwks.json")
    assert found[:2] == (0, "ALLOWED: the token carries petsapi/read")
    assert "checked    one of the given keys signed it" in found[2]
    (pets / "jwks.json").write_text(json.dumps({"keys": [{**other, **named}]}))
    found = said(capfd, "GET", "/pets", "--token-file", "t.jwt", "--jwks", "jwks.json")
    assert "checked    none of the given keys signed it" in found[2]


@pytest.mark.parametrize(
    "keys", ["", "[]", "{}", '{"keys": 1}', '{"keys": [1]}', '{"keys": []}', '{"keys": [{"kty": "RSA"}]}']
)
def test_what_is_no_key_set(pets: Path, capfd: pytest.CaptureFixture[str], keys: str) -> None:
    (pets / "jwks.json").write_text(keys)
    (pets / "t.jwt").write_text(signed(user()))
    code, _, whole = said(capfd, "GET", "/pets", "--token-file", "t.jwt", "--jwks", "jwks.json")
    assert code == 2
    assert "the keys: no key set" in whole


def test_no_other_algorithm_is_believed(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
    (pets / "jwks.json").write_text(json.dumps({"keys": [{**public, "kid": "k1", "alg": "RS256"}]}))
    for token in (
        jwt.encode(user(scope="petsapi/read"), None, algorithm="none", headers={"kid": "k1"}),
        jwt.encode(user(scope="petsapi/read"), "secret" * 10, algorithm="HS256", headers={"kid": "k1"}),
    ):
        (pets / "t.jwt").write_text(token)
        assert (
            "none of the given keys signed"
            in said(capfd, "GET", "/pets", "--token-file", "t.jwt", "--jwks", "jwks.json")[1]
        )


SEEN = [
    (403, '{"message":"Missing Authentication Token"}', "no operation answered"),
    (401, '{"message":"Unauthorized"}', "no acceptable token"),
    (None, '{"message":"Unauthorized"}', "no acceptable token"),
    (401, '{"message":"The incoming token has expired"}', "the token has expired"),
    (403, '{"message":"User is not authorized to access this resource"}', "a Lambda authorizer refused by default"),
    (403, '{"message":"User is not authorized to access this resource with an explicit deny"}', "a Deny statement matched"),
    (403, '{"message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:x"}', "the resource policy refuses"),
    (403, "{\"message\":\"Authorization header requires 'Credential' parameter.\"}", "a bearer token was sent to a method with IAM"),
    (500, '{"message":null}', "the authorizer failed or is set up wrongly"),
    (None, "blocked by CORS policy", "a browser's CORS error"),
    (403, '{"message":"Forbidden"}', "an API key is missing or wrong"),
    (429, '{"message":"Too Many Requests"}', "too many calls"),
    (502, '{"message":"Internal server error"}', "the backend answered in a form"),
    (504, '{"message":"Endpoint request timed out"}', "the backend took more than 29 seconds"),
    (500, '{"message":"Internal server error"}', "the backend failed"),
    (400, '{"message":"Invalid request body"}', "the request validator refused"),
    (404, "", "API Gateway answers 403 for what does not exist"),
    (431, "", "the headers are too large"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "first"), SEEN)
def test_symptoms(capfd: pytest.CaptureFixture[str], status: int | None, body: str, first: str) -> None:
    words = [*(["--status", str(status)] if status else []), "--body", body]
    code, line, _ = said(capfd, *words)
    assert code == 1
    assert line.startswith(f"LIKELY: {first}")


@pytest.mark.parametrize(
    ("option", "error", "first"),
    [
        ("--token-error", "PreTokenGeneration invocation failed due to error AccessDeniedException.", "Cognito may not call the trigger"),
        ("--token-error", "Unrecognizable lambda output", "the trigger answered in the shape of another event version"),
        ("--token-error", "PreTokenGeneration failed with error boom.", "the trigger failed"),
        ("--token-error", '{"error":"invalid_grant"}', "the code was used already"),
        ("--token-error", '{"error":"invalid_scope"}', "the client may not have a scope"),
        ("--token-error", '{"error":"unauthorized_client"}', "the client may not use this grant"),
        ("--token-error", '{"error":"invalid_client"}', "the client's id or secret is wrong"),
        ("--token-error", "FeatureUnavailableInTierException", "access tokens are customised by the tiers"),
        ("--token-error", "ScopeDoesNotExistException", "a client lists a scope"),
        ("--token-error", "redirect_mismatch", "the callback URL is none"),
        ("--import-error", "BadRequestException: Invalid OpenAPI input.", "the file is not OpenAPI 3.0"),
        ("--import-error", "Model name must be alphanumeric: a_b", "a model's name or schema"),
        ("--import-error", "A sibling ({id}) of this resource already has a variable path part", "two paths have variables"),
        ("--import-error", "malformed integration at path /pets", "one operation's integration"),
        ("--import-error", "Resource's path part only allow a-zA-Z0-9._-", "a path has characters"),
        ("--import-error", "TooManyRequestsException: Too Many Requests", "imports are limited"),
    ],
)  # fmt: skip
def test_errors_of_import_and_sign_in(capfd: pytest.CaptureFixture[str], option: str, error: str, first: str) -> None:
    code, line, _ = said(capfd, option, error)
    assert (code, line[: len(first) + 8]) == (0, f"LIKELY: {first}")


def test_every_symptom_can_be_met() -> None:
    """No entry stands behind one that fits all that it fits."""
    tables = symptoms.tables()
    met = {
        found.verdict.removeprefix("LIKELY: ")
        for found in (symptoms.of_answer(status, body) for status, body, _ in SEEN)
    }
    others = [
        (413, ""),
        (415, ""),
        (494, ""),
        (403, "<html>"),
        (403, "User: arn:x is not authorized to perform: execute-api:Invoke"),
    ]
    met |= {symptoms.of_answer(*one).verdict.removeprefix("LIKELY: ") for one in others}
    assert {one.verdict for one in tables["answers"]} == met


def test_only_an_access_json_is_needed(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["build"]) == 0
    (pets / "lone").mkdir()
    (pets / "build" / "access.json").rename(pets / "lone" / "access.json")
    (pets / "scopegen.yaml").unlink()
    capfd.readouterr()
    code, first, whole = said(capfd, "POST", "/pets", "--from", "lone/access.json", "--permission", "Reader")
    assert (code, first) == (1, "DENIED: a user with Reader lacks petsapi/write for POST /pets")
    assert "put the user into the group writers (permission Writer): grants petsapi/write" in whole
    assert "specs/pets.yaml:9:" in whole
    code, first, _ = said(capfd, "OPTIONS", "/pets", "--from", "lone/access.json")
    assert (code, first.partition(":")[0]) == (0, "NOT KNOWN")
    assert said(capfd, "DELETE", "/pets", "--from", "lone/access.json")[1].startswith("NO ROUTE")


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ([], "name a call"), (["GET"], "name a call"), (["a", "b", "c", "d"], "name a call"), (["FETCH", "/pets"], "'FETCH' is no method"),
        (["orders", "GET", "/pets"], "no API is named 'orders': there is pets"), (["GET", "/pets", "--permission", "Reeder"], "did you mean Reader?"),
        (["GET", "/pets", "--client", "x"], "no client is named 'x'"), (["GET", "/pets", "--jwks", "x"], "--jwks checks a token"),
        (["GET", "/pets", "--token-file", "none.jwt"], "none.jwt: no such file"), 
        (["GET", "/pets", "--from", "scopegen.yaml"], "not an access.json"), (["GET", "/pets", "--from", "none.json"], "no such file"),
        (["GET", "/pets", "--token-file", "x", "--client", "batch"], "three questions"), (["GET", "/pets", "--token-error", "x"], "one error at a time"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered(pets: Path, capfd: pytest.CaptureFixture[str], words: list[str], first: str) -> None:
    code, _, whole = said(capfd, *words)
    assert code == 2
    assert first in whole


def test_a_broken_workspace_is_told(pets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (pets / "specs" / "pets.yaml").write_text(SPEC.replace("petsapi/write", "", 1))
    code, _, whole = said(capfd, "GET", "/pets")
    assert code == 2
    assert "SG106" in whole


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")) | st.lists(st.sampled_from(
    ["eyJhbGciOiJSUzI1NiJ9", "bnVsbA", "W10", "e30", "", ".", "Bearer ", "{", '{"access_token": 1}']), max_size=5).map(".".join))  # fmt: skip
def test_whatever_is_pasted_is_a_token_or_no_token(text: str) -> None:
    try:
        assert isinstance(tokens.read(text).claims, dict)
    except tokens.TokenProblem:
        return


SCOPES = [Scope("api", name) for name in "abcd"]
GRANTED = st.lists(st.lists(st.sampled_from(SCOPES), max_size=3), max_size=6)
REQUIRED = st.lists(st.lists(st.sampled_from(SCOPES), min_size=1, max_size=4), min_size=1, max_size=3)


@settings(max_examples=300, deadline=None)
@given(GRANTED, REQUIRED, st.integers(0, 3))
def test_the_grant_that_is_proposed_does_it_and_none_is_smaller(
    granted: list[list[Scope]], required: list[list[Scope]], held: int
) -> None:
    permissions = [Permission(f"P{i}", scopes, f"P{i}") for i, scopes in enumerate(granted)]
    operation = Operation("pets", "/pets", "GET", "", AnyOf(required), Location("pets.yaml"))
    servers = [ResourceServer("api", "api", [ScopeText(scope.name, "") for scope in SCOPES])]
    model = Model(servers, [operation], permissions, [])
    own = [one.name for one in permissions][:held]
    answer = grants.by_permissions(model, operation, own)
    assert answer.allowed == opens(operation.requirement, mint(model, own))
    if answer.allowed:
        return
    groups = [set(re.findall(r"P\d", one.partition(":")[0])) for one in answer.todo if one.startswith("put the user")]
    names = {one.name for one in permissions}
    enough = [
        set(some)
        for size in range(1, 4)
        for some in combinations(sorted(names), size)
        if opens(operation.requirement, mint(model, [*own, *some]))
    ]
    assert all(opens(operation.requirement, mint(model, [*own, *some])) for some in groups)
    assert min(map(len, groups), default=0) == min(map(len, enough), default=0)


def test_hundreds_of_permissions_are_looked_through_at_once() -> None:
    scopes = [Scope("api", f"s{i}") for i in range(40)]
    permissions = [Permission(f"P{i}", (scopes[i % 40], scopes[i * 7 % 40]), f"P{i}") for i in range(500)]
    operation = Operation("pets", "/pets", "GET", "", AnyOf([scopes]), Location("pets.yaml"))
    model = Model(
        [ResourceServer("api", "api", [ScopeText(one.name, "") for one in scopes])], [operation], permissions, []
    )
    assert grants.by_permissions(model, operation, ["P1"]).verdict.startswith(
        "DENIED: a user with P1 lacks api/s0 and "
    )
