"""What `scopegen explain` asks. In: a model, words of the command line. Out: the operation meant, and Answers about it."""

import difflib
from collections.abc import Sequence
from typing import NamedTuple

import click

from scopegen.cli.models import Known, Unknown
from scopegen.decide import answer as answered
from scopegen.explain import Answer, grants, refusals, requirement, symptoms, tokens
from scopegen.model import Model, Operation
from scopegen.routing import has_stage, matching, path_of, route, without_stage

_METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "ANY")
_REFUSALS = (401, 403)


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
    wanted = tuple(named) or tuple(apis)
    for path in _paths(known, wanted, target):
        found = [one for api in wanted if (one := _operation(known.model, api, method, path)) is not None]
        if len({one.api for one in found}) > 1:
            _usage(
                f"{method} {path} is an operation of {' and of '.join(one.api for one in found)}: name the API first"
            )
        if found:
            return Asked(wanted, method.upper(), path, found[0])
    return Asked(wanted, method.upper(), _paths(known, wanted, target)[0], None)


def _operation(model: Model, api: str, method: str, path: str) -> Operation | None:
    """The operation that is written like this, else the one that a request for it reaches."""
    written = next((one for one in model.operations if one.key == (api, path, method.upper())), None)
    return written or route(model, api, method, path)


def _paths(known: Known, apis: Sequence[str], target: str) -> list[str]:
    """What the path may be: without the stage, where there is one; a custom domain may have a base path of its own."""
    path = path_of(target)
    first = path.strip("/").partition("/")[0]
    if has_stage(target):
        return [without_stage(path)]
    if "://" in target:
        is_stage = first in {known.stages.get(api) for api in apis}
        return [without_stage(path), path] if is_stage else [path, without_stage(path)]
    return [path]


def _usage(message: str) -> tuple[str, ...]:
    raise click.UsageError(message)


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
    verdict = f"NO ROUTE: no operation answers {call}: API Gateway says 403 Missing Authentication Token{seen}"
    here = [one for one in known.model.operations if one.api in request.apis]
    others = sorted({one.method for one in here if matching({one.path}, request.path)})
    near = difflib.get_close_matches(request.path, sorted({one.path for one in here}), 3, 0.5)
    rows = (("path has", ", ".join(others)), ("closest", ", ".join(near)))
    evidence = tuple(row for row in rows if row[1])
    todo = (
        "compare method, path and case with these",
        "is the stage part of the path? leave it out",
        "deploy the API if the operation is new",
    )
    return Answer(verdict, evidence, todo, allowed=False)


def with_token(known: Known, request: Asked, written: str, keys: str | None, now: float, status: int | None) -> Answer:
    """What API Gateway makes of the request with a token; and what it means if something else was seen."""
    assert request.operation is not None
    operation = request.operation
    try:
        token = tokens.read(written, keys)
    except tokens.TokenProblem as problem:
        return refusals.by_no_token(known.model, operation, str(problem))
    except tokens.KeysProblem as problem:
        raise Unknown(f"the keys: {problem}") from None
    decision = answered(operation, token.claims, now)
    answer = refusals.by_token(known.model, decision, token, now)
    return refusals.contradicted(answer, status) if answer.allowed and status in _REFUSALS else answer


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
    seen = symptoms.of_answer(status, body)
    if "Missing Authentication Token" in body:
        verdict = f"LIKELY: not deployed: the model has {operation.label}, but what answered has not"
        return Answer(
            verdict,
            (*seen.evidence, *facts.evidence),
            ("deploy the stage again", "is it the right API, stage and base path?"),
            False,
        )
    return seen._replace(evidence=(*seen.evidence, *facts.evidence))
