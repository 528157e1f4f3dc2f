"""The matrix for programs. In: a matrix. Out: plain data; the same from every side, every name as it is."""

from typing import Any

from scopegen import quoting, token_bytes
from scopegen.matrix import Matrix, Row, Ways, client_pages, permission_pages, scope_pages
from scopegen.matrix.cells import everyone
from scopegen.model import AnyOf

VERSION = 1


def text(shown: Matrix) -> str:
    """JSON, one operation, permission, scope or client a line."""
    sections = dict.fromkeys(("operations", "permissions", "scopes", "clients"), 1)
    return quoting.json_visible(quoting.json_lined(data(shown), sections))


def data(shown: Matrix) -> dict[str, Any]:
    """Everything a program may want to ask."""
    worst = token_bytes.worst(shown.model)
    return {
        "version": VERSION,
        "operations": [_operation(row) for row in shown.rows],
        "permissions": [
            {
                "name": page.permission.name,
                "group": page.permission.group,
                "scopes": list(map(str, page.permission.scopes)),
                "opens": list(map(_key, page.opens)),
                "helpsToOpen": list(map(_key, page.helps)),
                "tokenBytes": page.size,
            }
            for page in permission_pages(shown)
        ],
        "scopes": [
            {
                "name": str(page.scope),
                "description": page.description,
                "allOf": list(map(str, page.parts)),
                "permissions": list(page.permissions),
                "together": _lists(page.together),
                "machines": list(page.machines),
                "requiredBy": list(map(_key, page.required_by)),
            }
            for page in scope_pages(shown)
        ],
        "clients": [
            {
                "name": page.client.name,
                "kind": page.client.kind,
                "scopes": list(map(str, page.scopes)),
                "opens": list(map(_key, page.opens)),
                "tokenMinutes": page.client.token_minutes,
                "tokenBytes": page.size,
            }
            for page in client_pages(shown)
        ],
        "largestToken": {"permissions": len(worst.permissions), "bytes": worst.size, "room": token_bytes.ROOM},
    }


def _operation(row: Row) -> dict[str, Any]:
    operation, requirement = row.operation, row.operation.requirement
    alternatives = requirement.alternatives if isinstance(requirement, AnyOf) else ()
    return {
        "api": operation.api,
        "method": operation.method,
        "path": operation.path,
        "operationId": operation.operation_id,
        "tags": list(operation.tags),
        "openTo": row.open_to or None,
        "reason": row.reason or None,
        "anyOf": [list(map(str, parts)) for parts in alternatives],
        "permissions": list(row.permissions),
        "together": _lists(row.together),
        "machines": list(row.machines),
        "callableBy": everyone(row),
        "source": operation.source.reference,
    }


def _key(row: Row) -> list[str]:
    return list(row.operation.key)


def _lists(together: Ways) -> list[list[list[str]]]:
    return [[list(names) for names in parts] for parts in together]
