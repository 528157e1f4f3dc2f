"""Every object of a document with the path to it. What is data, not OpenAPI (examples, enums, `x-` values), is not entered."""

from collections.abc import Iterator
from typing import TypeAlias

from scopegen.diagnostics import pointer
from scopegen.document import Json

# A path is a linked list, so that walking a large document builds no strings.
Path: TypeAlias = "tuple[Path, str | int] | None"
ANY_METHOD = "x-amazon-apigateway-any-method"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", ANY_METHOD)
# What OpenAPI 3.2 adds, and no REST API has: methods of path items, and a mapping of further methods to operations.
UNSERVED = ("query",)
ADDITIONAL = "additionalOperations"
_LITERALS = frozenset({"example", "default", "enum", "const", "value"})
# Mappings whose keys are names that an author chose, not keywords.
NAME_MAPS = frozenset(
    "properties patternProperties $defs definitions dependentSchemas schemas responses parameters requestBodies "
    "headers examples securitySchemes securityDefinitions links callbacks pathItems mediaTypes paths webhooks content "
    "encoding variables scopes mapping".split()
)


def is_literal(key: str, value: Json, *, swagger: bool = False) -> bool:
    """Whether the value of a keyword is data of the author's own, in which a `$ref` means nothing.

    The `examples` of a schema are a list of values; those of all else map names to Example objects, and in Swagger 2.0
    media types to values.
    """
    if key == "examples":
        return swagger or isinstance(value, list)
    return key in _LITERALS or (key[:2] == "x-" and key != ANY_METHOD)


def objects(data: Json) -> Iterator[tuple[dict[str, Json], Path, bool]]:
    """Each mapping in document order of depth, its path, and whether its keys are names instead of keywords."""
    swagger = isinstance(data, dict) and "swagger" in data
    stack: list[tuple[Json, Path, bool]] = [(data, None, False)]
    while stack:
        node, path, names = stack.pop()
        if isinstance(node, list):
            stack += [(child, (path, i), False) for i, child in enumerate(node) if child.__class__ in (dict, list)]
        elif isinstance(node, dict):
            yield node, path, names
            for key, child in node.items():
                if child.__class__ in (dict, list) and (names or not is_literal(key, child, swagger=swagger)):
                    stack.append((child, (path, key), not names and key in NAME_MAPS))


def in_schema(path: Path) -> bool:
    """Whether a path leads to a schema, or into one."""
    while path is not None:
        path, key = path
        if key in ("schema", "schemas", "itemSchema"):
            return True
    return False


def path_keys(path: Path) -> list[str | int]:
    """The keys of a path, from the root on."""
    keys: list[str | int] = []
    while path is not None:
        path, key = path
        keys.append(key)
    return keys[::-1]


def path_pointer(path: Path) -> str:
    """The JSON pointer of a path."""
    return pointer(*path_keys(path))


def unserved_operations(item: Json) -> list[tuple[tuple[str, ...], dict[str, Json]]]:
    """The operations of a path item that only OpenAPI 3.2 knows, each with its keys there."""
    holder = item if isinstance(item, dict) else {}
    more = holder.get(ADDITIONAL)
    found: list[tuple[tuple[str, ...], Json]] = [((key,), holder[key]) for key in UNSERVED if key in holder]
    found += [((ADDITIONAL, key), one) for key, one in more.items()] if isinstance(more, dict) else []
    return [(keys, one) for keys, one in found if isinstance(one, dict)]
