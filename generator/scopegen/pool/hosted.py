"""/oauth2/authorize and /logout: what a browser is shown, and where it is sent.

A page's form is for one request of one browser, known by a cookie; its request is kept here and read anew when the form
comes, so that nothing in the form can widen it. A form that another origin sent is refused. Sources: Cognito developer
guide, "Authorize endpoint", "Logout endpoint"; RFC 6749, 10.12.
"""

import hmac
import re
import secrets
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from scopegen.pool import pages
from scopegen.pool.answers import redirect
from scopegen.pool.authorization import Authorization, Refused, Unknown, read, whose
from scopegen.pool.parameters import Malformed, Pairs, form, once, query
from scopegen.pool.pool import SESSION_SECONDS, Form, Pool, Session
from scopegen.pool.sender import is_own
from scopegen.pool.users import User

BROWSER, SESSION = "scopegen-browser", "scopegen-session"
_RANDOM = re.compile(r"[A-Za-z0-9_-]{43}")


async def authorize(pool: Pool, request: Request) -> Response:
    """Sign somebody in: by the page, or at once who is signed in already."""
    try:
        pairs = query(request)
        asked = read(pairs, pool.served())
        user = pool.signed_in(request.cookies.get(SESSION, ""))
        if user is not None and not asked.asks_anew:
            return redirect(_with_code(pool, asked, user))
        if "none" in asked.prompt:
            return redirect(asked.answer(error="login_required"))
        return _page(pool, request, asked, pairs)
    except Refused as refused:
        return redirect(refused.location)
    except (Malformed, Unknown) as unknown:
        return pages.problem(str(unknown))


async def submit(pool: Pool, request: Request) -> Response:
    """The form of the page comes back."""
    try:
        if not is_own(request, pool.url):
            return pages.problem("This form came from another page.", 403)
        fields = await form(request)
        sent = pool.forms.pop(once(pair for pair in fields if pair[0] == "form").get("form", ""))
        if sent is None or not hmac.compare_digest(sent.browser, _browser(request) or secrets.token_urlsafe(32)):
            return pages.problem(
                "This form was sent before, is too old or is another browser's. Begin again in the app."
            )
        asked = read(sent.asked, pool.served())
        try:
            user = _chosen(pool, fields)
        except ValueError as error:
            return _page(pool, request, asked, sent.asked, f"That cannot be: {error}.")
        session = pool.sessions.add(Session(user.name, user.sub))
        response = redirect(_with_code(pool, asked, user), 303)
        response.set_cookie(SESSION, session, SESSION_SECONDS, httponly=True, samesite="lax")
        return response
    except Refused as refused:
        return redirect(refused.location, 303)
    except (Malformed, Unknown) as unknown:
        return pages.problem(str(unknown))


async def logout(pool: Pool, request: Request) -> Response:
    """Sign out in this browser, and go to a registered page or sign in again."""
    try:
        pairs = query(request)
        response = redirect(_after(pool, pairs))
    except (Malformed, Unknown) as unknown:
        return pages.problem(str(unknown))
    pool.sessions.pop(request.cookies.get(SESSION, ""))
    response.delete_cookie(SESSION, httponly=True, samesite="lax")
    return response


def _after(pool: Pool, pairs: Pairs) -> str:
    given = once(pairs)
    if "logout_uri" not in given:
        whose(pairs, pool.served())
        return f"/oauth2/authorize?{urlencode(pairs)}"
    app = pool.served().apps.get(given.get("client_id", ""))
    if app is None or given["logout_uri"] not in app.logout_urls:
        raise Unknown("The logout_uri is not exactly one of the logout URLs of the client_id.")
    return given["logout_uri"]


def _with_code(pool: Pool, asked: Authorization, user: User) -> str:
    grant = pool.grant(asked.app, user, asked.requested, nonce=asked.nonce)
    return asked.answer(code=pool.codes.give(grant, asked.redirect_uri, asked.challenge))


def _page(pool: Pool, request: Request, asked: Authorization, pairs: Pairs, message: str = "") -> Response:
    """The page, for this browser."""
    browser = _browser(request) or secrets.token_urlsafe(32)
    shown = pages.sign_in(asked, pool.forms.add(Form(browser, pairs)), pool.users.all(), pool.served().groups, message)
    shown.set_cookie(BROWSER, browser, httponly=True, samesite="lax")
    return shown


def _browser(request: Request) -> str:
    """The name of a browser, if it has one of ours."""
    name = request.cookies.get(BROWSER, "")
    return name if _RANDOM.fullmatch(name) else ""


def _chosen(pool: Pool, fields: Pairs) -> User:
    """Who it shall be: one of the users as they are, or a name with groups. ValueError."""
    given = once(pair for pair in fields if pair[0] != "group")
    if "user" not in given:
        return pool.users.put(given.get("name", "").strip(), [value for name, value in fields if name == "group"])
    user = pool.users.get(given["user"])
    if user is None:
        raise ValueError("there is no such user any longer")
    return user
