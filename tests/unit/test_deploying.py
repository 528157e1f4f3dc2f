"""The commands that a build ends with: which ones, in which order, and that a shell reads them as they are meant."""

import shlex
from pathlib import Path

import pytest

from scopegen.cli import main
from scopegen.cli.deploying import stack_name

SPEC = """\
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      x-required-scope: TAG
      responses: {"200": {description: ok}}
"""
CLIENTS = (
    "clients: {web: {kind: user, callback-urls: [https://a.example.com/]}CLIENT}\nuser-pool: {domain: pets-example}\n"
)


def write(folder: Path, name: str, tag: str) -> None:
    path = folder / "specs" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(SPEC.replace("TAG", tag))


def deployed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a build says from the first deployment command on."""
    capsys.readouterr()
    assert main(["build", *arguments]) == 0
    out = capsys.readouterr().out
    return out[out.index("\ndeploy") :] if "\ndeploy" in out else ""


def order(said: str) -> list[str]:
    return [line.partition("--stack-name ")[2].split()[0] for line in said.splitlines() if "--stack-name" in line]


@pytest.fixture
def pets(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    (workspace / "scopegen.yaml").write_text("specs: [specs/*.yaml]\n")
    write(workspace, "pets", "{allOf: [a/b, c/d]}")
    assert order(deployed(capsys)) == ["scopegen-identity", "scopegen-pets"]
    return workspace


def test_identity_first_where_a_scope_comes(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(pets, "pets", "{anyOf: [a/b, new/x, {allOf: [a/b, c/d]}]}")
    said = deployed(capsys)
    assert "identity first" in said
    assert order(said) == ["scopegen-identity", "scopegen-pets"]


def test_the_api_first_where_a_derived_scope_goes(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(pets, "pets", "a/b")
    said = deployed(capsys)
    assert "the APIs first" in said
    assert order(said) == ["scopegen-pets", "scopegen-identity"]


def test_a_renamed_scope_has_no_safe_order(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(pets, "pets", "renamed/b")
    said = deployed(capsys)
    assert order(said) == ["scopegen-identity", "scopegen-pets"]
    assert "GET /pets is refused" in said
    assert "accept both scopes for a while" in said


def test_an_api_that_goes_is_deleted(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(pets, "shop", "shop/read")
    deployed(capsys)
    (pets / "specs" / "shop.yaml").unlink()
    said = deployed(capsys)
    assert "aws cloudformation delete-stack --stack-name scopegen-shop\n" in said


def test_a_client_that_goes_is_deleted(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    machine = ", robot: {kind: machine, scopes: [a/b]}"
    (pets / "scopegen.yaml").write_text(CLIENTS.replace("CLIENT", machine))
    deployed(capsys)
    (pets / "scopegen.yaml").write_text(CLIENTS.replace("CLIENT", ""))
    said = deployed(capsys)
    assert "delete-user-pool-client --user-pool-id <id> --client-id <id of robot>" in said


def test_one_api_of_two_waits_for_the_other(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(pets, "shop", "shop/read")
    deployed(capsys)
    write(pets, "shop", "shop/write")
    capsys.readouterr()
    assert main(["build", "specs/pets.yaml"]) == 0
    out = capsys.readouterr().out
    assert "stale: shop" in out
    assert "aws " not in out


def test_a_folder_is_one_word_to_a_shell(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "scopegen.yaml").write_text('output: "my out;$(id)"\n')
    write(workspace, "pets", "a/b")
    lines = [line for line in deployed(capsys).splitlines() if "--template-file" in line]
    for line in lines:
        words = shlex.split(line)
        assert words[words.index("--template-file") + 1].startswith("my out;$(id)/")
    assert len(lines) == 2


def test_what_is_imported_is_also_put_in_force(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pets / "scopegen.yaml").write_text("apis: {pets: {integration: lambda, stage: {name: live}}}\n")
    said = deployed(capsys)
    assert "put-rest-api --mode overwrite --fail-on-warnings" in said
    assert (
        "create-deployment --rest-api-id <id> --stage-name live --variables UserPoolId=<pool id>,FunctionArn=<...>"
        in said
    )


def test_no_two_stacks_have_one_name() -> None:
    names = ["a.b", "a-b", "a_b", "identity_", "identity-", "a", "a-"]
    assert len({stack_name(name) for name in names}) == len(names)
    assert "scopegen-identity" not in map(stack_name, names)
    assert stack_name("pets") == "scopegen-pets"


def test_a_default_that_changed_is_given_to_the_stack(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = CLIENTS.replace("CLIENT", "").replace("example.com/]", "example.com/, https://gone.example.com/]")
    (pets / "scopegen.yaml").write_text(both)
    assert "WebCallbackUrls=" not in deployed(capsys)
    (pets / "scopegen.yaml").write_text(
        both.replace(", https://gone.example.com/", "").replace("pets-example", "pets-new")
    )
    line = next(line for line in deployed(capsys).splitlines() if "scopegen-identity" in line)
    assert shlex.split(line)[-3:] == [
        "--parameter-overrides",
        "DomainPrefix=pets-new",
        "WebCallbackUrls=https://a.example.com/",
    ]


def test_the_api_first_where_it_would_be_open_meanwhile(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grants = "permissions: {Admins: [a/write, a/admin], Readers: [GRANTED]}\nresource-servers: {a: {scopes: {read: R, admin: A}}}\n"
    (pets / "scopegen.yaml").write_text(grants.replace("GRANTED", "a/read"))
    write(pets, "pets", "a/write")
    deployed(capsys)
    (pets / "scopegen.yaml").write_text(grants.replace("GRANTED", "a/write"))
    write(pets, "pets", "a/admin")
    write(pets, "more", "a/write")
    said = deployed(capsys)
    assert "the APIs first: GET /pets is narrowed" in said
    assert order(said)[-1] == "scopegen-identity"
