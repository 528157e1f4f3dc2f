"""What goes into the emitters and what comes out: a Build, and Artifacts."""

from dataclasses import dataclass

from scopegen.importable import Importable
from scopegen.model import Model
from scopegen.settings import Settings


@dataclass(frozen=True, slots=True)
class Artifact:
    """One output file: its path below the output folder, its bytes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Build:
    """Everything an emitter may read. `user_pool_arn` is a literal instead of the import variables, where asked for."""

    settings: Settings
    model: Model
    imports: dict[str, Importable]
    user_pool_arn: str = ""
