"""What people call operations. In: operations. Out: those that `listPets`, `GET /pets` or either behind `<api>:` may name."""

from collections.abc import Iterable
from functools import cached_property

from scopegen.model import Operation


class OperationNames:
    """The operations by all their names, so that thousands can be asked for. Whoever gets several has to choose none."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._operations = tuple(operations)

    @cached_property  # most workspaces name none
    def _found(self) -> dict[tuple[str | None, str], list[Operation]]:
        found: dict[tuple[str | None, str], list[Operation]] = {}
        for one in self._operations:
            for name in _names(one):
                for api in (None, one.api):
                    found.setdefault((api, name), []).append(one)
        return found

    @cached_property
    def all(self) -> dict[str, None]:
        """Every name once, in the order of the operations."""
        return {name: None for one in self._operations for name in _names(one)}

    def named(self, written: str) -> list[Operation]:
        """Both readings of a colon count: an operationId `pets:list` must not take what was said of `list` in `pets`."""
        api, colon, rest = written.partition(":")
        found = [*self._found.get((None, written), ()), *(self._found.get((api, rest.strip()), ()) if colon else ())]
        return list({one.key: one for one in found}.values())


def _names(operation: Operation) -> dict[str, None]:
    return dict.fromkeys(name for name in (operation.operation_id, operation.label) if name)
