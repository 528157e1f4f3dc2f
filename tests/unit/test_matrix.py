"""The matrix says what `decide` says, in every form; no name of anybody is more than text in any of them."""

import csv
import io
import json
import re
import subprocess
import sys
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matrices
import pytest
from generated import workspace as workspaces
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory import compile_files

from scopegen import access_file, token_bytes
from scopegen.cli import main
from scopegen.decide import for_signed_in, mint, opens
from scopegen.diagnostics import Location
from scopegen.matrix import Matrix, cells, data, document, matrix, page, sheet, table
from scopegen.matrix.filters import Filter, Unknown, narrowed
from scopegen.model import AnyOf, Client, Model, Operation, Permission, Public, ResourceServer, Scope, ScopeText
from scopegen.names import derived_scopes
from scopegen.nodes import NotAccess
from scopegen.quoting import csv_cell, html_data, html_literal, json_lined
from scopegen.replacing import replace
from scopegen.report import columns
from scopegen.targets import access

SCOPES = [Scope("a", "x"), Scope("a", "y"), Scope("b", "x"), Scope("b", "z")]
ASKED = st.lists(
    st.lists(st.sampled_from([*SCOPES, Scope("", "openid")]), min_size=1, max_size=3), min_size=1, max_size=3
)
GRANTED = st.lists(st.sampled_from(SCOPES), max_size=3)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _requirement(alternatives: list[list[Scope]]) -> AnyOf:
    """Cognito's own scopes are never part of several."""
    return AnyOf([[part for part in parts if part.server] or parts for parts in alternatives])


@st.composite
def models(draw: st.DrawFn) -> Model:
    texts = st.sampled_from(matrices.ATTACKS) | st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable())
    requirements = draw(st.lists(st.just(Public("why")) | ASKED.map(_requirement), max_size=6))
    made = [
        matrices.operation(number, one, draw(st.sampled_from(["GET", "ANY"])))
        for number, one in enumerate(requirements)
    ]
    permissions = {name: Permission(name, draw(GRANTED), name) for name in draw(st.lists(texts, max_size=4))}
    machines = {name: Client(name, "machine", draw(GRANTED), 60) for name in draw(st.lists(texts, max_size=3))}
    servers = [ResourceServer("a", "A", [ScopeText("x", ""), ScopeText("y", "")])]
    users = [] if "web" in machines else [Client("web", "user", [], 15)]
    return Model(servers, made, permissions.values(), [*machines.values(), *users])


@MANY
@given(models())
def test_it_agrees_with_decide(model: Model) -> None:
    """JSON, read back, against the semantics asked one by one: for every operation, every permission and every client."""
    told = json.loads(data.text(matrix(model)))
    assert len(told["operations"]) == len(model.operations)
    for one, said in zip(model.operations, told["operations"], strict=True):
        anybody = isinstance(one.requirement, Public)
        assert said["openTo"] == (
            "everybody" if anybody else "any signed-in user" if for_signed_in(one.requirement) else None
        )
        for permission in model.permissions:
            can = opens(one.requirement, mint(model, [permission.name]))
            assert anybody or (permission.name in said["permissions"]) == can
        for client in model.clients:
            can = client.kind == "machine" and opens(one.requirement, mint(model, client))
            assert anybody or (client.name in said["machines"]) == can


@MANY
@given(models(), st.data())
def test_together_is_exactly_what_several_can_and_none_alone(model: Model, chance: st.DataObject) -> None:
    names = [one.name for one in model.permissions]
    chosen = chance.draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    for row in matrix(model).rows:
        if row.open_to:
            assert not row.together
            continue
        helpers = [name for name in chosen if name not in row.permissions]
        ways = any(all(any(name in helpers for name in part) for part in parts) for parts in row.together)
        assert ways == opens(row.operation.requirement, mint(model, helpers))
        assert row.is_closed == (not opens(row.operation.requirement, mint(model, names)) and not row.machines)


@MANY
@given(models(), st.data())
def test_a_permission_filter_is_what_a_user_with_all_of_them_can_call(model: Model, chance: st.DataObject) -> None:
    names = [one.name for one in model.permissions]
    chosen = tuple(chance.draw(st.lists(st.sampled_from(names), unique=True, min_size=1))) if names else ()
    shown = narrowed(matrix(model), Filter(permissions=chosen))
    held = mint(model, chosen)
    can = [one for one in model.operations if opens(one.requirement, held) or for_signed_in(one.requirement)]
    assert [row.operation for row in shown.rows] == (can if chosen else list(model.operations))


