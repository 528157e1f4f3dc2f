"""Builds of large documents against the fastest ways to read the same bytes, and against peers, as ratios in one run.

    python tests/bench_scale.py [RUNS] [DOCUMENT...]

Documents of 50 to 5,000 operations are made up; further ones, tagged and importable, can be named. The goals: a build of
YAML takes at most a quarter of what PyYAML's CSafeLoader takes for the text alone (a third for 5,000 operations), one of
JSON at most seven times as long as `json.loads`; twice the operations take at most 2.2 times as long; the memory is at
most 0.45 times that of CSafeLoader, and eight times the size of the JSON besides that of an interpreter that does nothing;
`lint`, `diff` and `explain` take at most 1.2 times as long as a build; a build of GitHub's API at most 0.8 times as long
as `redocly bundle`. Large documents are read by two processors where there are two. Nothing here fails: read the ratios.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from bench import BIN, NODE, PEERS, SAM, installed

READ_YAML = "import sys, yaml; yaml.load(open(sys.argv[1], encoding='utf-8').read(), yaml.CSafeLoader)"
READ_JSON = "import sys, json; json.loads(open(sys.argv[1], encoding='utf-8').read())"
LOADS = """
import json, sys, time
text = open(sys.argv[1], encoding="utf-8").read()
start = time.perf_counter()
json.loads(text)
print(time.perf_counter() - start)
"""
SIZES = (50, 1000, 2500, 5000)


class Cost(NamedTuple):
    """Of one process: wall seconds, peak memory in MB."""

    seconds: float
    memory: float


def document(operations: int) -> dict[str, Any]:
    """A document as generators write them: five operations a resource, models of their own, examples."""
    paths, schemas = {}, {}
    for number in range(operations // 5):
        name = f"Thing{number}"
        reference = {"$ref": f"#/components/schemas/{name}"}
        key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        page = {
            "name": "limit",
            "in": "query",
            "description": "How many",
            "schema": {"type": "integer", "maximum": 100},
        }

        def one(verb: str, scope: str, *parameters: Any, body: Any = None, name: str = name) -> dict[str, Any]:
            answer = {"description": "It worked", "content": {"application/json": {"schema": reference}}}  # noqa: B023
            found: dict[str, Any] = {
                "operationId": f"{verb}{name}",
                "summary": f"{verb.title()} things of kind {name}",
                "description": "What it does, in a sentence or two that somebody wrote for those who call it.",
                "x-required-scope": f"things/{scope}",
                "parameters": list(parameters),
                "responses": {"200": answer, "404": {"description": "There is none"}},
            }
            return found | ({"requestBody": {"content": {"application/json": {"schema": body}}}} if body else {})

        paths[f"/things{number}"] = {"get": one("list", "read", page), "post": one("create", "write", body=reference)}
        paths[f"/things{number}/{{id}}"] = {
            "get": one("get", "read", key),
            "put": one("replace", "write", key, body=reference),
            "delete": one("remove", "write", key),
        }
        properties = {f"field{i}": {"type": "string", "description": "A field", "maxLength": 100} for i in range(8)}
        schemas[name] = {"type": "object", "required": ["field0"], "properties": properties}
    info = {"title": "Things", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": schemas}}


def cost(command: list[str], folder: Path) -> Cost:
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return Cost(time.perf_counter() - start, usage.ru_maxrss / 1024)


def median(costs: list[Cost]) -> Cost:
    return Cost(statistics.median(one.seconds for one in costs), max(one.memory for one in costs))


def measure(home: Path, folder: Path, spec: Path, runs: int, *, peers: bool) -> Cost:
    """Print one line a process for a document; what the build took."""
    python = str(home / "bin" / "python")
    (folder / "scopegen.yaml").write_text(
        json.dumps({"apis": {"things": {"spec": spec.name, "documentation": "strip"}}})
    )
    commands = {"build": [str(home / "bin" / "scopegen"), "build"]}
    commands["read"] = [python, "-c", READ_JSON if spec.suffix == ".json" else READ_YAML, spec.name]
    scopegen = commands["build"][0]
    commands |= {
        "lint": [scopegen, "lint"],
        "diff": [scopegen, "diff", "build/access.json", "."],
        "explain": [scopegen, "explain", "GET", "/"],  # whether it is there or not: all of it is read
        "matrix, as a page": [scopegen, "matrix", "--format", "html"],
    }
    commands |= _peers(folder) if peers else _bundle(spec.name, spec.suffix)
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            if name == "build":
                shutil.rmtree(folder / "build", ignore_errors=True)
                for stamp in Path(os.environ["XDG_CACHE_HOME"]).glob("scopegen/*.json"):
                    stamp.unlink()
            costs[name].append(cost(command, folder))
    found = {name: median(several) for name, several in costs.items()}
    build, read = found["build"], found["read"]
    size = spec.stat().st_size / 1024 / 1024
    line = f"{spec.name:<22} {size:6.1f} MB  build {build.seconds * 1000:7.0f} ms, {build.memory:4.0f} MB"
    if spec.suffix == ".json":
        bare = cost([python, "-c", "pass"], folder).memory
        asked = [python, "-c", LOADS, spec.name]
        loads = statistics.median(float(subprocess.check_output(asked, cwd=folder)) for _ in range(2 * runs))
        line += f"; {build.seconds / loads:5.1f} x json.loads; memory {(build.memory - bare) / size:5.1f} x the file"
    else:
        line += f"; {build.seconds / read.seconds:5.2f} x CSafeLoader; memory {build.memory / read.memory:5.2f} x"
    print(line, flush=True)
    for name, one in found.items():
        if name not in ("build", "read"):
            print(f"    {name:<26} {one.seconds / build.seconds:6.1f} x build", flush=True)
    return build


def _peers(folder: Path) -> dict[str, list[str]]:
    (folder / "sam.py").write_text(SAM)
    spec = "build/things/openapi.json"
    known = {
        "openapi-spec-validator": [str(BIN / "openapi-spec-validator"), spec],
        "cfn-lint": [str(BIN / "cfn-lint"), "--", "build/things/template.yaml"],
        "SAM transform": [str(PEERS / "python"), "sam.py", spec],
        "datamodel-code-generator": [str(PEERS / "datamodel-codegen"), "--input", spec, "--output", "models.py"],
        "redocly lint": [str(NODE / "redocly"), "lint", spec],
    }
    return {peer: command for peer, command in known.items() if Path(command[0]).exists()} | _bundle(spec, ".json")


def _bundle(spec: str, suffix: str) -> dict[str, list[str]]:
    """The peer that does the least with a document, written as it was read."""
    command = [str(NODE / "redocly"), "bundle", spec, "-o", f"bundled{suffix}"]
    return {"redocly bundle": command} if Path(command[0]).exists() else {}


def main(runs: int, named: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        home = installed(folder / "venv")
        builds: dict[str, Cost] = {}
        for spec in [*named, *(f"{size}{suffix}" for suffix in (".yaml", ".json") for size in SIZES)]:
            place = folder / f"work-{len(builds)}"
            place.mkdir()
            target = place / Path(spec).name
            if spec in named:
                shutil.copy(spec, target)
            else:
                # Made by another process: what this one has used counts as used by all that it starts.
                subprocess.run([sys.executable, __file__, "--write", str(target)], check=True)
            builds[spec] = measure(home, place, target, runs, peers=target.stem in ("50", "1000"))
        for suffix in (".yaml", ".json"):
            small, half, whole = (builds[f"{size}{suffix}"].seconds for size in (1000, 2500, 5000))
            print(
                f"{suffix}: 5,000 operations take {whole / half:.2f} x 2,500; one of 5,000 {whole / 5 / small:.2f} x one of 1,000"
            )


def write(target: Path) -> None:
    """A document of as many operations as its name says."""
    made = document(int(target.stem))
    if target.suffix == ".json":
        target.write_text(json.dumps(made, indent=2))
    else:
        target.write_text(yaml.dump(made, Dumper=yaml.CSafeDumper, sort_keys=False))


if __name__ == "__main__" and sys.argv[1:2] == ["--write"]:
    write(Path(sys.argv[2]))
elif __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, sys.argv[2:])
