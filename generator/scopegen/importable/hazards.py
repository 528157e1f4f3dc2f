"""What CloudFormation would execute. In: an importable copy. Out: errors; and for the stack a copy without such keys.

CloudFormation reads `Ref`, `Condition` and `Fn::...` as its own wherever they are keys, and `{{resolve:` wherever it is
text. A property of a schema may have such a name: the stack's models then go without it, which can only make them more
lenient. Everywhere else such a key is an error.
"""

from collections.abc import Iterator

from scopegen import codes
from scopegen.config import RESOLVE
from scopegen.diagnostics import Diagnostic, pointer
from scopegen.document import Document, Json, mapping
from scopegen.importable.imported import Integration
from scopegen.names import INTRINSIC_KEYS
from scopegen.substitution import IMPORT_VARIABLES, Substitution

_KEY_LENGTH = 1000
COMPUTED = ("/uri", "/credentials", "/connectionId")
_SCHEMA_KEYS = ("schema", "schemas")


def is_intrinsic(key: str) -> bool:
    """Whether CloudFormation takes a key for its own."""
    return key in INTRINSIC_KEYS or key.startswith("Fn::")


def hazards(
    document: Document, tree: Json | Substitution | Integration, here: str = "", *, schema: bool = False
) -> Iterator[Diagnostic]:
    """Every key and text of an importable tree that may not reach a stack; `tree` is shaped like the document."""
    if isinstance(tree, Substitution):
        tree = tree.for_import()
    if isinstance(tree, str):
        if RESOLVE in tree:
            hint = "CloudFormation would replace it with a secret: write it differently"
            yield codes.CLOUDFORMATION_INJECTION.at(document.at(here), f"`{RESOLVE}` in a text", hint)
        for variable in sorted(
            name for name in IMPORT_VARIABLES if f"${{{name}}}" in tree and not here.endswith(COMPUTED)
        ):
            hint = "its import knows no way to write it as a text: say it without the braces if that is meant"
            message = f"API Gateway replaces `${{{variable}}}` in this text"
            yield codes.IMPORT_VARIABLE.at(document.at(here), message, hint)
    elif isinstance(tree, list):
        for i, item in enumerate(tree):
            yield from hazards(document, item, f"{here}/{i}", schema=schema)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            below = here + pointer(key)
            yield from _key_hazards(document, key, below, schema)
            yield from hazards(document, value, below, schema=schema or key in _SCHEMA_KEYS)


def _key_hazards(document: Document, key: str, here: str, schema: bool) -> Iterator[Diagnostic]:
    where = document.at(here, "key")
    if RESOLVE in key or len(key) > _KEY_LENGTH:
        yield codes.CLOUDFORMATION_INJECTION.at(where, "a key that no template can carry", "rename it")
    elif is_intrinsic(key) and schema:
        hint = "CloudFormation would execute it; the models of the stack go without it, the import spec keeps it"
        yield codes.LEFT_OUT_OF_STACK.at(where, f"`{key}` is left out of the stack's models", hint)
    elif is_intrinsic(key):
        hint = "accepted only in an integration's `uri`, `credentials` and `connectionId`"
        yield codes.CLOUDFORMATION_INJECTION.at(where, f"`{key}` is executed by CloudFormation", hint)


def policy_hazards(document: Document, policy: Json) -> Iterator[Diagnostic]:
    """A resource policy is IAM's language: `Condition` belongs there, intrinsics do not."""
    for found in hazards(document, policy, "/x-amazon-apigateway-policy"):
        if "`Condition`" not in found.message:
            yield found


def without_intrinsics(tree: Json) -> Json:
    """A tree in which no key is CloudFormation's; where a schema loses a property it no longer forbids unknown ones."""
    if isinstance(tree, list):
        return [without_intrinsics(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    properties = mapping(tree.get("properties"))
    lenient = any(is_intrinsic(name) for name in properties)
    result: dict[str, Json] = {}
    for key, value in tree.items():
        if is_intrinsic(key) or (lenient and key == "additionalProperties"):
            continue
        if key == "enum" and _has_intrinsics(value):
            continue
        result[key] = without_intrinsics(value)
    return result


def _has_intrinsics(value: Json) -> bool:
    if isinstance(value, list):
        return any(_has_intrinsics(item) for item in value)
    return isinstance(value, dict) and any(is_intrinsic(key) or _has_intrinsics(inner) for key, inner in value.items())
