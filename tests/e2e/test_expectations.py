"""The pytest file that `scopegen test` writes, run against what was deployed: gateway and trigger agree with the model."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from whole_table import MACHINES, USERS, asked, environment, write

from .cloud import Api
from .pool import Pool

pytestmark = pytest.mark.e2e


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
    monkeypatch.chdir(tmp_path)
    write(tmp_path, output / "access.json")
    tokens = {name: token_of(*held) for name, held in USERS.items()}
    tokens |= {name: pool.machine_token(client) for name, client in MACHINES.items()}
    apis = {"pets": pets, "weather": weather, "clinic": clinic}
    urls = {name: f"{api.emulator.url}/restapis/{api.id}/prod/_user_request_" for name, api in apis.items()}
    said = asked(tmp_path, environment(tokens, urls))
    assert re.fullmatch(r"[0-9]+ passed in .*", said), said
    assert int(said.split()[0]) > 100
    wrong = {**tokens, "readers": tokens["writers"]}
    assert " failed" in asked(
        tmp_path, environment(wrong, urls)
    )  # whoever holds other permissions than is said is noticed
