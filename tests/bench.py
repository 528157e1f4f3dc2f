"""Times whole processes, in turn and in one run, and prints them as ratios: the goals, then every peer that is here.

    python tests/bench.py [RUNS]

The goals: a build of pets takes at most 12 times as long as `python -c pass`, one that changes nothing at most 6 times;
and a build is faster than every peer on the same document. Nothing here fails: a machine may be busy. Read the ratios.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PEERS = ROOT / ".venv-bench" / "bin"
NODE = ROOT / ".node-bench" / "node_modules" / ".bin"
SAM = """
import json, sys
from samtranslator.translator.transform import transform
from samtranslator.public.translator import ManagedPolicyLoader
class Loader:
    def load(self): return {}
body = json.load(open(sys.argv[1]))
template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Api": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "prod", "DefinitionBody": body}}}}
transform(template, {}, Loader())
"""


def timed(command: list[str], folder: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        shutil.copytree(ROOT / "specs", folder / "specs")
        (folder / "specs" / "weather.yaml").unlink()
        home = installed(folder / "venv")
        build = [str(home / "bin" / "scopegen"), "build", "specs/pets.yaml"]
        subprocess.run(build, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        spec = folder / "build" / "pets" / "openapi.json"
        shutil.copy(spec, folder / "spec.json")
        shutil.copy(folder / "build" / "pets" / "template.yaml", folder / "template.yaml")
        (folder / "sam.py").write_text(SAM)
        entries: dict[str, tuple[list[str], Callable[[], None]]] = {
            "python -c pass": ([str(home / "bin" / "python"), "-c", "pass"], lambda: None),
            "scopegen build, nothing written yet": (build, lambda: _forget(folder)),
            "scopegen build, nothing changed": (build, lambda: None),
            "scopegen --help": ([build[0], "--help"], lambda: None),
        }
        entries |= {peer: (command, lambda: None) for peer, command in _peers(folder).items()}
        figures: dict[str, list[float]] = {entry: [] for entry in entries}
        for turn in range(runs + 1):
            for entry, (command, prepare) in entries.items():
                if entry == "scopegen build, nothing changed":
                    timed(build, folder)
                prepare()
                seconds = timed(command, folder)
                figures[entry] += [seconds] if turn else []
        _show(figures)


def installed(home: Path) -> Path:
    """scopegen as users have it: installed, its modules compiled; its dependencies are those of this environment."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    site = next((home / "lib").glob("python*")) / "site-packages"
    shutil.copytree(ROOT / "generator" / "scopegen", site / "scopegen", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates", site / "scopegen" / "templates")
    info = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    (site / "dependencies.pth").write_text(f"{info}\n")
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(site)], check=True)
    script = home / "bin" / "scopegen"
    script.write_text(f"#!{home}/bin/python\nimport sys\nfrom scopegen.__main__ import run\nsys.exit(run())\n")
    script.chmod(0o755)
    return home


def _forget(folder: Path) -> None:
    """Neither outputs nor memory; compiled templates stay, as compiled modules do."""
    shutil.rmtree(folder / "build", ignore_errors=True)
    for stamp in (folder / "cache" / "scopegen").glob("*.json"):
        stamp.unlink()


def _peers(folder: Path) -> dict[str, list[str]]:
    """The peers that are here, on the same document or what was made of it."""
    known = {
        "cfn-lint, the API stack": [str(BIN / "cfn-lint"), "--", "template.yaml"],
        "openapi-spec-validator": [str(BIN / "openapi-spec-validator"), "spec.json"],
        "datamodel-code-generator": [str(PEERS / "datamodel-codegen"), "--input", "spec.json", "--output", "models.py"],
        "openapi-python-client": [
            str(PEERS / "openapi-python-client"),
            "generate",
            "--path",
            "spec.json",
            "--overwrite",
        ],
        "SAM transform": [str(PEERS / "python"), "sam.py", "spec.json"],
        "redocly lint": [str(NODE / "redocly"), "lint", "spec.json"],
        "redocly bundle": [str(NODE / "redocly"), "bundle", "spec.json", "-o", "bundled.json"],
        "spectral lint": [str(NODE / "spectral"), "lint", "spec.json", "--ruleset", "ruleset.json"],
    }
    (folder / "ruleset.json").write_text(json.dumps({"extends": "spectral:oas"}))
    return {peer: command for peer, command in known.items() if Path(command[0]).exists()}


def _show(figures: dict[str, list[float]]) -> None:
    medians = {entry: statistics.median(seconds) for entry, seconds in figures.items()}
    floor, build = medians["python -c pass"], medians["scopegen build, nothing written yet"]
    print(f"{'median of whole processes':<40} {'ms':>8} {'x pass':>8} {'x build':>8}   goal")
    goals = {"scopegen build, nothing written yet": 12.0, "scopegen build, nothing changed": 6.0}
    for entry, median in medians.items():
        goal = (
            f"at most {goals[entry]:g} x pass"
            if entry in goals
            else ""
            if "scopegen" in entry or entry == "python -c pass"
            else "more than 1 x build"
        )
        print(f"{entry:<40} {median * 1000:8.1f} {median / floor:8.1f} {median / build:8.2f}   {goal}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
