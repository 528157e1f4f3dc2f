"""The commands that deploy what a build changed, in an order that locks nobody out. In: plan and models. Out: lines."""

import posixpath
import re

from scopegen import limits
from scopegen.artifacts import Build
from scopegen.model import Model
from scopegen.names import pascal
from scopegen.output import Plan, State
from scopegen.targets.api_stack import parameters

_DEPLOY = "  aws cloudformation deploy --capabilities CAPABILITY_IAM"
_IMPORT = "aws apigateway put-rest-api --mode overwrite --fail-on-warnings"
_ATTACH = "  aws cognito-idp update-user-pool --user-pool-id <id> --lambda-config <output AttachTrigger> <all its other settings>"
_VARIABLES = (
    "  openapi.json finds the pool by import and stage variables: each is documented, together only AWS can confirm"
)


def commands(plan: Plan, build: Build, before: Model | None, shown: str) -> list[str]:
    """Identity first, so that tokens have what APIs require; the APIs first where a scope goes."""
    changed = {entry.path for entry in plan.of(State.NEW, State.STALE, State.EDITED)}
    identity = _identity(build, plan, shown) if any(path.startswith("identity/") for path in changed) else []
    names = sorted({path.partition("/")[0] for path in changed if "/" in path} - {"identity"})
    apis = [line for name in names for line in _api(build, plan, shown, name)]
    if not identity and not apis:
        return []
    scope_goes = before is not None and bool(before.declared - build.model.declared)
    order = " (the APIs first: a scope goes)" if scope_goes else " (identity first)"
    lines = [f"deploy{order if identity and apis else ''}", *(apis + identity if scope_goes else identity + apis)]
    return lines + ([_VARIABLES] if apis and not build.user_pool_arn else [])


def _identity(build: Build, plan: Plan, shown: str) -> list[str]:
    path = "identity/template.yaml"
    existing = [pascal(client.name) for client in build.model.clients if client.existing]
    overrides = ["UserPoolId=<pool id>"] if build.settings.existing_pool else []
    overrides += [f"{name}ExistingClientId=<client id>" for name in existing]
    upload = []
    if any(entry.path.startswith("identity/groups/") for entry in plan.entries):
        upload = [f"  aws s3 cp --recursive {posixpath.join(shown, 'identity/groups')} s3://<bucket>/groups"]
        overrides.append("GroupTemplatesUrl=https://<bucket>.s3.<region>.amazonaws.com/groups")
    line = (
        f"{_DEPLOY} --stack-name scopegen-identity --template-file {posixpath.join(shown, path)}{_bucket(plan, path)}"
    )
    line += f" --parameter-overrides {' '.join(overrides)}" if overrides else ""
    return [*upload, line, *([_ATTACH] if build.settings.existing_pool else [])]


def _api(build: Build, plan: Plan, shown: str, name: str) -> list[str]:
    path = f"{name}/template.yaml"
    stack = "scopegen-" + re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
    needed = [parameter["name"] for parameter in parameters(build.imports[name]) if not parameter["default"]]
    overrides = " ".join(["UserPoolArn=<its output>", *(f"{parameter}=<...>" for parameter in needed)])
    deploy = f"{_DEPLOY} --stack-name {stack} --template-file {posixpath.join(shown, path)}{_bucket(plan, path)}"
    body = f"fileb://{posixpath.join(shown, name, 'openapi.json')}"
    return [f"{deploy} --parameter-overrides {overrides}", f"  or: {_IMPORT} --rest-api-id <id> --body {body}"]


def _bucket(plan: Plan, path: str) -> str:
    """The bucket form, for a template that is too large to be sent along."""
    size = next((len(entry.new or b"") for entry in plan.entries if entry.path == path), 0)
    return " --s3-bucket <bucket>" if size > limits.INLINE_TEMPLATE_BYTES else ""
