"""Files in place of others. In: paths and bytes. Out: all of them written; a failure before the first leaves all as it was."""

import contextlib
import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

_LONGEST = 200  # a name that is longer still must fit the folder


def replace(files: Mapping[Path, bytes]) -> None:
    """Stage every file beside the one it replaces, then put each in its place. OSError where that cannot be done.

    A link stays; what it leads to is replaced.
    """
    files = {Path(os.path.realpath(path)): content for path, content in files.items()}
    staged = {path: path.with_name(f".{path.name[:_LONGEST]}.{os.getpid()}.tmp") for path in files}
    try:
        for path, content in files.items():
            if path.exists() and not path.is_file():
                raise OSError(errno.EINVAL, "no regular file", str(path))
            staged[path].write_bytes(content)
            if path.exists():
                shutil.copymode(path, staged[path])
        for path in files:
            os.replace(staged[path], path)
    finally:
        for path in staged.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
