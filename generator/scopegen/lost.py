"""What an import leaves behind. In: each thing that is lost, and where it stands. Out: one note a kind, with its number."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from scopegen.diagnostics import Diagnostic, Rule
from scopegen.document import Document


class _Kind(NamedTuple):
    rule: Rule
    what: str
    why: str
    hint: str


class Lost:
    """Counts what is lost of one document: a document of a thousand operations loses the same thing many times."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._number: Counter[_Kind] = Counter()
        self._first: dict[_Kind, str] = {}

    def add(self, rule: Rule, place: str, what: str, why: str, hint: str = "", number: int = 1) -> None:
        """`number` more: `what` happens (`x` is left out), `why`, the pointer of the key at which it stands."""
        kind = _Kind(rule, what, why, hint)
        self._number[kind] += number
        self._first.setdefault(kind, place)

    def notes(self) -> Iterator[Diagnostic]:
        """One finding a kind, at the first place."""
        for kind, number in self._number.items():
            where = self.document.at(self._first[kind], "key")
            places = f" ({number} places)" if number > 1 else ""
            yield kind.rule.at(where, f"{kind.what}{places}: {kind.why}", kind.hint)
