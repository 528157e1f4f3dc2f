"""What goes into the emitters and what comes out: a Build, and Artifacts."""

from typing import NamedTuple

from scopegen.importable import Importable
from scopegen.model import Model
from scopegen.settings import Settings


class Artifact(NamedTuple):
    """One output file: its path below the output folder, its bytes."""

    path: str
    content: bytes


class Build(NamedTuple):
    """Everything an emitter may read.

    `user_pool_arn` is a literal instead of the import variables, where asked for. `compiled` is a folder in which
    compiled templates may be kept, or empty; it changes nothing but the time a build takes.
    """

    settings: Settings
    model: Model
    imports: dict[str, Importable]
    user_pool_arn: str = ""
    compiled: str = ""
