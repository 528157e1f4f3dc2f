"""Findings -> SARIF 2.1.0. In: diagnostics. Out: one run, with the manual of every rule that it found something for."""

from collections.abc import Mapping, Sequence

from scopegen.codes import RULES
from scopegen.diagnostics import Diagnostic, Rule
from scopegen.formats.findings import Finding, ascii_json, encodable, findings
from scopegen.manual import page
from scopegen.quoting import json_lined
from scopegen.source import Source

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LINK = "]("
_ESCAPED = str.maketrans({"\\": "\\\\", "[": "\\[", "]": "\\]"})


def render(diagnostics: Sequence[Diagnostic], sources: Mapping[str, Source], root: str) -> str:
    """A log with one run. Columns count characters; files are relative to the current folder."""
    found = findings(diagnostics, sources, root)
    codes = sorted({one.diagnostic.code for one in found} & RULES.keys())
    run = {
        "tool": {"driver": {"name": "scopegen", "rules": [_rule(RULES[code]) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes, root) for one in found],
    }
    return ascii_json(json_lined({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, {"runs": 4}))


def _rule(rule: Rule) -> dict[str, object]:
    manual = page(rule)
    meaning = " ".join(manual.partition("## What it means\n")[2].partition("\n## ")[0].split())
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.name.replace("-", " ")},
        "fullDescription": {"text": _text(meaning)},
        "help": {"text": _text(manual), "markdown": manual},
        "defaultConfiguration": {"level": rule.severity.word},
        "properties": {"tags": ["security", "authorization"] if rule.guard else ["authorization"]},
    }


def _result(finding: Finding, codes: list[str], root: str) -> dict[str, object]:
    diagnostic = finding.diagnostic
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "level": diagnostic.severity.word,
        "message": {"text": _text("\n".join(filter(None, (finding.text, finding.hint))))},
        "locations": [_location(finding, root)],
        # GitHub knows an alert again by the first, whatever its lines; others by any.
        "partialFingerprints": {"primaryLocationLineHash": finding.fingerprint, "scopegen/v1": finding.fingerprint},
    }
    return result | ({"ruleIndex": codes.index(diagnostic.code)} if diagnostic.code in codes else {})


def _location(finding: Finding, root: str) -> dict[str, object]:
    """Where it is; the workspace itself where it is nowhere, since GitHub refuses a result that is nowhere."""
    from urllib.parse import quote

    physical: dict[str, object] = {
        "artifactLocation": {"uri": quote(finding.file or encodable(root) or ".", safe="/"), "uriBaseId": "%SRCROOT%"}
    }
    if span := finding.span:
        end = {"endLine": span.end_line, "endColumn": span.end_column}
        physical["region"] = {"startLine": span.line, "startColumn": span.column, **end}
    subject = encodable(finding.diagnostic.subject)
    logical = [{"fullyQualifiedName": subject, "kind": "function"}] if subject else []
    return {"physicalLocation": physical} | ({"logicalLocations": logical} if logical else {})


def _text(text: str) -> str:
    """A message in which brackets are brackets: SARIF reads `[words](target)` as a link (2.1.0, 3.11.6)."""
    return text.translate(_ESCAPED) if _LINK in text else text
