"""Request bodies. In: the body parameter or the form fields of one operation. Out: its request body, and what cannot be one."""

from collections.abc import Iterator
from typing import NamedTuple

from scopegen import codes
from scopegen.diagnostics import Diagnostic, pointer
from scopegen.document import Json, mapping, text
from scopegen.swagger.conversion import Conversion
from scopegen.swagger.parameters import own_schema, style
from scopegen.swagger.schemas import convert_schema

_JSON = "application/json"
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


class Part(NamedTuple):
    """A body parameter or a form field, where it is defined, and where the operation or the path item names it."""

    data: dict[str, Json]
    place: str
    named_at: str

    @property
    def is_field(self) -> bool:
        return self.data.get("in") == "formData"

    @property
    def name(self) -> str:
        return text(self.data.get("name"))


def request_body(conversion: Conversion, parts: list[Part], here: str, consumes: list[Json]) -> Json:
    """The body that parameters make up, in every media type that the operation takes."""
    conversion.found += _contradictions(conversion, parts)
    body = next((part for part in parts if not part.is_field), None)
    if body is None:
        return _form(conversion, parts, here, consumes)
    conversion.moved(here, body.place)
    result = {key: value for key, value in body.data.items() if key not in ("in", "name", "schema")}
    content: dict[str, Json] = {}
    for media in map(text, consumes or [_JSON]):
        below = f"{here}/content{pointer(media)}"
        schema = convert_schema(conversion, body.data.get("schema"), f"{body.place}/schema", f"{below}/schema")
        content[media] = {"schema": schema}
    return {**result, "content": content}


def _form(conversion: Conversion, fields: list[Part], here: str, consumes: list[Json]) -> Json:
    conversion.moved(here, fields[0].place)
    has_file = any(part.data.get("type") == "file" for part in fields)
    media_types = [media for media in map(text, consumes) if media.partition(";")[0] in (_URLENCODED, _MULTIPART)]
    content: dict[str, Json] = {}
    for media in media_types or [_MULTIPART if has_file else _URLENCODED]:
        below = f"{here}/content{pointer(media)}"
        properties: dict[str, Json] = {}
        for part in fields:
            at = f"{below}/schema/properties{pointer(part.name)}"
            notes = {key: part.data[key] for key in part.data if key == "description" or key[:2] == "x-"}
            properties[part.name] = {**notes, **mapping(own_schema(conversion, part.data, part.place, at))}
        required: list[Json] = [part.name for part in fields if part.data.get("required") is True]
        schema: dict[str, Json] = {"type": "object", "properties": properties}
        encoding: dict[str, Json] = {part.name: style(part.data) for part in fields if part.data.get("type") == "array"}
        content[media] = {
            "schema": {**schema, "required": required} if required else schema,
            **({"encoding": encoding} if encoding else {}),
        }
    is_required = any(part.data.get("required") is True for part in fields)
    return {"content": content, **({"required": True} if is_required else {})}


def _contradictions(conversion: Conversion, parts: list[Part]) -> Iterator[Diagnostic]:
    """A second body, a form field that stands twice, fields beside a body."""
    seen: set[str] = set()
    for part in parts:
        where = conversion.old.at(part.named_at)
        name = part.name if part.is_field else ""
        if name in seen:
            message = f"the form field `{name}` stands twice" if name else "an operation has only one body"
            yield codes.DUPLICATE_PARAMETER.at(where, message, "remove one of the two")
        elif "" in seen or (seen and not name):
            message = "form fields and a body: an operation has only one of them"
            yield codes.INVALID_OPENAPI.at(where, message, "write the fields into the body, or leave it out")
        seen.add(name)
