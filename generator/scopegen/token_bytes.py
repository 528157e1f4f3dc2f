"""How large an access token may get. In: a model, who it is for. Out: an estimate in bytes.

Scopes and group names both travel in it, in base64; what else Cognito puts there has about the same size in every token.
"""

from collections.abc import Iterable
from typing import NamedTuple

from scopegen import limits
from scopegen.decide import mint
from scopegen.model import Client, Model, Permission, Scope

BASE = 1_100
_OTHER_HEADERS = 2_048
# What API Gateway leaves for the token: it takes so many bytes of headers in all.
ROOM = limits.HEADER_BYTES - _OTHER_HEADERS


class Worst(NamedTuple):
    """The largest token a user can have: by which permissions, and its size."""

    permissions: tuple[str, ...]
    size: int


def estimate(scopes: Iterable[Scope], groups: Iterable[str]) -> int:
    """The size of an access token that carries these scopes and groups."""
    return BASE + (sum(map(scope_bytes, scopes)) + sum(map(group_bytes, groups))) * 4 // 3


def scope_bytes(scope: Scope) -> int:
    return len(str(scope)) + 1


def group_bytes(group: str) -> int:
    return len(group.encode()) + 3


def of_permissions(model: Model, permissions: Iterable[Permission]) -> int:
    """The token of a user who has all of these."""
    held = tuple(permissions)
    return estimate(mint(model, [one.name for one in held]), [one.group for one in held])


def of_machine(model: Model, client: Client) -> int:
    """The token of a machine client that asks for everything it may have."""
    return estimate(mint(model, client), [])


def worst(model: Model) -> Worst:
    """The heaviest permissions, as many as one user can have."""
    heaviest = sorted(model.permissions, key=_weight, reverse=True)[: limits.GROUPS_PER_USER]
    return Worst(tuple(one.name for one in heaviest), of_permissions(model, heaviest))


def _weight(permission: Permission) -> int:
    return len(permission.group.encode()) + sum(map(scope_bytes, permission.scopes))
