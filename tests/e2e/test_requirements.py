"""Every form of requirement: one of several, all of several, anybody signed in, everybody, and the document's default."""

from collections.abc import Callable

import pytest

from .cloud import Api
from .pool import Pool
from .tokens import scopes

pytestmark = pytest.mark.e2e

PETS, BILLS = "ReadPetsAccess", "ReadBillsAccess"


@pytest.mark.parametrize(
    ("groups", "admitted"),
    [
        pytest.param([], set(), id="a user without a permission may do nothing"),
        pytest.param([PETS], {"/names"}, id="one part is enough for either, and not for both"),
        pytest.param([BILLS], {"/names", "/bills"}, id="the other part likewise, and for the document's default"),
        pytest.param([PETS, BILLS], {"/names", "/bills", "/statements"}, id="both parts do everything"),
    ],
)
def test_users(groups: list[str], admitted: set[str], clinic: Api, token_of: Callable[..., str]) -> None:
    assert _admitted(clinic, token_of(*groups)) == admitted


@pytest.mark.parametrize(
    ("client", "admitted"),
    [
        pytest.param("Reports", {"/names"}, id="one part is enough for either, and not for both"),
        pytest.param("Cashier", {"/names", "/bills"}, id="the other part likewise"),
        pytest.param("Auditor", {"/names", "/bills", "/statements"}, id="both parts do everything"),
    ],
)
def test_machines(client: str, admitted: set[str], pool: Pool, clinic: Api) -> None:
    assert _admitted(clinic, pool.machine_token(client)) == admitted


def test_a_machine_that_narrows_must_name_the_derived_scope(pool: Pool, clinic: Api, derived: str) -> None:
    unnamed = pool.machine_token("Auditor", "petsapi/read billing/read")
    named = pool.machine_token("Auditor", derived)
    assert [_admitted(clinic, token) for token in (unnamed, named)] == [{"/names", "/bills"}, {"/statements"}]


def test_a_machine_with_one_part_cannot_ask_for_the_derived_scope(pool: Pool, derived: str) -> None:
    assert [pool.machine(client, derived).status for client in ("Reports", "Auditor")] == [400, 200]


def test_a_permission_that_loses_a_part_loses_the_whole(pool: Pool, clinic: Api) -> None:
    user = pool.user(PETS, BILLS)
    assert clinic.admits("GET", "/statements", pool.sign_in(user).access)
    pool.remove(user, PETS)
    assert _admitted(clinic, pool.sign_in(user).access) == {"/names", "/bills"}


def test_a_public_operation_asks_for_nothing(clinic: Api) -> None:
    assert [clinic.admits("GET", path) for path in ("/status", "/me", "/bills")] == [True, False, False]


def test_an_authenticated_operation_admits_any_user_and_nobody_else(
    pool: Pool, clinic: Api, token_of: Callable[..., str]
) -> None:
    session = pool.sign_in(pool.user())
    refused = (None, "garbage", session.identity, pool.machine_token("Auditor"))
    assert [clinic.admits("GET", "/me", token) for token in (session.access, token_of(PETS))] == [True, True]
    assert [clinic.admits("GET", "/me", token) for token in refused] == [False] * len(refused)


def test_a_user_who_signs_in_by_an_sdk_is_signed_in_too(pool: Pool, clinic: Api) -> None:
    """Such tokens carry no `openid`; the trigger runs for them as for the others."""
    client_id = pool.hand_made_client("openid", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"])
    token = pool.sign_in_by_sdk(pool.user(BILLS), client_id)
    assert scopes(token) == {"aws.cognito.signin.user.admin", "billing/read"}
    assert _admitted(clinic, token) == {"/names", "/bills"}
    assert clinic.admits("GET", "/me", token)


def _admitted(clinic: Api, token: str) -> set[str]:
    return {path for path in ("/names", "/bills", "/statements") if clinic.admits("GET", path, token)}
