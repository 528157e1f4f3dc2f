"""Answers without a backend. In: an operation of an import spec. Out: its first success with its example, else one made up.

What is made up is the same at every call, of a bounded size, and fits its schema as far as one pass can see.
"""

import json
from typing import NamedTuple
from weakref import WeakKeyDictionary

from scopegen.document import Json, mapping, text
from scopegen.gateway.answers import final_status
from scopegen.gateway.schema_value import made
from scopegen.importable.mock import JSON_MEDIA, first_success
from scopegen.served import Api, Method


class Example(NamedTuple):
    """A status, a media type, a body; `by` says whether it is an example or made from the schema."""

    status: int
    media: str = ""
    body: bytes = b""
    by: str = "schema"


# Making a value costs more than everything else that a call does; it goes with the API that it is of.
_MADE: "WeakKeyDictionary[Api, dict[tuple[str, str, str], Example]]" = WeakKeyDictionary()


def example(api: Api, method: Method) -> Example:
    """The answer of an operation that nobody answers."""
    known = _MADE.setdefault(api, {})
    key = method.guard.key
    if key not in known:
        known[key] = _example(api, method)
    return known[key]


def _example(api: Api, method: Method) -> Example:
    responses = mapping(method.spec.get("responses"))
    code = first_success(responses)
    status = final_status(code, 200)
    contents = mapping(mapping(responses.get(code)).get("content"))
    for media, item in sorted(contents.items(), key=lambda one: (one[0] != JSON_MEDIA, "json" not in one[0], one[0])):
        content = mapping(item)
        found = _written(content)
        if found is not None:
            return Example(status, media, _encoded(media, found[0]), "example")
        if "schema" in content:
            value = made(content["schema"], mapping(mapping(api.spec.get("components")).get("schemas")))
            return Example(status, media, _encoded(media, value))
    return Example(status)


def _written(content: dict[str, Json]) -> tuple[Json] | None:
    """The example that stands there, which may be null."""
    if "example" in content:
        return (content["example"],)
    first = next((one for _, one in sorted(mapping(content.get("examples")).items())), None)
    return (mapping(first)["value"],) if "value" in mapping(first) else None


def _encoded(media: str, value: Json) -> bytes:
    if isinstance(value, str) and "json" not in media:
        return text(value).encode()
    return json.dumps(value, ensure_ascii=False).encode()
