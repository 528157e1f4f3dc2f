"""What the directives of a template do. In: conditions, values and blocks as functions. Out: functions of one rendering."""

from collections.abc import Callable
from typing import TypeAlias

from scopegen.document import Json
from scopegen.gateway.refused import Refused
from scopegen.gateway.vtl.values import Budget, Value, a_text, plain

_PROTECTED = frozenset({"input", "util", "stageVariables", "context"})
_OVERRIDES = frozenset({"responseOverride", "requestOverride"})


class State:
    """One rendering: its variables, what it has written, what it may still do."""

    def __init__(self, variables: dict[str, Value]) -> None:
        self.variables, self.budget = variables, Budget()
        self.written: list[str] = []

    def write(self, text: str) -> None:
        self.written.append(self.budget.made(text))


Get: TypeAlias = Callable[[State], Value]
Do: TypeAlias = Callable[[State], None]


def block(parts: list[Do]) -> Do:
    """One after the other."""

    def run(state: State) -> None:
        for part in parts:
            state.budget.spend(1)
            part(state)

    return run


def branches(conditions: list[tuple[Get, Do]], otherwise: Do | None) -> Do:
    """`#if`, `#elseif`, `#else`."""

    def run(state: State) -> None:
        for condition, then in conditions:
            if condition(state):
                return then(state)
        return otherwise(state) if otherwise is not None else None

    return run


def assignment(name: str, keys: list[Get], value: Get) -> Do:
    """`#set`. Of what API Gateway provides only the overrides in `$context` are set."""
    if name in _PROTECTED and (name != "context" or not keys):
        raise Refused("what API Gateway provides is not set")

    def run(state: State) -> None:
        made = value(state)
        if keys:
            _put(state, name, [a_text(key(state)) for key in keys], plain(made))
        else:
            state.variables[name] = made

    return run


def _put(state: State, name: str, keys: list[str], value: Json) -> None:
    if name == "context" and (keys[0] not in _OVERRIDES or len(keys) < 2):
        raise Refused("what API Gateway provides is not set")
    holder: Value = state.variables.get(name)
    for key in keys[:-1]:
        holder = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(holder, dict):
        raise Refused("a value set in what is no mapping")
    holder[keys[-1]] = value


def loop(name: str, get: Get, then: Do) -> Do:
    """`#foreach`, with `$foreach.count` and its like."""
    if name in _PROTECTED:
        raise Refused("what API Gateway provides is not set")

    def run(state: State) -> None:
        found = get(state)
        items = list(found.values()) if isinstance(found, dict) else list(found) if isinstance(found, list) else []
        state.budget.spend(len(items))
        outside = {key: state.variables.get(key) for key in (name, "foreach", "velocityCount")}
        for i, item in enumerate(items):
            more = i + 1 < len(items)
            state.variables["foreach"] = {
                "count": i + 1,
                "index": i,
                "hasNext": more,
                "first": i == 0,
                "last": not more,
            }
            state.variables["velocityCount"], state.variables[name] = i + 1, item
            then(state)
        state.variables.update(outside)

    return run
