"""What templates compute with. In: plain data and names. Out: plain data; Refused for everything that is not listed here.

No attribute of a Python object is ever looked up: a name leads to an entry of these tables or of a mapping. Whatever
takes time or room is paid for from a Budget, so that no template runs away.
"""

import json
import math
import re
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple, TypeAlias

from scopegen.document import Json
from scopegen.gateway.refused import Refused

_STEPS, _LONGEST, _LARGEST, _DEEPEST = 200_000, 1_000_000, 2**53, 64
_PER_STEP = 64  # characters


class Budget:
    """What one rendering may still do."""

    def __init__(self) -> None:
        self.left = _STEPS

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise Refused("a template that takes too long, or makes too much")

    def made(self, text: str) -> str:
        """A text that was made."""
        if len(text) > _LONGEST:
            raise Refused("a text that grows too long")
        self.spend(1 + len(text) // _PER_STEP)
        return text


class Tool(NamedTuple):
    """An object that API Gateway offers (`$input`, `$util`): its methods and its properties, and nothing else."""

    methods: "Mapping[str, Callable[[Budget, list[Value]], Value]]"
    properties: Mapping[str, Json] = {}


Value: TypeAlias = "Json | Tool"
Method: TypeAlias = Callable[[Budget, list[Value]], Value]


def text_of(value: Value, budget: Budget, depth: int = 0) -> str:
    """A value as a template writes it out: mappings as Java does, lists as JSON."""
    if isinstance(value, str):
        return budget.made(value)
    if value is None:
        return "null" if depth else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    budget.spend(1)
    if depth > _DEEPEST or isinstance(value, Tool):
        raise Refused("a value that cannot be written out")
    if isinstance(value, dict):
        return budget.made("{" + ", ".join(f"{k}={text_of(v, budget, depth + 1)}" for k, v in value.items()) + "}")
    items = (json.dumps(v) if isinstance(v, str) else text_of(v, budget, depth + 1) for v in value)
    return budget.made("[" + ",".join(items) + "]")


def plain(value: Value) -> Json:
    """Plain data; an object of API Gateway's cannot be put into any."""
    if isinstance(value, Tool):
        raise Refused("an object of API Gateway's where data is meant")
    return value


def a_text(value: Value) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Refused("a text is needed")
    return str(value)


def number(value: float) -> Json:
    """A number that stays small."""
    if abs(value) > _LARGEST or not math.isfinite(value):
        raise Refused("a number that grows too large")
    return value


def equal(left: Value, right: Value) -> bool:
    """Whether two scalars are the same; containers are not compared, which could take for ever."""
    if isinstance(left, dict | list | Tool) or isinstance(right, dict | list | Tool):
        if left is None or right is None:
            return False
        raise Refused("lists and mappings are not compared")
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    return str(left) == str(right) if isinstance(left, str) is not isinstance(right, str) else left == right


def index(value: Value, key: Value) -> Json:
    """What stands at an index or under a key."""
    if isinstance(value, dict):
        return value.get(a_text(key))
    if isinstance(value, list) and isinstance(key, int) and not isinstance(key, bool):
        return value[key] if -len(value) <= key < len(value) else None
    if value is None:
        return None
    raise Refused("an index into what has none")


def property_of(value: Value, name: str) -> Json:
    """What stands under a name: of a mapping, or of an object of API Gateway's; nothing else has properties."""
    if isinstance(value, Tool):
        if name not in value.properties:
            raise Refused("a property that API Gateway does not offer")
        return value.properties[name]
    return value.get(name) if isinstance(value, dict) else None


def call(value: Value, name: str, arguments: list[Value], budget: Budget) -> Value:
    """What a method makes of a value; of nothing it makes nothing."""
    budget.spend(1)
    if value is None:
        return None
    if isinstance(value, Tool):
        offered = value.methods.get(name)
        if offered is None:
            raise Refused("a method that API Gateway does not offer")
        return offered(budget, arguments)
    kind = (
        str
        if isinstance(value, str)
        else list
        if isinstance(value, list)
        else dict
        if isinstance(value, dict)
        else None
    )
    found = _EVERY.get(name) or (_METHODS[kind].get(name) if kind else None)
    if found is None or len(arguments) != found[0]:
        raise Refused("a method that templates do not have here")
    return found[1](value, arguments, budget)


Body: TypeAlias = Callable[[Json, list[Value], Budget], Value]
_META = re.compile(r"[\\^$.|?*+()\[\]{}]")


def _replaced(value: Json, arguments: list[Value], budget: Budget) -> Value:
    """Java's `replaceAll`, where the expression stands for itself (`\\'` too): a program of its own it may not be."""
    written, by = a_text(arguments[0]), a_text(arguments[1])
    searched = re.sub(r"\\([^A-Za-z0-9])", "\0\\1", written)
    if _META.search(re.sub("\0.", "", searched, flags=re.S)) or not written or "$" in by:
        raise Refused("a regular expression")
    whole = a_text(value)
    searched = searched.replace("\0", "")
    if len(whole) + whole.count(searched) * len(by) > _LONGEST:
        raise Refused("a text that grows too long")
    return budget.made(whole.replace(searched, by))


def _added(value: Json, arguments: list[Value], _: Budget) -> Value:
    if isinstance(value, list):
        value.append(plain(arguments[0]))
    return True


def _put(value: Json, arguments: list[Value], _: Budget) -> Value:
    key = a_text(arguments[0])
    if isinstance(value, dict):
        before = value.get(key)
        value[key] = plain(arguments[1])
        return before
    return None


def _listed(items: Collection[Json], budget: Budget) -> Value:
    budget.spend(len(items))
    return list(items)


def _sized(value: Json, _: list[Value], __: Budget) -> Value:
    return len(value) if isinstance(value, str | list | dict) else 0


def _holds(value: Json, arguments: list[Value], budget: Budget) -> Value:
    if isinstance(arguments[0], list | dict | Tool):
        raise Refused("lists and mappings are not compared")
    if isinstance(value, list):
        budget.spend(len(value))
        return any(equal(one, arguments[0]) for one in value if not isinstance(one, list | dict))
    if isinstance(value, str):
        budget.spend(len(value) // _PER_STEP)
    return a_text(arguments[0]) in value if isinstance(value, str | dict) else False


def _cut(value: Json, arguments: list[Value], budget: Budget) -> Value:
    whole, places = a_text(value), [one for one in arguments if isinstance(one, int) and one >= 0]
    if len(places) != len(arguments):
        raise Refused("a place in a text is a number")
    return budget.made(whole[places[0] :] if len(places) == 1 else whole[places[0] : places[1]])


def _texts(made: Callable[[str, str], Json]) -> Body:
    return lambda value, arguments, budget: made(budget.made(a_text(value)), a_text(arguments[0]) if arguments else "")


_SIZE: dict[str, tuple[int, Body]] = {"size": (0, _sized), "isEmpty": (0, lambda v, a, b: not v)}
_EVERY: dict[str, tuple[int, Body]] = {
    "toString": (0, lambda value, _, budget: text_of(value, budget)),
    "equals": (1, lambda value, arguments, _: equal(value, arguments[0])),
}
_METHODS: dict[type, dict[str, tuple[int, Body]]] = {
    str: {
        "length": (0, _sized),
        "isEmpty": (0, lambda value, _, __: not value),
        "contains": (1, _holds),
        "replaceAll": (2, _replaced),
        "substring": (2, _cut),
        "startsWith": (1, _texts(lambda whole, part: whole.startswith(part))),
        "endsWith": (1, _texts(lambda whole, part: whole.endswith(part))),
        "indexOf": (1, _texts(lambda whole, part: whole.find(part))),
        "toLowerCase": (0, _texts(lambda whole, _: whole.lower())),
        "toUpperCase": (0, _texts(lambda whole, _: whole.upper())),
        "trim": (0, _texts(lambda whole, _: whole.strip())),
    },
    list: {
        **_SIZE,
        "contains": (1, _holds),
        "add": (1, _added),
        "get": (1, lambda value, arguments, _: index(value, arguments[0])),
    },
    dict: {
        **_SIZE,
        "containsKey": (1, _holds),
        "get": (1, lambda value, arguments, _: index(value, arguments[0])),
        "keySet": (0, lambda value, _, budget: _listed(value.keys(), budget) if isinstance(value, dict) else []),
        "values": (0, lambda value, _, budget: _listed(value.values(), budget) if isinstance(value, dict) else []),
        "put": (2, _put),
    },
}
