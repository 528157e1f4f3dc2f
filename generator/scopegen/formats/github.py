"""Findings -> annotations of GitHub Actions. In: diagnostics. Out: one `::error ...::` command a line.

A command ends at its line, a property at `,` or `:`; both are escaped as the runner's own toolkit escapes them, after
everything that is no printable character has become its escape. A line that starts with our command is no other one.
"""

from collections.abc import Mapping, Sequence

from scopegen.codes import RULES
from scopegen.diagnostics import Diagnostic, Severity
from scopegen.formats.findings import Finding, findings
from scopegen.report import visible
from scopegen.source import Source

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(diagnostics: Sequence[Diagnostic], sources: Mapping[str, Source], root: str) -> str:
    """One annotation a finding; columns only where they lie in one line, since GitHub takes no others."""
    return "".join(f"{_command(finding)}\n" for finding in findings(diagnostics, sources, root))


def inert(text: str) -> str:
    """A text that may stand beside annotations: no line of it is a command, nor holds one in the runner's older form."""
    lines = text.replace("##[", "##\\[").splitlines()
    return "".join(f"| {line}\n" if line.lstrip().startswith("::") else f"{line}\n" for line in lines)


def _command(finding: Finding) -> str:
    diagnostic = finding.diagnostic
    rule = RULES.get(diagnostic.code)
    properties = _place(finding) | {"title": f"{diagnostic.code} {rule.name}" if rule else diagnostic.code}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "%0A".join(_data(part) for part in (finding.text, f"hint: {finding.hint}" if finding.hint else "") if part)
    return f"::{_COMMANDS[diagnostic.severity]} {written}::{text}"


def _place(finding: Finding) -> dict[str, str]:
    place = {"file": finding.file} if finding.file else {}
    if finding.file and (span := finding.span):
        place |= {"line": str(span.line), "endLine": str(span.end_line)}
        if span.line == span.end_line:
            place |= {"col": str(span.column), "endColumn": str(span.end_column)}
    return place


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
