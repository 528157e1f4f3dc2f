"""Where the command starts and ends: `scopegen`, or `python -m scopegen`."""

import gc
import os
import sys


def run() -> None:
    """Run the command line of this process and leave it.

    A run is short and makes hardly any cycles: looking for them while it lasts, and taking everything apart at its end,
    would cost a fifth of a small build and more than half of a large one.
    """
    gc.disable()
    from scopegen.cli import main

    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
