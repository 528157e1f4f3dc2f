"""Who gets through the gateway: every kind of token, hostile paths and headers, and the model as the judge."""

import hashlib
import hmac
import re
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from gateways import NOW, ask, call, claims, forged, keys, made, operation, ran, token
from generated import SCOPES, TAG
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scopegen.decide import decide
from scopegen.gateway.options import Options
from scopegen.pool.keys import Keys

PETS = made(
    {"/pets": {"get": operation(), "post": operation("petsapi/write")}, "/open": {"get": operation({"public": "a"})}}
)
STAGE = PETS.apis["pets"].stage
KID = next(one["kid"] for one in keys().jwks()["keys"])  # type: ignore[index,union-attr,call-overload]
PEM = (
    keys()
    ._keys["access"]
    .public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)
OTHER = Keys(keys().issuer)


def _hmac(data: bytes) -> bytes:
    return hmac.new(PEM, data, hashlib.sha256).digest()


def _renamed(kid: Any) -> str:
    other = forged({"alg": "RS256", "kid": kid}, claims(), lambda data: b"x" * 256)
    signed = OTHER.sign("access", claims()).split(".")
    return ".".join([other.split(".")[0], signed[1], signed[2]])


REFUSED = {
    "none at all": "",
    "garbage": "garbage",
    "two dots": "..",
    "only Bearer": "Bearer ",
    "another scheme": f"Basic {token('petsapi/read')}",
    "Bearer twice": f"Bearer Bearer {token('petsapi/read')}",
    "two tokens in one header": f"{token('petsapi/read')}, {token('petsapi/read')}",
    "alg none": forged({"alg": "none", "kid": KID}, claims()),
    "alg None with a signature": forged({"alg": "None", "kid": KID}, claims(), lambda data: b"x"),
    "HS256 with the public key": forged({"alg": "HS256", "kid": KID}, claims(), _hmac),
    "another pool's key": OTHER.sign("access", claims()),
    "another key under our kid": _renamed(KID),
    "a kid that is a path": _renamed("../../../../dev/null"),
    "a kid that is a URL": _renamed("http://127.0.0.1/jwks.json"),
    "a kid that is a list": _renamed([KID]),
    "a kid that is null": _renamed(None),
    "its own key in the header": forged({"alg": "RS256", "kid": KID, "jwk": {"kty": "oct", "k": "AA"}}, claims()),
    "a changed payload": ".".join([token("x").split(".")[0], token("petsapi/read").split(".")[1], token("x").split(".")[2]]),
    "an ID token": token(use="id", scope="petsapi/read"),
    "no scope": token(),
    "another scope": token("petsapi/write"),
    "a scope in other letters": token("petsapi/READ"),
    "a scope that begins so": token("petsapi/read2"),
    "another issuer": token("petsapi/read", by=Keys("http://127.0.0.1:1/other")),
    "expired": token("petsapi/read", lasts=-1),
    "expired this second": token("petsapi/read", lasts=0),
    "no time that ends": keys().sign("access", {"scope": "petsapi/read", "exp": 1e300}),
}  # fmt: skip


@pytest.mark.parametrize("written", REFUSED.values(), ids=REFUSED)
def test_a_token_that_does_not_open_is_refused_and_appears_nowhere(written: str) -> None:
    asked = ask(PETS, call("/pets", bearer=written))
    assert asked.one.status_code == 401
    assert asked.one.headers["x-amzn-errortype"] == "UnauthorizedException"
    if len(written) > 40 and written.count(".") == 2:
        assert written not in repr(asked.calls)
        assert written.split(".")[1] not in repr(asked.calls)


@pytest.mark.parametrize("prefix", ["", "Bearer ", "bearer "])
def test_a_good_token_opens_with_and_without_its_scheme(prefix: str) -> None:
    asked = ask(PETS, call("/pets", bearer=prefix + token("petsapi/read", "openid")))
    assert asked.one.status_code == 200
    told = asked.calls[0]
    assert (told.api, told.status, told.problem, told.path) == ("pets", 200, "", f"/pets/{STAGE}/pets")
    assert told.decision is not None
    assert told.decision.reason == "carried"
    assert told.operation is not None
    assert told.claims is not None


