"""A browser that is here already: the Chromium of this machine, driven by what `make browser-setup` installs."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scopegen.matrix import Matrix, matrix, page
from scopegen.model import Model

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
Show = Callable[..., "Page"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Closed before the tests of another module: its driver keeps an event loop, beside which no other one can run."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium here")
    api = pytest.importorskip("playwright.sync_api", reason="`make browser-setup` was not run")
    # Chromium's own sandbox does not start for root, as in a container.
    flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=found, args=flags)
        yield started
        started.close()


@pytest.fixture
def show(browser: "Browser", tmp_path: Path) -> Iterator[Show]:
    """Shows a model's page as a file. Whatever the page asks for or complains of fails the test at its end."""
    heard: list[str] = []
    contexts = []

    def shown(
        model: Model | Matrix, state: str = "", width: int = 1280, height: int = 800, dark: bool = False
    ) -> "Page":
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        opened = context.new_page()
        opened.on("console", lambda message: heard.append(f"console: {message.text}"))
        opened.on("pageerror", lambda error: heard.append(f"error: {error}"))
        opened.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        file = tmp_path / "access.html"
        file.write_text(page.text(model if isinstance(model, Matrix) else matrix(model)), "utf-8")
        opened.on("request", lambda request: None if request.url.startswith("file:") else heard.append(request.url))
        opened.goto(f"{file.as_uri()}{state}")
        return opened

    yield shown
    for context in contexts:
        context.close()
    assert heard == []
