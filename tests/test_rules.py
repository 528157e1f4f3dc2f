"""Every rule has a case that has it and one that nearly has it, a page, and a place in the manual."""

from pathlib import Path

import pytest
import yaml

from scopegen.cli import main
from scopegen.codes import RULES
from scopegen.manual import HEADINGS, page

CASES = Path(__file__).parent / "rules"


def _cases() -> list[object]:
    cases: list[object] = []
    for path in sorted(CASES.glob("SG*.yaml")):
        for kind, case in yaml.safe_load(path.read_text("utf-8")).items():
            cases.append(pytest.param(path.stem, kind, case, id=f"{path.stem} {kind}"))
    return cases


@pytest.mark.parametrize(("code", "kind", "case"), _cases())
def test_case(code: str, kind: str, case: dict, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in case["files"].items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else bytes(content))
    specs = [] if "scopegen.yaml" in case["files"] else [name for name in case["files"] if name.startswith("specs/")]
    exits = [main(command) for command in case.get("run", [["lint", *specs]])]
    captured = capsys.readouterr()
    found = [line for line in (captured.out + captured.err).splitlines() if f" {code} " in line]
    assert found == case["finds"]
    assert bool(found) is kind.startswith("has")
    if "exit" in case:
        assert exits[-1] == case["exit"]


def test_every_rule_has_both_cases() -> None:
    kinds = {path.stem: set(yaml.safe_load(path.read_text("utf-8"))) for path in CASES.glob("SG*.yaml")}
    lacking = [code for code in RULES if not {"has", "nearly"} <= kinds.get(code, set())]
    assert lacking == []
    assert sorted(kinds) == sorted(RULES)


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_a_whole_page(code: str) -> None:
    text = page(RULES[code])
    assert [heading for heading in HEADINGS if f"\n{heading}\n" not in text] == []
