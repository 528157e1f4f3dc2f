"""One self-contained document. In: a source and its workspace. Out: path items resolved, every reference local and whole.

What another file holds is copied in: schemas as components named for their place, everything else where it is used.
"""

import posixpath
from collections.abc import Iterator

from scopegen import codes
from scopegen.around import lost
from scopegen.diagnostics import Diagnostic, Location, Report, pointer, pointer_keys
from scopegen.document import Document, Json, depth_of, follow, mapping, text, unescaped
from scopegen.names import ALNUM, hash8
from scopegen.parsed import MAX_DEPTH
from scopegen.references import check_references, check_rings, may_stay, to_itself
from scopegen.source import Source, load
from scopegen.tree import Tree
from scopegen.walk import NAME_MAPS, is_literal

_REFERENCE_MAPS = frozenset(
    "callbacks examples headers links parameters requestBodies responses securitySchemes".split()
)
_LONGEST_CHAIN = 50
_MOST_COPIES = 50_000
_NAMING = frozenset({"$anchor", "$defs", "$dynamicAnchor", "$id", "$self", "definitions"})
_NOTES = frozenset({"$ref", "summary", "description"})


def bundle(api: str, source: Source, tree: Tree, sources: dict[str, Source], report: Report) -> Document | None:
    """The document of one API, None where it would be endless; the report has references that lead nowhere or outside."""
    document = Document(api, source.file, mapping(source.data), sources, source.survey)
    if _has_names(source.data) and not _NAMING.isdisjoint(document.survey.keys):
        from scopegen.identifiers import resolve

        resolve(source.data)
        document = Document(api, source.file, mapping(source.data), sources)
    elsewhere, chained = check_references(document, report)
    if elsewhere:
        bundler = _Bundler(source, tree, sources, report)
        document = Document(api, source.file, bundler.run(), sources)
        document.origins = bundler.origins
        if bundler.is_endless:
            return None
    if elsewhere or chained:
        check_rings(document, report)
    _resolve_path_items(document, report)
    return document


def _has_names(data: Json) -> bool:
    """Whether schemas may be referred to by other names than their place: since 3.1."""
    return text(mapping(data).get("openapi"))[:3] in ("3.1", "3.2")


def _resolve_path_items(document: Document, report: Report) -> None:
    paths = mapping(document.data.get("paths"))
    resolved: dict[str, Json] = {}
    for name, item in paths.items():
        here = pointer("paths", name)
        if not isinstance(item, dict) or "$ref" not in item:
            continue
        where = document.at(f"{here}/$ref")
        report.add(*_beside(item, where))
        target = item
        seen: set[str] = set()
        while isinstance(target.get("$ref"), str) and len(seen) <= _LONGEST_CHAIN:
            reference = text(target["$ref"])
            if reference in seen:
                report.add(to_itself(where, text(item["$ref"])))
                break
            seen.add(reference)
            try:
                target = mapping(follow(document.data, reference))
            except KeyError:
                break
            document.origins[here] = document.at(unescaped(reference[1:]))
            if "$ref" in target:
                report.add(*_beside(target, document.at(f"{here}/$ref")))
        if "$ref" in target and not any(told.location == where for told in report.diagnostics):
            hint = "quote it: an unquoted `#` starts a comment"
            report.add(codes.UNRESOLVABLE_REFERENCE.at(where, f"the reference of `{name}` leads nowhere", hint))
        resolved[name] = {} if "$ref" in target else target
    if resolved:
        document.origins.setdefault("", Location(document.file))
        document.take({**document.data, "paths": {**paths, **resolved}})


def _level(here: str) -> int:
    """1 at a path item, 2 at an operation, more inside of one; 0 elsewhere."""
    keys = pointer_keys(here)
    if keys[:2] == ["components", "pathItems"]:
        return len(keys) - 2
    return len(keys) - 1 if keys[:1] == ["paths"] else 0


def _beside(node: dict[str, Json], where: Location) -> Iterator[Diagnostic]:
    """What stands beside a reference where OpenAPI does not say that it is ignored, nor that it counts."""
    siblings = sorted(set(node) - _NOTES)
    if siblings:
        message = f"`{siblings[0]}` beside `$ref`: which of the two counts is undefined"
        yield codes.UNRESOLVABLE_REFERENCE.at(where, message, "keep one of the two")


