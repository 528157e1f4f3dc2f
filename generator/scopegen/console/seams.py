"""What the console needs of a pool, as types. In: nothing. Out: protocols that `pool/` fulfils, and so may a test."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from scopegen.document import Json
from scopegen.served import App


class Tokens(Protocol):
    """What a sign-in gives; `expires_in` in seconds."""

    @property
    def access(self) -> str: ...
    @property
    def identity(self) -> str | None: ...
    @property
    def expires_in(self) -> int: ...


class User(Protocol):
    """A local user."""

    @property
    def name(self) -> str: ...
    @property
    def groups(self) -> tuple[str, ...]: ...


class Users(Protocol):
    """All of them."""

    def put(self, name: str, groups: tuple[str, ...], /) -> User: ...
    def get(self, name: str, /) -> User | None: ...
    def all(self) -> Sequence[User]: ...
    def remove(self, name: str, /) -> object: ...


class Keys(Protocol):
    """What signed the tokens."""

    def read(self, token: str, /) -> Mapping[str, Json]: ...


class Pool(Protocol):
    """Who signs in, and what comes of it."""

    @property
    def url(self) -> str: ...
    @property
    def keys(self) -> Keys: ...
    @property
    def users(self) -> Users: ...
    def secret(self, app_name: str, /) -> str: ...
    # A user is handed back to the pool that made it, which alone knows its type.
    async def sign_in(self, app: App, user: Any, requested: frozenset[str] | None, /) -> Tokens: ...
    def machine(self, app: App, requested: Iterable[str] | None, /) -> Tokens: ...
