"""The proof of the trigger. In: `scope_map.py` as bytes. Out: nothing, or Unproved.

The constants are read from its syntax tree; all else must be, line for line, the handler that the tests run.
"""

import ast
from typing import Any

from scopegen.artifacts import Build
from scopegen.model import Model, Scope
from scopegen.names import derived_scope
from scopegen.proof.reading import Unproved, require
from scopegen.settings import Settings
from scopegen.targets import scope_map

_CONSTANTS = ("PERMISSION_SCOPES", "DERIVED", "MANAGED", "EVERY_CLIENT")


def check(content: bytes, build: Build) -> None:
    """Map and handler say what the model says."""
    constants, code = _read(content)
    model = build.model
    grants = {permission.group: {str(scope) for scope in permission.scopes} for permission in model.permissions}
    read = {group: set(scopes) for group, scopes in constants["PERMISSION_SCOPES"].items()}
    require(read == grants, "other grants")
    conjunctions = {frozenset(parts) for parts in model.conjunctions}
    stands_for = _derived(constants)
    require(set(stands_for.values()) == conjunctions and len(stands_for) == len(conjunctions), "other derived scopes")
    require(
        all(name == str(derived_scope(tuple(parts))) for name, parts in stands_for.items()), "misnamed derived scopes"
    )
    managed = {str(scope) for scope in model.declared} | stands_for.keys()
    require(constants["MANAGED"] == managed, "other managed scopes")
    require(constants["EVERY_CLIENT"] is not build.settings.existing_pool, "other clients")
    nothing = Build(Settings(), Model((), (), (), ()), {}, compiled=build.compiled)
    _, reference = _read(scope_map.source(nothing).encode())
    require(code == reference, "another handler")


def derived(content: bytes) -> dict[str, frozenset[Scope]]:
    """What each derived scope stands for; empty where that cannot be read, so that no conjunction can be proved."""
    try:
        constants, _ = _read(content)
        return _derived(constants)
    except (SyntaxError, ValueError, Unproved):
        return {}


def _derived(constants: dict[str, Any]) -> dict[str, frozenset[Scope]]:
    return {name: frozenset(Scope.parse(part) for part in parts) for name, parts in constants["DERIVED"].items()}


def _read(content: bytes) -> tuple[dict[str, Any], list[str]]:
    """The constants, and every line that does not belong to one of them."""
    constants: dict[str, Any] = {}
    lines = content.decode().splitlines()
    for node in reversed(ast.parse(content).body):
        name = node.targets[0].id if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) else ""
        if isinstance(node, ast.Assign) and name in _CONSTANTS:
            require(name not in constants, f"`{name}` twice")
            constants[name] = _literal(node.value)
            del lines[node.lineno - 1 : node.end_lineno]
    require(constants.keys() == set(_CONSTANTS), "constants missing")
    return constants, lines


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and ast.dump(node.func) == ast.dump(ast.Name("frozenset", ast.Load())):
        members = ast.literal_eval(node.args[0])
        require(len(node.args) == 1 and not node.keywords and isinstance(members, tuple), "not a set of literals")
        return frozenset(members)
    if isinstance(node, ast.Dict):
        keys = [ast.literal_eval(key) for key in node.keys if key is not None]
        require(len(set(keys)) == len(node.keys), "a key stands twice")
    return ast.literal_eval(node)
