"""Who is expected to be let in where. In: a file of expectations, a model. Out: Vectors, and a finding for each that is not met.

A vector is one principal, one operation, what the model answers and what was expected of it.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from scopegen import codes, nearest
from scopegen.clients import operation_named
from scopegen.decide import judge, mint
from scopegen.diagnostics import Location, Part, Report, pointer
from scopegen.document import Json, mapping, sequence, text
from scopegen.model import Client, Model, Operation, Scope
from scopegen.names import SIGNED_IN
from scopegen.operation_names import OperationNames
from scopegen.schema_errors import findings, own_schema
from scopegen.settings import Named
from scopegen.source import Source, load
from scopegen.tree import Tree
from scopegen.wording import said

Expected: TypeAlias = Literal["allow", "deny"]
_EVERY = "*"
_PRINCIPALS = ("permissions", "client", "token")


class Principal(NamedTuple):
    """Who calls: a name, a user's permissions or a machine client, the scopes in the token; None: no token at all."""

    name: str
    permissions: tuple[str, ...]
    client: str
    scopes: frozenset[Scope] | None


class Vector(NamedTuple):
    """One cell of the table; `expected` is None where nothing was said."""

    principal: Principal
    operation: Operation
    allowed: bool
    expected: Expected | None


def vectors(tree: Tree, file: str, model: Model, sources: dict[str, Source], report: Report) -> list[Vector]:
    """The whole table that a file asks for, principal by principal; what is wrong with it, or not met, is in the report."""
    source = load(tree, file, sources, report)
    if source is None:
        return []

    def at(path: str, part: Part) -> Location:
        return Location(file, path, part)

    invalid = list(findings(source.data, own_schema("expectations"), codes.INVALID_EXPECTATIONS, at))
    report.add(*invalid)
    if invalid:
        return []
    data = mapping(source.data)
    found: list[Vector] = []
    names = OperationNames(model.operations)
    for name, test in mapping(data["tests"]).items():
        one = _Test(Location(file, pointer("tests", name)), name, mapping(test), model, names, report)
        found += one.vectors(text(mapping(test).get("unlisted") or data.get("unlisted")))
    return found


