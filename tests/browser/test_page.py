"""`access.html` in a real browser: what it shows is what `decide` says, no name is more than text, and nothing is loaded."""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import matrices as models
import pytest

from scopegen import token_bytes
from scopegen.matrix import Matrix, cells, matrix
from scopegen.matrix.filters import Filter, narrowed
from scopegen.quoting import shown as visible

if TYPE_CHECKING:
    from playwright.sync_api import Page

Show = Callable[..., "Page"]
SMALL, LARGE, HOSTILE = models.small(), models.large(), models.hostile()
SIGNS = {"can": "x", "public": "P", "people": "S", "part": "+"}
# What our own script makes; an attack that became markup would be something else, or more of it.
OURS = set(
    "html head meta title style body a header div h1 h2 p nav form label input select option button main table colgroup col thead "
    "tr th tbody td span ul li dl dt dd meter dialog code strong noscript script".split()
)


def labels(shown: Matrix) -> list[tuple[str, str]]:
    return [(row.operation.method, visible(row.operation.path)) for row in shown.rows]


def left(page: "Page") -> list[tuple[str, str]]:
    """Every operation that is left, in order: the table is scrolled from top to bottom."""
    found = page.evaluate("""async () => {
        const scroll = document.querySelector('.scroll'), found = new Map();
        const painted = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        if (!scroll) return [];
        for (let top = 0; top <= scroll.scrollHeight; top += scroll.clientHeight) {
            scroll.scrollTop = top;
            await painted();
            for (const row of document.querySelectorAll('tr[data-row]'))
                found.set(+row.dataset.row, ['.method', '.path'].map(part => row.querySelector(part).textContent));
        }
        return [...found].sort((one, other) => one[0] - other[0]).map(pair => pair[1]);
    }""")
    return [(method, path) for method, path in found]


def grid(page: "Page") -> list[list[str]]:
    """The marks of the rows in the document."""
    script = "() => [...document.querySelectorAll('tr[data-row]')].map(r => [...r.querySelectorAll('td')].map(d => d.textContent))"
    made: list[list[str]] = page.evaluate(script)
    return made


def expected(shown: Matrix) -> list[list[str]]:
    return [["" if mark == cells.NO else mark.sign for mark in cells.marks(shown, row)] for row in shown.rows]


def pick(page: "Page", name: str, value: str) -> None:
    page.select_option(f"select[name={name}]", value)


def test_the_marks_are_those_of_the_model(show: Show) -> None:
    page = show(SMALL)
    assert grid(page) == expected(matrix(SMALL))
    heads = page.eval_on_selector_all("thead th:not(.first)", "all => all.map(one => one.textContent)")
    assert heads == ["everybody", "any signed-in user", "Accountant", "Admin", "Reader", "Writer", "batch (machine)"]


def test_a_large_matrix_shows_every_operation_and_keeps_few_cells(show: Show) -> None:
    page = show(LARGE)
    assert left(page) == labels(matrix(LARGE))
    page.evaluate("() => { document.querySelector('.scroll').scrollTop = 20000; }")
    page.wait_for_timeout(60)
    whole = matrix(LARGE)
    first = page.eval_on_selector("tr[data-row]", "one => +one.dataset.row")
    marks = grid(page)
    assert first > 300
    assert marks == expected(whole._replace(rows=whole.rows[first : first + len(marks)]))
    assert page.evaluate("() => document.querySelectorAll('td').length") < 8000


def test_search(show: Show) -> None:
    page = show(LARGE)
    page.keyboard.press("/")
    page.keyboard.type("billing approve-3")
    rows = [row for row in matrix(LARGE).rows if "approve-3" in row.operation.path]
    wanted = [(one.method, one.path) for row in rows for one in [row.operation] if "billing" in one.path + row.requires]
    assert wanted
    assert left(page) == wanted
    assert page.text_content("#count").startswith(f"{len(wanted)} of 1,000 operations")
    page.keyboard.press("Escape")
    assert page.input_value("[name=q]") == ""
    assert page.get_attribute("table", "aria-rowcount") == "1001"
    page.fill("[name=q]", "there is no such thing")
    assert "No operation is left" in page.text_content("main")


