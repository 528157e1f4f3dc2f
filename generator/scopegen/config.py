"""`scopegen.yaml` -> Settings. In: the workspace's tree. Out: values, or diagnostics for every key that is not understood."""

import posixpath
from collections.abc import Iterator

from scopegen import codes, lint_section
from scopegen.diagnostics import Diagnostic, Location, Part, Report, pointer
from scopegen.document import Json, mapping, sequence, text
from scopegen.model import ClientKind
from scopegen.names import unreadable
from scopegen.schema_errors import findings, own_schema
from scopegen.settings import (
    ApiSettings,
    ClientSettings,
    Cors,
    Named,
    PermissionSettings,
    ServerSettings,
    Settings,
)
from scopegen.source import Source, load
from scopegen.tree import Tree

RESOLVE = "{{resolve:"
_TOKEN_MINUTES: dict[ClientKind, int] = {"user": 15, "machine": 60}


def read(tree: Tree, file: str, sources: dict[str, Source], report: Report) -> Settings:
    """What the configuration says; the defaults where it does not load, with the reason in the report."""
    source = load(tree, file, sources, report, empty={})
    if source is None:
        return Settings(file)

    def at(path: str, part: Part) -> Location:
        return Location(file, path, part)

    invalid = list(findings(source.data, own_schema("scopegen"), codes.INVALID_CONFIG, at))
    report.add(*invalid)
    if invalid:
        return Settings(file)
    report.add(*_dynamic_references(source.data, file, ""))
    settings = _Reader(file).settings(mapping(source.data))
    _check_paths(settings, report)
    report.add(*lint_section.problems(settings.lint))
    return settings


class _Reader:
    """Reads a configuration that its schema has accepted."""

    def __init__(self, file: str) -> None:
        self.file = file

    def settings(self, data: dict[str, Json]) -> Settings:
        pool = mapping(data.get("user-pool"))
        permissions = data.get("permissions")
        return Settings(
            file=self.file,
            specs=self.names(data, "specs"),
            output=text(data.get("output")) or "build",
            servers=tuple(self.server(*entry) for entry in self.entries(data, "resource-servers")),
            permissions=None
            if permissions is None
            else tuple(self.permission(*e) for e in self.entries(data, "permissions")),
            clients=tuple(self.client(*entry) for entry in self.entries(data, "clients")),
            domain=text(pool.get("domain")),
            existing_pool=pool.get("existing") is True,
            open_sign_up=pool.get("sign-up") == "open",
            pool_properties=mapping(pool.get("properties")),
            trigger_properties=mapping(mapping(data.get("trigger")).get("properties")),
            apis=tuple(self.api(*entry) for entry in self.entries(data, "apis")),
            lint=lint_section.read(mapping(data.get("lint")), self.file),
        )

    def entries(self, data: dict[str, Json], section: str) -> list[tuple[str, Json, str]]:
        return [(name, value, pointer(section, name)) for name, value in mapping(data.get(section)).items()]

    def at(self, path: str) -> Location:
        return Location(self.file, path, "key")

    def names(self, data: dict[str, Json], key: str, path: str = "") -> tuple[Named, ...]:
        items = sequence(data.get(key))
        return tuple(Named(text(item), Location(self.file, path + pointer(key, i))) for i, item in enumerate(items))

    def server(self, identifier: str, value: Json, path: str) -> ServerSettings:
        data = mapping(value)
        scopes = {name: text(description) for name, description in mapping(data.get("scopes")).items()}
        return ServerSettings(identifier, text(data.get("name")), scopes, data.get("existing") is True, self.at(path))

    def permission(self, name: str, value: Json, path: str) -> PermissionSettings:
        data = mapping(value)
        if isinstance(value, list):
            grants = self.names({name: value}, name, path.rpartition("/")[0])
        else:
            grants = self.names(data, "scopes", path)
        existing = data.get("existing") is True
        return PermissionSettings(name, grants, text(data.get("group")) or name, existing, self.at(path))

    def client(self, name: str, value: Json, path: str) -> ClientSettings:
        data = mapping(value)
        kind: ClientKind = "machine" if data.get("kind") == "machine" else "user"
        existing, minutes = data.get("existing") is True, data.get("token-minutes")
        default = None if existing else _TOKEN_MINUTES[kind]
        return ClientSettings(
            name=name,
            kind=kind,
            scopes=self.names(data, "scopes", path),
            operations=self.names(data, "operations", path),
            callback_urls=self.names(data, "callback-urls", path),
            logout_urls=self.names(data, "logout-urls", path),
            token_minutes=int(minutes) if isinstance(minutes, int | float) else default,
            existing=existing,
            properties=mapping(data.get("properties")),
            location=self.at(path),
        )

    def api(self, name: str, value: Json, path: str) -> ApiSettings:
        data = mapping(value)
        stage = mapping(data.get("stage"))
        return ApiSettings(
            name=name,
            spec=text(data.get("spec")),
            untagged="security" if data.get("untagged") == "security" else "error",
            documentation="strip" if data.get("documentation") == "strip" else "keep",
            integration=text(data.get("integration")) or "mock",
            cors=self.cors(mapping(data.get("cors")), path),
            stage=text(stage.get("name")) or "prod",
            stage_properties=mapping(stage.get("properties")),
            properties=mapping(data.get("properties")),
            salt=text(data.get("deployment-salt")),
            location=self.at(path),
        )

    def cors(self, data: dict[str, Json], path: str) -> Cors | None:
        if not data:
            return None
        origins = self.names(data, "allow-origins", path + "/cors")
        age = data.get("max-age")
        headers = tuple(sorted(text(header) for header in sequence(data.get("allow-headers"))))
        max_age = int(age) if isinstance(age, int | float) else None
        return Cors(origins, headers, max_age) if headers else Cors(origins, max_age=max_age)


