"""What is hidden, and what nobody can hide."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopegen import cli, codes, triage
from scopegen.baseline import NONE, Baseline, Entry
from scopegen.cli import main, options
from scopegen.codes import RULES
from scopegen.diagnostics import Diagnostic, Location, Severity
from scopegen.formats.findings import findings
from scopegen.model import AnyOf, Operation, Scope
from scopegen.settings import ApiSettings, LintSettings, Override, Settings, Suppression

HERE = Location("scopegen.yaml", "/lint/suppress/0")
PETS = Location("specs/pets.yaml", "/paths/~1pets/get")
GET = Operation("pets", "/pets", "GET", "listPets", AnyOf([[Scope("petsapi", "read")]]), PETS)
SETTINGS = Settings("scopegen.yaml", apis=(ApiSettings("pets", "specs/pets.yaml"),))
TODAY = "2026-06-15"

ONE = st.builds(
    lambda rule, severity, subject: Diagnostic(rule, severity, "a thing", PETS, "", subject),
    st.sampled_from([*RULES, "SG777"]),
    st.sampled_from(Severity),
    st.sampled_from(["", "GET /pets"]),
)
SUPPRESSION = st.builds(
    Suppression,
    st.sampled_from(list(RULES)),
    st.sampled_from(["", "GET /pets", "listPets", "pets:GET /pets"]),
    st.just("specs/pets.yaml"),
    st.just("/paths/~1pets/get"),
    st.just("a reason"),
    st.sampled_from(["", "2026-06-15", "2026-06-14"]),
    st.just(HERE),
)
OVERRIDE = st.builds(Override, st.sampled_from(list(RULES)), st.sampled_from(Severity), st.just(HERE))
CHOICE = st.builds(
    triage.Choice,
    st.lists(st.sampled_from(["SG", "SG1", "SG117", "SG9"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(["SG", "SG1", "SG117", "SG9"]), max_size=2).map(tuple),
)


def run(*suppressions: Suppression, overrides: tuple[Override, ...] = (), stopped: bool = False) -> triage.Run:
    lint = LintSettings(overrides, suppressions)
    return triage.Run(SETTINGS._replace(lint=lint), [GET], {}, stopped=stopped, strict=True)


@given(
    st.lists(ONE, max_size=6, unique=True),
    st.lists(SUPPRESSION, max_size=4),
    st.lists(OVERRIDE, max_size=4),
    CHOICE,
    st.booleans(),
    st.booleans(),
)
def test_nothing_hides_or_lowers_a_guard_or_an_error(
    found: list[Diagnostic],
    suppressions: list[Suppression],
    overrides: list[Override],
    choice: triage.Choice,
    known: bool,
    stopped: bool,
) -> None:
    """Even where the configuration was not refused, as it is."""
    entries = {one.fingerprint: Entry(one.diagnostic.code, "", HERE) for one in findings(found, {})}
    everything = run(*suppressions, overrides=tuple(overrides), stopped=stopped)
    verdict = triage.judge(found, everything, Baseline(entries if known else {}), choice, TODAY)
    for one in found:
        rule = RULES.get(one.code)
        if rule is None or rule.guard or (one.severity is Severity.ERROR and one.code != "SG021"):
            same = [each for each in verdict.shown if each._replace(severity=one.severity) == one]
            assert same, one
            assert max(each.severity for each in same) >= one.severity
    assert all(triage.can_hide(one.diagnostic) for one in triage.for_baseline(found, everything, TODAY))


@given(st.lists(ONE, max_size=6, unique=True), st.lists(SUPPRESSION, max_size=3), CHOICE)
def test_every_finding_is_shown_or_counted(
    found: list[Diagnostic], suppressions: list[Suppression], choice: triage.Choice
) -> None:
    entries = {one.fingerprint: Entry(one.diagnostic.code, "", HERE) for one in findings(found, {})}
    verdict = triage.judge(found, run(*suppressions), Baseline(entries), choice, TODAY)
    own = {codes.UNUSED_SUPPRESSION.code, codes.EXPIRED_SUPPRESSION.code, codes.STALE_BASELINE.code}
    shown = [one for one in verdict.shown if one in found]
    others = [one for one in verdict.shown if one not in found]
    assert {one.code for one in others} <= own
    hidden = verdict.suppressed + verdict.known + verdict.ignored
    assert len(found) - len(shown) <= hidden


def test_nothing_said_is_nothing_changed() -> None:
    found = [codes.VERB_SCOPE_MISMATCH.at(PETS, "a thing", "", "GET /pets")]
    assert triage.judge(found, run(), Baseline({}), triage.EVERYTHING, TODAY) == triage.Verdict(found)


@pytest.mark.parametrize(
    ("select", "ignore", "shown"),
    [
        ((), (), True),
        (("SG1",), (), True),
        (("SG2",), (), False),
        ((), ("SG",), False),
        (("SG117",), ("SG1",), True),
        (("SG1",), ("SG117",), False),
        (("SG117",), ("SG117",), False),
        (("SG",), ("SG2",), True),
    ],
)
def test_the_longer_prefix_counts(select: tuple[str, ...], ignore: tuple[str, ...], shown: bool) -> None:
    assert triage.Choice(select, ignore).shows("SG117") is shown


SPEC = """openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    delete:
      x-required-scope: petsapi/read
      responses: {"200": {description: ok}}
"""
SUPPRESS = "lint: {suppress: [{rule: SG117, operation: DELETE /pets, reason: a test, expires: %s}]}\n"


@pytest.fixture
def on(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Calling it makes it another day."""
    (workspace / "specs").mkdir()
    (workspace / "specs/pets.yaml").write_text(SPEC)
    (workspace / "scopegen.yaml").write_text(SUPPRESS % "2026-06-15")

    def on(day: str) -> None:
        monkeypatch.setattr(options, "today", lambda: day)
        monkeypatch.setattr(cli.session, "today", lambda: day)

    import scopegen.cli.session

    assert scopegen.cli.session
    return on


