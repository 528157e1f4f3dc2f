"""`access.json` as a side of a comparison. In: a file of that name from anywhere. Out: the model in it, or a usage error."""

from collections.abc import Iterator

from scopegen.cli.places import Place
from scopegen.locate import UsageError
from scopegen.model import Model

_BROKEN = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def read(place: Place) -> Model:
    """The model; what a file of ours cannot hold is refused, since anybody may have written this one."""
    from scopegen.targets import access

    try:
        model = access.read(place.content or b"")
        whole = all(isinstance(text, str) for text in _texts(model))
        numbers = (one.token_minutes for one in model.clients)
        whole = whole and all(number is None or type(number) is int for number in numbers)
        # A name with a space could pass for something that we say of somebody else.
        whole = whole and not any(" " in name for one in model.permissions for name in (one.name, one.group))
    except _BROKEN as error:
        raise UsageError(f"{place.name} is no access.json that this version can read: {_phrase(error)}") from None
    if not whole or any(len(set(names)) < len(names) for names in _keys(model)):
        raise UsageError(f"{place.name} is no access.json of ours: something in it is no text, or stands there twice")
    return model


def _phrase(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__


def _texts(model: Model) -> Iterator[object]:
    for operation in model.operations:
        yield from (*operation.key, operation.operation_id, getattr(operation.requirement, "reason", ""))
    for permission in model.permissions:
        yield from (permission.name, permission.group)
    for client in model.clients:
        yield from (client.name, client.kind)
    for server in model.resource_servers:
        yield from (server.identifier, server.name, *(text.name for text in server.scopes))


def _keys(model: Model) -> Iterator[list[object]]:
    yield [one.key for one in model.operations]
    yield [one.name for one in model.permissions]
    yield [one.group for one in model.permissions]
    yield [one.name for one in model.clients]
    yield [one.identifier for one in model.resource_servers]
