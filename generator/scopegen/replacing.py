"""Files in place of others. In: paths and bytes. Out: all of them written; a failure before the first leaves all as it was."""

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

_LONGEST = 200  # a name that is longer still must fit the folder


def replace(files: Mapping[Path, bytes]) -> None:
    """Stage every file beside the one it replaces, then put each in its place. OSError where that cannot be done.

    A link stays; what it leads to is replaced.
    """
    files = {Path(os.path.realpath(path)): content for path, content in files.items()}
    staged: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            if path.exists() and not path.is_file():
                raise OSError(errno.EINVAL, "no regular file", str(path))
            if path.exists() and not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, "is not to be written", str(path))
            # A name that nothing has: neither a link that somebody has left there, nor what a run that was killed left.
            beside = path.with_name(f".{path.name[:_LONGEST]}.{secrets.token_hex(8)}.tmp")
            with beside.open("xb") as file:
                staged[path] = beside
                file.write(content)
            if path.exists():
                shutil.copymode(path, beside)
        for path, beside in staged.items():
            os.replace(beside, path)
    finally:
        for beside in staged.values():
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
