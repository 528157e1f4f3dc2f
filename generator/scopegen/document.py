"""Plain data and the documents made of it: how to read either without caring what is not there."""

from typing import TYPE_CHECKING, TypeAlias

from scopegen.diagnostics import Location, Part, pointer_keys

if TYPE_CHECKING:
    from scopegen.source import Source
    from scopegen.survey import Survey

    Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
else:
    Json = object  # a recursive alias has no value at run time


class Document:
    """One API's document, self-contained: path items resolved, every reference local. `file` is where it starts.

    `origins` says where a part came from that is written elsewhere, by pointer; `sources` are the files it is from.
    `converted_from` is what its author wrote, where that was Swagger 2.0.
    """

    def __init__(
        self,
        api: str,
        file: str,
        data: dict[str, Json],
        sources: "dict[str, Source]",
        survey: "Survey | None" = None,
    ) -> None:
        self.api, self.file, self.data, self.sources = api, file, data, sources
        self.origins: dict[str, Location] = {}
        self.converted_from: Document | None = None
        self._survey = survey

    @property
    def original(self) -> "Document":
        """The document as its author wrote it: the place to look for what means nothing to a converter."""
        return self.converted_from or self

    @property
    def is_swagger(self) -> bool:
        """Whether its author wrote Swagger 2.0."""
        return "swagger" in self.original.data

    def take(self, data: dict[str, Json]) -> None:
        """Other data, in which other things stand."""
        self.data, self._survey = data, None

    @property
    def survey(self) -> "Survey":
        """What stands anywhere in it. Looked for once: what is rewritten later adds nothing that it looks for."""
        if self._survey is None:
            from scopegen.survey import Survey

            self._survey = Survey(self.data)
        return self._survey

    def at(self, path: str, part: Part = "value") -> Location:
        """Where something in `data` was written; in another file where a reference brought it in."""
        if not self.origins:
            return Location(self.file, path, part)
        prefix = path
        while prefix not in self.origins and prefix:
            prefix = prefix.rpartition("/")[0]
        origin = self.origins.get(prefix, Location(self.file))
        return Location(origin.file, origin.pointer + path[len(prefix) :], part)

    def written(self, where: Location) -> str:
        """The characters of a scalar, quotes included; empty where it is written over several lines, or not at all."""
        return self.sources[where.file].written(where.pointer)

    def other_root(self, where: Location) -> "dict[str, Json]":
        """The root of the file of a location, if that is another file."""
        return mapping(self.sources[where.file].data) if where.file != self.file else {}

    def resolve(self, node: Json) -> Json:
        """What a node is once its local references are followed; the node itself where it is none."""
        return self.resolve_at(node, "")[0]

    def resolve_at(self, node: Json, here: str) -> tuple[Json, str]:
        """The same for the node at pointer `here`, with the pointer of what it is."""
        if not isinstance(node, dict) or "$ref" not in node:  # nearly all
            return node, here
        seen: set[str] = set()
        while True:
            reference = node.get("$ref") if isinstance(node, dict) else None
            if not isinstance(reference, str):
                return node, here
            if reference in seen:
                break
            seen.add(reference)
            here = unescaped(reference[1:])
            try:
                node = follow(self.data, reference)
            except KeyError:  # what it led to in the author's document was rewritten since
                break
        return {}, here


def unescaped(fragment: str) -> str:
    """A URI fragment with its percent escapes resolved (RFC 3986)."""
    if "%" not in fragment:
        return fragment
    from urllib.parse import unquote

    return unquote(fragment)


def follow(data: Json, reference: str) -> Json:
    """The value a local reference (`#/components/schemas/Pet`, `#` for all) points to; KeyError where there is none."""
    if reference == "#":
        return data
    if reference[:2] != "#/":
        raise KeyError(reference)
    return value_at(data, unescaped(reference[1:]))


def value_at(data: Json, path: str) -> Json:
    """The value at a pointer; KeyError where there is none."""
    for key in pointer_keys(path):
        if isinstance(data, dict):
            data = data[key]
        elif isinstance(data, list) and key.isdigit() and int(key) < len(data):
            data = data[int(key)]
        else:
            raise KeyError(path)
    return data


def mapping(value: Json) -> dict[str, Json]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Json) -> list[Json]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Json) -> str:
    """The value where it is text, else an empty text."""
    return value if isinstance(value, str) else ""


def depth_of(value: Json) -> int:
    """How many containers lie around each other in a value."""
    level, depth = [value], 0
    while level := [node for node in level if isinstance(node, dict | list)]:
        level = [inner for node in level for inner in (node.values() if isinstance(node, dict) else node)]
        depth += 1
    return depth
