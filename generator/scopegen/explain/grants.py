"""The shortest way to a call. In: a model, an operation, who wants to call it. Out: whether they can, else what to grant."""

from collections.abc import Iterable, Sequence
from itertools import combinations, product

from scopegen.decide import lets_in, mint, opens
from scopegen.explain import Answer, holders, named
from scopegen.model import AnyOf, Client, Model, Operation, Permission, Scope

_AGAIN = "sign in again: a token keeps the scopes it was made with"
# Of permissions at once, of ways that are told, of kinds of permissions that are looked at: enough, and never long.
_MOST, _SHOWN, _LOOKED_AT = 3, 3, 30


def by_permissions(model: Model, operation: Operation, names: Sequence[str]) -> Answer:
    """Whether a user with these permissions can call an operation; `names` may be empty."""
    who = f"a user with {' and '.join(names)}" if names else "a user without permissions"
    own = mint(model, names)
    if lets_in(operation.requirement, own):
        return Answer(f"ALLOWED: {who} can call {operation.label}", _evidence(model, operation, own), allowed=True)
    todo = groups(model, operation, own)
    missing = _missing(operation, own)
    if names and missing:
        todo.append(f"or add {_and(missing)} to the permission {names[0]} in scopegen.yaml, build and deploy")
    elif missing and not todo:
        todo.append(f"grant {_and(missing)} to a permission in scopegen.yaml, build and deploy")
    verdict = f"DENIED: {who} lacks {_and(missing)} for {operation.label}"
    return Answer(verdict, _evidence(model, operation, own), (*todo, _AGAIN), allowed=False)


def by_client(model: Model, operation: Operation, client: Client) -> Answer:
    """Whether a client can call an operation; a user client as far as its users can."""
    if client.kind == "user":
        answer = by_permissions(model, operation, ())
        if answer.allowed:
            return answer
        verdict = (
            f"IT DEPENDS: {client.name} signs users in; each calls {operation.label} as far as their permissions go"
        )
        return Answer(verdict, answer.evidence, answer.todo, allowed=False)
    own = mint(model, client)
    evidence = _evidence(model, operation, own)
    if opens(operation.requirement, own):
        return Answer(f"ALLOWED: {client.name} can call {operation.label}", evidence, allowed=True)
    missing = _missing(operation, own)
    if not missing:
        verdict = f"DENIED: {client.name} is a machine, and {operation.label} is for signed-in users"
        return Answer(
            verdict, evidence, (f"give {operation.label} an alternative that a machine can hold",), allowed=False
        )
    add = f"add {_and(missing)} to `scopes` of the client {client.name} in scopegen.yaml, build and deploy"
    renew = f"{client.name} must then fetch a new token: one that is cached keeps what it has"
    return Answer(
        f"DENIED: {client.name} lacks {_and(missing)} for {operation.label}", evidence, (add, renew), allowed=False
    )


def _evidence(model: Model, operation: Operation, own: Iterable[Scope]) -> tuple[tuple[str, str], ...]:
    return (*named(operation), ("holds", ", ".join(sorted(map(str, own))) or "no scope"), *holders(model, operation))


def _missing(operation: Operation, own: frozenset[Scope]) -> tuple[Scope, ...]:
    """The fewest scopes that are lacking; none where no scope of an API would do."""
    assert isinstance(operation.requirement, AnyOf)
    wanted = [parts for parts in operation.requirement.alternatives if parts[0].server]
    lacking = [tuple(part for part in parts if part not in own) for parts in wanted]
    return min(lacking, key=lambda parts: (len(parts), parts), default=())


def groups(model: Model, operation: Operation, own: frozenset[Scope]) -> list[str]:
    """The groups that would do for a user whose token may carry these scopes, the smallest grants first."""
    return [_join(one) for one in _joined(model, operation, own)]


def _joined(model: Model, operation: Operation, own: frozenset[Scope]) -> list[tuple[Permission, ...]]:
    """The smallest sets of further permissions that would do, those that grant the least besides first."""
    assert isinstance(operation.requirement, AnyOf)
    alternatives = [frozenset(parts) for parts in operation.requirement.alternatives]
    found = {several for parts in alternatives for several in _covers(model, parts - own)}
    least = min(map(len, found), default=0)
    return sorted((several for several in found if len(several) == least), key=_granted_besides)[:_SHOWN]


def _granted_besides(permissions: tuple[Permission, ...]) -> tuple[int, list[str]]:
    return sum(len(one.scopes) for one in permissions), [one.name for one in permissions]


def _covers(model: Model, missing: frozenset[Scope]) -> list[tuple[Permission, ...]]:
    """Permissions that together grant what is missing: the smallest sets, of no more than `_MOST`."""
    givers: dict[frozenset[Scope], list[Permission]] = {}
    for one in sorted(model.permissions, key=lambda one: (len(one.scopes), one.name)):
        given = missing.intersection(one.scopes)
        if given and len(givers.setdefault(given, [])) < _SHOWN:
            givers[given].append(one)
    useful = sorted(givers, key=lambda given: (-len(given), sorted(given)))[:_LOOKED_AT]
    for size in range(1, _MOST + 1):
        together = [sets for sets in combinations(useful, size) if missing == frozenset().union(*sets)]
        if together:
            return [several for sets in together for several in product(*(givers[given] for given in sets))]
    return []


def _join(permissions: tuple[Permission, ...]) -> str:
    groups = " and ".join(
        f"{one.group}" + (f" (permission {one.name})" if one.name != one.group else "") for one in permissions
    )
    scopes = sorted({str(scope) for one in permissions for scope in one.scopes})
    return f"put the user into the group{'s' if len(permissions) > 1 else ''} {groups}: grants {', '.join(scopes)}"


def _and(scopes: Sequence[Scope]) -> str:
    return " and ".join(map(str, scopes)) or "an account of this pool"
