"""The command. In: arguments. Out: an exit code: 0 yes; 1 understood, the answer is no; 2 not readable, usage, I/O; 3 our bug.

Each verb is one module, imported when it is called.
"""

import contextlib
from collections.abc import Sequence
from importlib import import_module

import click

_VERBS = ("build", "diff", "explain", "lint", "matrix", "rule", "schema", "serve", "test", "token")
_IO = 2
_BUG = 3


class _Verbs(click.Group):
    """The verbs by name; a module is only imported for its own verb or for the list of all."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _VERBS:
            return None
        command = import_module(f"scopegen.cli.{name}").command
        assert isinstance(command, click.Command)
        return command


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"scopegen {version('scopegen')}")
        context.exit()


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def scopegen() -> None:
    """Authorization for API Gateway, compiled from the OpenAPI document."""


def main(argv: Sequence[str]) -> int:
    """Run one command; never raises."""
    try:
        result = scopegen.main(list(argv), prog_name="scopegen", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        with contextlib.suppress(OSError):
            error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except SystemExit:
        return 0  # click's own end where the reader of a help text has gone
    except OSError as error:
        with contextlib.suppress(OSError):
            click.echo(f"Error: {error.filename or 'input or output'}: {error.strerror or error}", err=True)
        return _IO
    except Exception as error:
        return _bug(error)


def _bug(error: Exception) -> int:
    """A bug report that can be sent as it is: where we failed, nothing of what was read."""
    import platform
    import traceback
    from importlib.metadata import version

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "scopegen" in frame.filename]
    where = " < ".join(
        f"{frame.filename.rpartition('scopegen')[2]}:{frame.lineno} {frame.name}" for frame in frames[-4:][::-1]
    )
    click.echo("This is a bug in scopegen; nothing was written. Please report these lines and the command:", err=True)
    click.echo(f"  scopegen {version('scopegen')}, Python {platform.python_version()}, {platform.system()}", err=True)
    click.echo(f"  {type(error).__name__} in {where}", err=True)
    return _BUG
