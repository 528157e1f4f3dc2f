"""What is compiled: who must hold what to call which operation. Frozen, sorted, free of OpenAPI and of AWS.

Positions ride along with `compare=False`, so that `==` means "means the same". Nothing empty can be constructed:
a requirement is public for a stated reason, or a non-empty set of non-empty sets of scopes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from scopegen.diagnostics import Location

DERIVED_SERVER = "all-of"


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """An OAuth scope: `server/name`; without a server it is one of the names that Cognito reserves (`openid`)."""

    server: str
    name: str

    def __post_init__(self) -> None:
        if not self.name or "/" in self.name:
            raise ValueError(f"not a scope name: {self.name!r}")

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Split at the last `/`: identifiers may contain it, scope names cannot."""
        server, _, name = text.rpartition("/")
        return cls(server, name)

    def __str__(self) -> str:
        return f"{self.server}/{self.name}" if self.server else self.name


@dataclass(frozen=True, slots=True)
class Public:
    """No authorizer, for a stated reason."""

    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("public without a reason")


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The token must carry all scopes of at least one alternative. Never empty, in no part."""

    alternatives: tuple[tuple[Scope, ...], ...]

    def __post_init__(self) -> None:
        if not self.alternatives or not all(self.alternatives):
            raise ValueError("an empty requirement")
        canonical = tuple(sorted({tuple(sorted(set(parts))) for parts in self.alternatives}))
        object.__setattr__(self, "alternatives", canonical)

    @classmethod
    def of(cls, alternatives: Iterable[Iterable[Scope]]) -> "AnyOf":
        return cls(tuple(tuple(parts) for parts in alternatives))

    @property
    def scopes(self) -> frozenset[Scope]:
        """Every scope named in any alternative."""
        return frozenset(scope for parts in self.alternatives for scope in parts)


Requirement: TypeAlias = Public | AnyOf


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path of one API. `method` is upper case; `ANY` is API Gateway's catch-all."""

    api: str
    path: str
    method: str
    operation_id: str
    requirement: Requirement
    source: Location = field(compare=False)

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, order=True)
class ScopeText:
    """A scope's name on its resource server, and what people read."""

    name: str
    description: str


@dataclass(frozen=True, slots=True, order=True)
class ResourceServer:
    """A Cognito resource server with the scopes we manage; an existing one is referenced, never taken over."""

    identifier: str
    name: str
    scopes: tuple[ScopeText, ...]
    existing: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "scopes", tuple(sorted(self.scopes)))


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """A business name that grants scopes; Cognito knows it as the group `group`."""

    name: str
    scopes: tuple[Scope, ...]
    group: str
    existing: bool = False
    source: Location | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scopes", tuple(sorted(set(self.scopes))))


ClientKind: TypeAlias = Literal["user", "machine"]


@dataclass(frozen=True, slots=True, order=True)
class Client:
    """An app client. A machine lists API scopes of its own; a user client only names that Cognito reserves."""

    name: str
    kind: ClientKind
    scopes: tuple[Scope, ...]
    token_minutes: int
    existing: bool = False
    source: Location | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.kind == "user" and any(scope.server for scope in self.scopes):
            raise ValueError("a user client with API scopes")
        object.__setattr__(self, "scopes", tuple(sorted(set(self.scopes))))


@dataclass(frozen=True, slots=True)
class Model:
    """The whole of a workspace's authorization: what every artifact is made from and proved against."""

    resource_servers: tuple[ResourceServer, ...]
    operations: tuple[Operation, ...]
    permissions: tuple[Permission, ...]
    clients: tuple[Client, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "resource_servers", tuple(sorted(self.resource_servers)))
        object.__setattr__(self, "operations", tuple(sorted(self.operations, key=_operation_key)))
        object.__setattr__(self, "permissions", tuple(sorted(self.permissions)))
        object.__setattr__(self, "clients", tuple(sorted(self.clients)))

    @property
    def required(self) -> frozenset[Scope]:
        """Every scope that some operation names."""
        protected = (item.requirement for item in self.operations if isinstance(item.requirement, AnyOf))
        return frozenset().union(*(requirement.scopes for requirement in protected))

    @property
    def declared(self) -> frozenset[Scope]:
        """Every scope of every resource server, required or not; derived ones not among them."""
        return frozenset(
            Scope(server.identifier, text.name) for server in self.resource_servers for text in server.scopes
        )

    @property
    def conjunctions(self) -> tuple[tuple[Scope, ...], ...]:
        """Every set of two and more scopes that some operation requires together: each becomes one derived scope."""
        protected = (item.requirement for item in self.operations if isinstance(item.requirement, AnyOf))
        return tuple(
            sorted({parts for requirement in protected for parts in requirement.alternatives if len(parts) > 1})
        )


def _operation_key(operation: Operation) -> tuple[str, str, str]:
    return operation.api, operation.path, operation.method
