"""What every format says of a diagnostic. In: diagnostics and sources. Out: Findings: placed, ordered, fingerprinted."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scopegen import codes
from scopegen.diagnostics import Diagnostic, Span
from scopegen.quoting import json_literal
from scopegen.report import placed, shortened, shown_file
from scopegen.source import Source

_HEX = 16
_NOT_ASCII = re.compile(r"[^\n -~]")
_NAME = re.compile(r"(`[^`]*`)")
_NUMBER = re.compile(r"\d+")
# What counts in a list moves when something is put in before it; three digits from 100 to 599 are a status, a name.
_INDEX = re.compile(r"/(?![1-5]\d\d(?:/|$))\d+(?=/|$)")

_PLACES = re.compile(r" \(\d+ places\)")
_TOLD_ONCE = frozenset({codes.REWRITTEN_SCHEMA.code, codes.LEFT_OUT_OF_IMPORT.code})


class Finding(NamedTuple):
    """A diagnostic, the file as seen from the current folder, its span, a fingerprint that no other one has."""

    diagnostic: Diagnostic
    file: str
    span: Span | None
    fingerprint: str

    @property
    def text(self) -> str:
        """What is wrong, not longer than anybody reads."""
        return encodable(shortened(self.diagnostic.message))

    @property
    def hint(self) -> str:
        """What to do about it; may be empty."""
        return encodable(shortened(self.diagnostic.hint))


def findings(diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source], root: str = "") -> list[Finding]:
    """Every diagnostic in the order of the sources. Of several that are the same but for their lines, the first counts as 1."""
    seen: Counter[str] = Counter()
    found = []
    for span, diagnostic in placed(diagnostics, sources):
        mark = fingerprint(diagnostic)
        seen[mark] += 1
        unique = mark if seen[mark] == 1 else _hash(mark, str(seen[mark]))
        found.append(Finding(diagnostic, encodable(shown_file(diagnostic, sources, root)), span, unique))
    return found


def fingerprint(diagnostic: Diagnostic) -> str:
    """What a finding is known by while its lines move: a hash of code, file, operation or pointer, and message.

    Numbers outside of names are left out of the message, indices out of the pointer: what is counted changes with
    every edit that has nothing to do with the finding.
    """
    location = diagnostic.location
    file, pointer = (location.file, location.pointer) if location else ("", "")
    message = _PLACES.sub("", diagnostic.message)
    # What is found in many places is told at the first of them, which another order of keys makes another one.
    at_first = diagnostic.code in _TOLD_ONCE
    place = diagnostic.subject or ("" if at_first else _INDEX.sub("/#", pointer))
    return _hash(diagnostic.code, file, place, _without_numbers(message))


def _without_numbers(message: str) -> str:
    parts = _NAME.split(message)
    return "".join(part if part[:1] == "`" else _NUMBER.sub("#", part) for part in parts)


def _hash(*parts: str) -> str:
    return hashlib.sha256(json_literal(parts).encode(errors="surrogatepass")).hexdigest()[:_HEX]


def ascii_json(text: str) -> str:
    """JSON in ASCII, which says the same in every encoding that a terminal, a pipe or a redirection may have."""
    return _NOT_ASCII.sub(lambda match: json.dumps(match[0])[1:-1], text)


def encodable(text: str) -> str:
    """A text that UTF-8 can say: file names may hold bytes that are no text."""
    return text.encode(errors="replace").decode()
