"""Tokens for whoever develops. In: what was asked for, as plain data. Out: a token of the pool; a Refusal that says why not.

A user comes into being here, with the permissions that are named, and signs in as in the browser: by the trigger.
"""

from typing import Any

from scopegen.console import naming
from scopegen.console.reading import Refusal
from scopegen.document import Json, text
from scopegen.pool.pool import NotAllowed, Pool, TriggerFailed
from scopegen.pool.tokens import Tokens
from scopegen.served import App, Served

KINDS: dict[str, type] = {"client": str, "scopes": list, "user": str, "permissions": list}


async def token(served: Served, pool: Pool, asked: dict[str, Any]) -> Json:
    """The answer to POST /local/token."""
    try:
        tokens = await _of_user(served, pool, asked) if "user" in asked else _of_machine(served, pool, asked)
    except (NotAllowed, TriggerFailed) as error:
        raise Refusal(403, f"no token was issued: {error}") from None
    answer: dict[str, Json] = {
        "access_token": tokens.access,
        "expires_in": tokens.expires_in,
        "scope": text(pool.keys.read(tokens.access).get("scope")),
    }
    return answer if tokens.identity is None else {**answer, "id_token": tokens.identity}


async def _of_user(served: Served, pool: Pool, asked: dict[str, Any]) -> Tokens:
    """Everything is looked at before anything is changed."""
    name, app = naming.user_name(asked["user"]), naming.user_app(served, asked.get("client"))
    groups = naming.groups_of(served, asked["permissions"]) if "permissions" in asked else None
    user = pool.users.get(name) if groups is None else naming.put(pool.users, name, groups)
    if user is None:
        hint = naming.nearest(name, (one.name for one in pool.users.all()))
        raise Refusal(404, f"there is no user `{name}`: name the permissions to make one", hint)
    return await pool.sign_in(app, user, frozenset(asked["scopes"]) if "scopes" in asked else None)


def _of_machine(served: Served, pool: Pool, asked: dict[str, Any]) -> Tokens:
    if "client" not in asked:
        raise Refusal(400, "name a client, or a user", naming.nearest("", served.apps))
    if "permissions" in asked:
        raise Refusal(400, "permissions are a user's: name one")
    app = machine(served, asked["client"])
    return pool.machine(app, naming.scopes_for(app, asked.get("scopes")))


def machine(served: Served, name: str) -> App:
    """The machine client of this name."""
    app = naming.app_named(served, name)
    if app.kind != "machine":
        raise Refusal(400, f"through `{name}` users sign in: name the user")
    return app
