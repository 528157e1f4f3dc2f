"""What `lint --strict` adds: openapi-spec-validator's checks inside schemas. In: sources. Out: located diagnostics.

Our own validation gives the same verdicts on everything else, many times faster; these check `default` values, and
`required` properties across `allOf`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scopegen import codes
from scopegen.artifacts import Build
from scopegen.diagnostics import Diagnostic, Location, pointer
from scopegen.document import mapping, text
from scopegen.source import Source


def strict_findings(sources: Mapping[str, Source], build: Build | None) -> Iterator[Diagnostic]:
    """Findings for every spec of a build."""
    for api in build.settings.apis if build is not None else ():
        yield from _findings(sources[api.spec])


def _findings(source: Source) -> Iterator[Diagnostic]:
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

    is_31 = text(mapping(source.data).get("openapi")).startswith("3.1")
    validator = (OpenAPIV31SpecValidator if is_31 else OpenAPIV30SpecValidator)(source.data)  # type: ignore[arg-type]
    try:
        for error in _errors(validator.iter_errors()):
            where = Location(source.file, pointer(*getattr(error, "absolute_path", ())))
            message = " ".join(str(getattr(error, "message", error)).split())[:160]
            yield codes.STRICT_FINDING.at(where, message, "found by openapi-spec-validator")
    except Exception as error:  # it raises on recursive schemas and on greedy paths, both of which API Gateway takes
        hint = "its checks were not finished; scopegen's own were"
        message = f"openapi-spec-validator stopped with {type(error).__name__}"
        yield codes.STRICT_FINDING.at(Location(source.file), message, hint, severity=codes.NOTE)


def _errors(found: Iterable[Any]) -> Iterator[Any]:
    """The errors that name a place: those without one are about greedy parameters, which it does not know."""
    return (error for error in found if getattr(error, "absolute_path", ()))
