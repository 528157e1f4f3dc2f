"""The cells of the matrix. In: a row. Out: for every column a mark, what it means in words, and who can call as a sentence."""

from typing import NamedTuple

from scopegen.matrix import EVERYBODY, SIGNED_IN, Matrix, Row, ScopePage, Ways
from scopegen.wording import ANYONE


class Mark(NamedTuple):
    """A mark for narrow columns, a word for programs, what it means for people."""

    sign: str
    word: str
    meaning: str


PUBLIC = Mark("P", "public", "everybody, without a token")
ANYBODY = Mark("S", "signed-in", "any signed-in user, through any client")
CAN = Mark("x", "yes", "can call it")
PART = Mark("+", "part", "gives a part of what it takes: only together with others")
NO = Mark(".", "", "cannot call it")
LEGEND = (CAN, PUBLIC, ANYBODY, PART, NO)
_TOGETHER = " together with "


def heads(shown: Matrix, several: str = "") -> list[str]:
    """What stands over the columns; `several` goes before the name of a machine."""
    return [EVERYBODY, SIGNED_IN, *shown.permissions, *(f"{several}{name}" for name in shown.machines)]


def marks(shown: Matrix, row: Row) -> list[Mark]:
    """One mark a column."""
    if row.reason:
        return [PUBLIC] * (2 + len(shown.permissions) + len(shown.machines))
    alone, partly = frozenset(row.permissions), row.partly
    people = [
        ANYBODY if row.signed_in else CAN if name in alone else PART if name in partly else NO
        for name in shown.permissions
    ]
    machines = [CAN if name in row.machines else NO for name in shown.machines]
    return [NO, ANYBODY if row.signed_in else NO, *people, *machines]


def used(shown: Matrix) -> list[Mark]:
    """The marks that need an explanation here."""
    found = {mark for row in shown.rows for mark in marks(shown, row)}
    return [mark for mark in LEGEND if mark in found]


def ways(together: Ways) -> list[str]:
    """The ways that take several permissions, each as a text."""
    return [_TOGETHER.join(" or ".join(names) for names in parts) for parts in together]


def holders(page: ScopePage) -> str:
    """Who has a scope, as a sentence."""
    if not page.scope.server:
        return "any signed-in user"
    users = "; ".join([", ".join(page.permissions)] * bool(page.permissions) + ways(page.together))
    machines = f"machine {', '.join(page.machines)}" if page.machines else ""
    return "; ".join(part for part in (users, machines) if part) or "nobody"


def people(row: Row) -> str:
    """Which users can call an operation, as a sentence; empty for none."""
    if row.reason:
        return PUBLIC.meaning
    if row.signed_in:
        return ANYONE
    return "; ".join([", ".join(row.permissions)] * bool(row.permissions) + ways(row.together))


def everyone(row: Row) -> str:
    """Who can call an operation, users and machines, as a sentence."""
    machines = f"machine {', '.join(row.machines)}" if row.machines and not row.reason else ""
    return "; ".join(part for part in (people(row), machines) if part) or "nobody"


def kilobytes(size: int) -> str:
    """`about 1.2 kB`: an estimate is not told to the byte."""
    return f"about {size / 1000:.1f} kB"
