"""The emulator itself: where it is not set up these tests are skipped and say so, and nobody else can reach it."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e.emulator import Emulator, listening

from .importer import Imported
from .localstack import environment, running

pytestmark = pytest.mark.importing


def test_an_absent_emulator_is_a_reason_to_skip_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("SCOPEGEN_LOCALSTACK", str(tmp_path / "absent"))
    with pytest.raises(pytest.skip.Exception, match="make import-setup"):
        environment()


def test_beside_other_workers_it_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    with pytest.raises(pytest.skip.Exception, match="make import-test"):
        environment()


def test_an_emulator_that_does_not_start_is_a_reason_to_skip_and_leaves_nothing_behind(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    left = tmp_path / "left"
    python.write_text(f"#!/bin/sh\nsleep 300 & echo $! > {left}\necho out of order\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(pytest.skip.Exception, match="out of order"), running(tmp_path, tmp_path):
        pytest.fail("it did start")
    deadline = time.monotonic() + 10
    while is_running(left.read_text().strip()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(left.read_text().strip())


def is_running(pid: str) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True).stdout.strip()
    return state != "" and not state.startswith("Z")


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux says what a process listens on")
def test_it_listens_on_the_loopback_only(emulator: Emulator, imported: Callable[[str], Imported]) -> None:
    assert imported("market").call("GET", "/plain").status == 200
    assert listening(emulator.pid) == {f"0100007F:{emulator.port:04X}"}
