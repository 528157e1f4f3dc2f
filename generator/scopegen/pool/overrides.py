"""What a trigger's answer asks for. In: the answer. Out: Overrides, and claims to which they are applied.

Rules: Cognito developer guide, "Pre token generation Lambda trigger". Where it says nothing, less is given: a scope that
is both added and suppressed is suppressed, a claim that may not be touched stays, a wrong shape fails the sign-in.
"""

from collections.abc import Mapping
from typing import NamedTuple

from scopegen.document import Json
from scopegen.pool.trigger import TriggerFailed

GROUPS = "cognito:groups"
_PROTECTED = frozenset(
    "sub username identities client_id event_id device_key version acr amr at_hash auth_time azp exp iat iss jti nbf "
    "nonce origin_jti token_use".split()
)


class Claims(NamedTuple):
    """What one of the tokens gets and loses."""

    add: Mapping[str, Json] = {}
    suppress: frozenset[str] = frozenset()


class Overrides(NamedTuple):
    """Everything an answer asks for. `groups` is None where they stay as they are."""

    access: Claims = Claims()
    identity: Claims = Claims()
    add: frozenset[str] = frozenset()
    suppress: frozenset[str] = frozenset()
    groups: tuple[str, ...] | None = None

    def scopes(self, asked: frozenset[str]) -> frozenset[str]:
        """The scopes of the access token."""
        return (asked | self.add) - self.suppress


def read(answer: Mapping[str, Json]) -> Overrides:
    """What an answer asks for; TriggerFailed where it has not the shape of one."""
    details = _mapping(_mapping(answer.get("response")).get("claimsAndScopeOverrideDetails"))
    access, identity = (_mapping(details.get(f"{name}TokenGeneration")) for name in ("access", "id"))
    return Overrides(
        _claims(access),
        _claims(identity),
        _scopes(access.get("scopesToAdd")),
        _scopes(access.get("scopesToSuppress")),
        # An empty or null object takes all groups away; only a missing one leaves them.
        tuple(_texts(_mapping(details["groupOverrideDetails"]).get("groupsToOverride")))
        if "groupOverrideDetails" in details
        else None,
    )


def applied(claims: Mapping[str, Json], wanted: Claims, client: str) -> dict[str, Json]:
    """The claims of one token with what is added to them and without what is suppressed; suppressing wins."""
    added = {key: value for key, value in wanted.add.items() if _may_add(key, value, client)}
    gone = {key for key in wanted.suppress if key == GROUPS or not _is_protected(key)}
    return {key: value for key, value in {**claims, **added}.items() if key not in gone}


def _may_add(key: str, value: Json, client: str) -> bool:
    """`aud` may only be the client; the scopes have lists of their own; `dev:` may only be taken away."""
    if key == "aud":
        return value == client
    return key != "scope" and not _is_protected(key) and not key.startswith("dev:")


def _is_protected(key: str) -> bool:
    return key in _PROTECTED or key.startswith("cognito:")


def _claims(generation: Mapping[str, Json]) -> Claims:
    return Claims(
        _mapping(generation.get("claimsToAddOrOverride")), frozenset(_texts(generation.get("claimsToSuppress")))
    )


def _scopes(value: Json) -> frozenset[str]:
    scopes = _texts(value)
    if any(scope.split() != [scope] for scope in scopes):
        raise TriggerFailed("the trigger's answer has a scope with blanks")
    return frozenset(scopes)


def _mapping(value: Json) -> Mapping[str, Json]:
    if value is not None and not isinstance(value, dict):
        raise TriggerFailed("the trigger's answer has not the shape of one")
    return value or {}


def _texts(value: Json) -> list[str]:
    texts = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    if value is not None and (not isinstance(value, list) or len(texts) != len(value)):
        raise TriggerFailed("the trigger's answer has not the shape of one")
    return texts
