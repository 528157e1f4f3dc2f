"""The emulator `ministack` as a child process. In: its executable and an empty folder. Out: its port, and HTTP to it."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
_LISTENS = "0A"  # the state of a listening socket, in /proc/net/tcp


@dataclass(frozen=True)
class Answer:
    """What came back, whatever the status; redirects are not followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Emulator:
    """A running emulator: all services, and the APIs deployed on them, answer on one port."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=30)) as connection:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read())


def executable() -> Path:
    """The `ministack` that SCOPEGEN_MINISTACK names, else the one of `make e2e-setup`. Its absence is a failure."""
    named = os.environ.get("SCOPEGEN_MINISTACK")
    path = Path(named) if named else ROOT / ".venv-e2e" / "bin" / "ministack"
    if not path.is_file():
        pytest.fail(f"no emulator at {path}: run `make e2e-setup`, or set SCOPEGEN_NO_E2E=1", pytrace=False)
    return path


@contextmanager
def running(program: Path, folder: Path) -> Iterator[Emulator]:
    """An emulator that keeps everything it writes in `folder`, and is stopped in the end."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",  # else it opens a second port, on all interfaces
        "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",  # else a failing trigger is ignored
    }
    log = folder / "ministack.log"
    with log.open("wb") as output:
        process = subprocess.Popen([program], env=environment, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
    try:
        emulator = Emulator(process.pid, port)
        if not becomes_healthy(emulator, process, "/_ministack/health", 30):
            pytest.fail(f"the emulator did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}", pytrace=False)
        yield emulator
    finally:
        _stop(process)


def listening(pid: int) -> set[str]:
    """Every `address:port`, as /proc/net writes it, on which a process or a descendant of it accepts connections."""
    sockets = {link for process in _family(pid) for link in _open_files(process) if link.startswith("socket:")}
    rows = [line.split() for table in ("tcp", "tcp6") for line in _lines(Path("/proc/net") / table)]
    return {row[1] for row in rows if row[3] == _LISTENS and f"socket:[{row[9]}]" in sockets}


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def becomes_healthy(emulator: Emulator, process: subprocess.Popen[bytes], path: str, seconds: float) -> bool:
    """Whether an emulator that was started just now says at `path` that it is ready, before it ends or time is up."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if emulator.send("GET", path).status == 200:
                return True
        except OSError:
            time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _family(pid: int) -> set[int]:
    """A process and all its descendants."""
    parents = {int(stat.parent.name): _parent(stat) for stat in Path("/proc").glob("[0-9]*/stat")}
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _parent(stat: Path) -> int:
    lines = _lines(stat, skipped=0)
    return int(lines[0].rpartition(")")[2].split()[1]) if lines else 0


def _open_files(pid: int) -> Iterator[str]:
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            yield os.readlink(link)
        except OSError:  # closed meanwhile
            continue


def _lines(path: Path, skipped: int = 1) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()[skipped:]
    except OSError:  # ended meanwhile
        return []
