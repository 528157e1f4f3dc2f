"""What stands before the operations besides scopes. In: pairs of operations, the Doors of both sides. Out: Changes.

An account, an API key, a resource policy or a private endpoint may be all that keeps somebody out. A resource policy is
IAM's language, which is not read here: any other one than before counts as wider.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from scopegen.compare.changes import Change, Who
from scopegen.compare.matching import Pair
from scopegen.decide import for_signed_in
from scopegen.model import Operation

NEWCOMER, KEYLESS, BARRED = Who("newcomer"), Who("keyless"), Who("barred")


class Doors(NamedTuple):
    """One side: whether anybody may be able to make an account, which operations ask for an API key, and by API what its
    resource policy and private endpoint are, as a text; no text where there is neither."""

    sign_up: bool = False
    keyed: frozenset[tuple[str, str, str]] = frozenset()
    gates: Mapping[str, str] = {}


def widened(pairs: Iterable[Pair], before: Doors, after: Doors) -> Iterator[Change]:
    """The operations that somebody gains though they require what they did."""
    if before == after:
        return
    for was, now in pairs:
        if was is not None and now is not None:
            who = tuple(_gainers(was, now, before, after))
            if who:
                yield Change("broadened", was, now, who)


def _gainers(was: Operation, now: Operation, before: Doors, after: Doors) -> Iterator[Who]:
    if after.sign_up and not before.sign_up and for_signed_in(was.requirement) and for_signed_in(now.requirement):
        yield NEWCOMER
    if was.key in before.keyed and now.key not in after.keyed:
        yield KEYLESS
    gate = before.gates.get(was.api, "")
    if gate and after.gates.get(now.api, "") != gate:
        yield BARRED
