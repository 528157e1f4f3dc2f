"""Reading artifacts back. In: bytes. Out: plain data; Unproved where they do not say one thing only."""

import json
from typing import Any

from scopegen import yaml_events
from scopegen.document import Json, mapping
from scopegen.json_text import narrow
from scopegen.parsed import MAX_DEPTH

_BODY, _BODY_END, _INDENT = "      Body:", "        }", "        "


class Unproved(Exception):
    """An artifact does not say what the model says."""


def require(holds: bool, message: str) -> None:
    """One step of a proof; unlike `assert` it is never optimised away."""
    if not holds:
        raise Unproved(message)


def read_yaml(content: bytes) -> dict[str, Json]:
    """The data of a YAML artifact."""
    # What a document may nest stands some levels deeper in a template.
    loaded = yaml_events.load(content, 2 * MAX_DEPTH)
    require(not loaded.duplicates, "a key stands twice")
    return mapping(loaded.data)


def read_stack(content: bytes) -> tuple[dict[str, Json], str]:
    """An API stack with its body in place, and the text of the body, empty where that lies elsewhere.

    The body is JSON, which YAML includes: read as JSON it is read many times faster, and means the same.
    """
    lines = content.decode().split("\n")
    if _BODY not in lines:
        return read_yaml(content), ""
    start = lines.index(_BODY) + 1
    end = lines.index(_BODY_END, start) + 1
    template = read_yaml("\n".join([*lines[: start - 1], *lines[end:]]).encode())
    text = "\n".join(line.removeprefix(_INDENT) for line in lines[start:end]) + "\n"
    properties = mapping(at(template, "Resources", "RestApi", "Properties"))
    require("Body" not in properties, "a second body")
    properties["Body"] = read_json(text.encode())
    return template, text


def read_json(content: bytes, watched: frozenset[str] = frozenset(), seen: list[str] | None = None) -> dict[str, Json]:
    """The data of a JSON artifact; each watched key that stands somewhere in it is appended to `seen`, as often as it does."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            raise Unproved("a key stands twice")
        if seen is not None and not watched.isdisjoint(result):
            seen.extend(watched.intersection(result))
        return result

    data: Json = json.loads(narrow(content), object_pairs_hook=once)
    return mapping(data)


def at(data: Json, *keys: str) -> Json:
    """The value under a path of keys; Unproved where there is none."""
    for key in keys:
        require(isinstance(data, dict) and key in data, f"`{key}` is missing")
        data = mapping(data)[key]
    return data


def no_resolve(data: Json) -> None:
    """No text that CloudFormation would replace with a secret."""
    nodes: list[Json] = [data]
    for node in nodes:
        if isinstance(node, str):
            require("{{resolve:" not in node, "a dynamic reference")
        elif isinstance(node, dict):
            require("{{resolve:" not in "\0".join(node), "a dynamic reference")
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node
