"""Request validators. In: a request that has been let in, its body. Out: why API Gateway refuses it, or None.

Sources: API Gateway developer guide, "Request validation for REST APIs", "Data models". A body of a media type that the
method has no model for is not validated, as the guide says; an empty one only where a body is required.
"""

import json
from itertools import islice
from typing import TYPE_CHECKING, NoReturn
from weakref import WeakKeyDictionary

from scopegen.document import Json, mapping, sequence, text
from scopegen.gateway.refusals import BAD_BODY, BAD_PARAMETERS, Refusal
from scopegen.gateway.seen_by import Sight
from scopegen.importable.root import REQUEST_VALIDATOR
from scopegen.served import Api, Method

if TYPE_CHECKING:
    from jsonschema_rs import Draft4Validator


_MOST, _LONGEST = 5, 200  # errors that are told, characters of each
_MODELS = "#/components/schemas/"
VALIDATORS = f"{REQUEST_VALIDATOR}s"


_KEPT: "WeakKeyDictionary[Api, dict[str, Draft4Validator]]" = WeakKeyDictionary()


class Unusable(Exception):
    """A model that no validator can be made of."""


def problem(api: Api, method: Method, sight: Sight, body: bytes) -> Refusal | None:
    """The refusal, if the method's validator has one."""
    name = text(method.spec.get(REQUEST_VALIDATOR, api.spec.get(REQUEST_VALIDATOR)))
    wanted = mapping(mapping(api.spec.get(VALIDATORS)).get(name))
    if wanted.get("validateRequestParameters") is True:
        missing = [parameter for parameter in _required(method) if not _given(parameter, sight)]
        if missing:
            names = ", ".join(text(one.get("name")) for one in missing)
            message = f"Missing required request parameters: [{names}]"
            return BAD_PARAMETERS._replace(message=message, detail=message)
    unfit = _unfit(api, method, sight, body) if wanted.get("validateRequestBody") is True else ""
    return BAD_BODY._replace(detail=unfit) if unfit else None


def _required(method: Method) -> list[dict[str, Json]]:
    return [mapping(one) for one in sequence(method.spec.get("parameters")) if mapping(one).get("required") is True]


def _given(parameter: dict[str, Json], sight: Sight) -> bool:
    """Whether a parameter is there, and not blank."""
    name, place = text(parameter.get("name")), parameter.get("in")
    if place == "header":
        return bool(sight.parameters.header.get(name.lower(), "").strip())
    found = sight.parameters.querystring if place == "query" else sight.parameters.path
    return bool(found.get(name, "").strip())


def _unfit(api: Api, method: Method, sight: Sight, body: bytes) -> str:
    """Why a body does not fit its model, in the validator's words; empty if it does."""
    asked = mapping(method.spec.get("requestBody"))
    media = sight.request.media()
    content = next((mapping(one) for key, one in mapping(asked.get("content")).items() if key.lower() == media), {})
    if not body:
        return "[a body is required]" if asked.get("required") is True else ""
    if "schema" not in content:
        return ""
    # Of this API object, not of its name: a call that is under way when another build comes leaves nothing in that one.
    key, kept = f"{method.guard.key} {media}", _KEPT.setdefault(api, {})
    if key not in kept:
        kept[key] = _validator(api, content["schema"])
    try:
        value = json.loads(body)
        if kept[key].is_valid(value):
            return ""
        found = [error.message[:_LONGEST] for error in islice(kept[key].iter_errors(value), _MOST)]
        return f"[{', '.join(found)}]"
    except (ValueError, RecursionError):
        return "[the body is no JSON]"


def _validator(api: Api, schema: Json) -> "Draft4Validator":
    """A validator of a model; references lead to the API's own models and nowhere else."""
    from jsonschema_rs import Draft4Validator

    models = mapping(mapping(api.spec.get("components")).get("schemas"))
    whole = {"allOf": [schema], "components": {"schemas": reached(schema, models)}}
    try:
        return Draft4Validator(whole, retriever=_nowhere)
    except Exception:
        raise Unusable from None


def reached(schema: Json, models: dict[str, Json]) -> dict[str, Json]:
    """The models that a schema needs: a validator keeps all that it is given, which are megabytes in a large API."""
    found: dict[str, Json] = {}
    pending = [schema]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            name = text(node.get("$ref")).removeprefix(_MODELS).partition("/")[0]
            if name in models and name not in found:
                found[name] = models[name]
                pending.append(models[name])
        pending += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return found


def _nowhere(_: str) -> NoReturn:
    raise LookupError("a reference out of the document")
