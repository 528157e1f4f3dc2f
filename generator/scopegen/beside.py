"""Work that another processor does at the same time. In: a function. Out: the plain data that it returns.

A copy of this process does it, made as early as can be: what both of them touch is copied. Where there can be no copy, or
it fails, the work is done here: nothing depends on it but time. Python's own pools take longer to import than a small
build takes.
"""

import contextlib
import marshal
import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn

LARGE = 1_000_000  # bytes of JSON; for less, a second process takes about as long as it saves
_MOST = 1 << 16  # what is open has a lower number
_PIPE = 1 << 20  # bytes; what Linux gives everybody


def is_possible() -> bool:
    """Whether a copy would run at the same time: on Linux, with a second processor.

    A copy of a process with several threads could wait for a lock for ever, be they Python's own or a library's.
    """
    try:
        return len(os.sched_getaffinity(0)) > 1 and len(os.listdir("/proc/self/task")) == 1
    except (AttributeError, OSError):
        return False


class Beside:
    """`work(question)` for the one question of a `with` block; question and answer are of the kinds that `marshal` knows.

    Where it is not worth another process, the work is done when its result is asked for.
    """

    def __init__(self, work: Callable[[Any], Any], *, is_worth: bool = True) -> None:
        self.work, self.is_worth = work, is_worth
        self.question: Any = None
        self._process = self._to = self._from = -1

    def __enter__(self) -> "Beside":
        if self.is_worth and is_possible():
            with contextlib.suppress(OSError):  # as many files or processes as there may be
                self._start()
        return self

    def _start(self) -> None:
        heard, self._to = _pipe()
        try:
            self._from, answer = _pipe()
            try:
                self._process = os.fork()
                if self._process == 0:
                    _answer(self.work, heard, answer)
            finally:
                os.close(answer)
        finally:
            os.close(heard)

    @property
    def is_elsewhere(self) -> bool:
        """Whether another process does the work."""
        return self._process > 0

    def ask(self, question: Any = None) -> None:
        """Let it begin."""
        self.question = question
        if self._process > 0:
            end, self._to = self._to, -1  # closed once, also by an interrupt
            with contextlib.suppress(BrokenPipeError), open(end, "wb") as asked:
                asked.write(marshal.dumps(question))

    def result(self) -> Any:
        """What the work returned; raises what it raises."""
        if self._process > 0:
            end, self._from = self._from, -1
            with open(end, "rb") as answer:
                made = answer.read()
            with contextlib.suppress(EOFError, ValueError, TypeError):
                return marshal.loads(made)  # noqa: S302  what a copy of this very process wrote
        return self.work(self.question)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in (self._to, self._from):
            if end >= 0:
                os.close(end)
        if self._process > 0:
            from signal import SIGKILL

            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, SIGKILL)
            os.waitpid(self._process, 0)


def _pipe() -> tuple[int, int]:
    """One that holds as much as may be, where that can be said: each time it is full, both processes wait."""
    import fcntl

    ends = os.pipe()
    with contextlib.suppress(AttributeError, OSError):
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, _PIPE)
    return ends


def _answer(work: Callable[[Any], Any], heard: int, answer: int) -> NoReturn:
    """In the copy: the whole result or nothing, and an end that leaves alone what the other process has open.

    Nothing else stays open here: whoever waits for the end of the other process, as this one does, must not wait for this.
    """
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        kept = sorted((heard, answer))
        for first, last in zip((2, *kept), (*kept, _MOST), strict=True):
            os.closerange(first + 1, last)
        with open(heard, "rb") as asked:
            question = marshal.loads(asked.read())  # noqa: S302  what the other process wrote
        made = marshal.dumps(work(question))
        with open(answer, "wb") as file:
            file.write(made)
    finally:
        os._exit(0)
