"""Users who ask for scopes that nobody granted them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .cloud import Api
from .pool import Pool
from .tokens import scopes

pytestmark = pytest.mark.e2e

WRITE, LISTED = "WritePetsAccess", ("openid", "petsapi/read", "petsapi/write")
ASKING = [
    pytest.param("openid petsapi/write", id="by asking for the scope"),
    pytest.param("petsapi/read petsapi/write", id="by asking for API scopes alone"),
    pytest.param("", id="by asking for nothing, which means everything the client lists"),
]


def test_our_client_does_not_offer_api_scopes(pool: Pool) -> None:
    answer = pool.authorize(pool.client_id("Web"), "openid petsapi/write")
    assert (answer.status, "invalid_scope" in answer.headers["Location"]) == (302, True)
    assert pool.authorize(pool.client_id("Web"), "openid").status == 200


def test_nor_does_it_give_them_to_a_form_that_was_changed(pool: Pool, pets: Api) -> None:
    refused, admitted = pool.user(), pool.user(WRITE)
    granted = [pool.sign_in(user, submitted="openid petsapi/write").access for user in (refused, admitted)]
    assert [pets.admits("POST", "/pets", token) for token in granted] == [False, True]


@pytest.mark.parametrize("asked", ASKING)
def test_a_client_that_lists_api_scopes_gives_nobody_more_than_the_permissions_do(
    asked: str, pool: Pool, pets: Api
) -> None:
    client_id = pool.hand_made_client(*LISTED)
    refused, admitted = pool.sign_in(pool.user(), client_id, asked), pool.sign_in(pool.user(WRITE), client_id, asked)
    assert scopes(refused.access) <= {"openid"}
    assert [pets.admits("POST", "/pets", session.access) for session in (refused, admitted)] == [False, True]
    assert [pets.admits("GET", "/pets", session.access) for session in (refused, admitted)] == [False, False]


def test_a_derived_scope_is_not_to_be_had_by_asking_either(pool: Pool, clinic: Api, derived: str) -> None:
    client_id = pool.hand_made_client("openid", derived)
    users = pool.user("ReadBillsAccess"), pool.user("ReadBillsAccess", "ReadPetsAccess")
    granted = [pool.sign_in(user, client_id, f"openid {derived}").access for user in users]
    assert [clinic.admits("GET", "/statements", token) for token in granted] == [False, True]


def test_a_scope_added_by_hand_to_a_server_of_ours_is_not_to_be_had_either(pool: Pool) -> None:
    """Whereas the scopes of other people's resource servers are no business of ours."""
    admin = {"ScopeName": "admin", "ScopeDescription": "Made by hand"}
    server = {"UserPoolId": pool.id, "Name": "Made by hand", "Scopes": [admin]}
    ours = pool.cognito.describe_resource_server(UserPoolId=pool.id, Identifier="billing")["ResourceServer"]
    pool.cognito.update_resource_server(**(ours | {"Scopes": [*ours["Scopes"], admin]}))
    pool.cognito.create_resource_server(Identifier="elsewhere", **server)
    client_id = pool.hand_made_client("openid", "billing/admin", "elsewhere/admin")
    session = pool.sign_in(pool.user("ReadBillsAccess"), client_id, "openid billing/admin elsewhere/admin")
    assert scopes(session.access) == {"openid", "billing/read", "elsewhere/admin"}


@pytest.mark.parametrize("asked", ASKING)
def test_these_tests_would_notice_a_trigger_that_does_not_suppress(asked: str, unsuppressing: tuple[Pool, Api]) -> None:
    pool, pets = unsuppressing
    session = pool.sign_in(pool.user(), pool.hand_made_client(*LISTED), asked)
    assert pets.admits("POST", "/pets", session.access)


@pytest.fixture(scope="module")
def unsuppressing(pool_of: Callable[..., Pool], api_of: Callable[..., Api], output: Path) -> tuple[Pool, Api]:
    """The same stacks, but for a handler that answers without `scopesToSuppress`."""
    template, entry = (output / "identity/template.yaml").read_text("utf-8"), ', "scopesToSuppress": suppress}'
    assert template.count(entry) == 1
    pool = pool_of("tampered-identity", template.replace(entry, "}"), DomainPrefix="pets-e2e-tampered")
    return pool, api_of("tampered-pets", output / "pets/template.yaml", pool)
