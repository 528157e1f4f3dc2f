"""The straight line, whole: specs and settings in, proved artifacts out. Read this first.

    files ─ load ─▶ documents ─ extract, compile ─▶ model ─ rules, import ─▶ build ─ emit, prove ─▶ artifacts

Every stage collects all it finds; between two stages the line stops if anything found is an error.
"""

from collections.abc import Callable

from scopegen import emit, extract, grants, importable, proof, rules, validate, workspace
from scopegen.artifacts import Artifact, Build
from scopegen.beside import LARGE
from scopegen.diagnostics import Report
from scopegen.locate import Found
from scopegen.model import Operation
from scopegen.settings import Settings
from scopegen.source import Source
from scopegen.tree import Tree


class Result:
    """What a run came to: the findings with the sources they point into, and, if there was no error, everything else.

    The settings and the operations are those known when an error stopped the line.
    """

    def __init__(self) -> None:
        self.report = Report()
        self.sources: dict[str, Source] = {}
        self.settings = Settings()
        self.operations: list[Operation] = []
        self.build: Build | None = None
        self.artifacts: tuple[Artifact, ...] = ()

    def locate(self) -> None:
        """Look up where the findings stand, which is remembered: work for the time in which others are waited for."""
        for location in [found.location for found in self.report.diagnostics]:
            if location is not None and location.file in self.sources:
                self.sources[location.file].span(location)


Step = Callable[[str, int, int], None]


def run(
    tree: Tree, found: Found, result: Result, user_pool_arn: str = "", compiled: str = "", step: Step = lambda *_: None
) -> None:
    """Compile a workspace into `result` and emit it; Stopped where a stage has found an error. `step` is told what begins."""
    step("reading", 0, 4)
    settings = _settings(tree, found, result)
    with proof.reader(is_worth=any(tree.size(api.spec) > LARGE for api in settings.apis)) as reader:
        result.build = _meaning(tree, settings, result, user_pool_arn, compiled, step)
        step("writing", 3, 4)
        result.artifacts = emit.emit(result.build, result.report, reader, result.locate)
    result.report.stop_on_error()


def understand(tree: Tree, found: Found, result: Result) -> Build:
    """The first half: what a workspace means, with nothing emitted. Also for a revision, of which nothing is written."""
    return _meaning(tree, _settings(tree, found, result), result)


def _settings(tree: Tree, found: Found, result: Result) -> Settings:
    result.settings = workspace.read(tree, found, result.sources, result.report)
    result.report.stop_on_error()
    return result.settings


def _meaning(
    tree: Tree,
    settings: Settings,
    result: Result,
    user_pool_arn: str = "",
    compiled: str = "",
    step: Step = lambda *_: None,
) -> Build:
    report = result.report
    step("validating", 1, 4)
    documents = validate.documents(tree, settings, result.sources, report)
    report.stop_on_error()
    step("extracting", 2, 4)
    apis = settings.apis
    operations = result.operations = [op for api in apis for op in extract.extract(documents[api.name], api, report)]
    imports = {api.name: importable.importable(documents[api.name], api, report) for api in apis}
    report.stop_on_error()
    model = grants.compile_model(settings, operations, report)
    report.add(*rules.check(settings, documents, imports, model))
    report.stop_on_error()
    documents.clear()
    for source in result.sources.values():
        source.release()
    return Build(settings, model, imports, user_pool_arn, compiled)