class _Test:
    """Reads one test of a file that its schema has accepted."""

    def __init__(
        self, here: Location, name: str, data: dict[str, Json], model: Model, names: OperationNames, report: Report
    ) -> None:
        self.here, self.name, self.data, self.model, self.names, self.report = here, name, data, model, names, report

    def vectors(self, unlisted: str) -> Iterator[Vector]:
        """Its row of the table. `unlisted` is empty where nobody has said it: a test may expect nothing only on purpose."""
        principal = self.principal()
        if principal is None:
            return
        if not (unlisted or self.data.get("allow") or self.data.get("deny")):
            hint = "list operations in `allow` or `deny`, or say `unlisted: deny`; `unlisted: ignore` if that is meant"
            self.report.add(codes.INVALID_EXPECTATIONS.at(self.at(""), f"`{self.name}` expects nothing", hint))
        listed = self.listed()
        other: Expected | None = "allow" if unlisted == "allow" else "deny" if unlisted == "deny" else None
        for operation in self.model.operations:
            expected, where = listed.get(operation, (other, self.at("")))
            vector = Vector(principal, operation, allows(principal, operation), expected)
            if expected is not None and vector.allowed != (expected == "allow"):
                self.unmet(vector, where)
            yield vector

    def unmet(self, vector: Vector, where: Location) -> None:
        operation = vector.operation
        verb = "can" if vector.allowed else "cannot"
        message = f"`{self.name}` {verb} call {operation.label} of {operation.api}"
        hint = f"it requires {said(operation.requirement)}; `{self.name}` holds {_held(vector.principal)}"
        self.report.add(codes.UNMET_EXPECTATION.at(where, message, hint, f"{operation.api}: {operation.label}"))

    def principal(self) -> Principal | None:
        """Who calls; None, with the reason in the report, for who cannot be."""
        named = [key for key in _PRINCIPALS if key in self.data]
        if len(named) != 1 or ("scopes" in self.data and named != ["client"]):
            what = "asks for scopes and is no client" if len(named) == 1 else f"names {len(named) or 'no'} principals"
            hint = "write one of `permissions: [...]`, `client: ...` (with `scopes`, if need be) and `token: none`"
            self.report.add(codes.INVALID_EXPECTATIONS.at(self.at(""), f"`{self.name}` {what}", hint))
            return None
        if "token" in self.data:
            return Principal(self.name, (), "", None)
        if "client" in self.data:
            return self.machine(text(self.data["client"]))
        names = [text(name) for name in sequence(self.data["permissions"])]
        known = [one.name for one in self.model.permissions]
        unknown = [(i, name) for i, name in enumerate(names) if name not in known]
        for i, name in unknown:
            self.unknown("permission", name, known, f"/permissions/{i}")
        scopes = mint(self.model, names) | frozenset(SIGNED_IN)
        return None if unknown else Principal(self.name, tuple(names), "", scopes)

    def machine(self, name: str) -> Principal | None:
        client = next((one for one in self.model.clients if one.name == name), None)
        if client is None or client.kind != "machine":
            known = [one.name for one in self.model.clients if one.kind == "machine"]
            self.unknown("machine client", name, known, "/client")
            return None
        asked = self.asked(client)
        return None if asked is None else Principal(self.name, (), name, mint(self.model, client, asked or None))

    def asked(self, client: Client) -> frozenset[Scope] | None:
        """The scopes that a machine asks for, empty for all; None where it asks for one that it may not have."""
        own, wanted = {str(scope): scope for scope in mint(self.model, client)}, sequence(self.data.get("scopes"))
        unknown = [(i, text(name)) for i, name in enumerate(wanted) if name not in own]
        for i, name in unknown:
            self.unknown(f"scope of {client.name}", name, list(own), f"/scopes/{i}")
        return None if unknown else frozenset(own[text(name)] for name in wanted)

    def unknown(self, kind: str, name: str, known: list[str], below: str) -> None:
        hint = nearest.hint(name, known, f"there are {', '.join(known) or 'none'}")
        self.report.add(codes.UNKNOWN_PRINCIPAL.at(self.at(below), f"no {kind} is named `{name}`", hint))

    def listed(self) -> dict[Operation, tuple[Expected, Location]]:
        """What is expected, and where that stands; what is named counts before what `*` stands for."""
        named: dict[Operation, tuple[Expected, Location]] = {}
        others: dict[Operation, tuple[Expected, Location]] = {}
        for verdict, operation, where, is_named in self.entries():
            found = named if is_named else others
            if found.setdefault(operation, (verdict, where))[0] != verdict:
                message = f"`{self.name}` is expected to be both allowed and denied {operation.label}"
                self.report.add(codes.INVALID_EXPECTATIONS.at(where, message, "remove it from one of the two lists"))
        return others | named

    def entries(self) -> Iterator[tuple[Expected, Operation, Location, bool]]:
        """Every operation of both lists, and whether it was named there."""
        verdicts: tuple[Expected, ...] = ("allow", "deny")
        for verdict in verdicts:
            for i, name in enumerate(sequence(self.data.get(verdict))):
                named = Named(text(name), self.at(f"/{verdict}/{i}"))
                if named.text == _EVERY:
                    yield from ((verdict, one, named.location, False) for one in self.model.operations)
                elif (operation := operation_named(named, self.names, self.report)) is not None:
                    yield verdict, operation, named.location, True

    def at(self, below: str) -> Location:
        return Location(self.here.file, self.here.pointer + below, "value" if below else "key")


def allows(principal: Principal, operation: Operation) -> bool:
    """Whether API Gateway lets a principal call an operation.

    The operation itself is asked: its path, taken for that of a request, could lead to one with more exact a path.
    """
    claims: dict[str, Json] | None = None
    if principal.scopes is not None:
        claims = {"token_use": "access", "scope": " ".join(sorted(map(str, principal.scopes)))}
    return judge(operation, claims).allowed


def _held(principal: Principal) -> str:
    if principal.scopes is None:
        return "no token"
    return ", ".join(sorted(str(scope) for scope in principal.scopes if scope.server)) or "no scope of an API"
