"""Does git ignore a folder? In: the folder. Out: yes or no; git is only asked where some ignore file speaks of it."""

from fnmatch import fnmatchcase
from pathlib import Path


def is_ignored(folder: Path) -> bool:
    """Whether git would not commit what is in `folder`."""
    for file in ignore_files(folder):
        try:
            lines = file.read_text("utf-8", "replace").splitlines()
        except OSError:
            lines = []
        if any(_may_mean(line, folder.name) for line in lines):
            return _ask(folder)
    return False


def ignore_files(folder: Path) -> list[Path]:
    """Every `.gitignore` that could speak of a folder, whether it exists or not."""
    files = []
    for above in folder.absolute().parents:
        files.append(above / ".gitignore")
        if (above / ".git").exists():
            return files
    return []


def _may_mean(line: str, name: str) -> bool:
    last = line.strip().rstrip("/").rpartition("/")[2]
    return bool(last) and last[0] != "#" and fnmatchcase(name, last.removeprefix("!"))


def _ask(folder: Path) -> bool:
    import subprocess

    command = ["git", "-C", str(folder.parent), "check-ignore", "-q", folder.name]
    try:
        return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
