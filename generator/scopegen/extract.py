"""What every operation requires. In: a self-contained document. Out: Operations, or the reason why one cannot be known."""

from collections.abc import Iterator

from scopegen import codes
from scopegen.around import FOREIGN_AUTH
from scopegen.diagnostics import Diagnostic, Report, Severity, pointer
from scopegen.document import Document, Json, mapping, sequence, text
from scopegen.limits import IDENTIFIER
from scopegen.misplaced import misplaced
from scopegen.model import AnyOf, Operation, Public, Requirement
from scopegen.names import is_reserved, is_reserved_server, unreadable
from scopegen.security import Reader
from scopegen.semantics import operations, semantics
from scopegen.settings import ApiSettings
from scopegen.survey import SERVER_TAG, TAG
from scopegen.tags import Tag, TagError
from scopegen.walk import ANY_METHOD

INTEGRATION = "x-amazon-apigateway-integration"
PREFLIGHT = "CORS preflight"
_UNKNOWN_SERVER = "unknown"  # completes short names where nothing else is reported but what is wrong with the real one
BY_SECURITY = "`security: []` in the document"


def extract(document: Document, api: ApiSettings, report: Report) -> list[Operation]:
    """The operations of one API, in document order; what keeps one from being known is in the report."""
    report.add(*semantics(document), *misplaced(document.original))
    extractor = _Extractor(document, api, report)
    entries = operations(document)
    if not entries:
        where = document.at("/paths" if "paths" in document.data else "")
        hint = "API Gateway deploys nothing without a method"
        report.add(codes.NO_OPERATIONS.at(where, f"`{api.name}` has no operation", hint))
    found = [extractor.operation(*entry) for entry in entries]
    return [operation for operation in found if operation is not None]


def method_name(key: str) -> str:
    """`get` -> `GET`; API Gateway's catch-all is `ANY`."""
    return "ANY" if key == ANY_METHOD else key.upper()


def is_preflight(key: str, data: dict[str, Json]) -> bool:
    """An OPTIONS without a tag that nothing but API Gateway itself would answer."""
    mocked = INTEGRATION not in data or text(mapping(data[INTEGRATION]).get("type")).lower() == "mock"
    return key == "options" and TAG not in data and mocked


