"""What mappings and templates may look at. In: a request at its method. Out: Sight: its parameters and its context.

Source: API Gateway developer guide, "Variables for access logging and mapping templates". What no machine of ours has (an
account, a request at the edge) has a value that is plainly made up. The context is made when it is asked for.
"""

import json
import time
from functools import cached_property

from scopegen.document import Json
from scopegen.gateway.inputs import Parameters
from scopegen.gateway.request import Request
from scopegen.routing import parts_of, template_parts
from scopegen.served import Api, Method

ACCOUNT = "123456789012"


class Sight:
    """A request that has reached an API. `claims` are those of a token that let it in."""

    def __init__(self, api: Api, request: Request, number: str, now: float) -> None:
        self.api, self.request, self.number, self.now = api, request, number, now
        self.method: Method | None = None
        self.claims: dict[str, Json] | None = None

    @cached_property
    def parameters(self) -> Parameters:
        """Path, query and header parameters by name."""
        return Parameters(self._path(), dict(self.request.queries()), dict(self.request.headers))

    def _path(self) -> dict[str, str]:
        wanted = template_parts(self.method.guard.path) if self.method else []
        parts = parts_of(self.request.path)
        found = {}
        for i, part in enumerate(wanted):
            if part.endswith("+}"):
                found[part[1:-2]] = "/".join(parts[i:])
            elif part[:1] == "{" and i < len(parts):
                found[part[1:-1]] = parts[i]
        return found

    def context(self) -> dict[str, Json]:
        """`$context`, made anew: whoever changes it changes nothing else."""
        request = self.request
        identity: Json = {"sourceIp": request.client, "userAgent": request.value("user-agent")}
        # Cognito's claims are texts to API Gateway, whatever they were in the token.
        claims: Json = {key: _claim(value) for key, value in (self.claims or {}).items()}
        return {
            "accountId": ACCOUNT,
            "apiId": self.api.name,
            "authorizer": {"claims": claims} if self.claims is not None else {},
            "domainName": request.value("host"),
            "extendedRequestId": self.number,
            "httpMethod": request.method,
            "identity": identity,
            "path": f"/{request.api}/{request.stage}{request.path}",
            "protocol": "HTTP/1.1",
            "requestId": self.number,
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.now)),
            "requestTimeEpoch": int(self.now * 1000),
            "resourcePath": self.method.guard.path if self.method else "",
            "stage": self.api.stage,
        }


def _claim(value: Json) -> str:
    if isinstance(value, list):
        return ",".join(_claim(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value)
