"""Scenario A: permissions become scopes, and the gateway asks for scopes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from . import tokens
from .cloud import Api
from .pool import Pool

pytestmark = pytest.mark.e2e

READ, WRITE = "ReadPetsAccess", "WritePetsAccess"


@pytest.mark.parametrize(
    ("groups", "reads", "writes"),
    [
        pytest.param([], False, False, id="a user without a permission may do nothing"),
        pytest.param([READ], True, False, id="the read permission reads and does not write"),
        pytest.param([WRITE], False, True, id="the write permission writes and does not read"),
        pytest.param([READ, WRITE], True, True, id="both permissions do both"),
        pytest.param(["ReadBillsAccess"], False, False, id="a permission for another API does nothing here"),
    ],
)
def test_permissions(groups: list[str], reads: bool, writes: bool, pets: Api, token_of: Callable[..., str]) -> None:
    token = token_of(*groups)
    assert (pets.admits("GET", "/pets", token), pets.admits("POST", "/pets", token)) == (reads, writes)


def test_a_user_gets_the_scopes_of_the_permissions_and_no_others(token_of: Callable[..., str]) -> None:
    assert tokens.scopes(token_of()) == {"openid"}
    assert tokens.scopes(token_of(READ, WRITE)) == {"openid", "petsapi/read", "petsapi/write"}


def test_a_federated_group_grants_nothing_and_takes_nothing(pool: Pool, pets: Api) -> None:
    """Cognito puts every user who comes from Google into such a group."""
    federated = f"{pool.id}_Google"
    pool.cognito.create_group(UserPoolId=pool.id, GroupName=federated)
    alone, together = pool.sign_in(pool.user(federated)), pool.sign_in(pool.user(federated, READ))
    assert not pets.admits("GET", "/pets", alone.access)
    assert pets.admits("GET", "/pets", together.access)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(None, id="no token"),
        pytest.param("", id="an empty token"),
        pytest.param("garbage", id="garbage"),
        pytest.param("e30.e30.e30", id="garbage in three parts"),
    ],
)
def test_what_is_no_token_is_refused(wrong: str | None, pets: Api, token_of: Callable[..., str]) -> None:
    assert not pets.admits("GET", "/pets", wrong)
    assert pets.admits("GET", "/pets", token_of(READ))


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(tokens.with_the_old_signature, id="widened, under the old signature"),
        pytest.param(tokens.signed_with_another_key, id="widened and signed with another key"),
        pytest.param(tokens.signed_with_the_key_id, id="widened and signed with what is public"),
        pytest.param(tokens.without_a_signature, id="widened, without a signature"),
    ],
)
def test_a_forged_token_is_refused(forge: Callable[[str, str], str], pets: Api, token_of: Callable[..., str]) -> None:
    forged = forge(token_of(READ), "petsapi/write")
    assert "petsapi/write" in tokens.scopes(forged)
    assert not pets.admits("POST", "/pets", forged)
    assert not pets.admits("GET", "/pets", forged)
    assert pets.admits("GET", "/pets", token_of(READ))
    assert pets.admits("POST", "/pets", token_of(WRITE))


def test_an_id_token_is_refused_where_the_access_token_is_admitted(pool: Pool, pets: Api) -> None:
    session = pool.sign_in(pool.user(READ))
    assert not pets.admits("GET", "/pets", session.identity)
    assert pets.admits("GET", "/pets", session.access)


def test_a_token_is_worth_nothing_at_the_api_of_another_pool(
    pool_of: Callable[..., Pool], api_of: Callable[..., Api], output: Path, pets: Api, token_of: Callable[..., str]
) -> None:
    other_pool = pool_of("other-identity", output / "identity/template.yaml", DomainPrefix="pets-e2e-other")
    other_pets = api_of("other-pets", output / "pets/template.yaml", other_pool)
    ours, theirs = token_of(READ), other_pool.sign_in(other_pool.user(READ)).access
    assert [pets.admits("GET", "/pets", token) for token in (ours, theirs)] == [True, False]
    assert [other_pets.admits("GET", "/pets", token) for token in (ours, theirs)] == [False, True]


def test_a_removed_permission_is_gone_at_the_next_sign_in(pool: Pool, pets: Api) -> None:
    user = pool.user(READ, WRITE)
    assert pets.admits("POST", "/pets", pool.sign_in(user).access)
    pool.remove(user, WRITE)
    token = pool.sign_in(user).access
    assert (pets.admits("POST", "/pets", token), pets.admits("GET", "/pets", token)) == (False, True)


def test_a_removed_permission_is_gone_at_the_next_refresh(pool: Pool, pets: Api) -> None:
    user = pool.user(READ, WRITE)
    session = pool.sign_in(user)
    assert pets.admits("POST", "/pets", pool.refresh(session))
    pool.remove(user, WRITE)
    token = pool.refresh(session)
    assert (pets.admits("POST", "/pets", token), pets.admits("GET", "/pets", token)) == (False, True)


def test_a_granted_permission_is_there_at_the_next_refresh(pool: Pool, pets: Api) -> None:
    user = pool.user()
    session = pool.sign_in(user)
    assert not pets.admits("GET", "/pets", pool.refresh(session))
    pool.cognito.admin_add_user_to_group(UserPoolId=pool.id, Username=user, GroupName=READ)
    assert pets.admits("GET", "/pets", pool.refresh(session))


def test_a_machine_may_do_what_its_operations_require(pool: Pool, pets: Api) -> None:
    token = pool.machine_token("Reports")
    assert (pets.admits("GET", "/pets", token), pets.admits("POST", "/pets", token)) == (True, False)


def test_the_preflight_is_open_and_nothing_else_is(pets: Api) -> None:
    headers = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
    assert pets.call("OPTIONS", "/pets", None, **headers).status == 200
    assert pets.call("POST", "/pets", None, **headers).status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "/", id="a path above one that exists"),
        pytest.param("GET", "/pets/1", id="a path below one that exists"),
        pytest.param("GET", "/unknown", id="an unknown path"),
        pytest.param("DELETE", "/pets", id="an unknown method of a known path"),
        pytest.param("HEAD", "/pets", id="HEAD, which GET does not include"),
    ],
)
def test_what_the_document_does_not_have_is_refused(
    method: str, path: str, pets: Api, token_of: Callable[..., str]
) -> None:
    token = token_of(READ, WRITE)
    assert [pets.call(method, path, who).status for who in (None, token)] == [403, 403]
    assert pets.admits("GET", "/pets", token)
