"""What `security` asks for, read by code that shares nothing with scopegen. In: a document. Out: what each operation requires.

This is the README's and the manual's account of `untagged: security`, written down a second time: who changes one of the
two must change the other.
"""

from typing import Any, NamedTuple

from corpus_documents import Document, Operation

Scopes = frozenset[frozenset[str]]
_ABSENT = object()
_RESERVED = ("openid", "email", "phone", "profile")


class Verdict(NamedTuple):
    """`scopes` as OR of ANDs, or `public`, or the `code` of the error that must be given, at `/security` if `at_root`."""

    scopes: Scopes = frozenset()
    public: bool = False
    code: str = ""
    at_root: bool = False


def kinds(document: Document) -> dict[str, str]:
    """Every security scheme: `scoped`, `foreign` or `other`."""
    data = document.data
    components = data.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else data.get("securityDefinitions")
    result = {}
    for name, written in schemes.items() if isinstance(schemes, dict) else ():
        scheme, _ = document.resolve(written, document.main)
        result[name] = _kind(scheme if isinstance(scheme, dict) else {})
    return result


def _kind(scheme: dict[str, Any]) -> str:
    authorizer = scheme.get("x-amazon-apigateway-authorizer")
    own_type = authorizer.get("type") if isinstance(authorizer, dict) else None
    named = own_type or scheme.get("x-amazon-apigateway-authtype")
    if named or "x-amazon-apigateway-authorizer" in scheme:
        return "scoped" if str(named).lower() == "cognito_user_pools" else "foreign"
    return "scoped" if scheme.get("type") in ("oauth2", "openIdConnect") else "other"


def verdicts(document: Document, server: str) -> dict[tuple[str, str], Verdict]:
    """What every operation requires under `untagged: security`; `server` completes short names."""
    schemes = kinds(document)
    return {one.name: _verdict(document, one, schemes, server) for one in document.operations()}


def foreign(document: Document) -> dict[tuple[str, str], Verdict]:
    """Which operations name another authorizer, whatever tag they have; all others are fine."""
    schemes = kinds(document)
    found = {}
    for one in document.operations():
        alternatives, own = effective(document, one)
        is_named = any(schemes.get(name) == "foreign" for item in alternatives or () for name in item)
        is_keyed = any("x-amazon-apigateway-auth" in holder for holder in (one.data, one.item, document.data))
        is_refused = is_keyed or (is_named and (own or not is_open_preflight(one)))
        found[one.name] = Verdict(code="SG114", at_root=not own) if is_refused else Verdict(public=True)
    return found


def effective(document: Document, one: Operation) -> tuple[Any, bool]:
    """The `security` that counts for an operation, None where there is none, and whether it is its own."""
    own = "security" in one.data
    written = (one.data if own else document.data).get("security", _ABSENT)
    if written is _ABSENT:
        return None, own
    # What is no list of mappings says nothing.
    items = written if isinstance(written, list) else [{}]
    return [item if isinstance(item, dict) else {} for item in items], own


def is_open_preflight(one: Operation) -> bool:
    """An OPTIONS that API Gateway itself answers."""
    integration = one.data.get("x-amazon-apigateway-integration")
    kind = integration.get("type", "") if isinstance(integration, dict) else ""
    return one.method == "options" and (integration is None or str(kind).lower() == "mock")


def _verdict(document: Document, one: Operation, schemes: dict[str, str], server: str) -> Verdict:
    if any("x-amazon-apigateway-auth" in holder for holder in (one.data, one.item, document.data)):
        return Verdict(code="SG114")
    alternatives, own = effective(document, one)
    if is_open_preflight(one):
        if own and any(schemes.get(name) == "foreign" for item in alternatives or () for name in item):
            return Verdict(code="SG114")
        asks = own and alternatives and {} not in alternatives
        return Verdict(code="SG112") if asks else Verdict(public=True)
    if alternatives is None:
        return Verdict(code="SG102")
    if any(schemes.get(name) == "foreign" for item in alternatives for name in item):
        return Verdict(code="SG114", at_root=not own)
    if not own and one.method == "options":
        return Verdict(code="SG102")
    if not alternatives:
        return Verdict(public=True) if own else Verdict(code="SG115", at_root=True)
    found = set()
    for item in alternatives:
        scopes, code = _alternative(item, schemes, server)
        if code:
            return Verdict(code=code, at_root=not own)
        found.add(scopes)
    return Verdict(frozenset(found))


def _alternative(item: Any, schemes: dict[str, str], server: str) -> tuple[frozenset[str], str]:
    if not isinstance(item, dict) or len(item) != 1:
        return frozenset(), "SG115"
    [(name, scopes)] = item.items()
    if schemes.get(name) != "scoped" or not scopes:
        return frozenset(), "SG115"
    completed = set()
    for scope in scopes:
        code = _problem(scope, len(scopes) > 1, server)
        if code:
            return frozenset(), code
        completed.add(scope if "/" in scope or _is_reserved(scope) else f"{server}/{scope}")
    return frozenset(completed), ""


def _is_reserved(scope: str) -> bool:
    return scope in _RESERVED or scope.startswith("aws.cognito.")


def _problem(scope: Any, is_part: bool, server: str) -> str:
    """The code of what keeps one scope from being required."""
    if not isinstance(scope, str) or not scope.strip():
        return "SG106"
    if "*" in scope:
        return "SG108"
    if scope.startswith("all-of/") or (_is_reserved(scope) and is_part):
        return "SG109"
    if _is_reserved(scope):
        return ""
    if "/" not in scope and not server:
        return "SG101"
    before, _, last = (scope if "/" in scope else f"{server}/{scope}").rpartition("/")
    plain = all(33 <= ord(c) <= 126 and c not in '"\\' for c in before + last)
    computed = "${" in scope or "{{" in scope
    return "" if before and last and plain and not computed and len(before) + len(last) < 256 else "SG108"


def shapes(document: Document, one: Operation, verdict: Verdict) -> list[str]:
    """What an operation's `security` is, for the count, and what must become of it."""
    alternatives, own = effective(document, one)
    if alternatives is None:
        found = ["no security at all"]
    elif not alternatives:
        found = ["`security: []`, own" if own else "`security: []`, root"]
    else:
        scoped = [any(item.values()) for item in alternatives]
        some = "every alternative has scopes" if all(scoped) else "with and without scopes mixed"
        found = [some if any(scoped) else "only alternatives without scopes"]
        found += ["... `{}` among them"] if {} in alternatives else []
        found += ["... several schemes at once"] if any(len(item) > 1 for item in alternatives) else []
    become = "public" if verdict.public else f"an error, {verdict.code}" if verdict.code else "scopes"
    return [*found, f"= must become {become}"]
