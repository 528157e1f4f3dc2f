"""Requests that another operation answers. In: pairs of operations, APIs with another name. Out: who did, who does.

API Gateway takes the most exact path, and of that the method or ANY (routing). So where an operation goes, a wider one
may answer what it did, and where one comes, it may answer what a wider one did: as a caller that is no other operation.
"""

from collections.abc import Iterable, Iterator, Mapping

from scopegen.compare.matching import Pair
from scopegen.model import Operation
from scopegen.routing import shape, specificity, template_parts

_ANYTHING = "\0"
_VARIABLE, _GREEDY = "{}", "{+}"
Methods = dict[str, Operation]


class _Node:
    """What begins with the same parts: by the next part, and the path that ends here, if one does."""

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.path = ""


class _Paths:
    """The paths of one API on one side, without the names of their variables, by their parts."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.methods: dict[str, Methods] = {}
        self._root = _Node()
        for one in operations:
            path = shape(one.path)
            if path not in self.methods:
                self.methods[path] = {}
                self._add(path)
            self.methods[path].setdefault(one.method, one)

    def _add(self, path: str) -> None:
        node = self._root
        for part in template_parts(path):
            node = node.below.setdefault(part, _Node())
        node.path = path

    def overlapping(self, parts: list[str]) -> list[str]:
        """The paths that some request matches which matches `parts` as well."""
        found, waiting = [], [(self._root, 0)]
        while waiting:
            node, depth = waiting.pop()
            part = parts[depth] if depth < len(parts) else ""
            if node.path and not part:
                found.append(node.path)
            for name, below in node.below.items() if part else ():
                if _GREEDY in (name, part):
                    found += _ends(below)
                elif name == part or _VARIABLE in (name, part):
                    waiting.append((below, depth + 1))
        return found

    def answers(self, request: list[str]) -> str:
        """The path that a request is answered by; empty where there is none."""
        ranks = ((specificity(path, request), path) for path in self.overlapping(request))
        return min(((rank, path) for rank, path in ranks if rank is not None), default=((), ""))[1]


def _ends(node: _Node) -> Iterator[str]:
    """Every path that ends here or below."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        waiting += node.below.values()
        if node.path:
            yield node.path


def _requests(one: list[str], other: list[str], longest: int) -> Iterator[list[str]]:
    """Requests that match two overlapping paths, and of the others only those that are wider than both.

    Two greedy paths share requests of any length, each of which others may answer.
    """
    greedy = [_GREEDY in parts[-1:] for parts in (one, other)]
    shortest = max(len(one), len(other))
    for length in range(shortest, longest + 2 if all(greedy) else shortest + 1):
        found = []
        for number in range(length):
            wanted = [parts[min(number, len(parts) - 1)] for parts in (one, other)]
            found.append(next((part for part in wanted if not part.startswith("{")), _ANYTHING))
        yield found


def rerouted(pairs: Iterable[Pair], apis: Mapping[str, str]) -> Iterator[tuple[Operation, Operation]]:
    """Operations of BASE, with those of HEAD that are others and answer some of the requests that they did."""
    known = list(pairs)
    same = {(was.key, now.key) for was, now in known if was is not None and now is not None}
    old: dict[str, list[Operation]] = {}
    new: dict[str, list[Operation]] = {}
    for was, now in known:
        if was is not None:
            old.setdefault(apis.get(was.api, was.api), []).append(was)
        if now is not None:
            new.setdefault(now.api, []).append(now)
    for api in sorted(old.keys() & new.keys()):
        found = dict.fromkeys(_answered(_Paths(old[api]), _Paths(new[api])))
        yield from ((was, now) for was, now in found if (was.key, now.key) not in same)


def _answered(old: _Paths, new: _Paths) -> Iterator[tuple[Operation, Operation]]:
    """Who answered and who answers, for every kind of request that can be another's now."""
    same = [
        (path, path) for path, methods in old.methods.items() if methods.keys() != new.methods.get(path, methods).keys()
    ]
    gone = [(was, now) for was in old.methods if was not in new.methods for now in new.overlapping(template_parts(was))]
    came = [(was, now) for now in new.methods if now not in old.methods for was in old.overlapping(template_parts(now))]
    longest = max((len(template_parts(path)) for path in (*old.methods, *new.methods)), default=0)
    for was, now in dict.fromkeys([*same, *gone, *came]):
        requests = _requests(template_parts(was), template_parts(now), longest)
        if any(old.answers(one) == was and new.answers(one) == now for one in requests):
            yield from _by_method(old.methods[was], new.methods[now])


def _by_method(old: Methods, new: Methods) -> Iterator[tuple[Operation, Operation]]:
    for method in sorted(old.keys() | new.keys()):
        was, now = old.get(method) or old.get("ANY"), new.get(method) or new.get("ANY")
        if was is not None and now is not None:
            yield was, now


def is_exacter(now: Operation, was: Operation) -> bool:
    """Whether it takes single requests from one with a variable, as `/pets/mine` does from `/pets/{id}`: something new.

    Whatever a greedy path or ANY answered was there before.
    """
    return not was.path.endswith("+}") and _exactness(now.path) < _exactness(was.path)


def _exactness(path: str) -> list[int]:
    return [2 if part == _GREEDY else int(part == _VARIABLE) for part in template_parts(shape(path))]
