"""The emulator `localstack-core` as a child process. In: its environment and an empty folder. Out: its port, and HTTP to it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from e2e.emulator import HOST, ROOT, Emulator, becomes_healthy, free_port

_START = 90


def environment() -> Path:
    """The environment that SCOPEGEN_LOCALSTACK names, else the one of `make import-setup`.

    Where there is none the tests of a module that asks for it are skipped, and so they are beside other workers, each of
    which would start an emulator of its own.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.skip("API Gateway's import is tested by one process alone: `make import-test`", allow_module_level=True)
    named = os.environ.get("SCOPEGEN_LOCALSTACK")
    home = Path(named).absolute() if named else ROOT / ".venv-localstack"
    for program in ("python", "aws"):
        if not (home / "bin" / program).is_file():
            reason = f"no emulator of API Gateway's import in {home.name}: run `make import-setup`"
            pytest.skip(reason, allow_module_level=True)
    return home


@contextmanager
def running(home: Path, folder: Path) -> Iterator[Emulator]:
    """An emulator that keeps everything it writes in `folder`, and is stopped in the end with all that it started."""
    port = free_port()
    log = folder / "localstack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [home / "bin" / "python", "-m", "localstack.runtime.main"],
            env=_variables(folder, port),
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        emulator = Emulator(process.pid, port)
        if not becomes_healthy(emulator, process, "/_localstack/health", _START):
            lines = log.read_text("utf-8", "replace").splitlines()
            pytest.skip(f"the emulator of API Gateway's import did not start: {' '.join(lines[-1:])[-300:]}")
        yield emulator
    finally:
        _stop(process)


def _variables(folder: Path, port: int) -> dict[str, str]:
    places = {name: folder / name for name in ("files", "volume", "scratch")}
    for place in places.values():
        place.mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(places["scratch"]),
        "FILESYSTEM_ROOT": str(places["files"]),
        "LOCALSTACK_VOLUME_DIR": str(places["volume"]),
        "GATEWAY_LISTEN": f"{HOST}:{port}",
        "GATEWAY_SERVER": "hypercorn",  # the other one listens on all interfaces, whatever it is told
        "DNS_ADDRESS": "0",
        "OVERRIDE_IN_DOCKER": "0",
        "SERVICES": "apigateway",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
    }


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process group that was started here, and no other."""
    for sent, seconds in ((signal.SIGTERM, 15), (signal.SIGKILL, 15)):
        try:
            os.killpg(process.pid, sent)
            process.wait(timeout=seconds)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