def test_two_headers_with_tokens_are_refused() -> None:
    good = token("petsapi/read")
    asked = ask(PETS, call("/pets", headers=[("authorization", good), ("authorization", good)]))
    assert asked.one.status_code == 401
    assert asked.calls[0].problem == "more than one `authorization` header"


def test_an_expired_token_is_told_so() -> None:
    asked = ask(PETS, call("/pets", bearer=token("petsapi/read", lasts=-1)))
    assert asked.one.json() == {"message": "The incoming token has expired"}


@pytest.mark.parametrize(("status", "error"), [(401, "UnauthorizedException"), (403, "AccessDeniedException")])
def test_a_missing_scope_is_answered_as_chosen(status: int, error: str) -> None:
    asked = ask(PETS, call("/pets", bearer=token("petsapi/write")), options=Options(missing_scope=status))
    assert (asked.one.status_code, asked.one.headers["x-amzn-errortype"]) == (status, error)


def test_without_a_token_a_missing_scope_is_always_401() -> None:
    assert ask(PETS, call("/pets"), options=Options(missing_scope=403)).one.status_code == 401


def test_a_public_operation_never_looks_at_the_token() -> None:
    asked = ask(PETS, call("/open", bearer="garbage"))
    assert asked.one.status_code == 200
    assert asked.calls[0].claims is None


@pytest.mark.parametrize(
    "path", ["", "/", "/pets", "/pets/", f"/pets/{STAGE}x/pets", f"//pets/{STAGE}/pets", f"/PETS/{STAGE}/pets",
             f"/%70ets/{STAGE}/pets", f"/pets/{STAGE}%2fpets", f"/pets/../pets/{STAGE}/pets", f"/pets/{STAGE}/none",
             f"/pets/{STAGE}/open/../pets", f"/pets/{STAGE}/open%2f..%2fpets", f"/pets/{STAGE}/PETS", f"/pets/{STAGE}//open//"]
)  # fmt: skip
def test_what_is_no_path_of_an_api_is_missing_authentication_token(path: str) -> None:
    asked = ask(PETS, call(path or "/", bearer=token("petsapi/read"), stage=""))
    if path.endswith("//open//"):  # slashes at both ends mean nothing
        assert asked.one.status_code == 200
    else:
        assert (asked.one.status_code, asked.one.json()) == (403, {"message": "Missing Authentication Token"})


@pytest.mark.parametrize("method", ["get", "TRACE", "CONNECT", "ANY", "FOO", "DELETE", "HEAD"])
def test_a_method_that_is_not_there_is_refused(method: str) -> None:
    one = call("/pets", bearer=token("petsapi/read"))
    one.method = method  # as it is, not in capitals
    assert ask(PETS, one).one.status_code == 403


@pytest.mark.parametrize("method", ["get", "TRACE", "FOO", "CONNECT"])
def test_a_catch_all_catches_only_the_methods_that_API_Gateway_knows(method: str) -> None:
    every = made({"/pets": {"x-amazon-apigateway-any-method": operation({"public": "all"})}})
    one = call("/pets")
    one.method = method
    assert ask(every, one).one.status_code == 403
    assert ask(every, call("/pets", "PATCH")).one.status_code == 200


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (call("/pets?" + "x" * 10_240), 414),
        (call("/pets", headers={"x-large": "x" * 10_240}), 431),
        (call("/pets", headers=[(f"x-{i}", "") for i in range(2_000)]), 431),
        (call("/pets", "POST", token("petsapi/write"), body=b"x" * (10 * 1024 * 1024 + 1)), 413),
        (call("/pets", "POST", "", headers=[("content-length", "1"), ("content-length", "2")]), 400),
        (call("/pets", "POST", "", headers=[("content-length", "1"), ("transfer-encoding", "chunked")]), 400),
    ],
    ids=["a long URL", "a large header", "many headers", "a large body", "two lengths", "a length and chunks"],
)
def test_what_is_over_a_limit_is_refused(one: httpx.Request, status: int) -> None:
    asked = ask(PETS, one)
    assert asked.one.status_code == status
    assert asked.calls[0].problem


