"""The house as CONTRIBUTING.md draws it: imports point down, one place prints, targets are modules with templates."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from scopegen.codes import RULES
from scopegen.rules import CHECKS
from scopegen.targets import TARGETS
from scopegen.templating import template_root

SOURCE = Path(__file__).parents[1] / "generator" / "scopegen"
MODULES = {
    path.relative_to(SOURCE).with_suffix("").as_posix().replace("/__init__", ""): path for path in SOURCE.rglob("*.py")
}
# From the cellar up. A module may import what stands in its own storey or below.
STOREYS = [
    "diagnostics codes limits tree beside git revision locate stamp survey parsed yaml_scalars yaml_events yaml_halves json_text lines positions document source walk schema_errors quoting ignored nearest".split(),
    "value model names operation_names settings substitution passthrough routing decide compare explain scopes access_file nodes token_bytes wording".split(),
    "config lint_section workspace around lost references identifiers bundle downgrade swagger semantics validate tags security misplaced extract paths grants clashes clients importable".split(),
    "rules manual report strict expectations formats baseline suppressions triage review".split(),
    "artifacts templating targets previous vectors matrix".split(),
    "proof output replacing".split(),
    "emit".split(),
    "pipeline".split(),
    "fixing asking".split(),
    "served".split(),
    "gateway pool console".split(),
    "serving".split(),
    "cli testing".split(),
    "__init__ __main__".split(),
]
# Templates of what is no artifact of a build, but asked for.
VIEWS = {"console", "matrix", "pool", "vectors"}
HEAVY = {"openapi_spec_validator", "boto3", "jinja2", "cfnlint", "jsonschema_rs"}
PRINTS = {"print", "input", "exit", "quit"}


def storey(module: str) -> int:
    room = module.split("/")[0]
    return next(level for level, rooms in enumerate(STOREYS) if room in rooms)


def trees() -> Iterator[tuple[str, ast.Module]]:
    for name, path in sorted(MODULES.items()):
        yield name, ast.parse(path.read_text("utf-8"))


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in inner if name.removeprefix("scopegen.").replace(".", "/") in MODULES]
            yield from modules if len(modules) == len(inner) else [node.module, *modules]


def test_every_module_has_a_storey() -> None:
    assert {name.split("/")[0] for name in MODULES} == {room for rooms in STOREYS for room in rooms} | {"__init__"}


def test_imports_point_down() -> None:
    for name, tree in trees():
        for imported in imports(tree):
            target = imported.removeprefix("scopegen.").replace(".", "/")
            if imported.startswith("scopegen.") and target in MODULES:
                assert storey(target) <= storey(name), f"{name} imports {target}"


def test_no_module_imports_itself_through_others() -> None:
    graph = {
        name: {
            target
            for node in tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for imported in imports(node)
            for target in [imported.removeprefix("scopegen.").replace(".", "/")]
            if imported.startswith("scopegen.") and target in MODULES and target != name
        }
        for name, tree in trees()
    }
    while graph:
        free = [name for name, needed in graph.items() if not needed & graph.keys()]
        assert free, f"a circle among {sorted(graph)}"
        for name in free:
            del graph[name]


def test_only_the_command_prints_exits_and_reads_the_environment() -> None:
    for name, tree in trees():
        if name.split("/")[0] in ("cli", "__main__"):
            continue
        assert "click" not in set(imports(tree)), name
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in PRINTS, name
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("environ", "getenv", "stdout", "stderr", "argv"), name


def test_heavy_imports_sit_where_they_are_needed() -> None:
    for name, tree in trees():
        for node in tree.body:
            if not isinstance(node, ast.If):
                top = (
                    {imported.split(".")[0] for imported in imports(node)}
                    if isinstance(node, ast.Import | ast.ImportFrom)
                    else set()
                )
                assert not top & HEAVY, name


def test_only_serving_needs_what_the_extra_installs() -> None:
    """Whoever builds needs none of it: `cli/serve` imports the rest inside the command."""
    rooms = {"gateway", "pool", "console", "serving", "testing"}
    installed = {"starlette", "uvicorn", "h11", "airspeed", "aiohttp", "yarl", "cryptography"}
    for name, tree in trees():
        if name.split("/")[0] in rooms or name == "cli/serving":
            continue
        for node in tree.body if name == "cli/serve" else ast.walk(tree):
            for imported in imports(node) if isinstance(node, ast.Import | ast.ImportFrom) else ():
                first, _, rest = imported.partition(".")
                assert first not in installed, f"{name} imports {imported}"
                assert first != "scopegen" or rest.partition(".")[0] not in rooms, f"{name} imports {imported}"


def test_every_module_says_what_it_is_for() -> None:
    for name, tree in trees():
        assert ast.get_docstring(tree), name


def test_rooms_are_small() -> None:
    sizes = sorted(len(path.read_text("utf-8").splitlines()) for path in MODULES.values())
    assert sizes[len(sizes) // 2] < 100
    assert sizes[-1] <= 250


def test_functions_are_short() -> None:
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{name}: {node.name}"


def test_a_target_is_a_module_and_a_folder_of_templates() -> None:
    folders = {path.name for path in template_root().iterdir()}
    # The import spec is the document itself, transformed: the one target without a template.
    assert folders - VIEWS == TARGETS.keys() - {"apigateway"}
    assert {f"targets/{name}" for name in TARGETS} <= MODULES.keys()


def test_templates_escape_quoting_only_for_bodies_and_blocks() -> None:
    for path in template_root().rglob("*.j2"):
        assert "| raw" not in path.read_text("utf-8"), path.name


def test_every_check_is_listed_once() -> None:
    assert len(set(CHECKS)) == len(CHECKS)


@pytest.mark.parametrize("code", RULES)
def test_a_code_is_used(code: str) -> None:
    name = next(
        key for key, value in vars(__import__("scopegen.codes", fromlist=["x"])).items() if value is RULES[code]
    )
    assert any(f"codes.{name}" in path.read_text("utf-8") for path in MODULES.values())
