"""Model -> bytes. In: a Build. Out: every artifact of every target, proved; what AWS limits is in the report."""

import posixpath

from scopegen import codes, limits
from scopegen.artifacts import Artifact, Build
from scopegen.diagnostics import Location, Report, Severity
from scopegen.proof import prove
from scopegen.targets import TARGETS

_DESCRIPTION = b'"description": "'


def emit(build: Build, report: Report) -> tuple[Artifact, ...]:
    """All artifacts, sorted by path. The same build gives the same bytes, always and everywhere."""
    artifacts = tuple(artifact for target in TARGETS.values() for artifact in target.artifacts(build))
    report.add(*prove(build, artifacts))
    for artifact in artifacts:
        _check_size(artifact, posixpath.join(build.settings.output, artifact.path), report)
    return tuple(sorted(artifacts, key=lambda artifact: artifact.path))


def _check_size(artifact: Artifact, place: str, report: Report) -> None:
    size, where = len(artifact.content), Location(place)
    if artifact.path.endswith("/openapi.json") and size > limits.IMPORT_BYTES:
        hint = f"API Gateway takes {limits.IMPORT_BYTES // 1024 // 1024} MB: set `documentation: strip` for it, or split the API"
        report.add(codes.TOO_LARGE_FOR_IMPORT.at(where, f"the import spec has {size / 1024 / 1024:.1f} MB", hint))
    elif artifact.path.endswith("/openapi.json") and size > limits.DOCUMENTATION_PARTS * len(_DESCRIPTION):
        number = artifact.content.count(_DESCRIPTION)
        if number > limits.DOCUMENTATION_PARTS:
            hint = f"API Gateway keeps {limits.DOCUMENTATION_PARTS}: set `documentation: strip` for it"
            report.add(codes.MUCH_DOCUMENTATION.at(where, f"{number} descriptions in one import spec", hint))
    elif artifact.path.endswith(".yaml") and size > limits.S3_TEMPLATE_BYTES:
        hint = f"CloudFormation takes {limits.S3_TEMPLATE_BYTES} bytes: split the workspace"
        message = f"the template has {size} bytes"
        report.add(codes.TEMPLATE_TOO_LARGE.at(where, message, hint, severity=Severity.ERROR))
    elif artifact.path.endswith(".yaml") and size > limits.INLINE_TEMPLATE_BYTES:
        hint = f"a template above {limits.INLINE_TEMPLATE_BYTES} bytes is deployed from a bucket: `--s3-bucket`"
        report.add(codes.TEMPLATE_TOO_LARGE.at(where, f"the template has {size} bytes", hint))
