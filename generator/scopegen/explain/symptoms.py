"""What was seen -> what it most likely is. In: a status and a body, or an error of an import or a sign-in. Out: an Answer.

The tables are in `symptoms.yaml`, beside this.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from scopegen.document import Json, mapping, sequence, text
from scopegen.explain import Answer
from scopegen.yaml_events import load

_SHOWN = 200


class Symptom(NamedTuple):
    """Something seen: by status (0: any) and words; what it most likely is; what to do, the first thing first."""

    status: int
    words: str
    verdict: str
    todo: tuple[str, ...]


@cache
def tables() -> dict[str, tuple[Symptom, ...]]:
    """The symptoms of `answers`, `imports` and `sign-in`."""
    data = mapping(load((Path(__file__).parent / "symptoms.yaml").read_bytes()).data)
    return {name: tuple(_symptom(mapping(entry)) for entry in sequence(entries)) for name, entries in data.items()}


def _symptom(entry: Mapping[str, Json]) -> Symptom:
    status = entry.get("status", 0)
    assert isinstance(status, int)
    todo = tuple(text(one) for one in sequence(entry.get("do")))
    return Symptom(status, text(entry.get("words")), text(entry["verdict"]), todo)


def of_answer(status: int | None, body: str) -> Answer:
    """What a refused call most likely means, by its status and body alone."""
    said = f"{status or ''} {body}".strip()
    found = next((one for one in tables()["answers"] if _fits(one, status, body)), None)
    if found is None:
        return Answer(
            f"nothing known about `{_short(said)}`", (), ("give the token as well: --token-file FILE",), allowed=False
        )
    return Answer(f"LIKELY: {found.verdict}", (("seen", _short(said)),), found.todo, allowed=False)


def of_import(error: str) -> Answer:
    """What an error of `import-rest-api` or `put-rest-api` most likely means."""
    return _by_words("imports", error, "`scopegen lint` names what API Gateway refuses, with its line")


def of_sign_in(error: str) -> Answer:
    """What an error of a sign-in or of the token endpoint most likely means."""
    return _by_words("sign-in", error, "the error of `/oauth2/token` is one of RFC 6749, section 5.2")


def _by_words(table: str, error: str, otherwise: str) -> Answer:
    found = next((one for one in tables()[table] if _fits(one, None, error)), None)
    if found is None:
        return Answer(f"nothing known about `{_short(error)}`", (), (otherwise,))
    return Answer(f"LIKELY: {found.verdict}", (("seen", _short(error)),), found.todo)


def _fits(symptom: Symptom, status: int | None, body: str) -> bool:
    """Whether a symptom is what was seen. Without a status words decide, so that one must be there."""
    if status is not None and symptom.status not in (0, status):
        return False
    return bool(symptom.words or status is not None) and re.search(symptom.words, body, re.IGNORECASE) is not None


def _short(seen: str) -> str:
    return seen if len(seen) <= _SHOWN else f"{seen[:_SHOWN]}..."
