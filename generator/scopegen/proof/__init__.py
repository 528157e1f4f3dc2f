"""The proof. In: the bytes of every artifact. Out: what they say about authorization, held against the model.

Nothing is written before it holds. The readers share no code with the emitters: what is read is what AWS would read.
"""

from collections.abc import Callable, Mapping

from scopegen import access_file, codes
from scopegen.artifacts import Artifact, Build
from scopegen.beside import Beside
from scopegen.diagnostics import Diagnostic, Location
from scopegen.document import Json
from scopegen.proof import gateway, identity, trigger
from scopegen.proof.reading import read_yaml, require

# Every key by which a document or template decides who gets in, and where the proof reads it. Nothing else may carry it.
AUTHORIZATION_KEYS: Mapping[str, str] = {
    "security": "each operation has one, the root none",
    "securitySchemes": "exactly our authorizer, and the API key where asked for",
    "x-amazon-apigateway-auth": "nowhere",
    "x-amazon-apigateway-authorizer": "only on our authorizer",
    "x-amazon-apigateway-authtype": "only on our authorizer",
    "identityValidationExpression": "nowhere: access tokens have no `aud` for it to match",
    "x-amazon-apigateway-policy": "exactly the document's",
    "Policy": "exactly the document's, on the API of the stack",
    "x-amazon-apigateway-any-method": "an operation like any other",
    "Body": "equal to the import spec, rule by rule",
    "BodyS3Location": "the import spec itself, by its hash",
    "Mode": "overwrite",
    "AllowedOAuthFlows": "by the kind of the client",
    "AllowedOAuthScopes": "the model's, none of an API on a user client",
    "GenerateSecret": "by the kind of the client",
    "ScopeName": "the model's, per resource server",
    "GroupName": "one per permission that does not exist yet",
    "LambdaConfig": "our trigger, with event version 2",
    "ZipFile": "the bytes of scope_map.py",
    "API_CLIENT_IDS": "our user clients and the parameter, on an existing pool only",
    "AllowAdminCreateUserOnly": "as the configuration says",
}


def reader(*, is_worth: bool) -> Beside:
    """Who reads import specs back. Asked for them early, it does so while the other artifacts are made."""
    return Beside(_read, is_worth=is_worth)


def _read(specs: dict[str, bytes]) -> dict[str, tuple[dict[str, Json], str]]:
    """By path what an import spec says, or why it cannot be read."""
    return {path: _said(content) for path, content in specs.items()}


def _said(spec: bytes) -> tuple[dict[str, Json], str]:
    said: dict[str, Json] = {}
    reason = _failure(lambda: said.update(gateway.read_import(spec)))
    return said, reason


def prove(build: Build, artifacts: tuple[Artifact, ...], reader: Beside | None = None) -> list[Diagnostic]:
    """One finding per artifact that cannot be proved; none if all hold. `reader` is one that was asked for the import specs."""
    files = {artifact.path: artifact.content for artifact in artifacts}
    source = files["identity/scope_map.py"]
    checks: dict[str, Callable[[], None]] = {
        "identity/scope_map.py": lambda: trigger.check(source, build),
        "identity/template.yaml": lambda: identity.check(_templates(files), source.decode(), build),
        "access.json": lambda: require(
            access_file.read(files["access.json"]) == build.model, "the model read back differs"
        ),
    }
    reasons = {path: _failure(check) for path, check in checks.items()}
    derived = trigger.derived(source)
    specs = {f"{name}/openapi.json": files[f"{name}/openapi.json"] for name in build.imports}
    read = reader.result() if reader is not None and reader.question == specs else _read(specs)
    for name in build.imports:
        reasons |= _api_reasons(name, files, read[f"{name}/openapi.json"], derived, build)
    return [codes.UNPROVED_ARTIFACT.at(Location(path), reason) for path, reason in reasons.items() if reason]


def _api_reasons(
    name: str, files: dict[str, bytes], read: tuple[dict[str, Json], str], derived: gateway.Derived, build: Build
) -> dict[str, str]:
    spec, stack = f"{name}/openapi.json", f"{name}/template.yaml"
    said, unread = read
    return {
        spec: unread or _failure(lambda: gateway.check_import(said, name, build, derived)),
        stack: _failure(lambda: gateway.check_stack(files[stack], files[spec], name, build, derived)),
    }


def _failure(check: Callable[[], None]) -> str:
    """Why a check fails. Whatever goes wrong while an artifact is read, it is not proved."""
    try:
        check()
    except Exception as error:
        return f"not what the model says: {type(error).__name__}: {str(error)[:200]}"
    return ""


def _templates(files: dict[str, bytes]) -> list[dict[str, Json]]:
    paths = [path for path in files if path.startswith("identity/") and path.endswith(".yaml")]
    return [read_yaml(files[path]) for path in sorted(paths, key=lambda path: path != "identity/template.yaml")]
