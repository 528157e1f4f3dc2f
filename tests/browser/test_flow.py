"""A single-page app on an origin of its own: sign-in by the page, tokens and calls across origins, refresh, sign-out."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from pooled import CONFIG, DOCUMENT
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from scopegen.testing import LocalGateway

from .test_sign_in import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGE = (Path(__file__).parent / "app.html").read_text("utf-8")
REFUSED = [401, "Unauthorized"]


class Places(NamedTuple):
    """Where the app is, and what it talks to."""

    app: str
    stranger: str
    gateway: LocalGateway


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    """The app, the same app on an origin that the API does not allow, and the gateway."""
    servers = [Server(), Server()]
    urls = [one.url for one in servers]
    web = {
        "kind": "user",
        "callback-urls": [f"{url}/cb" for url in urls],
        "logout-urls": [f"{url}/bye" for url in urls],
    }
    (tmp_path / "specs").mkdir()
    document = copy.deepcopy(DOCUMENT)
    content = {"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}}
    document["paths"]["/pets"]["get"]["responses"]["200"]["content"] = content
    (tmp_path / "specs/pets.json").write_text(json.dumps(document), "utf-8")
    config = {**CONFIG, "clients": {"web": web}, "apis": {"pets": {"cors": {"allow-origins": [urls[0]]}}}}
    (tmp_path / "scopegen.yaml").write_text(json.dumps(config), "utf-8")
    with LocalGateway(tmp_path) as gateway:

        async def settings(_: Request) -> Response:
            return JSONResponse({"pool": gateway.pool_url, "api": gateway.url("pets")})

        async def page(_: Request) -> Response:
            return HTMLResponse(PAGE)

        routes = [Route("/settings", settings), *(Route(path, page) for path in ("/", "/cb", "/bye"))]
        for one in servers:
            one.start(Starlette(routes=routes))
        yield Places(*urls, gateway)
        for one in servers:
            one.stop()


def told(page: "Page", at: str) -> dict[str, Any]:
    """What the app says once it is done at a path of its own."""
    page.wait_for_function(
        'path => document.getElementById(\'said\')?.textContent.includes(`"done","${path}"`)', arg=at
    )
    return {name: rest for name, *rest in json.loads(page.inner_text("#said"))}


def signed_in(page: "Page", app: str) -> dict[str, Any]:
    page.goto(f"{app}/")
    told(page, "/")
    page.click("#in")
    page.fill("input[name=name]", "ann")
    page.check("input[value=Reader]")
    page.get_by_role("button", name="Sign in").click()
    return told(page, "/cb")


def test_the_whole_flow_across_origins(browser: "Browser", places: Places) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        assert signed_in(page, places.app) == {
            "state": [True],
            "read": [200, "an answer"],
            "write": REFUSED,
            "nobody": REFUSED,
            "identity": REFUSED,
            "nowhere": ["TypeError"],  # no path, no preflight: as on AWS a page cannot tell it from no answer
            "refreshed": [True],
            "read again": [200, "an answer"],
            "who": ["ann"],
            "twice": ["invalid_grant"],
            "ended": ["invalid_grant"],  # a code that comes a second time ends the sign-in
            "done": ["/cb"],
        }
        page.goto(f"{places.app}/")
        told(page, "/")
        page.click("#in")
        assert told(page, "/cb")["who"] == ["ann"]  # nobody asks again
        page.click("#out")
        told(page, "/bye")
        page.click("#in")
        page.wait_for_selector("input[name=name]")
        page.set_viewport_size({"width": 360, "height": 740})
        tick, name = (page.locator(f"fieldset label {part}").first.bounding_box() for part in ("input", "span"))
        assert tick
        assert name
        assert abs(tick["y"] + tick["height"] / 2 - name["y"] - name["height"] / 2) <= 1.5
        page.goto(f"{places.gateway.pool_url}/")
        page.wait_for_selector(".call")
        for row in page.locator(".call").all():
            status, time, path = (row.locator(part).bounding_box() for part in (".status", "time", ".path"))
            assert status
            assert time
            assert path
            assert time["y"] - status["y"] < status["height"]
            assert path["y"] >= status["y"] + status["height"] / 2
            assert time["x"] + time["width"] <= 360
    calls = places.gateway.calls
    preflights = [one for one in calls if one.method == "OPTIONS"]
    assert preflights
    assert all(one.status == 204 for one in preflights if one.path.endswith("/pets"))
    assert {one.status for one in calls if one.method == "GET" and one.claims is None} == {401}


def test_another_origin_reads_nothing(browser: "Browser", places: Places) -> None:
    with browser.new_context() as context:
        said = signed_in(context.new_page(), places.stranger)
    assert {said[name][0] for name in ("read", "write", "nobody", "identity", "nowhere", "read again")} == {"TypeError"}
    assert said["who"] == ["ann"]
