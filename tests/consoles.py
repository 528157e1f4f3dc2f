"""A pool to put a console on: real keys and tokens, users in a dict, the scopes that `decide.mint` says; no trigger."""

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from starlette.applications import Starlette

from scopegen.console import app
from scopegen.decide import Decision, judge, mint
from scopegen.document import Json
from scopegen.gateway.calls import Call
from scopegen.model import Model, Operation
from scopegen.pool.keys import Keys
from scopegen.pool.pool import TriggerFailed
from scopegen.served import Api, App, Method, Served

URL = "http://127.0.0.1:4011"


class Tokens(NamedTuple):
    access: str
    identity: str | None
    refresh: str | None
    expires_in: int


class User(NamedTuple):
    name: str
    groups: tuple[str, ...]


class Users:
    def __init__(self) -> None:
        self.known: dict[str, User] = {}

    def put(self, name: str, groups: tuple[str, ...]) -> User:
        if len(groups) > 3:
            raise ValueError("a user is in at most 3 groups")
        self.known[name] = User(name, groups)
        return self.known[name]

    def get(self, name: str) -> User | None:
        return self.known.get(name)

    def all(self) -> list[User]:
        return list(self.known.values())

    def remove(self, name: str) -> None:
        del self.known[name]


class Pool:
    def __init__(self, model: Model, url: str = URL) -> None:
        self.model, self.url, self.keys, self.users = model, url, Keys(f"{url}/us-east-1_Local"), Users()
        self.asked: list[frozenset[str] | None] = []

    def secret(self, name: str) -> str:
        return f"secret-of-{name}"

    async def sign_in(self, client: App, user: User, requested: frozenset[str] | None) -> Tokens:
        if user.name == "refused":
            raise TriggerFailed("the trigger failed")
        self.asked.append(requested)
        scopes = mint(self.model, [one.name for one in self.model.permissions if one.group in user.groups])
        claims: dict[str, Json] = {"exp": int(time.time()) + 3600, "username": user.name, "client_id": client.name}
        scope = " ".join(["openid", *sorted(map(str, scopes))])
        return Tokens(
            self.keys.sign("access", {**claims, "scope": scope}), self.keys.sign("id", claims), "refresh", 3600
        )

    def machine(self, client: App, requested: Iterable[str] | None) -> Tokens:
        scope = " ".join(sorted(client.scopes if requested is None else requested))
        claims: dict[str, Json] = {
            "exp": int(time.time()) + 900,
            "sub": client.name,
            "client_id": client.name,
            "scope": scope,
        }
        return Tokens(self.keys.sign("access", claims), None, None, 900)


def served(model: Model) -> Served:
    apis: dict[str, list[Operation]] = {}
    for one in model.operations:
        apis.setdefault(one.api, []).append(one)
    made = [Api(name, "prod", {}, [Method(one, one, {}, True, False) for one in own]) for name, own in apis.items()]
    apps = [
        App(
            one.name,
            one.kind,
            frozenset(map(str, one.scopes)),
            ("https://app.example.com/callback",) if one.kind == "user" else (),
            (),
            60,
        )
        for one in model.clients
    ]
    return Served(model, made, apps, b"", {})


class Console:
    """A console with all that it is given, which may change while it runs."""

    def __init__(self, model: Model, url: str = URL) -> None:
        self.pool, self.served, self.calls, self.problem = Pool(model, url), served(model), list[Call](), ""

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=app.Console(
                self.pool,
                lambda: self.served,
                lambda after: [one for one in self.calls if one.number > after],
                lambda name: f"http://127.0.0.1:4010/{name}/prod",
                lambda: self.problem,
            ).routes()
        )

    def call(self, operation: Operation | None, claims: dict[str, Json] | None, problem: str = "") -> Call:
        """One more call, judged as it would be."""
        decision = judge(operation, claims) if operation else Decision(False, 403, "no route", None)
        one = Call(
            len(self.calls) + 1, 1767225600.0 + len(self.calls), 1.25, operation.method if operation else "GET",
            operation.path if operation else "/nowhere", operation.api if operation else "", decision.status, decision, operation,
            claims, problem, "mock" if decision.allowed else "gateway",
        )  # fmt: skip
        self.calls.append(one)
        return one


@contextlib.contextmanager
def serving(model: Model) -> Iterator[Console]:
    """A console on a port of its own."""
    import uvicorn

    console = Console(model)
    server = uvicorn.Server(uvicorn.Config(console.app, "127.0.0.1", 0, http="h11", log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    console.pool.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield console
    finally:
        server.should_exit = True
        thread.join(10)
