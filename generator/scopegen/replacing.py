"""Files in place of others. In: paths and bytes. Out: all of them written; a failure before the first leaves all as it was."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def replace(files: Mapping[Path, bytes]) -> None:
    """Stage every file beside the one it replaces, then put each in its place. OSError where that cannot be done."""
    staged = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in files}
    try:
        for path, content in files.items():
            staged[path].write_bytes(content)
            if path.exists():
                shutil.copymode(path, staged[path])
        for path in files:
            os.replace(staged[path], path)
    finally:
        for path in staged.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
