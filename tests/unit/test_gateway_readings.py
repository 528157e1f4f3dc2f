"""What a backend makes of a request is never more than its token opens: habits of real frameworks, told apart by `decide`."""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from gateways import NOW, ask, call, made, operation, token
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegen.decide import decide
from scopegen.gateway.options import Options

REST = [{"name": "rest+", "in": "path", "required": True, "schema": {"type": "string"}}]
ID = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
API = made({
    "/pets": {"get": operation(), "post": operation("petsapi/write")},
    "/pets/{id}": {"get": operation(parameters=ID), "post": operation(parameters=ID), "delete": operation("petsapi/write", parameters=ID)},
    "/pets/{id}/secret": {"get": operation("petsapi/write", parameters=ID)},
    "/pets/Admin": {"get": operation("petsapi/write")},
    "/files/{rest+}": {"x-amazon-apigateway-any-method": operation(parameters=REST)},
    "/files/private": {"get": operation("petsapi/write"), "x-amazon-apigateway-any-method": operation()},
    "/open/{rest+}": {"get": operation({"public": "all"}, parameters=REST)},
    "/open/closed": {"get": operation()},
})  # fmt: skip
READ, BOTH = token("petsapi/read"), token("petsapi/read", "petsapi/write")
NOWHERE = Options(backends={"": "http://127.0.0.1:1"})  # what is forwarded is a 504
FORWARDED, MISREAD = 504, 400


def status(path: str, method: str = "GET", bearer: str = READ, **more: Any) -> int:
    return ask(API, call(path, method, bearer, **more), options=NOWHERE).one.status_code


ELSEWHERE = [
    "/pets/admin", "/pets/ADMIN", "/pets/admi%4E", "/pets/admi%254e", "/pets/Admin;x", "/pets/Admin%3bx", "/pets/Admin;/", "/pets/Admin%00",
    "/pets/Admin%20", "/pets/Admin.", "/pets/Admin.json", "/pets/Admin%3fx", "/pets/Admin%23", "/pets/Admin%2f", "/pets/Admin%5c",
    "/pets/%ef%bc%a1dmin", "/pets/1%2fsecret", "/pets/1%5csecret", "/pets/1\\secret", "/pets/1%252fsecret", "/pets/1%2fsecret%2f", "/pets/1%2f%2fsecret",
    "/pets/1%2f;x%2fsecret", "/pets/1%c0%afsecret", "/pets/1%C0%AFsecret", "/pets/%c1%81dmin", "/pets/1%u002fsecret", "/files/%u002e%u002E/private", "/files//private", "/files/%2fprivate", "/files/;x/private", "/files/private;a=b", "/files/Private/", "/files/x%2f..%2fprivate",
    "/open//closed", "/open/CLOSED", "/open/closed;", "/open/x;%2f..%2fclosed",
]  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE)
def test_what_a_backend_could_read_as_what_the_token_does_not_open_is_not_forwarded(path: str) -> None:
    assert status(path, bearer="" if path.startswith("/open") else READ) == MISREAD


@pytest.mark.parametrize("path", ["/pets/admin", "/pets/1%2fsecret", "/files//private", "/files/private;a=b", "/pets/Admin.json"])  # fmt: skip
def test_who_may_call_both_is_forwarded(path: str) -> None:
    assert status(path, bearer=BOTH) == FORWARDED


@pytest.mark.parametrize("path", ["/pets", "/pets/", "/pets/a%2Fb", "/pets/a;b", "/pets/Rex", "/pets/rex.json", "/pets/%C3%A9", "/files/a//b", "/files/a%20b.c/d", "/pets/50%25", "/open/a"])  # fmt: skip
def test_what_leads_nowhere_else_is_forwarded(path: str) -> None:
    assert status(path) == FORWARDED


def test_what_can_be_read_as_anything_is_not_forwarded() -> None:
    assert status("/files/%" + "25" * 300 + "2e") == MISREAD


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "x-http-method", "X-Method-Override", "X_HTTP_Method_Override"]
)
@pytest.mark.parametrize("value", ["DELETE", "delete", " DELETE", "POST, DELETE"])
def test_another_method_in_a_header_needs_what_that_needs(name: str, value: str) -> None:
    assert status("/pets/1", "POST", headers={name: value}) == MISREAD
    assert status("/pets/1", "POST", BOTH, headers={name: value}) == FORWARDED
    assert status("/pets/1", "POST", headers={name: "GET"}) == FORWARDED


FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("path", "media", "body"),
    [
        ("/pets/1?_method=DELETE", FORM, b""),
        ("/pets/1?a=b&%5Fm%65thod=delete", FORM, b""),
        ("/pets/1", FORM, b"a=b&_method=DELETE"),
        ("/pets/1", FORM.upper() + "; charset=utf-8", b"%5fmethod=delete&a"),
        ("/pets/1", PARTS, b'--x\r\nContent-Disposition: form-data; name="_method"\r\n\r\nDELETE\r\n--x--\r\n'),
    ],
)
def test_another_method_in_a_form_needs_what_that_needs(path: str, media: str, body: bytes) -> None:
    assert status(path, "POST", headers={"Content-Type": media}, body=body) == MISREAD
    assert status(path, "POST", BOTH, headers={"Content-Type": media}, body=body) == FORWARDED


@pytest.mark.parametrize("name", ["X-Original-URL", "X-Rewrite-URL", "x_original_url"])
def test_another_path_in_a_header_needs_what_that_needs(name: str) -> None:
    assert status("/pets", headers={name: "/pets/Admin?x=1"}) == MISREAD
    assert status("/pets", headers={name: "http://127.0.0.1/pets/Admin"}) == MISREAD
    assert status("/pets", headers={name: "/pets/1"}) == FORWARDED


def test_a_handler_of_get_that_answers_head_needs_what_get_needs() -> None:
    assert status("/files/private", "PUT") == FORWARDED
    assert status("/files/private", "HEAD") == MISREAD
    assert status("/files/private", "HEAD", BOTH) == FORWARDED


def test_looking_into_a_large_body_takes_no_time() -> None:
    for media, part in (
        (PARTS, b'name="_methods'),
        (PARTS, b"name=" * 3),
        (FORM, b"&_method"),
        (FORM, b"&%"),
        (FORM, b"_method=a"),
    ):
        body = part * (10_000_000 // len(part))
        began = time.perf_counter()
        assert status("/pets/1", "POST", headers={"Content-Type": media}, body=body) == FORWARDED
        assert time.perf_counter() - began < 3


def nginx(path: str) -> str:
    return re.sub("/{2,}", "/", unquote(path))


def express(path: str) -> str:
    return path.lower()


def werkzeug(path: str) -> str:
    return re.sub("/{2,}", "/", unquote(path.partition("?")[0]))


def servlet(path: str) -> str:
    return "/".join(unquote(part.partition(";")[0]) for part in path.split("/"))


def windows(path: str) -> str:
    return "/".join(part.rstrip(". ") for part in unquote(path).replace("\\", "/").lower().split("/"))


def rails(path: str) -> str:
    return re.sub(r"\.[a-z]+$", "", path)


BACKENDS: list[Callable[[str], str]] = [
    nginx, express, werkzeug, servlet, windows, rails,
    lambda path: servlet(nginx(path)), lambda path: nginx(servlet(path)), lambda path: express(werkzeug(path)), lambda path: rails(servlet(path)),
]  # fmt: skip
PIECES = st.sampled_from(["pets", "Admin", "admin", "1", "secret", "files", "private", "open", "closed", "/", "/", "/", "//", "%2f", "%2F", "%5c", "\\", ";", ";x=1", "%3b",
                          "%00", "%20", "%252f", "%25", ".", ".json", "..", "%2e", "A", "%41", "?", "%3f", "%23", "%C3%A9"])  # fmt: skip


def lower(path: str) -> str:
    """The path as a router reads it that does not tell letters' cases apart: all that is written there, in its own case."""
    return re.sub("admin", "Admin", path, flags=re.IGNORECASE) if path.islower() else path


@settings(max_examples=400, deadline=None)
@given(
    st.lists(PIECES, max_size=8).map(lambda parts: "/" + "".join(parts)),
    st.sampled_from(["GET", "POST", "DELETE", "HEAD"]),
    st.sampled_from(["", READ, BOTH]),
)
def test_no_framework_is_led_to_what_the_token_does_not_open(target: str, method: str, bearer: str) -> None:
    answered = ask(API, call(target, method, bearer), options=NOWHERE)
    if answered.one.status_code != FORWARDED:
        return
    scope = {"": None, READ: "petsapi/read", BOTH: "petsapi/read petsapi/write"}[bearer]
    claims: Any = None if scope is None else {"token_use": "access", "exp": NOW + 60, "scope": scope}
    for backend in BACKENDS:
        seen = lower(backend(target.partition("?")[0]))
        decision = decide(API.model, "pets", method, seen.partition("\0")[0], claims, NOW)
        assert decision.allowed or decision.reason == "no route", (target, seen)
