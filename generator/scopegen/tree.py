"""The one way in. In: a path relative to the workspace. Out: bytes. The disk is one implementation, a revision another."""

import glob
import hashlib
import os
from pathlib import Path
from typing import Protocol

MAX_BYTES = 128 * 1024 * 1024


class TreeError(Exception):
    """Why a file cannot be read, as a phrase."""


def refusal(error: OSError) -> str:
    """Why the system reads or writes no file, as a phrase."""
    return (error.strerror or str(error)).lower()


class Tree(Protocol):
    """The files of one workspace."""

    def read(self, path: str) -> bytes:
        """The bytes of a file inside the workspace; TreeError otherwise."""

    def size(self, path: str) -> int:
        """About how many bytes `read` would give; 0 where it gives none."""

    def glob(self, pattern: str) -> list[str]:
        """The files that match, as sorted paths relative to the workspace."""


class DiskTree:
    """The files below a folder; a symbolic link that leads out of it leads nowhere. Remembers what it was asked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.hashes: dict[str, str] = {}
        self.matches: dict[str, list[str]] = {}
        self._real = os.path.realpath(root)

    def read(self, path: str) -> bytes:
        content = self._read(path)
        self.hashes[path] = hashlib.sha256(content).hexdigest()
        return content

    def _read(self, path: str) -> bytes:
        try:
            real = os.path.realpath(self.root / path)
            if os.path.commonpath([real, self._real]) != self._real:
                raise TreeError("leads out of the workspace")
            if os.path.isdir(real):
                raise TreeError("is a folder")
            if os.path.exists(real) and not os.path.isfile(real):
                raise TreeError("is not a regular file")
            if os.path.getsize(real) > MAX_BYTES:
                raise TreeError(f"is larger than {MAX_BYTES // 1024 // 1024} MB")
            with open(real, "rb") as file:
                return file.read()
        except OSError as error:
            raise TreeError(f"cannot be read: {refusal(error)}") from None
        except ValueError:
            raise TreeError("has a name that no file can have") from None

    def size(self, path: str) -> int:
        try:
            return os.path.getsize(self.root / path)
        except (OSError, ValueError):
            return 0

    def glob(self, pattern: str) -> list[str]:
        self.matches[pattern] = matching(self.root, pattern)
        return self.matches[pattern]


def matching(root: Path, pattern: str) -> list[str]:
    """The files below `root` that match, as sorted POSIX paths relative to it."""
    found = glob.iglob(pattern, root_dir=root, recursive=True)
    return sorted(path.replace(os.sep, "/") for path in found if (root / path).is_file())
