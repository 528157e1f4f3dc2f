"""The semantics. In: a model, who asks. Out: the scopes that a token of theirs carries, and what these open.

`mint` says what Cognito and the trigger put into a token, `decide` what API Gateway makes of it. Sources: API Gateway
developer guide, "Control access to REST APIs using Amazon Cognito user pools as an authorizer", and its table of
gateway responses.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, TypeAlias

from scopegen.document import Json
from scopegen.model import AnyOf, Client, Model, Operation, Public, Requirement, Scope
from scopegen.names import derived_scopes, single_scope
from scopegen.routing import route


def mint(model: Model, holder: Client | Iterable[str], requested: frozenset[Scope] | None = None) -> frozenset[Scope]:
    """The API scopes in an access token: of a machine client, or of a user who has the named permissions.

    `requested` is what the token request names; it narrows a machine's scopes and changes nothing for a user.
    """
    if isinstance(holder, Client):
        own = frozenset(holder.scopes) if holder.kind == "machine" else frozenset()
    else:
        names = frozenset(holder)
        own = frozenset(scope for one in model.permissions if one.name in names for scope in one.scopes)
    held = with_derived(own, derived_scopes(model))
    return held & requested if isinstance(holder, Client) and requested is not None else held


def with_derived(own: frozenset[Scope], derived: Mapping[Scope, tuple[Scope, ...]]) -> frozenset[Scope]:
    """What a token carries for these scopes: the derived ones as well that stand for several of them."""
    return own | {scope for scope, parts in derived.items() if own.issuperset(parts)}


def opens(requirement: Requirement, scopes: frozenset[Scope]) -> bool:
    """Whether API scopes alone are enough; what any signed-in user may call is not opened by them."""
    return isinstance(requirement, Public) or any(scopes.issuperset(parts) for parts in requirement.alternatives)


def for_signed_in(requirement: Requirement) -> bool:
    """Whether a signed-in user needs no permission at all."""
    return isinstance(requirement, AnyOf) and any(
        not part.server for parts in requirement.alternatives for part in parts
    )


def lets_in(requirement: Requirement, scopes: frozenset[Scope]) -> bool:
    """Whether a signed-in user gets in whose token carries these API scopes."""
    return for_signed_in(requirement) or opens(requirement, scopes)


class Holders:
    """What each permission alone and each machine client holds: minted once, for questions about many operations."""

    def __init__(self, model: Model) -> None:
        derived = derived_scopes(model)
        self.permissions = {one.name: with_derived(frozenset(one.scopes), derived) for one in model.permissions}
        machines = (one for one in model.clients if one.kind == "machine")
        self.machines = {one.name: with_derived(frozenset(one.scopes), derived) for one in machines}
        granted = frozenset(scope for one in model.permissions for scope in one.scopes)
        self.everything = with_derived(granted, derived)

    def of(self, operation: Operation) -> tuple[list[str], list[str]]:
        """The permissions and the machine clients each of which alone can call an operation that is not public."""
        permissions = [name for name, scopes in self.permissions.items() if opens(operation.requirement, scopes)]
        machines = [name for name, scopes in self.machines.items() if opens(operation.requirement, scopes)]
        return permissions, machines

    def together(self, requirement: Requirement) -> list[list[list[str]]]:
        """For each alternative that takes several permissions: part by part, those that give it.

        Permissions that are enough alone are not named again: who has one needs no other.
        """
        # Whoever gives the only part of an alternative needs nobody else.
        together = [] if isinstance(requirement, Public) else [one for one in requirement.alternatives if len(one) > 1]
        if not together:
            return []
        several = {name: scopes for name, scopes in self.permissions.items() if not opens(requirement, scopes)}
        ways = [[[name for name, scopes in several.items() if part in scopes] for part in parts] for parts in together]
        return [parts for parts in ways if all(parts)]


Reason: TypeAlias = Literal["public", "carried", "no route", "no token", "no access token", "expired", "not carried"]
_STATUSES: dict[Reason, int] = {"public": 200, "carried": 200, "no route": 403}
_LATEST = 1e12  # seconds; later than any time, and what is infinite is not below it
_UNAUTHORIZED = 401  # for a missing scope too, as the guide says; the table of gateway responses allows 403


class Part(NamedTuple):
    """One alternative of a requirement: the scope that a token must carry for it, what that stands for, what it lacks."""

    scope: Scope
    parts: tuple[Scope, ...]
    missing: tuple[Scope, ...]


class Decision(NamedTuple):
    """What API Gateway answers to a request, and why. `status` is 200 where the backend answers.

    `operation` is the one that was asked for; `alternatives` are what would do, the nearest first; `by` is the scope
    that opened it.
    """

    allowed: bool
    status: int
    reason: Reason
    operation: Operation | None
    alternatives: tuple[Part, ...] = ()
    by: Scope | None = None


def decide(
    model: Model, api: str, method: str, path: str, claims: Mapping[str, Json] | None, now: float | None = None
) -> Decision:
    """Whether a request gets through. `path` is concrete, may have a query, and no stage; `claims` are those of a token.

    That it is a token of ours is taken for granted: neither its signature nor its pool is looked at, nor, without `now`
    (seconds since 1970), its age.
    """
    operation = route(model, api, method, path)
    return _decided("no route", None) if operation is None else judge(operation, claims, now)


def judge(operation: Operation, claims: Mapping[str, Json] | None, now: float | None = None) -> Decision:
    """The same of a request that has reached its operation."""
    if isinstance(operation.requirement, Public):
        return _decided("public", operation)
    carried = scopes_in(claims) if claims is not None else frozenset()
    alternatives = _alternatives(operation.requirement, carried)
    if claims is None:
        return _decided("no token", operation, alternatives)
    if claims.get("token_use") != "access":
        return _decided("no access token", operation, alternatives)
    expires = expiry(claims)
    if now is not None and (expires is None or expires <= now):
        return _decided("expired", operation, alternatives)
    by = next((one.scope for one in alternatives if one.scope in carried), None)
    return _decided("carried" if by else "not carried", operation, alternatives, by)


def _decided(
    reason: Reason, operation: Operation | None, alternatives: tuple[Part, ...] = (), by: Scope | None = None
) -> Decision:
    status = _STATUSES.get(reason, _UNAUTHORIZED)
    return Decision(status == 200, status, reason, operation, alternatives, by)


def expiry(claims: Mapping[str, Json]) -> float | None:
    """When a token ends, in seconds since 1970; None where it does not say so as a number of a time."""
    written = claims.get("exp")
    is_time = isinstance(written, int | float) and not isinstance(written, bool) and abs(written) < _LATEST
    return written if is_time and isinstance(written, int | float) else None


def scopes_in(claims: Mapping[str, Json]) -> frozenset[Scope]:
    """The scopes that an access token carries: one text, separated by spaces."""
    written = claims.get("scope")
    texts = written.split(" ") if isinstance(written, str) else []
    return frozenset(Scope.parse(text) for text in texts if text and not text.endswith("/"))


def _alternatives(requirement: AnyOf, carried: frozenset[Scope]) -> tuple[Part, ...]:
    found = []
    for parts in requirement.alternatives:
        missing = tuple(part for part in parts if part not in carried)
        found.append(Part(single_scope(parts), parts, missing))
    return tuple(sorted(found, key=lambda one: (one.scope not in carried, len(one.missing), one.parts)))
