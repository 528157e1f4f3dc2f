"""API Gateway's import as people use it: by the AWS CLI. In: import specs. Out: APIs, what the gateway says of them, answers."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.cloud import REGION, Cloud
from e2e.emulator import HOST, Answer

STAGE = "live"


@dataclass(frozen=True)
class Importer:
    """The `aws` of one environment, which knows one emulator and nothing of whoever runs the tests."""

    aws: Path
    home: Path
    cloud: Cloud

    def new(self, spec: Path) -> "Imported":
        """`import-rest-api`: an API that was not there."""
        said = self.run("import-rest-api", *_body(spec), "--parameters", "endpointConfigurationTypes=REGIONAL")
        return Imported(self, said["id"], said)

    def over(self, api: "Imported", spec: Path) -> "Imported":
        """`put-rest-api --mode overwrite`: another spec for an API that is there."""
        said = self.run("put-rest-api", *_body(spec), "--mode", "overwrite", "--rest-api-id", api.id)
        return Imported(self, api.id, said)

    def refusal(self, spec: Path) -> str:
        """What the command says that imports a spec and fails."""
        ended = self._ended("import-rest-api", *_body(spec))
        assert ended.returncode != 0
        return ended.stderr

    def run(self, command: str, *arguments: str) -> dict[str, Any]:
        """What a command of `aws apigateway` prints that succeeds."""
        ended = self._ended(command, *arguments)
        assert ended.returncode == 0, ended.stderr
        assert not ended.stderr, ended.stderr
        said: dict[str, Any] = json.loads(ended.stdout)
        return said

    def _ended(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        line = [self.aws, "apigateway", command, *arguments]
        return subprocess.run(line, env=self._variables(), cwd=self.home, capture_output=True, text=True, timeout=120)

    def _variables(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "NO_PROXY": HOST,
            "AWS_ENDPOINT_URL": self.cloud.emulator.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_DEFAULT_OUTPUT": "json",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@dataclass(frozen=True)
class Imported:
    """An API on the emulator; `said` is what the command printed that put it there."""

    importer: Importer
    id: str
    said: Mapping[str, Any]

    def items(self, listing: str, **options: Any) -> list[dict[str, Any]]:
        """All of one kind: `resources`, `authorizers`, `models`, `request_validators`."""
        pages = self.importer.cloud.client("apigateway").get_paginator(f"get_{listing}")
        return [item for page in pages.paginate(restApiId=self.id, **options) for item in page["items"]]

    def deploy(self, **variables: str) -> None:
        """`create-deployment`, with the stage variables that the import spec refers to."""
        written = ",".join(f"{name}={value}" for name, value in {"UserPoolId": "us-east-1_x", **variables}.items())
        where = ("--rest-api-id", self.id, "--stage-name", STAGE)
        self.importer.run("create-deployment", *where, "--variables", written)

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        where = f"/_aws/execute-api/{self.id}/{STAGE}{path}"
        return self.importer.cloud.emulator.send(method, where, body, headers)


def _body(spec: Path) -> tuple[str, str, str]:
    return "--fail-on-warnings", "--body", f"fileb://{spec}"


def api_key(api: Imported) -> str:
    """The value of a new API key that an API's usage plan admits."""
    client = api.importer.cloud.client("apigateway")
    key = client.create_api_key(name="partner", enabled=True)
    stages = [{"apiId": api.id, "stage": STAGE}]
    plan = client.create_usage_plan(name="partners", apiStages=stages)
    client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    return str(key["value"])
