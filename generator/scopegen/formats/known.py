"""The formats there are. In: diagnostics, the sources they point into, the workspace as seen from here. Out: a text."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from scopegen.diagnostics import Diagnostic
from scopegen.formats import github, records, sarif
from scopegen.source import Source

Format: TypeAlias = Callable[[Sequence[Diagnostic], Mapping[str, Source], str], str]

FORMATS: Mapping[str, Format] = MappingProxyType(
    {"json": records.render, "sarif": sarif.render, "github": github.render}
)
