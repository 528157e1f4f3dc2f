"""Documents that nobody wrote for scopegen: it builds them as their tags or their `security` say, or says rightly why not.

Always the few of `corpus_samples`, which show the shapes; and those of the folder that SCOPEGEN_CORPUS names, if it does.
"""

import os
from pathlib import Path

import pytest
from corpus import MODES, outcomes
from corpus_table import table

SAMPLES = Path(__file__).parent / "corpus_samples"
CORPUS = os.environ.get("SCOPEGEN_CORPUS", "")
BUILT = {
    "tagged": {"plain.yaml", "wild.yaml", "plain.json", "hostile.json", "newer.yaml", "parts.multi/api/main.yaml"},
    "security": {"plain.yaml", "parts.multi/api/main.yaml"},
    "raw": set(),
}
REDUCED = {"tagged": {"security.yaml", "paths.yaml"}, "security": {"security.yaml"}, "raw": set()}


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
