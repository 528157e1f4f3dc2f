"""YAML as its author wrote it, and problems at the place where they are."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegen import json_text, yaml_events
from scopegen.parsed import TextProblem
from scopegen.positions import Places
from scopegen.source import Source

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(alphabet="ab:-# {}[]'\"\n", max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet="abc", max_size=3), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(PLAIN)
def test_reads_what_pyyaml_writes(data: Any) -> None:
    assert yaml_events.load(yaml.safe_dump(data).encode()).data == data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"), ("no", "no"), ("on", "on"), ("y", "y"), ("true", True), ("False", False), ("~", None), ("null", None),
        ("2025-07-31", "2025-07-31"), ("18:00", "18:00"), ("007", "007"), ("0", 0), ("-1", -1), ("+1", 1), ("1.10", 1.1),
        ("1e3", 1000.0), ("0x1F", 31), ("0o17", 15), ("1_000", "1_000"), ("1.2.3", "1.2.3"), ("-", None), ("--", "--"),
        (".5", 0.5), ("1.", 1.0), ("0.5", 0.5), ("00.5", "00.5"), ("+-1", "+-1"), ("e3", "e3"), ("'1'", "1"), ("!!str 1", "1"),
        ("!!int 1", 1), ("!!bool true", True), ("! no", "no"), ("12345678901234567890", 12345678901234567890),
    ],
)  # fmt: skip
def test_plain_scalars(text: str, value: Any) -> None:
    read = (
        yaml_events.load(f"key: {text}\n".encode()).data["key"]
        if text != "-"
        else yaml_events.load(b"key:\n").data["key"]
    )
    assert read == value
    assert type(read) is type(value)


def test_keys_are_always_text() -> None:
    data = yaml_events.load(b"{200: a, on: b, null: c, 1.0: d, true: e, '': f}").data
    assert data == {"200": "a", "on": "b", "null": "c", "1.0": "d", "true": "e", "": "f"}


def test_merge_keys_and_anchors() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {<<: *a, y: 3}\nc: {<<: [*b, {z: 4}]}\nd: *b\n&k e: *k\n"
    data = yaml_events.load(text.encode()).data
    assert data["b"] == {"x": 1, "y": 3}
    assert data["c"] == {"x": 1, "y": 3, "z": 4}
    assert data["d"] is data["b"]
    assert data["e"] == "e"


@pytest.mark.parametrize(
    ("text", "kind", "line", "column"),
    [
        pytest.param("", "empty", 1, 1, id="nothing"),
        pytest.param("# a remark\n", "empty", 1, 1, id="only a remark"),
        pytest.param("a: 1\n---\nb: 2\n", "syntax", 2, 1, id="two documents"),
        pytest.param("a: [1\n", "syntax", 2, 1, id="a list that does not end"),
        pytest.param("a: 1\n\tb: 2\n", "syntax", 2, 1, id="a tab"),
        pytest.param("a: !Sub x\n", "tag", 1, 4, id="a tag of CloudFormation's"),
        pytest.param("a: !!python/object x\n", "tag", 1, 4, id="a tag of Python's"),
        pytest.param("a: !Sub {x: 1}\n", "tag", 1, 4, id="a tag on a mapping"),
        pytest.param("? [1]\n: 2\n", "tag", 1, 3, id="a key that is a list"),
        pytest.param("? {a: 1}\n: 2\n", "tag", 1, 3, id="a key that is a mapping"),
        pytest.param("a: &a [1]\n*a : 2\n", "tag", 2, 1, id="a key that is an alias of a list"),
        pytest.param("a: *b\n", "alias", 1, 4, id="an alias of nothing"),
        pytest.param("a: &a [*a]\n", "alias", 1, 8, id="an alias of itself"),
        pytest.param("a: &a {b: 1}\nc: &a [*a]\n", "alias", 2, 8, id="an alias of itself under a name used before"),
        pytest.param("<<: 1\n", "syntax", 1, 5, id="a merge of a number"),
        pytest.param("a: .inf\n", "number", 1, 4, id="infinity"),
        pytest.param("a: 1e999\n", "number", 1, 4, id="a number too large for JSON"),
        pytest.param("a: " + "9" * 5000 + "\n", "number", 1, 4, id="an integer too long to read"),
        pytest.param("[" * 300 + "]" * 300, "deep", 1, 201, id="deep nesting"),
        pytest.param("%YAML 9.9\n--- a\n", "syntax", 1, 1, id="a YAML of the future"),
    ],
)
def test_problems(text: str, kind: str, line: int, column: int) -> None:
    with pytest.raises(TextProblem) as caught:
        yaml_events.load(text.encode())
    assert (caught.value.kind, caught.value.span.line, caught.value.span.column) == (kind, line, column)


def test_aliases_that_explode_are_refused_before_they_do() -> None:
    levels = "\n".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 12))
    with pytest.raises(TextProblem) as caught:
        yaml_events.load(f"l0: &l0 [x]\n{levels}\n".encode())
    assert caught.value.kind == "bomb"


def test_duplicate_keys_are_noticed() -> None:
    assert yaml_events.load(b"a: 1\nb: {c: 1, c: 2}\n").duplicates
    assert not yaml_events.load(b"a: {c: 1}\nb: {c: 1}\n").duplicates


@settings(max_examples=200, deadline=None)
@given(PLAIN)
def test_everything_has_a_place(data: Any) -> None:
    for text, is_json in ((yaml.safe_dump(data), False), (__import__("json").dumps(data, indent=1), True)):
        assert all(places(text, is_json).find(pointer) for pointer in _pointers(data, ""))


def _pointers(data: Any, path: str) -> list[str]:
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(pointer for key, value in below for pointer in _pointers(value, f"{path}/{key}"))]


@pytest.mark.parametrize("is_json", [True, False])
def test_places_are_where_things_are(is_json: bool) -> None:
    found = places('{"a": [1, {"b/c": "x"}],\n "d": 2, "d": 3}', is_json)
    place = found.find("/a/1/b~1c")
    assert place is not None
    assert place.key is not None
    assert (place.value.line, place.value.column, place.value.end_column) == (1, 19, 22)
    assert (place.key.column, place.key.end_column) == (12, 17)
    assert [(path, [(span.line, span.column) for span in spans]) for path, spans in found.twice()] == [
        ("/d", [(2, 2), (2, 10)])
    ]
    assert found.find("/d").value.column == 15  # type: ignore[union-attr]
    assert found.find("/a/1/nothing") is None


def test_keys_of_every_style_have_a_place() -> None:
    text = "&r {plain: 1, 'sin gle': 2, \"d\\x6fuble\": 3, ? long : 4}\n"
    found = places(text, False)
    assert [found.find(f"/{key}").value.column for key in ("plain", "sin gle", "double", "long")] == [12, 26, 42, 54]  # type: ignore[union-attr]


def test_an_alias_has_no_places_of_its_own() -> None:
    found = places("a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n", False)
    assert found.find("/c") is not None
    assert found.find("/c/b") is None
    assert found.find("/d/b") is None
    assert found.find("/d/e").value.line == 3  # type: ignore[union-attr]


def places(text: str, is_json: bool) -> Places:
    source = Source("a.json" if is_json else "a.yaml", text.encode(), is_json)
    source.take(json_text.load(text.encode()) if is_json else yaml_events.load(text.encode()))
    assert source.places is not None
    return source.places
