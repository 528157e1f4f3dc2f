"""What a comparison comes to, as frozen values. In: nothing. Out: Change, HolderChange, Replacement, Lockout, Comparison."""

from typing import Literal, NamedTuple, TypeAlias

from scopegen.diagnostics import Location
from scopegen.model import Operation, Scope

Kind: TypeAlias = Literal["opened", "broadened", "narrowed", "changed", "new", "removed", "renamed"]
KINDS: tuple[Kind, ...] = ("opened", "broadened", "narrowed", "changed", "new", "removed", "renamed")
WhoKind: TypeAlias = Literal[
    "everybody",
    "signed-in",
    "permission",
    "permissions",
    "client",
    "outsider",
    "bearer",
    "untold",
    "newcomer",
    "keyless",
    "barred",
]
HolderKind: TypeAlias = Literal["permission", "client"]
ResourceKind: TypeAlias = Literal["group", "client", "resource server", "api"]


class Who(NamedTuple):
    """Somebody who can call: `everybody` without a token; `signed-in`, every user with an account; a user who has a
    permission; a user who has several (of each inner tuple any one is enough); a machine client; an `outsider`, a client
    of somebody else that holds the named scopes of a resource server that exists already; a `bearer`, whoever else
    will be given the named scopes; `untold`, sets of permissions that are too many to be told one by one.
    And whom something else than a scope kept out: a `newcomer` who makes an account, the `keyless` who have no API key,
    the `barred` by a resource policy or a private endpoint."""

    kind: WhoKind
    names: tuple[tuple[str, ...], ...] = ()


EVERYBODY = Who("everybody")
SIGNED_IN = Who("signed-in")
UNTOLD = Who("untold")


class Change(NamedTuple):
    """What happened to one operation. `was` and `now` are the operation before and after, None where there is none.

    `who` gains it, or loses it where the kind is narrowed or removed; where that is everybody or every signed-in user,
    `others` are those who keep it. An operation that some gain and others lose has a change of either kind.
    Where it is `rerouted`, `was` and `now` are two operations: requests that the one answered reach the other now.
    What is new may answer requests that others with a variable did, `instead` of them, to somebody whom they refused.
    """

    kind: Kind
    was: Operation | None
    now: Operation | None
    who: tuple[Who, ...] = ()
    others: tuple[Who, ...] = ()
    rerouted: bool = False
    instead: tuple[Operation, ...] = ()

    @property
    def operation(self) -> Operation:
        """The operation as it is now, or was where it is gone."""
        operation = self.now or self.was
        if operation is None:
            raise ValueError("a change of nothing")
        return operation

    @property
    def is_gain(self) -> bool:
        """Whether `who` may do afterwards what they could not do before."""
        return self.kind in ("opened", "broadened", "new")


class HolderChange(NamedTuple):
    """A permission or a client before and after: which scopes it gains and loses, and which operations it alone opens
    more or less. `was` and `now` are its names, empty where there is none."""

    holder: HolderKind
    was: str
    now: str
    gains: tuple[Scope, ...]
    loses: tuple[Scope, ...]
    operations_gained: int
    operations_lost: int
    source: Location | None

    @property
    def kind(self) -> Kind:
        if not self.was or not self.now:
            return "removed" if self.was else "new"
        if self.gains:
            return "broadened"
        return "narrowed" if self.loses else "renamed"


class Replacement(NamedTuple):
    """A resource that cannot change in place: a new one takes its place; `now` is empty where none does."""

    resource: ResourceKind
    owner: str
    was: str
    now: str


class Lifetime(NamedTuple):
    """How long the access tokens of a client live, in minutes; None where an existing client keeps what nobody told us."""

    client: str
    was: int | None
    now: int | None


class Lockout(NamedTuple):
    """An operation that `who` may call before and after, but not with the tokens of before once its API is deployed.

    `is_mutual`: nor does a token of afterwards open it as it was, so that no order of deploying spares them.
    """

    was: Operation
    now: Operation
    who: tuple[Who, ...]
    is_mutual: bool


class Effect(NamedTuple):
    """How gains and losses take effect: at once where an operation asks for something else; where a grant comes or goes,
    with new tokens.

    `minutes` is how long the tokens of whoever loses a grant live at most; None where that is not known, or nobody does.
    """

    gained_at_once: bool
    gained_with_tokens: bool
    lost_at_once: bool
    lost_with_tokens: bool
    minutes: int | None


class Comparison(NamedTuple):
    """Everything that changed between two models, sorted; `unchanged` counts the operations with nothing to tell."""

    operations: tuple[Change, ...]
    holders: tuple[HolderChange, ...]
    replaced: tuple[Replacement, ...]
    lifetimes: tuple[Lifetime, ...]
    lockouts: tuple[Lockout, ...]
    effect: Effect
    unchanged: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.operations or self.holders or self.replaced or self.lifetimes)
