"""Changes as people say them. In: values of a comparison. Out: texts on one line, not yet quoted for any output."""

from collections.abc import Iterable, Sequence

from scopegen.compare.changes import Change, Effect, HolderChange, Kind, Lifetime, Lockout, Replacement, Who
from scopegen.model import Model, Operation
from scopegen.wording import said

_CLASSES = {
    "everybody": "everybody",
    "signed-in": "every signed-in user",
    "untold": "combinations of permissions, too many to list",
    "newcomer": "whoever makes an account",
    "keyless": "whoever has no API key",
    "barred": "whoever the resource policy or private endpoint of before keeps out",
}


def person(who: Who) -> str:
    """Who somebody is: `Reader`, `client robot`, `(A or B) and C together`."""
    if who.kind in _CLASSES:
        return _CLASSES[who.kind]
    if who.kind == "outsider":
        return f"clients of others that hold {' and '.join(names[0] for names in who.names)}"
    if who.kind == "bearer":
        return f"whoever else is given {' and '.join(names[0] for names in who.names)}"
    if who.kind == "client":
        return f"client {who.names[0][0]}"
    parts = [" or ".join(names) for names in who.names]
    if len(parts) == 1:
        return parts[0]
    return " and ".join(f"({part})" if " or " in part else part for part in parts) + " together"


def people(these: Iterable[Who]) -> str:
    """Several of them; whom a larger group includes is not named beside it."""
    found = list(these)
    # Machines are no signed-in users, but those who read of all users need not read of each.
    for kind in ("everybody", "signed-in"):
        if any(who.kind == kind for who in found):
            return ", ".join([_CLASSES[kind], *(person(who) for who in found if who.kind in ("client", "outsider"))])
    return ", ".join(map(person, found))


def label(operation: Operation) -> str:
    """`pets: GET /pets`."""
    return f"{operation.api}: {operation.label}"


def subject(change: Change) -> str:
    """The operation; both names where it has two."""
    was, now = change.was, change.now
    if was is not None and now is not None and label(was) != label(now):
        return f"{label(was)} -> {label(now)}"
    return label(change.operation)


def requirements(change: Change) -> str:
    """What is required, before and after where the two differ."""
    was, now = change.was, change.now
    if was is None or now is None or was.requirement == now.requirement:
        return said(change.operation.requirement)
    return f"{said(was.requirement)} -> {said(now.requirement)}"


def effect(change: Change) -> str:
    """Who gains or loses; empty where nobody does."""
    if change.rerouted and change.was is not None and change.now is not None:
        return f"{change.now.label} answers requests that {change.was.label} did; gained by {people(change.who)}"
    if change.instead:
        others = ", ".join(f"{one.label} ({said(one.requirement)})" for one in change.instead)
        return f"callable by {people(change.who)}; takes requests from {others}"
    if change.kind in ("opened", "new"):
        return (
            f"callable by {people(change.who) or 'nobody yet'}"
            if change.was is None
            else f"gained by {people(change.who)}"
        )
    if change.kind in ("narrowed", "removed"):
        return _lost(change)
    if change.kind == "broadened":
        return f"gained by {people(change.who)}"
    return "nobody gains or loses it" if change.kind == "changed" else ""


def _lost(change: Change) -> str:
    """Whom all are, and who of them keeps it."""
    text = f"lost by {people(change.who) or 'nobody'}"
    if change.kind == "narrowed" and any(who.kind in ("everybody", "signed-in") for who in change.who):
        text += f" but {people(change.others) or 'nobody'}"
    return text


def holder(change: HolderChange) -> str:
    """`permission Reader`, `client a -> client b`."""
    names = f"{change.was} -> {change.now}" if change.was and change.now != change.was and change.now else ""
    return f"{change.holder} {names or change.now or change.was}"


