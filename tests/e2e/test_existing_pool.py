"""A pool that others made: our users get scopes, those of foreign clients do not."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .cloud import Api, Cloud
from .pool import Pool
from .workspaces import built, copied

pytestmark = pytest.mark.e2e

READ, WRITE = "ReadPetsAccess", "WritePetsAccess"


@pytest.fixture(scope="module")
def clients() -> dict[str, str]:
    """Clients of the pool by what they are here."""
    return {}


@pytest.fixture(scope="module")
def existing(cloud: Cloud, clients: dict[str, str], built_existing: Path, pool_of: Callable[..., Pool]) -> Pool:
    """The pool with a client and a group of its own, then our stack, then the trigger attached as the stack says."""
    cognito = cloud.client("cognito-idp")
    settings = {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}
    theirs = Pool(cloud, {"UserPoolId": cognito.create_user_pool(PoolName="existing", **settings)["UserPool"]["Id"]})
    cognito.create_user_pool_domain(UserPoolId=theirs.id, Domain="existing-e2e")
    cognito.create_group(UserPoolId=theirs.id, GroupName="legacy-readers")
    clients |= {name: theirs.hand_made_client("openid") for name in ("mobile", "partner", "foreign")}
    pool = pool_of(
        "existing-identity",
        built_existing / "identity/template.yaml",
        UserPoolId=theirs.id,
        MobileExistingClientId=clients["mobile"],
        ApiClientIds=f"unknown,{clients['partner']}",
    )
    cognito.update_user_pool(UserPoolId=pool.id, LambdaConfig=_attachment(pool.outputs["AttachTrigger"]), **settings)
    clients |= {
        "ours": pool.client_id("Web"),
        "greedy": pool.hand_made_client("openid", "petsapi/read", "petsapi/write"),
    }
    return pool


@pytest.fixture(scope="module")
def built_existing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(copied("workspace_existing", tmp_path_factory.mktemp("existing") / "workspace"))


@pytest.fixture(scope="module")
def api(api_of: Callable[..., Api], built_existing: Path, existing: Pool) -> Api:
    return api_of("existing-pets", built_existing / "pets/template.yaml", existing)


@pytest.mark.parametrize(
    ("client", "carries"),
    [
        pytest.param("ours", True, id="our client carries scopes"),
        pytest.param("mobile", True, id="an existing client that the workspace names carries scopes"),
        pytest.param("partner", True, id="a client in ApiClientIds carries scopes"),
        pytest.param("foreign", False, id="a foreign client carries none"),
        pytest.param("greedy", False, id="a foreign client that lists API scopes carries none"),
    ],
)
def test_scopes_by_client(client: str, carries: bool, clients: dict[str, str], existing: Pool, api: Api) -> None:
    """Each signs in well: what anybody signed in may call is open to all of them."""
    token = existing.sign_in(existing.user(READ, WRITE), clients[client]).access
    assert api.admits("GET", "/me", token)
    assert (api.admits("GET", "/pets", token), api.admits("POST", "/pets", token)) == (carries, carries)


@pytest.mark.parametrize("groups", [pytest.param([], id="without a group"), pytest.param([WRITE], id="with the group")])
def test_a_foreign_client_cannot_grant_itself_a_scope(
    groups: list[str], clients: dict[str, str], existing: Pool, api: Api
) -> None:
    user = existing.user(*groups)
    greedy = existing.sign_in(user, clients["greedy"], "openid petsapi/read petsapi/write").access
    assert (api.admits("GET", "/pets", greedy), api.admits("POST", "/pets", greedy)) == (False, False)
    assert api.admits("POST", "/pets", existing.sign_in(user, clients["ours"]).access) is bool(groups)


@pytest.mark.parametrize(
    ("groups", "reads", "writes"),
    [
        pytest.param([], False, False, id="no permission, nothing"),
        pytest.param([READ], True, False, id="the read permission reads"),
        pytest.param(["legacy-readers"], True, False, id="so does the group that was there before"),
        pytest.param([WRITE], False, True, id="the write permission writes"),
    ],
)
def test_permissions(groups: list[str], reads: bool, writes: bool, existing: Pool, api: Api) -> None:
    token = existing.sign_in(existing.user(*groups)).access
    assert (api.admits("GET", "/pets", token), api.admits("POST", "/pets", token)) == (reads, writes)


def test_machines_have_their_own_scopes(existing: Pool, api: Api) -> None:
    token = existing.machine_token("Reports")
    assert (api.admits("GET", "/pets", token), api.admits("POST", "/pets", token)) == (True, False)


def test_the_stack_leaves_the_pool_itself_alone(existing: Pool) -> None:
    stack = existing.cloud.client("cloudformation").describe_stack_resources(StackName="existing-identity")
    types = {resource["ResourceType"] for resource in stack["StackResources"]}
    assert types.isdisjoint({"AWS::Cognito::UserPool", "AWS::Cognito::UserPoolDomain"})


def test_the_printed_command_gives_every_parameter_that_has_no_default(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = built(copied("workspace_existing", tmp_path / "workspace")) / "identity/template.yaml"
    [command] = [line for line in capsys.readouterr().out.splitlines() if "--template-file build/identity" in line]
    parameters = yaml.safe_load(template.read_text("utf-8"))["Parameters"]
    needed = {name for name, parameter in parameters.items() if "Default" not in parameter}
    assert {name for name in needed if f" {name}=" not in command} == set()


def _attachment(said: str) -> dict[str, Any]:
    """What the output says, as the argument LambdaConfig of UpdateUserPool."""
    found = re.fullmatch(r"PreTokenGenerationConfig=\{LambdaVersion=(\w+),LambdaArn=([^,{}]+)\}", said)
    assert found, said
    return {"PreTokenGenerationConfig": {"LambdaVersion": found[1], "LambdaArn": found[2]}}
