"""What is kept for a while. In: values. Out: the same by a key, until they are too old or too many; the oldest go first."""

import secrets
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by key for so many seconds, at most so many of them."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float]) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._values: dict[str, tuple[float, T]] = {}

    def __len__(self) -> int:
        return len(self._values)

    def put(self, key: str, value: T) -> None:
        """Keep a value from now on; what stands first is the oldest, since all live equally long."""
        self._values.pop(key, None)
        now = self._clock()
        while self._values:
            first = next(iter(self._values))
            if len(self._values) < self._most and self._values[first][0] > now:
                break
            del self._values[first]
        self._values[key] = now + self._seconds, value

    def add(self, value: T) -> str:
        """Keep a value under a key that nobody guesses."""
        key = secrets.token_urlsafe(32)
        self.put(key, value)
        return key

    def get(self, key: str) -> T | None:
        """The value of a key, if it is not too old."""
        until, value = self._values.get(key, (0.0, None))
        return value if until > self._clock() else None

    def pop(self, key: str) -> T | None:
        """The same for the last time."""
        value = self.get(key)
        self._values.pop(key, None)
        return value

    def drop(self, unwanted: Callable[[T], bool]) -> None:
        """Forget every value of which this is true."""
        self._values = {key: pair for key, pair in self._values.items() if not unwanted(pair[1])}
