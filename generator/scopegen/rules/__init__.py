"""What we tell people about a workspace that can be read. In: settings, documents, imports, model. Out: diagnostics.

The rules that keep a stage from going on are reported where they are found; these here look at the whole. The page of
every rule, wherever it is found, lies in `rules/pages/`.
"""

from collections.abc import Callable, Iterable, Mapping

from scopegen.decide import Holders
from scopegen.diagnostics import Diagnostic
from scopegen.document import Document
from scopegen.importable import Importable
from scopegen.model import Model
from scopegen.rules import gateway, grants, requirements
from scopegen.rules.context import Context
from scopegen.settings import Settings

CHECKS: tuple[Callable[[Context], Iterable[Diagnostic]], ...] = (
    requirements.oidc_scopes,
    requirements.verbs,
    requirements.preflights,
    requirements.redundant_alternatives,
    requirements.catch_alls,
    grants.unreachable_scopes,
    grants.quotas,
    grants.holdable,
    grants.token_size,
    grants.pool,
    grants.properties,
    gateway.origins,
    gateway.backends,
    gateway.environments,
    gateway.function_permissions,
)


def check(
    settings: Settings, documents: Mapping[str, Document], imports: Mapping[str, Importable], model: Model
) -> Iterable[Diagnostic]:
    """Every finding of every check, in the order of the table."""
    context = Context(settings, documents, imports, model, Holders(model))
    return [diagnostic for check in CHECKS for diagnostic in check(context)]
