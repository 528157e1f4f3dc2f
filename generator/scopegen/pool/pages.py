"""The pages of the pool. In: who asks, who there is. Out: HTML that needs no script, with headers that allow it little.

Nothing is loaded, nobody frames it, and a form goes to us, from where the browser is sent on to the app. Chromium holds
the places of that journey against `form-action` too, so the app's origin stands there; an app on this machine may send
on to its other port. The policy for referrers is `same-origin`: with `no-referrer` a browser says `Origin: null` when it
sends our own form (Fetch, "append a request Origin header"), and the form could not be told from a stranger's.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from scopegen.limits import LOCAL_HOSTS
from scopegen.pool.authorization import Authorization
from scopegen.pool.users import User
from scopegen.templating import Raw, hash_source, render, static

_HOST = re.compile(r"[A-Za-z0-9.-]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")


def sign_in(asked: Authorization, form: str, users: list[User], groups: list[str], message: str = "") -> HTMLResponse:
    """The page on which somebody says who they are."""
    view = {
        "app": asked.app.name,
        "place": asked.redirect_uri,
        "form": form,
        "message": message,
        "users": [{"name": user.name, "groups": list(user.groups)} for user in users],
        "groups": groups,
    }
    return _page("pool/sign_in.html", view, f"'self' {target(asked.redirect_uri)}", 400 if message else 200)


def problem(text: str, status: int = 400) -> HTMLResponse:
    """The page that says why nobody is sent anywhere."""
    return _page("pool/problem.html", {"text": text}, "'none'", status)


def target(place: str) -> str:
    """Where `form-action` lets a browser be sent for a URL: its origin; its scheme where the policy has no words for more."""
    try:
        url = urlsplit(place)
        host, port = url.hostname or "", f":{url.port}" if url.port is not None else ""
    except ValueError:
        return ""
    if not _SCHEME.fullmatch(url.scheme):
        return ""
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return f"{url.scheme}:"
    local = "http://localhost:* http://127.0.0.1:*" if host in LOCAL_HOSTS else ""
    return f"{url.scheme}://{host}{port} {local}".strip()


def _page(template: str, view: dict[str, Any], form_action: str, status: int) -> HTMLResponse:
    style = static("pool/pool.css")
    policy = (
        f"default-src 'none'; style-src {hash_source(style)}; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {form_action}"
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return HTMLResponse(render(template, {**view, "style": Raw(style)}, ""), status, headers)
