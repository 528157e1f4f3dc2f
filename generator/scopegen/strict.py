"""What `lint --strict` adds: openapi-spec-validator's checks inside schemas. In: specs. Out: located diagnostics.

Our own validation gives the same verdicts on everything else, many times faster; these check `default` values, and
`required` properties across `allOf`.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any

from scopegen import codes
from scopegen.bundle import bundle
from scopegen.diagnostics import Diagnostic, Report, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.settings import Settings
from scopegen.source import load
from scopegen.tree import Tree
from scopegen.walk import objects, path_pointer

_UNDEFINED = re.compile(r"(Required list has not defined properties: )(\[.*\])", re.DOTALL)


def strict_findings(tree: Tree, settings: Settings) -> Iterator[Diagnostic]:
    """Findings for every spec of a workspace, read anew: compiling rewrites what it reads."""
    for api in settings.apis:
        source = load(tree, api.spec, {}, Report())
        document = bundle(api.name, source, tree, {api.spec: source}, Report()) if source is not None else None
        if document is not None:
            yield from _findings(document)


def _findings(document: Document) -> Iterator[Diagnostic]:
    import openapi_spec_validator as validators

    data: Any = document.data
    places = _Places(document)
    versions = {"3.1": validators.OpenAPIV31SpecValidator, "3.2": validators.OpenAPIV32SpecValidator}
    validator: Any = versions.get(text(data.get("openapi"))[:3], validators.OpenAPIV30SpecValidator)
    if document.is_swagger:
        data, validator = {**data, "swagger": "2.0"}, validators.OpenAPIV2SpecValidator
    try:
        for error in validator(data).iter_errors():
            message = _UNDEFINED.sub(_in_order, getattr(error, "message", str(error)))
            place = places.of(error, message)
            # Without a place are only those about greedy parameters, which it does not know.
            if place is not None:
                hint = "found by openapi-spec-validator"
                yield codes.STRICT_FINDING.at(document.at(place), " ".join(message.split())[:160], hint)
    except Exception as error:  # it raises on recursive schemas and on greedy paths, both of which API Gateway takes
        hint = "its checks were not finished; scopegen's own were"
        message = f"openapi-spec-validator stopped with {type(error).__name__}"
        yield codes.STRICT_FINDING.at(document.at(""), message, hint, severity=codes.NOTE)


def _in_order(match: re.Match[str]) -> str:
    """The validator names a set of properties; a set has no order."""
    return match[1] + str(sorted(ast.literal_eval(match[2])))


class _Places:
    """Where errors are: the validator says so only within the schema or the value that it has looked at."""

    def __init__(self, document: Document) -> None:
        nodes = ((path_pointer(path), node) for node, path, _ in objects(document.data))
        self.nodes = sorted(nodes, key=lambda item: len(item[0]))
        self.by_id = {id(node): place for place, node in self.nodes}

    def of(self, error: Any, message: str) -> str | None:
        """The pointer of what an error is about."""
        inner = list(getattr(error, "absolute_path", ()))
        undefined = _UNDEFINED.fullmatch(message)
        if undefined is not None:
            return self.requiring(set(ast.literal_eval(undefined[2])))
        schema = self.by_id.get(id(getattr(error, "schema", None)))
        if schema is not None:  # the value of a `default` was held against the schema that it stands in
            within = pointer(*list(error.absolute_schema_path)[:-1])
            return schema.removesuffix(within) + "/default" + pointer(*inner) if schema.endswith(within) else schema
        found = (place for place, node in self.nodes if inner and _has(node, inner, error.instance))
        return next((place + pointer(*inner) for place in found), None)

    def requiring(self, names: set[str]) -> str | None:
        for place, node in self.nodes:
            if "allOf" in node and names <= set(map(str, sequence(node.get("required")))):
                return f"{place}/required"
        return None


def _has(node: Json, inner: list[str | int], value: Json) -> bool:
    """Whether a path below a node leads to a value."""
    for key in inner:
        if isinstance(node, list) and isinstance(key, int) and key < len(node):
            node = node[key]
        elif isinstance(key, str) and key in mapping(node):
            node = mapping(node)[key]
        else:
            return False
    return node is value or (type(node) is type(value) and node == value)
