"""What people call operations. In: operations. Out: those that `listPets`, `GET /pets` or either behind `<api>:` may name."""

from collections.abc import Iterable

from scopegen.model import Operation


class OperationNames:
    """The operations by all their names, so that thousands can be asked for. Whoever gets several has to choose none."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._found: dict[tuple[str | None, str], list[Operation]] = {}
        self.all: dict[str, None] = {}
        for one in operations:
            names = dict.fromkeys(name for name in (one.operation_id, one.label) if name)
            self.all |= names
            for name in names:
                for api in (None, one.api):
                    self._found.setdefault((api, name), []).append(one)

    def named(self, written: str) -> list[Operation]:
        """Both readings of a colon count: an operationId `pets:list` must not take what was said of `list` in `pets`."""
        api, colon, rest = written.partition(":")
        found = [*self._found.get((None, written), ()), *(self._found.get((api, rest.strip()), ()) if colon else ())]
        return list({one.key: one for one in found}.values())
