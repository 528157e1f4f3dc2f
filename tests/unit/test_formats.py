"""Findings for programs: each format says what was found and nothing else, whatever the findings hold."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from sarif_pydantic import Sarif

from scopegen import codes
from scopegen.cli import main
from scopegen.diagnostics import Diagnostic, Location, Severity, Span
from scopegen.formats.findings import findings, fingerprint
from scopegen.formats.github import inert
from scopegen.formats.known import FORMATS
from scopegen.source import Source

SPEC = """openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    post:
      x-required-scope: petsapi/read
      responses: {"200": {description: ok}}
    delete:
      x-required-scope: petsapi/read
      responses: {"200": {description: ok}}
"""
HOSTILE = st.lists(
    st.sampled_from(
        [*"%:,\r\n`[](){}\\\"'<>|#*=$@\t\x00\x1b\u2028\u202e\u200b\ud800é🐈 ab1", "::error::", "##[add-mask]"]
    ),
    max_size=20,
).map("".join)
DIAGNOSTICS = st.builds(
    Diagnostic,
    st.sampled_from([*list(codes.RULES)[:12], "SG499"]),
    st.sampled_from(Severity),
    HOSTILE,
    st.none() | st.builds(Location, st.one_of(HOSTILE, st.just("specs/pets.yaml")), HOSTILE.map(lambda text: f"/{text}"),
                          st.just("value"), st.none() | st.just(Span(2, 3, 2, 5)) | st.just(Span(2, 3, 4, 1))),
    HOSTILE,
    HOSTILE,
)  # fmt: skip
SOURCES = {"specs/pets.yaml": Source("specs/pets.yaml", SPEC.encode())}


def annotation(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it: up to the next `::` properties, split at commas, then the message."""
    assert line.startswith("::")
    head, _, message = line[2:].partition("::")
    name, _, rest = head.partition(" ")
    pairs = [part.split("=", 1) for part in rest.split(",")]
    assert all(len(pair) == 2 for pair in pairs)
    unescaped = {key: _unescaped(value, {"%3A": ":", "%2C": ","}) for key, value in pairs}
    assert len(unescaped) == len(pairs)
    return name, unescaped, _unescaped(message, {})


def _unescaped(text: str, more: dict[str, str]) -> str:
    for code, meant in {"%0D": "\r", "%0A": "\n", **more, "%25": "%"}.items():
        text = text.replace(code, meant)
    return text


@given(st.lists(DIAGNOSTICS, max_size=5, unique=True))
def test_an_annotation_is_one_command_with_its_own_properties(found: list[Diagnostic]) -> None:
    lines = FORMATS["github"](found, SOURCES, "").splitlines()
    assert len(lines) == len(found)
    for line in lines:
        name, properties, message = annotation(line)
        assert name in ("error", "warning", "notice")
        assert properties.keys() <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert properties["title"][:5] in {one.code for one in found}
        assert line.isprintable()
        assert not {"\r", "\x1b"} & set(message)


def test_an_annotation_says_what_was_found() -> None:
    where = Location("specs/a,b:c.yaml", span=Span(2, 3, 2, 5))
    found = codes.VERB_SCOPE_MISMATCH.at(where, "100% of `a::b`, said\n::error::x", "look, again: now")
    name, properties, message = annotation(FORMATS["github"]([found], {}, "").rstrip("\n"))
    assert name == "warning"
    assert properties == {
        "file": "specs/a,b:c.yaml", "line": "2", "endLine": "2", "col": "3", "endColumn": "5",
        "title": "SG117 verb-scope-mismatch",
    }  # fmt: skip
    assert message == "100% of `a::b`, said\\u000a::error::x\nhint: look, again: now"


@given(st.lists(DIAGNOSTICS, max_size=5, unique=True))
def test_json_holds_every_finding_with_a_fingerprint_of_its_own(found: list[Diagnostic]) -> None:
    text = FORMATS["json"](found, SOURCES, "sub")
    data = json.loads(text.encode())
    assert len(data["findings"]) == len(found)
    assert len({one["fingerprint"] for one in data["findings"]}) == len(found)
    assert sum(data["counts"].values()) == len(found)
    assert all(line.isprintable() and line.isascii() for line in text.split("\n"))


@given(st.lists(DIAGNOSTICS, max_size=5, unique=True))
def test_sarif_is_what_a_reader_of_sarif_knows(found: list[Diagnostic]) -> None:
    text = FORMATS["sarif"](found, SOURCES, "")
    log = Sarif.model_validate_json(text.encode())
    _knows_every_key(log)
    (run,) = log.runs
    assert (log.version, len(run.results)) == ("2.1.0", len(found))
    for result in run.results:
        if result.rule_index is not None:
            assert run.tool.driver.rules[result.rule_index].id == result.rule_id
        assert result.level in ("note", "warning", "error")
        (location,) = result.locations
        uri = location.physical_location.artifact_location.uri
        assert uri
        assert uri.isascii()
        assert not set(uri) & set(' :[]<>"\\\n')


