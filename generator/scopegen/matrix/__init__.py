"""Operations x permissions and clients. In: a model. Out: a Matrix: what each of them opens, and the same from every side.

Who gets in is asked of `decide` and of nothing else; here it is only laid out.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias, TypeVar

from scopegen import token_bytes
from scopegen.decide import Holders, for_signed_in, mint, opens
from scopegen.limits import METHODS
from scopegen.model import AnyOf, Client, Model, Operation, Permission, Public, Requirement, Scope
from scopegen.names import derived_scope, derived_scopes
from scopegen.wording import said

_CATCH_ALL = "ANY"
_Key = TypeVar("_Key")
# Who needs nothing of ours, in the order of the columns.
EVERYBODY, SIGNED_IN = "everybody", "any signed-in user"


# Ways that take several permissions: for each, part by part, those that give it.
Ways: TypeAlias = tuple[tuple[tuple[str, ...], ...], ...]

_Callers: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], Ways]


class Row(NamedTuple):
    """One operation: who can call it.

    `permissions` and `machines` are those that are enough alone; both are empty where everybody needs no token.
    `methods` are what it answers: for the catch-all every method that its path does not have itself.
    """

    operation: Operation
    methods: tuple[str, ...]
    reason: str
    signed_in: bool
    permissions: tuple[str, ...]
    machines: tuple[str, ...]
    together: Ways

    @property
    def requires(self) -> str:
        return said(self.operation.requirement)

    @property
    def open_to(self) -> str:
        """Who gets in without any permission of ours; empty where nobody does."""
        return EVERYBODY if self.reason else SIGNED_IN if self.signed_in else ""

    @property
    def is_closed(self) -> bool:
        """Whether nobody at all can call it."""
        return not (self.open_to or self.permissions or self.machines or self.together)

    @property
    def partly(self) -> frozenset[str]:
        """The permissions that give a part of what it takes."""
        return frozenset(name for parts in self.together for names in parts for name in names)


class PermissionPage(NamedTuple):
    """One permission: its scopes with every wildcard expanded, what it opens alone and with others, its token's size."""

    permission: Permission
    opens: tuple[Row, ...]
    helps: tuple[Row, ...]
    size: int


class ScopePage(NamedTuple):
    """One scope: what it stands for if it is derived, who has it, alone or together, which operations name it."""

    scope: Scope
    description: str
    parts: tuple[Scope, ...]
    permissions: tuple[str, ...]
    together: Ways
    machines: tuple[str, ...]
    required_by: tuple[Row, ...]


class ClientPage(NamedTuple):
    """One client: what a machine may carry and open. What a user client opens is a matter of its users; it has no rows."""

    client: Client
    scopes: tuple[Scope, ...]
    opens: tuple[Row, ...]
    size: int | None


class Matrix(NamedTuple):
    """Everything there is to show. `columns` are the permissions and machines that are shown beside the rows."""

    model: Model
    rows: tuple[Row, ...]
    permissions: tuple[str, ...]
    machines: tuple[str, ...]
    open_sign_up: bool = False

    @property
    def tally(self) -> str:
        """How many operations there are, and how many of them nobody or everybody can call."""
        number = len(self.rows)
        public, signed_in, closed = (
            sum(row.reason != "" for row in self.rows),
            sum(row.signed_in for row in self.rows),
            sum(row.is_closed for row in self.rows),
        )
        whole = len(self.model.operations)
        of = f" of {whole}" if number < whole else ""
        parts = [f"{number}{of} operation{'' if (whole if of else number) == 1 else 's'}", f"{public} public"]
        parts += [f"{signed_in} for any signed-in user"] if signed_in else []
        parts += [f"{closed} that nobody can call"] if closed else []
        return ", ".join(parts)


def matrix(model: Model, open_sign_up: bool = False) -> Matrix:
    """The whole matrix of a model."""
    holders = Holders(model)
    taken: dict[tuple[str, str], set[str]] = {}
    for one in model.operations:
        taken.setdefault((one.api, one.path), set()).add(one.method)
    known: dict[Requirement, _Callers] = {}  # many operations ask for the same
    rows = tuple(_row(holders, one, taken[one.api, one.path], known) for one in model.operations)
    return Matrix(model, rows, tuple(holders.permissions), tuple(holders.machines), open_sign_up)


