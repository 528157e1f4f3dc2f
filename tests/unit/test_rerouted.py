"""A request that another operation answers now: what a comparison says of it is held against decisions on concrete requests."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scopegen.compare import compare
from scopegen.compare.changes import Change
from scopegen.compare.matching import shape
from scopegen.decide import decide, mint
from scopegen.diagnostics import Location
from scopegen.model import AnyOf, Model, Operation, Permission, Public, Requirement, Scope
from scopegen.review.accepted import Acceptance, Entry, fingerprint, judge
from scopegen.review.lines import lines
from scopegen.routing import route

READ, ADMIN = Scope("petsapi", "read"), Scope("petsapi", "admin")
REQUIREMENTS: dict[str, Requirement] = {
    "read": AnyOf([[READ]]),
    "admin": AnyOf([[ADMIN]]),
    "both": AnyOf([[ADMIN, READ]]),
    "public": Public("a reason"),
}
PATHS = [
    "/",
    "/{p+}",
    "/a",
    "/{x}",
    "/a/{x}",
    "/a/mine",
    "/{x}/mine",
    "/a/{p+}",
    "/{x}/{p+}",
    "/a/{x}/b",
    "/a/mine/{x}",
]
METHODS = ["ANY", "GET", "POST"]
CONCRETE = [
    "/",
    "/a",
    "/z",
    "/a/mine",
    "/a/z",
    "/z/mine",
    "/z/z",
    "/a/mine/b",
    "/a/z/b",
    "/a/mine/z",
    "/z/z/z",
    "/a/z/z/z",
]
PEOPLE: dict[str, list[str]] = {"Reader": ["Reader"], "Admin": ["Admin"], "both": ["Reader", "Admin"]}
Written = dict[tuple[str, str], str]


def model(written: Written) -> Model:
    operations = [
        Operation("pets", path, method, "", REQUIREMENTS[wanted], Location("specs/pets.yaml"))
        for (path, method), wanted in written.items()
    ]
    return Model((), operations, [Permission("Reader", [READ], "Reader"), Permission("Admin", [ADMIN], "Admin")], ())


written = st.dictionaries(
    st.tuples(st.sampled_from(PATHS), st.sampled_from(METHODS)), st.sampled_from(list(REQUIREMENTS)), max_size=6
)


def gained(before: Model, after: Model) -> Iterator[tuple[Operation, Operation, str]]:
    """Who may make a request that BASE had an operation for and refused them: who answered it, who answers it."""
    for method, path in product(("GET", "POST", "DELETE"), CONCRETE):
        was, now = route(before, "pets", method, path), route(after, "pets", method, path)
        if was is None or now is None:
            continue
        for name, groups in PEOPLE.items():
            old, new = (
                decide(
                    one, "pets", method, path, {"token_use": "access", "scope": " ".join(map(str, mint(one, groups)))}
                )
                for one in (before, after)
            )
            if new.allowed and not old.allowed:
                yield was, now, name


def names(change: Change, name: str) -> bool:
    """Whether somebody with these permissions is among those who gain."""
    held = {"both": {"Reader", "Admin"}}.get(name, {name})
    return any(
        who.kind == "everybody"
        or (who.kind in ("permission", "permissions") and all(held & set(some) for some in who.names))
        for who in change.who
    )


@settings(max_examples=200, deadline=None)
@example({("/a/mine", "GET"): "admin", ("/a/{x}", "GET"): "read"}, {("/a/{x}", "GET"): "read"})
@example({("/{p+}", "ANY"): "admin"}, {("/{p+}", "ANY"): "admin", ("/a", "GET"): "read"})
@example({("/a/{x}", "GET"): "admin"}, {("/{x}/mine", "GET"): "read"})
@given(written, written)
def test_nobody_gains_a_request_in_silence(was: Written, now: Written) -> None:
    before, after = model(was), model(now)
    changes = compare(before, after).operations
    for answered, answers, name in gained(before, after):
        told = [one for one in changes if one.now is not None and one.now.key == answers.key and names(one, name)]
        assert any(one.kind in ("opened", "broadened") or answered in one.instead for one in told)
        # What counts as new takes single requests from a variable; never from ANY, nor from a greedy path.
        assert all("+" not in one.path and one.path != answers.path for change in told for one in change.instead)


@settings(max_examples=200, deadline=None)
@given(written, written)
def test_what_is_said_to_be_rerouted_is(was: Written, now: Written) -> None:
    before, after = model(was), model(now)
    seen = {(one.key, other.key, name) for one, other, name in gained(before, after)}
    for change in compare(before, after).operations:
        if change.rerouted and change.was is not None and change.now is not None:
            pair = (change.was.key, change.now.key)
            assert any(pair == (one, other) and names(change, name) for one, other, name in seen)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        pytest.param(
            {("/a/mine", "GET"): "admin", ("/a/{x}", "GET"): "read"},
            {("/a/{x}", "GET"): "read"},
            ["removed", "broadened pets: GET /a/mine -> pets: GET /a/{x}: petsapi/admin -> petsapi/read; "
             "GET /a/{x} answers requests that GET /a/mine did; gained by Reader"],
            id="a path goes, and a wider one takes its requests",
        ),
        pytest.param(
            {("/a", "ANY"): "admin"},
            {("/a", "ANY"): "admin", ("/a", "GET"): "read"},
            ["broadened pets: GET /a: petsapi/read; callable by Reader; GET /a answers requests that ANY /a did; gained by Reader"],
            id="a method of what took them all",
        ),
        pytest.param(
            {("/a", "GET"): "admin"}, {("/a", "ANY"): "read"},
            ["broadened pets: ANY /a: petsapi/read; callable by Reader; ANY /a answers requests that GET /a did; gained by Reader", "removed"],
            id="all methods for one",
        ),
        pytest.param(
            {("/a/{x}", "GET"): "read"}, {("/a/{x}", "GET"): "read", ("/a/mine", "GET"): "admin"},
            ["new pets: GET /a/mine: petsapi/admin; callable by Admin; takes requests from GET /a/{x} (petsapi/read)"],
            id="a new path beside a variable",
        ),
        pytest.param(
            {("/a/{x}", "GET"): "read"}, {("/a/{x}", "GET"): "read", ("/a/mine", "GET"): "both"},
            ["new pets: GET /a/mine: petsapi/admin and petsapi/read; callable by Admin and Reader together"],
            id="a stricter one",
        ),
        pytest.param(
            {("/a/{x}", "GET"): "read"}, {("/a/{x}", "GET"): "read", ("/a/mine", "POST"): "public"}, ["opened"],
            id="another method",
        ),
        pytest.param(
            {("/{x}", "GET"): "public"}, {("/{p+}", "GET"): "public"}, ["opened", "removed"], id="a variable becomes greedy"
        ),
    ],
)  # fmt: skip
def test_words(was: Written, now: Written, told: list[str]) -> None:
    found = [
        " ".join(one).replace(f"{one.subject} ", f"{one.subject}: ") for one in lines(compare(model(was), model(now)))
    ]
    assert len(found) == len(told)
    assert all(any(line == text or line.startswith(f"{text} ") for line in found) for text in told), found


def test_a_greedy_variable_is_another_path() -> None:
    assert shape("/a/{x}") == shape("/a/{y}") != shape("/a/{x+}") == shape("/a/{y+}")


def test_paths_without_end() -> None:
    deep = "/a" * 5000
    before, after = model({(deep, "GET"): "admin"}), model({(f"{deep}/b", "GET"): "read", ("/{p+}", "GET"): "read"})
    assert [one.kind for one in compare(before, after).operations if one.rerouted] == ["broadened"]


def test_an_acceptance_names_both_operations() -> None:
    """Neither a gain of the one that answers, nor what another one lost to it, is meant along with it."""
    wide, gone = {("/a/{x}", "GET"): "read"}, {("/a/mine", "GET"): "admin", ("/a/yours", "GET"): "admin"}
    changes = [one for one in compare(model(wide | gone), model(wide)).operations if one.rerouted]
    assert len({fingerprint(one) for one in changes}) == 2
    acceptance = Acceptance("a reason", "somebody", "2030-01-31")
    for operation, count in {"GET /a/{x}": 0, "GET /a/mine -> GET /a/{x}": 1, "GET /a/mine": 0}.items():
        entry = Entry(("broadened", f"pets:{operation}", "Reader"), acceptance, Location("scopegen-accepted.yaml"))
        accepted, _ = judge(changes, [entry], [], "2029-01-31")
        assert len(accepted) == count
