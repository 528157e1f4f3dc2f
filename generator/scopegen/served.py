"""A build as it runs on this machine. In: a Build and its artifacts. Out: Served: APIs, app clients, groups, the trigger.

What is enforced is read from the bytes of the artifacts; the model only says what things are called.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scopegen.artifacts import Artifact, Build
from scopegen.clients import DEFAULT_USER_SCOPES
from scopegen.diagnostics import Location
from scopegen.document import Json, mapping, sequence, text
from scopegen.importable.integrations import KEY
from scopegen.model import AnyOf, Client, ClientKind, Model, Operation, Public, Requirement, Scope
from scopegen.proof.reading import read_json
from scopegen.routing import Routes
from scopegen.targets.apigateway import AUTHORIZER
from scopegen.targets.identity import client_scopes
from scopegen.walk import ANY_METHOD

LOCAL = "_local"
_HOUR = 60  # minutes: what Cognito gives where nobody says otherwise


class App(NamedTuple):
    """An app client. Here its id is its name; `scopes` is what it may ask for, `minutes` how long its tokens live."""

    name: str
    kind: ClientKind
    scopes: frozenset[str]
    callback_urls: tuple[str, ...]
    logout_urls: tuple[str, ...]
    minutes: int


class Method(NamedTuple):
    """A method of an import spec. `guard` is what the spec requires, `operation` the model's, which a preflight has not.

    `supplied` if the document has no integration of its own, `keyed` if the method asks for an API key as well.
    """

    guard: Operation
    operation: Operation | None
    spec: dict[str, Json]
    supplied: bool
    keyed: bool

    @property
    def integration(self) -> dict[str, Json]:
        return mapping(self.spec.get(KEY))


class Api:
    """One import spec under its stage. `routes` finds a guard, `methods` has what belongs to it by its key.

    `variables` are those of the stage that are known before it is deployed, `token_header` the header that has the
    token, in lower case: the security scheme of the import spec names it.
    """

    def __init__(
        self,
        name: str,
        stage: str,
        spec: dict[str, Json],
        methods: Iterable[Method],
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.stage, self.spec, self.variables = name, stage, spec, dict(variables or {})
        schemes = mapping(mapping(spec.get("components")).get("securitySchemes"))
        self.token_header = text(mapping(schemes.get(AUTHORIZER)).get("name")).lower()
        self.methods = {one.guard.key: one for one in methods}
        self.routes = Routes(one.guard for one in self.methods.values())
        self._alike: dict[tuple[str, str, str], list[Method]] = {}
        for one in self.methods.values():
            self._alike.setdefault(_folded(one.guard).key, []).append(one)
        self._folded = Routes(_folded(one.guard) for one in self.methods.values())

    def find(self, method: str, path: str) -> Method | None:
        """The method that answers a request; `path` is concrete, without the stage."""
        guard = self.routes.find(method, path)
        return None if guard is None else self.methods[guard.key]

    def alike(self, method: str, path: str) -> list[Method]:
        """The methods that answer where capital letters and small ones are the same."""
        guard = self._folded.find(method, path.lower())
        return [] if guard is None else self._alike[guard.key]


def _folded(guard: Operation) -> Operation:
    """A guard of a path in small letters."""
    return Operation(guard.api, guard.path.lower(), guard.method, guard.operation_id, guard.requirement, guard.source)


class Served:
    """Everything that runs. `permissions` maps each to its Cognito group, `groups` are these, `trigger` is the code of the
    Lambda function, `environment` what that finds in its environment."""

    def __init__(
        self, model: Model, apis: Iterable[Api], apps: Iterable[App], trigger: bytes, environment: dict[str, str]
    ) -> None:
        self.model, self.trigger, self.environment = model, trigger, environment
        self.apis = {one.name: one for one in apis}
        self.apps = {one.name: one for one in apps}
        self.permissions = {one.name: one.group for one in model.permissions}
        self.groups = sorted(self.permissions.values())


def served(build: Build, artifacts: Iterable[Artifact], only: frozenset[str] | None = None) -> Served:
    """What a build runs as; with `only` nothing but these APIs."""
    contents = {one.path: one.content for one in artifacts}
    names = [api.name for api in build.settings.apis if only is None or api.name in only]
    apis = [_api(build, name, read_json(contents[f"{name}/openapi.json"])) for name in names]
    apps = _apps(build)
    ids = ",".join(one.name for one in apps if one.kind == "user")
    environment = {"API_CLIENT_IDS": ids} if build.settings.existing_pool else {}
    return Served(build.model, apis, apps, contents["identity/scope_map.py"], environment)


def _apps(build: Build) -> list[App]:
    """The app clients; where nobody could sign in through one of them, one more that exists on this machine only.

    It has no URL to be sent to, so tokens come from `scopegen token`, the console and `scopegen.testing` alone. No client
    of a workspace can have its name, which begins with neither a letter nor a digit.
    """
    apps = [_app(build, client) for client in build.model.clients]
    if any(one.kind == "user" for one in apps):
        return apps
    return [*apps, App(LOCAL, "user", frozenset(map(str, DEFAULT_USER_SCOPES)), (), (), _HOUR)]


def _app(build: Build, client: Client) -> App:
    settings = build.settings.client(client.name)
    return App(
        client.name,
        client.kind,
        frozenset(client_scopes(build.model, client)),
        tuple(one.text for one in settings.callback_urls),
        tuple(one.text for one in settings.logout_urls),
        client.token_minutes or _HOUR,
    )


def _api(build: Build, name: str, spec: dict[str, Json]) -> Api:
    known = {one.key: one for one in build.model.operations if one.api == name}
    imported = build.imports[name].paths
    methods = [
        _method(name, path, key, mapping(item), known, imported[path][key].supplied)
        for path, keys in mapping(spec["paths"]).items()
        for key, item in mapping(keys).items()
    ]
    settings = build.settings.api(name)
    written = mapping(settings.stage_properties.get("Variables"))
    known_now = {key: value for key, value in written.items() if isinstance(value, str)}
    return Api(name, settings.stage, spec, methods, known_now)


def _method(
    api: str, path: str, key: str, spec: dict[str, Json], known: dict[tuple[str, str, str], Operation], supplied: bool
) -> Method:
    method = "ANY" if key == ANY_METHOD else key.upper()
    operation = known.get((api, path, method))
    entries = [mapping(entry) for entry in sequence(spec["security"])]
    is_preflight = operation is None and method == "OPTIONS"
    reason = operation.requirement.reason if operation and isinstance(operation.requirement, Public) else ""
    requirement = _requirement(entries, "preflight" if is_preflight else reason)
    name, place = text(spec.get("operationId")), Location(f"{api}/openapi.json")
    guard = Operation(api, path, method, name, requirement, operation.source if operation else place)
    return Method(guard, operation, spec, supplied, any(AUTHORIZER not in entry for entry in entries))


def _requirement(entries: list[dict[str, Json]], reason: str) -> Requirement:
    """What the entries of `security` ask for: an authorizer's scopes, any of them.

    An authorizer without scopes is a bug, and so is none where the model knows no `reason` why: ValueError.
    """
    guarded = [sequence(entry[AUTHORIZER]) for entry in entries if AUTHORIZER in entry]
    if not guarded:
        return Public(reason)
    return AnyOf([Scope.parse(text(scope))] for scopes in guarded for scope in scopes)
