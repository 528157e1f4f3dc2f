"""A text in halves says what the whole says, wherever it is cut; or it is not cut."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegen import beside, yaml_events, yaml_halves
from scopegen.parsed import Loaded, TextProblem
from scopegen.survey import Survey
from scopegen.yaml_halves import Cut

TESTS = Path(__file__).parents[1]
# Texts from which documents are put together: each could hide where a mapping ends, or what a name means.
LINES = (
    "a:", "b: 1", "c: |", "d: >-", "e: &n", "f: *n", "g: [1,", "h: {x: 1,", "2]", "x: 2}", '"i": "un', 'ended"', "j: 'k", "'",
    "<<: *n", "<<: {z: 1}", "- l", "- m: 1", "? o", ": p", "---", "...", "# q", "%YAML 1.1", "", "r: &n {s: t}", "u: *n", "v",
    "!!str w: 1", "x: !!int 2", "y: &a [1]", "z: *a", "*n : 1", "a b: c", "t:\t1", "é: ü",
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "is_possible", lambda: False)


def cuts(content: bytes) -> Iterator[Cut]:
    """Before every line that may be a key, with several guesses of what is around it."""
    for match in yaml_halves.KEY.finditer(content):
        column = len(match[1])
        for unit in (1, 2, 3, 4, column or 1):
            yield Cut(match.end(1), (*range(0, column, unit), column))


def said(loaded: Loaded) -> tuple[Any, ...]:
    """Everything, the order of keys too."""
    return repr(loaded.data), loaded.duplicates, loaded.marks


def check(content: bytes) -> list[str]:
    """Every cut of a text; what the second halves begin with that could be read."""
    try:
        whole = said(yaml_events.load(content))
    except TextProblem:
        whole = ()
    made: dict[str, None] = {}
    for cut in cuts(content):
        halves = yaml_halves.divided(content, cut)
        if halves is not None:
            assert whole, f"{cut} of a text that is wrong"
            assert said(halves) == whole, cut
            if halves.survey is not None:
                assert vars(halves.survey) == vars(Survey(halves.data)), cut
            made[content[cut.offset :].decode()[0]] = None
    return list(made)


@settings(max_examples=2000, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(LINES)), max_size=12))
def test_what_may_be_no_yaml(lines: list[tuple[int, str]]) -> None:
    check("".join(f"{'  ' * level}{line}\n" for level, line in lines).encode())


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(alphabet="ab:-# {}[]'\"\n\u00e9\u2028", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="abé", max_size=2), inner, max_size=3),
    max_leaves=15,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.text(alphabet="abc", min_size=1, max_size=2), PLAIN), st.sampled_from([1, 2, 4]), st.booleans()
)
def test_what_pyyaml_writes(data: Any, indent: int, shared: bool) -> None:
    twice = {"one": data, "two": {"data": data}, "three": data} if shared else data
    check(yaml.safe_dump(twice, indent=indent, allow_unicode=True).encode())


@pytest.mark.parametrize("file", sorted(TESTS.glob("cases/**/*.yaml"), key=str), ids=lambda file: file.parent.name)
def test_real_files(file: Path) -> None:
    content = file.read_bytes()
    if len(content) < 5000:
        check(content)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a: 1\nb: 2\n", "b"),
        ("a:\n  b: 1\n  c: 2\nd: 3\n", "bcd"),
        ("a:\n    b:\n      c: 2\n      d: 3\n", "bcd"),
        ("a: &n {x: 1}\nb: *n\n", "b"),
        ("a:\n  b: &n {x: [1]}\n  c: 2\nd: {e: *n}\n", "bcd"),
        ("a: &n text\nb: *n\n", ""),  # only a mapping can be filled in later
        ("a: &n\n  b: 1\n  c: 2\nd: *n\n", "d"),
        ("a: &n\n  b: &n\n  c: *n\n", ""),
        ("a: &n\n  b: &n\nc: *n\n", "c"),
        ("a: &n {x: 1}\nb: {<<: *n}\n", ""),
        ("a: |\n  b: 1\n  c: 2\nd: 1\n", "d"),
        ("a: {\n  b: 1,\n  c: 2 }\nd: 1\n", "d"),
        ("- a: 1\n  b: 2\n", ""),
        ("a: 1\na: 2\n", ""),
        ("a:\n  b: 1\n...\n  c: 2\n", ""),
        ("%TAG !! tag:x,2000:\n---\na: 1\nb: !!str 2\n", ""),
    ],
)
def test_what_can_be_cut(text: str, made: str) -> None:
    assert check(text.encode()) == list(made)
