"""A progress bar for whoever waits longer than a second at a terminal; nothing for anybody else."""

import os
import sys
import time
from types import TracebackType
from typing import Self

import click

_PATIENCE = 1.0


class Progress:
    """Counts the steps of a run; shows them once it has lasted longer than a second."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.shown = sys.stderr.isatty() and not {"CI", "NO_COLOR"} & os.environ.keys()
        self.bar: click._termui_impl.ProgressBar[int] | None = None

    def __enter__(self) -> Self:
        return self

    def step(self, name: str, number: int, total: int) -> None:
        """A step begins: its name, its place among all of them."""
        if not self.shown or time.monotonic() - self.started < _PATIENCE:
            return
        if self.bar is None:
            self.bar = click.progressbar(length=total, file=sys.stderr, label="scopegen")
            self.bar.__enter__()
        self.bar.label = name
        self.bar.pos = number
        self.bar.render_progress()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.__exit__(kind, error, trace)
