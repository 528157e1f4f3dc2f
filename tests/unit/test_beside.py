"""Work beside this process, in a process of its own: whoever runs the tests may have several threads."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="no copies of a process here")
START = """
import os, time
from scopegen import beside
from scopegen.beside import Beside
def ask(work):
    with Beside(lambda question: work() if question is None else 1 / 0) as other:
        other.ask()
        return other.result()
"""


def run(code: str) -> str:
    command = [sys.executable, "-E", "-W", "error", "-c", START + code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.stderr == ""
    return done.stdout


@ON_LINUX
@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param("print(ask(os.getpid) != os.getpid())", "True", id="another process"),
        pytest.param("print(len(ask(lambda: b'x' * 10_000_000)))", "10000000", id="more than a pipe holds"),
        pytest.param("beside.os.fork = lambda: 1 / 0\nbeside.os.sched_getaffinity = lambda _: {0}\nprint(ask(lambda: 1))", "1", id="one processor"),
        pytest.param("import threading\nthreading.Thread(target=time.sleep, args=(1,)).start()\nprint(ask(os.getpid) == os.getpid())", "True", id="threads"),
        pytest.param("print(ask(lambda: os.getpid() if os.getpid() == mine else 1 / 0) == mine)", "True", id="it fails there"),
        pytest.param("print(ask(lambda: 'here' if os.getpid() == mine else os.kill(os.getpid(), 9)))", "here", id="it is killed there"),
        pytest.param("print(type(ask(lambda: object())).__name__)", "object", id="what cannot be handed over"),
        pytest.param("try:\n    ask(lambda: 1 / 0)\nexcept ZeroDivisionError:\n    print('raised')", "raised", id="it fails"),
        pytest.param("def fork():\n    raise OSError\nbeside.os.fork = fork\nprint(ask(os.getpid) == mine)", "True", id="no more processes"),
        pytest.param("start = time.monotonic()\nwith Beside(lambda _: time.sleep(20)) as other:\n    other.ask()\nprint(time.monotonic() - start < 10)", "True", id="not asked"),
        pytest.param("with Beside(lambda _: time.sleep(20)):\n    print('left')", "left", id="not even asked"),
        pytest.param("with Beside(lambda question: (os.getpid(), question)) as other:\n    other.ask({'a': [b'1' * 10_000_000, None]})\n    there, said = other.result()\nprint(there != mine, said == other.question)", "True True", id="a long question"),
        pytest.param("with Beside(lambda _: 1) as other:\n    os.kill(other._process, 9)\n    other.ask(b'1' * 10_000_000)\n    print(other.result())", "1", id="it is gone before it is asked"),
        pytest.param("print('once', end='')\nask(lambda: print('never', end=''))", "once", id="what is printed"),
        pytest.param("before = os.listdir('/dev/fd')\n[ask(lambda: 1) for _ in range(5)]\nprint(os.listdir('/dev/fd') == before)", "True", id="nothing left open"),
        pytest.param("ask(lambda: 1)\ntry:\n    os.waitpid(-1, 0)\nexcept ChildProcessError:\n    print('none')", "none", id="no process left"),
    ],
)  # fmt: skip
def test_the_work_is_done(code: str, said: str) -> None:
    assert run("beside.os.sched_getaffinity = lambda _: {0, 1}\nmine = os.getpid()\n" + code).strip() == said


@ON_LINUX
def test_copies_end_with_the_process_that_made_them() -> None:
    code = """
beside.os.sched_getaffinity = lambda _: {0, 1}
with Beside(len) as one, Beside(lambda _: bytes(10_000_000)) as two:  # more than a pipe holds
    two.ask()
    print(one._process, two._process, flush=True)
    os.kill(os.getpid(), 9)
"""
    command = [sys.executable, "-E", "-c", START + code]
    # Ends only when nobody has its streams open any more.
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == -9
    copies = [Path("/proc", process, "stat") for process in done.stdout.split()]
    assert len(copies) == 2
    deadline = time.monotonic() + 10
    while any(map(_is_running, copies)):
        assert time.monotonic() < deadline, "a copy waits for ever"
        time.sleep(0.01)


def _is_running(stat: Path) -> bool:
    """Not gone, and not only waiting for somebody to ask how it ended."""
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
