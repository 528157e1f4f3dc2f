"""Lines, columns and pieces of a text, whatever ends its lines, in blocks of any size: held against the text itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopegen import lines
from scopegen.lines import Lines

PIECES = ["a", "b ", "é", "😀", "\n", "\r\n", "\r", "\x85", "\u2028", "a longer line of text"]
BREAKS = {True: "\n", False: "\r\n|[\r\n\x85\u2028\u2029]"}


@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=40),
    is_json=st.booleans(),
    size=st.sampled_from([1, 7, 16, 1 << 14]),
)
def test_points_and_pieces(pieces: list[str], is_json: bool, size: int) -> None:
    text = "".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_BLOCK", size)
        found = Lines(text.encode(), is_json=is_json)
    inside = {match.start() + 1 for match in re.finditer("\r\n", text)}  # nothing starts or ends there
    for index in [index for index in range(len(text) + 1) if index not in inside]:
        before = re.split(BREAKS[is_json], text[:index])
        offset = len(text[:index].encode()) if is_json else index
        assert found.point(offset) == (len(before), len(before[-1]) + 1)
        assert found.cut(0, offset) == text[:index]
        assert found.cut(offset, len(text.encode()) if is_json else len(text)) == text[index:]
    for number, line in enumerate(re.split(BREAKS[is_json], text), 1):
        assert found.line(number) == line.rstrip("\r")
    assert found.line(len(text) + 2) == ""
