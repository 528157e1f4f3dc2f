"""What is told of a comparison: names that change, what is replaced, and hostile texts in every form."""

import json
import re
from collections.abc import Sequence

import pytest
from generated import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st
from sarif_pydantic import Sarif

from scopegen.compare import compare
from scopegen.compare.changes import KINDS, Replacement
from scopegen.diagnostics import Location
from scopegen.formats.known import FORMATS
from scopegen.model import (
    AnyOf,
    Client,
    Model,
    Operation,
    Permission,
    Public,
    Requirement,
    ResourceServer,
    Scope,
    ScopeText,
)
from scopegen.review import Review, markdown, plain, review, screen, template
from scopegen.review.accepted import Acceptance, Entry, fingerprint, judge
from scopegen.review.findings import findings

READ, WRITE, ADMIN = (Scope("petsapi", name) for name in ("read", "write", "admin"))
HERE = Location("specs/pets.yaml", "/paths/~1pets/get")
WEB = Client("web", "user", [], 15)
READER = Permission("Reader", [READ], "Reader")


def operation(
    requires: Requirement | Scope, path: str = "/pets", api: str = "pets", operation_id: str = "", method: str = "GET"
) -> Operation:
    requirement = AnyOf([[requires]]) if isinstance(requires, Scope) else requires
    return Operation(api, path, method, operation_id, requirement, HERE)


def model(
    operations: Sequence[Operation],
    permissions: Sequence[Permission] = (READER,),
    clients: Sequence[Client] = (WEB,),
    servers: Sequence[ResourceServer] = (),
) -> Model:
    return Model(servers, operations, permissions, clients)


def kinds(before: Model, after: Model) -> list[tuple[str, str]]:
    return [(one.kind, one.operation.label) for one in compare(before, after).operations]


def reviewed(before: Model, after: Model) -> Review:
    return review(("main", "here"), before, compare(before, after), ("opened", "broadened"), {})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            [operation(READ, "/a", operation_id="list")], [operation(READ, "/b", operation_id="list")],
            [("renamed", "GET /b")], id="the same operation elsewhere",
        ),
        pytest.param(
            [operation(WRITE, "/a", operation_id="list")], [operation(READ, "/b", operation_id="list")],
            [("renamed", "GET /b"), ("broadened", "GET /b")], id="a gain behind another path",
        ),
        pytest.param(
            [operation(READ, "/a", operation_id="list")], [operation(Public("why"), "/b", operation_id="list")],
            [("renamed", "GET /b"), ("opened", "GET /b")], id="an opening behind another path",
        ),
        pytest.param(
            [operation(Public("health"), "/health", operation_id="it")], [operation(Public("health"), "/secrets", operation_id="it")],
            [("renamed", "GET /secrets"), ("opened", "GET /secrets")], id="what is public moves",
        ),
        pytest.param(
            [operation(Public("health"), "/a/{x}")], [operation(Public("health"), "/a/{y}")],
            [("renamed", "GET /a/{y}")], id="a variable of a public path has another name",
        ),
        pytest.param(
            [operation(READ, "/a/{x}")], [operation(READ, "/a/{y}")], [("renamed", "GET /a/{y}")], id="a path variable",
        ),
        pytest.param(
            [operation(READ, "/a", operation_id="x")], [operation(READ, "/b"), operation(READ, "/c", operation_id="y")],
            [("removed", "GET /a"), ("new", "GET /b"), ("new", "GET /c")], id="others altogether",
        ),
        pytest.param(
            [operation(WRITE, api="pets"), operation(READ, "/b", api="pets")],
            [operation(READ, api="animals"), operation(READ, "/b", api="animals")],
            [("broadened", "GET /pets")], id="a gain behind another API name",
        ),
        pytest.param(
            [operation(WRITE, api="pets"), operation(READ, api="shop")],
            [operation(READ, api="animals"), operation(READ, api="shop")],
            [("broadened", "GET /pets")], id="a gain behind one API name of two",
        ),
        pytest.param(
            [operation(READ, api="pets"), operation(READ, "/x", api="shop")],
            [operation(READ, "/y", api="animals"), operation(READ, "/x", api="shop")],
            [("new", "GET /y"), ("removed", "GET /pets")], id="another API",
        ),
    ],
)  # fmt: skip
def test_names_that_change(before: list[Operation], after: list[Operation], expected: list[tuple[str, str]]) -> None:
    assert kinds(model(before), model(after)) == expected


