"""The files a reviewer reads. In: the model. Out: `access.json`, which holds all of it, and `ACCESS.md`, which people read.

`access.json` is also an input: `access_file` reads it.
"""

from typing import Any

from scopegen import quoting
from scopegen.access_file import VERSION, operation_entry
from scopegen.artifacts import Artifact, Build
from scopegen.decide import Holders, for_signed_in
from scopegen.model import (
    DERIVED_SERVER,
    Client,
    Model,
    Operation,
    Public,
    Requirement,
    ResourceServer,
)
from scopegen.names import derived_scopes
from scopegen.targets.identity import client_scopes
from scopegen.templating import Raw, render

_SIGNED_IN = "any signed-in user"


def artifacts(build: Build) -> tuple[Artifact, ...]:
    """Both access files."""
    sections = dict.fromkeys(("clients", "operations", "permissions", "resourceServers"), 1)
    text = quoting.json_visible(quoting.json_lined(dump(build.model), sections))
    return Artifact("access.json", text.encode()), Artifact(
        "ACCESS.md", render("access/ACCESS.md", view(build), build.compiled).encode()
    )


def dump(model: Model) -> dict[str, Any]:
    """The model as plain data."""
    return {
        "version": VERSION,
        "resourceServers": sorted(
            [*map(_server, model.resource_servers), *_derived(model)], key=lambda one: str(one["identifier"])
        ),
        "operations": [operation_entry(operation) for operation in model.operations],
        "permissions": [
            {
                "name": one.name,
                "group": one.group,
                "existing": one.existing,
                "scopes": [str(scope) for scope in one.scopes],
            }
            for one in model.permissions
        ],
        "clients": [
            {
                "name": client.name,
                "kind": client.kind,
                "existing": client.existing,
                "scopes": client_scopes(model, client),
                "tokenMinutes": client.token_minutes,
            }
            for client in model.clients
        ],
    }


def _server(server: ResourceServer) -> dict[str, Any]:
    scopes = [{"name": text.name, "description": text.description} for text in server.scopes]
    return {"identifier": server.identifier, "name": server.name, "existing": server.existing, "scopes": scopes}


def _derived(model: Model) -> list[dict[str, Any]]:
    """The reserved resource server with what each of its scopes stands for."""
    scopes = [
        {"name": scope.name, "allOf": [str(part) for part in parts]}
        for scope, parts in sorted(derived_scopes(model).items())
    ]
    return (
        [{"identifier": DERIVED_SERVER, "name": DERIVED_SERVER, "existing": False, "scopes": scopes}] if scopes else []
    )


def view(build: Build) -> dict[str, Any]:
    """Everything ACCESS.md shows, as texts; for an operation its cells, which those with the same requirement share."""
    model = build.model
    holders = Holders(model)
    names = [api.name for api in build.settings.apis]
    rules = {
        requirement: Raw(render("access/rule.md", _rule(holders, operation), build.compiled).rstrip("\n"))
        for requirement, operation in {one.requirement: one for one in model.operations}.items()
    }
    return {
        "open_sign_up": build.settings.open_sign_up,
        "apis": [
            {
                "name": name,
                "operations": [
                    {"label": one.label, "rule": rules[one.requirement]} for one in model.operations if one.api == name
                ],
            }
            for name in names
        ],
        "permissions": [
            {"name": one.name, "group": one.group, "scopes": [str(scope) for scope in one.scopes]}
            for one in model.permissions
        ],
        "clients": [
            {"name": c.name, "kind": c.kind, "scopes": client_scopes(model, c), "minutes": _minutes(c)}
            for c in model.clients
        ],
        "derived": [
            {"name": str(scope), "parts": [str(part) for part in parts]}
            for scope, parts in sorted(derived_scopes(model).items())
        ],
    }


def _minutes(client: Client) -> str:
    return "as it is" if client.token_minutes is None else f"{client.token_minutes} minutes"


def _rule(holders: Holders, operation: Operation) -> dict[str, Any]:
    requirement = operation.requirement
    permissions, machines = holders.of(operation)
    return {
        "public": requirement.reason if isinstance(requirement, Public) else "",
        "alternatives": _alternatives(requirement),
        "signed_in": for_signed_in(requirement),
        "permissions": permissions,
        "machines": [] if isinstance(requirement, Public) else machines,
        "together": [[" or ".join(part) for part in parts] for parts in holders.together(requirement)],
    }


def _alternatives(requirement: Requirement) -> list[list[str]]:
    """The alternatives as texts; none for what everybody may call, or only every signed-in user."""
    if isinstance(requirement, Public):
        return []
    alternatives = [[str(scope) for scope in parts] for parts in requirement.alternatives if parts[0].server]
    return [[_SIGNED_IN], *alternatives] if alternatives and for_signed_in(requirement) else alternatives
