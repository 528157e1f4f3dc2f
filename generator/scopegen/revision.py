"""A revision is a tree too. In: a commit and a folder in it. Out: the bytes of its files, without a checkout.

Symbolic links are followed inside of the workspace, as on the disk; what leads out of it leads nowhere. Files that a
filter would change on checkout (large file storage) are not what git holds, and refused.
"""

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from scopegen import git
from scopegen.git import Entry
from scopegen.tree import MAX_BYTES, TreeError

_LINK, _SUBMODULE = "120000", "160000"
_MOST_HOPS = 40
_OUTSIDE = ".."
_MOST_LINKED = 100_000
_POINTER = b"version https://git-lfs.github.com/spec/"


class LeadsOut(TreeError):
    """A path that ends outside of the workspace."""


class GitTree:
    """The files below a folder of a commit."""

    def __init__(self, folder: Path, commit: str, prefix: str = "") -> None:
        self.folder, self.commit, self.prefix = folder, commit, prefix
        self._entries = git.listing(folder, commit, prefix)
        self._links: dict[str, str] = {}
        self._names: list[str] | None = None

    @property
    def exists(self) -> bool:
        """Whether there is such a folder in this commit."""
        return self._entries is not None

    def read(self, path: str) -> bytes:
        entry = self._entry(self._resolved(path))
        if entry.size > MAX_BYTES:
            raise TreeError(f"is larger than {MAX_BYTES // 1024 // 1024} MB")
        content = git.blob(self.folder, entry.oid)
        if content is None:
            raise TreeError("is not in this clone: fetch the whole of it")
        if content.startswith(_POINTER):
            raise TreeError("is kept in large file storage, which a revision does not hold")
        return content

    def size(self, path: str) -> int:
        try:
            return self._entry(self._resolved(path)).size
        except TreeError:
            return 0

    def is_file(self, path: str) -> bool:
        """Whether a file can be read there."""
        try:
            self._entry(self._resolved(path))
        except TreeError:
            return False
        return True

    def glob(self, pattern: str) -> list[str]:
        if not any(character in pattern for character in "*?["):
            return [pattern] if self.is_file(pattern) else []
        parts = [part for part in pattern.split("/") if part not in ("", ".")]
        parts = [part for part, after in zip(parts, [*parts[1:], ""], strict=True) if part != "**" or after != "**"]
        return [name for name in self._all() if _matches(name.split("/"), parts)]

    def _entry(self, path: str) -> Entry:
        entries = self._entries or {}
        entry = entries.get(path)
        if entry is not None and entry.mode == _SUBMODULE:
            raise TreeError("is a submodule")
        if entry is None:
            is_folder = any(name.startswith(f"{path}/") for name in entries)
            raise TreeError("is a folder" if is_folder else "cannot be read: no such file in this revision")
        return entry

    def _resolved(self, path: str) -> str:
        """The path without symbolic links."""
        wanted = posixpath.normpath(path)
        for _ in range(_MOST_HOPS):
            if wanted.startswith(("../", "/")) or wanted == "..":
                raise LeadsOut("leads out of the workspace")
            link = next((name for name in _ways(wanted) if self._is_link(name)), None)
            if link is None:
                return wanted
            target = posixpath.join(posixpath.dirname(link), self._target(link))
            wanted = posixpath.normpath(target + wanted[len(link) :])
        raise TreeError("cannot be read: too many levels of symbolic links")

    def _is_link(self, path: str) -> bool:
        entry = (self._entries or {}).get(path)
        return entry is not None and entry.mode == _LINK

    def _target(self, link: str) -> str:
        if link not in self._links:
            content = git.blob(self.folder, (self._entries or {})[link].oid) or b""
            self._links[link] = content.decode("utf-8", "surrogateescape")
        return self._links[link]

    def _all(self) -> list[str]:
        """Every file, under every name that links give it."""
        if self._names is None:
            entries = self._entries or {}
            names = {name for name, entry in entries.items() if entry.mode not in (_LINK, _SUBMODULE)}
            targets = {name: self._followed(name) for name in entries if self._is_link(name)}
            names |= {link for link, target in targets.items() if target in names or target == _OUTSIDE}
            for link, target in targets.items():
                names |= set(_below(link, target, names))
                if len(names) > len(entries) + _MOST_LINKED:
                    raise git.GitError("too many symbolic links in that revision")
            self._names = sorted(names)
        return self._names

    def _followed(self, link: str) -> str:
        """Where a link ends; empty where it does not. One that leads out is kept, so that reading it is an error."""
        try:
            return self._resolved(link)
        except LeadsOut:
            return _OUTSIDE
        except TreeError:
            return ""


def _below(link: str, target: str, names: set[str]) -> list[str]:
    """The files of a linked folder, by way of the link."""
    start = "" if target == "." else f"{target}/"
    below = [name for name in names if name.startswith(start)] if target else []
    return [f"{link}/{name[len(start) :]}" for name in below]


def _ways(path: str) -> Iterator[str]:
    """`a/b/c` -> `a`, `a/b`, `a/b/c`."""
    parts = path.split("/")
    return ("/".join(parts[: number + 1]) for number in range(len(parts)))


def _matches(names: list[str], parts: list[str]) -> bool:
    """As `glob` matches: `**` is any number of folders, and no wildcard stands for a leading dot."""
    if not parts or not names:
        return not names and all(part == "**" for part in parts)
    name, part = names[0], parts[0]
    if part == "**":
        return _matches(names, parts[1:]) or (not name.startswith(".") and _matches(names[1:], parts))
    if name.startswith(".") and not part.startswith("."):
        return False
    return fnmatchcase(name, part) and _matches(names[1:], parts[1:])
