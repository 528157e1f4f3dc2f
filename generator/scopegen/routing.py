"""Which operation answers. In: the operations of one API, a concrete path. Out: the path of theirs that API Gateway takes.

A written part of a path beats a variable, a variable a greedy one, from left to right; only then is the method asked for.
Parts are compared as they are once percent escapes are resolved (`%2F` stays inside its part), in their own case; a
slash at the end, and more than one at the start, mean nothing.
Sources: API Gateway developer guide, "Set up a proxy integration with a proxy resource"; what it does not say is listed
in docs/explanation/aws.md.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scopegen.limits import METHODS
from scopegen.model import Model, Operation

_EXECUTE_API = ".execute-api."
_VARIABLE = re.compile(r"\{([^{}]+)\}")


def path_of(target: str) -> str:
    """The path of a URL or of a path with a query, still escaped."""
    path = _asked(target).partition("://")[2].partition("/")[2] if is_url(target) else _asked(target)
    return path if path.startswith("/") else f"/{path}"


def is_url(target: str) -> bool:
    """Whether a host stands before the path; API Gateway's own is known without a scheme."""
    return target[:1] != "/" and "://" in _asked(target)


def has_stage(target: str) -> bool:
    """Whether a URL is API Gateway's own, whose path begins with the stage."""
    host = _asked(target).partition("://")[2].partition("/")[0].rpartition("@")[2]
    return _EXECUTE_API in f".{host.lower()}"


def _asked(target: str) -> str:
    """A URL or a path without its query."""
    asked = target.partition("#")[0].partition("?")[0]
    host = "" if "://" in asked else asked.partition("/")[0]
    return f"https://{asked}" if _EXECUTE_API in host.lower() else asked


def without_stage(path: str) -> str:
    """A path without its first part."""
    return "/" + path.lstrip("/").partition("/")[2]


def parts_of(path: str) -> list[str]:
    """The parts of a concrete path, escapes resolved."""
    from urllib.parse import unquote

    return [unquote(part) for part in path.strip("/").split("/")] if path.strip("/") else []


def shape(path: str) -> str:
    """A path without the names of its variables: what a request can tell apart. A greedy one stays greedy."""
    return _VARIABLE.sub(lambda match: "{+}" if match[1][-1] == "+" else "{}", path)


def template_parts(template: str) -> list[str]:
    """The parts of a path with variables; none of the root."""
    return template.strip("/").split("/") if template.strip("/") else []


def specificity(template: str, parts: list[str]) -> tuple[int, ...] | None:
    """How a path with variables matches the parts of a concrete one: the smaller the more exactly; None where it does not."""
    wanted = template_parts(template)
    is_greedy = bool(wanted) and wanted[-1].endswith("+}")
    if len(parts) < len(wanted) or (len(parts) > len(wanted) and not is_greedy):
        return None
    found = []
    for want, part in zip(wanted, parts, strict=False):
        if want.startswith("{"):
            if not part and not want.endswith("+}"):
                return None
            found.append(2 if want.endswith("+}") else 1)
        elif want == part:
            found.append(0)
        else:
            return None
    return tuple(found)


def matching(paths: Iterable[str], path: str) -> list[str]:
    """The paths with variables that match a concrete one, the one that answers first."""
    parts = parts_of(path)
    ranks = {template: specificity(template, parts) for template in paths}
    found = [(rank, template) for template, rank in ranks.items() if rank is not None]
    return [template for _, template in sorted(found)]


def route(model: Model, api: str, method: str, path: str) -> Operation | None:
    """The operation that a request reaches, its query not looked at; None: API Gateway says `Missing Authentication Token`."""
    return Routes(one for one in model.operations if one.api == api).find(method, path)


class Routes:
    """The paths of one API as a tree of their parts, for many questions."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Part({}, {})
        for one in operations:
            part = self._root
            for name in template_parts(one.path):
                part = part.below.setdefault(_kind(name), _Part({}, {}))
            part.methods[one.method] = one

    def find(self, method: str, path: str) -> Operation | None:
        """The operation that answers."""
        found, asked = self._root.find(parts_of(path_of(path))), method.upper()
        return found.get(asked) or (found.get("ANY") if asked in (*METHODS, "ANY") else None)


_ONE, _REST = "{}", "{+}"


def _kind(part: str) -> str:
    """A part of a path, without the name of its variable."""
    return part if part[:1] != "{" else _REST if part.endswith("+}") else _ONE


class _Part(NamedTuple):
    """What lies below one part of a path, and the operations of the path that ends with it."""

    below: "dict[str, _Part]"
    methods: dict[str, Operation]

    def find(self, parts: Sequence[str]) -> dict[str, Operation]:
        """The operations of the most specific path that matches; none where none does."""
        if not parts:
            return self.methods
        exact, one, rest = (self.below.get(key) for key in (parts[0], _ONE, _REST))
        found = exact.find(parts[1:]) if exact is not None and parts[0] not in (_ONE, _REST) else {}
        if not found and one is not None and parts[0]:
            found = one.find(parts[1:])
        return found or (rest.methods if rest is not None else {})
