"""Every rule has a case that has it and one that nearly has it, a page, and a place in the manual.

A case has `files` (null removes one), what to `run` (`lint` if nothing is said), what is changed and run `then`, the
first lines of the diagnostics that it `finds`, and the `exit` code of the last command. `generate` writes a numbered
series where a marker stands; `tamper` alters one artifact after it was emitted and before it is proved.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from scopegen import codes, emit
from scopegen.artifacts import Artifact, Build
from scopegen.beside import Beside
from scopegen.cli import main
from scopegen.codes import RULES
from scopegen.diagnostics import Diagnostic, Rule
from scopegen.manual import HEADINGS, page

CASES = Path(__file__).parent / "rules"


def _cases() -> list[object]:
    cases: list[object] = []
    for path in sorted(CASES.glob("SG*.yaml")):
        for kind, case in yaml.safe_load(path.read_text("utf-8")).items():
            cases.append(pytest.param(path.stem, kind, case, id=f"{path.stem} {kind}"))
    return cases


@pytest.mark.parametrize(("code", "kind", "case"), _cases())
def test_case(
    code: str,
    kind: str,
    case: dict,
    workspace: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    series = case.get("generate", {})
    if "tamper" in case:
        _tamper(case["tamper"], monkeypatch)
    _write(case["files"], series, workspace)
    specs = [] if "scopegen.yaml" in case["files"] else [name for name in case["files"] if name.startswith("specs/")]
    exits = [main(command) for command in case.get("run", [["lint", *specs]])]
    after = case.get("then", {"files": {}, "run": []})
    _write(after["files"], series, workspace)
    exits += [main(command) for command in after["run"]]
    captured = capsys.readouterr()
    found = [line for line in (captured.out + captured.err).splitlines() if f" {code} " in f" {line}"]
    assert found == [_filled(line, series) for line in case["finds"]]
    assert bool(found) is kind.startswith("has")
    if "exit" in case:
        assert exits[-1] == case["exit"]


def _write(files: dict, series: dict, folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_filled(content, series).encode() if isinstance(content, str) else bytes(content))


def _filled(text: str, series: dict) -> str:
    """A text with each marker replaced by its series: `each` once for every number from 1 to `count`."""
    for marker, one in series.items():
        numbered = (one["each"].replace("<n>", str(number)) for number in range(1, one["count"] + 1))
        text = text.replace(marker, one.get("join", ", ").join(numbered))
    return text


def _tamper(tamper: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the proof see other bytes than were emitted."""
    proved, (old, new) = emit.prove, tamper["replace"]

    def prove(build: Build, artifacts: Iterable[Artifact], reader: Beside) -> list[Diagnostic]:
        files = {artifact.path: artifact.content for artifact in artifacts}
        if old.encode() not in files[tamper["path"]]:
            pytest.fail(f"{tamper['path']} holds no {old!r} to tamper with")  # no Exception: the command would eat it
        files[tamper["path"]] = files[tamper["path"]].replace(old.encode(), new.encode())
        return proved(build, tuple(Artifact(*file) for file in files.items()), reader)

    monkeypatch.setattr(emit, "prove", prove)


def test_no_code_and_no_name_stands_twice() -> None:
    written = [value for value in vars(codes).values() if isinstance(value, Rule)]
    assert len(written) == len({rule.code for rule in written}) == len({rule.name for rule in written})


def test_every_rule_has_both_cases() -> None:
    kinds = {path.stem: set(yaml.safe_load(path.read_text("utf-8"))) for path in CASES.glob("SG*.yaml")}
    lacking = [code for code in RULES if not {"has", "nearly"} <= kinds.get(code, set())]
    assert lacking == []
    assert sorted(kinds) == sorted(RULES)


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_a_whole_page(code: str) -> None:
    text = page(RULES[code])
    assert [heading for heading in HEADINGS if f"\n{heading}\n" not in text] == []