def test_another_group_is_another_principal() -> None:
    """Whoever is in the new group gains, whatever the permission is called."""
    before, after = model([operation(READ)]), model([operation(READ)], [Permission("Reader", [READ], "everyone")])
    found = compare(before, after)
    assert [(one.kind, [who.names for who in one.who]) for one in found.operations] == [
        ("broadened", [(("Reader (group everyone)",),)]),
        ("narrowed", [(("Reader (group Reader)",),)]),
    ]
    assert found.replaced == (Replacement("group", "Reader", "Reader", "everyone"),)


def test_another_name_for_a_group_changes_nothing_for_anybody() -> None:
    found = compare(model([operation(READ)]), model([operation(READ)], [Permission("Lector", [READ], "Reader")]))
    assert found.operations == found.replaced == ()
    assert [(one.kind, one.was, one.now) for one in found.holders] == [("renamed", "Reader", "Lector")]


def test_a_new_client_gains_though_it_only_has_another_name() -> None:
    before = model([operation(READ)], clients=[WEB, Client("robot", "machine", [READ], 60)])
    after = model([operation(READ)], clients=[WEB, Client("android", "machine", [READ], 60)])
    found = compare(before, after)
    assert [one.kind for one in found.operations] == ["broadened", "narrowed"]
    assert found.replaced == (Replacement("client", "android", "robot", "android"),)


def test_what_is_replaced() -> None:
    servers = [ResourceServer(name, name, [ScopeText("read", "")]) for name in ("petsapi", "animalsapi")]
    before = model(
        [],
        clients=[WEB, Client("robot", "machine", [READ], 60), Client("gone", "user", [Scope("", "email")], 60)],
        servers=servers[:1],
    )
    after = model([], clients=[WEB, Client("robot", "user", [], 60)], servers=servers[1:])
    assert compare(before, after).replaced == (
        Replacement("resource server", "animalsapi", "petsapi", "animalsapi"),
        Replacement("client", "gone", "gone", ""),
        Replacement("client", "robot", "machine client", "user client"),
    )


def test_scopes_that_others_give_away() -> None:
    """A resource server that exists may have clients that nobody here knows."""
    shared = [ResourceServer("petsapi", "petsapi", [], existing=True)]
    found = compare(model([operation(WRITE)], servers=shared), model([operation(ADMIN)], servers=shared))
    assert [(one.kind, [who.kind for who in one.who]) for one in found.operations] == [
        ("broadened", ["outsider"]),
        ("narrowed", ["outsider"]),
    ]


def test_sets_of_permissions_that_nobody_could_read() -> None:
    """They are a gain, not an answer that takes for ever; and what did not change did not."""
    scopes = [Scope("petsapi", f"s{number}") for number in range(12)]
    permissions = [
        Permission(f"P{number}-{other}", [scope, Scope("own", f"o{number}-{other}")], f"P{number}-{other}")
        for number, scope in enumerate(scopes)
        for other in range(4)
    ]
    everything = [Permission("All", [Scope("own", f"o{n}-{m}") for n in range(12) for m in range(4)], "All")]
    alternatives = [
        *([scope] for scope in [ADMIN]),
        scopes,
        *([Scope("own", f"o{n}-{m}"), ADMIN] for n in range(12) for m in range(4)),
    ]
    wide = model([operation(AnyOf(alternatives))], [*permissions, *everything])
    assert compare(wide, wide).is_empty
    found = compare(model([operation(ADMIN)], [*permissions, *everything]), wide)
    assert [(one.kind, [who.kind for who in one.who]) for one in found.operations] == [("broadened", ["untold"])]