@MANY
@given(models())
def test_every_form_has_the_same_marks(model: Model) -> None:
    shown = matrix(model)
    wanted = [[mark.word for mark in cells.marks(shown, row)] for row in shown.rows]
    lines = list(csv.reader(io.StringIO(sheet.operations(shown))))
    assert [line[7:] for line in lines[1:]] == wanted
    grid = table.operations(shown, 10_000)
    signs = [[mark.sign for mark in cells.marks(shown, row)] for row in shown.rows]
    found = [line.split("  ")[-1].split(" ") for line in grid.splitlines() if re.match(r"(GET|ANY) /", line)]
    assert found == signs
    made = page.data(shown)
    for row, one in zip(shown.rows, made["operations"], strict=True):
        assert [shown.permissions[number] for number in one["permissions"]] == list(row.permissions)
        assert [made["clients"][number]["name"] for number in one["machines"]] == list(row.machines)
        assert {shown.permissions[number] for number in one["partly"]} == row.partly


@MANY
@given(models(), st.integers(20, 200))
def test_a_table_fits(model: Model, width: int) -> None:
    for form in table.FORMS.values():
        for line in form(matrix(model), width).splitlines():
            assert columns(line) <= max(width, 24), line
            assert not [one for one in line if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def test_what_is_too_wide_is_a_list() -> None:
    wide = table.operations(matrix(matrices.large(20)), 100)
    assert "| |" not in wide
    assert "together with" in wide
    assert len(wide.splitlines()) >= 20 * 3


@pytest.mark.parametrize(
    "attack",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\uff1d1", '=cmd|"/C calc"!A0'],
)
def test_no_cell_is_a_formula(attack: str) -> None:
    cell = csv_cell(attack)
    assert cell[0] in "'U"
    assert not re.search("[\t\r\n]", cell)


@MANY
@given(models())
def test_a_spreadsheet_reads_the_cells_that_were_written(model: Model) -> None:
    for form in sheet.FORMS.values():
        text = form(matrix(model))
        lines = list(csv.reader(io.StringIO(text), strict=True))
        assert len({len(line) for line in lines}) == 1
        for cell in (cell for line in lines for cell in line):
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
        assert all(re.fullmatch(r'(?:"(?:[^"]|"")*"(?:,|$))+', line) for line in text.splitlines())


class _Seen(HTMLParser):
    """The elements and the texts of a page, as a reader of HTML sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, text: str) -> None:
        self.texts.setdefault(self.tags[-1] if self.tags else "", []).append(text)


def _seen(text: str) -> _Seen:
    seen = _Seen()
    seen.feed(text)
    seen.close()
    return seen


def test_a_page_of_attacks_has_the_elements_of_any_other_page() -> None:
    plain, hostile = _seen(page.text(matrix(matrices.small()))), _seen(page.text(matrix(matrices.hostile())))
    assert plain.tags == hostile.tags
    assert plain.texts["style"] == hostile.texts["style"]
    assert plain.texts["script"][-1] == hostile.texts["script"][-1]


@MANY
@given(models())
def test_the_data_of_a_page_come_back(model: Model) -> None:
    text = page.text(matrix(model))
    written = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert written
    assert not re.search("[<>&\u2028\u2029\u202e]", written[1])
    assert json.loads(written[1])["permissions"] == page._visible(page.data(matrix(model)))["permissions"]


@MANY
@given(st.text() | st.sampled_from(matrices.ATTACKS))
def test_literals_of_html(text: str) -> None:
    assert json.loads(html_data([text])) == [text]
    assert not re.search("[<>&'\u2028\u2029]", html_data([text]))
    assert not re.search("[<>\"'\u202e]|&(?!(?:amp|lt|gt|quot|#39);)", html_literal(text))


def test_the_policy_names_the_style_and_the_script_as_they_stand() -> None:
    import base64
    import hashlib

    text = page.text(matrix(matrices.small()))
    for tag in ("style", "script"):
        content = text.rpartition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
        known = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{known}&#39;" in text
    for tag in ("</script", "<!--", "innerHTML", "insertAdjacent", "document.write", "eval(", "http:", "https:"):
        assert tag not in text.rpartition("<script>")[2].removesuffix("</html>\n").rpartition("</script>")[0], tag


@MANY
@given(models())
def test_markdown_is_whole(model: Model) -> None:
    """Every line of a table has as many cells as its head."""
    number = 0
    for line in document.text(matrix(model)).splitlines():
        cells_in_line = len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) if line.startswith("|") else 0
        assert number in (0, cells_in_line) or not cells_in_line, line
        number = cells_in_line


def test_names_that_nobody_has() -> None:
    for wanted in (
        Filter(permissions=("Nobody",)),
        Filter(clients=("x",)),
        Filter(scopes=("a/b",)),
        Filter(methods=("X",)),
        Filter(apis=("x",)),
        Filter(tags=("x",)),
    ):
        with pytest.raises(Unknown):
            narrowed(matrix(matrices.small()), wanted)


def test_the_size_of_a_token_is_that_of_its_rule() -> None:
    """SG218 and the matrix measure alike, also with derived scopes."""
    model = matrices.small()
    derived = next(iter(derived_scopes(model)))
    everything = {Scope("pets", "read"), Scope("pets", "write"), Scope("billing", "pay"), derived}
    groups = [one.group for one in model.permissions]
    assert token_bytes.worst(model).size == token_bytes.estimate(everything, groups)
    assert set(token_bytes.worst(model).permissions) == {one.name for one in model.permissions}


# ---- access.json as an input


def _dumped(model: Model) -> dict[str, Any]:
    return json.loads(json.dumps(access.dump(model)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(workspaces())
def test_what_a_build_writes_is_read_back(files: dict[str, Any]) -> None:
    build = compile_files(files).build
    assert build is not None
    text = json_lined(access.dump(build.model), {})
    assert access_file.read(text.encode()) == build.model


REFUSED: dict[str, tuple[list[str | int], Any, str]] = {
    "another version": (["version"], 2, "version"),
    "a version that only equals ours": (["version"], True, "version"),
    "an unknown key": (["operations", 0, "auth"], "none", "not known"),
    "an unknown section": (["extra"], [], "not known"),
    "both public and not": (["operations", 0, "requires"], {"public": "x", "anyOf": [["a/b"]]}, "not known"),
    "public without a reason": (["operations", 0, "requires"], {"public": " "}, "reason"),
    "public for no text": (["operations", 0, "requires"], {"public": True}, "not a text"),
    "no alternative": (["operations", 0, "requires"], {"anyOf": []}, "empty"),
    "an empty alternative": (["operations", 0, "requires"], {"anyOf": [[]]}, "empty"),
    "nothing required": (["operations", 0, "requires"], None, "not an object"),
    "a scope without a name": (["operations", 0, "requires"], {"anyOf": [["a/"]]}, "not a scope"),
    "a derived scope required": (["operations", 0, "requires"], {"anyOf": [["all-of/x"]]}, "nobody names"),
    "a derived scope granted": (["permissions", 0, "scopes"], ["all-of/x"], "nobody names"),
    "a text for a list": (["permissions", 0, "scopes"], "a/b", "not a list"),
    "a user client with scopes": (["clients", 2, "scopes"], ["pets/read"], "user client"),
    "a kind of its own": (["clients", 0, "kind"], "robot", "neither"),
    "minutes as text": (["clients", 0, "tokenMinutes"], "60", "minutes"),
    "a flag as text": (["permissions", 0, "existing"], "false", "true nor false"),
    "a method in small letters": (["operations", 0, "method"], "get", "none of"),
    "half a pair": (["operations", 0, "path"], "/\ud800", "surrogate"),
    "no path": (["operations", 0, "path"], "", "empty name"),
    "a path of another shape": (["operations", 0, "path"], "pets", "not a path"),
    "a wildcard granted": (["permissions", 0, "scopes"], ["pets/*"], "wildcard"),
    "a wildcard of a machine": (["clients", 0, "scopes"], ["pets/*"], "wildcard"),
    "a scope with a blank": (["operations", 0, "requires"], {"anyOf": [["pets/read "]]}, "not a scope of Cognito"),
    "a scope that looks like another": (["operations", 0, "requires"], {"anyOf": [["pets/re\u0430d"]]}, "not a scope of Cognito"),
    "a reserved scope together with others": (["operations", 0, "requires"], {"anyOf": [["openid", "pets/read"]]}, "reserves"),
    "a reserved scope granted": (["permissions", 0, "scopes"], ["openid"], "reserves"),
    "derived scopes of its own": (["resourceServers", 0, "name"], "all of it", "require together"),
    "no derived scopes": (["resourceServers", 0], {"identifier": "a", "name": "", "existing": False, "scopes": []}, "require together"),
    "a number for a list of operations": (["operations"], 7, "not a list"),
    "a list in place of an operation": (["operations", 0], [], "not an object"),
}  # fmt: skip


@pytest.mark.parametrize(("place", "value", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_access_file(place: list[str | int], value: Any, message: str) -> None:
    content = _dumped(matrices.small())
    inside: Any = content
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    with pytest.raises(NotAccess, match=message):
        access_file.read(json.dumps(content).encode())


def test_a_key_twice_among_many_is_found_at_once() -> None:
    keys = ",".join(f'"{number}": 1' for number in range(200_000))
    with pytest.raises(NotAccess, match="stands twice"):
        access_file.read(f'{{{keys},"199999":1}}'.encode())


@pytest.mark.parametrize("section", ["operations", "permissions", "clients", "resourceServers"])
def test_nothing_stands_there_twice(section: str) -> None:
    content = _dumped(matrices.small())
    content[section].append(content[section][-1])
    with pytest.raises(NotAccess, match="second time"):
        access_file.read(json.dumps(content).encode())


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"version": 1, "version": 1}', b"NaN", b"\x00"],
    ids=repr,
)
def test_any_bytes_are_answered(workspace: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    (workspace / "access.json").write_bytes(content)
    assert main(["matrix", "--from", "access.json"]) == 2
    said = capsys.readouterr().err
    assert "access.json" in said
    assert " error: " in said
    assert "bug" not in said


@MANY
@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.text(max_size=3) | st.booleans() | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["version", "operations", "requires"]), inner)
        ),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_refused_as_a_phrase(content: bytes) -> None:
    with pytest.raises(NotAccess):
        access_file.read(content)


def test_an_access_file_is_shown_without_what_reads_documents(workspace: Path) -> None:
    (workspace / "access.json").write_text(json_lined(access.dump(matrices.small()), {}))
    code = (
        "import sys; from scopegen.cli import main; assert main(['matrix', '--from', 'access.json']) == 0; "
        "print(sorted({'yaml', 'jinja2', 'scopegen.source', 'scopegen.pipeline', 'scopegen.targets', 'jsonschema_rs'} & sys.modules.keys()))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.endswith("[]\n")


# ---- files


def test_a_file_is_replaced_whole(workspace: Path) -> None:
    target = workspace / "access.html"
    target.write_text("old")
    (workspace / "link.html").symlink_to(target)
    replace({workspace / "link.html": b"new"})
    assert target.read_bytes() == b"new"
    assert (workspace / "link.html").is_symlink()
    assert sorted(one.name for one in workspace.iterdir()) == [".git", "access.html", "link.html"]


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(OSError, match="no regular file"):
        replace({Path("/dev/null"): b"x"})
    assert not Path("/dev/null").is_file()


def test_a_file_that_cannot_be_written_is_told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "access.json").write_text(json_lined(access.dump(matrices.small()), {}))
    assert main(["matrix", "--from", "access.json", "-o", f"{'x' * 300}.html"]) == 2
    assert "SG605" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["table", "md", "csv", "json", "html"])
def test_the_same_model_gives_the_same_bytes(
    workspace: Path, capsysbinary: pytest.CaptureFixture[bytes], form: str
) -> None:
    (workspace / "access.json").write_text(json_lined(access.dump(matrices.writable(matrices.hostile())), {}))
    said = []
    for _ in range(2):
        assert main(["matrix", "--from", "access.json", "--format", form]) == 0
        said.append(capsysbinary.readouterr().out)
    assert said[0] == said[1]
    assert said[0].endswith(b"\n")
    assert b"\r" not in said[0]
    assert b"\x1b" not in said[0]


def test_open_sign_up_is_told() -> None:
    asked = [Operation("a", "/x", "GET", "", AnyOf([[Scope("", "openid")]]), Location("a.yaml"))]
    shown: Matrix = matrix(Model([], asked, [], []), True)
    assert "anyone can sign up" in table.operations(shown, 80)
    assert page.data(shown)["signUp"]


def test_tags_sort_and_decide_nothing(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tagged = matrices.large()
    plain = Model(
        tagged.resource_servers,
        [Operation(o.api, o.path, o.method, o.operation_id, o.requirement, o.source) for o in tagged.operations],
        tagged.permissions,
        tagged.clients,
    )
    assert plain == tagged
    assert json_lined(access.dump(plain), {}) == json_lined(access.dump(tagged), {})
    left = narrowed(matrix(tagged), Filter(tags=("every fourth of pets", "every fourth of search")))
    assert [row.operation for row in left.rows] == [
        one for one in tagged.operations if {"every fourth of pets", "every fourth of search"} & {*one.tags}
    ]
    (workspace / "access.json").write_text(json_lined(access.dump(tagged), {}))
    assert main(["matrix", "--from", "access.json", "--tag", "all things"]) == 2
    assert "no tag is called" in capsys.readouterr().err
