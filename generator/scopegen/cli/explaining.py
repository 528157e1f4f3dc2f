"""What `scopegen explain` asks. In: a model, words of the command line. Out: the operation meant, and Answers about it."""

import difflib
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import click

from scopegen.cli.models import Known
from scopegen.cli.options import Unreadable
from scopegen.decide import judge
from scopegen.explain import Answer, grants, refusals, requirement, symptoms, tokens
from scopegen.limits import LOCAL_HOSTS
from scopegen.model import Model, Operation, Public
from scopegen.report import visible
from scopegen.routing import has_stage, is_url, matching, path_of, route, without_stage

_METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "ANY")
_REFUSALS = (401, 403)
_LET_IN = range(200, 400)
_NO_OPERATION = "Missing Authentication Token"
# A status, and a body.
Seen: TypeAlias = tuple[int | None, str]


class Asked(NamedTuple):
    """A request: the APIs it may mean, its method, its path without the stage, and the operation that answers it."""

    apis: tuple[str, ...]
    method: str
    path: str
    operation: Operation | None


def asked(known: Known, words: Sequence[str]) -> Asked:
    """The request that the words mean; a usage error where they mean none, or several."""
    *named, method, target = words if len(words) in (2, 3) else _usage("name a call: [API] METHOD PATH")
    if method.upper() not in _METHODS:
        _usage(f"{method!r} is no method: write [API] METHOD PATH, as in GET /pets")
    apis = sorted({one.api for one in known.model.operations})
    if named and named[0] not in apis:
        _usage(f"no API is named {named[0]!r}: there {'are' if len(apis) > 1 else 'is'} {', '.join(apis) or 'none'}")
    served = _served(known, target)
    wanted = tuple(named) or (served[:1] if served else tuple(apis))
    paths = [served[1]] if served else _paths(known, wanted, target)
    meant = [(path, one) for path in paths for api in wanted if (one := _operation(known, api, method, path))]
    if not meant:
        return Asked(wanted, method.upper(), paths[0], None)
    path, operation = meant[0]
    if len(owners := dict.fromkeys(one.api for _, one in meant)) > 1:
        _usage(f"{method} {path} may be an operation of {' and of '.join(owners)}: name the API first")
    if len({one.key for _, one in meant}) > 1:
        _usage(f"the path may be {' or '.join(path for path, _ in meant)}: write it alone, without host and stage")
    return Asked(wanted, method.upper(), path, operation)


def _operation(known: Known, api: str, method: str, path: str) -> Operation | None:
    """The operation that is written like this, else the one that a request for it reaches; none for a preflight."""
    written = next((one for one in known.model.operations if one.key == (api, path, method.upper())), None)
    found = written or route(known.model, api, method, path)
    is_caught = found is not None and found.method == "ANY" and method.upper() == "OPTIONS"
    # A preflight that scopegen adds answers before the catch-all; an access.json does not tell where there is one.
    if found is not None and is_caught and (not known.has_settings or (api, found.path) in known.preflights):
        return None
    return found


def _served(known: Known, target: str) -> tuple[str, str] | None:
    """API and path of a URL of `scopegen serve`, where both API and stage stand before the path."""
    host = target.partition("://")[2].partition("/")[0].partition(":")[0]
    parts = path_of(target).split("/", 3)
    is_local = host in LOCAL_HOSTS and len(parts) > 2 and known.stages.get(parts[1]) == parts[2]
    return (parts[1], f"/{''.join(parts[3:])}") if is_local else None


def _paths(known: Known, apis: Sequence[str], target: str) -> list[str]:
    """What the path may be: without the stage, where there is one; a custom domain may have a base path of its own."""
    path = path_of(target)
    first = path.strip("/").partition("/")[0]
    if has_stage(target):
        return [without_stage(path)]
    if is_url(target):
        is_stage = first in {known.stages.get(api) for api in apis}
        return [without_stage(path), path] if is_stage else [path, without_stage(path)]
    return [path]


def _usage(message: str) -> tuple[str, ...]:
    raise click.UsageError(visible(tokens.hidden(message)))


