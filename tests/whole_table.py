"""The pytest file of `scopegen test --pytest` for a workspace of tests/e2e, and how it is run. In: who has which token."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from scopegen.cli import main

USERS = {
    "nobody in particular": [],
    "readers": ["ReadPetsAccess"],
    "writers": ["WritePetsAccess"],
    "clerks": ["ReadBillsAccess"],
    "readers of both": ["ReadPetsAccess", "ReadBillsAccess"],
    "removers": ["RemoveEventsAccess"],
}
MACHINES = {"reports": "Reports", "auditor": "Auditor", "cashier": "Cashier", "stormwatch": "Stormwatch"}


def write(folder: Path, access: Path) -> None:
    """Write `test_access.py` into a folder, which must be the current one."""
    written = ["unlisted: ignore", "tests:"]
    written += [f"  {name}: {{permissions: [{', '.join(held)}]}}" for name, held in USERS.items()]
    written += [f"  {name}: {{client: {name}}}" for name in MACHINES]
    (folder / "access.yaml").write_text("\n".join([*written, "  a stranger: {token: none}", ""]))
    assert main(["test", "access.yaml", "--from", str(access), "--pytest", "test_access.py"]) == 0


def environment(tokens: Mapping[str, str], urls: Mapping[str, str]) -> dict[str, str]:
    """What the file finds in its environment: tokens by principal, URLs by API."""
    found = {f"SCOPEGEN_TOKEN_{name.upper().replace(' ', '_')}": token for name, token in tokens.items()}
    return found | {f"SCOPEGEN_URL_{name.upper()}": url for name, url in urls.items()}


def asked(folder: Path, variables: dict[str, str]) -> str:
    """What pytest says at its end."""
    variables = {**os.environ, **variables, "SCOPEGEN_CALL_EVERYTHING": "1", "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_access.py"]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    return done.stdout.strip().split("\n")[-1]
