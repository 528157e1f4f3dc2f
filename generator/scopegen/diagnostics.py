"""Diagnostics are data. In: a rule, a place, a phrase. Out: a Diagnostic, collected in a Report."""

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

Part: TypeAlias = Literal["value", "key"]


class Severity(IntEnum):
    """How bad a finding is; only an error changes the exit code on its own."""

    NOTE = 0
    WARNING = 1
    ERROR = 2

    @property
    def word(self) -> str:
        return self.name.lower()


class Span(NamedTuple):
    """A stretch of source text: lines and columns count characters from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Location(NamedTuple):
    """A place in a source file, named by JSON pointer; the span is looked up only when it is shown.

    `file` is a POSIX path relative to the workspace. `span` is set where no pointer exists (syntax errors).
    """

    file: str
    pointer: str = ""
    part: Part = "value"
    span: Span | None = None

    @property
    def reference(self) -> str:
        """`specs/pets.yaml#/paths/~1pets/get`."""
        return f"{self.file}#{self.pointer}"


class Diagnostic(NamedTuple):
    """One finding: a permanent code, a one-phrase message with names in backticks, a place, what to do."""

    code: str
    severity: Severity
    message: str
    location: Location | None = None
    hint: str = ""
    subject: str = ""


class Rule(NamedTuple):
    """A kind of finding, named for the bad thing. A guard keeps the system from failing open: it cannot be silenced."""

    code: str
    name: str
    severity: Severity
    guard: bool = False

    def at(
        self,
        location: Location | None,
        message: str,
        hint: str = "",
        subject: str = "",
        severity: Severity | None = None,
    ) -> Diagnostic:
        """A finding of this rule; `severity` only where one rule is milder in one mode."""
        return Diagnostic(self.code, self.severity if severity is None else severity, message, location, hint, subject)


class Stopped(Exception):
    """The line stops here: the report holds at least one error."""


class Report:
    """Every finding of a run, in the order found."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return list(self._found)

    def add(self, *found: Diagnostic) -> None:
        """Take findings in; the same one twice is one."""
        self._found.update(dict.fromkeys(found))

    def stop_on_error(self) -> None:
        """Between two stages: end the line where a stage found an error."""
        if any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics):
            raise Stopped

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> int:
        """That of all of them."""
        return exit_code(self.diagnostics, fail_on)


def exit_code(diagnostics: Iterable[Diagnostic], fail_on: Severity = Severity.ERROR) -> int:
    """0 nothing that bad; 1 understood and wrong; 2 not readable, not understood, I/O; 3 our bug. The highest counts."""
    bad = [diagnostic.code for diagnostic in diagnostics if diagnostic.severity >= fail_on]
    return max((_exit_code(code) for code in bad), default=0)


def _exit_code(code: str) -> int:
    return 3 if code.startswith("SG9") else 2 if code.startswith("SG0") or code == "SG605" else 1


def pointer(*keys: str | int) -> str:
    """The JSON pointer (RFC 6901) of a path of keys."""
    return "".join(map(_step, keys))


@lru_cache(maxsize=1 << 14)  # the same keys again and again, as long as one operation is looked at
def _step(key: str | int) -> str:
    return "/" + str(key).replace("~", "~0").replace("/", "~1")


def pointer_keys(text: str) -> list[str]:
    """The keys of a JSON pointer, unescaped; percent escapes are not touched."""
    return [key.replace("~1", "/").replace("~0", "~") for key in text.split("/")[1:]]
