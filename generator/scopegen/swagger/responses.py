"""Responses. In: those of an operation of 2.0, and the media types that it produces. Out: those of 3.0."""

from scopegen.diagnostics import pointer
from scopegen.document import Json, mapping, text
from scopegen.swagger.conversion import Conversion, component_reference
from scopegen.swagger.parameters import convert_parameter
from scopegen.swagger.schemas import convert_schema

_REWRITTEN = frozenset({"examples", "headers", "schema"})


def convert_responses(
    conversion: Conversion, operation: dict[str, Json], above: str, produces: list[Json], *, is_default: bool
) -> Json:
    """The responses of an operation; a shared one is copied where the operation produces something else than most."""
    result: dict[str, Json] = {}
    for code, item in mapping(operation.get("responses")).items():
        here = f"{above}/responses{pointer(code)}"
        if code[:2] == "x-":
            result[code] = item
            continue
        response, place = conversion.resolved(item, here)
        if is_default and place.startswith("/responses/") and place.count("/") == 2:
            result[code] = {"$ref": component_reference(f"#{place}".replace("%", "%25"))}
        else:
            result[code] = convert_response(conversion, response, place, here, produces)
    return result


def convert_response(
    conversion: Conversion, response: dict[str, Json], place: str, here: str, produces: list[Json]
) -> Json:
    """One response: its schema in every media type, its examples each in its own."""
    conversion.moved(here, place)
    result = {key: value for key, value in response.items() if key not in _REWRITTEN}
    headers = mapping(response.get("headers"))
    if headers:
        result["headers"] = {
            name: convert_parameter(
                conversion, mapping(header), f"{place}/headers{pointer(name)}", f"{here}/headers{pointer(name)}"
            )
            for name, header in headers.items()
        }
    content = _content(conversion, response, place, here, produces)
    return {**result, "content": content} if content else result


def _content(
    conversion: Conversion, response: dict[str, Json], place: str, here: str, produces: list[Json]
) -> dict[str, Json]:
    content: dict[str, dict[str, Json]] = {}
    is_file = mapping(response.get("schema")).get("type") == "file"
    usual = [text(media) for media in produces] or ["application/octet-stream" if is_file else "application/json"]
    if "schema" in response:
        for media in usual:
            below = f"{here}/content{pointer(media)}/schema"
            content[media] = {
                "schema": convert_schema(conversion, response["schema"], f"{place}/schema", below),
            }
    for name, value in mapping(response.get("examples")).items():
        written = f"{place}/examples{pointer(name)}"
        if "/" in name:
            content.setdefault(name, {})["example"] = value
            conversion.moved(f"{here}/content{pointer(name)}/example", written)
        else:  # not by media type, but by a name, as many do
            holder = content.setdefault(usual[0], {})
            holder["examples"] = {**mapping(holder.get("examples")), name: {"value": value}}
            conversion.moved(f"{here}/content{pointer(usual[0])}/examples{pointer(name)}/value", written)
    return {media: {**item} for media, item in content.items()}
