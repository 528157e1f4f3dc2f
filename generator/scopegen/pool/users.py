"""The users of a pool. In: names and groups, made on the fly. Out: users. ValueError for what Cognito would not take.

Sources: Amazon Cognito API reference, AdminCreateUser and CreateGroup (names); developer guide, "Adding groups to a user
pool": whoever comes from an identity provider is put into `<pool id>_<provider>`.
"""

import unicodedata
import uuid
from collections.abc import Callable, Iterable
from typing import NamedTuple

from scopegen.limits import GROUP_NAME_LENGTH, GROUPS_PER_USER, USER_NAME_LENGTH

POOL_ID = "us-east-1_Local"
_MOST = 10_000


class User(NamedTuple):
    """A user as they are at one moment. `sub` stays the same until the user is removed."""

    name: str
    sub: str
    groups: tuple[str, ...]
    attributes: dict[str, str]


class Users:
    """Everybody. `known` are the groups of the pool; None where others may exist that nobody told us of."""

    def __init__(self, known: Callable[[], frozenset[str] | None]) -> None:
        self._known = known
        self._users: dict[str, User] = {}

    def put(self, name: str, groups: Iterable[str]) -> User:
        """Make a user, or give them other groups. ValueError, and nothing changed, for a name or a group that cannot be."""
        if not is_user_name(name):
            raise ValueError(f"a user's name has 1 to {USER_NAME_LENGTH} characters, and no blanks")
        wanted = tuple(sorted(set(groups)))
        self._check(wanted)
        old = self._users.get(name)
        if old is None and len(self._users) >= _MOST:
            raise ValueError(f"there are {_MOST} users already")
        sub = old.sub if old is not None else str(uuid.uuid4())
        user = self._users[name] = User(name, sub, wanted, _attributes(name, sub))
        return user

    def get(self, name: str) -> User | None:
        """The user of that name."""
        return self._users.get(name)

    def all(self) -> list[User]:
        """Everybody by name."""
        return [self._users[name] for name in sorted(self._users)]

    def remove(self, name: str) -> None:
        """Forget a user, if there is one; another of that name is somebody else."""
        self._users.pop(name, None)

    def _check(self, groups: tuple[str, ...]) -> None:
        if len(groups) > GROUPS_PER_USER:
            raise ValueError(f"a user is in at most {GROUPS_PER_USER} groups")
        known = self._known()
        for group in groups:
            federated = group.removeprefix(f"{POOL_ID}_") not in (group, "")
            if not _is_name(group, GROUP_NAME_LENGTH) or not (known is None or group in known or federated):
                raise ValueError(f"there is no group `{group[:GROUP_NAME_LENGTH]}`")


def is_user_name(text: str) -> bool:
    """Whether a user may have this name."""
    return _is_name(text, USER_NAME_LENGTH)


def _is_name(text: str, most: int) -> bool:
    """Letters, marks, symbols, numbers and punctuation: nothing that is blank or cannot be seen."""
    return 0 < len(text) <= most and all(unicodedata.category(one)[0] in "LMSNP" for one in text)


def _attributes(name: str, sub: str) -> dict[str, str]:
    email = name if "@" in name else f"{name}@example.com"
    return {"sub": sub, "cognito:user_status": "CONFIRMED", "email": email, "email_verified": "true"}
