"""What OpenAPI asks beyond its meta-schema. In: a self-contained document. Out: its operations, and what is wrong with them."""

import re
from collections.abc import Iterator

from scopegen import codes
from scopegen.diagnostics import Diagnostic, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.routing import shape
from scopegen.walk import METHODS

_VARIABLE = re.compile(r"\{([^{}]+)\}")


def operations(document: Document) -> list[tuple[str, str, dict[str, Json]]]:
    """Path, method key and operation object of every operation, in document order."""
    return [
        (path, method, operation)
        for path, item in mapping(document.data.get("paths")).items()
        if isinstance(item, dict) and path.startswith("/")
        for method in METHODS
        if isinstance(operation := item.get(method), dict)
    ]


def semantics(document: Document) -> list[Diagnostic]:
    """What OpenAPI asks of a document beyond its meta-schema."""
    return [*_operation_ids(document), *_path_templates(document), *_parameters(document)]


def _operation_ids(document: Document) -> list[Diagnostic]:
    seen: dict[str, tuple[str, str]] = {}
    found = []
    for path, method, operation in operations(document):
        name = text(operation.get("operationId"))
        if name and seen.setdefault(name, (path, method)) != (path, method):
            here = pointer("paths", path, method, "operationId")
            found.append(codes.DUPLICATE_OPERATION_ID.at(document.at(here), f"`{name}` names two operations"))
    return found


def _path_templates(document: Document) -> list[Diagnostic]:
    seen: dict[str, str] = {}
    found = []
    for path in mapping(document.data.get("paths")):
        first = seen.setdefault(shape(path), path)
        if first != path:
            where = document.at(pointer("paths", path), "key")
            found.append(codes.DUPLICATE_PATH.at(where, f"`{path}` is the same path as `{first}`", "merge the two"))
    return found


def _parameters(document: Document) -> Iterator[Diagnostic]:
    """Parameters that stand twice, and variables of a path that its operations do not declare, or declare and lack."""
    items = mapping(document.data.get("paths"))
    for path, method, operation in operations(document):
        own = _declared(document, operation, path, method)
        inherited = _declared(document, mapping(items[path]), path)
        for parameters in (own, inherited):
            yield from _duplicates(document, parameters)
        declared = {name: place for name, kind, place in (*inherited, *own) if kind == "path"}
        variables = _VARIABLE.findall(path)
        if not variables and not declared:
            continue
        # A greedy `{proxy+}` may be declared as `proxy`.
        missing = [one for one in variables if one not in declared and one.removesuffix("+") not in declared]
        for variable in missing:
            kind = "type: string" if document.is_swagger else "schema: {type: string}"
            hint = f"add `{{name: {variable}, in: path, required: true, {kind}}}` to `parameters`"
            message = f"the variable `{variable}` of `{path}` is not declared"
            where = document.at(pointer("paths", path, method), "key")
            yield codes.UNDECLARED_PATH_PARAMETER.at(where, message, hint)
        known = {*variables, *(variable.removesuffix("+") for variable in variables)}
        for name in sorted(declared.keys() - known) if not missing else ():
            message = f"`{path}` has no variable `{name}`, which is declared for it"
            hint = f"remove the parameter, or write `{{{name}}}` into the path"
            yield codes.UNDECLARED_PATH_PARAMETER.at(document.at(declared[name]), message, hint)


def _declared(document: Document, holder: dict[str, Json], *keys: str) -> list[tuple[str, str, str]]:
    """Name, place (`in`) and pointer of the parameters of an operation or a path item, which lies under these keys."""
    if "parameters" not in holder:
        return []
    result, above = [], pointer("paths", *keys)
    for i, item in enumerate(sequence(holder.get("parameters"))):
        here = f"{above}/parameters/{i}"
        parameter = mapping(document.resolve(item))
        result.append((text(parameter.get("name")), text(parameter.get("in")), here))
    return result


def _duplicates(document: Document, parameters: list[tuple[str, str, str]]) -> Iterator[Diagnostic]:
    seen: set[tuple[str, str]] = set()
    for name, kind, here in parameters:
        if (name, kind) in seen:
            message = f"the {kind} parameter `{name}` stands twice"
            yield codes.DUPLICATE_PARAMETER.at(document.at(here), message, "remove one of the two")
        seen.add((name, kind))
