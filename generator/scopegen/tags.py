"""The grammar of `x-required-scope`. In: one tag as written. Out: a Requirement, or diagnostics with the form to write."""

from collections.abc import Callable
from typing import NamedTuple

from scopegen import codes, limits
from scopegen.diagnostics import Diagnostic, Location, Rule, pointer
from scopegen.document import Document, Json
from scopegen.model import DERIVED_SERVER, AnyOf, Public, Requirement, Scope
from scopegen.names import SIGNED_IN, is_reserved

_FORM = "write `petsapi/read`, `{anyOf: [...]}`, `{allOf: [...]}`, `{public: a reason}` or `{authenticated: true}`"
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_QUOTES = ("'", '"')
_KEYS = ("anyOf", "allOf", "public", "authenticated")


class TagError(Exception):
    """One thing wrong with a tag."""

    def __init__(self, found: Diagnostic) -> None:
        super().__init__(found.message)
        self.found = found


class Tag(NamedTuple):
    """A tag and its place. `server` completes short names; `at` turns a pointer below the tag into a location."""

    value: Json
    server: str
    subject: str
    document: Document
    at: Callable[[str], Location]

    def requirement(self) -> Requirement:
        """What the tag means; TagError with the first thing that is wrong."""
        value = self.value
        if isinstance(value, str):
            return AnyOf([[self.scope(value, "")]])
        if isinstance(value, list):
            return AnyOf([[self.only(value)]])
        if isinstance(value, dict):
            return self.keyed(value)
        if value is None or value is False:
            raise self.error(codes.EMPTY_TAG, "an empty tag protects nothing", _FORM)
        raise self.error(codes.MALFORMED_TAG, f"`{self.written('')}` is not a scope", _FORM)

    def keyed(self, value: dict[str, Json]) -> Requirement:
        if not value:
            raise self.error(codes.EMPTY_TAG, "an empty tag protects nothing", _FORM)
        key = next(iter(value))
        if key == "idToken":
            hint = "ID tokens say who somebody is, not what they may do: require a scope, or `{authenticated: true}`"
            raise self.key_error("idToken", "is not supported", hint)
        unknown = [name for name in value if name not in _KEYS]
        if unknown:
            raise self.key_error(unknown[0], "may not stand here", _FORM)
        if len(value) > 1:
            raise self.key_error(sorted(value)[0], "may not stand here", "keep only one of the two")
        match key:
            case "public":
                return self.public(value[key])
            case "authenticated":
                return self.authenticated(value[key])
            case "allOf":
                return AnyOf([self.all_of(value, "")])
            case _:
                return AnyOf(self.any_of(value))

    def public(self, reason: Json) -> Public:
        # `no` and `off` are text to YAML 1.2, and mean "not public" to whoever writes them.
        if not isinstance(reason, str) or reason.strip().lower() in _WORDS or not any(map(str.isalnum, reason)):
            hint = "write why: `{public: health check of the load balancer}`"
            raise self.error(codes.PUBLIC_WITHOUT_REASON, "`public` without a reason", hint, "/public")
        return Public(reason.strip())

    def authenticated(self, value: Json) -> AnyOf:
        if value is not True:
            hint = "write `{authenticated: true}`, or the scope that is required"
            raise self.error(codes.MALFORMED_TAG, "`authenticated` takes only `true`", hint, "/authenticated")
        return AnyOf([scope] for scope in SIGNED_IN)

    def any_of(self, value: dict[str, Json]) -> list[list[Scope]]:
        items = self.items(value, "anyOf", "")
        alternatives = []
        for i, item in enumerate(items):
            here = f"/anyOf/{i}"
            if isinstance(item, dict) and set(item) == {"allOf"}:
                alternatives.append(self.all_of(item, here))
            elif isinstance(item, str):
                alternatives.append([self.scope(item, here)])
            else:
                hint = "an alternative is a scope, or `{allOf: [...]}`"
                raise self.error(codes.MALFORMED_TAG, "nested in a way that has no meaning", hint, here)
        return alternatives

    def all_of(self, value: dict[str, Json], above: str) -> list[Scope]:
        scopes = []
        for i, item in enumerate(self.items(value, "allOf", above)):
            here = f"{above}/allOf/{i}"
            if not isinstance(item, str):
                raise self.error(
                    codes.MALFORMED_TAG, "`allOf` holds scopes only", "write `anyOf` outside `allOf`", here
                )
            scope = self.scope(item, here)
            if not scope.server:
                hint = "every signed-in user has it, and no machine can: leave it out"
                raise self.error(codes.RESERVED_SCOPE, f"`{item}` cannot be part of `allOf`", hint, here)
            scopes.append(scope)
        return scopes

    def items(self, value: dict[str, Json], key: str, above: str) -> list[Json]:
        items = value[key]
        if not isinstance(items, list):
            raise self.error(codes.MALFORMED_TAG, f"`{key}` takes a list of scopes", _FORM, f"{above}/{key}")
        if not items:
            raise self.error(codes.EMPTY_TAG, f"an empty `{key}` protects nothing", _FORM, f"{above}/{key}")
        return items

    def only(self, items: list[Json]) -> Scope:
        if not items:
            raise self.error(codes.EMPTY_TAG, "an empty tag protects nothing", _FORM)
        if len(items) > 1:
            hint = "write `{anyOf: [...]}` if one of them is enough, `{allOf: [...]}` if all are needed"
            message = "OpenAPI reads a list as all of these, API Gateway as any of these"
            raise self.error(codes.AMBIGUOUS_LIST, message, hint)
        if not isinstance(items[0], str):
            raise self.error(codes.MALFORMED_TAG, "a list holds one scope", _FORM, "/0")
        return self.scope(items[0], "/0")

    def scope(self, written: str, below: str) -> Scope:
        """The scope a text names, completed and checked."""
        if not written.strip():
            raise self.error(codes.EMPTY_TAG, "an empty scope protects nothing", _FORM, below)
        if "*" in written:
            hint = "name the scope; `petsapi/*` may stand only in `permissions`"
            raise self.error(codes.INVALID_SCOPE, f"`{written}` is not one scope", hint, below)
        if written.startswith(f"{DERIVED_SERVER}/"):
            hint = "scopegen names these itself: write `{allOf: [...]}`"
            raise self.error(codes.RESERVED_SCOPE, f"`{written}` is a reserved name", hint, below)
        if is_reserved(written):
            return Scope("", written)
        if "/" not in written:
            if written.lower() in _WORDS and self.written(below)[:1] not in _QUOTES:
                hint = "other YAML readers take it for true, false or null: quote it, or better choose another name"
                raise self.error(codes.MALFORMED_TAG, f"`{written}` is hardly meant as a scope", hint, below)
            if not self.server:
                hint = f"write `{{{written}: ...}}`" if written in _KEYS else "write it as `<resource-server>/<scope>`"
                raise self.error(codes.UNQUALIFIED_SCOPE, f"`{written}` is not a scope", hint, below)
            written = f"{self.server}/{written}"
        problem, hint = scope_problem(written)
        if problem:
            raise self.error(codes.INVALID_SCOPE, problem, hint, below)
        return Scope.parse(written)

    def written(self, below: str) -> str:
        """A part of the tag as its author wrote it."""
        return self.document.written(self.at(below))

    def key_error(self, key: str, problem: str, hint: str) -> TagError:
        where = self.at(pointer(key))._replace(part="key")
        return TagError(codes.MALFORMED_TAG.at(where, f"`{key}` {problem}", hint, self.subject))

    def error(self, rule: Rule, message: str, hint: str, below: str = "") -> TagError:
        return TagError(rule.at(self.at(below), message, hint, self.subject))


def scope_problem(written: str) -> tuple[str, str]:
    """Why Cognito cannot carry a qualified scope, and what to do; two empty texts where it can."""
    server, _, name = written.rpartition("/")
    computed = "${" in written or "{{" in written
    if computed or not limits.IDENTIFIER.fullmatch(server) or not limits.SCOPE_NAME.fullmatch(name):
        if not server or not name:
            return (
                f"`{written}` lacks {'a resource server' if not server else 'a scope'}",
                "write `<resource-server>/<scope>`",
            )
        hint = 'a scope is printable ASCII without space, `"`, `\\`, `${` and `{{`; the resource server ends at the last `/`'
        return f"`{written}` has characters or a length that Cognito or a template refuses", hint
    if len(written) > limits.CLIENT_SCOPE_LENGTH:
        hint = f"Cognito takes {limits.CLIENT_SCOPE_LENGTH} characters, resource server and `/` included"
        return f"`{written[:40]}...` is {len(written)} characters long", hint
    return "", ""
