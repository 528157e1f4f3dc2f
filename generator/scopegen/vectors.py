"""The table of who may call what, for other programs. In: Vectors. Out: JSON, or a pytest file that asks a deployed API."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from scopegen import quoting
from scopegen.expectations import Principal, Vector
from scopegen.model import Model, Operation
from scopegen.routing import Routes
from scopegen.templating import render

VERSION = 1
_VARIABLE = re.compile(r"\{[^{}]+\}")
_NOT_IN_NAMES = re.compile(r"[^A-Z0-9]+")
_METHODS = ("GET", "HEAD", "DELETE", "PUT", "POST", "PATCH", "OPTIONS")


def as_json(vectors: Iterable[Vector]) -> str:
    """One principal and one vector a line."""
    rows = list(vectors)
    principals = {one.principal.name: _principal(one.principal) for one in rows}
    data = {
        "version": VERSION,
        "principals": list(principals.values()),
        "vectors": [
            {
                "principal": one.principal.name,
                "api": one.operation.api,
                "method": one.operation.method,
                "path": one.operation.path,
                "operationId": one.operation.operation_id,
                "allow": one.allowed,
                "expected": one.expected,
            }
            for one in rows
        ],
    }
    return quoting.json_visible(quoting.json_lined(data, {"principals": 1, "vectors": 1}))


def _principal(principal: Principal) -> Mapping[str, Any]:
    scopes = None if principal.scopes is None else sorted(map(str, principal.scopes))
    shown: dict[str, Any] = {
        "name": principal.name,
        "token": "none" if scopes is None else "access",
        "scopes": scopes or [],
    }
    return shown | ({"client": principal.client} if principal.client else {"permissions": list(principal.permissions)})


def as_pytest(vectors: Iterable[Vector], model: Model, compiled: str) -> str:
    """A test file of the standard library and pytest alone."""
    table = list(vectors)
    operations = dict.fromkeys(each.operation for each in table)
    routes = {api: Routes(one for one in model.operations if one.api == api) for api in {one.api for one in operations}}
    calls = {one: _call(routes[one.api], one) for one in operations}
    rows = [(one, call) for one in table if (call := calls[one.operation]) is not None]
    apis = _variables("URL", dict.fromkeys(one.operation.api for one, _ in rows))
    tokens = _variables("TOKEN", dict.fromkeys(one.principal.name for one, _ in rows))
    without = {one.principal.name for one, _ in rows if one.principal.scopes is None}
    view = {
        "apis": [{"name": name, "variable": variable} for name, variable in apis.items()],
        "principals": [{"name": n, "variable": "" if n in without else variable} for n, variable in tokens.items()],
        "vectors": [
            {
                "principal": one.principal.name,
                "api": one.operation.api,
                "method": method,
                "path": path,
                "allowed": one.allowed,
            }
            for one, (method, path) in rows
        ],
    }
    return render("vectors/test_access.py", view, compiled)


def _variables(kind: str, names: Iterable[str]) -> dict[str, str]:
    """A variable of the environment for each name; a number tells apart those that would be the same."""
    found: dict[str, str] = {}
    for name in names:
        plain = f"SCOPEGEN_{kind}_{_NOT_IN_NAMES.sub('_', name.upper()).strip('_')}".rstrip("_")
        number = 2
        variable = plain
        while variable in found.values():
            variable, number = f"{plain}_{number}", number + 1
        found[name] = variable
    return found


def _call(routes: Routes, operation: Operation) -> tuple[str, str] | None:
    """A method and a concrete path that reach an operation; None for a catch-all that others leave nothing to."""
    methods = _METHODS if operation.method == "ANY" else (operation.method,)
    for value in ("0", "x-0", "scopegen-0"):
        path = _VARIABLE.sub(value, operation.path)
        for method in methods:
            if routes.find(method, path) == operation:
                return method, path
    return None
