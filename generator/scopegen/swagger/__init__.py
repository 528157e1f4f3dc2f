"""Swagger 2.0 -> OpenAPI 3.0. In: a valid, self-contained document of 2.0. Out: the same as 3.0, every place remembered.

No kept Python library does this: the known converters are for other languages, or are services on the web.
"""

from scopegen import codes
from scopegen.diagnostics import Report, Severity, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.importable.allowed import ENDPOINT
from scopegen.swagger.conversion import Conversion, component
from scopegen.swagger.operations import convert_operation, is_in_body, parameter_list
from scopegen.swagger.parameters import convert_parameter
from scopegen.swagger.responses import convert_response
from scopegen.swagger.schemas import convert_schema
from scopegen.swagger.security import convert_scheme
from scopegen.walk import METHODS

_REWRITTEN = frozenset(
    "swagger host basePath schemes consumes produces paths definitions parameters responses securityDefinitions".split()
)


def converted(document: Document, report: Report) -> Document | None:
    """The document as OpenAPI 3.0; None, with the reason in the report, where 3.0 cannot say what it says."""
    conversion = Conversion(document)
    result = Document(document.api, document.file, _root(conversion), document.sources)
    result.origins = conversion.origins()
    result.converted_from = document
    report.add(*conversion.found)
    return None if any(one.severity is Severity.ERROR for one in conversion.found) else result


def _root(conversion: Conversion) -> dict[str, Json]:
    old = conversion.old.data
    conversion.moved("/openapi", "/swagger")
    data: dict[str, Json] = {"openapi": "3.0.3"}
    data |= {key: value for key, value in old.items() if key not in _REWRITTEN and key != ENDPOINT}
    servers = _servers(conversion)
    if servers:
        data["servers"] = servers
    paths = mapping(old.get("paths"))
    data["paths"] = {
        path: _path_item(conversion, mapping(item), path) if path[:2] != "x-" else item for path, item in paths.items()
    }
    components = {section: items for section, items in _components(conversion).items() if items}
    if components:
        data["components"] = {**components}
    return data


def _servers(conversion: Conversion) -> list[Json]:
    """Every scheme with the host and the base path. API Gateway's endpoint settings stand at the first of them."""
    old = conversion.old.data
    host, base = text(old.get("host")), text(old.get("basePath"))
    if not host and not base and ENDPOINT not in old:
        return []
    schemes = [f"{text(scheme)}:" for scheme in sequence(old.get("schemes"))] if host else []
    urls = [f"{scheme}//{host}{base}" for scheme in schemes or [""]] if host else [base or "/"]
    servers: list[dict[str, Json]] = [{"url": url} for url in urls]
    for i in range(len(servers)):
        conversion.moved(f"/servers/{i}", "/host" if host else "/basePath")
    if ENDPOINT in old:
        servers[0][ENDPOINT] = old[ENDPOINT]
        conversion.moved(f"/servers/0/{ENDPOINT}", f"/{ENDPOINT}")
    return [*servers]


def _path_item(conversion: Conversion, item: dict[str, Json], path: str) -> Json:
    here = pointer("paths", path)
    parameters, shared = parameter_list(conversion, item, here)
    result: dict[str, Json] = {}
    for key, value in item.items():
        if key in METHODS and isinstance(value, dict):
            result[key] = convert_operation(conversion, value, here + pointer(key), shared)
        elif key != "parameters":
            result[key] = value
    return {**result, "parameters": parameters} if parameters else result


def _components(conversion: Conversion) -> dict[str, dict[str, Json]]:
    """What a document shares. Bodies are not among it: what they are depends on the operation that has them."""
    old = conversion.old.data
    result: dict[str, dict[str, Json]] = {"schemas": {}, "parameters": {}, "responses": {}, "securitySchemes": {}}
    for name, schema in mapping(old.get("definitions")).items():
        place, here = pointer("definitions", name), pointer("components", "schemas", component(name))
        if component(name) != name:
            message = f"the model `{name}` is named `{component(name)}` on API Gateway"
            conversion.found.append(codes.RENAMED_MODEL.at(conversion.old.at(place, "key"), message))
        result["schemas"][component(name)] = convert_schema(conversion, schema, place, here)
    for name, item in mapping(old.get("parameters")).items():
        place, here = pointer("parameters", name), pointer("components", "parameters", component(name))
        parameter, there = conversion.resolved(item, place)
        if not is_in_body(parameter):
            result["parameters"][component(name)] = convert_parameter(conversion, parameter, there, here)
    for name, item in mapping(old.get("responses")).items():
        place, here = pointer("responses", name), pointer("components", "responses", component(name))
        response, there = conversion.resolved(item, place)
        media = sequence(old.get("produces"))
        result["responses"][component(name)] = convert_response(conversion, response, there, here, media)
    for name, scheme in mapping(old.get("securityDefinitions")).items():
        place, here = pointer("securityDefinitions", name), pointer("components", "securitySchemes", name)
        result["securitySchemes"][name] = convert_scheme(conversion, mapping(scheme), place, here)
    return result
