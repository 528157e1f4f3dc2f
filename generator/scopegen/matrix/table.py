"""The matrix for a terminal. In: a matrix, a width. Out: text that fits, as a grid, or as a list where a grid does not."""

import textwrap
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from scopegen import token_bytes
from scopegen.matrix import Matrix, Row, client_pages, permission_pages, scope_pages
from scopegen.matrix.cells import everyone, heads, holders, kilobytes, marks, used, ways
from scopegen.report import columns, visible

_NARROWEST = 24
_FIELD = 12
_FILLER = "\0"


def operations(shown: Matrix, width: int) -> str:
    """One operation a line under one column for each who could call; where that is too wide, a list."""
    if not shown.rows:
        return "no operation is left\n"
    grid = _grid(shown) if 2 * len(heads(shown)) < width else []
    fits = bool(grid) and max(map(columns, grid)) <= width
    lines = [*(grid if fits else _list(shown, width)), "", *_wrapped(shown.tally, width)]
    return "\n".join([*lines, *(_notes(shown, width) if fits else ()), *_sign_up(shown, width)]) + "\n"


def _grid(shown: Matrix) -> list[str]:
    """The names over the columns go down like stairs, so that a column takes two characters, however long its name."""
    labels = {row.operation.key: visible(row.operation.label) for row in shown.rows}
    start = max(map(columns, labels.values())) + 2
    names = [visible(name) for name in heads(shown, "machine ")]
    lines = [" " * start + "| " * number + name for number, name in enumerate(names)]
    lines.append(" " * start + "| " * len(names))
    for api, rows in _by_api(shown):
        lines.append(visible(api))
        for row in rows:
            label = labels[row.operation.key]
            cells = " ".join(mark.sign for mark in marks(shown, row))
            lines.append(f"{label}{' ' * (start - columns(label))}{cells}")
    return [line.rstrip() for line in lines] + ["", *(f"{mark.sign}  {mark.meaning}" for mark in used(shown))]


def _by_api(shown: Matrix) -> Iterable[tuple[str, Iterable[Row]]]:
    return groupby(shown.rows, lambda row: row.operation.api)


def _list(shown: Matrix, width: int) -> list[str]:
    lines = []
    for api, rows in _by_api(shown):
        lines.append(visible(api))
        for row in rows:
            lines += _wrapped(row.operation.label, width, "  ")
            lines += _field("requires", row.requires, width)
            lines += _field("by", everyone(row), width)
    return lines


def _notes(shown: Matrix, width: int) -> Iterator[str]:
    """What a grid has no room for: reasons, and what goes together."""
    for row in shown.rows:
        if row.reason:
            yield from _wrapped(f"public: {row.operation.label}: {row.reason}", width)
    for row in shown.rows:
        for way in ways(row.together):
            yield from _wrapped(f"together: {row.operation.label}: {way}", width)


def _sign_up(shown: Matrix, width: int) -> Iterator[str]:
    if shown.open_sign_up and any(row.signed_in for row in shown.rows):
        yield from _wrapped("anyone can sign up, and so be a signed-in user", width)


def permissions(shown: Matrix, width: int) -> str:
    """Each permission: its scopes, what it opens, how large its token is; then the largest token there can be."""
    lines = []
    for page in permission_pages(shown):
        name, group = page.permission.name, page.permission.group
        lines += _wrapped(name if name == group else f"{name} (group {group})", width)
        lines += _field("scopes", ", ".join(map(str, page.permission.scopes)) or "none", width)
        lines += _field("opens", _labels(page.opens), width)
        if page.helps:
            lines += _field("helps to", _labels(page.helps), width)
        lines += _field("token", kilobytes(page.size), width)
    worst = token_bytes.worst(shown.model)
    number = f"{len(worst.permissions)} permission{'' if len(worst.permissions) == 1 else 's'}"
    size = f"largest access token of a user: {kilobytes(worst.size)}, with {number}; there is room for "
    return "\n".join([*lines, *_wrapped(f"{size}{kilobytes(token_bytes.ROOM)}", width)]) + "\n"


def scopes(shown: Matrix, width: int) -> str:
    """Each scope: who has it, what names it."""
    lines = []
    for page in scope_pages(shown):
        lines += _wrapped(f"{page.scope}" + (f"  {page.description}" if page.description else ""), width)
        if page.parts:
            lines += _field("stands for", " and ".join(map(str, page.parts)), width)
        lines += _field("held by", holders(page), width)
        lines += _field("needed by", _labels(page.required_by), width)
    return "\n".join(lines or ["no scope"]) + "\n"


def clients(shown: Matrix, width: int) -> str:
    """Each client: what a machine carries and opens."""
    lines = []
    for page in client_pages(shown):
        lines += _wrapped(f"{page.client.name} ({page.client.kind})", width)
        if page.size is None:
            lines += _field("scopes", "those of the user's permissions", width)
        else:
            lines += _field("scopes", ", ".join(map(str, page.scopes)) or "none", width)
            lines += _field("opens", _labels(page.opens), width)
            lines += _field("token", kilobytes(page.size), width)
        minutes = page.client.token_minutes
        lines += _field("lives", "as it is" if minutes is None else f"{minutes} minutes", width)
    return "\n".join(lines or ["no client"]) + "\n"


def _labels(rows: tuple[Row, ...]) -> str:
    return ", ".join(f"{row.operation.api}: {row.operation.label}" for row in rows) or "nothing"


def _field(name: str, text: str, width: int) -> list[str]:
    lines = _wrapped(text, width, " " * (_FIELD + 4))
    return [f"    {name:<{_FIELD}}{lines[0].strip()}", *lines[1:]]


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Lines that no terminal acts on; a word that is wider than a line is broken."""
    room = max(width, _NARROWEST)
    seen = visible(text)
    if columns(seen) > len(seen):
        # Lines are measured in characters: one that takes two columns is counted as two, and none is cut in half.
        seen, room = "".join(one + _FILLER * (columns(one) - 1) for one in seen), room - 1
    further = indent or "  "
    return [
        line.replace(_FILLER, "")
        for line in textwrap.wrap(seen, room, initial_indent=indent, subsequent_indent=further)
    ] or [indent]


FORMS: dict[str, Callable[[Matrix, int], str]] = {
    "operation": operations,
    "permission": permissions,
    "scope": scopes,
    "client": clients,
}
