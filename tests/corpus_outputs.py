"""What was built, read by code that shares nothing with scopegen. In: artifacts. Out: who is let in by every operation."""

import ast
import json
import re
from typing import Any

from corpus_documents import ANY, references
from corpus_security import Scopes


def scopes_of(spec: bytes, scope_map: bytes) -> dict[tuple[str, str], Scopes | None]:
    """What every operation of an import spec lets in, derived scopes taken apart; None is everybody."""
    data = json.loads(spec)
    assert "security" not in data
    parts = derived(scope_map)
    schemes = data["components"]["securitySchemes"]
    found: dict[tuple[str, str], Scopes | None] = {}
    for path, item in data["paths"].items():
        for key, operation in item.items():
            name = path, "ANY" if key == ANY else key.upper()
            found[name] = _let_in(operation["security"], schemes, parts)
    return found


def _let_in(security: Any, schemes: dict[str, Any], derived: dict[str, frozenset[str]]) -> Scopes | None:
    """API Gateway: any scope of the list that stands with the authorizer; an API key is no authorizer."""
    lists = [
        scopes
        for item in security
        for name, scopes in item.items()
        if "x-amazon-apigateway-authorizer" in schemes[name]
    ]
    if not lists:
        return None
    assert len(lists) == 1, "two authorizers"
    assert lists[0], "an authorizer without scopes takes ID tokens of everybody"
    return frozenset(derived.get(scope, frozenset({scope})) for scope in lists[0])


def derived(scope_map: bytes) -> dict[str, frozenset[str]]:
    for statement in ast.parse(scope_map).body:
        target = statement.target if isinstance(statement, ast.AnnAssign) else None
        if isinstance(statement, ast.Assign):
            target = statement.targets[0]
        if isinstance(target, ast.Name) and target.id == "DERIVED":
            return {scope: frozenset(parts) for scope, parts in _value(statement.value).items()}
    raise AssertionError("no DERIVED")


def _value(node: ast.expr) -> Any:
    """A literal, in which a frozenset may be called by its name."""
    if isinstance(node, ast.Call):
        return _value(node.args[0])
    if isinstance(node, ast.Dict):
        return {ast.literal_eval(key): _value(value) for key, value in zip(node.keys, node.values, strict=True)}
    return ast.literal_eval(node)


def required(access: bytes) -> dict[tuple[str, str], Scopes | None]:
    """What every operation requires as the compiled model says it."""
    return {
        (one["path"], one["method"]): frozenset(map(frozenset, one["requires"]["anyOf"]))
        if "anyOf" in one["requires"]
        else None
        for one in json.loads(access)["operations"]
    }


# Where openapi-spec-validator refuses what scopegen takes, and why that is meant.
KNOWN = {
    r'^OpenAPIValidationError: "(version|responses)" is a required property|is not of type "string" .*"Info".*"version"': "what API Gateway can do without is filled in (SG020)",
    r'2\.0 is not of type "string".*"swagger"': "a version written as a number is read as text (SG020)",
    r"less than 1 property.*responses": "what API Gateway can do without is filled in (SG020)",
    r"^default: ": "values of `default` are held against their schema by `lint --strict` only (SG021)",
    r"^stopped with KeyError: 'x-": "it takes an extension beside the paths for a path",
    r"^UnresolvableParameterError: .*:\}' was not resolved": "it ends the name of a variable at a colon; the path is refused as such (SG301)",
}


def known(said: str) -> str:
    """Why scopegen takes what openapi-spec-validator refuses; empty where that is not meant."""
    return next((why for pattern, why in KNOWN.items() if re.search(pattern, said)), "")


def invalid(spec: bytes, validate: bool) -> list[str]:
    """What is wrong with an import spec: models that are not there, its size, and what openapi-spec-validator says."""
    data = json.loads(spec)
    models = data["components"]["schemas"]
    lost = {name for name in references(data) if name.removeprefix("#/components/schemas/") not in models}
    found = [f"no model for {name}" for name in sorted(lost)]
    found += [f"the model `{name}` is not alphanumeric" for name in models if not (name.isascii() and name.isalnum())]
    found += [f"{len(spec)} bytes are too many"] if len(spec) > 6 * 1024 * 1024 else []
    return found or (verdict(data, limit=3) if validate else [])


def verdict(data: Any, limit: int = 1) -> list[str]:
    """The first things that openapi-spec-validator finds in a document.

    Greedy paths are left out, since it does not know them.
    """
    import openapi_spec_validator as known_versions

    version = str(data.get("openapi", data.get("swagger")))
    name = {"2.0": "OpenAPIV2SpecValidator", "3.1": "OpenAPIV31SpecValidator", "3.2": "OpenAPIV32SpecValidator"}
    validator = getattr(known_versions, name.get(version[:3], "OpenAPIV30SpecValidator"))
    if isinstance(data.get("paths"), dict):
        data = {**data, "paths": {path: item for path, item in data["paths"].items() if "+}" not in path}}
    found = []
    try:
        for error in validator(data).iter_errors():
            said = " ".join(str(getattr(error, "message", error)).split())
            kind = type(error).__name__
            # Only what the meta-schema says names its place; the rest are values of `default`.
            kind = "default" if kind == "OpenAPIValidationError" and "On instance" not in said else kind
            found.append(f"{kind}: {said[:160]}")
            if len(found) == limit:
                break
    except Exception as error:
        found.append(f"stopped with {type(error).__name__}: {str(error)[:100]}")
    return found
