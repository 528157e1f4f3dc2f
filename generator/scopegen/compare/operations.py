"""What happened to each operation. In: pairs of operations, both decision tables. Out: Changes, sorted."""

from collections.abc import Iterable, Iterator, Mapping

from scopegen.compare.changes import EVERYBODY, SIGNED_IN, Change, Kind
from scopegen.compare.matching import Pair
from scopegen.compare.tables import Tables, bearers, callers, gainers, mirrored
from scopegen.model import AnyOf, Operation, Public
from scopegen.routing import shape


def operation_changes(pairs: Iterable[Pair], both: Tables, apis: Mapping[str, str]) -> Iterator[Change]:
    """What happened to every operation, in their order."""
    for was, now in pairs:
        if was is None and now is not None:
            yield _arrived(now, both)
        elif now is None and was is not None:
            yield Change("removed", was, None, callers(was.requirement, mirrored(both)))
        elif was is not None and now is not None:
            yield from _stayed(was, now, both, apis.get(was.api, was.api) != now.api)


def _arrived(now: Operation, both: Tables) -> Change:
    who = callers(now.requirement, both)
    return Change("opened" if EVERYBODY in who else "new", None, now, who)


def _stayed(was: Operation, now: Operation, both: Tables, is_elsewhere: bool) -> Iterator[Change]:
    wanted, wants = was.requirement, now.requirement
    if (
        not is_elsewhere
        and was.label == now.label
        and wanted == wants
        and not (isinstance(wants, AnyOf) and wants.scopes & both.regranted)
    ):
        return  # nothing that a verdict depends on is another: most operations, most of the time
    gained = gainers(wanted, wants, both) or bearers(wanted, wants)
    lost = gainers(wants, wanted, mirrored(both)) or bearers(wants, wanted)
    renamed = is_elsewhere or (was.path, was.method) != (now.path, now.method)
    moved = is_elsewhere or (shape(was.path), was.method) != (shape(now.path), now.method)
    # A new address is a new way in: what is public there is callable without a token where nothing was before.
    if moved and isinstance(wants, Public) and not gained:
        gained = (EVERYBODY,)
    if renamed:
        yield Change("renamed", was, now)
    if gained:
        kind: Kind = "opened" if EVERYBODY in gained else "broadened"
        yield Change(kind, was, now, gained)
    if lost:
        most = EVERYBODY in lost or SIGNED_IN in lost
        yield Change("narrowed", was, now, lost, callers(wants, both) if most else ())
    if not gained and not lost and was.requirement != now.requirement:
        yield Change("changed", was, now)


def rerouted_changes(others: Iterable[tuple[Operation, Operation]], both: Tables) -> Iterator[Change]:
    """Whoever may make a request now that another operation answers."""
    for was, now in others:
        gained = gainers(was.requirement, now.requirement, both) or bearers(was.requirement, now.requirement)
        if gained:
            yield Change("opened" if EVERYBODY in gained else "broadened", was, now, gained, rerouted=True)
