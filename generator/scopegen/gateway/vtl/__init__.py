"""Mapping templates. In: the text of a template, the names it may use. Out: the text it makes, or Refused.

airspeed only parses. Its own evaluation looks names up as attributes of Python objects; here its tree is turned into
functions of ours, for the few kinds of node that are listed, and every other kind is refused: macros, `#define`,
`#parse`, `#include`, `#evaluate`, `#stop`. Source: API Gateway developer guide, "Mapping template transformations".
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from scopegen.document import Json
from scopegen.gateway.refused import Refused
from scopegen.gateway.vtl import directives, operators, values
from scopegen.gateway.vtl.directives import Do, Get, State
from scopegen.gateway.vtl.guard import check
from scopegen.gateway.vtl.values import Value, plain, text_of

Step: TypeAlias = Callable[[State, Value], Value]


def is_plain(text: str) -> bool:
    """Whether a template is its own answer."""
    return "$" not in text and "#" not in text


def render(text: str, variables: dict[str, Value]) -> str:
    """What a template makes; one without `$` and `#` is its own answer."""
    if is_plain(text):
        return text
    state = State(variables)
    try:
        compiled(text)(state)
    except RecursionError:
        raise Refused("a template that nests too deeply") from None
    return "".join(state.written)


@lru_cache(512)
def compiled(text: str) -> Do:
    """A template as a function; kept, for the templates of an API are few."""
    from airspeed import Template

    check(text)
    try:
        template = Template(text)
        template.ensure_compiled()
    except (Exception, RecursionError):
        raise Refused("no template that API Gateway would take") from None
    return _block(template.root_element.block)


# What airspeed has parsed is untyped: `Any` ends where these functions return.
def _block(node: Any) -> Do:
    return directives.block([_part(child) for child in node.children])


def _part(node: Any) -> Do:
    make = _PARTS.get(type(node).__name__)
    if make is None:
        raise Refused("a directive that is not run here")
    return make(node)


def _written(node: Any) -> Do:
    text: str = node.text
    return lambda state: state.write(text)


def _reference(node: Any) -> Do:
    if node.expression is None:
        text: str = node.my_text()
        return lambda state: state.write(text)
    get = _referred(node)
    return lambda state: state.write(text_of(get(state), state.budget))


def _referred(node: Any) -> Get:
    """`$a.b`, `${a|'instead'}`."""
    if node.expression is None:
        raise Refused("a reference without a name")
    get = _variable(node.expression)
    if node.alternate is None:
        return get
    instead = _value(node.alternate.expression)
    return lambda state: instead(state) if (found := get(state)) is None else found


def _variable(node: Any) -> Get:
    """A reference from its first name on."""
    name = _name(node.part)
    if node.part.parameters is not None:
        raise Refused("a call of what is no method")
    steps = [*_index(node.part.index), *_below(node.subexpression)]

    def get(state: State) -> Value:
        found: Value = state.variables.get(name)
        for step in steps:
            found = step(state, found)
        return found

    return get


def _below(node: Any) -> list[Step]:
    """What follows the first name: `.name`, `.method(...)`, `[index]`."""
    if node is None:
        return []
    if type(node.expression).__name__ == "ArrayIndex":
        return [*_index(node.expression), *_below(node.subexpression)]
    part, name = node.expression.part, _name(node.expression.part)
    further = [*_index(part.index), *_below(node.expression.subexpression)]
    if part.parameters is None:
        return [lambda state, found: values.property_of(found, name), *further]
    arguments = [_value(one) for one in getattr(part.parameters.values, "values", ())]
    return [
        lambda state, found: values.call(found, name, [one(state) for one in arguments], state.budget),
        *further,
    ]


def _name(part: Any) -> str:
    name: str = part.name
    if name.startswith("_"):
        raise Refused("a name that begins with `_`")
    return name


def _index(node: Any) -> list[Step]:
    if node is None:
        return []
    key = _value(node.index)
    return [lambda state, found: values.index(found, key(state))]


def _value(node: Any) -> Get:
    """What yields a value: by the name of its kind."""
    make = _VALUES.get(type(node).__name__)
    if make is None:
        raise Refused("an expression that is not computed here")
    return make(node)


def _constant(node: Any) -> Get:
    value: Json = node.value
    return lambda state: value


def _interpolated(node: Any) -> Get:
    run = _block(node.block)

    def get(state: State) -> Value:
        outside, state.written = state.written, []
        try:
            run(state)
            return state.budget.made("".join(state.written))
        finally:
            state.written = outside

    return get


def _list(node: Any) -> Get:
    kind = type(node.values).__name__
    if kind == "Range":
        first, last = _value(node.values.value1), _value(node.values.value2)
        return lambda state: operators.counted(first(state), last(state), state.budget)
    items = [_value(one) for one in getattr(node.values, "values", ())]
    return lambda state: [plain(one(state)) for one in items]


def _mapping(node: Any) -> Get:
    pairs = [(_value(key), _value(value)) for key, value in node.local_data.items()]
    return lambda state: {values.a_text(key(state)): plain(value(state)) for key, value in pairs}


def _parenthesized(node: Any) -> Get:
    return _expression(node.calculate.__self__)  # airspeed keeps only the method of what stands inside


def _not(node: Any) -> Get:
    get = _value(node.value)
    return lambda state: not get(state)


def _expression(node: Any) -> Get:
    first, *rest = node.expression
    signs = [(one.my_text().strip(), one.precedence) for one in rest[::2]]
    return operators.tree(_value(first), signs, [_value(one) for one in rest[1::2]])


def _if(node: Any) -> Do:
    conditions = [(_value(one.condition.expression), _block(one.block)) for one in (node, *node.elseifs)]
    otherwise = _block(node.else_block.block) if hasattr(node.else_block, "block") else None
    return directives.branches(conditions, otherwise)


def _set(node: Any) -> Do:
    keys = [_term(one.term) for one in node.assignment.terms]
    return directives.assignment(node.assignment.root_term, keys, _value(node.assignment.value))


def _term(node: Any) -> Get:
    return _value(node.value) if type(node).__name__ == "BracketedValueTerm" else _constant(node)


def _foreach(node: Any) -> Do:
    return directives.loop(node.loop_var_name, _value(node.value), _block(node.block))


_PARTS: dict[str, Callable[[Any], Do]] = {
    "Text": _written,
    "FallthroughHashText": _written,
    "Comment": lambda node: lambda state: None,
    "FormalReference": _reference,
    "IfDirective": _if,
    "SetDirective": _set,
    "ForeachDirective": _foreach,
}
_VALUES: dict[str, Callable[[Any], Get]] = {
    "Value": lambda node: _value(node.expression),
    "FormalReference": _referred,
    "NullLiteral": _constant,
    "IntegerLiteral": _constant,
    "FloatingPointLiteral": _constant,
    "BooleanLiteral": _constant,
    "StringLiteral": _constant,
    "InterpolatedStringLiteral": _interpolated,
    "ArrayLiteral": _list,
    "DictionaryLiteral": _mapping,
    "ParenthesizedExpression": _parenthesized,
    "UnaryOperatorValue": _not,
    "Expression": _expression,
}
