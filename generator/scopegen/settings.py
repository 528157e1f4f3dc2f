"""What `scopegen.yaml` says, as values: who is granted what, and how each API is deployed. Everything has a default."""

from dataclasses import dataclass, field
from typing import Literal

from scopegen.diagnostics import Location
from scopegen.document import Json
from scopegen.model import ClientKind

DEFAULT_SPECS = ("specs/*.{yaml,yml,json}",)
Properties = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Named:
    """A text written in the configuration, and where."""

    text: str
    location: Location


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """A resource server: its name for people, the scopes declared on it (name -> description)."""

    identifier: str
    name: str
    scopes: dict[str, str]
    existing: bool
    location: Location


@dataclass(frozen=True, slots=True)
class PermissionSettings:
    """A permission, the scopes it grants as written, the Cognito group it is."""

    name: str
    grants: tuple[Named, ...]
    group: str
    existing: bool
    location: Location


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """An app client as written."""

    name: str
    kind: ClientKind
    scopes: tuple[Named, ...]
    operations: tuple[Named, ...]
    callback_urls: tuple[Named, ...]
    logout_urls: tuple[Named, ...]
    token_minutes: int
    existing: bool
    properties: Properties
    location: Location


@dataclass(frozen=True, slots=True)
class Cors:
    """Origins that browsers may call from, headers they may send, seconds they may remember it."""

    origins: tuple[Named, ...]
    headers: tuple[str, ...] = ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Api-Key")
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """One API: its document and how it is deployed. `integration` is `mock`, `lambda` or a base URL."""

    name: str
    spec: str
    untagged: Literal["error", "security"] = "error"
    integration: str = "mock"
    cors: Cors | None = None
    stage: str = "prod"
    stage_properties: Properties = field(default_factory=dict)
    properties: Properties = field(default_factory=dict)
    salt: str = ""
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole `scopegen.yaml`, or the defaults where there is none (`file` is empty then)."""

    file: str = ""
    specs: tuple[Named, ...] = ()
    output: str = "build"
    servers: tuple[ServerSettings, ...] = ()
    permissions: tuple[PermissionSettings, ...] | None = None
    clients: tuple[ClientSettings, ...] = ()
    domain: str = ""
    existing_pool: bool = False
    open_sign_up: bool = False
    pool_properties: Properties = field(default_factory=dict)
    trigger_properties: Properties = field(default_factory=dict)
    apis: tuple[ApiSettings, ...] = ()

    def api(self, name: str) -> ApiSettings:
        """The API of that name, which must exist."""
        return next(api for api in self.apis if api.name == name)

    def client(self, name: str) -> ClientSettings:
        """The client of that name, which must exist."""
        return next(client for client in self.clients if client.name == name)
