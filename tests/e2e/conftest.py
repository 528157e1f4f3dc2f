"""What the end-to-end tests share: one emulator, and on it the stacks of tests/e2e/workspace as `scopegen build` wrote them."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .cloud import Api, Cloud, connected
from .emulator import Emulator, executable, running
from .pool import Pool
from .workspaces import built, copied


@pytest.fixture(scope="session", autouse=True)
def wanted() -> None:
    """The only way past these tests, and it says so."""
    if os.environ.get("SCOPEGEN_NO_E2E") == "1":
        pytest.skip("SCOPEGEN_NO_E2E=1 is set")


@pytest.fixture(scope="session")
def emulator(wanted: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(executable(), tmp_path_factory.mktemp("ministack")) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def cloud(emulator: Emulator) -> Iterator[Cloud]:
    with connected(emulator) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def output(wanted: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of the workspace."""
    return built(copied("workspace", tmp_path_factory.mktemp("built") / "workspace"))


@pytest.fixture(scope="session")
def pool_of(cloud: Cloud) -> Callable[..., Pool]:
    """Deploys an identity template under a name of its own. Branding, which the emulator does not know, stays out."""

    def deployed(name: str, template: Path | str, **parameters: str) -> Pool:
        return Pool(cloud, cloud.deploy(name, template, ManagedLoginVersion="1", **parameters))

    return deployed


@pytest.fixture(scope="session")
def api_of(cloud: Cloud) -> Callable[..., Api]:
    """Deploys an API template that admits the users and machines of a pool."""

    def deployed(name: str, template: Path, pool: Pool) -> Api:
        outputs = cloud.deploy(name, template, UserPoolArn=pool.outputs["UserPoolArn"])
        return Api(cloud.emulator, outputs["RestApiId"])

    return deployed


@pytest.fixture(scope="session")
def pool(pool_of: Callable[..., Pool], output: Path) -> Pool:
    return pool_of("identity", output / "identity/template.yaml")


@pytest.fixture(scope="session")
def pets(api_of: Callable[..., Api], output: Path, pool: Pool) -> Api:
    return api_of("pets", output / "pets/template.yaml", pool)


@pytest.fixture(scope="session")
def weather(api_of: Callable[..., Api], output: Path, pool: Pool) -> Api:
    return api_of("weather", output / "weather/template.yaml", pool)


@pytest.fixture(scope="session")
def clinic(api_of: Callable[..., Api], output: Path, pool: Pool) -> Api:
    return api_of("clinic", output / "clinic/template.yaml", pool)


@pytest.fixture(scope="session")
def derived(output: Path) -> str:
    """The scope that stands for both parts of the clinic's GET /statements."""
    spec = json.loads((output / "clinic/openapi.json").read_text("utf-8"))
    [entry] = spec["paths"]["/statements"]["get"]["security"]
    [scope] = entry["CognitoAuthorizer"]
    assert scope.startswith("all-of/")
    return str(scope)


@pytest.fixture(scope="session")
def token_of(pool: Pool) -> Callable[..., str]:
    """The access token of a user in some groups, who signed in through `web`; one user per set of groups."""
    tokens: dict[tuple[str, ...], str] = {}

    def token(*groups: str) -> str:
        if groups not in tokens:
            tokens[groups] = pool.sign_in(pool.user(*groups)).access
        return tokens[groups]

    return token