def test_a_body_of_ten_megabytes_is_let_in() -> None:
    one = call("/pets", "POST", token("petsapi/write"), {"content-type": "application/json"}, b" " * 10 * 1024 * 1024)
    assert ask(PETS, one).one.status_code == 200


def test_an_api_key_is_noted_and_not_asked_for() -> None:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}}
    keyed = made({"/pets": {"get": operation(security=[{"key": []}])}}, components={"securitySchemes": schemes})
    asked = ask(keyed, call("/pets", bearer=token("petsapi/read")), call("/pets", headers={"x-api-key": "x"}))
    assert [one.status_code for one in asked.responses] == [200, 401]
    assert "API key" in asked.calls[0].notes[0]


def test_every_answer_has_a_number_of_its_own() -> None:
    asked = ask(PETS, call("/pets"), call("/none"), call("/open"), call("/x", stage=""))
    assert len({one.headers["x-amzn-requestid"] for one in asked.responses}) == 4
    assert [one.number for one in asked.calls] == [1, 2, 3, 4]


TEMPLATES = ["/", "/pets", "/pets/mine", "/pets/{id}", "/pets/{id}/toys", "/pets/{id}/{toy+}", "/{any+}", "/Pets"]
PATHS_ASKED = ["/", "/pets", "/pets/", "/pets/mine", "/pets/7", "/pets/7/toys/8", "//pets", "/pets/%6dine", "/pets/a%2Fb",
               "/PETS", "/orders", "/pets/./mine", "/%2e%2e/pets", "/pets//toys", "/pets/../pets", "/pets/%2e%2e", "/pets/7/", ""]  # fmt: skip
METHODS_ASKED = ["GET", "POST", "OPTIONS", "DELETE"]


@st.composite
def files_of(draw: st.DrawFn) -> dict[str, Any]:
    """Files of a workspace whose paths overlap."""
    paths: dict[str, Any] = {}
    for path in draw(st.lists(st.sampled_from(TEMPLATES), min_size=1, max_size=5, unique=True)):
        names = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(.+?)}", path)
        ]
        kinds = st.sampled_from(["get", "post", "options", "x-amazon-apigateway-any-method"])
        for method in draw(st.lists(kinds, min_size=1, unique=True)):
            paths.setdefault(path, {})[method] = operation(draw(TAG), parameters=names)
    servers: dict[str, Any] = {}
    for scope in SCOPES:
        server, _, name = scope.rpartition("/")
        servers.setdefault(server, {"scopes": {}})["scopes"][name] = "a scope"
    apis = {"apis": {"pets": {"cors": {"allow-origins": ["*"]}}}} if draw(st.booleans()) else {}
    document = {"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "paths": paths}
    return {"scopegen.yaml": {"resource-servers": servers, **apis}, "specs/pets.yaml": document}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_the_gateway_says_what_the_model_says(data: st.DataObject) -> None:
    one = ran(data.draw(files_of()))
    carried = data.draw(
        st.none() | st.lists(st.sampled_from([*map(str, one.model.required), "openid", "x/y"]), max_size=4)
    )
    use, lasts = data.draw(st.sampled_from(["access", "access", "id"])), data.draw(st.sampled_from([900, 900, -5]))
    written = "" if carried is None else token(*carried, use=use, lasts=lasts)
    held = None if carried is None else keys().read(written)
    asked = [(method, path) for method in METHODS_ASKED for path in PATHS_ASKED]
    answered = ask(one, *(call(path, method, written) for method, path in asked))
    for (method, path), answer, told in zip(asked, answered.responses, answered.calls, strict=True):
        expected = decide(one.model, "pets", method, path, held, NOW)
        assert told.decision is not None
        if told.operation is None and told.decision.allowed:  # a preflight, which the model does not know
            assert method == "OPTIONS"
            assert one.apis["pets"].methods[told.decision.operation.key].spec["security"] == []
            continue
        assert (told.decision.allowed, told.decision.reason, told.operation) == (
            expected.allowed,
            expected.reason,
            expected.operation,
        )
        assert answer.status_code == expected.status