class _Extractor:
    """Reads one document; what it says once for many operations (schemes, defaults) is read once."""

    def __init__(self, document: Document, api: ApiSettings, report: Report) -> None:
        self.document, self.api, self.report = document, api, report
        self.security = Reader(document)
        self.server = self._server()
        self.items = mapping(document.data.get("paths"))
        self.broken: set[str] = set()
        self.known: dict[str, Requirement] = {}
        self.root_default = self._default(document.data, "")
        self.defaults = {
            path: self._default(mapping(item), pointer("paths", path)) for path, item in self.items.items()
        }

    def operation(self, path: str, key: str, data: dict[str, Json]) -> Operation | None:
        one = _One(self, path, key, data)
        name = text(data.get("operationId"))
        if problem := unreadable(name):
            where = self.document.at(f"{one.here}/operationId")
            self.report.add(
                codes.MISLEADING_NAME.at(where, f"`{name}` has {problem}", "write it with plain letters", one.subject)
            )
        requirement = one.requirement()
        if requirement is None:
            return None
        where, tags = self.document.at(one.here, "key"), tuple(filter(None, map(text, sequence(data.get("tags")))))
        return Operation(self.api.name, path, one.method, name, requirement, where, tags)

    def tag(self, value: Json, above: str, subject: str) -> Tag:
        return Tag(value, self.server, subject, self.document, lambda below: self.document.at(f"{above}/{TAG}{below}"))

    def required(self, value: Json, above: str, subject: str) -> Requirement:
        """What a tag means; TagError. What a scope with its resource server means is the same wherever it stands."""
        if not isinstance(value, str) or "/" not in value:
            return self.tag(value, above, subject).requirement()
        if value not in self.known:
            self.known[value] = self.tag(value, above, subject).requirement()
        return self.known[value]

    def _server(self) -> str:
        """The root's `x-resource-server`, which completes short names; empty where there is none."""
        if SERVER_TAG not in self.document.data:
            return ""
        value = self.document.data[SERVER_TAG]
        where = self.document.at(f"/{SERVER_TAG}")
        if not isinstance(value, str) or not IDENTIFIER.fullmatch(value) or "*" in value:
            hint = "write the identifier of the resource server, as in `petsapi`"
            self.report.add(codes.MALFORMED_TAG.at(where, f"`{SERVER_TAG}` names no resource server", hint))
            return _UNKNOWN_SERVER
        if is_reserved_server(value):
            hint = "choose another: Cognito or scopegen keeps this one"
            self.report.add(codes.RESERVED_SCOPE.at(where, f"`{value}` is a reserved name", hint))
            return _UNKNOWN_SERVER
        return value

    def _default(self, holder: dict[str, Json], above: str) -> AnyOf | None:
        """The tag of a path item or of the root; only scopes are inherited."""
        if TAG not in holder:
            return None
        value = holder[TAG]
        try:
            requirement = self.tag(value, above, "").requirement()
        except TagError as error:
            self.report.add(error.found)
            self.broken.add(above)
            return None
        if isinstance(requirement, Public) or (isinstance(value, dict) and "authenticated" in value):
            message = f"`{next(iter(mapping(value)))}` is never inherited"
            hint = "write it on each operation that it is meant for"
            self.report.add(codes.INHERITED_PUBLIC.at(self.document.at(f"{above}/{TAG}"), message, hint))
            self.broken.add(above)
            return None
        return requirement


