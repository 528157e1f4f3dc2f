"""How the gateway behaves where that is the user's choice. In: nothing. Out: Options."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Options(NamedTuple):
    """`missing_scope` is the status for a good access token without the scope: AWS's own pages say 401 and 403.

    `backends` maps the name of an API to the base URL that its calls are forwarded to; "" stands for every other API.
    """

    missing_scope: int = 401
    backends: Mapping[str, str] = MappingProxyType({})

    def backend(self, api: str) -> str:
        """The base URL for an API; empty where it has none."""
        return self.backends.get(api) or self.backends.get("") or ""
