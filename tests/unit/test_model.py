"""The model cannot hold an accident."""

import pytest

from scopegen.diagnostics import Location
from scopegen.model import AnyOf, Client, Model, Operation, Permission, Public, Scope

READ, WRITE = Scope("petsapi", "read"), Scope("petsapi", "write")
HERE, THERE = Location("a.yaml", "/x"), Location("b.yaml", "/y")


@pytest.mark.parametrize(
    "alternatives",
    [
        pytest.param([], id="no alternative"),
        pytest.param([[]], id="an alternative without scopes"),
        pytest.param([[READ], []], id="one empty alternative among others"),
        pytest.param([[Scope("petsapi", "")]], id="a scope without a name"),
    ],
)
def test_nothing_empty_is_a_requirement(alternatives: list[list[Scope]]) -> None:
    with pytest.raises(ValueError, match="empty"):
        AnyOf(alternatives)


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_public_needs_a_reason(reason: str) -> None:
    with pytest.raises(ValueError, match="reason"):
        Public(reason)


def test_a_user_client_cannot_list_a_scope_of_an_api() -> None:
    with pytest.raises(ValueError, match="API scopes"):
        Client("web", "user", [READ], 15)


def test_a_scope_has_a_name() -> None:
    with pytest.raises(ValueError, match="not a scope"):
        Scope.parse("petsapi/")


@pytest.mark.parametrize(
    ("text", "server", "name"),
    [
        ("petsapi/read", "petsapi", "read"),
        ("https://example.com/auth/drive", "https://example.com/auth", "drive"),
        ("openid", "", "openid"),
    ],
)
def test_a_scope_splits_at_the_last_slash(text: str, server: str, name: str) -> None:
    assert Scope.parse(text) == (server, name)
    assert str(Scope.parse(text)) == text


def test_order_and_repetition_mean_nothing() -> None:
    assert AnyOf([[WRITE, READ], [READ, READ]]) == AnyOf([[READ], [READ, WRITE], [READ]])
    assert hash(AnyOf([[WRITE, READ]])) == hash(AnyOf([[READ, WRITE]]))


def test_positions_do_not_count_in_a_comparison() -> None:
    one = Operation("pets", "/pets", "GET", "listPets", AnyOf([[READ]]), HERE)
    other = Operation("pets", "/pets", "GET", "listPets", AnyOf([[READ]]), THERE)
    assert one == other
    assert hash(one) == hash(other)
    assert one != Operation("pets", "/pets", "GET", "listPets", AnyOf([[WRITE]]), HERE)


def test_values_of_different_kinds_are_never_equal() -> None:
    assert Public("x") != AnyOf([[READ]])
    assert Permission("a", [READ], "a") != Client("a", "machine", [READ], 60)


def test_values_are_frozen() -> None:
    requirement = AnyOf([[READ]])
    with pytest.raises(AttributeError):
        requirement.alternatives = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del requirement.alternatives
    with pytest.raises(AttributeError):
        requirement.other = 1  # type: ignore[attr-defined]


def test_a_model_is_sorted_at_construction() -> None:
    one, two = Permission("A", [READ], "A"), Permission("B", [WRITE], "B")
    assert Model((), (), (two, one), ()) == Model((), (), (one, two), ())
