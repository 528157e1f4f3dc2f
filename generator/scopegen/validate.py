"""Is it OpenAPI that we can read? In: sources. Out: self-contained documents, or everything that is wrong with them."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from scopegen import codes
from scopegen.bundle import bundle
from scopegen.diagnostics import Diagnostic, Location, Part, Report, pointer, pointer_keys
from scopegen.document import Document, Json, mapping, text
from scopegen.misplaced import misplaced
from scopegen.schema_errors import findings
from scopegen.semantics import operations
from scopegen.settings import ApiSettings, Settings
from scopegen.source import Source, load
from scopegen.tree import Tree
from scopegen.walk import ANY_METHOD

_VERSION = re.compile(r"(3\.[012])\.\d+(-.+)?")
_SWAGGER = "2.0"


def documents(tree: Tree, settings: Settings, sources: dict[str, Source], report: Report) -> dict[str, Document]:
    """The document of every API, by name; the report holds what was wrong."""
    result = {}
    for api in settings.apis:
        source = load(tree, api.spec, sources, report, asked_at=_named_at(settings, api))
        if source is None:
            continue
        document = _document(api.name, source, tree, sources, report)
        if document is not None:
            result[api.name] = document
    return result


def _named_at(settings: Settings, api: ApiSettings) -> Location | None:
    """Where the configuration names an API's document, if it does."""
    return Location(settings.file, pointer("apis", api.name, "spec")) if api.location else None


def _document(api: str, source: Source, tree: Tree, sources: dict[str, Source], report: Report) -> Document | None:
    version = _version(source, report)
    if version is None:
        return None
    document = bundle(api, source, tree, sources, report)
    if document is None:
        return None
    _repair(document, report)
    invalid = [*findings(document.data, _meta_schema(version), codes.INVALID_OPENAPI, document.at)]
    invalid += _invalid_any_methods(document, version)
    # What could not be read is told once; of what it would have said nothing is known.
    invalid = [one for one in invalid if one.location is None or sources[one.location.file].data is not None]
    report.add(*invalid)
    if invalid:
        report.add(*misplaced(document))  # what may be the very mistake; of all other documents they are told later
        return None
    if version == _SWAGGER:
        from scopegen.swagger import converted

        return converted(document, report)
    if version != "3.0":
        from scopegen.downgrade import downgrade

        report.add(*misplaced(document))  # of what is left out nothing is seen later
        invalid = list(_invalid_schemas(document, downgrade(document, report)))
        report.add(*invalid)
    return None if invalid else document


def _invalid_schemas(document: Document, schemas: dict[str, dict[str, Json]]) -> Iterator[Diagnostic]:
    """What the meta-schema of 3.1 leaves to JSON Schema's: once rewritten, it is held against that of 3.0."""

    places = list(schemas)

    def at(path: str, part: Part) -> Location:
        number, *keys = pointer_keys(path)[2:]
        return document.at(places[int(number)] + pointer(*keys), part)

    alone: dict[str, Json] = {str(number): schema for number, schema in enumerate(schemas.values())}
    rewritten: Json = {
        "openapi": "3.0.3",
        "info": {"title": "", "version": ""},
        "paths": {},
        "components": {"schemas": alone},
    }
    yield from findings(rewritten, _open_meta_schema(), codes.INVALID_OPENAPI, at)


@cache
def _open_meta_schema() -> Any:
    """That of 3.0, for schemas that may say more: JSON Schema allows keywords that it does not know."""
    # Schema or Reference: once a schema may have any key, a reference is both.
    whole = json.loads(json.dumps(_meta_schema("3.0")).replace('"oneOf"', '"anyOf"'))
    schema = {key: value for key, value in whole["definitions"]["Schema"].items() if key != "additionalProperties"}
    return {**whole, "definitions": {**whole["definitions"], "Schema": schema}}


