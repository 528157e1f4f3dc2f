"""What is compared. In: the names of BASE and HEAD. Out: two Sides: models with the sources they were read from.

A name is a folder with a workspace, a spec, an `access.json`, `REVISION`, `REVISION:PATH`, and for both `A..B` or `A...B`.
What lies on the disk is never taken for a revision, nor a folder for a workspace around it: two names must never turn
out to be the same thing.
"""

import posixpath
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import click

from scopegen import access_file, git, pipeline
from scopegen.artifacts import Build
from scopegen.cli import options, places
from scopegen.cli.places import Known, Place
from scopegen.compare.doors import Doors
from scopegen.diagnostics import Diagnostic, Severity, Stopped
from scopegen.document import Json
from scopegen.locate import UsageError
from scopegen.model import Model
from scopegen.nodes import NotAccess
from scopegen.quoting import json_literal
from scopegen.report import render, visible
from scopegen.review import accepted
from scopegen.settings import Properties
from scopegen.source import Source
from scopegen.walk import ANY_METHOD
from scopegen.workspace import NOTHING_MATCHES

NOTHING = Model((), (), (), ())


class Side(NamedTuple):
    """One side: what it is called, what it means, where that is written, and which changes are accepted there."""

    name: str
    model: Model
    sources: dict[str, Source]
    root: str
    entries: list[accepted.Entry]
    specs: tuple[str, ...]
    notes: list[str]
    doors: Doors | None = None


def both(base: str | None, revision: str | None, head: str | None, config: str | None) -> tuple[Side, Side]:
    """BASE and HEAD; ClickExceptions where one cannot be had. `revision` is BASE and nothing but a revision."""
    try:
        now = _head(base, head, config)
        known = _known(now)
        after = _side(now, is_head=True)
        if known is not None and not known.specs:
            known = known._replace(specs=tuple(after.specs))
        was = (
            places.revision(revision, known, config)
            if revision is not None
            else places.place(base or "", known, config)
        )
        return _side(was, is_head=False), after
    except git.GitError as error:
        hint = f"\n  = hint: {visible(error.hint)}" if error.hint else ""
        raise options.Unreadable(visible(str(error)) + hint) from None
    except UsageError as error:
        raise options.Unreadable(visible(str(error))) from None


def _head(base: str | None, head: str | None, config: str | None) -> Place:
    """HEAD; where none is named, what BASE names as it is now, or the workspace of the current folder."""
    if head is None and base is not None:
        head = places.in_working_tree(base)
    return places.place(head, None, config) if head is not None else places.here(config)


def _known(place: Place) -> Known | None:
    if place.revision or place.found is None:
        return None
    return Known(place.found.root, place.found.specs, bool(place.found.specs and place.found.config))


def _side(place: Place, *, is_head: bool) -> Side:
    if place.content is not None:
        return Side(place.name, _recorded(place), {}, "", [], (), [])
    nothing = f"{place.name} has no spec here" + ("" if is_head else ": everything is new")
    if place.found is None:
        return Side(place.name, NOTHING, {}, "", [], (), [nothing])
    result = pipeline.Result()
    try:
        build = pipeline.understand(place.tree, place.found, result)
        entries = accepted.read(place.tree, result.sources, result.report) if place.found.config else []
        result.report.stop_on_error()
    except Stopped:
        errors = [one for one in result.report.diagnostics if one.severity is Severity.ERROR]
        # One spec of several that is missing is an error like any other: what the others say must not look new.
        if place.revision and any(one.message == NOTHING_MATCHES for one in errors):
            return Side(place.name, NOTHING, {}, place.root, [], (), [nothing])
        raise Refused(place, errors, result.sources, is_head=is_head) from None
    apis = {api.spec: api.name for api in build.settings.apis}
    model = _only(build.model, apis, place.found.specs)
    return Side(place.name, model, result.sources, place.root, entries, tuple(apis), list(place.notes), doors(build))


def doors(build: Build) -> Doors:
    """What else keeps people out. Who may make an account in a pool that exists already is not known here."""
    settings = build.settings
    keyed = {
        (name, path, "ANY" if key == ANY_METHOD else key.upper())
        for name, one in build.imports.items()
        for path, key in one.keyed
    }
    gates = {api.name: _gate(build.imports[api.name].policy, api.properties) for api in settings.apis}
    return Doors(settings.open_sign_up or settings.existing_pool, frozenset(keyed), gates)


def _gate(policy: Json, properties: Properties) -> str:
    endpoint = properties.get("EndpointConfiguration")
    is_private = "PRIVATE" in json_literal(endpoint)
    return json_literal([policy, endpoint if is_private else None]) if policy is not None or is_private else ""


def _recorded(place: Place) -> Model:
    """The model of an access.json, which anybody may have written; UsageError for what is none of ours."""
    try:
        return access_file.read(place.content or b"")
    except NotAccess as error:
        where = f" at `{error.place}`" if error.place else ""
        raise UsageError(f"{place.name} is no access.json{where}: {error.message}") from None


def _only(model: Model, apis: dict[str, str], specs: Sequence[str]) -> Model:
    """The operations of the named specs, with everybody who is granted anything."""
    if not specs:
        return model
    names = {apis[spec] for spec in specs}
    operations = [one for one in model.operations if one.api in names]
    return Model(model.resource_servers, operations, model.permissions, model.clients)


class Refused(click.ClickException):
    """A side that means nothing, since it has errors: there is nothing to compare, which is no yes."""

    exit_code = 2

    def __init__(
        self, place: Place, errors: Sequence[Diagnostic], sources: Mapping[str, Source], *, is_head: bool
    ) -> None:
        super().__init__(f"{place.name} does not compile, so there is nothing to compare")
        self.place, self.errors, self.sources, self.is_head = place, errors, sources, is_head

    def show(self, file: object = None) -> None:
        root = "" if self.place.revision else self.place.root
        text = f"{render(self.errors, self.sources, root=root)}\n{visible(self.message)}\n"
        if not self.is_head:
            named = posixpath.join(self.place.root, "build/access.json")
            recorded = f"{self.place.revision[:9]}:{named}" if self.place.revision else "its build/access.json"
            text += f"  = hint: compare with what was built then, if it is kept: {visible(recorded)}\n"
        options.say(text, err=True)
