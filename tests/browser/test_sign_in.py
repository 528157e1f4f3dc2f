"""The sign-in page in a browser: with the keyboard alone, without scripts, on a phone, and on to the app through the policy."""

import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import uvicorn
from pooled import asked, build
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from scopegen.pool.app import routes
from scopegen.pool.pool import Pool

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class Server:
    """An app on a port of its own, until it is stopped."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def start(self, app: Starlette) -> None:
        self.server = uvicorn.Server(uvicorn.Config(app, http="h11", ws="none", lifespan="off", log_level="critical"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})
        self.thread.start()

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()


@pytest.fixture
def places() -> Iterator[tuple[Pool, Server]]:
    """A pool, and an app whose callback sends on to another port, as one with a separate front end does."""
    servers = pooled, app, front = Server(), Server(), Server()

    async def home(request: Request) -> Response:
        return PlainTextResponse(f"home {request.url.query} referer={request.headers.get('referer')}")

    async def callback(request: Request) -> Response:
        return RedirectResponse(f"{front.url}/home?{request.url.query}")

    clients = {"web": {"kind": "user", "callback-urls": [f"{app.url}/cb"], "logout-urls": [f"{front.url}/home"]}}
    served = build(clients=clients)
    made = Pool(lambda: served, pooled.url)
    pooled.start(Starlette(routes=list(routes(made))))
    app.start(Starlette(routes=[Route("/cb", callback)]))
    front.start(Starlette(routes=[Route("/home", home)]))
    yield made, app
    for one in servers:
        one.stop()


def opened(browser: "Browser", made: Pool, app: Server, dark: bool = False) -> "Page":
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, color_scheme="dark" if dark else "light", java_script_enabled=False
    )
    page = context.new_page()
    query = "&".join(f"{name}={value}" for name, value in asked(redirect_uri=f"{app.url}/cb").items())
    page.goto(f"{made.url}/oauth2/authorize?{query}")
    return page


def test_the_keyboard_signs_in_and_the_policy_lets_the_app_go_on(
    browser: "Browser", places: tuple[Pool, Server]
) -> None:
    made, app = places
    page = opened(browser, made, app)
    page.keyboard.type("ann")
    for key in ("Tab", "Space", "Tab", "Tab", "Space", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/home?**")
    text = page.content()
    assert "code=" in text
    assert "state=s" in text
    assert "referer=None" in text
    ann = made.users.get("ann")
    assert ann is not None
    assert ann.groups == ("Cashier", "Reader")
    page.goto(f"{made.url}/logout?client_id=web&logout_uri=" + page.url.partition("?")[0])
    assert "home" in page.content()
    page.context.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_fits_a_phone_and_a_user_is_one_button(browser: "Browser", places: tuple[Pool, Server], dark: bool) -> None:
    made, app = places
    made.users.put("a" * 128, ["Reader", "Writer"])
    page = opened(browser, made, app, dark)
    sizes = page.locator("main").bounding_box(), page.locator("button.user").bounding_box()
    for size in sizes:
        assert size is not None
        assert size["x"] >= 0
        assert size["x"] + size["width"] <= 360
    page.get_by_role("button", name="aaaa").click()
    page.wait_for_url("**/home?**")
    page.context.close()
