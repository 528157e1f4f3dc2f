"""Findings -> JSON. In: diagnostics. Out: one object, one finding a line, everything a program may ask for."""

from collections.abc import Mapping, Sequence

from scopegen.codes import RULES
from scopegen.diagnostics import Diagnostic, Severity
from scopegen.formats.findings import Finding, ascii_json, encodable, findings
from scopegen.quoting import json_lined
from scopegen.source import Source

VERSION = 1


def render(diagnostics: Sequence[Diagnostic], sources: Mapping[str, Source], root: str) -> str:
    """`{"counts": {...}, "findings": [...], "version": 1}`."""
    found = findings(diagnostics, sources, root)
    counts = {one.word: sum(each.diagnostic.severity is one for each in found) for one in Severity}
    data = {"version": VERSION, "counts": counts, "findings": [_record(one) for one in found]}
    return ascii_json(json_lined(data, {"findings": 1}))


def _record(finding: Finding) -> dict[str, object]:
    diagnostic, span = finding.diagnostic, finding.span
    rule = RULES.get(diagnostic.code)
    record: dict[str, object] = {
        "code": diagnostic.code,
        "name": rule.name if rule else "",
        "guard": rule.guard if rule else False,
        "severity": diagnostic.severity.word,
        "message": finding.text,
        "hint": finding.hint,
        "operation": encodable(diagnostic.subject),
        "file": finding.file,
        "pointer": encodable(diagnostic.location.pointer) if diagnostic.location else "",
        "fingerprint": finding.fingerprint,
    }
    return record | (_lines(span._asdict()) if span else {})


def _lines(span: Mapping[str, int]) -> dict[str, object]:
    names = {"line": "line", "column": "column", "end_line": "endLine", "end_column": "endColumn"}
    return {name: span[key] for key, name in names.items()}
