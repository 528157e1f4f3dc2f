"""Every literal means its value and nothing else, whatever the value contains."""

import ast
import json
import re
from typing import Any

import pytest
import yaml
from generated import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegen import quoting, yaml_events

TEXT = st.sampled_from(HOSTILE) | st.text()
DATA = st.recursive(
    TEXT | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)
MANY = settings(max_examples=300, deadline=None)


@MANY
@given(DATA)
def test_yaml_literal(value: Any) -> None:
    written = f"key: {quoting.yaml_literal(value)}\n"
    assert yaml_events.load(written.encode()).data == {"key": value}


@MANY
@given(TEXT)
def test_yaml_1_1_readers_agree_on_texts(value: str) -> None:
    assert yaml.safe_load(f"key: {quoting.yaml_literal(value)}\n") == {"key": value}


@MANY
@given(DATA)
def test_yaml_block(value: Any) -> None:
    written = f"key:{quoting.yaml_block({'a': value}, 4)}\nnext: 1\n"
    assert yaml_events.load(written.encode()).data == {"key": {"a": value}, "next": 1}


@MANY
@given(st.dictionaries(TEXT, DATA, max_size=3), st.integers(0, 3))
def test_json_lined(value: dict[str, Any], depth: int) -> None:
    written = quoting.json_lined(value, dict.fromkeys(value, depth))
    assert json.loads(written) == value
    assert written.endswith("}\n")


@MANY
@given(TEXT)
def test_python_literal(value: str) -> None:
    written = quoting.python_literal(value)
    assert ast.literal_eval(written) == value
    assert written.isascii()
    assert "\n" not in written


@MANY
@given(TEXT)
def test_markdown_never_leaves_its_cell_and_never_becomes_markup(value: str) -> None:
    for written in (quoting.markdown_literal(value), quoting.markdown_code(value)):
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e]", written)
        if written.startswith("`"):
            assert written.count("`") == 2
            assert "|" not in written
        else:
            assert not re.search(r"(?<!\\)(?:\\\\)*[|<>`\[\]*_#&]", written)


@pytest.mark.parametrize(
    "word", ["yes", "No", "ON", "off", "true", "null", "y", "N", "~", "1", "0x1", "1e3", "1_0", "2022-02-16"]
)
def test_words_that_yaml_reads_as_something_else_are_quoted(word: str) -> None:
    assert quoting.yaml_literal(word).startswith('"')


@pytest.mark.parametrize("word", ["AWS::Cognito::UserPool", "Reader", "client_credentials", "managed-by"])
def test_plain_words_stay_readable(word: str) -> None:
    assert quoting.yaml_literal(word) == word


def test_source_code_is_shown_as_a_block() -> None:
    assert quoting.yaml_block({"ZipFile": "import os\n\n\ndef f():\n    pass\n"}, 2).startswith(
        "\n  ZipFile: |\n    import os\n"
    )