def test_a_remembered_build_does_not_outlive_a_suppression(
    on: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    on("2026-06-14")
    assert main(["build"]) == 0
    assert capsys.readouterr().err == "1 suppressed\n"
    for day, expired in (("2026-06-15", False), ("2026-06-16", True), ("2026-06-17", True)):
        on(day)
        assert main(["build"]) == 0
        said = capsys.readouterr()
        assert ("SG025" in said.err, "SG117" in said.err) == (expired, expired), day
        assert "all up to date" in said.out


def test_a_build_that_was_refused_stays_refused(on: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    """An edited output, made a warning, is still not overwritten."""
    on("2026-06-14")
    assert main(["build"]) == 0
    Path("build/access.json").write_text("mine")
    Path("scopegen.yaml").write_text("lint: {severity: {SG602: note, SG601: note}}\n")
    assert main(["build"]) == 1
    assert Path("build/access.json").read_text() == "mine"
    assert main(["build", "--check"]) == 1
    assert "SG602 error" in capsys.readouterr().err


def test_what_is_raised_to_an_error_stops_a_build(on: Callable[[str], None]) -> None:
    on("2026-06-14")
    Path("scopegen.yaml").write_text("lint: {severity: {SG117: error}}\n")
    assert main(["lint"]) == main(["build"]) == 1
    assert not Path("build").exists()


def test_a_new_baseline_is_seen_by_a_remembered_build(
    on: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    on("2026-06-14")
    Path("scopegen.yaml").write_text("{}\n")
    assert main(["build"]) == 0
    assert "SG117" in capsys.readouterr().err
    assert main(["lint", "--write-baseline"]) == 0
    assert main(["build"]) == 0
    assert capsys.readouterr().err == "1 finding of the baseline\n"
    Path("scopegen-baseline.json").unlink()
    assert main(["build"]) == 0
    assert "SG117" in capsys.readouterr().err


def test_an_error_in_one_document_is_not_hidden_behind_another_one(on: Callable[[str], None]) -> None:
    """A suppressed error would stop the line before an untagged operation is looked for."""
    on("2026-06-14")
    twice = (
        SPEC
        + '    put:\n      operationId: a\n      x-required-scope: petsapi/write\n      responses: {"200": {description: ok}}\n'
    )
    Path("specs/pets.yaml").write_text(
        twice + twice.split("  /pets:\n")[1].replace("delete", "patch").replace("put", "post")
    )
    Path("specs/open.yaml").write_text(SPEC.replace("      x-required-scope: petsapi/read\n", ""))
    Path("scopegen.yaml").write_text(
        "lint: {suppress: [{rule: SG012, operation: a, reason: a test}], severity: {SG012: note}}\n"
    )
    assert main(["lint", "--ignore", "SG012", "--exit-zero"]) == 2
    assert main(["build"]) == 2


def test_the_baseline_of_a_document_with_many_findings(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "specs").mkdir()
    one = '  /pets/%d:\n    delete: {x-required-scope: petsapi/read, responses: {"200": {description: ok}}}\n'
    spec = SPEC + "".join(one % number for number in range(298))
    (workspace / "specs/pets.yaml").write_text(spec)
    (workspace / "scopegen.yaml").write_text("{}\n")
    assert main(["lint", "--fail-on", "warning"]) == 1
    assert main(["lint", "--write-baseline", "--fail-on", "warning"]) == 0
    written = (workspace / "scopegen-baseline.json").read_bytes()
    assert [one["code"] for one in json.loads(written)["findings"]] == ["SG318", *["SG117"] * 299]
    assert main(["lint", "--write-baseline"]) == 0
    assert (workspace / "scopegen-baseline.json").read_bytes() == written
    capsys.readouterr()
    (workspace / "specs/pets.yaml").write_text("# moved\n" + spec + one % 298)
    assert main(["lint", "--fail-on", "warning"]) == 1
    out = capsys.readouterr().out
    assert out.count("SG117") == 1
    assert "`DELETE /pets/298`" in out
    assert out.endswith("1 warning; 300 findings of the baseline\n")


def test_an_entry_of_a_baseline_says_what_it_hides() -> None:
    one = Diagnostic("SG117", Severity.WARNING, "a thing", PETS, "", "GET /pets")
    mark = findings([one], {})[0].fingerprint
    for code, shown in (("SG117", []), ("SG219", ["SG028", "SG117"])):
        baseline = Baseline({mark: Entry(code, "GET /pets", HERE)})
        judged = triage.judge([one], run(), baseline, triage.EVERYTHING, TODAY)
        assert sorted(found.code for found in judged.shown) == shown


def test_thousands_of_suppressions_are_held_against_thousands_of_findings_at_once() -> None:
    from time import process_time

    requirement = AnyOf([[Scope("petsapi", "read")]])
    operations = [Operation("pets", f"/r{i}", "GET", f"r{i}", requirement, PETS) for i in range(5000)]
    found = [Diagnostic("SG117", Severity.WARNING, "a thing", PETS, "", one.label) for one in operations]
    suppressions = tuple(
        Suppression("SG117", one.label, "", "", "so", "", Location("scopegen.yaml", f"/lint/suppress/{i}"))
        for i, one in enumerate(operations)
    )
    settings = SETTINGS._replace(lint=LintSettings((), suppressions))
    begun = process_time()
    judged = triage.judge(found, triage.Run(settings, operations, {}, stopped=False), NONE, triage.EVERYTHING, TODAY)
    assert (judged.shown, judged.suppressed) == ([], 5000)
    assert process_time() - begun < 3
