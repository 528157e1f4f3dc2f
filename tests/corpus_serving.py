"""What was built, served in this process and called. In: what runs, whom the tags let in. Out: what is wrong; answers by kind.

Every operation at a concrete path: without a token, with one that has nothing, with one that has the scope. The verdict is
that of the tags and of `decide`; nothing breaks, hangs or grows; what is made from a schema fits it.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote

from corpus_security import Scopes
from gateways import NOW, ask, call, keys, token
from jsonschema_rs import Draft4Validator

from scopegen.decide import decide
from scopegen.gateway.calls import Call
from scopegen.gateway.validation import reached
from scopegen.limits import METHODS
from scopegen.served import Method, Served

_SLOW, _LONGEST = 2_000, 2_000_000  # milliseconds, bytes
_SIGNED = cache(token)
_AT_ONCE = 3_000


class _Asked(NamedTuple):
    """One call: with a token of these scopes, or with none; whether the tags let it in."""

    method: Method
    verb: str
    path: str
    scopes: tuple[str, ...] | None
    allowed: bool


def served_wrongly(
    one: Served, expected: dict[tuple[str, str], Scopes | None], derived: dict[str, frozenset[str]]
) -> tuple[list[str], Counter[str]]:
    """What is wrong with what one API answers, and how often it answered in which way."""
    [(name, api)] = one.apis.items()
    own = {(method.guard.path, method.guard.method) for method in api.methods.values()}
    asked = [every for method in api.methods.values() for every in _every(method, own, expected, derived)]
    wrong: list[str] = []
    kinds: Counter[str] = Counter()
    fits = _Fits(api.spec)
    for start in range(0, len(asked), _AT_ONCE):
        part = asked[start : start + _AT_ONCE]
        answered = ask(one, *(_request(every, f"/{name}/{api.stage}") for every in part))
        for every, response, told in zip(part, answered.responses, answered.calls, strict=True):
            kind, problems = _judged(one, every, told, response.content, fits)
            kinds[kind] += 1
            wrong += [f"{every.verb} {every.method.guard.path}, {_sent(every)}: {problem}" for problem in problems]
    return wrong, kinds


def _every(
    method: Method,
    own: set[tuple[str, str]],
    expected: dict[tuple[str, str], Scopes | None],
    derived: dict[str, frozenset[str]],
) -> Iterator[_Asked]:
    guard = method.guard
    verbs = METHODS if guard.method == "ANY" else (guard.method,)
    verb = next((one for one in verbs if guard.method != "ANY" or (guard.path, one) not in own), "")
    if not verb:
        return
    path = re.sub(r"\{[^{}]*\+\}", "sg1/sg2", guard.path)
    path = quote(re.sub(r"\{[^{}]*\}", "sg1", path), safe="/:@!$&'()*+,;=~-._")
    meant = expected.get((guard.path, guard.method)) if method.operation else None  # a preflight of our own is public
    yield _Asked(method, verb, path, None, meant is None)
    yield _Asked(method, verb, path, ("corpus/nothing",), meant is None)
    parts = sorted(sorted(one) for one in meant or ())
    for one in parts[:1]:
        also = sorted(name for name, needed in derived.items() if needed <= set(one))
        yield _Asked(method, verb, path, (*one, *also), True)


def _request(every: _Asked, stage: str) -> Any:
    required = [one for one in every.method.spec.get("parameters", []) if one.get("required") is True]  # type: ignore[union-attr]
    query = "&".join(f"{quote(one['name'])}=1" for one in required if one["in"] == "query")  # type: ignore[index]
    headers = {one["name"]: "1" for one in required if one["in"] == "header"}  # type: ignore[index]
    headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
    bearer = "" if every.scopes is None else _SIGNED(*every.scopes)
    return call(f"{every.path}{'?' if query else ''}{query}", every.verb, bearer, headers, stage=stage)


def _sent(every: _Asked) -> str:
    return "no token" if every.scopes is None else f"a token of {' '.join(every.scopes)}"


def _judged(one: Served, every: _Asked, told: Call, body: bytes, fits: "_Fits") -> tuple[str, list[str]]:
    """The kind of an answer, and what is wrong with it."""
    wrong = [note for note in told.notes if "bug" in note or "template" in note]
    claims = None if every.scopes is None else keys().read(_SIGNED(*every.scopes))
    if told.decision is None or told.decision.allowed != every.allowed:
        wrong.append(f"{'refused' if every.allowed else 'let in'} ({told.status} {told.problem}), by tags the contrary")
    if every.method.operation is not None:
        meant = decide(one.model, every.method.guard.api, every.verb, every.path, claims, NOW)
        if told.decision is not None and meant.allowed != told.decision.allowed:
            wrong.append(f"decide says {'allowed' if meant.allowed else 'refused'}")
    if not every.allowed:
        return "refused", wrong if told.status == 401 else [*wrong, f"status {told.status}"]
    if told.status >= 500:
        wrong.append(f"status {told.status}, by {told.answered_by}: {told.problem} {told.notes}")
    if told.milliseconds > _SLOW or len(body) > _LONGEST:
        wrong.append(f"{told.milliseconds:.0f} ms, {len(body)} bytes")
    if told.answered_by not in ("example", "schema") and not (body and told.answered_by == "mock"):
        return f"{told.answered_by} {told.status}", wrong
    said = fits.problem(every.method, told.status, body) if every.verb != "HEAD" else ""
    by = "made from the schema" if told.answered_by == "schema" else "an example of the document"
    if not said:
        return by, wrong
    if told.answered_by != "schema":
        return f"{by}, which does not fit its schema", wrong
    return said.partition(": ")[2], [*wrong, *([said] if not said.startswith("unmeetable") else [])]


class _Fits:
    """Whether answers fit the schemas that the import spec has for them."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.models = spec.get("components", {}).get("schemas", {})
        self.known: dict[str, Any] = {}
        self.quoted = {json.dumps(one, sort_keys=True) for one in _quoted(self.models)}

    def problem(self, method: Method, status: int, body: bytes) -> str:
        """Why an answer does not fit; empty if it does."""
        responses: Any = method.spec.get("responses", {})
        response = responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default") or {}
        found = [
            one["schema"] for name, one in response.get("content", {}).items() if "json" in name and "schema" in one
        ]
        if not found:
            return ""
        key = json.dumps(found[0], sort_keys=True)
        if key not in self.known:
            whole = {"allOf": [found[0]], "components": {"schemas": reached(found[0], self.models)}}
            try:
                self.known[key] = Draft4Validator(whole)
            except Exception as error:
                self.known[key] = f"unfit: no validator takes the schema ({str(error)[:80]})"
        validator = self.known[key]
        if isinstance(validator, str):
            return validator
        try:
            value = json.loads(body)
        except ValueError:
            return "no JSON"
        return next((self._said(one, found[0]) for one in validator.iter_errors(value)), "")

    def _said(self, error: Any, schema: Any) -> str:
        """An error in words, `unmeetable` where the document contradicts itself or nobody could do better in one pass."""
        keyword, where = error.schema_path[-1], error.schema_path
        if json.dumps(error.instance, sort_keys=True) in self.quoted:
            return "unmeetable: an example inside of the schema does not fit it"
        if keyword in ("oneOf", "anyOf"):  # the first possible alternative is made, and no other is looked at
            return "unmeetable: of oneOf or anyOf several alternatives fit, or none"
        holder = self._at([*where[:-1]], schema)
        if keyword == "type" and error.instance in holder.get("enum", []):
            return "unmeetable: the values of the enumeration are of another type"
        if keyword == "required":
            missing = [name for name in holder.get("required", []) if name not in error.instance]
            if holder.get("additionalProperties") is False and not set(missing) & set(holder.get("properties", {})):
                return "unmeetable: what is required is not allowed"
        return f"unfit: {error.message[:160]} at {list(error.instance_path)} by {list(where)[-3:]}"

    def _at(self, path: list[Any], schema: Any) -> dict[str, Any]:
        """The schema at the end of a path, which begins anew at every model."""
        start = max((at for at, key in enumerate(path) if key == "components"), default=0)
        node: Any = {"allOf": [schema], "components": {"schemas": self.models}}
        for key in path[start:]:
            node = node[key]
        return node if isinstance(node, dict) else {}


def _values(node: Any) -> Iterator[Any]:
    yield node
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _values(one)


def _quoted(node: Any) -> Iterator[Any]:
    """Every value inside of every example and default."""
    if isinstance(node, dict):
        for key, one in node.items():
            yield from _values(one) if key in ("example", "default") else _quoted(one)
    elif isinstance(node, list):
        for one in node:
            yield from _quoted(one)
