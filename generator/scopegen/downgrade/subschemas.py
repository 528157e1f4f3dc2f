"""Where schemas stand inside of a schema. In: one, of any version since draft 4. Out: its parts."""

from collections.abc import Iterator
from json import dumps
from typing import NamedTuple

from scopegen.document import Json, sequence
from scopegen.walk import Path

_MAPS = frozenset("properties patternProperties $defs definitions dependentSchemas".split())
_LISTS = frozenset("allOf anyOf oneOf prefixItems".split())
_ONE = frozenset(
    "items not additionalProperties unevaluatedItems unevaluatedProperties contains propertyNames if then else".split()
)
# To 3.0 `additionalProperties` may be what it is.
_MAY_BE_BOOLEAN = frozenset({"additionalProperties", "unevaluatedProperties"})


class Part(NamedTuple):
    """A schema as a part of another one: the keyword that it serves, and the mapping or list with the key that holds it."""

    keyword: str
    holder: "dict[str, Json] | list[Json]"
    key: str | int
    path: Path

    @property
    def schema(self) -> Json:
        if isinstance(self.holder, dict):
            return self.holder[str(self.key)]
        return self.holder[int(self.key)]

    def put(self, schema: Json) -> None:
        """Let another schema stand in its place."""
        if isinstance(self.holder, dict):
            self.holder[str(self.key)] = schema
        else:
            self.holder[int(self.key)] = schema

    def spell_out(self) -> None:
        """Write `true` and `false` as 3.0 says them."""
        value = self.schema
        if isinstance(value, bool) and self.keyword not in _MAY_BE_BOOLEAN:
            self.put({} if value else {"not": {}})


def parts(node: dict[str, Json], path: Path) -> list[Part]:
    """The schemas directly in a schema, as they are written."""
    found = []
    for keyword, inner in node.items():
        if keyword in _ONE:
            found.append(Part(keyword, node, keyword, (path, keyword)))
        elif keyword in _MAPS and isinstance(inner, dict):
            found += [Part(keyword, inner, key, ((path, keyword), key)) for key in inner]
        elif keyword in _LISTS and isinstance(inner, list):
            found += [Part(keyword, inner, i, ((path, keyword), i)) for i in range(len(inner))]
    return found


def whole(node: Json, path: Path, seen: set[int] | None = None) -> Iterator[tuple[dict[str, Json], Path]]:
    """A schema and all in it, from the outside in and as written; one that stands in several places once."""
    stack: list[tuple[Json, Path]] = [(node, path)]
    seen = set() if seen is None else seen
    while stack:
        one, here = stack.pop()
        if isinstance(one, dict) and id(one) not in seen:
            seen.add(id(one))
            yield one, here
            stack += [(part.schema, part.path) for part in reversed(parts(one, here))]


def also(node: dict[str, Json], keyword: str, value: Json) -> None:
    """Make a schema ask for one thing more, whatever it asks for already."""
    if keyword in node:
        node["allOf"] = [*sequence(node.get("allOf")), {keyword: value}]
    else:
        node[keyword] = value


def distinct(schemas: list[Json]) -> list[Json]:
    """Each schema once. (To Python 1 equals true.)"""
    return list({dumps(schema, sort_keys=True, default=str): schema for schema in schemas}.values())


def any_of(schemas: list[Json]) -> Json:
    """What accepts all that one of several schemas accepts."""
    members = distinct(schemas)
    if len(members) == 1:
        return members[0]
    return {} if {} in members or True in members or not members else {"anyOf": members}
