"""What both servers share while they run: the build that is served, why the last one is not, the calls of late."""

from collections import deque
from collections.abc import Callable

from scopegen.gateway.calls import Call
from scopegen.served import Served

_KEPT = 500


class State:
    """One process's. `told` hears of every call once it is answered, `heard` why the pool refused somebody."""

    def __init__(self, served: Served) -> None:
        self.served, self.problem = served, ""
        self.told: Callable[[Call], None] = lambda _: None
        self.heard: Callable[[str], None] = lambda _: None
        self._calls: deque[Call] = deque(maxlen=_KEPT)

    def seen(self, call: Call) -> None:
        """Remember a call, and tell of it."""
        self._calls.append(call)
        self.told(call)

    def calls(self, after: int = -1) -> list[Call]:
        """The calls of late with a number above `after`, the oldest first."""
        return [call for call in self._calls if call.number > after]
