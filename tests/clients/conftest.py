"""A workspace that is served, for clients that know nothing of scopegen; those with libraries of their own run beside it."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scopegen.testing import LocalGateway

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
CALLBACK = "http://127.0.0.1:3000/cb"
PET = {
    "type": "object",
    "required": ["id", "name", "kind"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "minLength": 2, "pattern": "^[A-Z][a-z]+$"},
        "kind": {"type": "string", "enum": ["cat", "dog"]},
        "born": {"type": "string", "format": "date"},
    },
}


def _answer(schema: Any, status: str = "200") -> dict[str, Any]:
    return {status: {"description": "ok", "content": {"application/json": {"schema": schema}}}}


_REFUSED = {
    "401": {"description": "Unauthorized"},
    "403": {"description": "no such path"},
    "400": {"description": "Bad request"},
}
_ONE = {"name": "pet", "in": "path", "required": True, "schema": {"type": "string"}}
_LINKED = {"$ref": "#/components/schemas/Pet"}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "x-required-scope": "petsapi/read",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": {**_answer({"type": "array", "items": _LINKED}), **_REFUSED},
            },
            "post": {
                "operationId": "addPet",
                "x-required-scope": "petsapi/write",
                "requestBody": {"required": True, "content": {"application/json": {"schema": _LINKED}}},
                "responses": {**_answer(_LINKED, "201"), **_REFUSED},
            },
        },
        "/pets/{pet}": {
            "parameters": [_ONE],
            "get": {
                "operationId": "getPet",
                "x-required-scope": "petsapi/read",
                "responses": {**_answer(_LINKED), **_REFUSED},
            },
            "delete": {
                "operationId": "sellPet",
                "x-required-scope": {"allOf": ["petsapi/write", "billing/refund"]},
                "responses": {"204": {"description": "gone"}, **_REFUSED},
            },
        },
        "/status": {
            "get": {
                "operationId": "status",
                "x-required-scope": {"public": "probes"},
                "responses": _answer({"type": "object"}),
            }
        },
    },
    "components": {"schemas": {"Pet": PET}},
}
CONFIG: dict[str, Any] = {
    "permissions": {"Reader": ["petsapi/read"], "Keeper": ["petsapi/read", "petsapi/write", "billing/refund"]},
    "clients": {
        "web": {"kind": "user", "callback-urls": [CALLBACK]},
        "reports": {"kind": "machine", "scopes": ["petsapi/read"]},
    },
    "user-pool": {"domain": "pets-example"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("clients")
    (made / "specs").mkdir()
    (made / "specs/pets.json").write_text(json.dumps(DOCUMENT, indent=1), "utf-8")
    (made / "scopegen.yaml").write_text(json.dumps({**CONFIG, "apis": {"pets": {"spec": "specs/pets.json"}}}), "utf-8")
    return made


@pytest.fixture(scope="module")
def gateway(folder: Path) -> Iterator[LocalGateway]:
    with LocalGateway(folder) as running:
        yield running


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs a program with what `make clients-setup` installed, in a folder of its own: some leave caches."""
    here = tmp_path_factory.mktemp("run")

    def done(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        variables = {**os.environ, "NO_PROXY": "127.0.0.1", **environment}
        return subprocess.run(
            command, cwd=here, env=variables, capture_output=True, text=True, check=False, timeout=180
        )

    return done


@pytest.fixture(scope="module")
def python() -> Path:
    """The folder of the programs of that environment."""
    found = ROOT / ".venv-clients/bin"
    if not (ROOT / ".venv-clients/.ready").exists():
        pytest.skip("`make clients-setup` was not run")
    return found


@pytest.fixture(scope="module")
def node() -> tuple[str, str]:
    """Node, and where its packages are."""
    found = shutil.which("node")
    packages = ROOT / ".node-clients/node_modules"
    if found is None or not packages.exists():
        pytest.skip("`make clients-setup` was not run where there is npm")
    return found, str(packages)