def _invalid_any_methods(document: Document, version: str) -> Iterator[Diagnostic]:
    """API Gateway's catch-alls are operations, though to OpenAPI they are an extension that may hold anything."""
    paths = mapping(document.data.get("paths"))
    catch_alls = {
        path: {"get": mapping(item)[ANY_METHOD]} for path, item in paths.items() if ANY_METHOD in mapping(item)
    }
    if not catch_alls:
        return

    def at(path: str, part: Part) -> Location:
        keys = pointer_keys(path)
        return document.at(pointer(*keys[:2], ANY_METHOD, *keys[3:]), part)

    named: dict[str, Json] = {"swagger": version} if version == _SWAGGER else {"openapi": f"{version}.0"}
    alone: Json = {**named, "info": {"title": "", "version": ""}, "paths": {**catch_alls}}
    yield from findings(alone, _meta_schema(version), codes.INVALID_OPENAPI, at)


@cache
def _meta_schema(version: str) -> Any:
    """The OpenAPI meta-schema that openapi-spec-validator ships, read without importing it."""
    spec = PathFinder.find_spec("openapi_spec_validator")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "resources" / "schemas" / f"v{version}" / "schema.json"
    return json.loads(path.read_text("utf-8"))


def _version(source: Source, report: Report) -> str | None:
    """The version of OpenAPI up to its first dot but one; None, with the reason in the report, for what is not read."""
    data = mapping(source.data)
    if "swaggerVersion" in data:
        where = Location(source.file, "/swaggerVersion")
        hint = "scopegen reads Swagger 2.0 and OpenAPI 3.0 to 3.2: export it anew"
        report.add(codes.UNSUPPORTED_VERSION.at(where, "Swagger 1 is not read", hint))
    elif "swagger" in data and "openapi" in data:
        where = Location(source.file, "/swagger", "key")
        message = "`swagger` and `openapi` in one document: it has one version"
        report.add(codes.UNSUPPORTED_VERSION.at(where, message, "remove the one that it is not"))
    elif "swagger" in data:
        written = source.written("/swagger")
        # Without quotes it is a number, as in many real documents.
        if data["swagger"] == _SWAGGER or (isinstance(data["swagger"], float) and written == _SWAGGER):
            return _SWAGGER
        message = f"{written or 'this'} is not a version of Swagger that scopegen reads"
        report.add(codes.UNSUPPORTED_VERSION.at(Location(source.file, "/swagger"), message, 'write "2.0"'))
    elif "openapi" not in data:
        hint = "an OpenAPI document starts with `openapi: 3.0.3`"
        report.add(codes.NOT_OPENAPI.at(Location(source.file), "not an OpenAPI document", hint))
    else:
        match = _VERSION.fullmatch(text(data["openapi"]))
        if match is not None:
            return match[1]
        where = Location(source.file, "/openapi")
        message = f"{source.written('/openapi') or 'this'} is not a version of OpenAPI that scopegen reads"
        report.add(codes.UNSUPPORTED_VERSION.at(where, message, 'write "3.0.3", "3.1.0" or "3.2.0"'))
    return None


def _repair(document: Document, report: Report) -> None:
    """Fill in what API Gateway does not need but OpenAPI wants, as many of its own examples leave it out."""
    if isinstance(document.data.get("swagger"), float):
        document.data["swagger"] = _SWAGGER
        report.add(codes.REPAIRED_DOCUMENT.at(document.at("/swagger"), f"`swagger` is read as the text `{_SWAGGER}`"))
    info = mapping(document.data.get("info"))
    if info and not isinstance(info.get("version"), str):
        where = document.at("/info/version" if "version" in info else "/info")
        written = document.written(where) if "version" in info else ""
        value = info.get("version")
        number = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else "0"
        info["version"] = written or number
        report.add(codes.REPAIRED_DOCUMENT.at(where, f"`info.version` is read as the text `{info['version']}`"))
    for path, method, operation in operations(document):
        if operation.get("responses") in (None, {}):
            operation["responses"] = {"default": {"description": ""}}
            where = document.at(pointer("paths", path, method), "key")
            report.add(codes.REPAIRED_DOCUMENT.at(where, "an operation without `responses` gets a default one"))
