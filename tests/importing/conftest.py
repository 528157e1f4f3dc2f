"""What the tests of the import share: one emulator, and on it the APIs of the worked example and of tests/importing/workspace.

`make import-test` runs them. The modules ask for the environment before they define tests: without it each is one line of
the summary, not a hundred.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.cloud import connected
from e2e.emulator import ROOT, Emulator
from e2e.workspaces import built

from .backend import Backend, listening_backend
from .importer import Imported, Importer
from .localstack import environment, running

HERE = Path(__file__).parent
EXAMPLE, EVERYTHING = ("pets", "weather"), ("clinic", "market", "relay", "tasks")


@pytest.fixture(scope="session")
def home() -> Path:
    return environment()


@pytest.fixture(scope="session")
def emulator(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(home, tmp_path_factory.mktemp("localstack")) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def importer(home: Path, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Importer]:
    with connected(emulator) as cloud:
        yield Importer(home / "bin" / "aws", tmp_path_factory.mktemp("cli"), cloud)


@pytest.fixture(scope="session")
def output_of(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The output folder of the workspace to which an API belongs: built here, from the documents."""
    folders: dict[str, Path] = {}

    def output(api: str) -> Path:
        source = "example" if api in EXAMPLE else "everything"
        if source not in folders:
            folder = tmp_path_factory.mktemp(source) / "work"
            origin = ROOT if api in EXAMPLE else HERE / "workspace"
            (folder / ".git").mkdir(parents=True)
            shutil.copytree(origin / "specs", folder / "specs")
            shutil.copy(origin / "scopegen.yaml", folder)
            folders[source] = built(folder)
        return folders[source]

    return output


@pytest.fixture(scope="session")
def backend() -> Iterator[Backend]:
    with listening_backend() as backend:
        yield backend


@pytest.fixture(scope="session")
def imported(importer: Importer, output_of: Callable[[str], Path], backend: Backend) -> Callable[[str], Imported]:
    """An API as `aws apigateway import-rest-api` made it of the import spec, and deployed; imported once."""
    apis: dict[str, Imported] = {}

    def once(name: str) -> Imported:
        if name not in apis:
            apis[name] = importer.new(output_of(name) / name / "openapi.json")
            apis[name].deploy(Backend=backend.address)
        return apis[name]

    return once
