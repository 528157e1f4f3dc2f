"""The same workspace gives the same bytes, always and everywhere; a neighbour changes nobody's name."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from bench_scale import document as large_document
from generated import workspace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory import compile_files, files

ROOT = Path(__file__).parents[2]
LENIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@LENIENT
@given(workspace(), st.randoms(use_true_random=False))
def test_the_order_of_keys_means_nothing(made: dict[str, Any], chance: random.Random) -> None:
    assert files(compile_files(made)) == files(
        compile_files({name: _shuffled(data, chance) for name, data in made.items()})
    )


def _shuffled(data: Any, chance: random.Random) -> Any:
    if isinstance(data, dict):
        keys = list(data)
        chance.shuffle(keys)
        return {key: _shuffled(data[key], chance) for key in keys}
    return [_shuffled(item, chance) for item in data] if isinstance(data, list) else data


def test_the_worked_example_is_as_a_build_leaves_it(tmp_path: Path) -> None:
    assert _built(sys.executable, tmp_path, "0") == _tree(ROOT / "build")


@pytest.mark.parametrize("seed", ["1", "4711"])
def test_hash_seed_and_folder_mean_nothing(seed: str, tmp_path: Path) -> None:
    assert _built(sys.executable, tmp_path / "some where else", seed) == _tree(ROOT / "build")


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_the_version_of_python_means_nothing(version: str, tmp_path: Path) -> None:
    python = ROOT / f".venv-{version}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"there is no Python {version} here; `make pythons` sets up those there are")
    assert _built(str(python), tmp_path, "0") == _tree(ROOT / "build")


ON_PROCESSORS = """
import os, sys
from scopegen import beside
from scopegen.__main__ import run
forks, fork = [], os.fork
def counted():
    forks.append(1)
    with open("forks", "w") as file:
        file.write(str(len(forks)))
    return fork()
os.fork = counted
has_two = sys.argv[1] == "2"
beside.is_possible = lambda: has_two
sys.argv = ["scopegen", "build"]
run()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="no copies of a process here")
@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_the_number_of_processors_means_nothing(ending: str, tmp_path: Path) -> None:
    document = large_document(2000)
    document["paths"]["/things7"]["get"]["responses"]["4XX"] = {"description": "something to be told of"}
    text = json.dumps(document, indent=1) if ending == "json" else yaml.dump(document, Dumper=yaml.CSafeDumper)
    told = []
    for processors in ("1", "2"):
        folder = tmp_path / processors
        folder.mkdir()
        (folder / f"things.{ending}").write_text(text)
        (folder / "scopegen.yaml").write_text(f"specs: [things.{ending}]")
        command = [sys.executable, "-c", ON_PROCESSORS, processors]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        told.append((done.stdout, done.stderr, _tree(folder / "build")))
    assert told[0] == told[1]
    assert "4XX" in told[0][1]
    assert not (tmp_path / "1" / "forks").exists()
    assert int((tmp_path / "2" / "forks").read_text()) == 2  # one reads with this process, one what is written


def _built(python: str, folder: Path, seed: str) -> dict[str, bytes]:
    """What a build of the worked example makes, in a process of its own, with the locale of nobody."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "scopegen.yaml", folder)
    shutil.copytree(ROOT / "specs", folder / "specs")
    environment = os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Pacific/Apia"}
    subprocess.run([python, "-m", "scopegen", "build"], cwd=folder, env=environment, check=True, capture_output=True)
    return _tree(folder / "build")


def _tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


CONFIG = {
    "permissions": {"Reader": ["petsapi/read"], "Writer": ["petsapi/*"], "a-b": ["petsapi/read"]},
    "clients": {
        "web": {"kind": "user", "callback-urls": ["https://app.example.com/callback"]},
        "partner-a": {"kind": "machine", "scopes": ["petsapi/read"]},
    },
    "user-pool": {"domain": "pets-example"},
}
OPERATION = {"x-required-scope": "petsapi/read", "responses": {"200": {"description": "ok"}}}
SPEC: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets": {"get": OPERATION, "post": OPERATION | {"x-required-scope": {"allOf": ["petsapi/a", "petsapi/b"]}}}
    },
    "components": {"schemas": {"Pet_List": {"type": "object"}, "Pet": {"type": "object"}}},
}
ADDITIONS = {
    "a permission": ({"permissions": {"Aaa": ["petsapi/read"]}}, {}),
    "a permission that looks alike": ({"permissions": {"a.b": ["petsapi/read"]}}, {}),
    "a client": ({"clients": {"partner-b": {"kind": "machine", "scopes": ["petsapi/read"]}}}, {}),
    "a client that looks alike": ({"clients": {"partner.a": {"kind": "machine", "scopes": ["petsapi/read"]}}}, {}),
    "a declared scope": ({"resource-servers": {"petsapi": {"scopes": {"aaa": ""}}}}, {}),
    "a resource server": ({"resource-servers": {"pets-api": {"scopes": {"x": ""}}}}, {}),
    "an operation": ({}, {"paths": {"/a": {"get": OPERATION}}}),
    "a conjunction": (
        {},
        {"paths": {"/a": {"get": OPERATION | {"x-required-scope": {"allOf": ["petsapi/a", "petsapi/c"]}}}}},
    ),
    "a model that looks alike": ({}, {"components": {"schemas": {"Pet-List": {"type": "object"}}}}),
}


@pytest.mark.parametrize("addition", ADDITIONS)
def test_an_addition_renames_nothing(addition: str) -> None:
    config, spec = ADDITIONS[addition]
    before = _names({"scopegen.yaml": CONFIG, "specs/pets.json": SPEC})
    after = _names({"scopegen.yaml": _merged(CONFIG, config), "specs/pets.json": _merged(SPEC, spec)})
    assert before <= after


def _names(workspace: dict[str, Any]) -> set[tuple[str, ...]]:
    """Every logical id with what it is, every model, group and scope; a deployment is meant to be named anew."""
    written = files(compile_files(workspace))
    identity = yaml.load(written["identity/template.yaml"], yaml.CSafeLoader)
    stack = yaml.load(written["pets/template.yaml"], yaml.CSafeLoader)
    resources = {**identity["Resources"], **stack["Resources"]}
    named = ("GroupName", "Identifier", "ClientName")
    found = {(name, one["Type"], *(one["Properties"].get(key, "") for key in named)) for name, one in resources.items()}
    found |= {("output", name) for name in identity["Outputs"]} | {
        ("parameter", name) for name in identity["Parameters"]
    }
    found |= {("model", name) for name in json.loads(written["pets/openapi.json"])["components"]["schemas"]}
    found |= {("scope", scope) for scope in re.findall(r"'([^']+/[^']+)'", written["identity/scope_map.py"].decode())}
    return {one for one in found if not one[0].startswith("Deployment")}


def _merged(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    both = {key: _merged(base[key], value) for key, value in extra.items() if isinstance(base.get(key), dict)}
    return base | extra | both
