"""What CloudFormation would execute. In: an importable copy. Out: errors; and for the stack a copy without such keys.

CloudFormation reads `Ref`, `Condition` and `Fn::...` as its own wherever they are keys, and `{{resolve:` wherever it is
text. A property of a schema may have such a name: the stack's models then go without it, which can only make them more
lenient. Everywhere else such a key is an error.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from scopegen import codes
from scopegen.config import RESOLVE
from scopegen.diagnostics import Diagnostic, pointer
from scopegen.document import Document, Json, mapping
from scopegen.importable.allowed import AUTHORIZATION
from scopegen.importable.imported import COMPUTED, Integration
from scopegen.names import INTRINSIC_KEYS
from scopegen.substitution import IMPORT_VARIABLES, Substitution
from scopegen.survey import Survey

Schemas: TypeAlias = Literal["none", "within", "all"]
# Where a part of a schema is left out, what is left of these could refuse more than before.
_STRICTER_WITH_LESS = frozenset({"enum", "not", "oneOf"})
_KEY_LENGTH = 1000
_COMPUTED = tuple(f"/{key}" for key in COMPUTED)


def is_intrinsic(key: str) -> bool:
    """Whether CloudFormation takes a key for its own."""
    return key in INTRINSIC_KEYS or key.startswith("Fn::")


def any_intrinsic(keys: Iterable[str]) -> bool:
    """Whether one of several keys is CloudFormation's."""
    return not INTRINSIC_KEYS.isdisjoint(keys) or any(key[:4] == "Fn::" for key in keys)


def is_harmless(survey: Survey) -> bool:
    """Whether nothing anywhere in a document is worth a closer look."""
    return not (
        survey.is_computed
        or any_intrinsic(survey.keys)
        or not AUTHORIZATION.isdisjoint(survey.keys)
        or any(RESOLVE in key or len(key) > _KEY_LENGTH for key in survey.keys)
    )


def hazards(
    document: Document, tree: Json | Substitution | Integration, here: str = "", schemas: Schemas = "none"
) -> Iterator[Diagnostic]:
    """Every key and text of an importable tree that may not reach a stack.

    `document` says where the copy was written; `schemas` what of the tree is JSON Schema: nothing, what stands at
    the keys named `schema`, or all.
    """
    if not _is_suspicious(tree):
        return
    if isinstance(tree, Substitution):
        tree = tree.for_import()
    if isinstance(tree, str):
        if RESOLVE in tree:
            hint = "CloudFormation would replace it with a secret: write it differently"
            yield codes.CLOUDFORMATION_INJECTION.at(document.at(here), f"`{RESOLVE}` in a text", hint)
        for variable in sorted(
            name for name in IMPORT_VARIABLES if f"${{{name}}}" in tree and not here.endswith(_COMPUTED)
        ):
            hint = "its import knows no way to write it as a text: say it without the braces if that is meant"
            message = f"API Gateway replaces `${{{variable}}}` in this text"
            yield codes.IMPORT_VARIABLE.at(document.at(here), message, hint)
    elif isinstance(tree, list):
        for i, item in enumerate(tree):
            yield from hazards(document, item, f"{here}/{i}", schemas)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            below = here + pointer(key)
            yield from key_hazards(document, key, below, in_schema=schemas == "all")
            yield from hazards(document, value, below, "all" if schemas == "within" and key == "schema" else schemas)


def _is_suspicious(tree: Json | Substitution | Integration) -> bool:
    """Whether anything in a tree is worth a closer look: nearly nothing in nearly all documents, so it is fast."""
    nodes: list[object] = [tree]
    for node in nodes:
        if isinstance(node, str):
            if "${" in node or RESOLVE in node:
                return True
        elif isinstance(node, dict):
            if any_intrinsic(node) or not AUTHORIZATION.isdisjoint(node):
                return True
            keys = "".join(node)
            if RESOLVE in keys or (len(keys) > _KEY_LENGTH and max(map(len, node)) > _KEY_LENGTH):
                return True
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node
        elif isinstance(node, Substitution):
            return True
    return False


def key_hazards(document: Document, key: str, here: str, *, in_schema: bool) -> Iterator[Diagnostic]:
    """What CloudFormation would do with one key."""
    where = document.at(here, "key")
    if RESOLVE in key or len(key) > _KEY_LENGTH:
        yield codes.CLOUDFORMATION_INJECTION.at(where, "a key that no template can carry", "rename it")
    elif is_intrinsic(key) and in_schema:
        hint = "CloudFormation would execute it; the models of the stack go without it, the import spec keeps it"
        yield codes.LEFT_OUT_OF_STACK.at(where, f"`{key}` is left out of the stack's models", hint)
    elif key in AUTHORIZATION and not in_schema and not here.endswith(f"/headers/{key}"):
        hint = "remove it: scopegen puts a Cognito authorizer on every protected operation"
        yield codes.FOREIGN_AUTHORIZER.at(where, f"`{key}` is another authorizer", hint)
    elif is_intrinsic(key):
        hint = "accepted only in an integration's `uri`, `credentials` and `connectionId`"
        yield codes.CLOUDFORMATION_INJECTION.at(where, f"`{key}` is executed by CloudFormation", hint)


def policy_hazards(document: Document, policy: Json) -> Iterator[Diagnostic]:
    """A resource policy is IAM's language: a statement has a `Condition`, and nothing else that CloudFormation knows."""
    here = "/x-amazon-apigateway-policy"
    bare, conditions = without_conditions(policy)
    yield from hazards(document, bare, here)
    for place, condition in conditions.items():
        yield from hazards(document, condition, here + place)


def without_conditions(policy: Json) -> tuple[Json, dict[str, Json]]:
    """A resource policy without the conditions of its statements; these by pointer."""
    statements = mapping(policy).get("Statement")
    conditions: dict[str, Json] = {}

    def bare(statement: Json, place: str) -> Json:
        condition = mapping(statement).get("Condition")
        if not isinstance(condition, dict):
            return statement
        conditions[f"{place}/Condition"] = condition
        return {key: value for key, value in mapping(statement).items() if key != "Condition"}

    if isinstance(statements, list):
        rest: Json = [bare(item, f"/Statement/{i}") for i, item in enumerate(statements)]
    else:
        rest = bare(statements, "/Statement")
    return ({**mapping(policy), "Statement": rest} if statements else policy), conditions


def without_intrinsics(tree: Json) -> Json:
    """A tree in which no key is CloudFormation's; where a schema loses a property it no longer forbids unknown ones.

    What has no such key is not copied.
    """
    if not _has_intrinsics(tree):
        return tree
    if isinstance(tree, list):
        return [without_intrinsics(item) for item in tree]
    result: dict[str, Json] = {}
    lenient = any_intrinsic(mapping(mapping(tree).get("properties")))
    for key, value in mapping(tree).items():
        if is_intrinsic(key) or (lenient and key == "additionalProperties"):
            continue
        if key in _STRICTER_WITH_LESS and _has_intrinsics(value):
            continue
        result[key] = without_intrinsics(value)
    return result


def _has_intrinsics(tree: Json) -> bool:
    nodes: list[Json] = [tree]
    for node in nodes:
        if isinstance(node, dict):
            if any_intrinsic(node):
                return True
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node
    return False
