"""What was built before. In: an output folder. Out: the model in its `access.json`, the specs it was made from."""

from pathlib import Path

from scopegen import access_file
from scopegen.artifacts import Build
from scopegen.model import Model


def previous_model(root: Path) -> Model | None:
    """The model that lies in an output folder; None where there is none that can be read."""
    try:
        return access_file.read((root / "access.json").read_bytes())
    except (OSError, ValueError):
        return None


def foreign_sources(root: Path, build: Build) -> list[str]:
    """Specs that the identity in this folder serves and that a build does not know: it would take their scopes away."""
    model = previous_model(root)
    served = {operation.source.file for operation in model.operations} if model is not None else set()
    known = {api.spec for api in build.settings.apis} | {operation.source.file for operation in build.model.operations}
    return sorted(served - known)
