"""The permission -> scope map and the trigger. In: the model. Out: `identity/scope_map.py`, standard library only."""

from typing import Any

from scopegen.artifacts import Artifact, Build
from scopegen.names import derived_scopes
from scopegen.templating import render


def artifacts(build: Build) -> tuple[Artifact, ...]:
    """The one file that the Lambda function runs."""
    return (Artifact("identity/scope_map.py", source(build).encode()),)


def source(build: Build) -> str:
    """The Python source of map and handler."""
    return render("scope_map/scope_map.py", view(build), build.compiled)


def view(build: Build) -> dict[str, Any]:
    """Everything as sorted texts."""
    model = build.model
    derived = derived_scopes(model)
    return {
        "permissions": [
            {"group": permission.group, "scopes": [str(scope) for scope in permission.scopes]}
            for permission in sorted(model.permissions, key=lambda permission: permission.group)
        ],
        "derived_scopes": [
            {"name": str(scope), "parts": [str(part) for part in parts]} for scope, parts in sorted(derived.items())
        ],
        "managed": sorted(str(scope) for scope in model.declared | derived.keys()),
        "every_client": not build.settings.existing_pool,
    }