class _One:
    """One operation while its requirement is found."""

    def __init__(self, extractor: _Extractor, path: str, key: str, data: dict[str, Json]) -> None:
        self.all, self.document, self.report = extractor, extractor.document, extractor.report
        self.path, self.key, self.data = path, key, data
        self.here = pointer("paths", path, key)
        self.method = method_name(key)
        self.subject = f"{self.method} {path}"
        self.item = mapping(extractor.items[path])
        self.security = extractor.security.of(path, key, data)

    def requirement(self) -> Requirement | None:
        """The tag, an inherited one, or the `security` of the operation; None where the report says why not."""
        found = [*self.foreign(), *self.schemes()]
        self.report.add(*found)
        refused = any(diagnostic.severity is Severity.ERROR for diagnostic in found)
        if refused and self.reads_security:
            return None
        try:
            requirement = self.stated()
        except TagError as error:
            self.report.add(error.found)
            return None
        return None if refused else requirement

    @property
    def reads_security(self) -> bool:
        """Whether the operation's `security` is what says who may call it."""
        holders = (self.data, self.item, self.document.data) if self.key != "options" else (self.data,)
        if any(TAG in holder for holder in holders) or is_preflight(self.key, self.data):
            return False
        stands = self.security is not None and (self.security.own or self.key != "options")
        return stands and self.all.api.untagged == "security"

    def stated(self) -> Requirement | None:
        if is_preflight(self.key, self.data):
            return self.preflight()
        tag = self.tag()
        if tag is not None:
            self.contradiction(tag)
            return tag
        return None if self.relies_on_broken_default() else self.untagged()

    def tag(self) -> Requirement | None:
        """The nearest tag: on the operation, on the path item, at the root. An OPTIONS inherits none."""
        if TAG in self.data:
            return self.all.required(self.data[TAG], self.here, self.subject)
        return None if self.key == "options" else self.all.defaults[self.path] or self.all.root_default

    def relies_on_broken_default(self) -> bool:
        return self.key != "options" and not self.all.broken.isdisjoint({"", pointer("paths", self.path)})

    def untagged(self) -> Requirement:
        """What an operation without any tag requires; TagError unless its own `security` says it."""
        security = self.security
        if security is not None and security.is_open:
            hint = "say why: `x-required-scope: {public: a reason}`"
            message = f"`{self.subject}` is public by `security: []`, for no stated reason"
            self.report.add(codes.PUBLIC_BY_SECURITY.at(self.document.at(security.place), message, hint, self.subject))
            return Public(BY_SECURITY)
        if security is not None and self.reads_security:
            return self.all.security.requirement(security, self.all.server, self.here, self.subject)
        hint = f"tag it: `{TAG}: <resource-server>/<scope>`, or `{{public: a reason}}`"
        if security is not None and not security.own:
            hint += "; do not rely on `security` at the root, which API Gateway says it ignores"
        where = self.document.at(self.here, "key")
        raise TagError(codes.UNTAGGED_OPERATION.at(where, f"`{self.subject}` has no `{TAG}`", hint, self.subject))

    def preflight(self) -> Requirement:
        if self.security is not None and self.security.own and not self.security.lets_everybody_in:
            hint = "browsers send no token and no key with a preflight: remove `security`, or tag the operation"
            raise TagError(self.contradicts("a preflight that asks for credentials", hint))
        return Public(PREFLIGHT)

    def contradiction(self, tag: Requirement) -> None:
        """Hold the tag against the operation's own `security`; schemes without scopes never contradict."""
        if self.security is None or not self.security.own:
            return
        if self.security.is_open and isinstance(tag, AnyOf):
            raise TagError(self.contradicts("`security: []` beside a tag", "remove one of the two"))
        written = self.all.security.scopes(self.security)
        if not written or (isinstance(tag, AnyOf) and self.same(tag, written)):
            return
        said = " or ".join(sorted(" and ".join(sorted(scopes)) for scopes in written))
        message, hint = f"`security` asks for `{said}`, the tag for something else", "make the two agree"
        if self.all.api.untagged == "security":
            raise TagError(self.contradicts(message, hint))
        self.report.add(self.contradicts(message, hint, Severity.WARNING))

    def contradicts(self, message: str, hint: str, severity: Severity | None = None) -> Diagnostic:
        where = self.document.at(self.security.place if self.security else self.here)
        return codes.CONTRADICTING_SECURITY.at(where, message, hint, self.subject, severity)

    def same(self, tag: AnyOf, written: frozenset[frozenset[str]]) -> bool:
        """Whether a tag and `security` name the same scopes: short names completed, or alike where nothing completes them."""
        server = self.all.server
        full = frozenset(frozenset(str(scope) for scope in parts) for parts in tag.alternatives)
        if not server:
            short = frozenset(frozenset(scope.name for scope in parts) for parts in tag.alternatives)
            return written in (full, short)
        completed = frozenset(
            frozenset(scope if "/" in scope or is_reserved(scope) else f"{server}/{scope}" for scope in parts)
            for parts in written
        )
        return full == completed

    def foreign(self) -> Iterator[Diagnostic]:
        """API Gateway's own key for another kind of authorization, on the operation or around it."""
        hint = "remove it: scopegen puts a Cognito authorizer on every protected operation"
        around = (
            (self.data, self.here, self.subject),
            (self.item, pointer("paths", self.path), ""),
            (self.document.data, "", ""),
        )
        for holder, place, subject in around:
            if FOREIGN_AUTH in holder:
                where = self.document.at(f"{place}/{FOREIGN_AUTH}", "key")
                message = f"`{FOREIGN_AUTH}` is another authorizer"
                yield codes.FOREIGN_AUTHORIZER.at(where, message, hint, subject)

    def schemes(self) -> Iterator[Diagnostic]:
        """Schemes that `security` names and that cannot stand beside our authorizer as they are."""
        if self.security is not None and (self.security.own or not is_preflight(self.key, self.data)):
            yield from self.all.security.problems(self.security, self.subject, is_read=self.reads_security)
