"""Where the command starts and ends: `scopegen`, or `python -m scopegen`."""

import contextlib
import gc
import io
import os
import sys


def run() -> None:
    """Run the command line of this process and leave it.

    A run is short and makes hardly any cycles: looking for them while it lasts, and taking everything apart at its end,
    would cost a fifth of a small build and more than half of a large one.
    """
    gc.disable()
    _open_streams()
    from scopegen.cli import main

    code = main(sys.argv[1:])
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _open_streams() -> None:
    """Where a stream is closed nobody listens; where it lacks a character it shows the number of it."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    run()
