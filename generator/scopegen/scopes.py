"""The scopes of a workspace. In: a scope as somebody wrote it. Out: the scope, or the reason why it is none."""

from typing import NamedTuple

from scopegen import codes, nearest
from scopegen.diagnostics import Report
from scopegen.model import DERIVED_SERVER, Scope
from scopegen.names import is_reserved
from scopegen.settings import Named


class KnownScopes(NamedTuple):
    """Every scope that is declared or required: what can be granted."""

    declared: frozenset[Scope]
    required: frozenset[Scope]

    @property
    def all(self) -> frozenset[Scope]:
        return self.declared | self.required

    def named(self, named: Named, report: Report) -> Scope | None:
        """The scope that a grant names; None, with the reason in the report, where it names none."""
        written = named.text
        if written.startswith(DERIVED_SERVER + "/"):
            hint = "grant its parts: whoever holds all of them holds it"
            report.add(codes.RESERVED_SCOPE.at(named.location, f"`{written}` is a reserved name", hint))
        elif is_reserved(written):
            hint = "Cognito gives it to signed-in users itself; it cannot be granted"
            report.add(codes.RESERVED_SCOPE.at(named.location, f"`{written}` is a reserved name", hint))
        elif "/" not in written:
            hint = "write it as `<resource-server>/<scope>`"
            report.add(codes.UNQUALIFIED_SCOPE.at(named.location, f"`{written}` is not a scope", hint))
        elif written.endswith("/") or Scope.parse(written) not in self.all:
            message = f"`{written}` is neither required by an operation nor declared"
            report.add(codes.UNKNOWN_SCOPE.at(named.location, message, self.suggestion(written)))
        else:
            scope = Scope.parse(written)
            if scope not in self.required:
                hint = "it opens nothing until an operation requires it"
                report.add(codes.UNREQUIRED_SCOPE.at(named.location, f"no operation requires `{written}`", hint))
            return scope
        return None

    def suggestion(self, written: str) -> str:
        names = sorted(str(scope) for scope in self.all)
        some = f"known scopes: {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}" if names else ""
        return nearest.hint(written, names, some)
