"""Keywords that 3.0 lacks. In: one schema, whose parts are rewritten already. Out: the same in 3.0's words, or weaker.

Never stricter: what was accepted stays accepted. Where more is accepted, the notes say so.
"""

from scopegen.document import Json, mapping, sequence
from scopegen.downgrade.notes import Notes
from scopegen.downgrade.subschemas import also, any_of, distinct
from scopegen.walk import Path

_EVALUATES = ("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")
_ANY_NAME = frozenset({"", ".*", "^.*$", "^.*", ".*$"})
_LONGEST_CONDITION = 2_000


def rewrite_unevaluated(node: dict[str, Json], path: Path, notes: Notes) -> None:
    """Where nothing else evaluates a part, what is unevaluated is what is additional."""
    for keyword, additional, evaluating in (
        ("unevaluatedProperties", "additionalProperties", _EVALUATES),
        ("unevaluatedItems", "items", (*_EVALUATES, "contains")),
    ):
        if keyword not in node:
            continue
        value = node.pop(keyword)
        if additional in node or _is_true(value, notes):
            notes.rewrite(keyword, path)
        elif any(key in node for key in evaluating):
            notes.lose(keyword, path, node)
        else:
            node[additional] = value
            notes.rewrite(keyword, path)


def rewrite_assertions(node: dict[str, Json], path: Path, notes: Notes) -> None:
    """All others, in an order in which none changes what a later one means."""
    if "$dynamicRef" in node:
        del node["$dynamicRef"]  # one that leads to one place only is a `$ref` by now
        notes.lose("$dynamicRef", path, node)
    if "prefixItems" in node:
        _prefix_items(node, path, notes)
    _contains(node, path, notes)
    if "patternProperties" in node:
        _pattern_properties(node, path, notes)
    if "propertyNames" in node:
        names = node.pop("propertyNames")
        if _is_true(names, notes) or names == {"type": "string"}:
            notes.rewrite("propertyNames", path)
        else:
            notes.lose("propertyNames", path, node)
    _dependent(node, path, notes)
    if not {"if", "then", "else"}.isdisjoint(node):
        _condition(node, path, notes)


def _is_true(value: Json, notes: Notes) -> bool:
    return value is True or (value == {} and id(value) not in notes.inexact)


def _is_false(value: Json, notes: Notes) -> bool:
    """Whether a schema accepts nothing; not where what it refuses has lost a part."""
    return value is False or (value == {"not": {}} and _is_true(mapping(value)["not"], notes))


def _number(value: Json) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _prefix_items(node: dict[str, Json], path: Path, notes: Notes) -> None:
    """One schema for every item: any of those that stood for some. `minItems` and `maxItems` stay."""
    prefix = sequence(node.pop("prefixItems"))
    rest = node.pop("items", {})
    most = _number(node.get("maxItems"))
    if _is_false(rest, notes):
        most = len(prefix) if most is None else min(most, len(prefix))
        node["maxItems"] = most
    members = prefix[: int(min(most, len(prefix)))] if most is not None and most >= 0 else prefix
    if most is None or most > len(prefix):
        members = [*members, rest]
    node["items"] = any_of(members)
    if len(distinct(members)) <= 1:
        notes.rewrite("prefixItems", path)
    else:
        notes.lose("prefixItems", path, node)


def _contains(node: dict[str, Json], path: Path, notes: Notes) -> None:
    """An array with an item of a kind is one whose items are not all of other kinds."""
    least, most = node.pop("minContains", None), node.pop("maxContains", None)
    if "contains" not in node:
        for keyword, value in (("minContains", least), ("maxContains", most)):
            if value is not None:
                notes.rewrite(keyword, path)
        return
    none: Json = {"items": {"not": node.pop("contains")}}
    notes.rewrite("contains", path)
    number = 1 if least is None else _number(least)
    if number is not None and number >= 1:
        if node.get("type") == "array" and "nullable" not in node:
            also(node, "not", none)
        else:
            also(node, "anyOf", [{"not": {"type": "array", "items": {}}}, {"not": none}])
    for keyword, value, said in (("minContains", least, number in (0, 1)), ("maxContains", most, False)):
        if value is not None and said:
            notes.rewrite(keyword, path)
        elif value is not None:
            notes.lose(keyword, path, node)


def _pattern_properties(node: dict[str, Json], path: Path, notes: Notes) -> None:
    """Names are not looked at any more: what is not declared may be what any of the patterns allows."""
    patterns = mapping(node.pop("patternProperties"))
    additional = node.get("additionalProperties", True)
    if not patterns:
        notes.rewrite("patternProperties", path)
    elif patterns.keys() <= _ANY_NAME and "properties" not in node and len(patterns) == 1:
        node["additionalProperties"] = next(iter(patterns.values()))
        notes.rewrite("patternProperties", path)
    else:
        if not _is_true(additional, notes):
            rest = [] if _is_false(additional, notes) else [additional]
            node["additionalProperties"] = any_of([*patterns.values(), *rest])
        notes.lose("patternProperties", path, node)


def _dependent(node: dict[str, Json], path: Path, notes: Notes) -> None:
    """An object without the one property, or with what it asks for. `required` is kept by all that is no object."""
    for name, names in mapping(node.pop("dependentRequired", None)).items():
        notes.rewrite("dependentRequired", path)
        if names != []:
            also(node, "anyOf", [{"not": {"required": [name]}}, {"required": names}])
    for name, schema in mapping(node.pop("dependentSchemas", None)).items():
        notes.rewrite("dependentSchemas", path)
        also(node, "anyOf", [{"not": {"type": "object", "required": [name]}}, schema])


def _condition(node: dict[str, Json], path: Path, notes: Notes) -> None:
    """`if` A `then` B `else` C is: not A or B, and A or C."""
    parts = {keyword: node.pop(keyword) for keyword in ("if", "then", "else") if keyword in node}
    condition = parts.get("if")
    if condition is not None and len(parts) == 3 and len(str(condition)) > _LONGEST_CONDITION:
        # It would stand there twice: of conditions within conditions nothing may come that grows and grows.
        notes.lose("if", path, node)
        return
    for keyword in parts:
        notes.rewrite(keyword, path)
    if condition is None:
        return  # without `if` the other two mean nothing
    if "then" in parts:
        also(node, "anyOf", [{"not": condition}, parts["then"]])
    if "else" in parts:
        also(node, "anyOf", [condition, parts["else"]])
