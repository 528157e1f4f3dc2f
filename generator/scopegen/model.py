"""What is compiled: who must hold what to call which operation. Frozen, sorted, free of OpenAPI and of AWS.

Positions ride along uncompared, so that `==` means "means the same". Nothing empty can be constructed:
a requirement is public for a stated reason, or a non-empty set of non-empty sets of scopes.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from scopegen.diagnostics import Location
from scopegen.value import Value

DERIVED_SERVER = "all-of"
COGNITO_PREFIXES = ("aws.cognito.", "aws.cognito/")


class Scope(NamedTuple):
    """An OAuth scope: `server/name`; without a server it is one of the names that Cognito reserves (`openid`)."""

    server: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Split at the last `/`: identifiers may contain it, scope names cannot. ValueError where there is no name.

        Cognito's own names have no server, even where they have a `/`.
        """
        server, _, name = ("", "", text) if text.startswith(COGNITO_PREFIXES) else text.rpartition("/")
        if not name:
            raise ValueError(f"not a scope: {text!r}")
        return cls(server, name)

    def __str__(self) -> str:
        return f"{self.server}/{self.name}" if self.server else self.name


class Public(Value):
    """No authorizer, for a stated reason. ValueError without one."""

    __slots__ = ("reason",)
    reason: str

    def __init__(self, reason: str) -> None:
        if not reason.strip():
            raise ValueError("public without a reason")
        self._set(reason=reason)


class AnyOf(Value):
    """The token must carry all scopes of at least one alternative. ValueError if anything about it is empty."""

    __slots__ = ("_scopes", "alternatives")
    alternatives: tuple[tuple[Scope, ...], ...]
    _scopes: frozenset[Scope]

    def __init__(self, alternatives: Iterable[Iterable[Scope]]) -> None:
        canonical = tuple(sorted({tuple(sorted(set(parts))) for parts in alternatives}))
        if not canonical or not all(parts and all(scope.name for scope in parts) for parts in canonical):
            raise ValueError("an empty requirement")
        self._set(alternatives=canonical, _scopes=frozenset(scope for parts in canonical for scope in parts))

    @property
    def scopes(self) -> frozenset[Scope]:
        """Every scope named in any alternative."""
        return self._scopes


Requirement: TypeAlias = Public | AnyOf


class Operation(Value):
    """One method (`ANY` for the catch-all) of one path of one API. `tags`, where a document was read, decide nothing."""

    __slots__ = ("api", "method", "operation_id", "path", "requirement", "source", "tags")
    api: str
    path: str
    method: str
    operation_id: str
    requirement: Requirement
    source: Location
    tags: tuple[str, ...]

    def __init__(
        self,
        api: str,
        path: str,
        method: str,
        operation_id: str,
        requirement: Requirement,
        source: Location,
        tags: tuple[str, ...] = (),
    ) -> None:
        self._set(api=api, path=path, method=method, operation_id=operation_id, requirement=requirement)
        self._set(source=source, tags=tags)

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by from build to build."""
        return self.api, self.path, self.method

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"


class ScopeText(NamedTuple):
    """A scope's name on its resource server, and what people read."""

    name: str
    description: str


class ResourceServer(Value):
    """A Cognito resource server with the scopes we manage; an existing one is referenced, never taken over."""

    __slots__ = ("existing", "identifier", "name", "scopes")
    identifier: str
    name: str
    scopes: tuple[ScopeText, ...]
    existing: bool

    def __init__(self, identifier: str, name: str, scopes: Iterable[ScopeText], existing: bool = False) -> None:
        self._set(identifier=identifier, name=name, scopes=tuple(sorted(scopes)), existing=existing)


class Permission(Value):
    """A business name that grants scopes; Cognito knows it as the group `group`."""

    __slots__ = ("existing", "group", "name", "scopes", "source")
    name: str
    scopes: tuple[Scope, ...]
    group: str
    existing: bool
    source: Location | None

    def __init__(
        self, name: str, scopes: Iterable[Scope], group: str, existing: bool = False, source: Location | None = None
    ) -> None:
        self._set(name=name, scopes=tuple(sorted(set(scopes))), group=group, existing=existing, source=source)


ClientKind: TypeAlias = Literal["user", "machine"]


class Client(Value):
    """An app client. A machine lists API scopes of its own; a user client only names that Cognito reserves.

    `token_minutes` is None where an existing client keeps a lifetime that nobody told us.
    ValueError for a user client with an API scope: whoever signs in through it could ask for that scope.
    """

    __slots__ = ("existing", "kind", "name", "scopes", "source", "token_minutes")
    name: str
    kind: ClientKind
    scopes: tuple[Scope, ...]
    token_minutes: int | None
    existing: bool
    source: Location | None

    def __init__(
        self,
        name: str,
        kind: ClientKind,
        scopes: Iterable[Scope],
        token_minutes: int | None,
        existing: bool = False,
        source: Location | None = None,
    ) -> None:
        listed = tuple(sorted(set(scopes)))
        if kind == "user" and any(scope.server for scope in listed):
            raise ValueError("a user client with API scopes")
        self._set(name=name, kind=kind, scopes=listed, token_minutes=token_minutes, existing=existing, source=source)


class Model(Value):
    """The whole of a workspace's authorization: what every artifact is made from and proved against.

    `required` is every scope that some operation names; `conjunctions` every set of two and more scopes that some
    operation requires together, each of which becomes one derived scope.
    """

    __slots__ = ("clients", "conjunctions", "operations", "permissions", "required", "resource_servers")
    resource_servers: tuple[ResourceServer, ...]
    operations: tuple[Operation, ...]
    permissions: tuple[Permission, ...]
    clients: tuple[Client, ...]
    required: frozenset[Scope]
    conjunctions: tuple[tuple[Scope, ...], ...]

    def __init__(
        self,
        resource_servers: Iterable[ResourceServer],
        operations: Iterable[Operation],
        permissions: Iterable[Permission],
        clients: Iterable[Client],
    ) -> None:
        ordered = tuple(sorted(operations, key=lambda one: one.key))
        required = {
            parts for one in ordered if isinstance(one.requirement, AnyOf) for parts in one.requirement.alternatives
        }
        self._set(
            resource_servers=tuple(sorted(resource_servers, key=lambda one: one.identifier)),
            operations=ordered,
            permissions=tuple(sorted(permissions, key=lambda one: one.name)),
            clients=tuple(sorted(clients, key=lambda one: one.name)),
            required=frozenset(scope for parts in required for scope in parts),
            conjunctions=tuple(sorted(parts for parts in required if len(parts) > 1)),
        )

    @property
    def declared(self) -> frozenset[Scope]:
        """Every scope of every resource server, required or not; derived ones not among them."""
        return frozenset(
            Scope(server.identifier, text.name) for server in self.resource_servers for text in server.scopes
        )
