"""What is asked for. In: a matrix and a Filter. Out: the part of the matrix that answers, or the name that nobody has."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from scopegen.decide import mint
from scopegen.limits import METHODS
from scopegen.matrix import Matrix, Row, for_user, known_scopes, named_scopes


class Filter(NamedTuple):
    """What to show; empty is everything. Several permissions are one user who has them all, else any of several will do."""

    permissions: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Unknown(Exception):
    """A name that a filter asks for and nobody has, and the nearest that somebody has."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        from difflib import get_close_matches

        names = sorted(set(known))
        close = get_close_matches(name, names, 1) or names[:1]
        hint = f"; there is `{close[0]}`" if close else "; there is none"
        super().__init__(f"no {kind} is called `{name}`{hint}")


def narrowed(whole: Matrix, wanted: Filter) -> Matrix:
    """The rows that all of a filter asks for, with the columns it is about; Unknown for a name that nobody has."""
    _check(whole, wanted)
    rows = [row for row in whole.rows if _is_about(row, wanted)]
    if wanted.permissions:
        scopes = mint(whole.model, wanted.permissions)
        rows = [row for row in rows if for_user(row, scopes)]
    if wanted.clients:
        users = {one.name for one in whole.model.clients if one.kind == "user"}
        rows = [row for row in rows if _is_called_by(row, wanted.clients, users)]
    permissions, machines = _columns(whole, wanted)
    return whole._replace(rows=tuple(rows), permissions=permissions, machines=machines)


def _is_about(row: Row, wanted: Filter) -> bool:
    operation = row.operation
    methods = {method.upper() for method in wanted.methods}
    return (
        (not wanted.apis or operation.api in wanted.apis)
        and (not wanted.tags or not set(operation.tags).isdisjoint(wanted.tags))
        and (not methods or bool(methods & {operation.method, *row.methods}))
        and (not wanted.paths or any(fnmatchcase(operation.path, pattern) for pattern in wanted.paths))
        and (not wanted.scopes or not {str(scope) for scope in named_scopes(operation)}.isdisjoint(wanted.scopes))
    )


def _is_called_by(row: Row, clients: tuple[str, ...], users: set[str]) -> bool:
    """Whether one of the clients can make the call: for a user client, whether some user can."""
    if row.reason or not set(clients).isdisjoint(row.machines):
        return True
    return not users.isdisjoint(clients) and bool(row.signed_in or row.permissions or row.together)


def _columns(whole: Matrix, wanted: Filter) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is shown: those that are asked for, else all; beside a machine no permission, since it has none."""
    people = any(one.kind == "user" and one.name in wanted.clients for one in whole.model.clients)
    permissions, machines = whole.permissions, whole.machines
    if wanted.permissions:
        permissions = tuple(name for name in permissions if name in wanted.permissions)
    elif wanted.clients and not people:
        permissions = ()
    if wanted.permissions or wanted.clients:
        machines = tuple(name for name in machines if name in wanted.clients)
    return permissions, machines


def _check(whole: Matrix, wanted: Filter) -> None:
    model = whole.model
    methods = {*METHODS, *(one.method for one in model.operations)}
    for kind, names, known in (
        ("permission", wanted.permissions, {*whole.permissions}),
        ("client", wanted.clients, {one.name for one in model.clients}),
        ("scope", wanted.scopes, {str(scope) for scope in known_scopes(model)}),
        ("method", tuple(name.upper() for name in wanted.methods), methods),
        ("API", wanted.apis, {one.api for one in model.operations}),
        ("tag", wanted.tags, {tag for one in model.operations for tag in one.tags}),
    ):
        for name in names:
            if name not in known:
                raise Unknown(kind, name, known)
