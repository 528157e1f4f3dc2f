"""The `lint:` section of `scopegen.yaml`. In: the section, which its schema has accepted. Out: LintSettings, diagnostics.

A guard, a rule that keeps a system from failing open, can be raised and never lowered or suppressed.
"""

from collections.abc import Iterator

from scopegen import codes
from scopegen.codes import RULES
from scopegen.diagnostics import Diagnostic, Location, Severity, pointer
from scopegen.document import Json, mapping, sequence, text
from scopegen.settings import LintSettings, Override, Suppression

_SEVERITIES = {severity.word: severity for severity in Severity}


def read(data: dict[str, Json], file: str) -> LintSettings:
    """What the section says."""
    return LintSettings(
        tuple(
            Override(rule, _SEVERITIES[text(word)], Location(file, pointer("lint", "severity", rule), "key"))
            for rule, word in mapping(data.get("severity")).items()
        ),
        tuple(
            _suppression(mapping(entry), Location(file, pointer("lint", "suppress", i)))
            for i, entry in enumerate(sequence(data.get("suppress")))
        ),
    )


def _suppression(data: dict[str, Json], location: Location) -> Suppression:
    said = {key: text(value).strip() for key, value in data.items()}
    return Suppression(
        rule=said["rule"],
        operation=said.get("operation", ""),
        file=said.get("file", ""),
        at=said.get("at", ""),
        reason=said["reason"],
        expires=said.get("expires", ""),
        location=location,
    )


def problems(lint: LintSettings) -> Iterator[Diagnostic]:
    """Rules that do not exist, guards that would be silenced, days that no calendar has."""
    for override in lint.overrides:
        yield from _unknown(override.rule, override.location)
        rule = RULES.get(override.rule)
        if rule is not None and rule.guard and override.severity < rule.severity:
            message = f"`{rule.code}` keeps a system from failing open: it cannot be lowered"
            hint = f"remove the line; raising it above `{rule.severity.word}` is possible"
            yield codes.SILENCED_GUARD.at(override.location, message, hint)
    for one in lint.suppressions:
        where = one.location._replace(pointer=f"{one.location.pointer}/rule")
        yield from _unknown(one.rule, where)
        if one.rule in RULES and RULES[one.rule].guard:
            message = f"`{one.rule}` keeps a system from failing open: it cannot be suppressed"
            yield codes.SILENCED_GUARD.at(where, message, f"correct what it finds: `scopegen rule {one.rule}`")
        if one.expires and not _is_day(one.expires):
            where = one.location._replace(pointer=f"{one.location.pointer}/expires")
            yield codes.INVALID_CONFIG.at(where, f"`{one.expires}` is no day", "write it as in `2027-01-31`")


def _unknown(rule: str, where: Location) -> Iterator[Diagnostic]:
    if rule not in RULES:
        yield codes.UNKNOWN_RULE.at(where, f"no rule has the code `{rule}`", near_code(rule))


def near_code(written: str) -> str:
    """A hint for something that is no code: the nearest one, by code or by name."""
    from difflib import get_close_matches

    names = {rule.name: rule.code for rule in RULES.values()} | {code: code for code in RULES}
    close = get_close_matches(written.upper(), RULES, 1) or get_close_matches(written.lower(), names, 1)
    return f"did you mean `{names[close[0]]}`?" if close else "`scopegen rule` lists them"


def _is_day(written: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True
