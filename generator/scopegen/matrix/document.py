"""The matrix for a wiki or a pull request. In: a matrix. Out: Markdown: a table with a column for each who could call,
or, where these are too many to read, one that names them."""

from itertools import groupby
from typing import Any

from scopegen import token_bytes
from scopegen.matrix import Matrix, Row, client_pages, permission_pages, scope_pages
from scopegen.matrix.cells import NO, everyone, heads, holders, kilobytes, marks, used, ways
from scopegen.templating import render

_MOST_COLUMNS = 14


def text(shown: Matrix, compiled: str = "") -> str:
    """The whole document."""
    return render("matrix/matrix.md", view(shown), compiled)


def view(shown: Matrix) -> dict[str, Any]:
    """Everything the document shows."""
    wide = len(heads(shown)) <= _MOST_COLUMNS
    worst = token_bytes.worst(shown.model)
    number = len(worst.permissions)
    return {
        "tally": shown.tally,
        "heads": heads(shown, "machine ") if wide else [],
        "apis": [
            {"name": name, "rows": [_row(shown, row) for row in rows]}
            for name, rows in groupby(shown.rows, lambda row: row.operation.api)
        ],
        "legend": [mark for mark in used(shown) if mark != NO] if wide else [],
        "notes": _notes(shown) if wide else [],
        "permissions": [
            {
                "name": page.permission.name,
                "group": page.permission.group,
                "scopes": page.permission.scopes,
                "opens": len(page.opens),
                "helps": len(page.helps),
                "size": kilobytes(page.size),
            }
            for page in permission_pages(shown)
        ],
        "worst": {
            "size": kilobytes(worst.size),
            "room": kilobytes(token_bytes.ROOM),
            "number": f"{number} permission{'' if number == 1 else 's'}",
        },
        "scopes": [
            {
                "name": page.scope,
                "parts": page.parts,
                "holders": holders(page),
                "operations": len(page.required_by),
            }
            for page in scope_pages(shown)
        ],
        "clients": [
            {
                "name": page.client.name,
                "kind": page.client.kind,
                "scopes": page.scopes,
                "opens": "" if page.size is None else len(page.opens),
                "token": _token(page.client.token_minutes, page.size),
            }
            for page in client_pages(shown)
        ],
    }


def _row(shown: Matrix, row: Row) -> dict[str, Any]:
    return {
        "label": row.operation.label,
        "requires": "public" if row.reason else row.requires,
        "public": row.reason,
        "marks": ["" if mark == NO else mark.sign for mark in marks(shown, row)],
        "everyone": everyone(row),
    }


def _notes(shown: Matrix) -> list[dict[str, str]]:
    """What the columns have no room for."""
    public = [{"label": row.operation.label, "text": f"public: {row.reason}"} for row in shown.rows if row.reason]
    together = [{"label": row.operation.label, "text": way} for row in shown.rows for way in ways(row.together)]
    return public + together


def _token(minutes: int | None, size: int | None) -> str:
    lives = "as it is" if minutes is None else f"{minutes} minutes"
    return lives if size is None else f"{lives}, {kilobytes(size)}"