FILTERS: list[tuple[dict[str, Any], Filter]] = [
    ({"permission": ["PetsReadAccess"]}, Filter(permissions=("PetsReadAccess",))),
    ({"client": "batch-pets"}, Filter(clients=("batch-pets",))),
    ({"scope": "pets-api/read"}, Filter(scopes=("pets-api/read",))),
    ({"tag": "every fourth of billing"}, Filter(tags=("every fourth of billing",))),
    ({"method": "PATCH", "api": "orders"}, Filter(methods=("PATCH",), apis=("orders",))),
    ({"permission": ["PetsReadAccess"], "method": "GET"}, Filter(permissions=("PetsReadAccess",), methods=("GET",))),
]


@pytest.mark.parametrize(("asked", "wanted"), FILTERS, ids=lambda one: str(one)[:40])
def test_the_filters_are_those_of_the_command(show: Show, asked: dict[str, Any], wanted: Filter) -> None:
    page = show(LARGE)
    for name, values in asked.items():
        for value in values if isinstance(values, list) else [values]:
            pick(page, name, value)
    answer = narrowed(matrix(LARGE), wanted)
    assert 0 < len(answer.rows) < 1000
    assert left(page) == labels(answer)
    again = show(LARGE, "#" + page.url.partition("#")[2])
    assert left(again) == labels(answer)
    page.click("text=Clear")
    assert page.get_attribute("table", "aria-rowcount") == "1001"
    assert "#" not in page.url


def test_a_set_of_permissions_is_one_user_who_has_them_all(show: Show) -> None:
    page = show(LARGE)
    chance = random.Random(7)
    whole = matrix(LARGE)
    for _ in range(5):
        page.click("text=Clear")
        names = tuple(chance.sample(whole.permissions, chance.randint(2, 6)))
        for name in names:
            pick(page, "permission", name)
        answer = narrowed(whole, Filter(permissions=names))
        assert int(page.get_attribute("table", "aria-rowcount") or 0) - 1 == len(answer.rows)
        size = token_bytes.of_permissions(LARGE, [one for one in LARGE.permissions if one.name in names])
        assert f"access token about {size / 1000:.1f} kB" in page.text_content("#count")
    assert left(page) == labels(answer)


def test_a_user_client_carries_whatever_its_users_may(show: Show) -> None:
    page = show(SMALL)
    pick(page, "client", "web")
    assert left(page) == labels(narrowed(matrix(SMALL), Filter(clients=("web",))))
    assert page.get_attribute("table", "aria-rowcount") == "7"


def test_the_catch_all_answers_what_its_path_does_not_have(show: Show) -> None:
    page = show(SMALL)
    pick(page, "method", "PATCH")
    assert left(page) == labels(narrowed(matrix(SMALL), Filter(methods=("PATCH",)))) == [("ANY", "/reports/{proxy+}")]


@pytest.mark.parametrize(("access", "count"), [("public", 1), ("signed-in", 1), ("nobody", 1), ("granted", 4)])
def test_what_is_open_to_whom(show: Show, access: str, count: int) -> None:
    page = show(SMALL)
    pick(page, "access", access)
    assert len(left(page)) == count


def test_what_can_it_do_and_who_can_do_it_are_one_click_away(show: Show) -> None:
    page = show(SMALL)
    page.click("thead button:has-text('Reader')")
    assert left(page) == labels(narrowed(matrix(SMALL), Filter(permissions=("Reader",))))
    page.click("button[aria-label='remove Reader']")
    page.click("tr:has-text('/pets/{petId}/adoption') th")
    text = page.inner_text("dialog")
    assert "Accountant together with Reader or Writer" in text
    page.click("dialog button:has-text('Admin')")
    assert not page.is_visible("dialog")
    assert "permission=Admin" in page.url
    page.click("nav button:has-text('Scopes')")
    page.click("main button:has-text('pets/write')")
    assert left(page) == [("POST", "/pets")]
    page.click("nav button:has-text('Permissions')")
    assert page.locator(".card").count() == 4
    assert "group pets-admins" in page.inner_text("main")
    page.click(".card:has-text('Writer') button:has-text('3 operations')")
    assert "permission=Writer" in page.url
    page.click("nav button:has-text('Clients')")
    page.click("main button:has-text('batch')")
    assert left(page) == labels(narrowed(matrix(SMALL), Filter(clients=("batch",))))