def _dynamic_references(data: Json, file: str, here: str) -> Iterator[Diagnostic]:
    """Texts that CloudFormation would replace with a secret wherever they end up."""
    if isinstance(data, str) and RESOLVE in data:
        where = Location(file, here)
        yield codes.CLOUDFORMATION_INJECTION.at(where, f"`{RESOLVE}` in a text", "use a parameter of the stack")
    for key, value in mapping(data).items():
        if RESOLVE in key:
            where = Location(file, here + pointer(key), "key")
            yield codes.CLOUDFORMATION_INJECTION.at(where, f"`{RESOLVE}` in a text", "use a parameter of the stack")
        yield from _dynamic_references(value, file, here + pointer(key))
    for i, value in enumerate(sequence(data)):
        yield from _dynamic_references(value, file, f"{here}/{i}")


def _check_paths(settings: Settings, report: Report) -> None:
    for named in settings.specs:
        if not inside(named.text):
            report.add(codes.INVALID_CONFIG.at(named.location, f"`{named.text}` leads out of the workspace", _RELATIVE))
    for api in settings.apis:
        if api.spec and not inside(api.spec):
            where = Location(settings.file, pointer("apis", api.name, "spec"))
            report.add(codes.INVALID_CONFIG.at(where, f"`{api.spec}` leads out of the workspace", _RELATIVE))
    if problem := unreadable(settings.output):
        where = Location(settings.file, "/output")
        report.add(codes.INVALID_CONFIG.at(where, f"`output` has {problem}", "write it with plain letters"))
    if not inside(settings.output) or posixpath.normpath(settings.output) == ".":
        where = Location(settings.file, "/output")
        report.add(
            codes.INVALID_CONFIG.at(where, f"`{settings.output}` is not a folder inside the workspace", _RELATIVE)
        )


_RELATIVE = f"write a path below the folder of this file, as in `{'specs/pets.yaml'}`"


def inside(path: str) -> bool:
    """Whether a relative POSIX path stays below where it starts."""
    normal = posixpath.normpath(path)
    return not (posixpath.isabs(path) or normal == ".." or normal.startswith("../") or "\\" in path or "\0" in path)
