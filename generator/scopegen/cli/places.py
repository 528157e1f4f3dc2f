"""Where a side of a comparison is. In: a name as the user wrote it. Out: a Place, on the disk or in a revision.

`A..B` and `A...B` are both sides at once, the latter since the two parted; `A...` is where A and HEAD parted.
"""

import json
import os
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from scopegen import git, locate
from scopegen.cli import options
from scopegen.locate import CONFIG_FILE, MISNAMED, Found, UsageError
from scopegen.revision import GitTree
from scopegen.settings import DEFAULT_SPECS
from scopegen.tree import DiskTree, Tree, TreeError
from scopegen.workspace import expand


class Place(NamedTuple):
    """One side before it is read: a workspace in a tree, or the bytes of an `access.json`; neither where nothing was.

    `root` is the workspace as seen from the current folder, in a revision from its top.
    """

    name: str
    tree: Tree
    found: Found | None = None
    content: bytes | None = None
    root: str = ""
    revision: str = ""
    notes: tuple[str, ...] = ()


class Known(NamedTuple):
    """What HEAD turned out to be, for a revision that is asked for the same: its folder, its specs, whether those were named."""

    root: Path
    specs: tuple[str, ...]
    is_named: bool


def split(text: str) -> tuple[str, str | None]:
    """`A..B` -> A, B; `A...B` -> `A...B`'s merge base, B; anything else -> itself, None."""
    if (Path.cwd() / text).exists() or ".." not in text or ":" in text or "/.." in text or text.startswith(".."):
        return text, None
    dots = "..." if "..." in text else ".."
    one, _, other = text.partition(dots)
    if dots == "..":
        return one or "HEAD", other or "HEAD"
    return f"{one or 'HEAD'}...{other}", other or None


def place(text: str, known: Known | None = None, config: str | None = None) -> Place:
    """What a name means: what is there on the disk, else a revision; UsageError where it could be either.

    Whoever adds a folder `main` must not choose what is compared with.
    """
    path = Path.cwd() / text
    if not text or not os.path.lexists(path):
        return revision(text, known, config)
    _check_single(text)
    if path.is_dir():
        return _folder(text, path)
    if text.lower().endswith(".json") and is_access(content := _bytes(path)):
        return Place(text, DiskTree(path.parent), content=content)
    found = locate.find([], text, Path.cwd()) if path.name == CONFIG_FILE else options.find([text], config)
    return Place(text, DiskTree(found.root), found, root=_seen(found.root))


def _check_single(text: str) -> None:
    """UsageError where what lies on the disk could be meant as a revision too."""
    named = text.partition("..")[0] if ".." in text else text.partition(":")[0]
    if named and not text.startswith(("/", "./", "../")) and git.is_revision(Path.cwd(), named):
        raise UsageError(f"{text} is a file and a revision: write ./{text}, or --base {text}")


def here(config: str | None) -> Place:
    """The workspace of the current folder, as it is now."""
    found = options.find([], config)
    return Place("the working tree", DiskTree(found.root), found, root=_seen(found.root))


def is_access(content: bytes) -> bool:
    """Whether a JSON text is one of ours rather than a document."""
    if b'"resourceServers"' not in content:
        return False
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and data.keys() >= {"resourceServers", "operations", "version"}


def _bytes(path: Path) -> bytes:
    real = Path(os.path.realpath(path))
    return _read(DiskTree(real.parent), real.name)


def _seen(root: Path) -> str:
    shown = os.path.relpath(root).replace(os.sep, "/")
    return "" if shown == "." else shown


def _folder(text: str, path: Path) -> Place:
    """A folder that is a workspace itself. One that only lies in a workspace would be compared as the whole of it."""
    tree = DiskTree(path)
    if (path / CONFIG_FILE).exists():
        return Place(text, tree, Found(path, CONFIG_FILE, ()), root=_seen(path))
    specs = _default_specs(tree)
    if not specs:
        raise UsageError(f"{text} holds no {CONFIG_FILE} and no specs/: name the specs to compare")
    return Place(text, tree, Found(path, "", specs), root=_seen(path))


def _default_specs(tree: Tree) -> tuple[str, ...]:
    return tuple(sorted({spec for text in DEFAULT_SPECS for one in expand(text) for spec in tree.glob(one)}))


def revision(text: str, known: Known | None = None, config: str | None = None) -> Place:
    """`REVISION` or `REVISION:PATH`; a path is seen from the top of the repository, or from here after `./`."""
    cwd = Path.cwd()
    named, colon, path = text.partition(":") if not text.startswith(":") else (text, "", "")
    repository = git.repository(cwd)
    commit = _commit(cwd, named)
    name = text if commit.startswith(named) else f"{text} ({commit[:9]})"
    if not colon:
        return _whole(repository, commit, name, known, config)
    if path.startswith("./"):
        path = posixpath.join(repository.prefix, path)
    return _part(repository, commit, name, posixpath.normpath(path or "."))


