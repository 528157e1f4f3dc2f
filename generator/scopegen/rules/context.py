"""What a rule may look at, and how it finds its way from the model back to the document."""

from collections.abc import Mapping
from typing import NamedTuple

from scopegen.decide import Holders
from scopegen.diagnostics import Location, pointer
from scopegen.document import Document, Json, mapping
from scopegen.importable import Importable
from scopegen.importable.operations import method_key
from scopegen.model import Model, Operation
from scopegen.settings import Settings
from scopegen.survey import TAG


class Context(NamedTuple):
    """A whole workspace, read only."""

    settings: Settings
    documents: Mapping[str, Document]
    imports: Mapping[str, Importable]
    model: Model
    holders: Holders

    def data(self, operation: Operation) -> dict[str, Json]:
        """The operation object as the document has it."""
        paths = mapping(self.documents[operation.api].data.get("paths"))
        return mapping(mapping(paths.get(operation.path)).get(method_key(operation.method)))

    def at(self, operation: Operation, *below: str) -> Location:
        """A place inside an operation."""
        keys = ("paths", operation.path, method_key(operation.method), *below)
        return self.documents[operation.api].at(pointer(*keys), "value" if below else "key")

    def tag(self, operation: Operation) -> Location:
        """Where the operation's own tag stands, else the operation."""
        return self.at(operation, TAG) if TAG in self.data(operation) else self.at(operation)
