"""The emulator itself: it is found or the tests fail, and nobody else can reach it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .emulator import Emulator, executable, listening

pytestmark = pytest.mark.e2e


def test_an_absent_emulator_is_a_failure_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SCOPEGEN_MINISTACK", str(tmp_path / "absent"))
    with pytest.raises(pytest.fail.Exception, match="make e2e-setup"):
        executable()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux says what a process listens on")
def test_it_listens_on_the_loopback_only(emulator: Emulator, token_of: Callable[..., str]) -> None:
    assert token_of(), "the trigger runs in a process of its own, which counts too"
    assert listening(emulator.pid) == {f"0100007F:{emulator.port:04X}"}