def _knows_every_key(model: BaseModel) -> None:
    unknown = set(model.model_extra or {}) - {"columnKind"}  # 2.1.0, 3.14.17, which the library has forgotten
    assert not unknown, f"{type(model).__name__} has no {unknown}"
    for name in type(model).model_fields:
        value = getattr(model, name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, BaseModel):
                _knows_every_key(inner)


def test_a_message_of_sarif_holds_no_link() -> None:
    found = codes.VERB_SCOPE_MISMATCH.at(None, "see [this](https://evil.example) \\[x](y)")
    (run,) = json.loads(FORMATS["sarif"]([found], {}, ""))["runs"]
    assert run["results"][0]["message"]["text"] == "see \\[this\\](https://evil.example) \\\\\\[x\\](y)"


def _marks(spec: str, workspace: Path, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    (workspace / "specs").mkdir(exist_ok=True)
    (workspace / "specs/pets.yaml").write_text(spec, "utf-8")
    main(["lint", "specs/pets.yaml", "--format", "json"])
    return [(one["code"], one["fingerprint"]) for one in json.loads(capsys.readouterr().out)["findings"]]


def test_fingerprints_do_not_move_when_lines_do(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = _marks(SPEC, workspace, capsys)
    assert [code for code, _ in first] == ["SG117", "SG117"]
    head, rest = SPEC.split("paths:\n")
    get = '    get:\n      x-required-scope: petsapi/read\n      responses: {"200": {description: ok}}\n'
    for moved in (
        f"# one more\n\n{SPEC}",
        f"{head}\n\n\npaths:\n{rest}",
        SPEC.replace("  /pets:\n", f"  /pets:\n{get}"),
        SPEC.replace("    post:\n", "    post:\n      summary: Adds\n"),
    ):
        assert _marks(moved, workspace, capsys) == first
    assert _marks(SPEC.replace("/pets:", "/toys:"), workspace, capsys) != first


def test_fingerprints_forget_what_is_counted() -> None:
    at = Location("specs/pets.yaml", "/paths/~1pets/get/parameters/3/schema")
    one = codes.NEARLY_TOO_MANY.at(at, "95 scopes of `v1`: Cognito takes at most 100")
    more = one._replace(
        message=one.message.replace("95", "96"), location=at._replace(pointer=at.pointer.replace("3", "12"))
    )
    other = one._replace(message=one.message.replace("v1", "v2"))
    answer = one._replace(location=at._replace(pointer="/paths/~1pets/get/responses/200"))
    assert fingerprint(one) == fingerprint(more)
    assert len({fingerprint(one), fingerprint(other), fingerprint(answer)}) == 3
    assert fingerprint(answer) != fingerprint(
        answer._replace(location=at._replace(pointer="/paths/~1pets/get/responses/201"))
    )


def test_the_same_finding_twice_is_told_apart_by_order_alone() -> None:
    one = codes.VERB_SCOPE_MISMATCH.at(Location("specs/pets.yaml", span=Span(5, 1, 5, 2)), "the same", "", "GET /pets")
    two = one._replace(location=Location("specs/pets.yaml", span=Span(9, 1, 9, 2)))
    moved = [
        each._replace(location=Location("specs/pets.yaml", span=Span(line, 1, line, 2)))
        for each, line in ((two, 90), (one, 50))
    ]
    marks = [each.fingerprint for each in findings([one, two], {})]
    assert len(set(marks)) == 2
    assert [each.fingerprint for each in findings(moved, {})] == marks
    assert [each.fingerprint for each in findings([two, one], {})] == marks


@given(HOSTILE)
def test_what_is_said_beside_annotations_is_no_command(text: str) -> None:
    for line in inert(f"{text}\n").splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


def test_what_is_told_once_for_many_places_is_the_same_wherever_the_first_is() -> None:
    said = "`default` is left out of the models{}: API Gateway does not know it"
    ones = [
        codes.REWRITTEN_SCHEMA.at(Location("specs/pets.yaml", place, "key"), said.format(many))
        for place, many in (
            ("/components/schemas/A", " (2 places)"),
            ("/components/schemas/B", " (13 places)"),
            ("/c", ""),
        )
    ]
    assert len({fingerprint(one) for one in ones}) == 1
    assert fingerprint(ones[0]._replace(message=said.replace("default", "not"))) != fingerprint(ones[0])


@pytest.mark.parametrize("name", ["::error::boo.yaml", " ::set-output name=a::b.yaml"])
def test_no_file_is_named_so_that_its_findings_are_commands(
    name: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / name).write_text(SPEC)
    main(["lint", name])
    captured = capsys.readouterr()
    lines = (captured.out + captured.err).splitlines()
    assert any(line.startswith(f"./{name}") for line in lines)
    assert not any(line.lstrip().startswith("::") for line in lines)
