"""What became of the schemas of one document. In: one call a place. Out: one finding for every keyword."""

from collections import Counter

from scopegen import codes
from scopegen.diagnostics import Report
from scopegen.document import Document, Json
from scopegen.walk import Path, path_pointer

_RELAXED = {"not": "is left out", "oneOf": "is read as `anyOf`"}


class Notes:
    """Keywords that were rewritten and lost, with the first place of each: schemas are worked through from the last one on.

    `inexact` are the schemas, by identity, that now accept more than they did: `not` and `oneOf` must know of them.
    """

    def __init__(self) -> None:
        self.rewritten: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.first: dict[tuple[bool, str], Path] = {}
        self.inexact: set[int] = set()

    def rewrite(self, keyword: str, path: Path) -> None:
        """A keyword that 3.0 says in other words."""
        self.rewritten[keyword] += 1
        self.first[True, keyword] = path

    def lose(self, keyword: str, path: Path, node: dict[str, Json]) -> None:
        """A keyword that 3.0 cannot say, or not wholly."""
        self.lost[keyword] += 1
        self.first[False, keyword] = path
        self.loosen(node)

    def loosen(self, node: dict[str, Json]) -> None:
        """A schema that accepts more than it did, by what is reported elsewhere."""
        self.inexact.add(id(node))

    def report(self, document: Document, report: Report) -> None:
        for (is_rewritten, keyword), path in sorted(self.first.items(), key=lambda item: item[0]):
            where = document.at(path_pointer((path, keyword.split()[0])), "key")
            if is_rewritten:
                message = f"`{keyword}` of OpenAPI 3.1 is written as 3.0 says it ({_places(self.rewritten[keyword])})"
                report.add(codes.REWRITTEN_SCHEMA.at(where, message))
                continue
            places = _places(self.lost[keyword])
            message = f"`{keyword}` has no form in OpenAPI 3.0 ({places})"
            if keyword in _RELAXED:
                message = f"`{keyword}` {_RELAXED[keyword]} ({places}): OpenAPI 3.0 cannot say all that stands in it"
            hint = "API Gateway checks less than the document asks: the backend must check it"
            report.add(codes.UNSUPPORTED_KEYWORD.at(where, message, hint))


def _places(number: int) -> str:
    return f"{number} place{'s' if number > 1 else ''}"
