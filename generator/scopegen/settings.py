"""What `scopegen.yaml` says, as values: who is granted what, and how each API is deployed. Everything has a default."""

from typing import Literal, NamedTuple

from scopegen.diagnostics import Location, Severity
from scopegen.document import Json
from scopegen.model import ClientKind

DEFAULT_SPECS = ("specs/*.{yaml,yml,json}",)
Properties = dict[str, Json]
NONE: Properties = {}


class Named(NamedTuple):
    """A text written in the configuration, and where."""

    text: str
    location: Location


class ServerSettings(NamedTuple):
    """A resource server: its name for people, the scopes declared on it (name -> description)."""

    identifier: str
    name: str
    scopes: dict[str, str]
    existing: bool
    location: Location


class PermissionSettings(NamedTuple):
    """A permission, the scopes it grants as written, the Cognito group it is."""

    name: str
    grants: tuple[Named, ...]
    group: str
    existing: bool
    location: Location


class ClientSettings(NamedTuple):
    """An app client as written."""

    name: str
    kind: ClientKind
    scopes: tuple[Named, ...]
    operations: tuple[Named, ...]
    callback_urls: tuple[Named, ...]
    logout_urls: tuple[Named, ...]
    token_minutes: int | None
    existing: bool
    properties: Properties
    location: Location


class Cors(NamedTuple):
    """Origins that browsers may call from, headers they may send, seconds they may remember it."""

    origins: tuple[Named, ...]
    headers: tuple[str, ...] = ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Api-Key")
    max_age: int | None = None


class ApiSettings(NamedTuple):
    """One API: its document and how it is deployed. `integration` is `mock`, `lambda` or a base URL."""

    name: str
    spec: str
    untagged: Literal["error", "security"] = "error"
    documentation: Literal["keep", "strip"] = "keep"
    integration: str = "mock"
    cors: Cors | None = None
    stage: str = "prod"
    stage_properties: Properties = NONE
    properties: Properties = NONE
    salt: str = ""
    location: Location | None = None


class Override(NamedTuple):
    """Another severity for the findings of a rule."""

    rule: str
    severity: Severity
    location: Location


class Suppression(NamedTuple):
    """Findings of a rule that were looked at and are as they should be, on one operation or at one place of a file.

    `operation` is written as clients write them. `expires` is the last day it counts, as `2027-01-31`; empty: for ever.
    """

    rule: str
    operation: str
    file: str
    at: str
    reason: str
    expires: str
    location: Location


class LintSettings(NamedTuple):
    """What the workspace says about findings."""

    overrides: tuple[Override, ...] = ()
    suppressions: tuple[Suppression, ...] = ()


class Settings(NamedTuple):
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
    pool_properties: Properties = NONE
    trigger_properties: Properties = NONE
    apis: tuple[ApiSettings, ...] = ()
    lint: LintSettings = LintSettings()

    def api(self, name: str) -> ApiSettings:
        """The API of that name, which must exist."""
        return next(api for api in self.apis if api.name == name)

    def client(self, name: str) -> ClientSettings:
        """The client of that name, which must exist."""
        return next(client for client in self.clients if client.name == name)
