"""A requirement as people say it. In: a requirement. Out: a text on one line, not yet quoted for any output."""

from scopegen.decide import for_signed_in
from scopegen.model import Public, Requirement

ANYONE = "anyone who can get an account in this pool, through any client"


def said(requirement: Requirement) -> str:
    """A requirement as people say it."""
    if isinstance(requirement, Public):
        return f"public ({requirement.reason})"
    if for_signed_in(requirement) and not any(scope.server for scope in requirement.scopes):
        return "any signed-in user"
    several = len(requirement.alternatives) > 1
    said_parts = (" and ".join(map(str, parts)) for parts in requirement.alternatives)
    return " or ".join(f"({part})" if several and " and " in part else part for part in said_parts)