class _Bundler:
    """Copies a document, and what it refers to in other files, into one."""

    def __init__(self, main: Source, tree: Tree, sources: dict[str, Source], report: Report) -> None:
        self.main, self.tree, self.sources, self.report = main, tree, sources, report
        self.is_swagger = "swagger" in mapping(main.data)
        self.schemas = ("definitions",) if self.is_swagger else ("components", "schemas")
        self.schema_keys = ("schema", "itemSchema", self.schemas[-1])
        self.hoisted: dict[tuple[str, str], str] = {}
        self.origins: dict[str, Location] = {"": Location(main.file)}
        self.added: dict[str, Json] = {}
        self.active: list[tuple[str, str]] = []
        self.is_endless = False
        self.has_names = _has_names(main.data)
        self.pending: list[tuple[str, str, str]] = []

    def run(self) -> dict[str, Json]:
        data = mapping(self.copy(self.main.data, self.main.file, "", "", schema=False, names=False))
        for file, place, name in self.pending:  # which grows while it is worked on
            here = pointer(*self.schemas, name)
            self.added[name] = self.copy(self.value(file, place), file, place, here, schema=True, names=False)
        if self.added and self.is_swagger:
            data = {**data, "definitions": {**mapping(data.get("definitions")), **self.added}}
        elif self.added:
            components = mapping(data.get("components"))
            schemas = {**mapping(components.get("schemas")), **self.added}
            data = {**data, "components": {**components, "schemas": schemas}}
        return data

    def copy(self, node: Json, file: str, place: str, here: str, *, schema: bool, names: bool) -> Json:
        """`place` is the pointer in `file` that is read, `here` the pointer in the result that is written."""
        if isinstance(node, list):
            return [
                self.copy(item, file, f"{place}/{i}", f"{here}/{i}", schema=schema, names=False)
                for i, item in enumerate(node)
            ]
        if not isinstance(node, dict):
            return node
        reference = None if names else node.get("$ref")
        if isinstance(reference, str):
            return self.replaced(reference, node, file, place, here, schema)
        result: dict[str, Json] = {}
        for key, child in node.items():
            step = pointer(key)
            if not names and is_literal(key, child, swagger=self.is_swagger):
                result[key] = child
                continue
            result[key] = self.copy(
                child,
                file,
                place + step,
                here + step,
                schema=schema or (not names and key in self.schema_keys),
                names=not names and key in NAME_MAPS,
            )
        return result

    def replaced(self, reference: str, node: dict[str, Json], file: str, place: str, here: str, schema: bool) -> Json:
        """What stands for a reference: a local one to a component, or a copy of what it names."""
        siblings = {key: value for key, value in node.items() if key != "$ref"}
        target = self.target(reference, file, place)
        if target is None:
            return node
        target_file, target_pointer = target
        level = _level(here)
        stays = may_stay("#" + target_pointer, mapping(self.main.data))
        if level in (1, 2):  # a path item, or an operation, whose parts are looked at nowhere else
            stays = target_pointer.startswith("/components/pathItems/")
        if target_file == self.main.file and stays:
            beside = mapping(self.copy(siblings, file, place, here, schema=schema, names=False))
            return {**beside, "$ref": "#" + target_pointer}
        if schema:
            beside = mapping(self.copy(siblings, file, place, here, schema=schema, names=False))
            return {**beside, "$ref": "#" + pointer(*self.schemas, self.hoist(target_file, target_pointer))}
        if target in self.active:
            self.report.add(to_itself(Location(file, place + "/$ref"), reference))
            return {}
        levels = here.count("/") + depth_of(self.value(target_file, target_pointer))
        if len(self.active) >= _LONGEST_CHAIN or len(self.origins) > _MOST_COPIES or levels > MAX_DEPTH:
            where = Location(file, place + "/$ref")
            hint = "refer to components of the document itself, which are not copied"
            self.report.add(codes.ALIAS_BOMB.at(where, "references that expand to too much", hint))
            self.is_endless = True
            return {}
        keys = pointer_keys(here)
        if level in (1, 2):
            self.report.add(*_beside(node, Location(file, place + "/$ref")))
            around = self.sources[target_file].data
            self.report.add(*lost(around, target_file, target_pointer, self.main.file, is_operation=level == 2))
        elif keys[-1:] != ["requestBody"] and _REFERENCE_MAPS.isdisjoint(keys[-2:-1]):
            self.report.add(*_beside(node, Location(file, place + "/$ref")))
        self.active.append(target)
        self.origins[here] = Location(target_file, target_pointer)
        value = self.value(target_file, target_pointer)
        result = self.copy(value, target_file, target_pointer, here, schema=False, names=False)
        self.active.pop()
        extensions = {key: value for key, value in siblings.items() if key[:2] in ("x-", "X-")}
        self.origins |= {here + pointer(key): Location(file, place + pointer(key)) for key in extensions}
        return {**result, **extensions} if extensions and isinstance(result, dict) else result

    def hoist(self, file: str, place: str) -> str:
        """The component name of a schema that lies elsewhere; the same place always has the same name."""
        if (file, place) not in self.hoisted:
            last = place.rpartition("/")[2] or posixpath.basename(file).partition(".")[0]
            name = "".join(ALNUM.findall(last)) + hash8(f"{file}#{place}")
            self.hoisted[file, place] = name
            self.origins[pointer(*self.schemas, name)] = Location(file, place)
            self.pending.append((file, place, name))
        return self.hoisted[file, place]

    def value(self, file: str, place: str) -> Json:
        return follow(self.sources[file].data, "#" + place)

    def target(self, reference: str, file: str, place: str) -> tuple[str, str] | None:
        """The file and pointer a reference means; None, with the reason in the report, where it means nothing."""
        where = Location(file, place + "/$ref")
        path, _, fragment = reference.partition("#")
        if "://" in path or path.startswith(("//", "file:")):
            hint = "copy the file into the workspace and refer to it there"
            self.report.add(codes.FOREIGN_REFERENCE.at(where, f"`{reference}` leads to another machine", hint))
            return None
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file), unescaped(path))) if path else file
        if target.startswith(("../", "/")) or target == "..":
            self.report.add(codes.FOREIGN_REFERENCE.at(where, f"`{reference}` leads out of the workspace"))
            return None
        if target not in self.sources:
            load(self.tree, target, self.sources, self.report, asked_at=where)
            self.sources.setdefault(target, Source(target, b""))
            if self.has_names:
                from scopegen.identifiers import resolve

                resolve(self.sources[target].data)
        if self.has_names and fragment and fragment[0] != "/":
            from scopegen.identifiers import anchored

            fragment = anchored(self.sources[target].data, fragment) or fragment
        try:
            follow(self.sources[target].data, "#" + fragment)
        except KeyError:
            is_reported = not path and file == self.main.file
            if not is_reported and self.sources[target].data is not None:
                self.report.add(codes.UNRESOLVABLE_REFERENCE.at(where, f"`{reference}` leads nowhere"))
            return None
        return target, unescaped(fragment)
