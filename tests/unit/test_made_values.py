"""What is made up for schemas and patterns that real documents have; the shapes of patterns are read, none is run."""

import json
import re
import time
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopegen.gateway.pattern_value import matching
from scopegen.gateway.schema_value import made

PATTERNS = [
    "[0-9a-f]{7,}?", "^([0-9]+)_([0-9]+)$", "^([0-9]{1,19}-[0-9]{1,19}|[0-9]{15,19})$", r"^\d{1,13}\.\d{1,5}$",
    "^[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}$", "^[A-Z]{2}[0-9a-fA-F]{32}$",
    "AC[0-9a-f]{32}", "^[^/]+$", "^[^a]+$", r"^[\w.-]+@[\w-]+(\.[a-z]{2,})+$", r"^\x41\u0042[]x]$", "^(?:a|b)?c{3}d*$",
    r"^[\d\-]+[^\s\w]$", r"^\+?[1-9]\d{1,14}$", "^(?P<year>[0-9]{4})$", "", "^$", "plain", r"^\/a\[b\]$", "^[a-]+$", "^x{2,}$",
]  # fmt: skip
UNREAD = [r"\bword\b", r"^(?=a)a$", r"(a)\1", r"\p{L}+", "(", ")", "[", "a{", "*a", "a**", "\\", "(" * 400, "a{9999}", "((((a{99}){99}){99}){99})",
          "[z-a", "a" * 501, "(?<!x)y"]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("least", [0, 8])
def test_a_pattern_is_met(pattern: str, least: int) -> None:
    found = matching(pattern, least)
    assert re.search(pattern, found), found
    if least and pattern in ("^[^/]+$", "[0-9a-f]{7,}?", "^x{2,}$", r"^[\d\-]+[^\s\w]$"):
        assert len(found) >= least


@pytest.mark.parametrize("pattern", UNREAD, ids=lambda text: text[:20])
def test_what_is_not_read_is_left_alone(pattern: str) -> None:
    assert matching(pattern, 5) == ""


@given(st.text("ab01()[]{}|*+?^$\\.,-:=!<>PdwsSDWx", max_size=40), st.integers(0, 400))
def test_no_pattern_breaks_or_takes_long(pattern: str, least: int) -> None:
    began = time.perf_counter()
    assert len(matching(pattern, least)) <= 1_000
    assert time.perf_counter() - began < 1


PET: Any = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "in": {"allOf": [{"$ref": "#/components/schemas/Pet"}]}},
}


def deep(levels: int, last: Any) -> Any:
    for _ in range(levels):
        last = {"type": "object", "required": ["a"], "properties": {"a": last, "b": {"type": "array", "items": last}}}
    return last


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}, id="more than three items"),
        pytest.param({"type": "array", "items": {"type": "string"}, "maxItems": 0}, id="no items"),
        pytest.param({"type": "object", "required": ["unnamed"], "properties": {"a": {"type": "string"}}}, id="required and not named"),
        pytest.param({"type": "array", "items": {"type": "string"}, "example": "drugs"}, id="an example of another type"),
        pytest.param({"type": "string", "example": 7}, id="a number for a text"),
        pytest.param({"type": "integer", "default": "7"}, id="a text for a number"),
        pytest.param({"type": "integer", "example": True}, id="true is no number"),
        pytest.param({"type": "object", "required": ["a"], "example": {"b": 1}}, id="an example that lacks something"),
        pytest.param({"type": "string", "enum": [None, 1, "a"]}, id="an enumeration of several types"),
        pytest.param(deep(12, {"type": "string"}), id="required far down"),
        pytest.param({"$ref": "#/components/schemas/Pet"}, id="itself below allOf"),
        pytest.param({"oneOf": [{"$ref": "#/components/schemas/Pet"}]}, id="a model as an alternative"),
        pytest.param({"type": "string", "minLength": 5, "pattern": "^[A-F0-9]+$"}, id="a pattern and a length"),
    ],
)  # fmt: skip
def test_what_real_documents_ask_for_is_made(schema: Any) -> None:
    models = {"Pet": PET}
    found = made(schema, models)
    jsonschema_rs.Draft4Validator({"allOf": [schema], "components": {"schemas": models}}).validate(found)


def test_required_parts_that_double_at_every_level_end() -> None:
    models: Any = {
        f"m{i}": {"type": "object", "required": ["a", "b", "c"], "properties": {name: {"$ref": f"#/components/schemas/m{i + 1}"} for name in "abc"}}
        for i in range(40)
    }  # fmt: skip
    assert len(json.dumps(made({"$ref": "#/components/schemas/m0"}, models))) < 200_000
