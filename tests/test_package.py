"""What is shipped: exactly these files, and they work where they are installed."""

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    return folder


def tracked(*places: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", *places], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return {name for name in listed.splitlines() if (ROOT / name).exists()}


def test_the_wheel_holds_the_package_its_pages_its_schemas_and_the_templates(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    modules = {name.removeprefix("generator/") for name in tracked("generator")}
    templates = {f"scopegen/{name}" for name in tracked("templates")}
    assert found == modules | templates


def test_the_sdist_holds_what_git_has_but_the_built_example(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        found = {name.partition("/")[2] for name in archive.getnames()} - {"PKG-INFO"}
    assert found == {name for name in tracked() if not name.startswith("build/")}


def test_the_installed_command_makes_what_the_checkout_makes(dist: Path, tmp_path: Path) -> None:
    """Without the network: the wheel alone is installed, its dependencies are those of this environment."""
    (wheel,) = dist.glob("*.whl")
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    site = next((home / "lib").glob("python*")) / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    dependencies = next(path for path in map(Path, sys.path) if (path / "click").is_dir())
    (site / "dependencies.pth").write_text(f"{dependencies}\n")
    work = tmp_path / "work"
    (work / "specs").mkdir(parents=True)
    for name in ("scopegen.yaml", "specs/pets.yaml", "specs/weather.yaml"):
        (work / name).write_bytes((ROOT / name).read_bytes())
    command = [home / "bin" / "python", "-m", "scopegen", "build"]
    subprocess.run(command, cwd=work, check=True, capture_output=True)
    built = {
        path.relative_to(work / "build").as_posix(): path.read_bytes()
        for path in (work / "build").rglob("*")
        if path.is_file()
    }
    assert built == {name.removeprefix("build/"): (ROOT / name).read_bytes() for name in tracked("build")}
    rule = subprocess.run(
        [home / "bin" / "python", "-m", "scopegen", "rule", "SG102"], check=True, capture_output=True, text=True
    )
    assert "untagged-operation" in rule.stdout
