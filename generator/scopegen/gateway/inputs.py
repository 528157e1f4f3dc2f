"""What a mapping template sees. In: a request, its context. Out: `$input`, `$util`, `$context`, `$stageVariables`.

Source: API Gateway developer guide, "Variables for data transformations".
"""

import base64
import binascii
import json
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote_plus, unquote_plus

from scopegen.document import Json, mapping
from scopegen.gateway import json_path
from scopegen.gateway.refused import Refused
from scopegen.gateway.vtl.values import Budget, Tool, Value, a_text


class Parameters(NamedTuple):
    """The parameters of a request; of a header or query parameter that stands several times, the last."""

    path: dict[str, str]
    querystring: dict[str, str]
    header: dict[str, str]

    def find(self, name: str) -> str:
        """As `$input.params(name)` looks: path, query, headers."""
        lower = name.lower()
        by_header = next((value for key, value in self.header.items() if key.lower() == lower), "")
        return self.path.get(name) or self.querystring.get(name) or by_header


def variables(body: str, parameters: Parameters, context: dict[str, Json], stage: dict[str, str]) -> dict[str, Value]:
    """The names of one rendering. `context` gets what the template overrides."""
    return {
        "input": _input(body, parameters),
        "util": UTIL,
        "context": context,
        "stageVariables": {**stage},
        "null": None,
    }


def _input(body: str, parameters: Parameters) -> Tool:
    def data(budget: Budget) -> Json:
        budget.spend(1 + len(body) // 16)
        try:
            read: Json = json.loads(body) if body.strip() else None
        except (ValueError, RecursionError):
            raise Refused("a body that is no JSON") from None
        return read

    def path(budget: Budget, arguments: list[Value]) -> Json:
        wanted = _one(arguments)
        budget.spend(len(wanted) // 4)
        return json_path.at(data(budget), wanted)

    def as_json(budget: Budget, arguments: list[Value]) -> Value:
        found = path(budget, arguments)
        return budget.made('""' if found is None else json.dumps(found, ensure_ascii=False))

    def params(budget: Budget, arguments: list[Value]) -> Value:
        if arguments:
            return budget.made(parameters.find(_one(arguments)))
        return {name: {**values} for name, values in parameters._asdict().items()}

    return Tool({"path": path, "json": as_json, "params": params}, {"body": body})


def _one(arguments: list[Value]) -> str:
    if len(arguments) != 1:
        raise Refused("a method that takes one text")
    return a_text(arguments[0])


def _text(make: Callable[[str], str]) -> Callable[[Budget, list[Value]], Value]:
    return lambda budget, arguments: budget.made(make(budget.made(_one(arguments))))


def _escaped(text: str) -> str:
    """As in a text of JavaScript."""
    return json.dumps(text)[1:-1].replace("'", "\\'").replace("/", "\\/")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused("no text in Base64") from None


def _parsed(budget: Budget, arguments: list[Value]) -> Value:
    try:
        read: Json = json.loads(budget.made(_one(arguments)))
    except (ValueError, RecursionError):
        raise Refused("a text that is no JSON") from None
    return read


UTIL = Tool(
    {
        "escapeJavaScript": _text(_escaped),
        "parseJson": _parsed,
        "urlEncode": _text(lambda text: quote_plus(text, errors="replace")),
        "urlDecode": _text(unquote_plus),
        "base64Encode": _text(lambda text: base64.b64encode(text.encode("utf-8", "replace")).decode()),
        "base64Decode": _text(_decoded),
    }
)


def override(context: dict[str, Json]) -> tuple[int | None, dict[str, Json]]:
    """Status and headers that a template has set in `$context.responseOverride`."""
    own = mapping(context.get("responseOverride"))
    status = own.get("status")
    number = (
        int(status) if isinstance(status, int | str) and str(status).isdecimal() and len(str(status)) == 3 else None
    )
    return number, mapping(own.get("header"))
