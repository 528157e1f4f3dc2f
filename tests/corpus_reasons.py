"""Whether the reasons of a refusal are right. In: a document, the errors that were given. Out: what can be shown to be wrong.

Every check is written anew from what AWS and OpenAPI say, not from scopegen. A check of paths and operations is one of
both directions: what is reported, and what is not.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from corpus_documents import Document

from scopegen.diagnostics import Diagnostic, pointer_keys

VARIABLE = re.compile(r"\{([^{}]+)\}")
_PART = re.compile(r"[A-Za-z0-9._,:-]+|\{[A-Za-z0-9._-]+\+?\}")


def paths_refused(document: Document) -> dict[str, set[str]]:
    """SG301, SG302, SG013, SG014, SG023 and SG304: the paths that each must name."""
    found: dict[str, set[str]] = {code: set() for code in ("SG301", "SG302", "SG013", "SG014", "SG023", "SG304")}
    alike: dict[str, str] = {}
    variables: dict[str, str] = {}
    paths = document.data.get("paths")
    for path in (path for path in paths or () if path.startswith("/")):
        same = VARIABLE.sub(lambda match: "{+}" if match[1].endswith("+") else "{}", path)
        if alike.setdefault(same, path) != path:
            found["SG013"].add(path)
            continue
        parts = path[1:].split("/") if path != "/" else []
        if not all(map(_PART.fullmatch, parts)) or any("+}" in part for part in parts[:-1]):
            found["SG301"].add(path)
            continue
        for depth, part in enumerate(parts):
            above = "/".join(parts[:depth])
            if part.startswith("{") and variables.setdefault(above, part) != part:
                found["SG302"].add(path)
    for one in document.operations():
        if one.method == "trace":
            found["SG304"].add(one.path)
        lists = [_parameters(document, one.item, one.item_file), _parameters(document, one.data, one.file)]
        if any(max(Counter(names).values(), default=0) > 1 for names in lists):
            found["SG023"].add(one.path)
        declared = {name for names in lists for name, kind in names if kind == "path"}
        lacking = {name for name in VARIABLE.findall(one.path) if not {name, name.removesuffix("+")} & declared}
        known = {part for name in VARIABLE.findall(one.path) for part in (name, name.removesuffix("+"))}
        if lacking or declared - known:
            found["SG014"].add(one.path)
    return found


def _parameters(document: Document, holder: dict[str, Any], file: str) -> list[tuple[str, str]]:
    resolved = [document.resolve(item, file)[0] for item in holder.get("parameters") or ()]
    return [(str(one.get("name")), str(one.get("in"))) for one in resolved if isinstance(one, dict)]


def wrong_paths(document: Document, errors: list[Diagnostic]) -> list[str]:
    """Where the errors about paths and ours differ; only of a run that came as far as to look at paths."""
    said: dict[str, set[str]] = {}
    for error in errors:
        names = re.findall(r"`([^`]*)`", error.message)
        mine = [name for name in names if name in (document.data.get("paths") or {})]
        keys = pointer_keys(error.location.pointer) if error.location else []
        path = keys[1] if keys[:1] == ["paths"] and len(keys) > 1 else mine[0] if mine else ""
        if error.code == "SG304":
            path = names[0].partition(" ")[2]
        said.setdefault(error.code, set()).add(path)
    result = []
    for code, paths in paths_refused(document).items():
        given = said.get(code, set())
        if code in ("SG014", "SG023") and "" in given:  # the parameter is a component or stands in another file
            given = paths if paths else given
        if given != paths:
            result.append(f"{code}: given {sorted(given - paths)[:3]} too many, {sorted(paths - given)[:3]} too few")
    return result


def wrong_reasons(document: Document, errors: Iterable[Diagnostic]) -> list[str]:
    """Errors whose reason does not hold."""
    return [
        f"{error.code} {error.message}"
        for error in errors
        if error.code in REASONS and not REASONS[error.code](document, error)
    ]


def _version(document: Document, _: Diagnostic) -> bool:
    return "swagger" in document.data or not re.fullmatch(r"3\.[01]\.\d+(-.+)?", document.version)


def _reference(document: Document, error: Diagnostic) -> bool:
    assert error.location is not None
    name = re.findall(r"`([^`]*)`", error.message)[0]
    file = document.files.get(error.location.file)
    holder = _at(file.data, pointer_keys(error.location.pointer)[:-1]) if file else None
    reference = holder.get("$ref") if isinstance(holder, dict) else None
    if reference is None:
        return False
    if "beside" in error.message:
        return name in holder
    if "itself" in error.message:
        return True
    return document.target(reference, error.location.file) is None


def _foreign_reference(document: Document, error: Diagnostic) -> bool:
    reference = re.findall(r"`([^`]*)`", error.message)[0]
    return "://" in reference or reference.startswith(("//", "../", "/")) or "../" in reference


def _duplicate_id(document: Document, error: Diagnostic) -> bool:
    name = re.findall(r"`([^`]*)`", error.message)[0]
    return [one.data.get("operationId") for one in document.operations()].count(name) > 1


def _duplicate_key(document: Document, error: Diagnostic) -> bool:
    assert error.location is not None
    file = document.files.get(error.location.file)
    return file is not None and file.has_duplicates


def _no_operations(document: Document, _: Diagnostic) -> bool:
    return not document.operations()


def _size(document: Document, error: Diagnostic) -> bool:
    """A model of 400 KB or a document of 6 MB can only come from a document that is not much smaller."""
    return sum(len(file.text) for file in document.files.values()) > 300_000


def _integration(document: Document, error: Diagnostic) -> bool:
    assert error.location is not None
    return "x-amazon-apigateway-integration" in error.location.pointer


def _foreign_authorizer(document: Document, error: Diagnostic) -> bool:
    assert error.location is not None
    keys = pointer_keys(error.location.pointer)
    components = document.data.get("components") or {}
    scheme = (components.get("securitySchemes") or document.data.get("securityDefinitions") or {}).get(keys[-1], {})
    return keys[-1] == "x-amazon-apigateway-auth" or any(
        key in scheme for key in ("x-amazon-apigateway-authorizer", "x-amazon-apigateway-authtype")
    )


def _unread(document: Document, error: Diagnostic) -> bool:
    assert error.location is not None
    return not (document.root / re.findall(r"`([^`]*)`", error.message)[0]).is_file()


def _intrinsic(document: Document, error: Diagnostic) -> bool:
    assert error.location is not None
    file = document.files.get(error.location.file)
    keys = pointer_keys(error.location.pointer)
    near = repr(keys) + repr(_at(file.data, keys) if file else "") + error.message
    return bool(re.search(r"Fn::|'Ref'|`Ref`|'Condition'|`Condition`|\{\{|\$\{", near))


def _at(data: Any, keys: list[str]) -> Any:
    for key in keys:
        if isinstance(data, dict):
            data = data.get(key)
        elif isinstance(data, list) and key.isdigit() and int(key) < len(data):
            data = data[int(key)]
        else:
            return None
    return data


REASONS: dict[str, Callable[[Document, Diagnostic], bool]] = {
    "SG001": _unread,
    "SG003": _duplicate_key,
    "SG007": lambda document, _: "openapi" not in document.data,
    "SG008": _version,
    "SG010": _reference,
    "SG011": _foreign_reference,
    "SG012": _duplicate_id,
    # No document of others has our tag, and those that we write are right.
    **dict.fromkeys(("SG103", "SG104", "SG105", "SG107", "SG110", "SG111"), lambda document, _: False),
    "SG114": _foreign_authorizer,
    "SG305": _integration,
    "SG308": _intrinsic,
    "SG313": _size,
    "SG319": _no_operations,
}