TEXT = st.sampled_from(
    ["@team #1 fixes", "https://example.com www.example.com", "| a | b |\n| - |", *HOSTILE]
) | st.text(max_size=20)
NAME = TEXT.filter(bool)


@settings(max_examples=150, deadline=None)
@given(NAME, NAME, NAME, NAME, TEXT)
def test_no_text_of_a_document_is_executed(reason: str, path: str, name: str, scope: str, identifier: str) -> None:
    hostile = Scope(identifier, scope)
    before = model(
        [operation(hostile, path), operation(AnyOf([[hostile, READ]]), "/b", api=name, operation_id=name)],
        [Permission(name, [hostile], name)],
        [Client(name, "machine", [], 60)],
    )
    after = model(
        [
            operation(Public(f"as {reason}"), path),
            operation(AnyOf([[hostile]]), path + "x", api=name, operation_id=name),
        ],
        [Permission(name, [hostile, READ], name + "2")],
        [Client(name, "machine", [hostile], None)],
    )
    for found in (reviewed(before, after), reviewed(after, before)):
        _is_plain(screen.render(found))
        _is_yaml_comment(template.render(found))
        _is_table(markdown.render(found))
        assert json.loads(plain.render(found))["version"] == 1
        _is_plain(plain.render(found))
        _is_commands(FORMATS["github"](findings(found), {}, ""), len(findings(found)))
        Sarif.model_validate_json(FORMATS["sarif"](findings(found), {}, ""))


def _is_plain(text: str) -> None:
    assert re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]", text) is None


def _is_yaml_comment(text: str) -> None:
    assert all(re.match(r'- change: |  # |  (reason|author|expires): ""$', line) for line in text.split("\n") if line)


