"""A workspace that lies in memory: the second implementation of the one way in."""

import fnmatch
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scopegen import pipeline
from scopegen.diagnostics import Stopped
from scopegen.locate import CONFIG_FILE, Found
from scopegen.quoting import yaml_safe
from scopegen.tree import TreeError


class MemoryTree:
    """Files by name."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise TreeError("does not exist")
        return self.files[path]

    def size(self, path: str) -> int:
        return len(self.files.get(path, b""))

    def glob(self, pattern: str) -> list[str]:
        return sorted(fnmatch.filter(self.files, pattern))


def compile_files(
    files: dict[str, Any], user_pool_arn: str = "", specs: Sequence[str] | None = None
) -> pipeline.Result:
    """What the pipeline makes of files: text, bytes, or data that is written as JSON. `specs` are named, else all."""
    written = {name: _bytes(content) for name, content in files.items()}
    result = pipeline.Result()
    named = () if CONFIG_FILE in files else tuple(files if specs is None else specs)
    found = Found(Path(), CONFIG_FILE if CONFIG_FILE in files else "", named)
    try:
        pipeline.run(MemoryTree(written), found, result, user_pool_arn)
    except Stopped:
        result.artifacts = ()
    return result


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    text = content if isinstance(content, str) else yaml_safe(json.dumps(content, ensure_ascii=False))
    return text.encode()


def codes(result: pipeline.Result) -> list[str]:
    """The codes of all findings, sorted."""
    return sorted(diagnostic.code for diagnostic in result.report.diagnostics)


def files(result: pipeline.Result) -> dict[str, bytes]:
    """The artifacts by path; fails if there are none."""
    messages = [f"{one.code} {one.message}" for one in result.report.diagnostics]
    assert result.artifacts, messages
    return {artifact.path: artifact.content for artifact in result.artifacts}
