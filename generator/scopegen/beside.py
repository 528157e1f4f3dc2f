"""Work that another processor does at the same time. In: a function. Out: the plain data that it returns.

A copy of this process does it, so that nothing is handed over but the result. Where there can be none, or it fails, the
work is done here: nothing depends on it but time. Python's own pools take longer to import than a small build takes.
"""

import contextlib
import marshal
import os
import signal
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn


def is_possible() -> bool:
    """Whether a copy would run at the same time. One of a process with several threads could wait for a lock for ever."""
    processors = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    return hasattr(os, "fork") and len(processors) > 1 and threading.active_count() == 1


class Beside:
    """`work` from here on to the end of the `with` block; what it returns is of the kinds that `marshal` knows.

    Where it is not worth another process, it is done when it is asked for.
    """

    def __init__(self, work: Callable[[], Any], *, is_worth: bool = True) -> None:
        self.work, self.is_worth = work, is_worth
        self._process = self._answer = -1

    def __enter__(self) -> "Beside":
        if not self.is_worth or not is_possible():
            return self
        with contextlib.suppress(OSError):  # as many files or processes as there may be
            self._answer, answer = os.pipe()
            try:
                self._process = os.fork()
                if self._process == 0:
                    _answer(self.work, answer)
            finally:
                os.close(answer)
        return self

    def result(self) -> Any:
        """What the work returned; raises what it raises."""
        if self._process > 0:
            with open(self._answer, "rb", closefd=False) as answer:
                made = answer.read()
            with contextlib.suppress(EOFError, ValueError, TypeError):
                return marshal.loads(made)  # noqa: S302  what a copy of this very process wrote
        return self.work()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._answer >= 0:
            os.close(self._answer)
        if self._process > 0:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)


def _answer(work: Callable[[], Any], answer: int) -> NoReturn:
    """In the copy: the whole result or nothing, and an end that leaves alone what the other process has open."""
    try:
        made = marshal.dumps(work())
        with open(answer, "wb") as file:
            file.write(made)
    finally:
        os._exit(0)
