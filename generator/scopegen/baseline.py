"""Findings that were there when scopegen came. In: `scopegen-baseline.json`, or findings. Out: a Baseline, or that file.

Each entry is a fingerprint, with code, place and message in words for whoever reads the file. Guards never enter it.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from typing import NamedTuple

from scopegen import codes
from scopegen.codes import RULES
from scopegen.diagnostics import Diagnostic, Location, Part, Report, pointer
from scopegen.document import mapping, sequence, text
from scopegen.formats.findings import Finding, encodable
from scopegen.locate import BASELINE_FILE
from scopegen.quoting import json_lined, json_visible
from scopegen.schema_errors import findings, own_schema
from scopegen.source import Source, load
from scopegen.tree import Tree

FILE = BASELINE_FILE
_AGAIN = "`scopegen lint --write-baseline` writes it anew"
_MOST_TOLD = 20


class Entry(NamedTuple):
    """What the file says of a finding: its code, its place in words, and where it says so."""

    code: str
    place: str
    location: Location


class Baseline(NamedTuple):
    """The entries of a baseline by fingerprint."""

    known: dict[str, Entry]


NONE = Baseline({})


def read(tree: Tree, sources: dict[str, Source], report: Report) -> Baseline:
    """The baseline of a workspace; an empty one where there is none, or where the report says what is wrong with it."""
    if not tree.glob(FILE):
        return NONE
    source = load(tree, FILE, sources, report)
    if source is None:
        return NONE

    def at(path: str, part: Part) -> Location:
        return Location(FILE, path, part)

    problems = list(findings(source.data, own_schema("scopegen-baseline"), codes.INVALID_BASELINE, at))
    entries = [mapping(entry) for entry in sequence(mapping(source.data).get("findings"))]
    known = {}
    for i, entry in enumerate(entries if not problems else []):
        code, where = text(entry["code"]), Location(FILE, pointer("findings", i, "code"))
        if code not in RULES:
            problems.append(codes.INVALID_BASELINE.at(where, f"no rule has the code `{code}`", _AGAIN))
        elif RULES[code].guard:
            message = f"`{code}` keeps a system from failing open: it cannot be in a baseline"
            problems.append(codes.SILENCED_GUARD.at(where, message, "remove the entry"))
        mark = text(entry["fingerprint"])
        known[mark] = Entry(code, text(entry.get("place")) or mark, Location(FILE, pointer("findings", i)))
    report.add(*problems)
    return NONE if problems else Baseline(known)


def of(found: Iterable[Finding]) -> Baseline:
    """The baseline that knows these findings."""
    return Baseline({one.fingerprint: Entry(one.diagnostic.code, _place(one), Location(FILE)) for one in found})


def stale(baseline: Baseline, here: Container[str], looked_for: Callable[[str], bool]) -> Iterator[Diagnostic]:
    """SG028 for entries that are no longer found."""
    gone = [entry for mark, entry in baseline.known.items() if mark not in here and looked_for(entry.code)]
    for code, place, where in gone[:_MOST_TOLD]:
        yield codes.STALE_BASELINE.at(where, f"`{code}` is no longer found on `{place}`", _AGAIN)
    if len(gone) > _MOST_TOLD:
        message = f"{len(gone) - _MOST_TOLD} more findings of the baseline are gone"
        yield codes.STALE_BASELINE.at(Location(FILE, "/findings", "key"), message, _AGAIN)


def written(found: Iterable[Finding]) -> bytes:
    """The file that knows these findings: one a line, in an order that has nothing to do with lines."""
    entries = sorted((_entry(one) for one in found), key=lambda entry: tuple(entry.values()))
    return json_visible(json_lined({"version": 1, "findings": entries}, {"findings": 1})).encode()


def _entry(finding: Finding) -> dict[str, str]:
    diagnostic, location = finding.diagnostic, finding.diagnostic.location
    return {
        "file": encodable(location.file if location else ""),
        "place": _place(finding),
        "code": diagnostic.code,
        "message": finding.text,
        "fingerprint": finding.fingerprint,
    }


def _place(finding: Finding) -> str:
    """The operation of a finding, or where it stands."""
    location = finding.diagnostic.location
    return encodable(finding.diagnostic.subject or (location.pointer if location else ""))
