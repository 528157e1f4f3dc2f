"""The table. In: what became of every document, by mode. Out: Markdown."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scopegen.codes import RULES
from scopegen.diagnostics import Severity

_SLOWEST = 8
_TITLES = {
    "tagged": "Every operation tagged",
    "security": "Untagged, `untagged: security`",
    "raw": "As it is, without configuration",
    "served": "Every operation tagged, served and called",
}
_HOW = {
    "built": "built",
    "reduced": "built without the paths and operations that must be refused",
    "refused": "refused",
    "crashed": "crashed",
}


def table(results: Mapping[str, Sequence[Any]]) -> str:
    """One section a mode."""
    return "\n".join(_section(mode, outcomes) for mode, outcomes in results.items())


def _section(mode: str, outcomes: Sequence[Any]) -> str:
    how = Counter(outcome.how for outcome in outcomes)
    rows: list[tuple[object, ...]] = [("documents", len(outcomes))]
    rows += [(title, how[key]) for key, title in _HOW.items()]
    rows += [
        ("operations", sum(outcome.operations for outcome in outcomes)),
        ("operations compared one by one", sum(outcome.compared for outcome in outcomes)),
        ("... of which in what was built", sum(outcome.modelled for outcome in outcomes)),
        ("disagreements", sum(len(outcome.wrong) for outcome in outcomes)),
    ]
    parts = [f"## {_TITLES[mode]}\n", _rows(("", ""), rows)]
    if mode == "security":
        parts.append("Operations by what their `security` is:\n")
        kinds = sorted({outcome.kind for outcome in outcomes})
        shapes = {
            kind: sum((one.shapes for one in outcomes if one.kind == kind and one.shapes), Counter[str]())
            for kind in kinds
        }
        names = sorted({name for counts in shapes.values() for name in counts})
        head = ("security", *(kind or "all" for kind in kinds))
        parts.append(_rows(head, [(name, *(shapes[kind][name] for kind in kinds)) for name in names]))
    for severity, title in ((Severity.ERROR, "refused for"), (Severity.WARNING, "warnings"), (Severity.NOTE, "notes")):
        parts.append(_rows((title, "rule", "documents", "findings"), _by_rule(outcomes, severity)))
    known = Counter(said for outcome in outcomes for said in outcome.known)
    if known:
        parts.append(_rows(("beside openapi-spec-validator", "documents"), known.most_common()))
    answers = sum((one.answers for one in outcomes if one.answers), Counter[str]())
    if answers:
        parts.append(_rows(("answered by", "calls"), answers.most_common()))
    slowest = sorted(outcomes, key=lambda outcome: -outcome.seconds)[:_SLOWEST]
    parts.append(_rows(("slowest", "seconds"), [(one.name, f"{one.seconds:.2f}") for one in slowest]))
    wrong = [(outcome.name, text.replace("\n", " ")) for outcome in outcomes for text in outcome.wrong]
    if wrong:
        parts.append(_rows(("disagreement", "what"), wrong))
    return "\n".join(parts)


def _by_rule(outcomes: Iterable[Any], severity: Severity) -> list[tuple[object, ...]]:
    documents: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    for outcome in outcomes:
        codes = [one.code for one in outcome.found if one.severity is severity]
        findings.update(codes)
        documents.update(set(codes))
    return [(code, RULES[code].name, count, findings[code]) for code, count in documents.most_common()]


def _rows(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)
