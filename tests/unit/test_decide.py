"""What `decide` says is what the emitted import spec and the emitted trigger come to, read by somebody else."""

import itertools
import json
import re
from types import ModuleType
from typing import Any

import pytest
import yaml
from generated import SCOPES, TAG
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory import compile_files, files

from scopegen.decide import decide, mint, scopes_in
from scopegen.diagnostics import Location
from scopegen.model import Model, Operation, Public, Scope
from scopegen.routing import Routes, has_stage, matching, path_of, without_stage

GROUPS = ("Reader", "Writer", "Clerk")
TEMPLATES = [
    "/",
    "/pets",
    "/pets/mine",
    "/pets/{id}",
    "/pets/{id}/toys",
    "/pets/{id}/{toy+}",
    "/{any+}",
    "/a%20b",
    "/Pets",
]
REQUESTED = ["/", "/pets", "/pets/", "/pets/mine", "/pets/7", "/pets/7/toys", "/pets/7/toys/8", "/pets/mine/toys", "//pets",
             "/pets/%6dine", "/pets/a%2Fb", "/PETS", "/orders", "/a b", "/pets//toys"]  # fmt: skip
METHODS = ["get", "post", "x-amazon-apigateway-any-method"]
USER = {"triggerSource": "TokenGeneration_HostedAuth", "callerContext": {"clientId": "web"}}


@st.composite
def made(draw: st.DrawFn) -> dict[str, Any]:
    """Files of a workspace whose paths overlap, and whose permissions are partly enough."""
    paths: dict[str, Any] = {}
    for path in draw(st.lists(st.sampled_from(TEMPLATES), min_size=1, max_size=6, unique=True)):
        names = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(.+?)}", path)
        ]
        for method in draw(st.lists(st.sampled_from(METHODS), min_size=1, unique=True)):
            one = {"x-required-scope": draw(TAG), "parameters": names, "responses": {"200": {"description": "ok"}}}
            paths.setdefault(path.replace("%20", "-"), {})[method] = one
    servers: dict[str, Any] = {}
    for scope in SCOPES:
        server, _, name = scope.rpartition("/")
        servers.setdefault(server, {"scopes": {}})["scopes"][name] = "a scope"
    some = st.lists(st.sampled_from(SCOPES), max_size=3)
    config = {
        "resource-servers": servers,
        "permissions": {name: draw(some) for name in GROUPS},
        "clients": {
            "web": {"kind": "user", "callback-urls": ["https://app.example.com/"]},
            "batch": {"kind": "machine", "scopes": draw(st.lists(st.sampled_from(SCOPES), min_size=1, max_size=4))},
        },
        "user-pool": {"domain": "pets-example"},
    }
    document = {"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "paths": paths}
    return {"scopegen.yaml": config, "specs/pets.yaml": document}


def _pattern(template: str) -> str:
    """Another reading of a path with variables: a regular expression over the unescaped path."""
    parts = [
        ("(.+)" if part.endswith("+}") else "([^/]+)") if part[:1] == "{" else re.escape(part)
        for part in template.split("/")
    ]
    return "/".join(parts)


def _rule(spec: Any, method: str, path: str) -> Any:
    """The `security` that answers by the import spec; None where no operation does."""
    plain = "/" + re.sub("%6d", "m", path).strip("/")
    found = [template for template in spec["paths"] if re.fullmatch(_pattern(template), plain)]
    if not found:
        return None
    order = {"{": 1}
    best = min(
        found,
        key=lambda t: (
            [2 if part.endswith("+}") else order.get(part[:1], 0) for part in t.strip("/").split("/")]
            if t != "/"
            else []
        ),
    )
    item = spec["paths"][best]
    chosen = item.get(method) or item.get("x-amazon-apigateway-any-method")
    return None if chosen is None else chosen["security"]


def _token(trigger: ModuleType, groups: tuple[str, ...]) -> set[str]:
    """The scopes that Cognito puts into a user's access token, by the trigger's answer."""
    asked = ["openid"]
    event = {**USER, "request": {"groupConfiguration": {"groupsToOverride": list(groups)}, "scopes": asked}}
    answer = trigger.handler(event, None)["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]
    return (set(asked) | set(answer["scopesToAdd"])) - set(answer["scopesToSuppress"])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(made())
def test_decide_is_what_the_emitted_files_come_to(made: dict[str, Any]) -> None:
    result = compile_files(made)
    if result.build is None:  # sibling variables, which API Gateway refuses
        return
    model, written = result.build.model, files(result)
    spec = json.loads(written["pets/openapi.json"])
    trigger = ModuleType("scope_map")
    exec(written["identity/scope_map.py"], trigger.__dict__)
    tokens: dict[Any, set[str]] = {
        groups: _token(trigger, groups) for size in range(4) for groups in itertools.combinations(GROUPS, size)
    }
    clients = yaml.load(written["identity/template.yaml"], yaml.CSafeLoader)["Resources"].values()
    (machine,) = [
        one["Properties"]
        for one in clients
        if one.get("Properties", {}).get("AllowedOAuthFlows") == ["client_credentials"]
    ]
    tokens["batch"] = set(machine["AllowedOAuthScopes"])
    for holder, scopes in tokens.items():
        assert {str(scope) for scope in _minted(model, holder)} == scopes - {"openid"}
        claims = {"token_use": "access", "scope": " ".join(sorted(scopes))}
        for method, path in itertools.product(("get", "post", "delete"), REQUESTED):
            rule = _rule(spec, method, path)
            opens = rule == [] or (rule is not None and not scopes.isdisjoint(rule[0]["CognitoAuthorizer"]))
            decision = decide(model, "pets", method, path, claims)
            assert decision.allowed == opens, (holder, method, path, rule, decision)
            assert decision.status == (200 if opens else 403 if rule is None else 401)
            if rule:
                assert not decide(model, "pets", method, path, None).allowed
                assert not decide(model, "pets", method, path, {**claims, "token_use": "id"}).allowed


def _minted(model: Model, holder: Any) -> frozenset[Scope]:
    return mint(model, next(one for one in model.clients if one.name == "batch") if holder == "batch" else holder)


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("/pets/mine", "/pets/mine"), ("/pets/Mine", "/pets/{id}"), ("/pets/7", "/pets/{id}"), ("/pets/7/", "/pets/{id}"),
        ("/pets/7/toys", "/pets/{id}/{rest+}"), ("/pets", "/{all+}"), ("/", ""), ("", ""), ("/pets/%6Dine", "/pets/mine"),
        ("/pets/a%2Fb", "/pets/{id}"), ("//pets/mine", "/pets/mine"), ("/pets/..", "/pets/{id}"), ("/x/y/z", "/{all+}"),
        ("/pets//toys", "/{all+}"),
    ],
)  # fmt: skip
def test_the_most_exact_path_answers(path: str, taken: str) -> None:
    found = matching(["/pets/mine", "/pets/{id}", "/pets/{id}/{rest+}", "/{all+}"], path)
    assert (found[0] if found else "") == taken


