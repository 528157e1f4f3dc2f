"""Run scopegen over real documents, and hold what it does against code that shares nothing with it.

    python tests/corpus.py FOLDER [--tagged | --security | --raw | --served] [--table FILE] [--only TEXT]

In: a folder of OpenAPI documents (`index.tsv` may list them; a folder `*.multi` is one document of many files). Out: a
table in Markdown; exit code 1 if there is anything on which the two disagree.

tagged: every operation gets a scope. Either a build whose outputs validate and let in exactly whom the tags say, or
located errors whose reasons hold. security: every operation means what its own `security` says, or is an error.
raw: as it is. served: tagged, and every operation called as `scopegen serve` runs it. A document that is refused is tried again without the paths that must be refused.
"""

import argparse
import json
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import corpus_outputs as outputs
from corpus_documents import Document, File, Unread, find
from corpus_reasons import paths_refused, wrong_paths, wrong_reasons
from corpus_security import Scopes, Verdict, foreign, is_open_preflight, shapes, verdicts
from corpus_serving import served_wrongly
from corpus_table import table
from corpus_tags import server_tagged, tagged
from memory import compile_files

from scopegen.diagnostics import Diagnostic, Severity
from scopegen.report import render
from scopegen.served import Served, served

MODES = ("tagged", "security", "raw", "served")
VALIDATED_BYTES = 1_500_000  # openapi-spec-validator takes minutes for what is larger
# Errors after which nothing is known of operations and paths.
EARLY = frozenset(f"SG{number:03}" for number in (*range(12), *range(15, 20)))
_SECURITY = frozenset(f"SG{number}" for number in range(101, 116))
_SERVER = "corpus"
_NAMEABLE = re.compile(r"(?!(openapi|swagger|api|spec|index)$)[a-z0-9][a-z0-9._-]*")


class Outcome(NamedTuple):
    """What became of one document. `how`: built, reduced (built without the paths that must go), refused, crashed, unread."""

    name: str
    how: str
    found: list[Diagnostic]
    wrong: list[str]
    seconds: float
    operations: int = 0
    compared: int = 0
    modelled: int = 0
    shapes: Counter[str] | None = None
    kind: str = ""
    known: tuple[str, ...] = ()
    answers: Counter[str] | None = None


class Run(NamedTuple):
    """One run of scopegen over files in memory."""

    found: list[Diagnostic]
    files: dict[str, bytes]
    wrong: list[str]
    seconds: float
    known: list[str]
    runs: Served | None = None
    answers: Counter[str] | None = None

    @property
    def errors(self) -> list[Diagnostic]:
        return [one for one in self.found if one.severity is Severity.ERROR]


def run(files: dict[str, str], main: str, settings: dict[str, Any] | None) -> Run:
    """Build one document; with settings under a `scopegen.yaml`, else as if nothing but its path were given."""
    given: dict[str, Any] = {name: text.encode("utf-8", "surrogatepass") for name, text in files.items()}
    if settings is not None:
        given["scopegen.yaml"] = {"apis": {"corpus": {"spec": main, **settings}}}
    else:
        given = {main: given.pop(main), **given}
    start = time.perf_counter()
    try:
        result = compile_files(given, specs=None if settings is not None else (main,))
    except Exception:
        return Run([], {}, [f"crashed: {traceback.format_exc(limit=-4)}"], time.perf_counter() - start, [])
    seconds = time.perf_counter() - start
    found = result.report.diagnostics
    wrong = [f"our bug: {one.code} {one.message}" for one in found if one.code.startswith("SG9")]
    wrong += misplaced([one for one in found if one.severity is Severity.ERROR], result.sources, files)
    built = {artifact.path: artifact.content for artifact in result.artifacts}
    return Run(
        found, built, wrong, seconds, [], served(result.build, result.artifacts) if result.build and built else None
    )


def misplaced(errors: list[Diagnostic], sources: Any, files: dict[str, str]) -> list[str]:
    """Errors whose file, line and column, as they are shown, do not exist; and those that are shown twice."""
    places = Counter((error.code, error.message, error.location) for error in errors)
    wrong = [f"told {count} times: {one[0]} {one[1][:80]}" for one, count in places.items() if count > 1]
    lines = {name: text.replace("\r\n", "\n").splitlines() or [""] for name, text in files.items()}
    for error in errors:
        if error.hint[:1] in ("{", "["):
            wrong.append(f"no hint for people: {error.code} {error.hint[:80]}")
        if error.code == "SG313":  # which is of a file that would have been written
            continue
        shown = render([error], sources).partition(f": {error.code} ")[0]
        file, line, column = (*shown.rsplit(":", 2), "", "")[:3]
        text = lines.get(file, [])
        if not line.isdigit() or not 0 < int(line) <= len(text) or not 0 < int(column) <= len(text[int(line) - 1]) + 1:
            wrong.append(f"no such place: {shown} {error.code} {error.message[:80]}")
    return wrong