def _is_table(text: str) -> None:
    _is_plain(text)
    rows = [line for line in text.split("\n") if line.startswith("| ")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    for bad in ("@", "<script", "<!--", "](", "https:", "www."):
        bare = re.sub(r"<code>[^<]*</code>", "", text)
        assert bad not in bare


def _is_commands(text: str, count: int) -> None:
    lines = text.splitlines()
    assert len(lines) == count
    assert all(re.match("::(error|warning|notice) ", line) for line in lines)
    _is_plain(text)


def test_lines_fit_a_screen() -> None:
    after = model(
        [operation(READ, f"/pets/{number}") for number in range(5)],
        [Permission(f"APermission{n}", [READ], f"APermission{n}") for n in range(40)],
    )
    text = screen.render(reviewed(model([operation(WRITE, f"/pets/{number}") for number in range(5)]), after))
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("count", [0, 1, 300, 3000])
def test_a_comment_fits_and_says_what_does_not(count: int) -> None:
    before, after = ([operation(scope, f"/pets/number-{number}") for number in range(count)] for scope in (WRITE, READ))
    text = markdown.render(reviewed(model(before), model([*after, operation(Public("last"), "/zzz")])))
    assert len(text) <= markdown.MOST
    told = sum(line.startswith("| **broadened") for line in text.splitlines())
    left = re.search(r"\*(\d+) more changes do not fit", text)
    assert told + int(left[1] if left else 0) == count
    assert "**opened**" in text
    assert (
        len(markdown.render(reviewed(model([operation(WRITE)]), model([operation(Public("x" * 100_000))]))))
        <= markdown.MOST
    )


def test_colours_only_where_asked() -> None:
    found = reviewed(model([operation(WRITE)]), model([operation(READ)]))
    assert "\x1b" not in screen.render(found)
    assert re.sub("\x1b\\[[0-9;]*m", "", screen.render(found, colour=True)) == screen.render(found)


def test_every_kind_has_a_rule_and_a_meaning() -> None:
    assert set(KINDS) == set(screen.MEANINGS) == set(screen.RULES)


TODAY = "2026-01-01"
KEPT = Acceptance("a reason", "somebody", "2026-01-01")


def accepted(base: list[tuple[tuple[str, ...], str]], head: list[tuple[tuple[str, ...], str]] = []) -> tuple[int, int]:  # noqa: B006
    """How many of two changes are accepted, and how many entries do not count."""
    before = model([operation(WRITE), operation(READ, "/b")], clients=[WEB, Client("robot", "machine", [READ], 60)])
    after = model(
        [operation(READ), operation(Public("why"), "/b")], clients=[WEB, Client("robot", "machine", [READ], 60)]
    )
    sides = ([Entry(change, KEPT._replace(expires=end), HERE) for change, end in side] for side in (base, head))
    known, problems = judge(compare(before, after).operations, *sides, TODAY)
    return len(known), len(problems)


OPENED = ("opened", "pets:GET /b", "everybody")
ROBOT, PERSON = (("broadened", "pets:GET /pets", who) for who in ("client robot", "Reader"))


def test_what_counts_as_accepted() -> None:
    assert accepted([(OPENED, "2026-01-01")]) == (1, 0)
    assert accepted([(OPENED, "2025-12-31")]) == (0, 1)
    assert accepted([], [(OPENED, "2026-01-01")]) == (0, 1)
    assert accepted([(OPENED, "2025-12-31")], [(OPENED, "2027-01-01")]) == (0, 1)
    assert accepted([(PERSON, "2026-01-01")]) == (0, 0)
    assert accepted([(PERSON, "2026-01-01"), (ROBOT, "2026-01-01")]) == (1, 0)
    assert accepted([(PERSON, "2026-01-01")], [(ROBOT, "2026-01-01")]) == (0, 1)
    assert accepted([(("broadened", "pets:GET /b", "everybody"), "2026-01-01")]) == (0, 0)


def test_a_fingerprint_is_of_one_change() -> None:
    """Who gains and what is required are part of it; where it is written is not."""
    before = model([operation(WRITE)])
    (change,) = compare(before, model([operation(READ)])).operations
    moved = change._replace(now=Operation("pets", "/pets", "GET", "x", AnyOf([[READ]]), Location("other.yaml")))
    assert fingerprint(change) == fingerprint(moved)
    others = [model([operation(READ)], [READER, Permission("More", [READ], "More")]), model([operation(Public("x"))])]
    assert fingerprint(change) not in {
        fingerprint(one) for other in others for one in compare(before, other).operations
    }
    assert accepted([((fingerprint(change),), "2026-01-01")]) == (0, 0)  # there the robot gains as well


def test_when_it_takes_effect() -> None:
    """At once by what an operation requires, with the tokens by a grant; a client that is gone keeps what it holds."""
    robot = Client("robot", "machine", [READ], 60)
    before = model([operation(READ)], clients=[WEB, robot])
    gone = compare(before, model([operation(READ)], clients=[WEB])).effect
    less = compare(before, model([operation(READ)], clients=[WEB, Client("robot", "machine", [ADMIN], 60)])).effect
    more = compare(before, model([operation(ADMIN)], clients=[WEB, robot])).effect
    user = compare(before, model([operation(READ)], [], clients=[WEB, robot])).effect
    assert (gone.lost_at_once, gone.lost_with_tokens, gone.minutes) == (False, False, None)
    assert (less.lost_at_once, less.lost_with_tokens, less.minutes) == (False, True, 60)
    assert (more.lost_at_once, more.lost_with_tokens, more.minutes) == (True, False, None)
    assert (user.lost_at_once, user.lost_with_tokens, user.minutes) == (False, True, 15)
    given = compare(model([operation(READ)], []), before).effect
    assert (given.gained_at_once, given.gained_with_tokens) == (False, True)


def test_who_holds_all_parts_still_waits_for_the_derived_scope() -> None:
    """Nothing is granted anew, but no token of before carries the scope that stands for both."""
    both = AnyOf([[READ, WRITE]])
    holders = {
        "permissions": [Permission("Both", [READ, WRITE], "Both")],
        "clients": [Client("robot", "machine", [READ, WRITE], 60)],
    }
    (lockout,) = compare(model([operation(READ)], **holders), model([operation(both)], **holders)).lockouts
    assert [who.kind for who in lockout.who] == ["permission", "client"]
    assert not compare(
        model([operation(READ), operation(both, "/b")], **holders),
        model([operation(both), operation(both, "/b")], **holders),
    ).lockouts
