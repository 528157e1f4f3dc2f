"""Serving as a command: compile, listen, tell of every call, compile again when a file changes, end on a signal."""

import asyncio
import contextlib
import errno
import gc
import signal
import sys
from collections.abc import Coroutine
from typing import NamedTuple

import click

from scopegen.cli import options
from scopegen.cli.explain import text
from scopegen.gateway.calls import Call
from scopegen.gateway.options import Options
from scopegen.locate import Found, UsageError
from scopegen.report import visible
from scopegen.serving import lines
from scopegen.serving.compiling import Compiled, Fingerprint, compiled, fingerprint
from scopegen.serving.server import LOOPBACK, Place, Servers
from scopegen.serving.state import State

_INTERVAL = 0.3  # seconds between two looks at the files
_COLOURS = {"allowed": "green", "refused": "red"}


class Choice(NamedTuple):
    """What is told and done: the reasoning of every call, reloading, colour."""

    explain: bool
    reload: bool
    colour: bool


def serve(found: Found, place: Place, chosen: Options, choice: Choice) -> int:
    """Serve a workspace until a signal; 1 or 2 where there is nothing to serve, as `build` has it."""
    gc.enable()  # unlike every other verb this one lives long
    first = _compile(found)
    if first.served is None:
        options.say(first.errors, err=True)
        return first.code
    unknown = sorted(set(chosen.backends) - {"", *first.served.apis})
    if unknown:
        raise click.UsageError(
            f"--backend names {unknown[0]!r}, which is no API: there are {', '.join(first.served.apis)}"
        )
    seen = fingerprint(found, first)
    state = State(first.served)
    teller = _Teller(state, choice)
    state.told, state.heard = teller.tell, teller.tell_refused
    try:
        servers = Servers(state, place, chosen)
    except OSError as error:
        raise options.Unreadable(_not_listening(error)) from None
    gc.freeze()
    watching = _watch(found, first, seen, state) if choice.reload else asyncio.Event().wait()
    asyncio.run(_until_told(servers, watching, _started(state, servers, place)))
    return 0


def _not_listening(error: OSError) -> str:
    """Which address cannot be had, and what to do."""
    if error.errno == errno.EADDRINUSE:
        hint = (
            "something listens there already, maybe another `scopegen serve`: --port and --pool-port take others, 0 any"
        )
    elif error.errno == errno.EACCES:
        hint = "only an administrator may listen there: --port and --pool-port take others, 0 any"
    else:
        hint = "no address of this machine: see --host"
    return f"{visible(str(error.filename))}: {hint}"


def _compile(found: Found) -> Compiled:
    try:
        return compiled(found, str(options.cache_folder() / "templates"), options.colour(sys.stderr))
    except UsageError as error:
        raise click.UsageError(str(error)) from None


async def _until_told(servers: Servers, watching: Coroutine[None, None, object], started: str) -> None:
    """Serve until a signal comes, or until what watches the files has failed; `started` is said once a signal is heard."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, servers.stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: servers.stop())
    options.say(started)
    beside = asyncio.ensure_future(watching)
    beside.add_done_callback(lambda _: servers.stop())
    try:
        await servers.run()
    finally:
        beside.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beside


async def _watch(found: Found, last: Compiled, seen: Fingerprint, state: State) -> None:
    """Compile again when a file that was read changes. What cannot be compiled leaves what is served as it is, and says so."""
    while True:
        await asyncio.sleep(_INTERVAL)
        now = fingerprint(found, last)
        if now == seen:
            continue
        try:
            last = await asyncio.to_thread(_compile, found)
        except click.ClickException as error:
            last = last._replace(served=None, errors=f"{error.format_message()}\n")
        # As the files were before: what changed since may not have been read.
        seen = {name: now.get(name, stat) for name, stat in fingerprint(found, last).items()}
        state.problem = last.errors
        if last.served is not None:
            state.served = last.served
            options.say(f"reloaded: {_tally(state)}\n")
        else:
            options.say(f"{last.errors}not reloaded: what was served is served on\n", err=True)


def _started(state: State, servers: Servers, place: Place) -> str:
    """What is served where, in a few lines."""
    rows = [(name, servers.url_of(name)) for name in state.served.apis]
    rows += [("issuer", servers.pool.issuer), *([("keys", servers.pool.keys_url)] if place.issuer else [])]
    rows += [("console", f"{servers.pool_url}/")]
    width = max(len(name) for name, _ in rows)
    told = [f"  {name:<{width}}  {where}" for name, where in rows]
    open_to = "on this machine" if place.host == LOOPBACK else f"at {visible(place.host) or 'any address'}"
    warning = f"whoever reaches these ports {open_to} can sign in as anybody, without a password"
    return "\n".join([f"serving {_tally(state)}", *told, warning, "Ctrl-C stops", ""])


def _tally(state: State) -> str:
    apis = state.served.apis.values()
    operations = sum(one.operation is not None for api in apis for one in api.methods.values())
    return f"{len(apis)} API{'s' if len(apis) != 1 else ''} with {operations} operation{'s' if operations != 1 else ''}"


class _Teller:
    """Prints every call, and why if that is asked for."""

    def __init__(self, state: State, choice: Choice) -> None:
        self._state, self._choice = state, choice

    def tell(self, call: Call) -> None:
        found = lines.line(call)
        told = [self._line(found.verdict, found.text)]
        if self._choice.explain and (why := lines.reasoning(self._state.served.model, call)):
            told += [f"  {line}" for line in text(why, why.evidence).splitlines()]
        options.say("\n".join([*told, ""]))

    def tell_refused(self, text: str) -> None:
        """That the pool refused somebody."""
        options.say(self._line("refused", text) + "\n")

    def _line(self, verdict: str, text: str) -> str:
        word = click.style(verdict, _COLOURS[verdict]) if self._choice.colour else verdict
        return f"{word} {visible(text)}"
