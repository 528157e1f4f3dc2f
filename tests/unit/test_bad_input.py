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
    "Swagger 2.0": ("pets.yaml", _text('swagger: "2.0"\ninfo: {title: x, version: "1"}\npaths: {}'), 2, "SG008"),
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
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


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
