"""The published systems on serve, row by row: permissions become scopes; an access token instead of an ID token; machines.

The worked example is what is served. The tutorial does the same with curl.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from scopegen.testing import LocalGateway

ROOT = Path(__file__).parents[1]
READ, WRITE = "ReadPetsAccess", "WritePetsAccess"
PETS = [{"id": 1, "name": "Misty"}, {"id": 2, "name": "Rex"}]
STORMS = {
    "events": [
        {"name": "Storms Dudley, Eunice and Franklin", "dateStart": "2022-02-16", "dateEnd": "2022-02-21"},
        {"name": "Storms Malik and Corrie", "dateStart": "2022-01-29", "dateEnd": "2022-01-31"},
    ]
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGateway]:
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(ROOT / "specs", folder / "specs")
    shutil.copy(ROOT / "scopegen.yaml", folder)
    with LocalGateway(folder / "scopegen.yaml") as running:
        yield running


def call(gateway: LocalGateway, method: str, api: str, path: str, token: str | None = None) -> tuple[int, object]:
    """Status and body."""
    headers = {} if token is None else gateway.headers(token)
    answer = httpx.request(method, gateway.url(api, path), headers=headers)
    return answer.status_code, answer.json()


UNAUTHORIZED = (401, {"message": "Unauthorized"})


def test_permissions_no_token_and_an_id_token_are_refused(gateway: LocalGateway) -> None:
    tokens = gateway.user_tokens(READ, WRITE)
    assert call(gateway, "GET", "pets", "/pets") == UNAUTHORIZED
    assert call(gateway, "GET", "pets", "/pets", tokens.identity) == UNAUTHORIZED
    assert call(gateway, "GET", "pets", "/pets", tokens.access) == (200, PETS)


@pytest.mark.parametrize(
    ("held", "reads", "writes"),
    [
        pytest.param([], False, False, id="no permission"),
        pytest.param([READ], True, False, id="read"),
        pytest.param([WRITE], False, True, id="write"),
        pytest.param([READ, WRITE], True, True, id="both"),
    ],
)
def test_permissions_open_what_they_grant(held: list[str], reads: bool, writes: bool, gateway: LocalGateway) -> None:
    token = gateway.user_token(*held)
    assert call(gateway, "GET", "pets", "/pets", token) == ((200, PETS) if reads else UNAUTHORIZED)
    assert call(gateway, "POST", "pets", "/pets", token) == (
        (201, {"id": 3, "name": "Nemo"}) if writes else UNAUTHORIZED
    )


def test_permissions_a_federated_group_signs_in_and_opens_nothing(gateway: LocalGateway) -> None:
    pool = gateway._servers.pool
    pool.users.put("tester", ["us-east-1_Local_Google"])
    tokens = signed_in(gateway, {"user": "tester"})
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert (claims["cognito:groups"], claims["scope"]) == (["us-east-1_Local_Google"], "openid")
    assert call(gateway, "GET", "pets", "/pets", tokens["access_token"]) == UNAUTHORIZED


def test_permissions_to_request_a_scope_is_not_to_have_it(gateway: LocalGateway) -> None:
    tokens = signed_in(gateway, {"name": "ann", "group": READ}, scope="openid petsapi/write")
    assert call(gateway, "GET", "pets", "/pets", tokens["access_token"]) == (200, PETS)
    assert call(gateway, "POST", "pets", "/pets", tokens["access_token"]) == UNAUTHORIZED


def signed_in(gateway: LocalGateway, chosen: dict[str, str], scope: str = "openid") -> dict[str, str]:
    """The tokens of a sign-in through the page: code, no browser."""
    place = "https://app.example.com/callback"
    asked = {"client_id": "web", "response_type": "code", "redirect_uri": place, "scope": scope}
    with httpx.Client(base_url=gateway.pool_url) as browser:
        page = browser.get("/oauth2/authorize", params=asked).text
        form = page.partition('name="form" value="')[2].partition('"')[0]
        location = browser.post("/oauth2/authorize", data={"form": form, **chosen}).headers["location"]
        code = httpx.URL(location).params["code"]
        grant = {"grant_type": "authorization_code", "client_id": "web", "redirect_uri": place, "code": code}
        tokens: dict[str, str] = browser.post("/oauth2/token", data=grant).json()
        return tokens


def of_machine(gateway: LocalGateway, scope: str = "") -> httpx.Response:
    """What the token endpoint answers to stormwatch."""
    form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
    return httpx.post(f"{gateway.pool_url}/oauth2/token", data=form, auth=gateway.credentials("stormwatch"))


def test_machines_get_all_their_scopes_and_the_storms(gateway: LocalGateway) -> None:
    answer = of_machine(gateway).json()
    assert answer.keys() == {"access_token", "expires_in", "token_type"}
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["scope"].split() == ["weather-api/get", "weather-api/post"]
    assert call(gateway, "GET", "weather", "/", answer["access_token"]) == (200, STORMS)


def test_machines_that_narrow_may_do_less(gateway: LocalGateway) -> None:
    token = of_machine(gateway, "weather-api/post").json()["access_token"]
    assert call(gateway, "GET", "weather", "/", token) == UNAUTHORIZED
    assert call(gateway, "POST", "weather", "/", token) == (200, {"message": "success"})


def test_machines_cannot_ask_for_more(gateway: LocalGateway) -> None:
    answer = of_machine(gateway, "weather-api/delete")
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})
