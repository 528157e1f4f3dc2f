"""Parameter mappings. In: the right side of one (`method.request.header.X`, `context.requestId`, `'static'`). Out: its value.

Source: API Gateway developer guide, "Parameter mapping examples". What an integration answered
(`integration.response...`) is not looked at: here it has no value.
"""

from scopegen.document import Json
from scopegen.gateway.seen_by import Sight


def mapped(written: str, sight: Sight) -> str | None:
    """The value of a mapping; None where it has none."""
    if len(written) > 1 and written[0] == written[-1] == "'":
        return written[1:-1]
    kind, _, name = written.partition(".")
    if kind == "context":
        return _text(_below(sight.context(), name))
    if kind == "stageVariables":
        return sight.api.variables.get(name)
    place, _, name = written.removeprefix("method.request.").partition(".")
    if kind != "method" or not name:
        return None
    parameters = sight.parameters
    if place == "path":
        return parameters.path.get(name)
    if place == "querystring":
        return parameters.querystring.get(name)
    return parameters.header.get(name.lower()) if place == "header" else None


def _below(data: Json, dotted: str) -> Json:
    """The value under a dotted name; claims have colons in theirs, and sometimes dots."""
    while isinstance(data, dict):
        if dotted in data:
            return data[dotted]
        name, _, dotted = dotted.partition(".")
        data = data.get(name)
    return None


def _text(value: Json) -> str | None:
    return None if value is None or isinstance(value, dict | list) else str(value)
