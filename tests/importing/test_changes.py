"""The gateway notices what differs: every reading that the other tests compare changes with what it is a reading of."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from e2e.workspaces import built, replaced

from scopegen.importable.integrations import KEY

from . import reported
from .conftest import HERE
from .importer import Imported, Importer
from .localstack import environment

environment()
pytestmark = pytest.mark.importing
Tamper: TypeAlias = Callable[[Any], None]


def scopes(spec: Any) -> None:
    spec["paths"]["/visits"]["post"]["security"] = [{"CognitoAuthorizer": ["clinic/read"]}]


def a_scope_more(spec: Any) -> None:
    spec["paths"]["/visits"]["post"]["security"][0]["CognitoAuthorizer"].append("clinic/read")


def no_security(spec: Any) -> None:
    del spec["paths"]["/visits"]["post"]["security"]


def security_of_a_public_operation(spec: Any) -> None:
    spec["paths"]["/"]["get"]["security"] = [{"CognitoAuthorizer": ["clinic/read"]}]


def another_authorizer(spec: Any) -> None:
    spec["components"]["securitySchemes"]["CognitoAuthorizer"]["x-amazon-apigateway-authorizer"] = {
        "type": "request",
        "identitySource": "method.request.header.Authorization",
    }


def no_api_key(spec: Any) -> None:
    spec["paths"]["/partners"]["get"]["security"].pop()


def no_validator(spec: Any) -> None:
    del spec["x-amazon-apigateway-request-validator"]


def optional(spec: Any) -> None:
    for parameter in spec["paths"]["/patients/{patientId}/visits/{visitId}"]["get"]["parameters"]:
        parameter["required"] = parameter["in"] == "path"


def another_template(spec: Any) -> None:
    answer = spec["paths"]["/bills"]["get"][KEY]["responses"]["default"]
    answer["responseTemplates"]["application/json"] = "[1]"


def another_backend(spec: Any) -> None:
    spec["paths"]["/files/{path+}"]["x-amazon-apigateway-any-method"][KEY]["uri"] = "http://other.example.com/{path}"


def another_origin(spec: Any) -> None:
    parameters = spec["paths"]["/bills"]["options"][KEY]["responses"]["default"]["responseParameters"]
    parameters["method.response.header.Access-Control-Allow-Origin"] = "'*'"


def another_body(spec: Any) -> None:
    del spec["paths"]["/visits"]["post"]["requestBody"]


def no_preflight(spec: Any) -> None:
    del spec["paths"]["/bills"]["options"]


def another_model(spec: Any) -> None:
    del spec["components"]["schemas"]["visitwithnotesfbaf7047"]["required"]


def another_path(spec: Any) -> None:
    spec["paths"]["/bill"] = spec["paths"].pop("/bills")


@pytest.mark.parametrize(
    ("reading", "tamper"),
    [
        (reported.access, scopes),
        (reported.access, a_scope_more),
        (reported.access, no_security),
        (reported.access, security_of_a_public_operation),
        (reported.access, another_authorizer),
        (reported.access, no_preflight),
        (reported.authorizers, another_authorizer),
        (reported.methods, no_api_key),
        (reported.methods, no_validator),
        (reported.methods, optional),
        (reported.methods, another_template),
        (reported.methods, another_backend),
        (reported.methods, another_origin),
        (reported.methods, another_body),
        (reported.models, another_model),
        (reported.resources, another_path),
    ],
    ids=lambda value: value.__name__,
)
def test_what_differs_is_reported_as_different(
    reading: Callable[[Imported], Any],
    tamper: Tamper,
    importer: Importer,
    imported: Callable[[str], Imported],
    output_of: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    spec = json.loads((output_of("clinic") / "clinic/openapi.json").read_text("utf-8"))
    tamper(spec)
    assert reading(importer.new(written(tmp_path, spec))) != reading(imported("clinic"))


def test_what_the_import_cannot_take_is_warned_of(
    importer: Importer, output_of: Callable[[str], Path], tmp_path: Path
) -> None:
    """Which AWS then refuses, as it was told; the emulator only warns."""
    spec = json.loads((output_of("clinic") / "clinic/openapi.json").read_text("utf-8"))
    files = spec["paths"]["/files/{path+}"]["x-amazon-apigateway-any-method"]
    files[KEY]["requestParameters"]["integration.request.header.X-Flag"] = True
    [warning] = importer.new(written(tmp_path, spec)).said["warnings"]
    assert "Invalid format for 'requestParameters'" in warning


def test_what_is_no_document_is_refused(importer: Importer, tmp_path: Path) -> None:
    broken = tmp_path / "openapi.json"
    broken.write_text("{", "utf-8")
    assert "Invalid OpenAPI input" in importer.refusal(broken)


def test_an_overwriting_import_takes_what_the_document_took(importer: Importer, tmp_path: Path) -> None:
    """By `put-rest-api --mode overwrite`: an operation goes, one comes, the others ask for another scope."""
    work = tmp_path / "work"
    shutil.copytree(HERE / "workspace", work)
    (work / ".git").mkdir()
    api = importer.new(built(work) / "market/openapi.json")
    api.deploy()
    before = access_of(work)
    assert operations(api) == before
    assert before["GET /plain"]["scopes"] == ["market/read"]

    document = work / "specs/market.yaml"
    replaced(document, "  /plain:\n    get:\n", "  /plain:\n    put:\n")
    replaced(document, "x-required-scope: read", "x-required-scope: sell")
    api = importer.over(api, built(work) / "market/openapi.json")
    after = access_of(work)
    assert "warnings" not in api.said
    assert operations(api) == after
    assert (before.keys() - after.keys(), after.keys() - before.keys()) == ({"GET /plain"}, {"PUT /plain"})
    assert {tuple(one["scopes"]) for one in after.values()} == {("market/sell",)}
    assert reported.methods(api) == reported.methods_of_spec(
        json.loads((work / "build/market/openapi.json").read_text())
    )

    old = [api.call(method, "/plain").status for method in ("GET", "PUT")]
    api.deploy()
    new = [api.call(method, "/plain").status for method in ("GET", "PUT")]
    assert (old, new) == ([200, 403], [403, 200])


def access_of(work: Path) -> Any:
    return reported.access_of_model(json.loads((work / "build/access.json").read_text("utf-8")), "market")


def operations(api: Imported) -> Any:
    """Who gets in, without the preflights, of which the market has no others than ours."""
    return {label: one for label, one in reported.access(api).items() if not label.startswith("OPTIONS ")}


def written(folder: Path, spec: Any) -> Path:
    path = folder / "openapi.json"
    path.write_text(json.dumps(spec), "utf-8")
    return path
