"""What Cognito cannot change in place. In: two models. Out: Replacements: a new group, client or resource server, a new API.

`GroupName`, `Identifier` and `GenerateSecret` are create-only in CloudFormation, which makes a new resource. Ours are
retained, so the old one stays, and with it what it allows, until somebody deletes it.
"""

from collections.abc import Iterable, Iterator

from scopegen.compare.changes import Replacement
from scopegen.compare.holders import renamed_clients, renamed_permissions
from scopegen.model import Model


def replacements(before: Model, after: Model, apis: Iterable[tuple[str, str]]) -> Iterator[Replacement]:
    """Everything that is replaced, and the clients that nothing replaces."""
    yield from (Replacement("api", now, was, now) for was, now in apis)
    yield from _servers(before, after)
    yield from _groups(before, after)
    yield from _clients(before, after)


def _groups(before: Model, after: Model) -> Iterator[Replacement]:
    renamed = renamed_permissions(before, after)
    new = {one.name: one for one in after.permissions}
    for was in before.permissions:
        now = new.get(renamed.get(was.name, was.name))
        if now is not None and now.group != was.group:
            yield Replacement("group", now.name, was.group, now.group)


def _clients(before: Model, after: Model) -> Iterator[Replacement]:
    renamed = renamed_clients(before, after)
    new = {one.name: one for one in after.clients}
    for was in before.clients:
        now = new.get(renamed.get(was.name, was.name))
        if now is None:
            yield Replacement("client", was.name, was.name, "")
        elif now.name != was.name:
            yield Replacement("client", now.name, was.name, now.name)
        elif (now.kind, now.existing) != (was.kind, was.existing):
            kinds = (f"{'existing ' if one.existing else ''}{one.kind} client" for one in (was, now))
            yield Replacement("client", now.name, *kinds)


def _servers(before: Model, after: Model) -> Iterator[Replacement]:
    """Resource servers under another identifier: the same scope names on one that went and one that came."""
    old, new = (
        {one.identifier: one for one in model.resource_servers if not one.existing} for model in (before, after)
    )
    names = {key: frozenset(text.name for text in one.scopes) for key, one in (old | new).items()}
    gone, came = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    for was in gone:
        same = [now for now in came if names[now] == names[was]]
        if names[was] and len(same) == 1 and sum(names[other] == names[was] for other in gone) == 1:
            yield Replacement("resource server", same[0], was, same[0])
