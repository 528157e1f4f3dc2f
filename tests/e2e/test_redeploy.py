"""A changed rule reaches the gateway, a changed grant the trigger."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .cloud import Api, Cloud
from .pool import Pool
from .workspaces import built, copied, replaced, resources

pytestmark = pytest.mark.e2e

READ, WRITE = "ReadPetsAccess", "WritePetsAccess"


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of the same workspace, with the rule of GET /pets and the grant of one permission changed."""
    workspace = copied("workspace", tmp_path_factory.mktemp("changed") / "workspace")
    replaced(workspace / "specs/pets.yaml", "x-required-scope: read", "x-required-scope: write")
    replaced(workspace / "scopegen.yaml", "ReadBillsAccess: [billing/read]", "ReadBillsAccess: [petsapi/write]")
    return built(workspace)


def test_a_changed_rule_makes_a_new_deployment(output: Path, changed: Path) -> None:
    """CloudFormation deploys an API only by a new resource. (The emulator would hide a forgotten one.)"""
    before, after = (resources(folder / "pets/template.yaml") for folder in (output, changed))
    assert _deployment(before) != _deployment(after)
    assert [one["Stage"]["Properties"]["DeploymentId"] for one in (before, after)] == [
        {"Ref": _deployment(before)},
        {"Ref": _deployment(after)},
    ]


def test_an_api_whose_rules_stay_keeps_its_deployment(output: Path, changed: Path) -> None:
    before, after = (resources(folder / "weather/template.yaml") for folder in (output, changed))
    assert _deployment(before) == _deployment(after)


def test_a_changed_setting_of_the_api_makes_a_new_deployment_too(output: Path, tmp_path: Path) -> None:
    """A closed default endpoint stays open until the next deployment (developer guide, rest-api-disable-default-endpoint)."""
    workspace = copied("workspace", tmp_path / "workspace")
    replaced(workspace / "scopegen.yaml", "pets: {", "pets: {properties: {DisableExecuteApiEndpoint: true}, ")
    before, after = (resources(folder / "pets/template.yaml") for folder in (output, built(workspace)))
    assert after["RestApi"]["Properties"]["DisableExecuteApiEndpoint"] is True
    assert _deployment(before) != _deployment(after)


def test_the_new_rule_is_in_force_after_the_update(
    cloud: Cloud, api_of: Callable[..., Api], output: Path, changed: Path, pool: Pool, token_of: Callable[..., str]
) -> None:
    reader, writer = token_of(READ), token_of(WRITE)
    before = api_of("redeployed-pets", output / "pets/template.yaml", pool)
    assert [before.admits("GET", "/pets", token) for token in (reader, writer)] == [True, False]
    outputs = cloud.update("redeployed-pets", changed / "pets/template.yaml", UserPoolArn=pool.outputs["UserPoolArn"])
    after = Api(cloud.emulator, outputs["RestApiId"])
    assert [after.admits("GET", "/pets", token) for token in (reader, writer)] == [False, True]


def test_the_new_grant_is_in_force_after_the_update(
    cloud: Cloud, pool_of: Callable[..., Pool], api_of: Callable[..., Api], output: Path, changed: Path
) -> None:
    parameters = {"DomainPrefix": "pets-e2e-redeployed"}
    pool = pool_of("redeployed-identity", output / "identity/template.yaml", **parameters)
    pets = api_of("regranted-pets", output / "pets/template.yaml", pool)
    biller, reader = pool.user("ReadBillsAccess"), pool.user(READ)
    assert _may(pets, "POST", pool, biller, reader) == [False, False]
    cloud.update("redeployed-identity", changed / "identity/template.yaml", ManagedLoginVersion="1", **parameters)
    assert _may(pets, "POST", pool, biller, reader) == [True, False]
    assert _may(pets, "GET", pool, biller, reader) == [False, True]


def _may(api: Api, method: str, pool: Pool, *users: str) -> list[bool]:
    return [api.admits(method, "/pets", pool.sign_in(user).access) for user in users]


def _deployment(resources: dict[str, Any]) -> str:
    [found] = [name for name, resource in resources.items() if resource["Type"] == "AWS::ApiGateway::Deployment"]
    return found