def test_the_keyboard_reaches_everything(show: Show) -> None:
    page = show(LARGE)
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    at = "() => [document.activeElement.closest('tr').dataset.row, document.activeElement.cellIndex]"
    for key, place in [
        ("ArrowDown", ["1", 0]), ("ArrowRight", ["1", 1]), ("End", ["1", 106]), ("Control+End", ["999", 106]),
        ("Home", ["999", 0]), ("ArrowUp", ["998", 0]), ("Control+Home", ["0", 0]),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert page.evaluate(at) == place, key
    page.keyboard.press("ArrowUp")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    name = page.evaluate("() => document.activeElement.textContent")
    assert name == matrix(LARGE).permissions[1]
    page.keyboard.press("Enter")
    assert f"permission={name}" in page.url
    assert page.evaluate("() => document.activeElement.id") == "main"
    page.click("text=Clear")
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("PageDown")
    assert int(page.evaluate(at)[0]) > 5
    box = page.evaluate("() => document.activeElement.getBoundingClientRect().top")
    assert 0 < box < 800
    page.keyboard.press("Enter")
    assert page.is_visible("dialog")
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog")
    assert page.evaluate("() => document.querySelectorAll('tbody [tabindex=\"0\"]').length") == 1


def test_a_screen_reader_is_told_what_there_is(show: Show) -> None:
    page = show(SMALL)
    tree = page.locator("body").aria_snapshot()
    for part in (
        "heading \"Who can call what\" [level=1]", "navigation \"Views\"", "search \"Filter\"", "searchbox \"Search\"",
        "combobox \"Client\"", "status", "grid \"Operations and who can call them\"", "columnheader \"any signed-in user\"",
        "rowheader \"GET /health public", "gridcell \"public, without a token\"", "gridcell \"can call it\"",
        "gridcell \"together with others\"", "gridcell \"no\"",
    ):  # fmt: skip
        assert part in tree, part
    unnamed = "() => [...document.querySelectorAll('button, input, select')].filter(one => !(one.textContent || one.labels?.length || one.ariaLabel)).length"
    assert page.evaluate(unnamed) == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_no_name_is_more_than_text(show: Show, width: int) -> None:
    page = show(HOSTILE, width=width, height=4000)
    for view in ("Operations", "Permissions", "Scopes", "Clients"):
        page.click(f"nav button:has-text('{view}')")
        text = page.evaluate("() => document.querySelector('main').textContent")
        if view in ("Operations", "Permissions"):
            for attack in models.ATTACKS:
                assert visible(attack) in text, attack
        strange = page.evaluate("() => [...document.querySelectorAll('*')].map(one => one.localName)")
        assert set(strange) <= OURS
        assert page.evaluate("() => document.querySelectorAll('script, style, meta, a').length") == 2 + 1 + 4 + 1
    page.click("nav button:has-text('Operations')")
    for position in range(len(models.ATTACKS)):
        page.click(
            "[data-do=detail]" + f" >> nth={position}" if width == 360 else f"tr[data-row='{position}'] th .path"
        )
        assert set(page.evaluate("() => [...document.querySelectorAll('dialog *')].map(one => one.localName)")) <= OURS
        page.keyboard.press("Escape")
    attributes = "() => [...document.querySelectorAll('*')].flatMap(one => one.getAttributeNames())"
    names = page.evaluate(attributes)
    assert not [name for name in names if name.startswith("on") or name in ("src", "action", "srcdoc", "formaction")]
    assert names.count("href") == 1, "the link to the list is the only one"
    assert page.evaluate("() => window.hit") is None


def test_a_hostile_address_is_only_a_state(show: Show) -> None:
    for state in (
        "#q=<img src=x onerror=hit=1>",
        "#view=__proto__",
        "#permission=constructor&access=toString",
        "#%ff%00",
        "#method=<b>",
    ):
        page = show(SMALL, state)
        assert page.query_selector("img") is None
        assert page.locator("nav button[aria-current]").inner_text() == "Operations"


def test_no_address_hides_what_is_public_without_a_word(show: Show) -> None:
    assert "not shown" not in show(SMALL).inner_text("#count")
    for state in ("#q=adoption", "#access=granted", "#scope=pets%2Fread", "#method=POST", "#api=billing"):
        page = show(SMALL, state)
        assert "/health" not in page.inner_text("main"), state
        assert "1 public not shown" in page.inner_text("#count"), state
    assert "1 public not shown" in show(SMALL, "#q=nothing+at+all").inner_text("#count")


def test_an_address_that_asks_for_what_is_gone_says_so(show: Show) -> None:
    page = show(SMALL, "#permission=Gone&permission=Reader&method=TRACE&q=")
    assert "not here, and is not followed in that: permission Gone, method TRACE." in page.inner_text("main")
    page.click("form button:has-text('Clear')")
    assert "not followed" not in page.inner_text("main")


def test_a_page_of_a_part_says_so(show: Show) -> None:
    part = matrix(SMALL)
    assert "written for a part: it holds 2 of 7 operations" in show(part._replace(rows=part.rows[:2])).inner_text(
        "main"
    )
    assert "written for a part" not in show(SMALL).inner_text("main")


def test_the_policy_lets_nothing_else_run_or_load(show: Show, browser: Any, tmp_path: Any) -> None:
    show(SMALL)
    page = browser.new_page()
    page.goto((tmp_path / "access.html").as_uri())
    page.evaluate(
        """() => { window.seen = []; document.addEventListener('securitypolicyviolation', e => seen.push(e.effectiveDirective)); }"""
    )
    page.evaluate("""() => {
        const add = (tag, changes) => { const one = Object.assign(document.createElement(tag), changes); document.body.append(one); };
        add('img', {src: 'http://127.0.0.1:9/x.png'}); add('iframe', {src: 'http://127.0.0.1:9/'});
        add('style', {textContent: 'body { display: none }'}); add('link', {rel: 'stylesheet', href: 'http://127.0.0.1:9/x.css'});
        fetch('http://127.0.0.1:9/').catch(() => {});
    }""")
    page.wait_for_timeout(200)
    assert {"img-src", "frame-src", "style-src-elem", "connect-src"} <= set(page.evaluate("() => seen"))
    assert (
        page.evaluate(
            "() => { try { document.body.innerHTML = '<b>x</b>'; return 'parsed'; } catch (error) { return error.name; } }"
        )
        == "TypeError"
    )
    page.close()


def test_a_narrow_screen_has_a_list(show: Show) -> None:
    page = show(SMALL, width=360)
    assert page.query_selector("table") is None
    assert page.locator(".card").count() == 7
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.click(".card button:has-text('/health')")
    assert "everybody, without a token" in page.inner_text("dialog")
    assert page.evaluate("() => document.querySelector('dialog').getBoundingClientRect().width") <= 360


def test_dark_and_light(show: Show) -> None:
    ground = "() => getComputedStyle(document.body).backgroundColor"
    assert show(SMALL).evaluate(ground) == "rgb(255, 255, 255)"
    assert show(SMALL, dark=True).evaluate(ground) == "rgb(17, 21, 27)"


def test_paper_has_every_operation_that_is_left(show: Show) -> None:
    page = show(LARGE)
    pick(page, "permission", "PetsReadAccess")
    page.emulate_media(media="print")
    page.wait_for_timeout(100)
    answer = narrowed(matrix(LARGE), Filter(permissions=("PetsReadAccess",)))
    said = page.eval_on_selector_all("#printed tbody tr", "all => all.map(one => one.lastChild.textContent)")
    assert said == [cells.everyone(row) for row in answer.rows]
    assert page.is_visible("#printed")
    assert "Only what answers: permission PetsReadAccess." in page.inner_text("#printed")
    assert not page.is_visible("main")
    assert len(page.pdf()) > 10_000
