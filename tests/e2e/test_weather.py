"""Scenario E: machines with client credentials."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .cloud import Api
from .pool import Pool
from .tokens import scopes

pytestmark = pytest.mark.e2e

STORMS = {
    "events": [
        {"name": "Storms Dudley, Eunice and Franklin", "dateStart": "2022-02-16", "dateEnd": "2022-02-21"},
        {"name": "Storms Malik and Corrie", "dateStart": "2022-01-29", "dateEnd": "2022-01-31"},
    ]
}


def test_without_naming_scopes_a_machine_gets_all_of_its_own(pool: Pool) -> None:
    assert scopes(pool.machine_token("Stormwatch")) == {"weather-api/get", "weather-api/post"}


@pytest.mark.parametrize(
    ("scope", "admitted"),
    [
        pytest.param("", {"GET", "POST"}, id="with all its scopes it may do both, and not remove"),
        pytest.param("weather-api/post", {"POST"}, id="with post alone it may only record"),
        pytest.param("weather-api/get", {"GET"}, id="with get alone it may only read"),
    ],
)
def test_a_machine_may_do_what_its_token_names(scope: str, admitted: set[str], pool: Pool, weather: Api) -> None:
    token = pool.machine_token("Stormwatch", scope)
    assert {method for method in ("GET", "POST", "DELETE") if weather.admits(method, "/", token)} == admitted


def test_a_scope_that_the_client_lacks_is_not_to_be_had(pool: Pool) -> None:
    refused = pool.machine("Stormwatch", "weather-api/delete")
    assert (refused.status, json.loads(refused.body)) == (400, {"error": "invalid_grant"})
    assert pool.machine("Stormwatch", "weather-api/get").status == 200


def test_what_the_machine_may_not_do_a_user_with_the_permission_may(weather: Api, token_of: Callable[..., str]) -> None:
    admitted, refused = token_of("RemoveEventsAccess"), token_of("ReadPetsAccess")
    assert [weather.admits("DELETE", "/", token) for token in (admitted, refused)] == [True, False]
    assert not weather.admits("GET", "/", admitted)


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        pytest.param("get", STORMS, id="GET answers with the two storms"),
        pytest.param("post", {"message": "success"}, id="POST answers with success"),
    ],
)
def test_the_mock_answers_with_the_example_of_the_document(method: str, answer: object, output: Path) -> None:
    """On the import spec itself: the emulator's own mocks answer with nothing."""
    operation = json.loads((output / "weather/openapi.json").read_text("utf-8"))["paths"]["/"][method]
    integration = operation["x-amazon-apigateway-integration"]
    assert integration["type"] == "mock"
    response = integration["responses"]["default"]
    assert response["statusCode"] == "200"
    assert json.loads(response["responseTemplates"]["application/json"]) == answer
