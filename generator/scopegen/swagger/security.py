"""Security schemes. In: one of 2.0. Out: one of 3.0; what API Gateway reads in it stays as it is."""

from scopegen.document import Json, text
from scopegen.swagger.conversion import Conversion

_FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}
_OF_FLOW = frozenset({"authorizationUrl", "scopes", "tokenUrl"})


def convert_scheme(conversion: Conversion, scheme: dict[str, Json], place: str, here: str) -> Json:
    """One of `securityDefinitions`."""
    conversion.moved(here, place)
    if scheme.get("type") == "basic":
        return {**scheme, "type": "http", "scheme": "basic"}
    if scheme.get("type") != "oauth2":
        return scheme
    written = text(scheme.get("flow"))
    name = _FLOWS.get(written, written)
    flow: dict[str, Json] = {"scopes": {}, **{key: value for key, value in scheme.items() if key in _OF_FLOW}}
    for key in flow:
        conversion.moved(f"{here}/flows/{name}/{key}", f"{place}/{key}")
    rest = {key: value for key, value in scheme.items() if key not in _OF_FLOW and key != "flow"}
    return {**rest, "flows": {name: flow}}
