"""The tutorial, as it is written: its files are made, its commands run in one shell, what they print is what it says.

Only the two ports are others than in the text.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from e2e.emulator import free_port

TEXT = (Path(__file__).parents[1] / "docs/tutorial.md").read_text("utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_END = "\x1e"


class Block(NamedTuple):
    language: str
    text: str


def blocks(text: str) -> list[Block]:
    return [Block(*found.groups()) for found in _BLOCK.finditer(text)]


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block, and what the tutorial says it prints."""
    for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, said = piece.partition("\n")
        yield command, said


class Shell:
    """One bash, to which commands are given one after the other."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        bash = shutil.which("bash")
        assert bash
        self.process = subprocess.Popen(
            [bash, "--norc"], cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, command: str) -> str:
        """What a command prints."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{command}\nprintf '{_END}\\n'\n")
        self.process.stdin.flush()
        said = ""
        for line in self.process.stdout:
            said += line
            if said.endswith(f"{_END}\n"):
                return said.removesuffix(f"{_END}\n")
        raise AssertionError(f"the shell ended:\n{said}")

    def close(self) -> None:
        self.process.communicate("exit\n", timeout=30)


def waited(log: Path, line: str) -> None:
    """Until the server has printed a line."""
    deadline = time.monotonic() + 30
    while line not in log.read_text("utf-8"):
        assert time.monotonic() < deadline, f"{line!r} is not in:\n{log.read_text('utf-8')}"
        time.sleep(0.05)


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "curl", "openssl"))), reason="needs bash, curl and openssl")
def test_the_tutorial_works_as_it_is_written(workspace: Path, tmp_path: Path) -> None:
    ports = {"4010": str(free_port()), "4011": str(free_port())}
    text = re.sub("4010|4011", lambda found: ports[found[0]], TEXT)
    log = tmp_path / "serve.log"
    environment = {
        **os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_PROXY": "127.0.0.1",
        "SCOPEGEN_PORT": ports["4010"], "SCOPEGEN_POOL_PORT": ports["4011"], "SCOPEGEN_POOL": f"http://127.0.0.1:{ports['4011']}",
    }  # fmt: skip
    shell, server = Shell(workspace, environment), None
    try:
        for block in blocks(text):
            if block.language == "yaml":
                name = block.text.partition("\n")[0].removeprefix("# ")
                (workspace / name).parent.mkdir(exist_ok=True)
                (workspace / name).write_text(block.text, "utf-8")
            elif block.text.startswith("$ scopegen serve"):
                with log.open("wb") as out:
                    server = subprocess.Popen(
                        ["scopegen", "serve"], cwd=workspace, env=environment, stdout=out, stderr=out
                    )
                waited(log, "Ctrl-C stops\n")
                assert log.read_text("utf-8") == block.text.partition("\n")[2]
            elif block.language == "text" and not block.text.startswith("pip"):
                for line in block.text.splitlines():
                    waited(log, line)
            elif block.language == "console":
                for command, said in commands(block.text):
                    assert shell.run(command) == said, command
    finally:
        shell.close()
        if server is not None:
            server.terminate()
            assert server.wait(10) == 0
