"""The pytest file that `scopegen test` writes, run against what was deployed: gateway and trigger agree with the model."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scopegen.cli import main

from .cloud import Api
from .pool import Pool

pytestmark = pytest.mark.e2e

USERS = {
    "nobody in particular": [],
    "readers": ["ReadPetsAccess"],
    "writers": ["WritePetsAccess"],
    "clerks": ["ReadBillsAccess"],
    "readers of both": ["ReadPetsAccess", "ReadBillsAccess"],
    "removers": ["RemoveEventsAccess"],
}
MACHINES = {"reports": "Reports", "auditor": "Auditor", "cashier": "Cashier", "stormwatch": "Stormwatch"}


def test_the_whole_table_holds_on_the_gateway(
    output: Path,
    pool: Pool,
    pets: Api,
    weather: Api,
    clinic: Api,
    token_of: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = ["unlisted: ignore", "tests:"]
    written += [f"  {name}: {{permissions: [{', '.join(held)}]}}" for name, held in USERS.items()]
    written += [f"  {name}: {{client: {name}}}" for name in MACHINES]
    (tmp_path / "access.yaml").write_text("\n".join([*written, "  a stranger: {token: none}", ""]))
    monkeypatch.chdir(tmp_path)
    assert main(["test", "access.yaml", "--from", str(output / "access.json"), "--pytest", "test_access.py"]) == 0
    tokens = {name: token_of(*held) for name, held in USERS.items()}
    tokens |= {name: pool.machine_token(client) for name, client in MACHINES.items()}
    variables = {f"SCOPEGEN_TOKEN_{name.upper().replace(' ', '_')}": token for name, token in tokens.items()}
    for name, api in (("PETS", pets), ("WEATHER", weather), ("CLINIC", clinic)):
        variables[f"SCOPEGEN_URL_{name}"] = f"{api.emulator.url}/restapis/{api.id}/prod/_user_request_"
    said = _asked(tmp_path, variables)
    assert re.fullmatch(r"[0-9]+ passed in .*", said), said
    assert int(said.split()[0]) > 100
    wrong = {**variables, "SCOPEGEN_TOKEN_READERS": tokens["writers"]}
    assert " failed" in _asked(tmp_path, wrong)  # whoever holds other permissions than is said is noticed


def _asked(folder: Path, variables: dict[str, str]) -> str:
    """What pytest says at its end."""
    variables = {**os.environ, **variables, "SCOPEGEN_CALL_EVERYTHING": "1", "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_access.py"]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    return done.stdout.strip().split("\n")[-1]
