"""A document as API Gateway can import it. In: a self-contained document. Out: an allow-listed copy, and what stayed behind.

Nothing here decides who gets in: `security` and the authorizer are written by the target, from the model.
"""

from collections.abc import Iterator
from typing import NamedTuple

from scopegen import codes
from scopegen.diagnostics import Diagnostic, Report, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.extract import is_preflight, method_name
from scopegen.importable import cors
from scopegen.importable.allowed import (
    PATH_ITEM_READ,
    ROOT,
    ROOT_READ,
)
from scopegen.importable.hazards import hazards, key_hazards, policy_hazards
from scopegen.importable.imported import Imported, plain
from scopegen.importable.integrations import KEY, Place, function_of, integration
from scopegen.importable.operations import Operations
from scopegen.importable.root import root
from scopegen.importable.schemas import Models
from scopegen.names import model_name
from scopegen.paths import problems as path_problems
from scopegen.security import Reader, Scheme
from scopegen.semantics import operations
from scopegen.settings import ApiSettings
from scopegen.substitution import Substitution
from scopegen.walk import ANY_METHOD, METHODS

_EVERY_METHOD = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_POLICY = "x-amazon-apigateway-policy"


class Importable(NamedTuple):
    """What API Gateway can import of one API. `paths` maps path -> method key -> operation without `security`.

    `preflights` are the paths whose OPTIONS scopegen adds; `keyed` the operations that ask for an API key as well.
    `policy` is the document's own resource policy, which can only narrow what the authorizer lets in.
    """

    root: dict[str, Json]
    paths: dict[str, dict[str, Imported]]
    models: dict[str, Json]
    preflights: frozenset[str]
    keyed: frozenset[tuple[str, str]]
    policy: Json

    def operations(self) -> Iterator[tuple[str, str, Imported]]:
        """Path, method key and operation, sorted."""
        return ((path, key, one) for path, item in sorted(self.paths.items()) for key, one in sorted(item.items()))

    def functions(self) -> dict[Substitution, list[tuple[str, str]]]:
        """The Lambda functions that API Gateway itself must be allowed to call, each with path and method key of its calls."""
        called: dict[Substitution, list[tuple[str, str]]] = {}
        for path, key, operation in self.operations():
            function = function_of(operation.integration)
            if function is not None:
                called.setdefault(function, []).append((path, key))
        return called


def importable(document: Document, api: ApiSettings, report: Report) -> Importable:
    """The importable copy of one document; what API Gateway cannot take is in the report."""
    models = Models(document, keeps_text=api.documentation == "keep")
    converter = Operations(document, models, api, report)
    security = Reader(document)
    schemas = mapping(document.data.get("components")).get("schemas")
    paths: dict[str, dict[str, Imported]] = {}
    keyed = set()
    for path, key, operation in operations(document):
        paths.setdefault(path, {})[key] = _operation(converter, api, path, key, operation, report)
        if not is_preflight(key, operation) and security.wants_api_key(security.of(path, key, operation)):
            keyed.add((path, key))
    preflights = _add_preflights(paths, api)
    result = Importable(
        root=root(document, converter.copy, api, report),
        paths=paths,
        models=models.all(report),
        preflights=preflights,
        keyed=frozenset(keyed),
        policy=document.data.get(_POLICY),
    )
    report.add(*models.notes(), *converter.lost.notes())
    _report_left_out(document, security, report)
    report.add(*path_problems(document))
    if converter.keeps_places:
        report.add(*_hazards(converter.copy, result, schemas))
    return result


def _hazards(document: Document, result: Importable, schemas: Json) -> Iterator[Diagnostic]:
    """Everything in the copy that CloudFormation would execute. `document` says where the copy was written."""
    yield from hazards(document, result.root)
    yield from policy_hazards(document, result.policy)
    for path, item in result.paths.items():
        yield from key_hazards(document, path, pointer("paths", path), in_schema=False)
        for key, operation in item.items():
            if key == "options" and path in result.preflights:
                continue
            here = pointer("paths", path, key)
            yield from hazards(document, operation.data, here, "within")
            if not operation.supplied:
                yield from hazards(document, operation.integration, here + pointer(KEY))
    for name in mapping(schemas):
        here = pointer("components", "schemas", name)
        yield from key_hazards(document, model_name(name), here, in_schema=True)
        yield from hazards(document, result.models[model_name(name)], here, "all")


def _operation(
    converter: Operations, api: ApiSettings, path: str, key: str, operation: dict[str, Json], report: Report
) -> Imported:
    document = converter.document
    item = mapping(mapping(document.data["paths"])[path])
    data = converter.convert(path, key, operation)
    if is_preflight(key, operation) and KEY not in operation:
        return _preflight(api, list(item), sequence(data.get("parameters")))
    place = Place(document, api, path, method_name(key), pointer("paths", path, key))
    result = Imported(data, integration(place, operation, report), supplied=KEY not in operation)
    if result.supplied and api.integration == "mock" and api.cors:
        cors.on_mock(api.cors, result)
    _declare_statuses(result)
    return result


def _preflight(api: ApiSettings, keys: list[str], parameters: list[Json]) -> Imported:
    """The answer to a preflight for a path that has these methods; of the parameters it has those of the path."""
    parameters = [one for one in parameters if mapping(one).get("in") == "path"]
    if api.cors is None:
        return cors.open_mock({}, {}, parameters)
    methods = sorted(_EVERY_METHOD if ANY_METHOD in keys else [method_name(key) for key in keys if key in METHODS])
    return cors.preflight(api.cors, methods, parameters)


def _add_preflights(paths: dict[str, dict[str, Imported]], api: ApiSettings) -> frozenset[str]:
    """Give every path that lacks one the OPTIONS that browsers ask before they call from another origin."""
    if api.cors is None:
        return frozenset()
    added = [path for path, item in paths.items() if "options" not in item]
    for path in added:
        first = next(iter(paths[path].values()))
        paths[path]["options"] = _preflight(api, list(paths[path]), first.parameters)
    return frozenset(added)


def _declare_statuses(operation: Imported) -> None:
    """Every status that the integration answers with must be one of the operation's responses."""
    declared = mapping(operation.data["responses"])
    for answer in plain(operation.integration.get("responses")).values():
        declared.setdefault(text(mapping(answer).get("statusCode")) or "200", {"description": ""})


def _report_left_out(document: Document, security: Reader, report: Report) -> None:
    for key in document.data:
        if key.startswith("x-amazon-") and key not in ROOT | ROOT_READ:
            message = f"`{key}` is left out: API Gateway's REST import does not take it"
            report.add(codes.LEFT_OUT_OF_IMPORT.at(document.at(pointer(key), "key"), message))
    for path, item in mapping(document.data.get("paths")).items():
        for key in mapping(item):
            if key.startswith("x-amazon-") and key not in PATH_ITEM_READ:
                where = document.at(pointer("paths", path, key), "key")
                report.add(codes.LEFT_OUT_OF_IMPORT.at(where, f"`{key}` is left out: it means nothing on a path"))
    for name, kind in security.kinds.items():
        if kind is Scheme.OTHER:
            where = document.at(pointer("components", "securitySchemes", name), "key")
            hint = "API Gateway checks the scopes of Cognito's access tokens, and nothing else"
            report.add(
                codes.REPLACED_SCHEME.at(
                    where, f"the scheme `{text(name)}` is replaced by the Cognito authorizer", hint
                )
            )
