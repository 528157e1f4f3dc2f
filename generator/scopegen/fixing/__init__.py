"""`lint --fix`. In: a workspace and what was found in it. Out: files as they would be, or why nothing is to be written.

Only what can be meant in one way is corrected, and a correction never opens anything: before a file is written the
workspace is compiled with it, and every operation must require what it required, those whose tag was corrected what
the tag says.
"""

from collections.abc import Sequence
from typing import NamedTuple

from scopegen.fixing.checks import problem_of
from scopegen.fixing.edits import EditedTree, Text, edited, separable
from scopegen.fixing.fixes import Fix, fixes
from scopegen.locate import Found
from scopegen.pipeline import Result
from scopegen.tree import Tree, TreeError


class Attempt(NamedTuple):
    """The fixes, the files before and after them, and why they cannot be written; empty if they can."""

    fixes: Sequence[Fix]
    before: dict[str, bytes]
    after: dict[str, bytes]
    problem: str = ""


def attempt(tree: Tree, found: Found, result: Result, codes: Sequence[str], *, stopped: bool) -> Attempt:
    """Correct what rules with these codes have found and what can be corrected, all of it or nothing.

    Where specs were named, no other file is touched.
    """
    wanted = [
        fix for fix in fixes(tree, result) if fix.found.code in codes and (not found.specs or fix.file in found.specs)
    ]
    texts = {fix.file: Text(fix.file, tree.read(fix.file)) for fix in wanted}
    written = [fix for fix in wanted if texts[fix.file].literal(fix) is not None]
    possible = [fix for file in texts for fix in separable(texts[file], [fix for fix in written if fix.file == file])]
    before = {fix.file: texts[fix.file].content for fix in possible}
    after = {}
    for file in before:
        changed = edited(texts[file], [fix for fix in possible if fix.file == file])
        if changed is None:
            return Attempt(possible, before, {}, f"`{file}` would not say what was meant")
        after[file] = changed
    problem = problem_of(EditedTree(tree, after), found, result, possible, stopped=stopped) if possible else ""
    return Attempt(possible, before, after, problem)


def is_unchanged(tree: Tree, files: dict[str, bytes]) -> bool:
    """Whether files are still what they were: an editor may have been faster."""
    try:
        return all(tree.read(file) == content for file, content in files.items())
    except TreeError:
        return False
