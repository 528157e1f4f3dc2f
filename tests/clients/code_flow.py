"""An app with requests-oauthlib: code and PKCE, a call, a refresh, another call; a machine. In: URLs in the environment.

Says what came of each step as JSON. Runs in an environment of its own; the person at the browser is played by `requests`.
"""

import json
import os
import re

import requests
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session

POOL, API, CALLBACK = os.environ["POOL"], os.environ["API"], os.environ["CALLBACK"]


def signed_in(url: str) -> str:
    """Where the browser is sent once somebody has signed in on the page."""
    with requests.Session() as browser:
        page = browser.get(url, timeout=10)
        form = re.search(r'name="form" value="([^"]+)"', page.text)
        assert form, page.text
        fields = {"form": form[1], "name": "olga", "group": "Reader"}
        sent = browser.post(
            f"{POOL}/oauth2/authorize", fields, headers={"Origin": POOL}, allow_redirects=False, timeout=10
        )
        return sent.headers["Location"]


def main() -> None:
    settings = requests.get(f"{os.environ['ISSUER']}/.well-known/openid-configuration", timeout=10).json()
    with OAuth2Session("web", redirect_uri=CALLBACK, scope=["openid"], pkce="S256") as app:
        url, _ = app.authorization_url(settings["authorization_endpoint"])
        first = app.fetch_token(
            settings["token_endpoint"], authorization_response=signed_in(url), include_client_id=True
        )
        called = [
            app.get(f"{API}/pets", timeout=10).status_code,
            app.post(f"{API}/pets", json={}, timeout=10).status_code,
        ]
        again = app.refresh_token(settings["token_endpoint"], client_id="web")
        called.append(app.get(f"{API}/pets", timeout=10).status_code)
        known = app.get(settings["userinfo_endpoint"], timeout=10).json()
    with OAuth2Session(client=BackendApplicationClient("reports", scope=["petsapi/read"])) as machine:
        machine.fetch_token(settings["token_endpoint"], client_id="reports", client_secret=os.environ["SECRET"])
        called.append(machine.get(f"{API}/pets", timeout=10).status_code)
    is_new = again["access_token"] != first["access_token"]
    print(json.dumps({"called": called, "new": is_new, "refresh": "refresh_token" in again, "name": known["username"]}))


if __name__ == "__main__":
    main()
