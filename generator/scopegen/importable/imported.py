"""One operation as API Gateway imports it, before it is known who may call it."""

from typing import NamedTuple, TypeAlias

from scopegen.document import Json, mapping
from scopegen.substitution import Substitution

# What of an integration may be known only at deploy time.
COMPUTED = ("uri", "credentials", "connectionId")
Integration: TypeAlias = dict[str, Json | Substitution]


class Imported(NamedTuple):
    """An operation without `security`, and the integration that answers it; `supplied` if the document has none."""

    data: dict[str, Json]
    integration: Integration
    supplied: bool = False

    @property
    def parameters(self) -> list[Json]:
        found = self.data.get("parameters")
        return found if isinstance(found, list) else []


def plain(value: Json | Substitution) -> dict[str, Json]:
    """A mapping that is wholly known; empty where the value is none."""
    return {} if isinstance(value, Substitution) else mapping(value)