@pytest.mark.parametrize(
    ("target", "path", "is_staged"),
    [
        ("https://a1.execute-api.eu-west-1.amazonaws.com/prod/pets?x=1#y", "/prod/pets", True),
        ("https://api.example.com/v1/pets", "/v1/pets", False), ("/pets?next=https://x.y/z", "/pets", False), ("/proxy/http://x.y/z", "/proxy/http://x.y/z", False), ("pets", "/pets", False),
        ("https://api.example.com", "/", False), ("https://notexecute-api.example.com/a", "/a", False),
    ],
)  # fmt: skip
def test_the_path_of_a_url(target: str, path: str, is_staged: bool) -> None:
    assert (path_of(target), has_stage(target)) == (path, is_staged)
    assert without_stage("/prod/pets/7") == "/pets/7"


def test_scopes_are_one_text_separated_by_spaces() -> None:
    assert scopes_in({"scope": "openid petsapi/read  a/"}) == {Scope("", "openid"), Scope("petsapi", "read")}
    assert scopes_in({"scope": ["petsapi/read"]}) == scopes_in({}) == frozenset()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.lists(st.sampled_from(["a", "b", "{x}"]), max_size=3), st.sampled_from([[], ["{y+}"]])), min_size=1, max_size=6),
    st.lists(st.sampled_from(["a", "b", "c", "", "{}", "{+}", "%61", "a%2Fb"]), max_size=5),
    st.sampled_from(METHODS),
)  # fmt: skip
def test_the_tree_of_paths_finds_what_each_path_alone_would(
    paths: list[tuple[list[str], list[str]]], asked: list[str], method: str
) -> None:
    templates = sorted({"/" + "/".join([*parts, *rest]) for parts, rest in paths})
    operations = [
        Operation("a", path, name, "", Public("x"), Location("a.yaml")) for path in templates for name in ("GET", "ANY")
    ]
    path = "/" + "/".join(asked)
    best = next(iter(matching(templates, path)), None)
    found = Routes(operations).find("GET" if method == "get" else "PUT", path)
    assert (found and found.path) == best
    assert found is None or found.method == ("GET" if method == "get" else "ANY")


def test_any_stands_for_the_seven_methods_alone() -> None:
    routes = Routes([Operation("a", "/x", "ANY", "", Public("x"), Location("a.yaml"))])
    assert [name for name in ("GET", "put", "any", "TRACE", "CONNECT", "PROPFIND", "") if routes.find(name, "/x") is None] == [
        "TRACE", "CONNECT", "PROPFIND", "",
    ]  # fmt: skip
