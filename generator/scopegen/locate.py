"""Where the workspace is. In: the paths a user named. Out: its root, its configuration, the specs that were named."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

CONFIG_FILE = "scopegen.yaml"
ACCEPTED_FILE = "scopegen-accepted.yaml"
BASELINE_FILE = "scopegen-baseline.json"
MISNAMED = ("scopegen.yml", "scopegen.json")


class UsageError(Exception):
    """The command line asks for something that cannot be meant."""


class MisnamedConfig(Exception):
    """A configuration that nobody would read, since its name is not quite right. Holds its path."""


class Found(NamedTuple):
    """The root of a workspace, the name of its configuration (empty: none), the specs named on the command line."""

    root: Path
    config: str
    specs: tuple[str, ...]


def find(specs: Sequence[str], config_file: str | None, cwd: Path) -> Found:
    """The workspace of the named specs: the folder of the nearest `scopegen.yaml`, up to the folder with `.git`."""
    paths = [Path(os.path.abspath(cwd / spec)) for spec in specs]
    if config_file is not None:
        path = Path(os.path.abspath(cwd / config_file))
        if path.is_dir():
            raise UsageError(f"{config_file} is a folder: name the file in it")
        return Found(path.parent, path.name, _below(paths, path.parent))
    roots = {_nearest(start, cwd) for start in ([path.parent for path in paths] or [cwd])}
    if len(roots) > 1:
        raise UsageError("the specs belong to two workspaces: build them one after the other")
    root = roots.pop()
    if root is not None:
        return Found(root, CONFIG_FILE, _below(paths, root))
    if not paths:
        raise UsageError(f"no {CONFIG_FILE} here or above: make one, or name a spec, such as `specs/pets.yaml`")
    common = Path(os.path.commonpath([path.parent for path in paths]))
    root = cwd if all(path.is_relative_to(cwd) for path in paths) else common
    return Found(root, "", _below(paths, root))


def _nearest(start: Path, cwd: Path) -> Path | None:
    for folder in (start, *start.parents):
        for misnamed in MISNAMED:
            if (folder / misnamed).exists():
                raise MisnamedConfig(os.path.relpath(folder / misnamed, cwd).replace(os.sep, "/"))
        if (folder / CONFIG_FILE).exists():
            return folder
        if (folder / ".git").exists():
            return None
    return None


def _below(paths: list[Path], root: Path) -> tuple[str, ...]:
    for path in paths:
        if not path.is_relative_to(root):
            raise UsageError(f"{path.name} lies outside the workspace {root.name}/")
    return tuple(path.relative_to(root).as_posix() for path in paths)