def no_route(known: Known, request: Asked, status: int | None) -> Answer:
    """What it means that no operation answers."""
    call = f"{request.method} {request.path}"
    if request.method == "OPTIONS":
        paths = {path: api for api, path in known.preflights if api in request.apis}
        if matching(paths, request.path):
            return Answer(
                f"ALLOWED: {call} is a preflight that scopegen adds: API Gateway answers it, without a token",
                allowed=True,
            )
    seen = f", and {status} was seen" if status else ""
    if request.method == "OPTIONS" and not known.has_settings:
        return Answer(
            f"NOT KNOWN: an access.json does not say whether {call} is a preflight, which is answered without a token",
            todo=("ask in the workspace, without --from",),
        )
    verdict = f"NO ROUTE: no operation answers {call}: API Gateway says 403 {_NO_OPERATION}{seen}"
    here = [one for one in known.model.operations if one.api in request.apis]
    others = sorted({one.method for one in here if matching({one.path}, request.path)})
    near = difflib.get_close_matches(request.path, sorted({one.path for one in here}), 3, 0.5)
    rows = (("path has", ", ".join(others)), ("closest", ", ".join(near)))
    evidence = tuple(row for row in rows if row[1])
    if status in _LET_IN:
        return Answer(
            f"NOT BY THE MODEL: no operation answers {call}, yet {status} was seen", evidence, refusals.OPEN, False
        )
    todo = (
        "compare method, path and case with these",
        "is the stage part of the path? leave it out",
        "deploy the API if the operation is new",
    )
    return Answer(verdict, evidence, todo, allowed=False)


def with_token(known: Known, request: Asked, written: str, keys: str | None, now: float, seen: Seen) -> Answer:
    """What API Gateway makes of the request with a token; and what it means if something else was seen."""
    assert request.operation is not None
    operation = request.operation
    try:
        token = tokens.read(written, keys)
    except tokens.TokenProblem as problem:
        return _against(refusals.by_no_token(known.model, operation, str(problem)), operation, seen)
    except tokens.KeysProblem as problem:
        raise Unreadable(f"the keys: {problem}") from None
    decision = judge(operation, token.claims, now)
    return _against(refusals.by_token(known.model, decision, token, now), operation, seen)


def _against(answer: Answer, operation: Operation, seen: Seen) -> Answer:
    """An answer, held against what was seen."""
    status, body = seen
    if _NO_OPERATION in body:
        return _not_deployed(operation, (*symptoms.of_answer(status, body).evidence, *answer.evidence))
    other = _REFUSALS if answer.allowed else _LET_IN
    return refusals.contradicted(answer, status) if status is not None and status in other else answer


def for_holder(model: Model, operation: Operation, permissions: Sequence[str], client: str | None) -> Answer:
    """Whether permissions or a client can call an operation, and the shortest grant if not."""
    for name in permissions:
        _known(name, [one.name for one in model.permissions], "permission")
    if client is None:
        return grants.by_permissions(model, operation, permissions)
    _known(client, [one.name for one in model.clients], "client")
    return grants.by_client(model, operation, next(one for one in model.clients if one.name == client))


def _known(name: str, names: list[str], kind: str) -> None:
    if name not in names:
        near = difflib.get_close_matches(name, names, 1, 0.4)
        hint = f": did you mean {near[0]}?" if near else f": there are {', '.join(names) or 'none'}"
        _usage(f"no {kind} is named {name!r}{hint}")


def as_seen(model: Model, operation: Operation, status: int | None, body: str) -> Answer:
    """What an operation requires; with a status or a body, what these most likely mean for it."""
    facts = requirement(model, operation)
    if status is None and not body:
        return facts
    if status in _LET_IN:
        return facts._replace(todo=("to know whether it should get through, give the token: --token-file FILE",))
    seen = symptoms.of_answer(status, body)
    if _NO_OPERATION in body:
        return _not_deployed(operation, (*seen.evidence, *facts.evidence))
    if isinstance(operation.requirement, Public) and status in _REFUSALS:
        return refusals.contradicted(facts._replace(allowed=True), status)
    return seen._replace(evidence=(*seen.evidence, *facts.evidence))


def _not_deployed(operation: Operation, evidence: tuple[tuple[str, str], ...]) -> Answer:
    """What it means that API Gateway does not know an operation that the model has."""
    verdict = f"LIKELY: not deployed: the model has {operation.label}, but what answered has not"
    return Answer(verdict, evidence, ("deploy the stage again", "is it the right API, stage and base path?"), False)
