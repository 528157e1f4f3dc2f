"""git, asked and never changed. In: a folder inside a repository. Out: revisions as commits, their files as bytes.

No shell, no pager, no hook, no file monitor, no lock, no network: a partial clone fetches nothing for us. What a user
wrote is never an option, files that only look like a repository are none, and an answer is read to its end or not at all.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_FOLDER = "040000"
_KINDS = {"tags": "a tag", "heads": "a branch", "remotes": "a branch of a remote"}
_QUIET = (
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "--literal-pathspecs",
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "protocol.allow=never"),
    *("-c", "core.quotePath=false"),
)


class GitError(Exception):
    """Why git cannot tell, as a phrase, and what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Repository(NamedTuple):
    """Where git is asked: its top folder; `prefix` is the way from there to the folder that was asked about, or empty."""

    top: Path
    prefix: str


class Entry(NamedTuple):
    """One entry of a tree: `120000` is a symbolic link, `160000` a submodule. `size` is -1 where there is none."""

    mode: str
    oid: str
    size: int


def command(folder: Path, *words: str) -> list[str]:
    """The whole argument list of one question."""
    return ["git", *_QUIET, "-C", str(folder), *words]


def ask(folder: Path, *words: str) -> bytes | None:
    """What git answers; None where it says no. GitError where there is no git to ask."""
    try:
        asked = subprocess.Popen(  # noqa: S603  a fixed list; what a user wrote is checked, and is never an option
            command(folder, *words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        answer, complaint = asked.communicate()
    except FileNotFoundError:
        raise GitError("git is not installed", "install it, or compare folders or `access.json` files") from None
    except (OSError, ValueError) as error:
        raise GitError(f"git cannot be asked: {error}") from None
    if asked.returncode and b"dubious ownership" in complaint:
        raise GitError("git does not trust this folder", "run `git config --global --add safe.directory` for it")
    return answer if asked.returncode == 0 else None


def repository(folder: Path) -> Repository:
    """The repository around a folder."""
    top, prefix = ask(folder, "rev-parse", "--show-toplevel"), ask(folder, "rev-parse", "--show-prefix")
    if top is None or prefix is None:
        raise GitError("no git repository here or above", "name folders, specs or `access.json` files instead")
    return Repository(Path(_text(top).removesuffix("\n")), _text(prefix).removesuffix("\n").rstrip("/"))


def commit(folder: Path, revision: str) -> str:
    """The commit that a revision names, whole."""
    if (
        not revision
        or revision.startswith("-")
        or any(ord(character) < 33 or ord(character) == 127 for character in revision)
    ):
        raise GitError(f"`{revision}` is no revision")
    found = ask(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found is not None:
        _check_single(folder, revision)
        return _text(found).strip()
    hint = "name a file, a folder or a revision"
    if _text(ask(folder, "rev-parse", "--is-shallow-repository") or b"").strip() == "true":
        hint = "this clone is shallow: `git fetch --unshallow`, or check out with the whole history (`fetch-depth: 0`)"
    elif "/" in revision:
        hint = f"fetch it: `git fetch {' '.join(revision.split('/', 1))}`"
    raise GitError(f"`{revision}` is no revision of this repository", hint)


def is_revision(folder: Path, name: str) -> bool:
    """Whether there is such a revision; not where there is no git to ask."""
    try:
        commit(folder, name)
    except GitError:
        return False
    return True


def _check_single(folder: Path, revision: str) -> None:
    """git would take the tag where a branch has the same name, and anybody who may push tags could say what BASE is."""
    known = [
        kind for kind in ("tags", "heads", "remotes") if ask(folder, "show-ref", "--verify", f"refs/{kind}/{revision}")
    ]
    if len(known) > 1:
        hint = f"write `{f'refs/{known[-1]}/{revision}'}`, or delete the other"
        raise GitError(f"`{revision}` is {' and '.join(_KINDS[kind] for kind in known)}", hint)


def merge_base(folder: Path, one: str, other: str) -> str:
    """Where two commits parted."""
    found = ask(folder, "merge-base", one, other)
    if found is None:
        hint = "in a shallow clone: `git fetch --unshallow`, or check out with the whole history (`fetch-depth: 0`)"
        raise GitError(f"{one[:12]} and {other[:12]} have no common commit here", hint)
    return _text(found).split("\n")[0].strip()


def listing(folder: Path, commit: str, prefix: str) -> dict[str, Entry] | None:
    """Every entry below a folder of a commit, by path; None where there is no such folder in it.

    What cannot be told is an error: a folder that is only missing from a partial clone must not look like a new one.
    """
    if prefix:
        found = list(_entries(_need(folder, "ls-tree", "-z", "-l", "--full-tree", commit, "--", prefix)))
        if not found:
            return None
        if found[0][1].mode != _FOLDER:
            raise GitError(f"`{prefix}` is no folder in {commit[:12]}")
    return dict(_entries(_need(folder, "ls-tree", "-r", "-z", "-l", "--full-tree", f"{commit}:{prefix}")))


def _need(folder: Path, *words: str) -> bytes:
    answer = ask(folder, *words)
    if answer is None:
        raise GitError("this clone does not hold the files of that revision", "fetch the whole of it")
    return answer


def _entries(answer: bytes) -> Iterator[tuple[str, Entry]]:
    for line in filter(None, answer.split(b"\0")):
        head, _, path = line.partition(b"\t")
        mode, _, oid, size = _text(head).split()
        yield _text(path), Entry(mode, oid, int(size) if size.isdigit() else -1)


def blob(folder: Path, oid: str) -> bytes | None:
    """The bytes of one file; None where this clone does not have them."""
    return ask(folder, "cat-file", "blob", oid)


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")
