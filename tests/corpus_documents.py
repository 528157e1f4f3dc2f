"""Documents as they lie in a folder, read by code that shares nothing with scopegen. In: files. Out: plain data, operations.

What is plain is read as YAML 1.2 reads it, keys are text. Every object remembers the YAML node that it was written as.
"""

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import yaml


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Takes everything plain for text but the merge key: what it is in YAML 1.2 is decided below."""

    yaml_implicit_resolvers = {"<": yaml.SafeLoader.yaml_implicit_resolvers["<"]}  # noqa: RUF012


ANY = "x-amazon-apigateway-any-method"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", ANY)
_LOOKS_LIKE = re.compile(r"""^\s*\{?\s*["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


class Unread(Exception):
    """A file that this reader cannot make sense of."""


class File:
    """One file: its text, its data, and for YAML the node of every object."""

    def __init__(self, text: str, is_json: bool) -> None:
        self.text, self.is_json = text, is_json
        self.nodes: dict[int, yaml.MappingNode] = {}
        self.has_duplicates = False
        try:
            if is_json:
                self.data = json.loads(text, object_pairs_hook=self._pairs)
            else:
                self._known: dict[int, Any] = {}
                node = yaml.compose(text, Loader=_Loader)
                self.data = self._plain(node) if node is not None else None
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            raise Unread(f"{type(error).__name__}: {str(error)[:200]}") from None

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        self.has_duplicates = self.has_duplicates or len(result) != len(pairs)
        return result

    def _plain(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if id(node) in self._known:
            return self._known[id(node)]
        if isinstance(node, yaml.SequenceNode):
            items = self._known[id(node)] = []
            items += [self._plain(item) for item in node.value]
            return items
        assert isinstance(node, yaml.MappingNode)
        result: dict[str, Any] = {}
        self._known[id(node)] = result
        self.nodes[id(result)] = node
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                one = self._plain(value)
                for part in one if isinstance(one, list) else [one]:
                    merged = {**part, **merged}
                continue
            name = key.value if isinstance(key, yaml.ScalarNode) else str(self._plain(key))
            self.has_duplicates = self.has_duplicates or name in result
            result[name] = self._plain(value)
        for name, value in merged.items():
            result.setdefault(name, value)
        return result


def _scalar(node: yaml.ScalarNode) -> Any:
    value = node.value
    if node.style:
        return value
    if value.lower() in _WORDS and value in (value.lower(), value.title(), value.upper()):
        return _WORDS[value.lower()]
    if _INT.fullmatch(value):
        return int(value)
    return float(value) if _FLOAT.fullmatch(value) else value


class Operation(NamedTuple):
    """One operation: where it is served, and its objects with the file that they stand in."""

    path: str
    method: str
    item_file: str
    item: dict[str, Any]
    file: str
    data: dict[str, Any]

    @property
    def name(self) -> tuple[str, str]:
        return self.path, "ANY" if self.method == ANY else self.method.upper()


class Document:
    """A document with the files that it refers to, by path relative to `root`; `main` is where it starts."""

    def __init__(self, root: Path, main: str, kind: str = "") -> None:
        self.root, self.main, self.kind = root, main, kind
        self.files: dict[str, File] = {}
        self.lost: set[str] = set()
        self._read(main)

    def _read(self, main: str) -> None:
        pending = [main]
        for name in pending:  # which grows while it is worked on
            if name in self.files or name in self.lost:
                continue
            try:
                content = (self.root / name).read_bytes()
                encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
                self.files[name] = File(content.decode(encoding), name.endswith(".json"))
            except (OSError, Unread, UnicodeDecodeError):
                if name == main:
                    raise
                self.lost.add(name)
                continue
            for reference in references(self.files[name].data):
                target = unquote(reference.partition("#")[0])
                if target and "://" not in target:
                    path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
                    if not path.startswith(("../", "/")):
                        pending.append(path)

    @property
    def data(self) -> dict[str, Any]:
        found = self.files[self.main].data
        return found if isinstance(found, dict) else {}

    @property
    def version(self) -> str:
        written = self.data.get("openapi", self.data.get("swagger", ""))
        return written if isinstance(written, str) else str(written)

    def resolve(self, node: Any, file: str) -> tuple[Any, str]:
        """A node with its references followed, and the file it then stands in; an empty mapping where one leads nowhere."""
        for _ in range(20):
            reference = node.get("$ref") if isinstance(node, dict) else None
            if not isinstance(reference, str):
                return node, file
            found = self.target(reference, file)
            if found is None:
                return {}, file
            node, file = found
        return {}, file

    def target(self, reference: str, file: str) -> tuple[Any, str] | None:
        path, _, fragment = reference.partition("#")
        if path:
            file = posixpath.normpath(posixpath.join(posixpath.dirname(file), unquote(path)))
        if file not in self.files or (fragment and not fragment.startswith("/")):
            return None
        node = self.files[file].data
        for key in unquote(fragment).split("/")[1:]:
            key = key.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and key in node:
                node = node[key]
            elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
                node = node[int(key)]
            else:
                return None
        return node, file

    def operations(self) -> list[Operation]:
        """All operations in the order of the document; references are followed into other files."""
        paths = self.data.get("paths")
        found = []
        for path, written in paths.items() if isinstance(paths, dict) else ():
            item, file = self.resolve(written, self.main)
            if not path.startswith("/") or not isinstance(item, dict):
                continue
            for key in (key for key in METHODS if isinstance(item.get(key), dict)):
                # An operation may be a reference, though OpenAPI does not say so: large documents are written like that.
                data, its_file = self.resolve(item[key], file)
                found.append(Operation(path, key, file, item, its_file, data))
        return found


def references(data: Any) -> Iterator[str]:
    """Every text at a `$ref`, wherever it stands but among the values of an enumeration."""
    nodes, seen = [data], set()
    for node in nodes:  # which grows while it is worked on
        if not isinstance(node, dict | list) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            nodes += [value for key, value in node.items() if key != "enum"]
        else:
            nodes += node


def find(folder: Path) -> Iterator[tuple[Path, str, str]]:
    """Root, path and kind of every document of a folder: those its `index.tsv` lists, else all that look like one.

    A folder named `*.multi` is the root of the one document in it.
    """
    index = folder / "index.tsv"
    if index.exists():
        header, *rows = [line.split("\t") for line in index.read_text("utf-8").splitlines()]
        listed = [(row[header.index("file")], row[header.index("kind")]) for row in rows]
    else:
        files = sorted(path for path in folder.rglob("*") if path.suffix in (".json", ".yaml", ".yml"))
        listed = [
            (path.relative_to(folder).as_posix(), "")
            for path in files
            if path.is_file() and _LOOKS_LIKE.search(path.read_bytes().decode("utf-8", "replace"))
        ]
    for name, kind in listed:
        head, found, tail = name.partition(".multi/")
        yield (folder / (head + ".multi"), tail, kind) if found else (folder, name, kind)
