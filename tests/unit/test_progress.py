"""A progress bar for people who wait: on a terminal, after a second, and never in anybody's log."""

import io
import sys

import pytest

from scopegen.cli import progress
from scopegen.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _shown(stream: io.StringIO, patience: float, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "_PATIENCE", patience)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    with Progress() as bar:
        bar.step("reading", 0, 4)
        bar.step("writing", 3, 4)
    return stream.getvalue()


def test_shows_what_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    text = _shown(Terminal(), 0.0, monkeypatch)
    assert "reading" in text
    assert "writing" in text
    assert "75%" in text


def test_is_silent_about_what_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _shown(Terminal(), 60.0, monkeypatch) == ""


def test_is_silent_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _shown(io.StringIO(), 0.0, monkeypatch) == ""