def _row(holders: Holders, operation: Operation, taken: set[str], known: dict[Requirement, _Callers]) -> Row:
    requirement = operation.requirement
    if requirement not in known:
        known[requirement] = _callers(holders, operation)
    reason = requirement.reason if isinstance(requirement, Public) else ""
    methods = tuple(sorted(set(METHODS) - taken)) if operation.method == _CATCH_ALL else (operation.method,)
    return Row(operation, methods, reason, for_signed_in(requirement), *known[requirement])


def _callers(holders: Holders, operation: Operation) -> _Callers:
    requirement = operation.requirement
    if isinstance(requirement, Public):
        return (), (), ()
    permissions, machines = holders.of(operation)
    together = () if for_signed_in(requirement) else _ways(holders, requirement)
    return tuple(permissions), tuple(machines), together


def _ways(holders: Holders, requirement: Requirement) -> Ways:
    return tuple(tuple(map(tuple, parts)) for parts in holders.together(requirement))


def permission_pages(shown: Matrix) -> Iterator[PermissionPage]:
    """The shown permissions, each with what it opens among the shown operations; what is open anyway is not named."""
    opened = _by_name((name, row) for row in shown.rows if not row.open_to for name in row.permissions)
    helped = _by_name((name, row) for row in shown.rows for name in row.partly)
    columns = frozenset(shown.permissions)
    for one in shown.model.permissions:
        if one.name in columns:
            size = token_bytes.of_permissions(shown.model, [one])
            yield PermissionPage(one, opened.get(one.name, ()), helped.get(one.name, ()), size)


def _by_name(pairs: Iterable[tuple[_Key, Row]]) -> dict[_Key, tuple[Row, ...]]:
    found: dict[_Key, list[Row]] = {}
    for key, row in pairs:
        found.setdefault(key, []).append(row)
    return {key: tuple(rows) for key, rows in found.items()}


def scope_pages(shown: Matrix) -> Iterator[ScopePage]:
    """Every scope that is declared, required, granted or derived."""
    model, holders, derived = shown.model, Holders(shown.model), derived_scopes(shown.model)
    texts = {
        Scope(server.identifier, text.name): text.description
        for server in model.resource_servers
        for text in server.scopes
    }
    required = _by_name((scope, row) for row in shown.rows for scope in named_scopes(row.operation))
    for scope in sorted(known_scopes(model)):
        parts = derived.get(scope, ())
        yield ScopePage(
            scope,
            texts.get(scope, ""),
            parts,
            tuple(name for name in shown.permissions if scope in holders.permissions[name]),
            _ways(holders, AnyOf([parts])) if parts else (),
            tuple(name for name in shown.machines if scope in holders.machines[name]),
            required.get(scope, ()),
        )


def known_scopes(model: Model) -> frozenset[Scope]:
    """Every scope there is: declared, required, granted to somebody, derived."""
    granted = {scope for one in model.permissions for scope in one.scopes}
    listed = {scope for one in model.clients if one.kind == "machine" for scope in one.scopes}
    return frozenset({*model.declared, *model.required, *derived_scopes(model), *granted, *listed})


def named_scopes(operation: Operation) -> frozenset[Scope]:
    """The scopes that an operation requires, alone or with others, and those that stand for several of them together."""
    requirement = operation.requirement
    if not isinstance(requirement, AnyOf):
        return frozenset()
    return requirement.scopes | {derived_scope(parts) for parts in requirement.alternatives if len(parts) > 1}


def client_pages(shown: Matrix) -> Iterator[ClientPage]:
    """Every client; machines only those that are shown."""
    model = shown.model
    for client in model.clients:
        if client.kind == "user":
            yield ClientPage(client, client.scopes, (), None)
        elif client.name in shown.machines:
            opened = tuple(row for row in shown.rows if client.name in row.machines)
            held = tuple(sorted({*client.scopes, *mint(model, client)}))
            yield ClientPage(client, held, opened, token_bytes.of_machine(model, client))


def for_user(row: Row, scopes: frozenset[Scope]) -> bool:
    """Whether a signed-in user whose token carries these scopes can call an operation."""
    return bool(row.open_to) or opens(row.operation.requirement, scopes)
