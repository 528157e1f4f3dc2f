"""Findings for programs. In: diagnostics, the sources they point into, the workspace as seen from here. Out: a text.

Text for people is `report.render`'s. Each format writes what comes from a document as a literal of its language.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from scopegen.diagnostics import Diagnostic
from scopegen.formats import github, records, sarif
from scopegen.formats.findings import Finding, findings, fingerprint
from scopegen.source import Source

__all__ = ["FORMATS", "Finding", "Format", "findings", "fingerprint"]

Format: TypeAlias = Callable[[Sequence[Diagnostic], Mapping[str, Source], str], str]

FORMATS: Mapping[str, Format] = MappingProxyType(
    {"json": records.render, "sarif": sarif.render, "github": github.render}
)
