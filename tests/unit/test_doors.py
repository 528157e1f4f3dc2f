"""Who is kept out by something else than a scope: an account, an API key, a resource policy, a private endpoint."""

import json
from pathlib import Path

import pytest

from scopegen.cli import main

CONFIG = """\
resource-servers: {petsapi: {scopes: {read: Read}}}
permissions: {Reader: [petsapi/read]}
"""
OPEN = "user-pool: {sign-up: open}\n"
EXISTING = "user-pool: {existing: true}\n"
PRIVATE = "apis: {pets: {spec: specs/pets.yaml, properties: {EndpointConfiguration: {Types: [PRIVATE]}}}}\n"
POLICY = "x-amazon-apigateway-policy: {Version: '2012-10-17', Statement: [{Effect: Deny, Principal: '*', Action: 'execute-api:Invoke', Resource: '*'}]}\n"
KEY = "components: {securitySchemes: {key: {type: apiKey, in: header, name: x-api-key}}}\nsecurity: [{key: []}]\n"
SPEC = """\
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /me:
    get: {x-required-scope: {authenticated: true}, responses: {"200": {description: ok}}}
  /pets:
    get: {x-required-scope: petsapi/read, responses: {"200": {description: ok}}}
"""
ME, PETS = "GET /me", "GET /pets"


def changes(capsys: pytest.CaptureFixture[str], *sides: tuple[str, str]) -> tuple[int, set[tuple[str, str, str]]]:
    for name, (config, spec) in zip(("old", "new"), sides, strict=True):
        Path(name, "specs").mkdir(parents=True)
        Path(name, "scopegen.yaml").write_text(config)
        Path(name, "specs/pets.yaml").write_text(spec)
    code = main(["diff", "old", "new", "--format", "json"])
    written = capsys.readouterr()
    assert code in (0, 1), written.err
    found = json.loads(written.out)["changes"]
    assert all(one["kind"] == "broadened" for one in found)
    return code, {
        (one["after"]["method"] + " " + one["after"]["path"], who["kind"], who["text"])
        for one in found
        for who in one["gains"]
    }


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        pytest.param((CONFIG, SPEC), (CONFIG + OPEN, SPEC), {(ME, "newcomer")}, id="anybody may sign up"),
        pytest.param((CONFIG, SPEC), (CONFIG + EXISTING, SPEC), {(ME, "newcomer")}, id="a pool whose users nobody knows"),
        pytest.param((CONFIG, SPEC + KEY), (CONFIG, SPEC), {(ME, "keyless"), (PETS, "keyless")}, id="no key any more"),
        pytest.param((CONFIG, SPEC + POLICY), (CONFIG, SPEC), {(ME, "barred"), (PETS, "barred")}, id="no policy any more"),
        pytest.param(
            (CONFIG, SPEC + POLICY), (CONFIG, SPEC + POLICY.replace("Deny", "Allow")), {(ME, "barred"), (PETS, "barred")},
            id="another policy",
        ),
        pytest.param(
            (CONFIG + PRIVATE, SPEC), (CONFIG, SPEC), {(ME, "barred"), (PETS, "barred")}, id="no private endpoint any more"
        ),
    ],
)  # fmt: skip
def test_what_kept_people_out_is_gone(
    was: tuple[str, str],
    now: tuple[str, str],
    told: set[tuple[str, str]],
    workspace: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, found = changes(capsys, was, now)
    assert (code, {one[:2] for one in found}) == (1, told)
    assert all(text for _, _, text in found)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        pytest.param((CONFIG + OPEN, SPEC), (CONFIG, SPEC), id="nobody signs up any more"),
        pytest.param((CONFIG, SPEC), (CONFIG + PRIVATE, SPEC + POLICY + KEY), id="a key, a policy, a private endpoint"),
        pytest.param((CONFIG + PRIVATE, SPEC + POLICY + KEY), (CONFIG + PRIVATE, SPEC + POLICY + KEY), id="the same"),
    ],
)
def test_nobody_gains(
    was: tuple[str, str], now: tuple[str, str], workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert changes(capsys, was, now) == (0, set())
