"""Files in place of others. In: paths and bytes. Out: all of them written; a failure before the first leaves all as it was."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def replace(files: Mapping[Path, bytes]) -> None:
    """Stage every file beside the one it replaces, then put each in its place. OSError where that cannot be done."""
    staged: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            with beside.open("xb") as file:  # never through a link that somebody has left there
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
