"""Every command, end to end: a folder is a case.

`input/` is copied, the lines of `cmd` are run in it one after the other (`scopegen ...`, `edit FILE OLD NEW`, or
`git ...` as nobody at no time), and what is printed, the exit codes and the files that came, changed or went must be as `expected` and `tree/` say.
`pytest --update` writes both anew.
"""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from scopegen.cli import main

NOBODY = {
    **{f"GIT_{role}_{what}": "nobody" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    **{f"GIT_{role}_DATE": "2001-01-01T00:00:00Z" for role in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_DEFAULT_HASH": "sha1",
}
CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path, workspace: Path, capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> None:
    shutil.copytree(case / "input", workspace, dirs_exist_ok=True)
    before = _files(workspace)
    said = "".join(_run(line, capfd) for line in (case / "cmd").read_text("utf-8").splitlines())
    after = _files(workspace)
    changed = {path: content for path, content in after.items() if before.get(path) != content}
    said += "".join(f"gone: {path}\n" for path in sorted(before.keys() - after.keys()))
    if request.config.getoption("--update"):
        _update(case, said, changed)
    assert said == (case / "expected").read_text("utf-8")
    assert changed == _files(case / "tree")


def _run(line: str, capfd: pytest.CaptureFixture[str]) -> str:
    words = shlex.split(line)
    if words[0] == "edit":
        words = [word.replace("\\n", "\n") for word in words]
        path = Path(words[1])
        content = path.read_text("utf-8")
        assert words[2] in content
        path.write_text(content.replace(words[2], words[3]), "utf-8", newline="")
        return f"$ {line}\n"
    if words[0] == "git":
        subprocess.run(words, check=True, capture_output=True, env={**os.environ, **NOBODY})
        return f"$ {line}\n"
    assert words[0] == "scopegen"
    code = main(words[1:])
    captured = capfd.readouterr()
    err = "".join(f"! {text}\n" if text else "!\n" for text in captured.err.splitlines())
    return f"$ {line}\n{captured.out}{err}exit {code}\n"


def _files(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(folder).as_posix().replace(os.sep, "/"): path.read_bytes().decode() for path in files}


def _update(case: Path, said: str, changed: dict[str, str]) -> None:
    (case / "expected").write_text(said, "utf-8")
    shutil.rmtree(case / "tree", ignore_errors=True)
    for name, content in changed.items():
        path = case / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
