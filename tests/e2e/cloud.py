"""AWS as the emulator plays it. In: built templates. Out: stacks, and the APIs that they deploy."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from scopegen.limits import INLINE_TEMPLATE_BYTES

from .emulator import Answer, Emulator

REGION = "us-east-1"
_REFUSED = 401


@dataclass
class Cloud:
    """The services of one emulator. boto3 clients are made when first used and closed in the end."""

    emulator: Emulator
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.emulator.url,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        return self._clients[service]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def deploy(self, name: str, template: Path | str, **parameters: str) -> Mapping[str, str]:
        """A new stack of a template, given as a file or as its text; its outputs."""
        self.client("cloudformation").create_stack(**self._request(name, template, parameters))
        return self._settled(name, "CREATE_COMPLETE")

    def update(self, name: str, template: Path | str, **parameters: str) -> Mapping[str, str]:
        """A stack that has another template now; its outputs."""
        self.client("cloudformation").update_stack(**self._request(name, template, parameters))
        return self._settled(name, "UPDATE_COMPLETE")

    def _request(self, name: str, template: Path | str, parameters: Mapping[str, str]) -> dict[str, Any]:
        text = template.read_text("utf-8") if isinstance(template, Path) else template
        return {
            "StackName": name,
            **(self._stored(name, text) if len(text.encode()) > INLINE_TEMPLATE_BYTES else {"TemplateBody": text}),
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            "Capabilities": ["CAPABILITY_IAM"],
        }

    def _stored(self, name: str, text: str) -> dict[str, str]:
        """A template that is too large to be sent along lies in a bucket."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket="templates")
        s3.put_object(Bucket="templates", Key=name, Body=text.encode())
        return {"TemplateURL": f"{self.emulator.url}/templates/{name}"}

    def _settled(self, name: str, expected: str) -> Mapping[str, str]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            stack = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                assert stack["StackStatus"] == expected, self._reasons(name)
                return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
            time.sleep(0.05)
        raise TimeoutError(f"{name} is still in progress")

    def _reasons(self, name: str) -> list[str]:
        events = self.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
        return [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in events]


@contextmanager
def connected(emulator: Emulator) -> Iterator[Cloud]:
    """The services of an emulator, untouched by the AWS profile, endpoints and proxy of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("NO_PROXY", "127.0.0.1")
        cloud = Cloud(emulator)
        yield cloud
        cloud.close()


@dataclass(frozen=True)
class Api:
    """A deployed API, called as its clients call it."""

    emulator: Emulator
    id: str

    def call(self, method: str, path: str, token: str | None = None, **headers: str) -> Answer:
        authorization = {"Authorization": f"Bearer {token}"} if token is not None else {}
        where = f"/restapis/{self.id}/prod/_user_request_{path}"
        return self.emulator.send(method, where, b"", headers | authorization)

    def admits(self, method: str, path: str, token: str | None = None) -> bool:
        """Whether a call reaches the integration; anything but that and a 401 is an error of the test's own."""
        status = self.call(method, path, token).status
        assert status in (200, _REFUSED), status
        return status == 200
