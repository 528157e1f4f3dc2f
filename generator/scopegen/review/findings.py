"""A review as diagnostics, for what shows findings. In: a Review. Out: Diagnostics SG4xx at the operations of HEAD.

What is gone is placed in HEAD as well, at the nearest thing that is left around it.
"""

from collections.abc import Iterator
from types import MappingProxyType

from scopegen import codes
from scopegen.compare.changes import HolderChange, Kind
from scopegen.diagnostics import Diagnostic, Rule, Severity
from scopegen.review import Judged, Review, words

RULES: MappingProxyType[Kind, Rule] = MappingProxyType(
    {
        "opened": codes.OPENED_OPERATION,
        "broadened": codes.BROADENED_OPERATION,
        "narrowed": codes.NARROWED_OPERATION,
        "changed": codes.CHANGED_REQUIREMENT,
        "new": codes.NEW_OPERATION,
        "removed": codes.REMOVED_OPERATION,
        "renamed": codes.RENAMED_OPERATION,
    }
)
_HINTS: dict[Kind, str] = {
    "opened": "name the scope it requires, or have it accepted by whoever reviews access",
    "broadened": "check that they are meant to; whoever reviews access can accept it",
    "narrowed": "tell them, or grant them what it requires first",
}


def findings(review: Review) -> list[Diagnostic]:
    """Everything that a reviewer should see where it is written."""
    found = [_operation(one) for one in review.judged]
    found += [_grant(one) for one in review.comparison.holders if one.gains]
    found += _resources(review)
    return [*found, *review.problems]


def _operation(judged: Judged) -> Diagnostic:
    change, rule = judged.change, RULES[judged.change.kind]
    details = [words.requirements(change), words.effect(change)]
    message = f"{change.kind}: `{words.subject(change)}`: {'; '.join(filter(None, details))}"
    hint, severity = _HINTS.get(change.kind, ""), rule.severity
    if judged.accepted is not None:
        kept = judged.accepted
        hint, severity = f"accepted by {kept.author} until {kept.expires}: {kept.reason}", Severity.NOTE
    elif judged.fails:
        severity = Severity.ERROR
    return rule.at(change.operation.source, message, hint, words.label(change.operation), severity)


def _grant(change: HolderChange) -> Diagnostic:
    message = f"`{words.holder(change)}` {words.grants(change)}"
    return codes.WIDENED_GRANT.at(change.source, message, "check that it is meant to", words.holder(change))


def _resources(review: Review) -> Iterator[Diagnostic]:
    comparison = review.comparison
    for replaced in comparison.replaced:
        yield codes.REPLACED_RESOURCE.at(None, words.replacement(replaced))
    for lockout in comparison.lockouts:
        hint = "grant first, enforce later: deploy the identity, wait for new tokens, then deploy the API"
        yield codes.LOCKED_OUT.at(lockout.now.source, words.advice(lockout), hint, words.label(lockout.now))
    for life in comparison.lifetimes:
        if words.is_longer(life):
            hint = "what is taken away works until the access token expires"
            yield codes.LONGER_LIVED_TOKENS.at(None, f"client `{life.client}`: {words.lifetime(life)}", hint)
