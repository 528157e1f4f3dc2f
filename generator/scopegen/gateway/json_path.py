"""JSONPath as templates use it. In: a path such as `$.pets[0]['name']`. Out: the value there, None where there is none.

Only names and indexes: wildcards, slices, filters and `..` are refused, not guessed at.
"""

import re

from scopegen.document import Json
from scopegen.gateway.refused import Refused

_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d{1,6})\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")


def at(data: Json, path: str) -> Json:
    """The value at a path; Refused for a path of more than names and indexes."""
    if path[:1] != "$":
        path = f"$.{path}"
    position = 1
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise Refused("a JSONPath of more than names and indexes")
        position = step.end()
        data = _below(data, step)
    return data


def _below(data: Json, step: re.Match[str]) -> Json:
    if step[2] is not None:
        return data[int(step[2])] if isinstance(data, list) and int(step[2]) < len(data) else None
    name = next(one for one in (step[1], step[3], step[4]) if one is not None)
    return data.get(name) if isinstance(data, dict) else None
