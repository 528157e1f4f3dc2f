"""Operations. In: one of 2.0, and the bodies that its path item gives it. Out: one of 3.0, with a request body."""

from typing import NamedTuple

from scopegen.document import Json, sequence, text
from scopegen.swagger.bodies import Part, request_body
from scopegen.swagger.conversion import Conversion, component_reference
from scopegen.swagger.parameters import convert_parameter
from scopegen.swagger.responses import convert_responses

_REWRITTEN = frozenset({"consumes", "parameters", "produces", "responses", "schemes"})


class Parameters(NamedTuple):
    """The parameters of an operation or a path item: those outside of a body, converted, and what makes up the body."""

    plain: list[Json]
    body: list[Part]


def is_in_body(parameter: dict[str, Json]) -> bool:
    """Whether a parameter is part of a body: 3.0 has no such parameters."""
    return parameter.get("in") in ("body", "formData")


def parameter_list(conversion: Conversion, holder: dict[str, Json], here: str) -> Parameters:
    """The `parameters` of an operation or a path item."""
    result = Parameters([], [])
    for i, item in enumerate(sequence(holder.get("parameters"))):
        written, copy = f"{here}/parameters/{i}", f"{here}/parameters/{len(result.plain)}"
        parameter, place = conversion.resolved(item, written)
        if is_in_body(parameter):
            result.body.append(Part(parameter, place, written))
        elif place.startswith("/parameters/") and place.count("/") == 2:
            conversion.moved(copy, written)
            result.plain.append({"$ref": component_reference(f"#{place}".replace("%", "%25"))})
        else:
            result.plain.append(convert_parameter(conversion, parameter, place, copy))
    return result


def convert_operation(conversion: Conversion, operation: dict[str, Json], here: str, inherited: list[Part]) -> Json:
    """One operation; `inherited` is what the path item says of bodies."""
    old = conversion.old.data
    result = {key: value for key, value in operation.items() if key not in _REWRITTEN}
    parameters, own = parameter_list(conversion, operation, here)
    if parameters:
        result["parameters"] = parameters
    names = {text(part.data.get("name")) for part in own if part.is_field}
    has_body = any(not part.is_field for part in own)
    parts = own + [part for part in inherited if (part.name not in names if part.is_field else not has_body)]
    if parts:
        consumes = sequence(operation.get("consumes", old.get("consumes")))
        result["requestBody"] = request_body(conversion, parts, f"{here}/requestBody", consumes)
    produces = sequence(operation.get("produces", old.get("produces")))
    is_default = produces == sequence(old.get("produces"))
    result["responses"] = convert_responses(conversion, operation, here, produces, is_default=is_default)
    return result
