"""The matrix for people. In: a matrix. Out: one HTML page that needs nothing else: no server, no network, no library.

No name is ever markup. What the model says is data in a `script` element that is not run; the page makes text nodes of
it. Its policy lets only our own style and script run, known by their hashes, and lets nothing be loaded or sent.
"""

from typing import Any

from scopegen import limits, token_bytes
from scopegen.matrix import Matrix, Row, client_pages, permission_pages, scope_pages
from scopegen.model import AnyOf
from scopegen.quoting import shown as visible
from scopegen.templating import Raw, hash_source, render, static


def text(shown: Matrix, compiled: str = "") -> str:
    """The whole page."""
    style, script = static("matrix/access.css"), static("matrix/access.js")
    return render(
        "matrix/access.html",
        {
            "policy": hashed(style, script),
            "style": Raw(style),
            "script": Raw(script),
            "data": _visible(data(shown)),
        },
        compiled,
    )


def hashed(style: str, script: str, besides: str = "") -> str:
    """The Content-Security-Policy: nothing, but the one style and the one script."""
    return (
        f"default-src 'none'; style-src {hash_source(style)}; script-src {hash_source(script)}; {besides}base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _visible(value: Any) -> Any:
    """Data in which every text can be seen for what it is."""
    if isinstance(value, dict):
        return {key: _visible(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_visible(item) for item in value]
    return visible(value) if isinstance(value, str) else value


def data(shown: Matrix) -> dict[str, Any]:
    """Everything the page can show. Names stand once; everything else refers to them by number."""
    pages = list(scope_pages(shown))
    scopes = {page.scope: number for number, page in enumerate(pages)}
    permissions = {name: number for number, name in enumerate(shown.permissions)}
    clients = list(client_pages(shown))
    machines = {page.client.name: number for number, page in enumerate(clients) if page.size is not None}
    apis = sorted({row.operation.api for row in shown.rows})
    held = [page for page in shown.model.permissions if page.name in permissions]
    return {
        "signUp": shown.open_sign_up,
        "apis": apis,
        "whole": len(shown.model.operations),
        "scopes": [
            {
                "name": str(page.scope),
                "description": page.description,
                "parts": [scopes[part] for part in page.parts],
                "own": bool(page.scope.server),
                "permissions": [permissions[name] for name in page.permissions],
                "together": [[list(names) for names in parts] for parts in page.together],
                "machines": [machines[name] for name in page.machines],
                "bytes": token_bytes.scope_bytes(page.scope),
            }
            for page in pages
        ],
        "permissions": [
            {
                "name": one.name,
                "group": one.group,
                "scopes": [scopes[scope] for scope in one.scopes],
                "bytes": token_bytes.group_bytes(one.group),
                "token": page.size,
            }
            for one, page in zip(held, permission_pages(shown), strict=True)
        ],
        "clients": [
            {
                "name": page.client.name,
                "kind": page.client.kind,
                "scopes": [scopes[scope] for scope in page.scopes if scope in scopes],
                "minutes": page.client.token_minutes,
                "token": page.size,
            }
            for page in clients
        ],
        "operations": [_operation(row, apis, scopes, permissions, machines) for row in shown.rows],
        "token": _tokens(shown),
    }


def _tokens(shown: Matrix) -> dict[str, Any]:
    worst = token_bytes.worst(shown.model)
    return {
        "base": token_bytes.BASE,
        "room": token_bytes.ROOM,
        "worst": worst.size,
        "worstNumber": len(worst.permissions),
        "most": limits.GROUPS_PER_USER,
    }


def _operation(
    row: Row, apis: list[str], scopes: dict[Any, int], permissions: dict[str, int], machines: dict[str, int]
) -> dict[str, Any]:
    operation, requirement = row.operation, row.operation.requirement
    alternatives = requirement.alternatives if isinstance(requirement, AnyOf) else ()
    return {
        "api": apis.index(operation.api),
        "method": operation.method,
        "methods": list(row.methods),
        "path": operation.path,
        "id": operation.operation_id,
        "tags": list(operation.tags),
        "requires": row.requires,
        "anyOf": [[scopes[scope] for scope in parts] for parts in alternatives],
        "reason": row.reason,
        "signedIn": row.signed_in,
        "permissions": [permissions[name] for name in row.permissions if name in permissions],
        "together": [[list(names) for names in parts] for parts in row.together],
        "partly": [permissions[name] for name in sorted(row.partly) if name in permissions],
        "machines": [machines[name] for name in row.machines if name in machines],
        "source": operation.source.reference,
    }
