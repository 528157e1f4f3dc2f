"""Paths and methods that API Gateway can have. In: a document. Out: diagnostics for those that its import refuses."""

import re
from collections.abc import Iterator

from scopegen import codes, limits
from scopegen.diagnostics import Diagnostic, pointer
from scopegen.document import Document, mapping
from scopegen.routing import shape, template_parts
from scopegen.walk import unserved_operations

_WHOLE = re.compile(r"\{[^{}]+\}")


def problems(document: Document) -> Iterator[Diagnostic]:
    """SG301 to SG304 and SG314, in document order."""
    resources: set[tuple[str, ...]] = set()
    variables: dict[tuple[str, ...], tuple[str, str]] = {}
    templates: set[str] = set()
    for path in (path for path in mapping(document.data.get("paths")) if path.startswith("/")):
        if shape(path) in templates:
            continue  # the same path twice, which is told elsewhere
        templates.add(shape(path))
        where = document.at(pointer("paths", path), "key")
        reason, hint = refusal(path)
        if reason:
            yield codes.BAD_PATH.at(where, f"`{path}` {reason}", hint)
            continue
        if path in limits.RESERVED_PATHS:
            message = f"`{path}` is reserved by API Gateway where a custom domain is used"
            yield codes.RESERVED_PATH.at(where, message, "choose another path")
        parts = tuple(template_parts(path))
        for depth, part in enumerate(parts):
            resources.add(parts[: depth + 1])
            name, first = variables.setdefault(parts[:depth], (part, path)) if part[0] == "{" else ("", "")
            if name and name != part:
                hint = f"use the same name as `{first}`"
                message = (
                    f"`{part}` in `{path}` stands where another path has `{name}`: only one variable is allowed there"
                )
                yield codes.SIBLING_VARIABLES.at(where, message, hint)
    if len(resources) > limits.RESOURCES_PER_API:
        hint = f"an API has {limits.RESOURCES_PER_API} unless AWS raises the quota: every part of a path counts"
        yield codes.TOO_MANY_RESOURCES.at(document.at("/paths", "key"), f"{len(resources)} resources in one API", hint)
    yield from _methods(document)


def refusal(path: str) -> tuple[str, str]:
    """Why API Gateway refuses a path, and what to do; two empty texts where it does not."""
    if path == "/":
        return "", ""
    parts = path[1:].split("/")
    for index, part in enumerate(parts):
        if not part:
            return "has an empty part", "remove the extra `/`"
        if limits.PATH_VARIABLE.fullmatch(part):
            if part.endswith("+}") and index < len(parts) - 1:
                return f"goes on after the greedy `{part}`", "a greedy variable must come last"
        elif ("{" in part or "}" in part) and not _WHOLE.fullmatch(part):
            return f"has a variable that is not a whole part: `{part}`", "make it one: `/{id}`, not `/{id}.json`"
        elif not limits.PATH_LITERAL.fullmatch(part):
            return (
                f"has characters that API Gateway refuses: `{part}`",
                "letters, digits and `_-.,:` may stand in a path",
            )
    return "", ""


def _methods(document: Document) -> Iterator[Diagnostic]:
    hint = f"API Gateway has {', '.join(limits.METHODS)} and `x-amazon-apigateway-any-method`"
    for path, item in mapping(document.data.get("paths")).items():
        if not path.startswith("/"):
            continue
        unserved = [keys for keys, _ in unserved_operations(item)]
        unserved += [("trace",)] if "trace" in mapping(item) else []
        for keys in unserved:
            where = document.at(pointer("paths", path, *keys), "key")
            method = keys[-1] if len(keys) > 1 else keys[0].upper()
            yield codes.UNSUPPORTED_METHOD.at(where, f"`{method} {path}` cannot be served", hint)
