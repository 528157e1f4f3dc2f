"""Whatever is given as a document: a located finding or a clear message, the right exit code, old outputs untouched."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory import compile_files

from scopegen.cli import main
from scopegen.diagnostics import Severity

SPEC = """openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get: {x-required-scope: petsapi/read, responses: {"200": {description: ok}}}
"""
DEEP = "{" * 3000
LARGE = (
    SPEC
    + "x-filler:\n"
    + "".join(f"  - item number {number} of a document that is far too large\n" for number in range(800_000))
)


def _folder(path: Path) -> None:
    path.mkdir()


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _text(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text)


def _raw(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


BAD: dict[str, tuple[str, Callable[[Path], object], int, str]] = {
    "an empty file": ("pets.yaml", _text(""), 2, "SG007"),
    "not YAML": ("pets.yaml", _text("a: [\n"), 2, "SG002"),
    "not JSON": ("pets.json", _text("{'a': 1}"), 2, "SG002"),
    "an empty JSON file": ("pets.json", _text("  "), 2, "SG007"),
    "a scalar": ("pets.yaml", _text("hello"), 2, "SG007"),
    "a list": ("pets.yaml", _text("- a\n- b"), 2, "SG007"),
    "null": ("pets.json", _text("null"), 2, "SG007"),
    "not OpenAPI": ("pets.yaml", _text("name: x\non: push"), 2, "SG007"),
    "Swagger 1.2": ("pets.yaml", _text('swaggerVersion: "1.2"\napis: []'), 2, "SG008"),
    "Swagger 2.0 without an operation": ("pets.yaml", _text('swagger: "2.0"\ninfo: {title: x, version: "1"}\npaths: {}'), 1, "SG319"),
    "Swagger 2.0 without anything": ("pets.yaml", _text('swagger: "2.0"'), 2, "SG009"),
    "Swagger 2.0 with keys of 3.0": ("pets.yaml", _text(SPEC.replace("openapi: 3.0.3", "swagger: 2.0") + "components: {}"), 2, "SG009"),
    "a version of the future": ("pets.yaml", _text(SPEC.replace("3.0.3", "4.0.0")), 2, "SG008"),
    "a version that is a number": ("pets.yaml", _text(SPEC.replace("3.0.3", "3.0")), 2, "SG008"),
    "a folder": ("pets.yaml", _folder, 2, "SG001"),
    "a pipe": ("pets.yaml", _fifo, 2, "SG001"),
    "a binary file": ("pets.yaml", _raw(b"\x7fELF\x02\x01\x01\x00" + bytes(range(256))), 2, "SG002"),
    "another encoding": ("pets.yaml", _raw(SPEC.replace("Pets", "Zoë").encode("latin-1")), 2, "SG002"),
    "half a UTF-16": ("pets.yaml", _raw(b"\xff\xfea"), 2, "SG002"),
    "a NUL": ("pets.yaml", _text(SPEC + "\0"), 2, "SG002"),
    "deep YAML": ("pets.yaml", _text(DEEP), 2, "SG00"),
    "deep JSON": ("pets.json", _text(DEEP), 2, "SG00"),
    "whole deep JSON": ("pets.json", _text("[" * 900 + "]" * 900), 2, "SG004"),
    "deeper JSON": ("pets.json", _text("[" * 100_000 + "]" * 100_000), 2, "SG004"),
    "JSON with NaN": ("pets.json", _text('{"openapi": NaN}'), 2, "SG006"),
    "JSON with half a surrogate": ("pets.json", _text('{"openapi": "\\ud83d"}'), 2, "SG006"),
    "JSON with an endless number": ("pets.json", _text('{"openapi": 1e999}'), 2, "SG006"),
    "duplicate YAML keys": ("pets.yaml", _text(SPEC + "paths: {}\n"), 2, "SG003"),
    "duplicate JSON keys": ("pets.json", _text('{"openapi": "3.0.3", "openapi": "3.0.3"}'), 2, "SG003"),
    "a missing reference": ("pets.yaml", _text(SPEC.replace('{description: ok}', '{$ref: "#/nowhere"}')), 2, "SG010"),
    "a circular path item": ("pets.yaml", _text(SPEC + '  /a: {$ref: "#/paths/~1b"}\n  /b: {$ref: "#/paths/~1a"}\n'), 2, "SG010"),
    "a path item of itself": ("pets.yaml", _text(SPEC + '  /a: {$ref: "#/paths/~1a"}\n'), 2, "SG010"),
    "a reference to an URL": ("pets.yaml", _text(SPEC + '  /a: {$ref: "https://example.com/x.yaml"}\n'), 2, "SG011"),
    "a reference out of the workspace": ("pets.yaml", _text(SPEC + '  /a: {$ref: "../../../etc/passwd"}\n'), 2, "SG011"),
    "a reference to an absolute path": ("pets.yaml", _text(SPEC + '  /a: {$ref: "/etc/passwd"}\n'), 2, "SG011"),
    "a reference to a file: URL": ("pets.yaml", _text(SPEC + '  /a: {$ref: "file:///etc/passwd"}\n'), 2, "SG011"),
    "a reference to no file": ("pets.yaml", _text(SPEC + '  /a: {$ref: "missing.yaml"}\n'), 2, "SG001"),
    "the same path twice": ("pets.yaml", _text(SPEC + _twice("/a/{x}", "x") + _twice("/a/{y}", "y")), 2, "SG013"),
    "no operation": ("pets.yaml", _text('openapi: 3.0.3\ninfo: {title: x, version: "1"}\npaths: {}\n'), 1, "SG319"),
    "fifty megabytes": ("pets.yaml", _text(LARGE), 0, ""),
} if (_twice := lambda path, name: f'  {path}: {{get: {{x-required-scope: petsapi/read, parameters: [{{name: {name}, in: path, required: true, schema: {{type: string}}}}], responses: {{"200": {{description: ok}}}}}}}}\n') else {}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_documents(what: str, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, make, code, finding = BAD[what]
    (workspace / "pets.yaml").write_text(SPEC)
    assert main(["build", "pets.yaml"]) == 0
    (workspace / "pets.yaml").unlink()
    make(workspace / name)
    before = _tree(workspace / "build")
    capsys.readouterr()
    assert main(["build", name]) == code
    said = capsys.readouterr()
    assert finding in said.err
    assert "Traceback" not in said.out + said.err
    assert "bug in scopegen" not in said.err
    assert _tree(workspace / "build") == before


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_link_out_of_the_workspace_is_not_read(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(SPEC)
    (workspace / "pets.yaml").symlink_to(tmp_path / "outside.yaml")
    assert main(["build", "pets.yaml"]) == 2


def test_a_reference_through_a_link_out_of_the_workspace_is_not_read(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text('{get: {x-required-scope: a/b, responses: {"200": {description: ok}}}}')
    (workspace / "inside.yaml").symlink_to(tmp_path / "outside.yaml")
    (workspace / "pets.yaml").write_text(SPEC + "  /a: {$ref: inside.yaml}\n")
    assert main(["build", "pets.yaml"]) == 2


def test_schemas_that_refer_to_themselves_are_fine() -> None:
    spec = SPEC + (
        "components:\n  schemas:\n    Tree: {type: object, properties: {left: {$ref: '#/components/schemas/Tree'}}}\n"
        "    Odd: {allOf: [{$ref: '#/components/schemas/Odd'}]}\n"
    )
    assert compile_files({"specs/pets.yaml": spec}).artifacts


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.text(max_size=6)
    | st.sampled_from(["petsapi/read", "#/paths/~1pets", "3.0.3"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "openapi info title version paths /pets get responses 200 description x-required-scope security components "
                "schemas $ref anyOf allOf public authenticated parameters name in x-amazon-apigateway-integration type uri "
                "securitySchemes Pet properties x-resource-server servers".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
def test_no_data_makes_it_fail(data: Any) -> None:
    result = compile_files({"specs/pets.json": data})
    assert "SG901" not in [one.code for one in result.report.diagnostics]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(["get", "post", "options", "parameters", "summary", "x-required-scope", "$ref"]),
        JSON,
        max_size=4,
    ),
    JSON,
)
def test_no_path_item_makes_it_fail(item: Any, components: Any) -> None:
    spec = {"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {"/pets": item}}
    compile_files({"specs/pets.json": spec | ({"components": components} if components else {})})


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(
            ["specs", "output", "permissions", "clients", "user-pool", "apis", "resource-servers", "trigger"]
        ),
        JSON,
        max_size=4,
    )
)
def test_no_configuration_makes_it_fail(config: Any) -> None:
    compile_files({"scopegen.yaml": config, "specs/pets.json": json.dumps(_plain())})


def _plain() -> dict[str, Any]:
    operation = {"x-required-scope": "petsapi/read", "responses": {"200": {"description": "ok"}}}
    return {"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {"/pets": {"get": operation}}}


def _nested(inner: str, levels: int) -> str:
    return "[" * levels + inner + "]" * levels


ALIASES_DEEP = "".join(f"  a{i}: &a{i} {_nested(f'*a{i - 1}' if i else 'x', 150)}\n" for i in range(4))
CALLBACKS = "".join(
    f"c{i}: {{u: {{post: {{responses: {{}}, callbacks: {{a: {{$ref: '#/c{i + 1}'}}, b: {{$ref: '#/c{i + 1}'}}}}}}}}}}\n"
    for i in range(30)
)
CHAIN = "".join(f"A{i}: {{type: object, properties: {{n: {{$ref: '#/A{i + 1}'}}}}}}\n" for i in range(800))
LINKS = "".join(f"P{i}: {{$ref: '#/P{i + 1}'}}\n" for i in range(800))
RING = "".join(f"    A{i}: {{$ref: '#/components/schemas/A{i + 1}'}}\n" for i in range(10_000))
PAGE = '  /a: {get: {x-required-scope: petsapi/read, responses: {"200": {description: ok, content: {application/json: %s}}}}}\n'

EXPANDING: dict[str, tuple[dict[str, str], list[str]]] = {
    "aliases that nest too deep": ({"specs/pets.yaml": SPEC + "x-a:\n" + ALIASES_DEEP}, ["SG004"]),
    "a long text many times over": (
        {"specs/pets.yaml": SPEC + f"x-s: &s {'s' * 100_000}\nx-t:\n" + "  - *s\n" * 20_000},
        ["SG005"],
    ),
    "references that double at each step": (
        {
            "specs/pets.yaml": SPEC + '  /a: {$ref: "more.yaml#/x"}\n',
            "specs/more.yaml": CALLBACKS + "c30: {}\nx: {get: {callbacks: {a: {$ref: '#/c0'}}, responses: {}}}\n",
        },
        ["SG005"],
    ),
    "a long chain of references": (
        {"specs/pets.yaml": SPEC + '  /a: {$ref: "more.yaml#/P0"}\n', "specs/more.yaml": LINKS + "P800: {}\n"},
        ["SG005"],
    ),
    "copies that nest too deep": (
        {
            "specs/pets.yaml": SPEC.replace(
                "{description: ok}", '{"a": ' * 130 + '{$ref: "#/info/b"}' + "}" * 130
            ).replace('"1"}', '"1", b: ' + '{"a": ' * 130 + "1" + "}" * 130 + "}")
        },
        ["SG005"],
    ),
    "a name that no file can have": ({"specs/pets.yaml": SPEC + '  /a: {$ref: "a%00.yaml"}\n'}, ["SG001"]),
    "a long chain of schemas in another file": (
        {
            "specs/pets.yaml": SPEC + PAGE % '{schema: {$ref: "more.yaml#/A0"}}',
            "specs/more.yaml": CHAIN + "A800: {type: string}\n",
        },
        [],
    ),
    "a long chain of schemas that are nothing but references": (
        {"specs/pets.yaml": SPEC + "components:\n  schemas:\n" + RING + "    A10000: {type: string}\n"},
        [],
    ),
    "a resource policy as deep as a document may be": (
        {"specs/pets.yaml": SPEC + "x-amazon-apigateway-policy: {Statement: " + _nested("x", 195) + "}\n"},
        [],
    ),
}


@pytest.mark.parametrize("what", EXPANDING)
def test_what_expands_is_refused_or_takes_its_time(what: str) -> None:
    written, expected = EXPANDING[what]
    only = {name: content for name, content in written.items() if name == "specs/pets.yaml"}
    result = compile_files(
        written if len(only) == len(written) else written | {"scopegen.yaml": "specs: [specs/pets.yaml]"}
    )
    errors = {one.code for one in result.report.diagnostics if one.severity is Severity.ERROR}
    assert sorted(errors & set(expected)) == expected
    assert "SG901" not in errors
    assert expected or result.artifacts, [one.message for one in result.report.diagnostics]


@pytest.mark.parametrize("path", [".", "..", "/", "a/../..", "identity"])
def test_a_manifest_that_names_folders(path: str, workspace: Path) -> None:
    (workspace / "pets.yaml").write_text(SPEC)
    (workspace / "build").mkdir()
    (workspace / "build" / ".scopegen.json").write_text(json.dumps({path: "0" * 64}))
    assert main(["build", "pets.yaml"]) in (0, 2)
    assert main(["build", "--check", "pets.yaml"]) in (0, 2)


def test_an_access_file_without_end(workspace: Path) -> None:
    (workspace / "pets.yaml").write_text(SPEC)
    (workspace / "build").mkdir()
    (workspace / "build" / "access.json").write_text("[" * 100_000)
    assert main(["build", "--force", "pets.yaml"]) == 0
