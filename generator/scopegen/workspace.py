"""Which files belong together. In: a workspace that was found. Out: its settings, and its APIs by name."""

import posixpath
import re
from math import prod

from scopegen import codes, config
from scopegen.diagnostics import Location, Report, pointer
from scopegen.locate import ACCEPTED_FILE, BASELINE_FILE, CONFIG_FILE, Found, UsageError
from scopegen.settings import DEFAULT_SPECS, ApiSettings, Settings
from scopegen.source import Source
from scopegen.tree import Tree

NOTHING_MATCHES = "no file matches `specs`"
API_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_FOLDER_SPEAKS = ("openapi", "swagger", "api", "spec", "index")
_MOST_PATTERNS = 1000
_WILDCARD = re.compile(r"[*?\[{]")
_BRACES = re.compile(r"\{([^{}]*)\}")


def read(tree: Tree, found: Found, sources: dict[str, Source], report: Report) -> Settings:
    """The workspace's settings with one ApiSettings per document; what is wrong with them is in the report."""
    if not found.config:
        settings = Settings(apis=tuple(_named(spec) for spec in dict.fromkeys(found.specs)))
        _check_unique(settings, report)
        return settings
    settings = config.read(tree, found.config, sources, report)
    for named in settings.specs:
        if prod(group.count(",") + 1 for group in _BRACES.findall(named.text)) > _MOST_PATTERNS:
            hint = "use `*`, or list the files"
            report.add(codes.INVALID_CONFIG.at(named.location, "braces that stand for too many patterns", hint))
    report.stop_on_error()
    files = _spec_files(tree, settings, found.config)
    outside = [spec for spec in found.specs if spec not in files]
    if outside:
        raise UsageError(f"{outside[0]} is not among the specs of {found.config}")
    for named in settings.specs:
        if not _WILDCARD.search(named.text) and not tree.glob(named.text):
            hint = "correct it, or remove it: the outputs of its API are removed then"
            report.add(codes.NO_SPECS.at(named.location, f"`{named.text}` does not exist", hint))
    if not files:
        where = Location(found.config, "/specs") if settings.specs else Location(found.config)
        report.add(codes.NO_SPECS.at(where, NOTHING_MATCHES, "the default is `specs/*.{yaml,yml,json}`"))
    return _with_apis(settings, files, report)


def patterns(settings: Settings) -> list[str]:
    """The patterns of `specs`, with braces written out."""
    written = [named.text for named in settings.specs] or list(DEFAULT_SPECS)
    return [pattern for text in written for pattern in expand(text)]


def expand(pattern: str) -> list[str]:
    """`a.{yaml,json}` -> `a.yaml`, `a.json`."""
    match = _BRACES.search(pattern)
    if match is None:
        return [pattern]
    return [
        one for part in match[1].split(",") for one in expand(pattern[: match.start()] + part + pattern[match.end() :])
    ]


def _spec_files(tree: Tree, settings: Settings, config_file: str) -> list[str]:
    found = {path for pattern in patterns(settings) for path in tree.glob(pattern)}
    named = {posixpath.normpath(api.spec) for api in settings.apis if api.spec}
    own = posixpath.normpath(settings.output) + "/"
    return sorted(
        path
        for path in found | named
        if path not in (config_file, ACCEPTED_FILE, BASELINE_FILE) and not path.startswith(own)
    )


def _with_apis(settings: Settings, files: list[str], report: Report) -> Settings:
    by_spec: dict[str, ApiSettings] = {}
    for api in (api for api in settings.apis if api.spec):
        where = Location(settings.file, pointer("apis", api.name, "spec"))
        spec = posixpath.normpath(api.spec)
        first = by_spec.setdefault(spec, api)
        if first is not api:
            hint = "a document is one API: remove one of the two"
            report.add(codes.INVALID_CONFIG.at(where, f"`{api.spec}` is the spec of `{first.name}` already", hint))
        if spec not in files:
            hint = "outputs are not read as specs: move it elsewhere"
            report.add(codes.INVALID_CONFIG.at(where, f"`{api.spec}` lies in the output folder", hint))
    by_name = {api.name: api for api in settings.apis if not api.spec}
    apis = []
    for file in files:
        api = by_spec.get(file) or _named(file)
        apis.append(by_name.pop(api.name, api)._replace(spec=file))
    for name, api in by_name.items():
        names = ", ".join(f"`{other.name}`" for other in apis)
        report.add(codes.INVALID_CONFIG.at(api.location, f"no spec is named `{name}`", f"the APIs are {names}"))
    settings = settings._replace(apis=tuple(sorted(apis, key=lambda api: api.name)))
    _check_unique(settings, report)
    return settings


def _named(file: str) -> ApiSettings:
    stem = posixpath.basename(file).rsplit(".", 1)[0]
    folder = posixpath.basename(posixpath.dirname(file))
    name = (folder if stem.lower() in _FOLDER_SPEAKS and folder else stem).lower()
    return ApiSettings(name, file)


def _check_unique(settings: Settings, report: Report) -> None:
    seen: dict[str, ApiSettings] = {}
    for api in settings.apis:
        where = Location(settings.file, pointer("apis", api.name), "key") if api.location else Location(api.spec)
        hint = f"name it in {settings.file or CONFIG_FILE}: `apis: {{a-name: {{spec: {api.spec}}}}}`"
        if api.name in ("identity",) or not API_NAME.fullmatch(api.name):
            report.add(codes.BAD_API_NAME.at(where, f"`{api.name}` cannot name an API", hint))
        first = seen.setdefault(api.name.casefold(), api)
        if first is not api:
            report.add(
                codes.BAD_API_NAME.at(where, f"`{first.spec}` and `{api.spec}` are both named `{api.name}`", hint)
            )
