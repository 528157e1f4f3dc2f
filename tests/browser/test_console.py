"""The console in a real browser: users, tokens and calls as they come; no name is more than text; nobody else is asked."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import consoles
import matrices
import pytest

from scopegen.model import Client, Model, Operation
from scopegen.quoting import shown as visible

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[..., "Page"]
SMALL = matrices.small()
CLAIMS: dict[str, Any] = {"token_use": "access", "scope": "openid pets/read", "username": "ann", "client_id": "web"}
# What our own script makes; an attack that became markup would be something else.
OURS = set(
    "html head meta title style body a header div h1 h2 p section ul ol li form label input button select option main "
    "span time dialog textarea noscript script".split()
)


@pytest.fixture
def serving() -> Iterator[Callable[[Model], consoles.Console]]:
    """Serves consoles until the test ends."""
    with contextlib.ExitStack() as stack:
        yield lambda model: stack.enter_context(consoles.serving(model))


@pytest.fixture
def visit(browser: "Browser") -> Iterator[Open]:
    """Opens a console. Whatever its page complains of, or asks of another server, fails the test at its end."""
    heard: list[str] = []
    contexts = []

    def opened(console: consoles.Console, width: int = 1280, height: int = 800, dark: bool = False) -> "Page":
        url = console.pool.url
        scheme: Any = "dark" if dark else "light"
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                None
                if "(Bad Request)" in message.text or "503" in message.text
                else heard.append(f"console: {message.text}")
            ),
        )
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        page.on("request", lambda one: None if one.url.startswith(f"{url}/") else heard.append(one.url))
        page.goto(f"{url}/")
        page.wait_for_selector("#clients li")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert heard == []


def model() -> Model:
    kept = [one for one in SMALL.clients if one.name != "old"]
    return Model(SMALL.resource_servers, SMALL.operations, SMALL.permissions, kept)


def by_path(path: str) -> Operation:
    return next(one for one in SMALL.operations if one.path == path)


def copied(page: "Page") -> str:
    page.wait_for_function("() => document.getElementById('said').textContent.startsWith('Copied')")
    text: str = page.evaluate("() => navigator.clipboard.readText()")
    return text


def test_a_user_is_made_given_permissions_and_has_a_token_copied(serving: Any, visit: Open) -> None:
    console = serving(model())
    page = visit(console)
    page.fill("#add input", "ann")
    page.keyboard.press("Enter")
    page.wait_for_selector("#users .name:has-text('ann')")
    page.click("#users label:has-text('Reader')")
    page.wait_for_function("() => document.querySelectorAll('#users input:checked').length === 1")
    page.click("#users label:has-text('Accountant')")
    page.wait_for_function("() => document.querySelectorAll('#users input:checked').length === 2")
    page.click("#users button:has-text('copy token')")
    claims = console.pool.keys.read(copied(page))
    assert (claims["username"], claims["client_id"]) == ("ann", "web")
    assert "billing/pay" in str(claims["scope"]).split()
    page.click("#users label:has-text('Accountant')")
    page.wait_for_function("() => document.querySelectorAll('#users input:checked').length === 1")
    assert console.pool.users.known["ann"].groups == ("Reader",)
    page.click("#users button:has-text('remove')")
    page.wait_for_selector("#users :text('None yet.')")
    assert console.pool.users.all() == []


def test_ticks_in_quick_succession_all_count(serving: Any, visit: Open) -> None:
    console = serving(model())
    console.pool.users.put("ann", ())
    page = visit(console)
    page.evaluate("() => { for (const box of [...document.querySelectorAll('#users input')].slice(1)) box.click(); }")
    page.wait_for_timeout(500)
    assert set(console.pool.users.known["ann"].groups) == {"pets-admins", "Reader", "Writer"}
    assert page.locator("#users input:checked").count() == 3
    page.locator("#users input").first.click()
    page.wait_for_function("() => document.getElementById('said').textContent.includes('at most 3 groups')")
    page.wait_for_function("() => document.querySelectorAll('#users input:checked').length === 3")
    assert page.evaluate("() => document.activeElement.type") == "checkbox"


def test_a_curl_that_is_copied_calls_what_was_picked(serving: Any, visit: Open) -> None:
    import shlex

    console = serving(model())
    page = visit(console)
    page.select_option("#target select", label="pets: POST /pets/{petId}/adoption (billing/pay and pets/read)")
    page.click("#clients button:has-text('copy curl')")
    words = shlex.split(copied(page))
    assert words[0] == "curl"
    assert words[-1] == "http://127.0.0.1:4010/pets/prod/pets/1/adoption"
    assert words[words.index("-X") + 1] == "POST"
    sent = words[words.index("-H") + 1].removeprefix("Authorization: Bearer ")
    assert console.pool.keys.read(sent)["client_id"] == "batch"
    page.click("#clients button:has-text('copy id:secret')")
    page.wait_for_function("() => document.getElementById('said').textContent.includes('secret')")
    assert page.evaluate("() => navigator.clipboard.readText()") == "batch:secret-of-batch"


def test_what_the_browser_does_not_copy_can_be_taken_by_hand(serving: Any, visit: Open) -> None:
    console = serving(model())
    page = visit(console)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.click("#clients button:has-text('copy token')")
    page.wait_for_selector("dialog[open]")
    assert console.pool.keys.read(page.input_value("#by-hand-text"))["client_id"] == "batch"
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="hidden")
    page.wait_for_function("() => document.getElementById('by-hand-text').value === ''")


def test_calls_come_newest_first_and_can_be_narrowed_and_held(serving: Any, visit: Open) -> None:
    console = serving(model())
    page = visit(console)
    assert page.is_visible("#none")
    console.call(by_path("/pets"), CLAIMS)
    console.call(by_path("/pets/{petId}/adoption"), CLAIMS)
    page.wait_for_function("() => document.querySelectorAll('.call').length === 2")
    first = page.locator(".call").first
    assert "refused" in first.inner_text()
    assert "the token lacks billing/pay" in first.inner_text()
    assert "requires billing/pay and pets/read" in first.inner_text()
    assert "token has openid pets/read" in first.inner_text()
    assert page.inner_text("#tally") == "2, 1 refused"
    page.evaluate("() => { document.querySelector('.call').mine = true; }")
    page.check("#refused")
    assert page.locator(".call:visible").count() == 1
    page.click("#pause")
    console.call(by_path("/pets"), None)
    page.wait_for_function("() => document.getElementById('tally').textContent.endsWith('1 new')")
    assert page.locator(".call").count() == 2
    page.click("#pause")
    assert page.locator(".call").count() == 3
    page.uncheck("#refused")
    assert page.evaluate("() => document.querySelectorAll('.call')[1].mine"), "what is shown stays as it is"


def test_no_more_than_five_hundred_calls_are_kept(serving: Any, visit: Open) -> None:
    console = serving(model())
    page = visit(console)
    for _ in range(700):
        console.call(by_path("/pets"), CLAIMS)
    page.wait_for_function("() => document.querySelectorAll('.call').length === 500")
    console.call(by_path("/health"), None)
    page.wait_for_function("() => document.querySelector('.call .path').textContent === '/health'")
    assert page.locator(".call").count() == 500


def test_a_failed_reload_is_told_and_goes_away(serving: Any, visit: Open) -> None:
    console = serving(model())
    page = visit(console)
    assert page.is_hidden("#problem")
    console.problem = "specs/pets.yaml:6:3: SG102 error: <b>untagged</b>\n = hint: \u202etag it"
    page.wait_for_selector("#problem:visible")
    assert "<b>untagged</b>\n = hint: U+202Etag it" in page.inner_text("#problem")
    console.problem = ""
    page.wait_for_selector("#problem", state="hidden")


def test_a_reload_shows_what_is_served_then_and_keeps_the_focus(serving: Any, visit: Open) -> None:
    console = serving(model())
    console.pool.users.put("ann", ("Reader",))
    page = visit(console)
    page.focus("#users input >> nth=2")
    focused = page.evaluate("() => document.activeElement.dataset.key")
    more = model()
    console.served = consoles.served(
        Model(
            more.resource_servers, more.operations, more.permissions, [*more.clients, Client("new", "machine", [], 60)]
        )
    )
    page.wait_for_selector("#clients .name:has-text('new')")
    assert page.evaluate("() => document.activeElement.dataset.key") == focused


def test_the_keyboard_alone_is_enough(serving: Any, visit: Open) -> None:
    console = serving(model())
    console.pool.users.put("ann", ())
    page = visit(console)
    page.focus("#target select")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelectorAll('#users input:checked').length === 1")
    assert console.pool.users.known["ann"].groups == ("Accountant",)
    assert page.evaluate("() => document.activeElement.type") == "checkbox"


def test_no_name_is_more_than_text(serving: Any, visit: Open) -> None:
    console = serving(matrices.hostile())
    for number, attack in enumerate(matrices.ATTACKS):
        operation = console.served.model.operations[number]
        console.pool.users.put(attack, (f"{attack} group", attack))
        claims = {"token_use": "access", "scope": attack.replace(" ", ""), "username": attack, "client_id": attack}
        call = console.call(operation, claims, attack)
        console.calls[-1] = call._replace(notes=(attack,), path=attack, method=attack, answered_by=attack)
    console.problem = "\n".join(matrices.ATTACKS)
    page = visit(console)
    page.wait_for_function(f"() => document.querySelectorAll('.call').length === {len(matrices.ATTACKS)}")
    page.wait_for_timeout(300)
    assert page.evaluate("() => window.hit") is None
    found = set(page.evaluate("() => [...document.querySelectorAll('*')].map(one => one.tagName.toLowerCase())"))
    assert found <= OURS, found - OURS
    names = set(page.eval_on_selector_all("#users .name", "all => all.map(one => one.textContent)"))
    assert names == {visible(attack) for attack in matrices.ATTACKS}
    attributes = page.evaluate("() => [...document.querySelectorAll('*')].flatMap(one => one.getAttributeNames())")
    assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcdoc")]
    links = page.eval_on_selector_all("[href]", "all => all.map(one => one.getAttribute('href'))")
    assert links == ["#main"]


def test_an_attack_as_a_name_does_what_a_name_does(serving: Any, visit: Open) -> None:
    console = serving(matrices.hostile())
    page = visit(console)
    page.fill("#add input", "<img/src=x/onerror=hit=1>")
    page.keyboard.press("Enter")
    page.wait_for_selector("#users .name")
    page.locator("#users input").nth(3).click()
    page.wait_for_function("() => document.querySelectorAll('#users input:checked').length === 1")
    (user,) = console.pool.users.all()
    assert user == ("<img/src=x/onerror=hit=1>", (console.served.model.permissions[3].group,))
    page.fill("#add input", "a b")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.getElementById('said').textContent.includes('no blanks')")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_narrow_screen_needs_no_scrolling_to_the_side(serving: Any, visit: Open, dark: bool) -> None:
    console = serving(matrices.hostile())
    console.pool.users.put("x" * 128, ())
    console.call(console.served.model.operations[0], CLAIMS, "x" * 300)
    page = visit(console, width=360, dark=dark)
    page.wait_for_selector(".call")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360


def test_the_policy_lets_nothing_else_run_or_load(serving: Any, browser: "Browser") -> None:
    console = serving(model())
    page = browser.new_page()
    page.goto(f"{console.pool.url}/")
    page.evaluate(
        "() => { window.seen = []; document.addEventListener('securitypolicyviolation', e => seen.push(e.effectiveDirective)); }"
    )
    page.evaluate("""() => {
        const add = (tag, changes) => { const one = Object.assign(document.createElement(tag), changes); document.body.append(one); };
        add('img', {src: 'http://127.0.0.1:9/x.png'}); add('iframe', {src: 'http://127.0.0.1:9/'});
        add('style', {textContent: 'body { display: none }'}); fetch('http://127.0.0.1:9/').catch(() => {});
    }""")
    page.wait_for_timeout(200)
    assert {"img-src", "frame-src", "style-src-elem", "connect-src"} <= set(page.evaluate("() => seen"))
    parsed = (
        "() => { try { document.body.innerHTML = '<b>x</b>'; return 'parsed'; } catch (error) { return error.name; } }"
    )
    assert page.evaluate(parsed) == "TypeError"
    page.close()


def test_a_server_that_has_gone_is_told_and_so_is_its_coming_back(serving: Any, visit: Open) -> None:
    console = serving(model())
    page = visit(console)
    page.route("**/local/calls*", lambda route: route.fulfill(status=503, body="{}"))
    page.wait_for_selector("#gone:visible")
    page.unroute("**/local/calls*")
    page.wait_for_selector("#gone", state="hidden")
