"""One fast look over a whole document. In: its data. Out: what stands anywhere in it.

Most of what must be looked for is in hardly any document: a closer look, which knows where it is, is taken only where
this one has seen something. What it says is never too little.
"""

from scopegen.document import Json

TAG = "x-required-scope"
SERVER_TAG = "x-resource-server"
_WATCHED = (TAG, SERVER_TAG)


class Survey:
    """`keys` is every key, `references` every text at a `$ref`, `counts` how often the watched keys stand.

    `is_computed` if some text has what CloudFormation or API Gateway would compute.
    """

    def __init__(self, data: Json) -> None:
        self.keys: set[str] = set()
        self.references: set[str] = set()
        self.counts = dict.fromkeys(_WATCHED, 0)
        self.is_computed = False
        self._look(data)

    def _look(self, data: Json) -> None:
        nodes = [data]
        for node in nodes:  # which grows while it is worked on
            if isinstance(node, str):
                if "{" in node and ("${AWS::" in node or "{{resolve:" in node):
                    self.is_computed = True
            elif isinstance(node, dict):
                self.keys.update(node)
                nodes += node.values()
                reference = node.get("$ref")
                if isinstance(reference, str):
                    self.references.add(reference)
                for key in _WATCHED:
                    if key in node:
                        self.counts[key] += 1
            elif isinstance(node, list):
                nodes += node
