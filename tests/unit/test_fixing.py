"""`lint --fix` changes what it says it changes and nothing else, opens nothing, and rather writes nothing at all."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scopegen import fixing, pipeline
from scopegen.cli import main
from scopegen.codes import RULES
from scopegen.diagnostics import Stopped
from scopegen.fixing.checks import problem_of
from scopegen.fixing.edits import EditedTree
from scopegen.locate import Found
from scopegen.model import AnyOf
from scopegen.tree import DiskTree

HEAD = 'openapi: 3.0.3\ninfo: {title: Pets, version: "1"}\npaths:\n  /pets:\n'
ANSWER = '      responses: {"200": {description: ok}}\n'
GOOD = "    put:\n      x-required-scope: petsapi/write\n" + ANSWER


def operation(method: str, *lines: str) -> str:
    return f"    {method}:\n" + "".join(f"      {line}\n" for line in lines) + ANSWER


def fixed(spec: str | bytes, workspace: Path, name: str = "specs/pets.yaml", config: str = "") -> str:
    """What `lint --fix` leaves of a document."""
    path = workspace / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(spec if isinstance(spec, bytes) else spec.encode())
    if config:
        (workspace / "scopegen.yaml").write_text(config)
    assert main(["lint", "--fix", name]) in (0, 1, 2)
    return path.read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x-required-scopes: petsapi/read", "x-required-scope: petsapi/read"),
        (
            "x-required-scopes:   petsapi/read   # by those who may",
            "x-required-scope:   petsapi/read   # by those who may",
        ),
        ('"x-requiredScope" : "petsapi/read"', '"x-required-scope" : "petsapi/read"'),
        ("'x-Required-Scope': 'petsapi/read'", "'x-required-scope': 'petsapi/read'"),
        (
            "x-required-scopes: {anyOf: [petsapi/read, petsapi/write]}",
            "x-required-scope: {anyOf: [petsapi/read, petsapi/write]}",
        ),
        ("x-required-scope: read # all", "x-required-scope: petsapi/read # all"),
        ("x-required-scope: 'read'", "x-required-scope: 'petsapi/read'"),
        ('x-required-scope: "read"', 'x-required-scope: "petsapi/read"'),
        ("x-required-scope: [read]", "x-required-scope: [petsapi/read]"),
        (
            "x-required-scope: {anyOf: [petsapi/write, read]}",
            "x-required-scope: {anyOf: [petsapi/write, petsapi/read]}",
        ),
        ("x-required-scope: {anyOf: petsapi/read}", "x-required-scope: {anyOf: [petsapi/read]}"),
        ("x-required-scope: {allOf: 'petsapi/read'} # one", "x-required-scope: {allOf: ['petsapi/read']} # one"),
    ],
)
@pytest.mark.parametrize("form", ["lf", "crlf", "bom"])
def test_a_tag_is_corrected_and_all_else_stays(before: str, after: str, form: str, workspace: Path) -> None:
    spec = f"# who may\n{HEAD}{operation('get', before, 'summary: é 🐈  # x')}{GOOD}"
    wanted = spec.replace(before, after)
    if form == "crlf":
        spec, wanted = spec.replace("\n", "\r\n"), wanted.replace("\n", "\r\n")
    if form == "bom":
        spec, wanted = f"\ufeff{spec}", f"\ufeff{wanted}"
    assert fixed(spec, workspace) == wanted
    assert main(["lint", "specs/pets.yaml"]) == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("swagger: 2.0", 'swagger: "2.0"'),
        ("version: 1.10", 'version: "1.10"'),
        ("version: 7 # seven", 'version: "7" # seven'),
    ],
)
def test_a_number_for_a_text_is_quoted(before: str, after: str, workspace: Path) -> None:
    spec = f'swagger: "2.0"\ninfo:\n  title: Pets\n  version: "1"\npaths:\n  /pets:\n{GOOD}'
    key = before.split(":")[0]
    old = next(line.strip() for line in spec.splitlines() if line.strip().startswith(key))
    assert fixed(spec.replace(old, before), workspace) == spec.replace(old, after)


def test_json_stays_json(workspace: Path) -> None:
    spec = (
        '{"openapi": "3.0.3", "info": {"title": "Pets", "version": 1.0},\n "paths": {"/pets": {\n'
        '  "get":  {"x-required-scopes" :"petsapi/read", "responses": {"200": {"description": "é 🐈"}}},\n'
        '  "put":  {"x-required-scope": "write", "responses": {"200": {"description": "ok"}}}}}}\n'
    )
    wanted = spec.replace("scopes", "scope").replace('"write"', '"petsapi/write"').replace("1.0}", '"1.0"}')
    one_server = "resource-servers: {petsapi: {}}\nspecs: [specs/*.json]\n"
    assert fixed(spec, workspace, "specs/pets.json", one_server) == wanted


PUBLIC = "x-required-scopes: {public: for a reason}"


UNCLEAR = [
        pytest.param(HEAD + operation("get", PUBLIC) + GOOD, id="it would be public"),
        pytest.param(HEAD + operation("get", "x-required-scopes: {authenticated: true}") + GOOD, id="it would be open to all"),
        pytest.param(HEAD + operation("get", "x-required-scopes: openid") + GOOD, id="it would ask for what everybody has"),
        pytest.param(HEAD + operation("get", "x-required-scopes: []") + GOOD, id="it would still be wrong"),
        pytest.param(HEAD + operation("get", "x-required-scopes: a/b", "x-requiredScope: a/b") + GOOD, id="it stands twice"),
        pytest.param(HEAD + operation("get", "x-required-scopes: a/b", "x-required-scope: a/c"), id="there is one already"),
        pytest.param(HEAD + operation("get", "x-required-scopes: a/b", "x-required-scope: []"), id="there is a wrong one"),
        pytest.param(HEAD + "    x-required-scope: a/b\n" + operation("get", "x-required-scopes: a/c"), id="another is inherited"),
        pytest.param(HEAD + "    x-required-scopes: a/b\n" + GOOD, id="it is a default"),
        pytest.param(HEAD.replace("paths:", "x-required-scopes: a/b\npaths:") + GOOD, id="it is the default of all"),
        pytest.param(HEAD + operation("get", "x-required-scope: read"), id="there is no resource server"),
        pytest.param(HEAD + operation("get", "x-required-scope: read") + GOOD + operation("head", "x-required-scope: b/c"), id="there are two"),
        pytest.param(HEAD + operation("get", "x-required-scope: public") + GOOD, id="another form may be meant"),
        pytest.param(HEAD + operation("get", "x-required-scope: {allOf: [read, all]}") + GOOD, id="two short names"),
        pytest.param(HEAD + operation("get", "x-required-scope: &r read") + operation("head", "x-required-scope: *r") + GOOD, id="an anchor"),
        pytest.param(HEAD + operation("get", "x-required-scope: >-\n        read") + GOOD, id="a block"),
        pytest.param(HEAD + operation("get", "x-required-scope: [a/b, a/c]") + GOOD, id="all or any"),
        pytest.param(HEAD + operation("get") + GOOD, id="nothing is said"),
        pytest.param(HEAD + "    get: &one {x-required-scopes: a/b, responses: {}}\n    head: *one\n" + GOOD, id="an alias"),
        pytest.param(HEAD + operation("get", "security: []", "x-required-scopes: a/b") + GOOD, id="it would contradict"),
    ]  # fmt: skip


@pytest.mark.parametrize("spec", UNCLEAR)
def test_what_is_not_clear_is_left_to_people(spec: str, workspace: Path) -> None:
    assert fixed(spec, workspace) == spec


@pytest.mark.parametrize("spec", UNCLEAR[:-2])
def test_what_is_not_clear_does_not_hinder_what_is(spec: str, workspace: Path) -> None:
    clear = "  /clear:\n" + operation("get", "x-required-scopes: petsapi/write")
    assert fixed(spec + clear, workspace) == spec + clear.replace("scopes:", "scope:")


def test_nothing_is_written_where_others_would_be_found(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The corrected tag makes the line go on, to where a client is wrong."""
    spec = HEAD + operation("get", "x-required-scopes: petsapi/read") + GOOD
    assert fixed(spec, workspace, config="clients: {web: {kind: user, scopes: [petsapi/read]}}\n") == spec
    assert "nothing was corrected: it would lead to SG2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("scope: petsapi/write", "scope: {public: why not}", "`PUT /pets` would require something else"),
        ("scope: petsapi/write", "scope: petsapi/other", "`PUT /pets` would require something else"),
        ("scopes: petsapi/read", "scope: petsapi/other", "`GET /pets` would require something that was not asked for"),
        (
            "scopes: petsapi/read",
            "scope: {public: why not}",
            "`GET /pets` would require something that was not asked for",
        ),
        (
            "get:\n      x-required-scopes",
            "head:\n      x-required-scope",
            "`HEAD /pets` would require something that was not asked for",
        ),
        ("    get:\n", "    x-get:\n", "it would lead to SG104: `x-required-scope` means nothing here"),
        (operation("get", "x-required-scopes: petsapi/read"), "", "an operation would still not be understood"),
        ("scopes: petsapi/read", "scopes: petsapi/read", "a finding would still be there"),
    ],
)
def test_what_would_be_written_is_held_against_what_was(old: str, new: str, problem: str, workspace: Path) -> None:
    """However wrong an edit went."""
    spec = HEAD + operation("get", "x-required-scopes: petsapi/read") + GOOD
    (workspace / "specs").mkdir()
    (workspace / "specs/pets.yaml").write_text(spec)
    tree, found = DiskTree(workspace), Found(workspace, "", ("specs/pets.yaml",))
    before, stopped = _compiled(tree, found)
    made = fixing.attempt(tree, found, before, list(RULES), stopped=stopped)
    assert (len(made.fixes), made.problem) == (1, "")
    assert old in spec
    edited = spec.replace(old, new)
    if "scopes" not in old:
        edited = edited.replace("scopes:", "scope:")
    other = EditedTree(tree, {"specs/pets.yaml": edited.encode()})
    assert problem_of(other, found, before, made.fixes, stopped=stopped) == problem


