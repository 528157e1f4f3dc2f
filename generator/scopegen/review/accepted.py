"""Changes that somebody accepts, with a reason and for a time. In: `scopegen-accepted.yaml`. Out: Entries, Acceptances.

An entry names a change by its fingerprint, or by kind, operation and principal. What counts stands in BASE: whoever makes
a change cannot accept it along with it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from scopegen import codes
from scopegen.compare.changes import KINDS, Change
from scopegen.diagnostics import Diagnostic, Location, Report, pointer
from scopegen.document import Json
from scopegen.locate import ACCEPTED_FILE
from scopegen.model import Operation, Public
from scopegen.quoting import json_literal
from scopegen.review.words import person
from scopegen.source import Source, load
from scopegen.tree import Tree

_KEYS = {"change", "reason", "author", "expires"}
_SHAPE = "{change: <fingerprint> or {kind, operation, principal}, reason, author, expires: YYYY-MM-DD}"


class Acceptance(NamedTuple):
    """Why a change is all right, who says so, and until when."""

    reason: str
    author: str
    expires: str


class Entry(NamedTuple):
    """One line of the file: a fingerprint, or kind, operation and principal."""

    change: tuple[str, ...]
    acceptance: Acceptance
    location: Location


def fingerprint(change: Change) -> str:
    """What a change is known by: the same for the same change of the same operation, wherever it is written."""
    operation = change.operation
    sides = [_requires(one) for one in (change.was, change.now)]
    where = [change.was.label] if change.was is not None and change.rerouted else []
    whole = [
        change.kind,
        *where,
        operation.api,
        operation.method,
        operation.path,
        *sides,
        sorted(map(person, change.who)),
    ]
    return hashlib.sha256(json_literal(whole).encode()).hexdigest()[:16]


def _requires(operation: Operation | None) -> Json:
    if operation is None:
        return None
    requirement = operation.requirement
    if isinstance(requirement, Public):
        return {"public": requirement.reason}
    return [[str(scope) for scope in parts] for parts in requirement.alternatives]


def names(change: Change) -> list[tuple[str, ...]]:
    """What a change is called in parts: kind, operation and each principal."""
    operation = change.operation
    start = f"{change.was.label} -> " if change.was is not None and change.rerouted else ""
    label = f"{operation.api}:{start}{operation.label}"
    return [(change.kind, label, person(who)) for who in change.who]


def read(tree: Tree, sources: dict[str, Source], report: Report) -> list[Entry]:
    """The entries of a workspace's file; none where there is no such file."""
    if not tree.glob(ACCEPTED_FILE):
        return []
    source = load(tree, ACCEPTED_FILE, sources, report, empty=[])
    data = source.data if source is not None else []
    if not isinstance(data, list):
        report.add(
            codes.INVALID_CONFIG.at(
                Location(ACCEPTED_FILE), f"`{ACCEPTED_FILE}` is no list", f"write entries: {_SHAPE}"
            )
        )
        return []
    found = (_entry(item, Location(ACCEPTED_FILE, pointer(number))) for number, item in enumerate(data))
    entries = []
    for one in found:
        if isinstance(one, Entry):
            entries.append(one)
        else:
            report.add(one)
    return entries


def _entry(item: Json, where: Location) -> Entry | Diagnostic:
    if not isinstance(item, dict) or set(item) != _KEYS:
        return codes.INVALID_CONFIG.at(where, "not an accepted change", f"write {_SHAPE}")
    texts = {key: str(value).strip() for key, value in item.items() if isinstance(value, str)}
    change = _named(item["change"])
    if not change:
        hint = "the fingerprint that `diff` shows, or {kind: broadened, operation: 'pets:GET /pets', principal: Reader}"
        return codes.INVALID_CONFIG.at(where, "`change` names no change", hint)
    for key in ("reason", "author"):
        if not texts.get(key):
            return codes.INVALID_CONFIG.at(where, f"`{key}` is empty", f"write {_SHAPE}")
    try:
        expires = date.fromisoformat(texts.get("expires", "")).isoformat()
    except ValueError:
        return codes.INVALID_CONFIG.at(where, "`expires` is no date", "write it as 2030-01-31")
    return Entry(change, Acceptance(texts["reason"], texts["author"], expires), where)


def _named(value: Json) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value.strip(),) if value.strip() else ()
    if not isinstance(value, dict) or set(value) != {"kind", "operation", "principal"} or value["kind"] not in KINDS:
        return ()
    kind, operation, principal = (str(value[key]).strip() for key in ("kind", "operation", "principal"))
    api, colon, label = operation.partition(":")
    return kind, f"{api}{colon}{label.strip()}", principal


def judge(
    changes: Iterable[Change], base: Sequence[Entry], head: Sequence[Entry], today: str
) -> tuple[dict[Change, Acceptance], list[Diagnostic]]:
    """The changes that BASE accepts, and the entries that do not count: expired, or added by the same change.

    `today` is written as `2030-01-31`.
    """
    valid = {one.change: one.acceptance for one in base if one.acceptance.expires >= today}
    old = {one.change for one in base}
    accepted, asked = {}, set[tuple[str, ...]]()
    for change in changes:
        mark, parts = (fingerprint(change),), names(change)
        asked |= {mark, *parts}
        if mark in valid:
            accepted[change] = valid[mark]
        elif parts and all(part in valid for part in parts):
            accepted[change] = _together([valid[part] for part in parts])
    problems = [_expired(one) for one in base if one.change not in valid and one.change in asked]
    problems += [_too_late(one) for one in head if one.change not in old and one.change in asked]
    return accepted, problems


def _together(several: Sequence[Acceptance]) -> Acceptance:
    """What several people accept is accepted until the first of them no longer does."""
    reasons, authors = (list(dict.fromkeys(texts)) for texts in zip(*(one[:2] for one in several), strict=True))
    return Acceptance("; ".join(reasons), ", ".join(authors), min(one.expires for one in several))


def _expired(entry: Entry) -> Diagnostic:
    message = f"the acceptance of `{' '.join(entry.change)}` expired on {entry.acceptance.expires}"
    return codes.INEFFECTIVE_ACCEPTANCE.at(entry.location, message, "accept it anew, in a change of its own")


def _too_late(entry: Entry) -> Diagnostic:
    message = f"`{' '.join(entry.change)}` is accepted by the change itself"
    hint = f"it counts once {ACCEPTED_FILE} is in BASE: merge the entry first, in a change of its own"
    return codes.INEFFECTIVE_ACCEPTANCE.at(entry.location, message, hint)
