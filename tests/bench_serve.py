"""Authorised calls of `scopegen serve` and of an emulator on what we built, driven by wrk, in one run; and how its memory grows.

    python tests/bench_serve.py [SECONDS] [MINUTES]

An API of 1,000 operations, one token that may call what is called, loopback. SECONDS is how long each side is driven (10
unless given). With MINUTES serve is driven on, and its resident memory is told every half minute. Nothing here fails:
read the ratios. Needs `wrk`, and the emulator of `make e2e-setup`.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from bench import BIN
from bench_scale import document
from e2e.cloud import connected
from e2e.emulator import ROOT, running
from e2e.pool import Pool
from e2e.workspaces import built

OPERATIONS = 1000
CONNECTIONS = 16


class Driven(NamedTuple):
    """What wrk saw: requests a second, the 99th percentile in milliseconds, answers that were not let in."""

    rate: float
    p99: float
    refused: int

    def __str__(self) -> str:
        return f"{self.rate:,.0f} requests a second, p99 {self.p99:.1f} ms, {self.refused} refused"


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    minutes = float(sys.argv[2]) if len(sys.argv) > 2 else 0
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed")
    with tempfile.TemporaryDirectory() as folder:
        workspace = _workspace(Path(folder) / "workspace")
        path = _called(workspace)
        with _serving(workspace) as (pid, api, pool):
            token = _token(workspace, pool)
            ours = drive(f"{api}{path}", token, seconds)
            print(f"serve, {OPERATIONS} operations: {ours}")
            print(f"serve, nobody let in:       {drive(f'{api}{path}', 'x', seconds)}")
            print(f"memory: {resident(pid)} MB")
            for _ in range(int(minutes * 2)):
                drive(f"{api}{path}", token, 30)
                print(f"memory: {resident(pid)} MB", flush=True)
        theirs = _emulated(workspace, Path(folder) / "emulator", path, seconds)
        print(f"emulator:                   {theirs}")
        print(f"serve answers {ours.rate / theirs.rate:.1f} x as many, p99 {ours.p99 / theirs.p99:.2f} x as long")


def _workspace(folder: Path) -> Path:
    (folder / "specs").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "specs/things.json").write_text(json.dumps(document(OPERATIONS)), "utf-8")
    (folder / "scopegen.yaml").write_text(
        "clients: {caller: {kind: machine, scopes: [things/read]}}\nuser-pool: {domain: things}\n", "utf-8"
    )
    return folder


def _called(workspace: Path) -> str:
    """A path that is read."""
    spec = json.loads((workspace / "specs/things.json").read_text("utf-8"))
    return next(path for path, item in spec["paths"].items() if "get" in item and "{" not in path)


@contextmanager
def _serving(workspace: Path) -> Iterator[tuple[int, str, str]]:
    """The process, the API's URL, the pool's."""
    command = [BIN / "scopegen", "serve", "--port", "0"]
    with (
        (workspace / "serve.log").open("wb") as log,
        subprocess.Popen(command, cwd=workspace, stdout=log, stderr=log) as process,
    ):
        try:
            for _ in range(600):
                said = (workspace / "serve.log").read_text("utf-8")
                if "Ctrl-C" in said:
                    break
                time.sleep(0.05)
            urls = re.findall(r"http://\S+", said)
            yield process.pid, urls[0], urls[-1].rstrip("/")
        finally:
            process.terminate()


def _token(workspace: Path, pool: str) -> str:
    command = [BIN / "scopegen", "token", "--pool", pool, "--client", "caller"]
    return subprocess.run(command, cwd=workspace, check=True, capture_output=True, text=True).stdout.strip()


def _emulated(workspace: Path, folder: Path, path: str, seconds: int) -> Driven:
    folder.mkdir()
    with redirect_stdout(io.StringIO()):
        output = built(workspace)
    program = Path(os.environ.get("SCOPEGEN_MINISTACK") or ROOT / ".venv-e2e/bin/ministack")
    with running(program, folder) as emulator, connected(emulator) as cloud:
        outputs = cloud.deploy("identity", output / "identity/template.yaml", ManagedLoginVersion="1")
        unlimited = {
            "ThrottlingRateLimit": "1000000",
            "ThrottlingBurstLimit": "1000000",
        }  # serve does not throttle either
        stack = cloud.deploy("things", output / "things/template.yaml", UserPoolArn=outputs["UserPoolArn"], **unlimited)
        api = stack["RestApiId"]
        token = Pool(cloud, outputs).machine_token("Caller")
        return drive(f"{emulator.url}/restapis/{api}/prod/_user_request_{path}", token, seconds)


def drive(url: str, token: str, seconds: int) -> Driven:
    """What wrk says of one URL."""
    command = [
        "wrk",
        "-t",
        "1",
        "-c",
        str(CONNECTIONS),
        "-d",
        f"{seconds}s",
        "--latency",
        "-H",
        f"Authorization: Bearer {token}",
        url,
    ]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    assert p99, said
    assert rate, said
    return Driven(
        float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]], int(refused[1]) if refused else 0
    )


def resident(pid: int) -> int:
    """MB that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


if __name__ == "__main__":
    main()
