"""What 3.1 and 3.2 say outside of schemas. In: a document. Out: a note for each thing that is not imported."""

from collections.abc import Iterator

from scopegen import codes
from scopegen.diagnostics import Diagnostic, Location, Report, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.lost import Lost
from scopegen.walk import Path, objects, path_pointer

_DIALECTS = ("https://spec.openapis.org/oas/3.", "https://json-schema.org/draft/2020-12/")
_IN_MEDIA_TYPES = ("itemEncoding", "itemSchema", "prefixEncoding")
_IN_TAGS = ("kind", "parent", "summary")
_IN_SCHEMES = ("deprecated", "oauth2MetadataUrl")


def leave_out(document: Document, report: Report) -> None:
    """Report what is left out; media types that are references are resolved first, which 3.0 has none of."""
    if _is_32(document.data):
        resolve_media_types(document)
    if "webhooks" in document.data:
        where = document.at("/webhooks", "key")
        report.add(codes.LEFT_OUT_OF_IMPORT.at(where, "`webhooks` are left out: API Gateway does not serve them"))
    lost = Lost(document)
    for place, what in _left_out(document.data):
        lost.add(codes.LEFT_OUT_OF_IMPORT, place, f"{what} left out", "API Gateway's REST import does not take it")
    report.add(*lost.notes(), *_dialect(document))


def _is_32(data: dict[str, Json]) -> bool:
    return text(data.get("openapi")).startswith("3.2")


def resolve_media_types(document: Document) -> None:
    """Put in place of each reference to a media type, which only 3.2 knows, what it refers to."""
    for node, path, names in list(objects(document.data)):
        if not names or path is None or path[1] != "content":
            continue
        for media, item in node.items():
            if "$ref" not in mapping(item):
                continue
            here = path_pointer((path, media))
            try:
                target, there = document.resolve_at(item, here)
            except KeyError:
                continue  # which is told elsewhere
            node[media] = target
            document.origins.setdefault("", Location(document.file))
            document.origins[here] = document.at(there)


def _left_out(data: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """The pointer of each thing that is left out, and what it is."""
    info = mapping(data.get("info"))
    components = mapping(data.get("components"))
    if "summary" in info:
        yield "/info/summary", "`summary` of `info` is"
    if "identifier" in mapping(info.get("license")):
        yield "/info/license/identifier", "`identifier` of `license` is"
    for i, server in enumerate(sequence(data.get("servers"))):
        yield from _keys(server, pointer("servers", i), ("name",), "a server")
    for i, tag in enumerate(sequence(data.get("tags"))):
        yield from _keys(tag, pointer("tags", i), _IN_TAGS, "a tag")
    for name, scheme in mapping(components.get("securitySchemes")).items():
        here = pointer("components", "securitySchemes", name)
        yield from _keys(scheme, here, _IN_SCHEMES, "a security scheme")
        flows = mapping(scheme).get("flows")
        yield from _keys(flows, here + "/flows", ("deviceAuthorization",), "a security scheme")
    served = {id(item) for item in mapping(data.get("paths")).values()}
    for name, item in mapping(components.get("pathItems")).items():
        if id(item) not in served and "$ref" not in mapping(item):
            yield pointer("components", "pathItems", name), "a path item that no path refers to is"
    for node, path in _media_types(data) if _is_32(data) else ():
        yield from _keys(node, path_pointer(path), _IN_MEDIA_TYPES, "a media type")


def _keys(holder: Json, here: str, keys: tuple[str, ...], what: str) -> Iterator[tuple[str, str]]:
    for key in keys:
        if key in mapping(holder):
            yield here + pointer(key), f"`{key}` of {what} is"


def _media_types(data: dict[str, Json]) -> Iterator[tuple[Json, Path]]:
    for node, path, names in objects(data):
        if names and path is not None and path[1] in ("content", "mediaTypes"):
            yield from ((item, (path, media)) for media, item in node.items())


def _dialect(document: Document) -> Iterator[Diagnostic]:
    dialect = document.data.get("jsonSchemaDialect")
    if isinstance(dialect, str) and not dialect.startswith(_DIALECTS):
        hint = "API Gateway may check less than the document asks: the backend must check it"
        message = "`jsonSchemaDialect` is not followed: schemas are read as JSON Schema 2020-12"
        yield codes.UNSUPPORTED_KEYWORD.at(document.at("/jsonSchemaDialect"), message, hint)
