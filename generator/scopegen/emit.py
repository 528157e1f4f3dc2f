"""Model -> bytes. In: a Build. Out: every artifact of every target, proved; what AWS limits is in the report."""

import posixpath
from collections.abc import Callable, Iterator

from scopegen import codes, limits
from scopegen.artifacts import Artifact, Build
from scopegen.beside import Beside
from scopegen.diagnostics import Diagnostic, Location, Report, Severity
from scopegen.proof import prove
from scopegen.targets import TARGETS

_DESCRIPTION = b'"description": "'
# Where the models of an import spec start and end: its components stand one a line, sorted.
_SCHEMAS, _SCHEMES = b'\n    "schemas": ', b'\n    "securitySchemes": '


def emit(build: Build, report: Report, reader: Beside, meanwhile: Callable[[], None]) -> tuple[Artifact, ...]:
    """All artifacts, sorted by path. The same build gives the same bytes, always and everywhere.

    `meanwhile` is done while another process reads them back, where one does.
    """
    reader.ask(dict(TARGETS["apigateway"].artifacts(build)))
    artifacts = tuple(artifact for target in TARGETS.values() for artifact in target.artifacts(build))
    if reader.is_elsewhere:
        meanwhile()
    report.add(*prove(build, artifacts, reader))
    for artifact in artifacts:
        _check_size(artifact, posixpath.join(build.settings.output, artifact.path), report)
    return tuple(sorted(artifacts, key=lambda artifact: artifact.path))


def _check_size(artifact: Artifact, place: str, report: Report) -> None:
    where = Location(place)
    if artifact.path.endswith("/openapi.json"):
        report.add(*_import_problems(artifact.content, where))
    elif artifact.path.endswith(".yaml"):
        report.add(*_template_problems(len(artifact.content), where))


def _import_problems(content: bytes, where: Location) -> Iterator[Diagnostic]:
    """What is too much for API Gateway's import."""
    size = len(content)
    if size > limits.IMPORT_BYTES:
        hint = f"API Gateway takes {limits.IMPORT_BYTES // 1024 // 1024} MB: set `documentation: strip` for it, or split the API"
        yield codes.TOO_LARGE_FOR_IMPORT.at(where, f"the import spec has {size / 1024 / 1024:.1f} MB", hint)
        return
    number = content.count(_DESCRIPTION)
    if number > limits.DOCUMENTATION_PARTS:
        hint = f"API Gateway keeps {limits.DOCUMENTATION_PARTS}: set `documentation: strip` for it"
        yield codes.MUCH_DOCUMENTATION.at(where, f"{number} descriptions in one import spec", hint)
    models = content.find(_SCHEMES) - content.find(_SCHEMAS)
    if models > limits.MODEL_BYTES:
        hint = f"API Gateway takes {limits.MODEL_BYTES // 1024} KB of them: set `documentation: strip` for it, or split the API"
        yield codes.LARGE_MODELS.at(where, f"the models have {models // 1024} KB", hint)


def _template_problems(size: int, where: Location) -> Iterator[Diagnostic]:
    """What is too much for CloudFormation."""
    message = f"the template has {size} bytes"
    if size > limits.S3_TEMPLATE_BYTES:
        hint = f"CloudFormation takes {limits.S3_TEMPLATE_BYTES} bytes: split the workspace"
        yield codes.TEMPLATE_TOO_LARGE.at(where, message, hint, severity=Severity.ERROR)
    elif size > limits.INLINE_TEMPLATE_BYTES:
        hint = f"a template above {limits.INLINE_TEMPLATE_BYTES} bytes is deployed from a bucket: `--s3-bucket`"
        yield codes.TEMPLATE_TOO_LARGE.at(where, message, hint)
