"""The pre token generation trigger as Cognito runs it. In: the trigger's bytes, an event. Out: what it returned, parsed.

It runs in a process of its own that has nothing but its environment and the event, for five seconds; then the process
and all that it started is killed. Whatever else goes wrong, nobody gets a token. Sources: Cognito developer guide, "Pre
token generation Lambda trigger" (events), "Customizing user pool workflows with Lambda triggers" (five seconds).
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from typing import NoReturn

from scopegen.document import Json
from scopegen.limits import TRIGGER_SECONDS
from scopegen.pool.users import POOL_ID, User

HOSTED = "TokenGeneration_HostedAuth"
REFRESH = "TokenGeneration_RefreshTokens"
SDK = "TokenGeneration_Authentication"
_LONGEST = 6 * 1024 * 1024  # what Lambda takes as an answer
# Says only what the trigger returned: what it prints goes nowhere, since it could be taken for that.
_RUNNER = """
import json, os, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
except (ImportError, OSError, ValueError):
    pass
given = sys.stdin.buffer
code = given.read(int(given.readline()))
event = json.loads(given.read())
out = os.dup(1)
null = os.open(os.devnull, os.O_WRONLY)
os.dup2(null, 1)
os.dup2(null, 2)
class Context:
    function_name = "scopegen-trigger"
    memory_limit_in_mb = "128"
    aws_request_id = "00000000-0000-0000-0000-000000000000"
    def get_remaining_time_in_millis(self):
        return 5000
module = {"__name__": "scope_map"}
exec(compile(code, "scope_map.py", "exec"), module)
answer = json.dumps(module["handler"](event, Context()), allow_nan=False).encode()
with os.fdopen(out, "wb") as file:
    file.write(answer)
os._exit(0)
"""


class TriggerFailed(Exception):
    """Cognito would give no tokens; why, in a few words in which nothing of the event or of the answer stands."""


def event(source: str, user: User, client: str, scopes: Iterable[str]) -> dict[str, Json]:
    """A V2_0 event."""
    groups: dict[str, Json] = {"groupsToOverride": [*user.groups], "iamRolesToOverride": [], "preferredRole": None}
    return {
        "version": "2",
        "triggerSource": source,
        "region": POOL_ID.partition("_")[0],
        "userPoolId": POOL_ID,
        "userName": user.name,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client},
        "request": {
            "userAttributes": {**user.attributes},
            "scopes": [*sorted(scopes)],
            "groupConfiguration": groups,
            "clientMetadata": {},
        },
        "response": {"claimsAndScopeOverrideDetails": None},
    }


async def run(
    code: bytes, environment: Mapping[str, str], sent: dict[str, Json], seconds: float = TRIGGER_SECONDS
) -> dict[str, Json]:
    """What the trigger answers to an event: the whole event again, with a response."""
    given = b"%d\n%b%b" % (len(code), code, json.dumps(sent).encode())
    content = await asyncio.to_thread(_child, given, environment, seconds)
    return whole(content, sent)


def whole(content: bytes, sent: Mapping[str, Json]) -> dict[str, Json]:
    """The answer, which must be the event that was sent; TriggerFailed for any other."""
    if len(content) > _LONGEST:
        raise TriggerFailed("the trigger's answer is too long")
    try:
        answer: Json = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise TriggerFailed("the trigger's answer is not JSON") from None
    if not isinstance(answer, dict):
        raise TriggerFailed("the trigger's answer is not an event")
    same = ("version", "triggerSource", "region", "userPoolId", "userName", "callerContext")
    if sent.keys() - answer.keys() or any(answer[key] != sent[key] for key in same):
        raise TriggerFailed("the trigger did not return the whole event")
    return answer


def _no_number(_: str) -> NoReturn:
    raise ValueError("not a number of JSON")


def _child(given: bytes, environment: Mapping[str, str], seconds: float) -> bytes:
    """The output of the trigger's process; no more of it than an answer may be long, and one byte."""
    late = threading.Event()

    def end() -> None:
        late.set()
        _kill(process)

    try:
        reading, writing = os.pipe()
    except OSError:
        raise TriggerFailed("the trigger could not be started") from None
    with open(reading, "rb") as answer:
        try:
            process = _started(environment, writing)
        finally:
            os.close(writing)
        with process:
            timer = threading.Timer(seconds, end)
            timer.start()
            try:
                _tell(process, given)
                output = answer.read(_LONGEST + 1)
            finally:
                timer.cancel()
                timer.join()
                _kill(process)  # with all that it left behind
    if late.is_set():
        raise TriggerFailed("the trigger did not answer in time")
    if not output:
        raise TriggerFailed("the trigger raised an error")
    return output


def _started(environment: Mapping[str, str], out: int) -> "subprocess.Popen[bytes]":
    """The process, which writes to `out`."""
    try:
        return subprocess.Popen(  # noqa: S603  our own interpreter, our own program
            [sys.executable, "-I", "-S", "-c", _RUNNER],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            cwd=os.sep,
            start_new_session=True,
        )
    except (OSError, ValueError):
        raise TriggerFailed("the trigger could not be started") from None


def _tell(process: "subprocess.Popen[bytes]", given: bytes) -> None:
    """All that a process is given; one that does not listen answers nothing either."""
    assert process.stdin is not None
    with contextlib.suppress(OSError), process.stdin as told:
        told.write(given)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process and all that it started. Nobody has waited for it yet, so its number is its own, even if it is gone."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: where only the dead are left
            os.killpg(process.pid, signal.SIGKILL)
