"""`scopegen matrix`: who can call what, on the screen or in a file. Nothing else is written."""

import shutil
from pathlib import Path

import click

from scopegen import codes, report
from scopegen.cli import models, options
from scopegen.diagnostics import Location
from scopegen.matrix import Matrix, matrix
from scopegen.matrix.filters import Filter, Unknown, narrowed
from scopegen.tree import refusal

_VIEWS = ("operation", "permission", "scope", "client")
_WHOLE = ("md", "json", "html")
_PIPE_WIDTH = 100


@click.command(name="matrix")
@options.specs
@options.config
@click.option("--from", "access", metavar="FILE", help="Read this access.json, and no document.")
@click.option(
    "--format", "form", type=click.Choice(("table", "md", "csv", "json", "html")), default="table", show_default=True
)
@click.option("--by", type=click.Choice(_VIEWS), help="What the table or the CSV is a list of.  [default: operation]")
@click.option("-o", "--output", "file", metavar="FILE", help="Write there instead of to stdout.")
@click.option(
    "--permission", "permissions", multiple=True, metavar="P", help="What a user with P can call; twice: with both."
)
@click.option("--client", "clients", multiple=True, metavar="C", help="What client C can call.")
@click.option("--scope", "scopes", multiple=True, metavar="S", help="What requires scope S.")
@click.option("--method", "methods", multiple=True, metavar="M", help="What answers method M.")
@click.option("--path", "paths", multiple=True, metavar="GLOB", help="What lies at such paths; `*` is any text.")
@click.option("--api", "apis", multiple=True, metavar="A", help="What API A has.")
@click.option(
    "--tag", "tags", multiple=True, metavar="T", help="What the document tags with T; access.json has no tags."
)
def command(
    specs: tuple[str, ...],
    config: str | None,
    access: str | None,
    form: str,
    by: str | None,
    file: str | None,
    permissions: tuple[str, ...],
    clients: tuple[str, ...],
    scopes: tuple[str, ...],
    methods: tuple[str, ...],
    paths: tuple[str, ...],
    apis: tuple[str, ...],
    tags: tuple[str, ...],
) -> int:
    """Show who can call what.

    Every spec of the workspace is read; with SPEC only its operations are shown.
    """
    if by and form in _WHOLE:
        raise click.UsageError(f"--by is for table and csv: {form} shows every side at once")
    if file == "":
        raise click.UsageError("-o names no file")
    if access is not None and (specs or config is not None):
        raise click.UsageError("--from reads an access.json and no workspace: leave SPEC and --config out")
    found = models.recorded(access) if access is not None else models.compiled(options.find(specs, config))
    whole = _of(matrix(found.model, found.open_sign_up), found)
    try:
        shown = narrowed(whole, Filter(permissions, clients, scopes, methods, paths, apis, tags))
    except Unknown as error:
        raise click.UsageError(report.visible(str(error))) from None
    if form == "html":  # every column: on a page they are chosen by whoever looks
        shown = shown._replace(permissions=whole.permissions, machines=whole.machines)
    return _deliver(_text(shown, form, by or _VIEWS[0], file is not None), file)


def _of(whole: Matrix, found: models.Known) -> Matrix:
    """Only the operations of the named specs; grants are those of the workspace."""
    if found.apis is None:
        return whole
    apis = found.apis
    return whole._replace(rows=tuple(row for row in whole.rows if row.operation.api in apis))


def _text(shown: Matrix, form: str, by: str, in_file: bool) -> str:
    kept = str(options.cache_folder() / "templates")
    if form == "csv":
        from scopegen.matrix import sheet

        return sheet.FORMS[by](shown)
    if form == "json":
        from scopegen.matrix import data

        return data.text(shown)
    if form == "md":
        from scopegen.matrix import document

        return document.text(shown, kept)
    if form == "html":
        from scopegen.matrix import page

        return page.text(shown, kept)
    from scopegen.matrix import table

    return table.FORMS[by](shown, _PIPE_WIDTH if in_file else _width())


def _width() -> int:
    """The columns of the terminal; of a pipe, those that fit everywhere."""
    return shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns


def _deliver(text: str, file: str | None) -> int:
    if file is None or file == "-":
        options.say(text)
        return 0
    from scopegen.replacing import replace

    try:
        replace({Path(file): text.encode()})
    except OSError as error:
        reason = f"`{Path(file).name}`: {refusal(error)}"
        found = codes.UNWRITABLE_OUTPUT.at(Location(file), reason, "name another file with -o")
        options.say(report.render([found], {}), err=True)
        return 2
    options.say(f"{report.visible(file)}  written\n")
    return 0