def test_mild_findings_that_nobody_could_see_before_do_not_hinder(workspace: Path) -> None:
    spec = HEAD + operation("delete", "x-required-scopes: petsapi/read") + GOOD
    assert fixed(spec, workspace) == spec.replace("scopes:", "scope:")


def test_a_difference_is_only_shown(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = HEAD + operation("get", "x-required-scopes: petsapi/read # \u202eoverride") + GOOD
    (workspace / "specs").mkdir()
    (workspace / "specs/pets.yaml").write_text(spec, "utf-8")
    assert main(["lint", "--diff", "specs/pets.yaml"]) == 1
    out = capsys.readouterr().out
    assert "+      x-required-scope: petsapi/read # \\u202eoverride\n" in out
    assert (workspace / "specs/pets.yaml").read_text("utf-8") == spec


def test_only_what_is_selected_is_corrected(workspace: Path) -> None:
    spec = HEAD.replace('"1"', "1.0") + operation("get", "x-required-scopes: petsapi/read") + GOOD
    (workspace / "specs").mkdir()
    (workspace / "specs/pets.yaml").write_text(spec)
    main(["lint", "--fix", "--select", "SG020", "specs/pets.yaml"])
    assert (workspace / "specs/pets.yaml").read_text() == spec.replace("1.0", '"1.0"')


def test_only_the_document_that_is_named_is_corrected(workspace: Path) -> None:
    spec = HEAD + operation("get", "x-required-scopes: petsapi/read") + GOOD
    (workspace / "specs").mkdir()
    (workspace / "specs/toys.yaml").write_text(spec)
    assert fixed(spec, workspace, config="{}\n") == spec.replace("scopes:", "scope:")
    assert (workspace / "specs/toys.yaml").read_text() == spec
    main(["lint", "--fix"])
    assert (workspace / "specs/toys.yaml").read_text() == spec.replace("scopes:", "scope:")


def test_a_file_that_was_changed_meanwhile_is_not_written(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = HEAD + operation("get", "x-required-scopes: petsapi/read") + GOOD
    real = fixing.attempt

    def attempt(*arguments: object, **options: object) -> fixing.Attempt:
        made = real(*arguments, **options)  # type: ignore[arg-type]
        (workspace / "specs/pets.yaml").write_text(spec + "# saved\n")
        return made

    monkeypatch.setattr(fixing, "attempt", attempt)
    assert fixed(spec, workspace) == spec + "# saved\n"
    assert "a file has changed meanwhile" in capsys.readouterr().out


def test_a_link_stays_a_link_and_a_mode_a_mode(workspace: Path) -> None:
    spec = HEAD + operation("get", "x-required-scopes: petsapi/read") + GOOD
    (workspace / "specs").mkdir()
    (workspace / "real.yaml").write_text(spec)
    (workspace / "real.yaml").chmod(0o640)
    (workspace / "specs/pets.yaml").symlink_to("../real.yaml")
    main(["lint", "--fix", "specs/pets.yaml"])
    assert (workspace / "specs/pets.yaml").is_symlink()
    assert (workspace / "real.yaml").read_text() == spec.replace("scopes:", "scope:")
    assert (workspace / "real.yaml").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in workspace.iterdir()) == [".git", "real.yaml", "specs"]


TAGS = st.sampled_from(
    ["petsapi/read", "read", "{public: why}", "{authenticated: true}", "openid", "[read]", "{anyOf: read}", "{anyOf: petsapi/read}",
     "{allOf: [petsapi/read, petsapi/write]}", "[]", "''", "{}", "petsapi/*", "5", "&a read", "a/b", "null"]
)  # fmt: skip
KEYS = st.sampled_from(["x-required-scope", "x-required-scopes", "x-requiredScope", "x-scope-required", "x-other"])
OPERATIONS = st.lists(st.tuples(KEYS, TAGS), max_size=2, unique_by=lambda pair: pair[0])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(operations=st.lists(OPERATIONS, min_size=1, max_size=4), default=st.none() | TAGS, open_one=st.booleans())
def test_a_fix_never_opens_anything(
    operations: list[list[tuple[str, str]]], default: str | None, open_one: bool, workspace: Path
) -> None:
    """Whatever is understood after a fix was understood the same before, or asks for a scope of a resource server."""
    lines = [[f"{key}: {tag}" for key, tag in one] for one in operations]
    above = f"    x-required-scope: {default}\n" if default else ""
    extra = operation("head", "security: []") if open_one else ""
    methods = zip(("get", "put", "post", "patch"), lines, strict=False)
    spec = HEAD + above + "".join(operation(method, *own) for method, own in methods) + extra
    (workspace / "specs").mkdir(exist_ok=True)
    (workspace / "specs/pets.yaml").write_text(spec)
    tree, found = DiskTree(workspace), Found(workspace, "", ("specs/pets.yaml",))
    before, stopped = _compiled(tree, found)
    made = fixing.attempt(tree, found, before, list(RULES), stopped=stopped)
    if made.problem or not made.after:
        return
    (workspace / "specs/pets.yaml").write_bytes(made.after["specs/pets.yaml"])
    after, _ = _compiled(tree, found)
    old = {one.key: one.requirement for one in before.operations}
    for one in after.operations:
        if one.key in old:
            assert old.pop(one.key) == one.requirement
        else:
            assert isinstance(one.requirement, AnyOf)
            assert all(scope.server for scope in one.requirement.scopes)
    assert not old
    comments = [line for line in spec.splitlines() if "required" not in line]
    assert [line for line in made.after["specs/pets.yaml"].decode().splitlines() if "required" not in line] == comments


def _compiled(tree: DiskTree, found: Found) -> tuple[pipeline.Result, bool]:
    result = pipeline.Result()
    try:
        pipeline.run(tree, found, result)
    except Stopped:
        return result, True
    return result, False


@pytest.mark.parametrize(
    "key", ["x-old-required-scope", "x-not-required-scope", "x-required-scope-2", "x-unrequired-scope"]
)
def test_a_key_that_may_mean_something_else_is_left(key: str, workspace: Path) -> None:
    spec = HEAD + GOOD + operation("get", f"{key}: petsapi/read")
    assert fixed(spec, workspace) == spec


@pytest.mark.parametrize("key", ["x-requierd-scope", "x-required-scop", "x-require-scope", "x-required_scope"])
def test_one_slip_of_the_pen_is_corrected(key: str, workspace: Path) -> None:
    spec = HEAD + GOOD + operation("get", f"{key}: petsapi/read")
    assert fixed(spec, workspace) == spec.replace(f"{key}:", "x-required-scope:")


def test_what_an_alias_repeats_is_left_and_nothing_else_with_it(workspace: Path) -> None:
    shared = "    get: &g\n      x-required-scopes: petsapi/read\n" + ANSWER + "    patch: *g\n"
    spec = HEAD + GOOD + shared + operation("delete", "x-required-scopes: petsapi/write")
    assert fixed(spec, workspace) == spec.replace("scopes: petsapi/write", "scope: petsapi/write")


@pytest.mark.parametrize(
    ("version", "read"), [("&v 1.10", "1.10"), ("!!float 1.10", "1.10"), ("*n", "1.1"), ("& v", None), ("1.10", "1.10")]
)
def test_a_version_is_its_number_not_its_anchor_or_alias(
    version: str, read: str | None, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = f"openapi: 3.0.3\nx-number: &n 1.10\ninfo: {{title: Pets, version: {version}}}\npaths:\n  /pets:\n"
    left = fixed(head + GOOD, workspace)
    assert left == (head + GOOD).replace("version: 1.10", 'version: "1.10"')
    assert main(["lint", "--diff", "specs/pets.yaml"]) == (0 if read else 2)
    assert read is None or version == read or f"is read as the text `{read}`" in capsys.readouterr().out
