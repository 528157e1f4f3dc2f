"""The matrix for a spreadsheet. In: a matrix. Out: CSV in which no cell is a formula."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator

from scopegen.matrix import Matrix, Row, client_pages, permission_pages, scope_pages
from scopegen.matrix.cells import heads, holders, marks, people, ways
from scopegen.quoting import csv_cell


def operations(shown: Matrix) -> str:
    """One operation a line, one column for each who could call it."""
    names = [*heads(shown)[:2], *(f"permission {name}" for name in shown.permissions)]
    head = ["api", "method", "path", "operationId", "requires", "users", "together", *names]
    head += [f"machine {name}" for name in shown.machines]
    return _written(head, (_operation(shown, row) for row in shown.rows))


def _operation(shown: Matrix, row: Row) -> list[str]:
    one = row.operation
    fixed = [one.api, one.method, one.path, one.operation_id, row.requires, people(row), "; ".join(ways(row.together))]
    return [*fixed, *(mark.word for mark in marks(shown, row))]


def permissions(shown: Matrix) -> str:
    """One permission and operation a line; a permission that opens nothing has one line too."""
    head = ["permission", "group", "scopes", "token bytes", "opens", "api", "method", "path"]
    return _written(
        head,
        (
            [page.permission.name, page.permission.group, _spaced(page.permission.scopes), str(page.size), *cells]
            for page in permission_pages(shown)
            for cells in _opened([("alone", page.opens), ("with others", page.helps)])
        ),
    )


def scopes(shown: Matrix) -> str:
    """One scope and operation a line."""
    head = ["scope", "description", "stands for", "held by", "needed", "api", "method", "path"]
    return _written(
        head,
        (
            [
                str(page.scope),
                page.description,
                _spaced(page.parts),
                holders(page),
                *cells,
            ]
            for page in scope_pages(shown)
            for cells in _opened([("yes", page.required_by)])
        ),
    )


def clients(shown: Matrix) -> str:
    """One client and operation a line; what a user client opens is a matter of its users."""
    head = ["client", "kind", "scopes", "token minutes", "token bytes", "opens", "api", "method", "path"]
    return _written(
        head,
        (
            [
                page.client.name,
                page.client.kind,
                _spaced(page.scopes),
                _number(page.client.token_minutes),
                _number(page.size),
                *cells,
            ]
            for page in client_pages(shown)
            for cells in _opened([("alone", page.opens)])
        ),
    )


def _opened(kinds: list[tuple[str, tuple[Row, ...]]]) -> Iterator[list[str]]:
    lines = [[kind, *row.operation.key] for kind, rows in kinds for row in rows]
    for kind, api, path, method in lines or [["", "", "", ""]]:
        yield [kind, api, method, path]


def _spaced(scopes: Iterable[object]) -> str:
    """As a token writes scopes."""
    return " ".join(map(str, scopes))


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _written(head: list[str], lines: Iterable[list[str]]) -> str:
    """Every cell in quotes: a reader that separates at semicolons must not find a cell inside of a cell."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([csv_cell(cell) for cell in line] for line in (head, *lines))
    return file.getvalue()


FORMS: dict[str, Callable[[Matrix], str]] = {
    "operation": operations,
    "permission": permissions,
    "scope": scopes,
    "client": clients,
}
