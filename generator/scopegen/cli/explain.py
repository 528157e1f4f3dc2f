"""`scopegen explain`: what a call requires, who holds it, why it was refused. The verdict first."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from scopegen.cli import models, options
from scopegen.explain import Answer
from scopegen.model import Operation

_WIDTH = 10


@click.command(name="explain")
@click.argument("words", nargs=-1, metavar="[API] METHOD PATH|URL")
@options.config
@models.from_file
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    metavar="NAME",
    help="Can a user with this one call it? Repeat it for several.",
)
@click.option("--client", metavar="NAME", help="Can this client call it?")
@click.option(
    "--token-file",
    metavar="FILE",
    help="The token that was sent, or `-` for the standard input. It is shown to nobody.",
)
@click.option("--jwks", metavar="FILE", help="The pool's keys: check the signature of the token (extra `verify`).")
@click.option("--status", type=click.IntRange(100, 599), help="The status that was seen.")
@click.option("--body", default="", metavar="TEXT", help="The body that was seen.")
@click.option("--import-error", metavar="TEXT", help="What `import-rest-api` said.")
@click.option("--token-error", metavar="TEXT", help="What the sign-in or the token endpoint said.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    words: tuple[str, ...], config: str | None, access: str | None, permissions: tuple[str, ...], client: str | None,
    token_file: str | None, jwks: str | None, status: int | None, body: str, import_error: str | None,
    token_error: str | None, form: str,
) -> int:  # fmt: skip
    """Say what a call requires, who holds it, why it was refused.

    With a token, a status or an error: the verdict first, then what to do. PATH is concrete (/pets/7) or as the document
    has it (/pets/{id}); of a URL the stage is left out.
    """
    if jwks and not token_file:
        raise click.UsageError("--jwks checks a token: name it with --token-file")
    if sum((bool(permissions), client is not None, token_file is not None)) > 1:
        raise click.UsageError("--permission, --client and --token-file are three questions: ask one")
    if (permissions or client is not None) and (status is not None or body):
        raise click.UsageError("--status and --body were seen by somebody: ask with their token, --token-file FILE")
    if import_error is not None or token_error is not None:
        return _say(_of_error(words, import_error, token_error), form)
    if not words and (status or body) and not token_file:
        from scopegen.explain.symptoms import of_answer

        return _say(of_answer(status, body), form)
    known = models.known(access, config)
    from scopegen.cli import explaining

    asked = explaining.asked(known, words)
    if asked.operation is None:
        return _say(explaining.no_route(known, asked, status), form)
    if token_file is not None:
        answer = explaining.with_token(
            known, asked, _read(token_file), _read(jwks) if jwks else None, time.time(), (status, body)
        )
    elif permissions or client is not None:
        answer = explaining.for_holder(known.model, asked.operation, permissions, client)
    else:
        answer = explaining.as_seen(known.model, asked.operation, status, body)
    return _say(answer, form, models.written_at(known, asked.operation), asked.operation)


def _of_error(words: tuple[str, ...], import_error: str | None, token_error: str | None) -> Answer:
    from scopegen.explain.symptoms import of_import, of_sign_in

    if words or (import_error is not None and token_error is not None):
        raise click.UsageError("one error at a time, without METHOD and PATH")
    return of_import(import_error) if import_error is not None else of_sign_in(token_error or "")


def _read(name: str) -> str:
    """A small file, or the standard input."""
    from scopegen.explain.tokens import MAX_BYTES, hidden
    from scopegen.report import visible

    named = visible(hidden(name))
    if named != visible(name):
        raise options.Unreadable(
            f"{named}: a token stands in no command line: write it to a file, or to the standard input"
        )
    try:
        content = sys.stdin.buffer.read(MAX_BYTES + 1) if name == "-" else _bytes(Path(name), MAX_BYTES + 1)
    except OSError as error:
        raise options.Unreadable(f"{named}: {(error.strerror or 'cannot be read').lower()}") from None
    except ValueError:
        raise options.Unreadable(f"{named}: no file can have this name") from None
    if len(content) > MAX_BYTES:
        raise options.Unreadable(f"{named}: too large")
    return content.decode("utf-8", "replace")


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def _say(answer: Answer, form: str, written: str = "", operation: Operation | None = None) -> int:
    from scopegen.explain.tokens import hidden

    answer = Answer(
        hidden(answer.verdict),
        tuple((name, hidden(text)) for name, text in answer.evidence),
        tuple(map(hidden, answer.todo)),
        answer.allowed,
    )
    evidence = [*answer.evidence, *([("written", written)] if written else [])]
    if form == "json":
        data = {
            "verdict": answer.verdict,
            "allowed": answer.allowed,
            "operation": operation and {"api": operation.api, "method": operation.method, "path": operation.path},
            "evidence": dict(evidence),
            "do": list(answer.todo),
        }
        options.say(json.dumps(data, indent=2) + "\n")
    else:
        options.say(text(answer, evidence))
    return 1 if answer.allowed is False else 0


def text(answer: Answer, evidence: Sequence[tuple[str, str]]) -> str:
    """An answer for people: the verdict, what it rests on, what to do."""
    from scopegen.report import visible

    lines = [visible(answer.verdict)]
    lines += [f"  {name:<{_WIDTH}} {visible(text)}" for name, text in evidence]
    for number, one in enumerate(answer.todo, 1):
        lines.append(f"  {'do' if number == 1 else '':<{_WIDTH}} {number}  {visible(one)}")
    return "\n".join(lines) + "\n"
