"""A review as JSON. In: a Review. Out: a document of version 1, stable to the byte; what nobody would see is escaped."""

from scopegen.access_file import operation_entry
from scopegen.compare.changes import HolderChange, Lockout, Who
from scopegen.document import Json
from scopegen.quoting import json_lined, json_visible
from scopegen.review import Judged, Review, words
from scopegen.review.accepted import fingerprint
from scopegen.review.findings import RULES

VERSION = 1


def render(review: Review) -> str:
    """Every key is always there; lists are sorted by what they are about."""
    comparison = review.comparison
    effect = comparison.effect
    takes: Json = {
        "gained": {"atOnce": effect.gained_at_once, "withTokens": effect.gained_with_tokens},
        "lost": {"atOnce": effect.lost_at_once, "withTokens": effect.lost_with_tokens, "minutes": effect.minutes},
    }
    document: dict[str, Json] = {
        "version": VERSION,
        "base": review.base,
        "head": review.head,
        "notes": list(review.notes),
        "failOn": list(review.fail_on),
        "fails": bool(review.failing),
        "counts": {kind: len(review.of(kind)) for kind in RULES} | {"unchanged": comparison.unchanged},
        "changes": [_change(one) for one in review.judged],
        "grants": [_grant(one) for one in comparison.holders],
        "replaced": [dict(one._asdict()) for one in comparison.replaced],
        "tokenMinutes": [dict(one._asdict()) for one in comparison.lifetimes],
        "takesEffect": takes,
        "lockedOut": [_lockout(one) for one in comparison.lockouts],
        "acceptancesThatDoNotCount": [
            {"code": one.code, "message": one.message, "hint": one.hint} for one in review.problems
        ],
    }
    return json_visible(json_lined(document, {"changes": 1, "grants": 1, "replaced": 1, "lockedOut": 1}))


def _change(judged: Judged) -> Json:
    change, kept = judged.change, judged.accepted
    return {
        "kind": change.kind,
        "code": RULES[change.kind].code,
        "fingerprint": fingerprint(change),
        "before": operation_entry(change.was) if change.was is not None else None,
        "after": operation_entry(change.now) if change.now is not None else None,
        "loses" if change.kind in ("narrowed", "removed") else "gains": [_who(one) for one in change.who],
        "rerouted": change.rerouted,
        "instead": [words.label(one) for one in change.instead],
        "fails": judged.fails,
        "accepted": dict(kept._asdict()) if kept is not None else None,
    }


def _who(who: Who) -> Json:
    """`names`: of each inner list one is enough, of the outer one all are needed."""
    return {"kind": who.kind, "names": [list(names) for names in who.names], "text": words.person(who)}


def _grant(change: HolderChange) -> Json:
    return {
        "kind": change.kind,
        "holder": change.holder,
        "before": change.was or None,
        "after": change.now or None,
        "gains": [str(scope) for scope in change.gains],
        "loses": [str(scope) for scope in change.loses],
        "operationsGained": change.operations_gained,
        "operationsLost": change.operations_lost,
    }


def _lockout(lockout: Lockout) -> Json:
    return {
        "operation": words.label(lockout.now),
        "who": [_who(one) for one in lockout.who],
        "inEitherOrder": lockout.is_mutual,
        "advice": words.advice(lockout),
    }
