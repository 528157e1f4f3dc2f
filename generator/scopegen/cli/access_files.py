"""`access.json` as a side of a comparison. In: a file of that name from anywhere. Out: the model in it, or a usage error.

Anybody may have written it, so nothing is taken that scopegen does not write: what is read must say the same again when
it is written, or part of it would be passed over in silence.
"""

import json
from collections.abc import Iterator

from scopegen.cli.places import Place
from scopegen.locate import UsageError
from scopegen.model import DERIVED_SERVER, Model

_BROKEN = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def read(place: Place) -> Model:
    """The model; UsageError for what is none of ours."""
    from scopegen.targets import access

    content = place.content or b""
    try:
        model = access.read(content)
        again = json.dumps(access.dump(model), sort_keys=True, ensure_ascii=False)
        same = again.encode() == json.dumps(json.loads(content), sort_keys=True, ensure_ascii=False).encode()
        same = same and _is_clear(model)
    except _BROKEN as error:
        raise UsageError(f"{place.name} is no access.json that this version can read: {_phrase(error)}") from None
    if not same:
        raise UsageError(f"{place.name} is no access.json as scopegen writes it: build it anew, or compare specs")
    return model


def _phrase(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"no {error}"
    is_ours = isinstance(error, ValueError) and not isinstance(error, UnicodeError)
    return str(error) if is_ours else "something in it is of another kind"


def _is_clear(model: Model) -> bool:
    """Whether every name is that of one thing, and none could pass for something that we say of somebody else."""
    names = (
        [one.key for one in model.operations],
        [one.name for one in model.permissions],
        [one.group for one in model.permissions],
        [one.name for one in model.clients],
        [one.identifier for one in model.resource_servers],
    )
    return all(len(set(one)) == len(one) for one in names) and not any(_odd(model))


def _odd(model: Model) -> Iterator[bool]:
    """What a file could hold that no workspace does."""
    for permission in model.permissions:
        yield from (
            " " in permission.name,
            " " in permission.group,
            *(one.server == DERIVED_SERVER for one in permission.scopes),
        )
    for client in model.clients:
        yield from (client.kind not in ("user", "machine"), type(client.token_minutes) not in (int, type(None)))
    flags = [one.existing for one in model.permissions], [one.existing for one in model.clients]
    yield from (type(flag) is not bool for some in flags for flag in some)
    yield from (type(one.existing) is not bool for one in model.resource_servers)
    yield any(scope.server == DERIVED_SERVER for scope in model.required)
