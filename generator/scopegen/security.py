"""OpenAPI's own `security`. In: an operation. Out: the schemes it names, and what they require in our terms."""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from scopegen import codes
from scopegen.diagnostics import Diagnostic, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.model import AnyOf, Requirement, Scope
from scopegen.tags import Tag, TagError

_AUTHORIZER = "x-amazon-apigateway-authorizer"
_AUTH_TYPE = "x-amazon-apigateway-authtype"
API_KEY_HEADER = "x-api-key"
_WRITE = "write what is required: `x-required-scope: ...`"


class Scheme(Enum):
    """What a security scheme is to API Gateway: only the first kind can carry a scope of ours."""

    SCOPED = "scoped"
    API_KEY = "api key"
    FOREIGN = "foreign"
    OTHER = "other"


def kind(scheme: dict[str, Json]) -> Scheme:
    """The kind of one security scheme object."""
    authorizer = mapping(scheme.get(_AUTHORIZER))
    auth_type = text(scheme.get(_AUTH_TYPE)).lower()
    if _AUTHORIZER in scheme or auth_type:
        named = text(authorizer.get("type")).lower() or auth_type
        return Scheme.SCOPED if named == "cognito_user_pools" else Scheme.FOREIGN
    if scheme.get("type") in ("oauth2", "openIdConnect"):
        return Scheme.SCOPED
    is_key = scheme.get("type") == "apiKey" and scheme.get("in") == "header"
    return Scheme.API_KEY if is_key and text(scheme.get("name")).lower() == API_KEY_HEADER else Scheme.OTHER


class Security(NamedTuple):
    """The `security` that counts for one operation; `own` if it stands on the operation itself."""

    alternatives: tuple[dict[str, Json], ...]
    own: bool
    place: str

    @property
    def is_open(self) -> bool:
        """`security: []` on the operation."""
        return self.own and not self.alternatives

    @property
    def lets_everybody_in(self) -> bool:
        """No alternative at all, or `{}` among them."""
        return not self.alternatives or {} in self.alternatives


class Reader:
    """Reads the security of one document's operations."""

    def __init__(self, document: Document) -> None:
        self.document = document
        schemes = mapping(mapping(document.data.get("components")).get("securitySchemes"))
        self.kinds = {name: kind(mapping(document.resolve(scheme))) for name, scheme in schemes.items()}

    def of(self, path: str, method: str, operation: dict[str, Json]) -> Security | None:
        """The operation's security, else the root's; None where neither stands."""
        own = "security" in operation
        value = operation["security"] if own else self.document.data.get("security")
        place = pointer("paths", path, method, "security") if own else "/security"
        if value is None and not own:
            return None
        # What is no list says nothing that can be relied on: the same as an alternative that lets everybody in.
        alternatives = value if isinstance(value, list) else [{}]
        return Security(tuple(mapping(item) for item in alternatives), own, place)

    def problems(self, security: Security, subject: str, *, is_read: bool) -> Iterable[Diagnostic]:
        """Other authorizers, which nothing may silently replace; schemes that do not exist; keys that become mandatory.

        Where `security` is read for what it requires, a scheme that does not exist is an error of its own.
        """
        subject = subject if security.own else ""
        for i, alternative in enumerate(security.alternatives):
            for name in alternative:
                where = self.document.at(security.place + pointer(i, name), "key")
                if name not in self.kinds and is_read:
                    continue
                if name not in self.kinds:
                    place = "securityDefinitions" if self.document.is_swagger else "components.securitySchemes"
                    hint = f"define it in `{place}`, or remove it"
                    yield codes.UNDEFINED_SCHEME.at(where, f"`{name}` is not a security scheme of this document", hint)
                elif self.kinds[name] is Scheme.FOREIGN:
                    hint = "remove it from `security`: scopegen puts a Cognito authorizer in its place"
                    yield codes.FOREIGN_AUTHORIZER.at(where, f"`{name}` is another authorizer", hint, subject)
        keyed = [self.has_api_key(item) for item in security.alternatives]
        if any(keyed) and not all(keyed):
            where = self.document.at(security.place)
            hint = "API Gateway has no alternatives here: it will ask every caller for the key"
            yield codes.API_KEY_ALTERNATIVE.at(where, "an API key that only one alternative asks for", hint, subject)

    def has_api_key(self, alternative: dict[str, Json]) -> bool:
        return any(self.kinds.get(name) is Scheme.API_KEY for name in alternative)

    def wants_api_key(self, security: Security | None) -> bool:
        """Whether API Gateway must ask for an API key: it is kept beside our authorizer."""
        return security is not None and any(self.has_api_key(item) for item in security.alternatives)

    def scopes(self, security: Security) -> frozenset[frozenset[str]]:
        """The scopes of every alternative that names some, as written, whatever the scheme: what a tag can contradict."""
        written = [
            frozenset(text(scope) for scopes in item.values() for scope in sequence(scopes))
            for item in security.alternatives
        ]
        return frozenset(scopes for scopes in written if scopes)

    def scoped(self, name: str) -> bool:
        return self.kinds.get(name) is Scheme.SCOPED

    def requirement(self, security: Security, server: str, here: str, subject: str) -> Requirement:
        """What `security` requires of the operation at pointer `here` under `untagged: security`. Drops nothing.

        TagError where our model cannot say it, or where the root of the operation's own file says something else.
        """
        where = self.document.at(here, "key")
        if not security.own and "security" in self.document.other_root(where):
            hint = f"write `security` on the operation, or tag it: only the root of `{self.document.file}` counts"
            message = f"`security` at the root of `{where.file}` does not count for `{subject}`"
            raise TagError(codes.INEXPRESSIBLE_SECURITY.at(where, message, hint, subject))
        if not security.alternatives:
            raise self.error(security, "", "`security: []` at the root does not make this operation public", subject)
        return AnyOf(self.alternative(security, i, server, subject) for i in range(len(security.alternatives)))

    def alternative(self, security: Security, index: int, server: str, subject: str) -> list[Scope]:
        item, here = security.alternatives[index], pointer(index)
        if len(item) != 1:
            message = "`{}` lets everybody in" if not item else "several schemes at once"
            raise self.error(security, here, message, subject)
        name, scopes = next(iter(item.items()))
        below = here + pointer(name)
        if name not in self.kinds:
            raise self.error(security, below, f"`{name}` is not a security scheme of this document", subject)
        if not self.scoped(name):
            raise self.error(security, below, f"`{name}` carries no scopes", subject)
        if not sequence(scopes):
            raise self.error(security, below, f"`{name}` without a scope admits every token", subject)
        tag = Tag(
            {"allOf": scopes},
            server,
            subject if security.own else "",
            self.document,
            lambda rest: self.document.at(security.place + below + rest[6:]),
        )
        try:
            single = len(sequence(scopes)) == 1
            return [tag.scope(text(sequence(scopes)[0]), "/allOf/0")] if single else tag.all_of({"allOf": scopes}, "")
        except TagError as error:
            if error.found.code == codes.UNQUALIFIED_SCOPE.code:
                hint = "name the resource server at the root of the document: `x-resource-server: petsapi`"
                raise TagError(error.found._replace(hint=hint)) from None
            raise

    def error(self, security: Security, below: str, message: str, subject: str) -> TagError:
        where = self.document.at(security.place + below)
        return TagError(codes.INEXPRESSIBLE_SECURITY.at(where, message, _WRITE, subject if security.own else ""))
