"""JSON that is read strictly. In: bytes, then values and where they stand. Out: what was asked of them, or NotAccess."""

import json
from collections.abc import Collection, Iterator

from scopegen.diagnostics import pointer


class NotAccess(ValueError):
    """Why a file is no `access.json`, as a phrase, and at which pointer."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.message, self.place = message, place


class Node:
    """A value and where it stands: under which key of what, since a pointer is only needed for what is wrong."""

    __slots__ = ("key", "parent", "value")

    def __init__(self, value: object, parent: "Node | None" = None, key: str | int = "") -> None:
        self.value, self.parent, self.key = value, parent, key

    @property
    def place(self) -> str:
        """The pointer of it."""
        return "" if self.parent is None else self.parent.place + pointer(self.key)

    def fail(self, message: str) -> NotAccess:
        return NotAccess(message, self.place)

    def object(self, keys: tuple[str, ...]) -> "dict[str, Node]":
        """An object of exactly these keys."""
        if not isinstance(self.value, dict):
            raise self.fail("not an object")
        if self.value.keys() != set(keys):
            raise self._misses(keys, self.value)
        return {key: Node(self.value[key], self, key) for key in keys}

    def _misses(self, keys: tuple[str, ...], found: Collection[str]) -> NotAccess:
        missing = [key for key in keys if key not in found]
        if missing:
            return self.fail(f"`{missing[0]}` is missing")
        unknown = next(key for key in found if key not in keys)
        return NotAccess(f"`{unknown}` is not known here", self.place + pointer(unknown))

    def items(self) -> "Iterator[Node]":
        if not isinstance(self.value, list):
            raise self.fail("not a list")
        for index, value in enumerate(self.value):
            yield Node(value, self, index)

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.fail("not a text")
        if not self.value.isascii() and any("\ud800" <= character <= "\udfff" for character in self.value):
            raise self.fail("half a surrogate pair")
        return self.value

    def name(self) -> str:
        if not self.text():
            raise self.fail("an empty name")
        return self.text()

    def word(self) -> str:
        """A name that Cognito takes for a group."""
        if any(character.isspace() for character in self.name()):
            raise self.fail("a name of several words")
        return self.text()

    def path(self) -> str:
        if not self.name().startswith("/"):
            raise self.fail("not a path: it begins with `/`")
        return self.text()

    def one_of(self, known: frozenset[str]) -> str:
        if self.text() not in known:
            raise self.fail(f"none of {', '.join(f'`{one}`' for one in sorted(known))}")
        return self.text()

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.fail("neither true nor false")
        return self.value

    def minutes(self) -> int | None:
        if self.value is not None and (isinstance(self.value, bool) or not isinstance(self.value, int)):
            raise self.fail("not a number of minutes")
        return self.value

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value


def parse(content: bytes) -> Node:
    """What JSON says; NotAccess for what is none, or says something twice."""
    try:
        return Node(json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once))
    except RecursionError:
        raise NotAccess("nested too deep") from None
    except NotAccess:
        raise
    except ValueError:
        raise NotAccess("not JSON") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise NotAccess(f"the key `{key}` stands twice in one object")
        found[key] = value
    return found
