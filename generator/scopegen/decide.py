"""The semantics. In: a model, who asks. Out: the scopes that a token of theirs carries, and what these open."""

from collections.abc import Iterable

from scopegen.model import AnyOf, Client, Model, Operation, Public, Requirement, Scope
from scopegen.names import derived_scopes


def mint(model: Model, holder: Client | Iterable[str], requested: frozenset[Scope] | None = None) -> frozenset[Scope]:
    """The API scopes in an access token: of a machine client, or of a user who has the named permissions.

    `requested` is what the token request names; it narrows a machine's scopes and changes nothing for a user.
    """
    if isinstance(holder, Client):
        own = frozenset(holder.scopes) if holder.kind == "machine" else frozenset()
    else:
        names = frozenset(holder)
        own = frozenset(scope for one in model.permissions if one.name in names for scope in one.scopes)
    held = _with_derived(own, derived_scopes(model))
    return held & requested if isinstance(holder, Client) and requested is not None else held


def _with_derived(own: frozenset[Scope], derived: dict[Scope, tuple[Scope, ...]]) -> frozenset[Scope]:
    return own | {scope for scope, parts in derived.items() if own.issuperset(parts)}


def opens(requirement: Requirement, scopes: frozenset[Scope]) -> bool:
    """Whether API scopes alone are enough; what any signed-in user may call is not opened by them."""
    return isinstance(requirement, Public) or any(scopes.issuperset(parts) for parts in requirement.alternatives)


def for_signed_in(requirement: Requirement) -> bool:
    """Whether a signed-in user needs no permission at all."""
    return isinstance(requirement, AnyOf) and any(
        not part.server for parts in requirement.alternatives for part in parts
    )


class Holders:
    """What each permission alone and each machine client holds: minted once, for questions about many operations."""

    def __init__(self, model: Model) -> None:
        derived = derived_scopes(model)
        self.permissions = {one.name: _with_derived(frozenset(one.scopes), derived) for one in model.permissions}
        machines = (one for one in model.clients if one.kind == "machine")
        self.machines = {one.name: _with_derived(frozenset(one.scopes), derived) for one in machines}
        granted = frozenset(scope for one in model.permissions for scope in one.scopes)
        self.everything = _with_derived(granted, derived)

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
