"""Does git ignore an output folder? In: the folder. Out: yes or no; git is asked only where an ignore file could mean it."""

from fnmatch import fnmatchcase
from pathlib import Path

_FILE = "access.json"  # what reviewers read; a pattern may be about what is in the folder


def is_ignored(folder: Path) -> bool:
    """Whether git would not commit what is in `folder`."""
    files = ignore_files(folder)
    root = files[-1].parent if files else folder
    names = (*folder.absolute().relative_to(root.absolute()).parts, _FILE) if files else ()
    return any(_may_mean(line, names) for file in files for line in _lines(file)) and _ask(root, folder.absolute())


def ignore_files(folder: Path) -> list[Path]:
    """Every `.gitignore` that could speak of a folder, whether it exists or not; that of the repository last."""
    files = []
    for above in (folder.absolute(), *folder.absolute().parents):
        files.append(above / ".gitignore")
        if (above / ".git").exists():
            return files
    return []


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


def _may_mean(line: str, names: tuple[str, ...]) -> bool:
    """Whether some part of a pattern fits some part of a path: git decides what it really means."""
    parts = line.strip().removeprefix("!").split("/")
    return not line.startswith("#") and any(part and fnmatchcase(name, part) for part in parts for name in names)


def _ask(root: Path, folder: Path) -> bool:
    import subprocess

    command = ["git", "-C", str(root), "check-ignore", "-q", "--", (folder / _FILE).relative_to(root).as_posix()]
    try:
        return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
