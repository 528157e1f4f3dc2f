"""Names in a request -> what they mean. In: a Served, names. Out: an app, groups, scopes; a Refusal that names the nearest."""

from collections.abc import Iterable
from difflib import get_close_matches

from scopegen.console.reading import Refusal
from scopegen.limits import USER_NAME_LENGTH
from scopegen.pool.users import User, Users, is_user_name
from scopegen.served import App, Served


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint: what was most likely meant, else what there is."""
    names = sorted(known)
    folded = {one.casefold(): one for one in names}
    close = get_close_matches(name.casefold(), folded, 1, 0.6)
    if close:
        return f"did you mean `{folded[close[0]]}`?"
    shown = ", ".join(f"`{one}`" for one in names[:10])
    return f"there are {shown}{' ...' if len(names) > 10 else ''}" if names else "there are none"


def app_named(served: Served, name: str) -> App:
    found = served.apps.get(name)
    if found is None:
        raise Refusal(404, f"there is no client `{name}`", nearest(name, served.apps))
    return found


def user_app(served: Served, name: str | None) -> App:
    """The user client of this name; without one the only one there is: `served` sees to it that there is one."""
    own = [one.name for one in served.apps.values() if one.kind == "user"]
    if name is not None:
        app = app_named(served, name)
        if app.kind != "user":
            raise Refusal(400, f"`{name}` is a machine: nobody signs in through it", nearest(name, own))
        return app
    if len(own) != 1:
        raise Refusal(400, "there are several user clients: name the one to sign in through", nearest("", own))
    return served.apps[own[0]]


def groups_of(served: Served, permissions: Iterable[str]) -> tuple[str, ...]:
    """The groups of these permissions, each once."""
    for name in permissions:
        if name not in served.permissions:
            raise Refusal(404, f"there is no permission `{name}`", nearest(name, served.permissions))
    return tuple(dict.fromkeys(served.permissions[name] for name in permissions))


def permissions_of(served: Served, groups: Iterable[str]) -> list[str]:
    """The permissions that a user with these groups has."""
    held = set(groups)
    return [name for name, group in served.permissions.items() if group in held]


def scopes_for(app: App, names: Iterable[str] | None) -> frozenset[str] | None:
    """What a token of a machine is narrowed to; None for everything it has. A scope that it has not is refused."""
    if names is None:
        return None
    asked = frozenset(names)
    for name in sorted(asked - app.scopes):
        raise Refusal(403, f"`{app.name}` may not have the scope `{name}`", nearest(name, app.scopes))
    if not asked:
        raise Refusal(400, "`scopes` is empty: leave it out for all scopes of the client")
    return asked


def put(users: Users, name: str, groups: tuple[str, ...]) -> User:
    """Make a user, or give them these groups; what the pool says no to is a Refusal."""
    try:
        return users.put(name, groups)
    except ValueError as error:
        raise Refusal(400, str(error)) from None


def user_name(name: str) -> str:
    """A name that a user may have: printable, without blanks, as in Cognito."""
    if not is_user_name(name):
        raise Refusal(400, f"the name of a user has 1 to {USER_NAME_LENGTH} visible characters and no blanks")
    return name