def without(document: Document, paths: set[str]) -> Document:
    """A document that lacks some paths."""
    kept = {path: item for path, item in document.data["paths"].items() if path not in paths}
    result = Document.__new__(Document)
    result.root, result.main, result.kind, result.lost = document.root, document.main, document.kind, document.lost
    text = json.dumps({**document.data, "paths": kept}, ensure_ascii=False, indent=1)
    result.files = {**document.files, document.main: File(text, is_json=True)}
    return result


def check(document: Document, mode: str) -> Outcome:
    """Run one document in one mode, and once more without the paths that must be refused."""
    name = f"{document.root.name}/{document.main}" if document.root.name.endswith(".multi") else document.main
    first, wrong, compared = _CHECKS[mode](document)
    how = "crashed" if any("crashed" in one for one in first.wrong) else "refused" if first.errors else "built"
    modelled, answers = compared if first.files else 0, first.answers
    if how == "refused" and not EARLY & {one.code for one in first.errors} and document.operations():
        bad = {path for paths in paths_refused(document).values() for path in paths}
        bad |= _unreadable(document, mode) if mode != "raw" else set()
        rest = without(document, bad)
        if bad and mode != "raw" and rest.operations():
            again, wrong_again, seen = _CHECKS[mode](rest)
            wrong += [f"without {len(bad)} paths: {one}" for one in wrong_again]
            how = "refused" if again.errors else "reduced"
            modelled, answers = seen if again.files else 0, again.answers
            compared = max(compared, modelled)
    operations = document.operations()
    expected = verdicts(document, _SERVER)
    kinds = Counter(kind for one in operations for kind in shapes(document, one, expected[one.name]))
    counts = len(operations), compared, modelled
    return Outcome(
        name, how, first.found, wrong, first.seconds, *counts, kinds, document.kind, tuple(first.known), answers
    )


def _unreadable(document: Document, mode: str) -> set[str]:
    """Paths with an operation whose requirement must be an error."""
    found = verdicts(document, _SERVER)
    codes = {"SG114"} if mode in ("tagged", "served") else None
    return {path for (path, _), one in found.items() if one.code and (codes is None or one.code in codes)}


def check_tagged(document: Document) -> tuple[Run, list[str], int]:
    files, expected = tagged(document)
    one = run(files, document.main, {})
    wrong = [*one.wrong, *_reasons(document, one)]
    if not EARLY & {error.code for error in one.errors}:
        wrong += _operation_errors(foreign(document), one.errors)
    if one.files:
        wrong += _differences(expected, one, "tags")
        spec = one.files["corpus/openapi.json"]
        wrong += [f"openapi.json: {said}" for said in outputs.invalid(spec, len(spec) < VALIDATED_BYTES)]
    return one, wrong, len(expected) if one.files else 0


def check_served(document: Document) -> tuple[Run, list[str], int]:
    """Tagged, and called; what is built is checked by `tagged`."""
    files, expected = tagged(document)
    one = run(files, document.main, {})
    if one.runs is None:
        return one, [], 0
    derived = outputs.derived(one.files["identity/scope_map.py"])
    wrong, answers = served_wrongly(one.runs, expected, derived)
    return one._replace(answers=answers), wrong, len(expected)


def check_security(document: Document) -> tuple[Run, list[str], int]:
    files = server_tagged(document, _SERVER)
    one = run(files, document.main, {"untagged": "security"})
    expected = verdicts(document, _SERVER)
    wrong = [*one.wrong, *_reasons(document, one)]
    if one.files:
        scopes = {name: None if verdict.public else verdict.scopes for name, verdict in expected.items()}
        wrong += [f"built, but {name} must be {said.code}" for name, said in expected.items() if said.code]
        wrong += _differences(scopes, one, "security")
    elif not EARLY & {error.code for error in one.errors}:
        wrong += _operation_errors(expected, one.errors)
    else:
        return one, wrong, 0
    return one, wrong, len(expected)


def check_raw(document: Document) -> tuple[Run, list[str], int]:
    files = {name: file.text for name, file in document.files.items()}
    one = run(files, document.main, None if _NAMEABLE.fullmatch(Path(document.main).stem.lower()) else {})
    wrong = [*one.wrong, *_reasons(document, one)]
    codes = {error.code for error in one.errors}
    if not EARLY & codes:
        said = {error.subject for error in one.errors if error.code == "SG102"}
        for operation in document.operations():
            is_open = is_open_preflight(operation) or operation.data.get("security") == []
            subject = f"{operation.name[1]} {operation.path}"
            if is_open == (subject in said):
                wrong.append(f"{subject}: {'open' if is_open else 'not open'}, and SG102 says the contrary")
    if len(document.files) == 1 and not codes & {"SG001", "SG003", "SG007", "SG008", "SG011"}:
        wrong += _validity(document, codes, one)
    return one, wrong, len(document.operations()) if not EARLY & codes else 0


