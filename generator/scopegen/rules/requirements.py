"""Rules about what operations require (SG1xx) that need the whole model. In: a Context. Out: diagnostics."""

import re
from collections.abc import Iterator
from functools import cache

from scopegen import codes
from scopegen.diagnostics import Diagnostic
from scopegen.document import mapping
from scopegen.extract import is_preflight
from scopegen.model import AnyOf, Scope
from scopegen.names import SIGNED_IN
from scopegen.rules.context import Context
from scopegen.survey import TAG

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_READING = frozenset("describe fetch find get list query read readonly reader search view".split())
_WRITING = frozenset(
    "add admin all change create delete edit execute full insert manage modify patch post put remove run save send "
    "set submit update upload write writer".split()
)
_ASKING = frozenset("count export filter find lookup match preview query read report search validate".split())
_MUTATING = ("DELETE", "PATCH", "POST", "PUT")


def oidc_scopes(context: Context) -> Iterator[Diagnostic]:
    """SG116: a scope that every signed-in user has, required as if it were a permission."""
    for operation in context.model.operations:
        requirement = operation.requirement
        scopes = requirement.scopes if isinstance(requirement, AnyOf) else ()
        reserved = sorted(scope.name for scope in scopes if not scope.server)
        if not reserved or "authenticated" in mapping(context.data(operation).get(TAG)):
            continue
        if requirement != AnyOf([scope] for scope in SIGNED_IN):
            hint = "require a scope of a resource server, or write `{authenticated: true}` if that is meant"
            message = f"`{operation.label}` requires `{reserved[0]}`, which every signed-in user can have"
            yield codes.OIDC_SCOPE_AS_GATE.at(context.tag(operation), message, hint, operation.label)


def verbs(context: Context) -> Iterator[Diagnostic]:
    """SG117: an operation that changes something, open to a scope that is named for reading."""
    for operation in context.model.operations:
        if operation.method not in _MUTATING or not isinstance(operation.requirement, AnyOf):
            continue
        last = operation.path.rstrip("/").rpartition("/")[2]
        if operation.method == "POST" and _ASKING & (_words(operation.operation_id) | _words(last)):
            continue
        weak = [parts for parts in operation.requirement.alternatives if all(_reads(scope) for scope in parts)]
        if weak:
            known = sorted(
                {str(scope) for scope in context.model.required if scope.server == weak[0][0].server}
                - {str(weak[0][0])}
            )
            hint = f"copied from a sibling? also known: {', '.join(known[:6])}" if known else "copied from a sibling?"
            message = f"`{operation.label}` changes something, `{weak[0][0]}` is named for reading"
            yield codes.VERB_SCOPE_MISMATCH.at(context.tag(operation), message, hint, operation.label)


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}


@cache
def _reads(scope: Scope) -> bool:
    words = _words(scope.name)
    return bool(scope.server) and bool(words & _READING) and not words & _WRITING


def preflights(context: Context) -> Iterator[Diagnostic]:
    """SG118: an OPTIONS that asks for a token."""
    for operation in context.model.operations:
        if operation.method == "OPTIONS" and isinstance(operation.requirement, AnyOf):
            hint = "browsers send none with a preflight: remove the tag, or `security`, if this is for browsers"
            message = f"`{operation.label}` asks for a token"
            yield codes.PROTECTED_PREFLIGHT.at(context.tag(operation), message, hint, operation.label)


def redundant_alternatives(context: Context) -> Iterator[Diagnostic]:
    """SG119: an alternative that asks for more than another one does."""
    for operation in context.model.operations:
        if not isinstance(operation.requirement, AnyOf) or len(operation.requirement.alternatives) == 1:
            continue
        alternatives = [frozenset(parts) for parts in operation.requirement.alternatives]
        for more in alternatives:
            less = next((parts for parts in alternatives if parts < more), None)
            if less is not None:
                enough, said = _said(less), _said(more)
                message = f"`{operation.label}`: `{said}` adds nothing, `{enough}` is enough"
                hint = "leave one of the two out: which did you mean?"
                yield codes.REDUNDANT_ALTERNATIVE.at(context.tag(operation), message, hint, operation.label)


def _said(parts: frozenset[Scope]) -> str:
    return " and ".join(sorted(str(scope) for scope in parts))


def catch_alls(context: Context) -> Iterator[Diagnostic]:
    """SG120: one rule for every method, or for every path below."""
    for operation in context.model.operations:
        greedy = "+}" in operation.path
        if operation.method != "ANY" and not greedy:
            continue
        if not is_preflight(operation.method.lower(), context.data(operation)):
            what = "every path below it" if greedy else "every method that is not written out"
            hint = "what the backend adds there later is open to the same callers"
            message = f"`{operation.label}` puts {what} behind one requirement"
            yield codes.CATCH_ALL_METHOD.at(context.at(operation), message, hint, operation.label)
