"""One fast look over a whole document. In: its data. Out: what stands anywhere in it.

Most of what must be looked for is in hardly any document: a closer look, which knows where it is, is taken only where
this one has seen something. What it says is never too little.
"""

import math
from collections.abc import Mapping
from typing import Any

from scopegen.document import Json

TAG = "x-required-scope"
SERVER_TAG = "x-resource-server"
_WATCHED = (TAG, SERVER_TAG)


class Survey:
    """`keys` is every key, `references` every text at a `$ref`, `counts` how often the watched keys stand.

    `is_computed` if some text has what CloudFormation or API Gateway would compute. `entries` is the number of keys in
    all mappings, `depth` that of containers around each other, `is_finite` if no number is endless.
    """

    def __init__(self, data: Json) -> None:
        self.keys: set[str] = set()
        self.references: set[str] = set()
        self.counts = dict.fromkeys(_WATCHED, 0)
        self.is_computed, self.is_finite = False, True
        self.entries = self.depth = 0
        self._look(data)

    def add(self, seen: Mapping[str, Any]) -> None:
        """Take in what another survey has seen, of what else stands in the same document: its `vars`."""
        self.keys |= seen["keys"]
        self.references |= seen["references"]
        self.counts = {key: number + seen["counts"][key] for key, number in self.counts.items()}
        self.is_computed, self.is_finite = self.is_computed or seen["is_computed"], self.is_finite and seen["is_finite"]
        self.entries, self.depth = self.entries + seen["entries"], max(self.depth, seen["depth"])

    def _look(self, data: Json) -> None:
        level = [data]
        while level:
            inner: list[Json] = []
            self._look_at(level, inner)
            self.depth += any(isinstance(node, dict | list) for node in level)
            level = inner

    def _look_at(self, level: list[Json], inner: list[Json]) -> None:
        """Look at everything of one depth; what lies in it goes to `inner`."""
        for node in level:
            if isinstance(node, str):
                if "{" in node and ("${AWS::" in node or "{{resolve:" in node):
                    self.is_computed = True
            elif isinstance(node, dict):
                self.keys.update(node)
                self.entries += len(node)
                inner += node.values()
                reference = node.get("$ref")
                if isinstance(reference, str):
                    self.references.add(reference)
                for key in _WATCHED:
                    if key in node:
                        self.counts[key] += 1
            elif isinstance(node, list):
                inner += node
            elif isinstance(node, float):
                self.is_finite = self.is_finite and math.isfinite(node)
