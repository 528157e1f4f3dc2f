"""Documents that nobody wrote for scopegen: it builds them as their tags or their `security` say, or says rightly why not.

Always the few of `corpus_samples`, which show the shapes; and those of the folder that SCOPEGEN_CORPUS names, if it does.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpus import MODES, outcomes
from corpus_table import table
from corpus_tags import TAG

from scopegen.decide import Decision
from scopegen.diagnostics import Span
from scopegen.gateway.authorizer import Verdict
from scopegen.model import AnyOf, Scope
from scopegen.security import Reader, Scheme, Security

SAMPLES = Path(__file__).parent / "corpus_samples"
CORPUS = os.environ.get("SCOPEGEN_CORPUS", "")
BUILT = {
    "tagged": {
        "root.yaml",
        "plain.yaml",
        "answers.yaml",
        "wild.yaml",
        "plain.json",
        "hostile.json",
        "newer.yaml",
        "parts.multi/api/main.yaml",
    },
    "security": {"plain.yaml", "parts.multi/api/main.yaml"},
    "raw": set(),
}
BUILT["served"] = BUILT["tagged"]
REDUCED = {"tagged": {"security.yaml", "paths.yaml"}, "security": {"security.yaml"}, "raw": set()}
REDUCED["served"] = REDUCED["tagged"]


@pytest.mark.parametrize("mode", MODES)
def test_sample_documents(mode: str) -> None:
    found = list(outcomes(SAMPLES, mode))
    assert {one.name: one.wrong for one in found if one.wrong} == {}
    # Those of the past and of the future may be read one day.
    told = {one.name: one.how for one in found if one.name not in ("old.yaml", "newer.yaml")}
    assert {name for name, how in told.items() if how == "built"} == BUILT[mode] - {"newer.yaml"}
    assert {name for name, how in told.items() if how == "reduced"} == REDUCED[mode]
    assert table({mode: found}).startswith("## ")


@pytest.mark.skipif(not CORPUS, reason="SCOPEGEN_CORPUS names no folder of real documents")
@pytest.mark.parametrize("mode", MODES)
def test_real_documents(mode: str) -> None:
    assert {one.name: one.wrong for one in outcomes(Path(CORPUS), mode) if one.wrong} == {}


def _no_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegen.extract._Extractor._default", lambda *_: None)


def _other_default(monkeypatch: pytest.MonkeyPatch) -> None:
    other = AnyOf([[Scope("corpus", "other")]])
    monkeypatch.setattr("scopegen.extract._Extractor._default", lambda _, holder, *__: other if TAG in holder else None)


def _any_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegen.paths.refusal", lambda path: ("", ""))


def _every_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegen.security.kind", lambda scheme: Scheme.SCOPED)


def _first_alternative(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Reader.of

    def of(*given: Any) -> Security | None:
        found = original(*given)
        return found._replace(alternatives=found.alternatives[:1]) if found else None

    monkeypatch.setattr(Reader, "of", of)


def _no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegen.emit.prove", lambda *_: [])
    monkeypatch.setattr("scopegen.targets.apigateway.scopes", lambda requirement: ["openid"])


def _shifted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegen.source.Source.span", lambda *_: Span(9999, 1, 9999, 2))


def _bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegen.importable.schemas.Models.convert", lambda *_: 1 / 0)


def _open_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegen.gateway.app.authorize", lambda *_: Verdict(Decision(True, 200, "public", None)))


def _shut_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegen.gateway.app.authorize", lambda *_: Verdict(Decision(False, 401, "no token", None)))


def _any_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegen.gateway.example.made", lambda *_: {"never": "asked for"})


def _broken_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegen.gateway.responder.example", lambda *_: 1 / 0)


@pytest.mark.parametrize(
    ("mode", "mutant", "document"),
    [
        ("tagged", _no_defaults, "parts.multi/api/main.yaml"),
        ("tagged", _other_default, "hostile.json"),
        ("tagged", _any_path, "paths.yaml"),
        ("tagged", _no_proof, "plain.json"),
        ("tagged", _shifted, "paths.yaml"),
        ("tagged", _bug, "plain.json"),
        ("security", _every_scheme, "security.yaml"),
        ("security", _first_alternative, "plain.yaml"),
        ("security", _first_alternative, "security.yaml"),
        ("raw", _shifted, "invalid.yaml"),
        ("served", _open_gateway, "plain.yaml"),
        ("served", _shut_gateway, "plain.yaml"),
        ("served", _broken_answer, "plain.yaml"),
        ("served", _any_answer, "answers.yaml"),
    ],
)
def test_the_check_sees_what_is_wrong(
    mode: str, mutant: Callable[[pytest.MonkeyPatch], None], document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant(monkeypatch)
    assert any(one.wrong for one in outcomes(SAMPLES, mode, only=document))