def _commit(cwd: Path, named: str) -> str:
    if "..." not in named:
        return git.commit(cwd, named)
    one, _, other = named.partition("...")
    return git.merge_base(cwd, git.commit(cwd, one or "HEAD"), git.commit(cwd, other or "HEAD"))


def _whole(repository: git.Repository, commit: str, name: str, known: Known | None, config: str | None) -> Place:
    """The workspace of the current folder, or the specs that HEAD is made of, as they were."""
    top = GitTree(repository.top, commit)
    start = _inside(repository.top, known.root) if known is not None else repository.prefix
    if config is not None:
        file = _inside(repository.top, Path(os.path.abspath(config)))
        root, written = posixpath.split(file) if top.is_file(file) else (start, "")
    else:
        root, written = _nearest(top, start)
    tree = GitTree(repository.top, commit, root)
    specs = _inherited(repository.top, root, known) if known is not None and (known.is_named or not written) else ()
    there = tuple(spec for spec in specs if tree.is_file(spec))
    if not written:
        there = tuple(dict.fromkeys([*there, *(_default_specs(tree) if known is None or not known.is_named else ())]))
    if not tree.exists or (not there and (specs or not written)):
        return Place(name, tree, root=root, revision=commit)
    notes = () if written else (f"{name} has no {CONFIG_FILE}: its permissions are one for every scope",)
    return Place(name, tree, Found(repository.top / root, written, there), root=root, revision=commit, notes=notes)


def _inherited(top: Path, root: str, known: Known) -> Sequence[str]:
    """The specs of HEAD, as seen from the folder of the revision's workspace."""
    return [os.path.relpath(known.root / spec, top / root).replace(os.sep, "/") for spec in known.specs]


def _part(repository: git.Repository, commit: str, name: str, path: str) -> Place:
    """One file or folder of a revision. What is not there is a mistake: it must not look like something new."""
    top = GitTree(repository.top, commit)
    if path.startswith(("../", "/")) or path == "..":
        raise UsageError(f"{path} lies outside the repository")
    if not top.is_file(path):
        return _below(repository, commit, name, "" if path == "." else path)
    if path.lower().endswith(".json") and is_access(content := _read(top, path)):
        return Place(name, top, content=content, revision=commit)
    folder, file = posixpath.split(path)
    root, written = (folder, file) if file == CONFIG_FILE else _nearest(top, folder)
    if not written:
        root = repository.prefix if f"{path}/".startswith(f"{repository.prefix}/") else folder
    specs = () if file == CONFIG_FILE else (posixpath.relpath(path, root or "."),)
    found = Found(repository.top / root, written, specs)
    return Place(name, GitTree(repository.top, commit, root), found, root=root, revision=commit)


def _read(tree: Tree, path: str) -> bytes:
    try:
        return tree.read(path)
    except TreeError as error:
        raise UsageError(f"{path} {error}") from None


def _below(repository: git.Repository, commit: str, name: str, folder: str) -> Place:
    tree = GitTree(repository.top, commit, folder)
    written = CONFIG_FILE if tree.exists and tree.is_file(CONFIG_FILE) else ""
    specs = () if written or not tree.exists else _default_specs(tree)
    if not written and not specs:
        raise UsageError(f"{name} is no spec, and no folder with a {CONFIG_FILE} or specs/")
    return Place(name, tree, Found(repository.top / folder, written, specs), root=folder, revision=commit)


def _nearest(top: GitTree, folder: str) -> tuple[str, str]:
    """The folder of the nearest configuration, and its name; the folder itself and no name where there is none."""
    start = folder
    while True:
        for misnamed in MISNAMED:
            if top.is_file(posixpath.join(folder, misnamed)):
                raise UsageError(f"{posixpath.join(folder, misnamed)} is not read: rename it to {CONFIG_FILE}")
        if top.is_file(posixpath.join(folder, CONFIG_FILE)):
            return folder, CONFIG_FILE
        if not folder:
            return start, ""
        folder = posixpath.dirname(folder)


def _inside(top: Path, path: Path) -> str:
    relative = os.path.relpath(os.path.realpath(path), os.path.realpath(top)).replace(os.sep, "/")
    if relative == ".." or relative.startswith("../"):
        raise UsageError(f"{path.name} does not lie in this repository: name what to compare it with")
    return "" if relative == "." else relative


def in_working_tree(text: str) -> str | None:
    """What `REVISION:PATH` names, as it is now; None for what was built or is there no more."""
    _, colon, path = text.partition(":")
    if not colon or not path or text.startswith(":") or path.startswith("/") or (Path.cwd() / text).exists():
        return None
    top = Path.cwd() if path.startswith("./") else git.repository(Path.cwd()).top
    now = top / path
    if not now.exists() or (now.is_file() and path.endswith(".json") and is_access(_bytes(now))):
        return None
    return os.path.relpath(now).replace(os.sep, "/")