def grants(change: HolderChange) -> str:
    """Which scopes somebody gains and loses, and what that comes to."""
    parts = []
    if change.gains:
        parts.append(f"gains {_listed(change.gains)}{_number('+', change.operations_gained)}")
    if change.loses and not change.now and change.holder == "client":
        # The stack retains it, and Cognito polices machines by their own list: it works until somebody deletes it.
        parts.append(f"keeps, until it is deleted in Cognito, {_listed(change.loses)}")
    elif change.loses:
        parts.append(f"loses {_listed(change.loses)}{_number('-', change.operations_lost)}")
    return "; ".join(parts) or ("grants what it did" if change.was and change.now else "grants nothing")


def _number(sign: str, count: int) -> str:
    return f" ({sign}{count} operation{'s' if count != 1 else ''})" if count else ""


def _listed(scopes: Sequence[object]) -> str:
    return ", ".join(map(str, scopes))


def lifetime(change: Lifetime) -> str:
    """How long tokens live now."""
    now = f"{change.now} minutes" if change.now else "as long as the client says"
    return f"tokens live {now}, not {change.was or '?'}"


def is_longer(change: Lifetime) -> bool:
    """Whether what is taken away works longer than before, as far as anybody knows."""
    return change.now is None or (change.was is not None and change.now > change.was)


def replacement(change: Replacement) -> str:
    """What takes the place of what, and what breaks by it."""
    was, now = f"`{change.was}`", f"`{change.now}`"
    if change.resource == "group":
        return f"permission {change.owner}: group {was} -> {now}: put its users into the new group; they sign in again"
    if change.resource == "resource server":
        return (
            f"resource server {was} -> {now}: every scope of it has another name; tokens of before open nothing of it"
        )
    if change.resource == "api":
        return f"API {was} -> {now}: another stack makes another API with another address; delete the old one"
    if not change.now:
        return f"client {change.owner}: stays in Cognito, with what it holds, until it is deleted there"
    return f"client {was} -> {now}: another client id and secret; the old one works until it is deleted in Cognito"


def takes_effect(effect: Effect) -> list[str]:
    """When whoever gains has it, and when whoever loses has lost it."""
    limit = f"within {effect.minutes} minutes" if effect.minutes else "when tokens expire, which is not known here"
    told = {
        "gained by what an operation requires: as soon as the API is deployed": effect.gained_at_once,
        "gained by a grant: with the next token after the identity is deployed": effect.gained_with_tokens,
        "lost by what an operation requires: as soon as the API is deployed": effect.lost_at_once,
        f"lost by a grant: {limit}, since a token lives on after the identity is deployed": effect.lost_with_tokens,
    }
    return [text for text, is_so in told.items() if is_so]


def advice(lockout: Lockout) -> str:
    """How to spare people a refusal on the way."""
    who = people(lockout.who)
    text = f"{label(lockout.now)}: tokens of today open it no longer once the API is deployed, for {who}"
    if lockout.is_mutual:
        wanted = said(lockout.was.requirement)
        return f"{text}; nor do new ones before that: accept both for a while, `anyOf` with {wanted}"
    return text


def rollout(lockouts: Sequence[Lockout], before: Model) -> list[str]:
    """Advice in two steps; empty where nobody is locked out on the way."""
    if not lockouts:
        return []
    lives = [client.token_minutes for client in before.clients]
    known = [minutes for minutes in lives if minutes is not None]
    wait = f"{max(known)} minutes" if known and len(known) == len(lives) else "until the tokens of today have expired"
    steps = "grant first, enforce later: deploy the identity stack, wait " + wait + ", then deploy the API"
    return [steps, *(f"SG410 {advice(one)}" for one in lockouts)]


def old_kind(changes: Sequence[Change]) -> Kind:
    """The kind of an operation that has several changes: a gain counts more than a loss, and that more than a name."""
    order: tuple[Kind, ...] = ("opened", "broadened", "new", "narrowed", "removed", "changed", "renamed")
    return min((change.kind for change in changes), key=order.index)
