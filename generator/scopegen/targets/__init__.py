"""The back ends. In: a Build. Out: Artifacts. One module a target, listed here and nowhere else."""

from types import MappingProxyType
from typing import Protocol

from scopegen.artifacts import Artifact, Build
from scopegen.targets import access, api_stack, apigateway, identity, scope_map


class Target(Protocol):
    """What a target module must have."""

    def artifacts(self, build: Build) -> tuple[Artifact, ...]:
        """Every file of this target: a pure function of the build."""


TARGETS: MappingProxyType[str, Target] = MappingProxyType(
    {"access": access, "api_stack": api_stack, "apigateway": apigateway, "identity": identity, "scope_map": scope_map}
)
