"""What a pool keeps: values that age, codes that count once, users."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from pooled import CHALLENGE, VERIFIER, Clock, build, pool

from scopegen.pool.codes import Codes
from scopegen.pool.kept import Kept
from scopegen.pool.tokens import Grant, NotAllowed
from scopegen.pool.users import Users

MOST, SECONDS = 3, 10.0


class Keeping(RuleBasedStateMachine):
    """Held against a list of what was put when."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.kept: Kept[int] = Kept(SECONDS, MOST, self.clock)
        self.put_at: dict[str, tuple[float, int]] = {}

    def alive(self) -> dict[str, int]:
        return {key: value for key, (at, value) in self.put_at.items() if at + SECONDS > self.clock.now}

    @rule(key=st.sampled_from("abcde"), value=st.integers())
    def put(self, key: str, value: int) -> None:
        self.kept.put(key, value)
        self.put_at.pop(key, None)
        self.put_at[key] = self.clock.now, value
        while len(self.put_at) > MOST:
            del self.put_at[next(iter(self.put_at))]

    @rule(key=st.sampled_from("abcde"))
    def pop(self, key: str) -> None:
        assert self.kept.pop(key) == self.alive().get(key)
        self.put_at.pop(key, None)

    @rule(even=st.booleans())
    def drop(self, even: bool) -> None:
        self.kept.drop(lambda value: (value % 2 == 0) is even)
        self.put_at = {key: pair for key, pair in self.put_at.items() if (pair[1] % 2 == 0) is not even}

    @rule(seconds=st.floats(0, 20))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def gives_what_was_put_and_no_more(self) -> None:
        alive = self.alive()
        assert {key: self.kept.get(key) for key in "abcde"} == {key: alive.get(key) for key in "abcde"}
        assert len(self.kept) <= MOST


class Coding(RuleBasedStateMachine):
    """A code is good once, for five minutes, and whoever asks wrongly has used it up."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.ended: list[str] = []
        self.codes = Codes(self.ended.append, self.clock)
        self.given: list[tuple[str, Grant, float]] = []
        self.asked: set[str] = set()
        self.spent: dict[str, float] = {}

    @rule()
    def give(self) -> None:
        number = str(len(self.given))
        grant = Grant("web", "ann", "sub", frozenset(), 0, number, "")
        self.given.append((self.codes.give(grant, "https://a/", CHALLENGE), grant, self.clock.now))

    @rule(seconds=st.sampled_from([0.0, 1.0, 299.0, 300.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(
        which=st.integers(0, 5),
        app=st.sampled_from(["web", "web", "web", "other"]),
        place=st.sampled_from(["https://a/", "https://a/", "https://a", "HTTPS://a/"]),
        verifier=st.sampled_from([VERIFIER, VERIFIER, VERIFIER, "", CHALLENGE, VERIFIER + "v"]),
    )
    def take(self, which: int, app: str, place: str, verifier: str) -> None:
        if which >= len(self.given):
            return
        code, grant, at = self.given[which]
        fresh = code not in self.asked and at + 300 > self.clock.now
        self.ended.clear()
        try:
            taken: Grant | None = self.codes.take(app, code, place, verifier)
        except NotAllowed:
            taken = None
        right = fresh and (app, place, verifier) == ("web", "https://a/", VERIFIER)
        assert taken == (grant if right else None)
        spent = code in self.spent and self.clock.now < self.spent[code] + 24 * 3600
        assert self.ended == ([grant.origin] if spent else [])
        self.asked.add(code)

    @rule(which=st.integers(0, 5))
    def spend(self, which: int) -> None:
        if which < len(self.given) and self.given[which][0] in self.asked - self.spent.keys():
            code, grant, _ = self.given[which]
            self.codes.spent(code, grant)
            self.spent[code] = self.clock.now


TestKeeping = Keeping.TestCase
TestCoding = Coding.TestCase


def test_a_verifier_for_a_code_without_a_challenge_is_refused() -> None:
    codes = Codes(lambda _: None, Clock())
    grant = Grant("web", "ann", "sub", frozenset(), 0, "o", "")
    with pytest.raises(NotAllowed):
        codes.take("web", codes.give(grant, "https://a/", ""), "https://a/", VERIFIER)
    assert codes.take("web", codes.give(grant, "https://a/", ""), "https://a/", "") == grant


def users(*known: str) -> Users:
    return Users(lambda: frozenset(known))


def test_a_user_keeps_their_sub_until_they_are_removed() -> None:
    made = users("Reader", "Writer")
    first = made.put("ann", ["Reader"])
    assert made.put("ann", ["Writer", "Writer"]) == first._replace(groups=("Writer",))
    assert made.all() == [made.get("ann")]
    made.remove("ann")
    made.remove("ann")
    assert made.get("ann") is None
    assert made.put("ann", []).sub != first.sub


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        pytest.param("", [], id="no name"),
        pytest.param("a b", [], id="a blank in a name"),
        pytest.param("a\n", [], id="a line break in a name"),
        pytest.param("a\u202e", [], id="what turns text around in a name"),
        pytest.param("\ud800", [], id="half a character in a name"),
        pytest.param("a" * 129, [], id="a name that is too long"),
        pytest.param("ann", ["reader"], id="a group in another case"),
        pytest.param("ann", ["Reader", "us-east-1_Local_"], id="a federated group of no provider"),
        pytest.param("ann", ["us-east-1_Local_a b"], id="a federated group with a blank"),
        pytest.param("ann", ["us-east-1_Other_Google"], id="another pool's federated group"),
        pytest.param("ann", [f"us-east-1_Local_{number}" for number in range(101)], id="more groups than Cognito has"),
    ],
)
def test_what_cognito_would_not_take_changes_nothing(name: str, groups: list[str]) -> None:
    made = users("Reader")
    before = made.put("ann", ["Reader"])
    with pytest.raises(ValueError, match=r"name|group"):
        made.put(name, groups)
    assert made.all() == [before]


def test_groups_of_the_pool_and_of_providers_are_taken() -> None:
    assert users("Reader").put("ann@example.com", ["us-east-1_Local_Google", "Reader"]).groups == (
        "Reader",
        "us-east-1_Local_Google",
    )


@pytest.mark.parametrize(
    ("changed", "taken"),
    [
        pytest.param({}, False, id="a pool of ours has no groups but ours"),
        pytest.param(
            {"user-pool": {"existing": True}}, True, id="a pool that exists has groups that nobody told us of"
        ),
    ],
)
def test_other_groups(changed: dict[str, Any], taken: bool) -> None:
    made = pool(build(**changed))
    put: Callable[[], Any] = lambda: made.users.put("ann", ["staff"])  # noqa: E731
    if taken:
        assert put().groups == ("staff",)
    else:
        with pytest.raises(ValueError, match="staff"):
            put()
