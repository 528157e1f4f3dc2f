"""An access.json that scopegen did not write is refused as a side of a comparison, whatever it holds; never a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest

from scopegen.cli import main


def operation(requires: Any, **changed: Any) -> dict[str, Any]:
    one = {"api": "a", "method": "GET", "path": "/a", "operationId": "", "requires": requires, "source": "s#/p"}
    return one | changed


def permission(name: Any, *scopes: Any, **changed: Any) -> dict[str, Any]:
    return {"name": name, "group": name, "existing": False, "scopes": list(scopes)} | changed


def client(**changed: Any) -> dict[str, Any]:
    return {"name": "c", "kind": "machine", "existing": False, "scopes": ["a/r"], "tokenMinutes": 60} | changed


def access(**changed: Any) -> dict[str, Any]:
    return {"version": 1, "resourceServers": [], "operations": [], "permissions": [], "clients": []} | changed


READ = {"anyOf": [["a/r"]]}
OURS = access(operations=[operation(READ)], permissions=[permission("Reader", "a/r")], clients=[client()])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(access(version=2), id="another version"),
        pytest.param(access(operations={}), id="no list"),
        pytest.param(access(operations=[5]), id="no operation"),
        pytest.param(access(operations=[operation({"anyOf": []})]), id="an empty requirement"),
        pytest.param(access(operations=[operation({"anyOf": [[]]})]), id="an empty alternative"),
        pytest.param(access(operations=[operation({"anyOf": "ab"})]), id="a text for alternatives"),
        pytest.param(access(operations=[operation({"anyOf": [["all-of/x-12345678"]]})]), id="a derived scope"),
        pytest.param(access(operations=[operation({"public": 5})]), id="no reason"),
        pytest.param(access(operations=[operation({"public": "x"} | READ)]), id="public and not"),
        pytest.param(access(operations=[operation(READ, source=5)]), id="no source"),
        pytest.param(access(operations=[operation(READ, extra=1)]), id="a key that nobody reads"),
        pytest.param(access(operations=[operation(READ), operation({"public": "x"})]), id="an operation twice"),
        pytest.param(access(permissions=[permission(1, "a/r")]), id="a number for a name"),
        pytest.param(access(permissions=[permission("R x", "a/r")]), id="a name of two words"),
        pytest.param(access(permissions=[permission("R\ud800", "a/r")]), id="half a character"),
        pytest.param(access(permissions=[permission("R", "a/r"), permission("R", "a/w")]), id="a permission twice"),
        pytest.param(access(permissions=[permission("R"), permission("S", group="R")]), id="a group twice"),
        pytest.param(access(permissions=[permission("R", "all-of/x-12345678")]), id="a derived scope is granted"),
        pytest.param(access(permissions=[permission("R", existing="no")]), id="a text for yes or no"),
        pytest.param(access(clients=[client(kind="robot")]), id="a kind of client that there is not"),
        pytest.param(access(clients=[client(kind="user")]), id="a user client with scopes"),
        pytest.param(access(clients=[client(tokenMinutes="60")]), id="a text for minutes"),
        pytest.param(access(clients=[client(scopes=["a/r", "all-of/x-12345678"])]), id="a derived scope without its parts"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["text", "json"])
def test_what_is_not_ours(data: dict[str, Any], form: str, workspace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (workspace / "ours.json").write_text(json.dumps(OURS))
    (workspace / "other.json").write_text(json.dumps(data))
    assert main(["diff", "ours.json", "ours.json"]) == 0
    for sides in (["ours.json", "other.json"], ["other.json", "ours.json"]):
        assert main(["diff", *sides, "--format", form]) == 2
        assert "other.json is no access.json" in capfd.readouterr().err


def test_what_is_no_file(workspace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither is waited for, nor read to its end."""
    import os

    os.mkfifo(workspace / "pipe.json")
    (workspace / "round.json").symlink_to("round.json")
    (workspace / "ours.json").write_text(json.dumps(OURS))
    for name in ("pipe.json", "round.json"):
        assert main(["diff", name, "ours.json"]) == 2
        assert "bug in scopegen" not in capfd.readouterr().err
