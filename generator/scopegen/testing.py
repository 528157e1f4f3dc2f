"""The gateway of `serve` inside somebody's tests. In: a workspace. Out: a running gateway that hands out tokens.

In a `conftest.py`: `pytest_plugins = ["scopegen.testing"]`; then a test takes the fixture `scopegen_gateway`. Needs the
extra `serve`. Everything happens in this process, on ports of 127.0.0.1 that are free; nothing is written.
"""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from scopegen import locate
from scopegen.gateway.calls import Call
from scopegen.gateway.options import Options
from scopegen.pool.pool import COGNITO_ISSUER
from scopegen.pool.tokens import Tokens
from scopegen.served import App, Served
from scopegen.serving.compiling import compiled
from scopegen.serving.server import Place, Servers
from scopegen.serving.state import State

_PATIENCE = 1.0  # seconds


class WorkspaceError(Exception):
    """There is nothing to serve: no workspace, or one that does not build. Says why, as `scopegen build` does."""


class LocalGateway:
    """A workspace as it runs on AWS, on this machine, between `__enter__` and `__exit__`.

    `workspace` is the folder of a `scopegen.yaml`, that file itself, or a spec. `backend` maps an API to the base URL of
    the service behind it ("" for every other API); without one, examples answer. `missing_scope` is 401 or 403;
    with `cognito_issuer` tokens name Cognito as their issuer. WorkspaceError where it does not build, RuntimeError where
    it is used outside of `with`.
    """

    def __init__(
        self,
        workspace: str | Path = ".",
        backend: Mapping[str, str] | None = None,
        missing_scope: int = 401,
        cognito_issuer: bool = False,
    ) -> None:
        self._state = State(_compiled(Path(workspace)))
        self._options = Options(missing_scope, dict(backend or {}))
        self._place = Place(issuer=COGNITO_ISSUER if cognito_issuer else "")
        self._running: Servers | None = None

    def __enter__(self) -> Self:
        if self._running is not None:
            raise RuntimeError("the gateway runs already")
        self._running = Servers(self._state, self._place, self._options)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="scopegen", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._servers.stop()
        self._thread.join()
        self._loop.close()
        self._running = None

    @property
    def _servers(self) -> Servers:
        if self._running is None:
            raise RuntimeError("the gateway does not run: use it in a `with`, or take the fixture `scopegen_gateway`")
        return self._running

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._servers.run())

    def url(self, api: str, path: str = "") -> str:
        """Where an API answers, with its stage: `http://127.0.0.1:<port>/pets/prod`; KeyError for no API of that name."""
        return self._servers.url_of(api) + path

    @property
    def issuer(self) -> str:
        """What tokens say of who issued them; without `cognito_issuer` the OpenID configuration is below it."""
        return self._servers.pool.issuer

    @property
    def pool_url(self) -> str:
        """Where `/oauth2/authorize` and `/oauth2/token` are."""
        return self._servers.pool_url

    @property
    def keys_url(self) -> str:
        """Where the public keys are that tokens are verified with."""
        return self._servers.pool.keys_url

    def credentials(self, client: str) -> tuple[str, str]:
        """The id and the secret of a machine client."""
        return client, self._servers.pool.secret(self._app(client, "machine").name)

    def user_token(self, *permissions: str, user: str = "tester", client: str = "") -> str:
        """The access token of a user who has these permissions, signed in through a user client (the first if not named)."""
        return self.user_tokens(*permissions, user=user, client=client).access

    def user_tokens(self, *permissions: str, user: str = "tester", client: str = "") -> Tokens:
        """All tokens of such a sign-in. ValueError for a permission or a client that is not in `scopegen.yaml`."""
        groups = [self._group(name) for name in permissions]
        pool, app = self._servers.pool, self._app(client, "user")
        signing_in = pool.sign_in(app, pool.users.put(user, groups), None)
        return asyncio.run_coroutine_threadsafe(signing_in, self._loop).result()

    def client_token(self, client: str, *scopes: str) -> str:
        """The access token of a machine client: with all its scopes, or with those that are named."""
        return self._servers.pool.machine(self._app(client, "machine"), scopes or None).access

    def headers(self, token: str) -> dict[str, str]:
        """What a call with this token sends."""
        return {"Authorization": f"Bearer {token}"}

    @property
    def calls(self) -> list[Call]:
        """The last calls with their verdicts, the oldest first. Whoever has an answer finds its call."""
        last = time.monotonic() + _PATIENCE  # an answer may be there before its call is told of, and others still go on
        while self._servers.under_way and time.monotonic() < last:
            time.sleep(0.002)
        return self._state.calls()

    def _app(self, name: str, kind: str) -> App:
        apps = self._state.served.apps
        found = [one for one in apps.values() if one.kind == kind and one.name == (name or one.name)]
        if not found:
            there = ", ".join(one.name for one in apps.values() if one.kind == kind) or "none"
            raise ValueError(
                f"no {kind} client {name!r}: there are {there}" if name else f"the workspace has no {kind} client"
            )
        return found[0]

    def _group(self, permission: str) -> str:
        known = self._state.served.permissions
        if permission not in known:
            raise ValueError(f"no permission {permission!r}: there are {', '.join(known) or 'none'}")
        return known[permission]


def _compiled(workspace: Path) -> Served:
    place = workspace.resolve()
    is_config = place.name == locate.CONFIG_FILE
    specs = [str(place)] if place.is_file() and not is_config else []
    try:
        found = locate.find(specs, str(place) if is_config else None, place if place.is_dir() else place.parent)
        made = compiled(found)
    except (locate.UsageError, locate.MisnamedConfig) as error:
        raise WorkspaceError(str(error)) from None
    if made.served is None:
        raise WorkspaceError(made.errors)
    return made.served


@pytest.fixture(scope="session")
def scopegen_workspace(pytestconfig: pytest.Config) -> Path:
    """The workspace that is served: that around pytest's root folder. Override it to serve another one."""
    return pytestconfig.rootpath


@pytest.fixture(scope="session")
def scopegen_gateway(scopegen_workspace: Path) -> Iterator[LocalGateway]:
    """The gateway of that workspace, one for the whole session."""
    with LocalGateway(scopegen_workspace) as gateway:
        yield gateway
