"""Which client asks. In: a request with a form. Out: the app it proved to be; Denied otherwise.

Sources: Cognito developer guide, "Token endpoint"; RFC 6749, 2.3. A machine proves itself by its secret, in the header or
in the form; a user's app has none, and says its name.
"""

import hmac

from starlette.requests import Request

from scopegen.pool.parameters import Malformed, basic
from scopegen.pool.pool import Pool
from scopegen.served import App


class Denied(Exception):
    """An error of OAuth by its name, with what else may be said."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error, self.description = error, description


def client(pool: Pool, request: Request, given: dict[str, str]) -> App:
    """The app that asks."""
    try:
        header = basic(request)
    except Malformed as error:
        raise Denied("invalid_client", str(error)) from None
    if header is not None and "client_secret" in given:
        raise Denied("invalid_request", "the client's secret stands both in the header and in the form")
    name, secret = header if header is not None else (given.get("client_id", ""), given.get("client_secret", ""))
    if not name:
        raise Denied("invalid_request", "client_id is missing")
    app = pool.served().apps.get(name)
    if app is None or given.get("client_id", name) != name:
        raise Denied("invalid_client")
    expected = pool.secret(app.name) if app.kind == "machine" else ""
    if not hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), expected.encode()):
        raise Denied("invalid_client")
    return app