_CHECKS = {"tagged": check_tagged, "security": check_security, "raw": check_raw, "served": check_served}


def _validity(document: Document, codes: set[str], one: Run) -> list[str]:
    """Whether openapi-spec-validator takes a document for valid just when scopegen does."""
    if len(document.files[document.main].text) > VALIDATED_BYTES:
        return []
    said = outputs.verdict(document.data)
    ours = sorted(codes & {"SG009", "SG010", "SG012", "SG014", "SG023"})
    if bool(said) == bool(ours):
        one.known.append("both say valid" if not said else "both say invalid")
        return []
    if not said and "x-amazon-apigateway-any-method" in document.files[document.main].text:
        one.known.append("an any-method is an operation to scopegen, and an extension to openapi-spec-validator")
        return []
    if said and outputs.known(said[0]):
        one.known.append(outputs.known(said[0]))
        return []
    return [f"openapi-spec-validator: {said or 'valid'}, scopegen: {ours or 'valid'}"]


def _reasons(document: Document, one: Run) -> list[str]:
    wrong = wrong_reasons(document, one.errors)
    return wrong if EARLY & {error.code for error in one.errors} else [*wrong, *wrong_paths(document, one.errors)]


def _differences(expected: dict[tuple[str, str], Scopes | None], one: Run, what: str) -> list[str]:
    """Operations that let in others than they should, in the import spec or in the model."""
    wrong = []
    views = {
        "openapi.json": outputs.scopes_of(one.files["corpus/openapi.json"], one.files["identity/scope_map.py"]),
        "access.json": outputs.required(one.files["access.json"]),
    }
    for view, found in views.items():
        wrong += [f"{view} lacks {name}" for name in expected.keys() - found.keys()]
        wrong += [f"{view} has {name} besides" for name in found.keys() - expected.keys()]
        wrong += [
            f"{view}: {name} lets in {_shown(found[name])}, by {what} {_shown(scopes)}"
            for name, scopes in expected.items()
            if name in found and found[name] != scopes
        ]
    return wrong


def _shown(scopes: Scopes | None) -> str:
    return "everybody" if scopes is None else " or ".join(sorted("+".join(sorted(parts)) for parts in scopes))


def _operation_errors(expected: dict[tuple[str, str], Verdict], errors: list[Diagnostic]) -> list[str]:
    """Operations with another error than their `security` must give, or with one that should have none."""
    given: dict[str, set[str]] = {}
    around: set[str] = set()
    for error in errors:
        if error.code in _SECURITY:
            given.setdefault(error.subject, set()).add(error.code)
            pointer = error.location.pointer if error.location else ""
            if not error.subject or pointer.startswith("/security"):
                around.add(error.code)
    wrong = []
    for (path, method), verdict in expected.items():
        own = given.get(f"{method} {path}", set())
        everywhere = own | around if verdict.at_root or verdict.code == "SG114" else own
        if verdict.code and verdict.code not in everywhere:
            wrong.append(f"{method} {path} must be {verdict.code}, is {sorted(everywhere) or 'accepted'}")
        if not verdict.code and own:
            wrong.append(
                f"{method} {path} is {sorted(own)}, must be {_shown(None if verdict.public else verdict.scopes)}"
            )
    return wrong


def outcomes(folder: Path, mode: str, only: str = "", progress: bool = False) -> Iterable[Outcome]:
    """What becomes of every document of a folder."""
    for root, main, kind in find(folder):
        if only not in f"{root.name}/{main}":
            continue
        try:
            document = Document(root, main, kind)
        except (Unread, UnicodeDecodeError) as error:
            one = run({main: (root / main).read_bytes().decode("utf-8", "replace")}, main, None)
            wrong = one.wrong if one.errors else [*one.wrong, f"taken, though the reader says {error}"]
            yield Outcome(main, "refused", one.found, wrong, one.seconds, kind=kind)
            continue
        outcome = check(document, mode)
        if progress:
            print(
                f"{outcome.how:8} {outcome.seconds:6.2f}s {outcome.name}",
                *outcome.wrong[:20],
                sep="\n    ",
                file=sys.stderr,
            )
        yield outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    for mode in MODES:
        parser.add_argument(f"--{mode}", dest="modes", action="append_const", const=mode, help=f"only {mode}")
    parser.add_argument("--table", type=Path, help="where the table goes; standard output otherwise")
    parser.add_argument("--only", default="", help="only documents with this in their path")
    arguments = parser.parse_args()
    results = {
        mode: list(outcomes(arguments.folder, mode, arguments.only, progress=True)) for mode in arguments.modes or MODES
    }
    text = table(results)
    if arguments.table:
        arguments.table.write_text(text, "utf-8")
    else:
        print(text)
    return int(any(outcome.wrong for result in results.values() for outcome in result))


if __name__ == "__main__":
    sys.exit(main())
