"""What goes into the emitters and what comes out: a Build, and Artifacts."""

from typing import NamedTuple

from scopegen.importable import Importable
from scopegen.model import Model
from scopegen.settings import Settings


class Artifact(NamedTuple):
    """One output file: its path below the output folder, its bytes."""

    path: str
    content: bytes


class Build:
    """Everything an emitter may read.

    `user_pool_arn` is a literal instead of the import variables, where asked for. `compiled` is a folder in which
    compiled templates may be kept, or empty; `texts` keeps the import specs that were made already. Neither changes
    anything but the time a build takes.
    """

    def __init__(
        self,
        settings: Settings,
        model: Model,
        imports: dict[str, Importable],
        user_pool_arn: str = "",
        compiled: str = "",
    ) -> None:
        self.settings, self.model, self.imports = settings, model, imports
        self.user_pool_arn, self.compiled = user_pool_arn, compiled
        self.texts: dict[str, bytes] = {}
