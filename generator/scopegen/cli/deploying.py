"""The commands that deploy what a build changed, in an order that locks nobody out. In: plan and models. Out: lines."""

import posixpath
import re
import shlex
from itertools import chain

from scopegen import limits, yaml_events
from scopegen.artifacts import Build
from scopegen.decide import Holders
from scopegen.document import mapping
from scopegen.model import Model, Operation, Public, Requirement, Scope
from scopegen.names import SIGNED_IN, derived_scopes, hash8, pascal, single_scope
from scopegen.output import Plan, State
from scopegen.parsed import TextProblem
from scopegen.report import visible
from scopegen.targets.api_stack import body_key, parameters

_DEPLOY = "  aws cloudformation deploy --capabilities CAPABILITY_IAM"
_IMPORT = "aws apigateway put-rest-api --mode overwrite --fail-on-warnings --rest-api-id <id>"
_PUBLISH = "aws apigateway create-deployment --rest-api-id <id>"
_ATTACH = (
    "  aws cognito-idp update-user-pool --user-pool-id <id> --lambda-config '<output AttachTrigger>'"
    " <all its other settings>"
)
_PLAIN_NAME = re.compile(r"[a-z0-9-]+")
_VARIABLES = (
    "  openapi.json finds the pool by import and stage variables: each is documented, together only AWS can confirm"
)


def commands(plan: Plan, build: Build, before: Model | None, shown: str) -> list[str]:
    """Identity first, so that tokens have what APIs require; the APIs first where a scope goes that they still require."""
    changed = {entry.path for entry in plan.of(State.NEW, State.STALE, State.EDITED)}
    identity = _identity(build, plan, shown) if any(path.startswith("identity/") for path in changed) else []
    names = sorted({path.partition("/")[0] for path in changed if "/" in path} - {"identity"})
    apis = [line for name in names for line in _api(build, plan, shown, name)]
    gone = _gone(plan, before, build.model)
    if not identity and not apis:
        return gone
    early = late = window = None
    if before is not None and identity and apis:
        (early, late), window = _waiting(before, build.model), _window(before, build.model)
    apis_first = not early and bool(late or window)
    why = "a scope goes" if late else f"{window.label} is narrowed" if window else ""
    order = f" (the APIs first: {why})" if apis_first else " (identity first)"
    lines = [f"deploy{order if identity and apis else ''}", *(apis + identity if apis_first else identity + apis)]
    if window and not apis_first:
        lines.append(
            f"  between the two {window.api}: {window.label} is open to whoever is newly granted its scope of so far"
        )
    if early and late:
        lines.append(
            f"  between the two {late.api}: {late.label} is refused, and afterwards, until tokens are renewed,"
        )
        lines.append(f"  {early.api}: {early.label}; to spare people that, accept both scopes for a while with `anyOf`")
    return [*lines, *gone, *([_VARIABLES] if apis and not build.user_pool_arn else [])]


def _waiting(before: Model, after: Model) -> tuple[Operation | None, Operation | None]:
    """An operation that no token of today opens once the API is deployed; one that no token opens once the identity is."""
    old = {one.key: one for one in before.operations}
    today, then = _carried(before), _carried(after)
    early = late = None
    for now in after.operations:
        was = old.get(now.key)
        if was is not None and was.requirement != now.requirement:
            early = early or (None if _is_met(now.requirement, today) else now)
            late = late or (None if _is_met(was.requirement, then) else was)
    return early, late


def _window(before: Model, after: Model) -> Operation | None:
    """An operation that, as it is deployed now, lets in somebody who may call it neither today nor afterwards."""
    then, today = Holders(before), Holders(after)
    new = {one.key: one for one in after.operations}
    for was in before.operations:
        now = new.get(was.key)
        if isinstance(was.requirement, Public) or (now is not None and now.requirement == was.requirement):
            continue
        allowed = {*chain(*then.of(was)), *(chain(*today.of(now)) if now is not None else ())}
        if {*chain(*today.of(was))} - allowed:
            return was
    return None


def _carried(model: Model) -> set[Scope]:
    """Every scope that a token could carry."""
    return {*model.declared, *derived_scopes(model), *SIGNED_IN}


def _is_met(requirement: Requirement, carried: set[Scope]) -> bool:
    if isinstance(requirement, Public):
        return True
    return any(single_scope(parts) in carried for parts in requirement.alternatives)


def _gone(plan: Plan, before: Model | None, after: Model) -> list[str]:
    """What stays in force until somebody deletes it: stacks of APIs that are no longer made, clients that are retained."""
    orphans = {entry.path.partition("/")[0] for entry in plan.of(State.ORPHAN, State.KEPT) if "/" in entry.path}
    lines = [
        f"  aws cloudformation delete-stack --stack-name {stack_name(name)}"
        for name in sorted(orphans - {"identity"} - {operation.api for operation in after.operations})
    ]
    known = {client.name for client in after.clients}
    lines += [
        f"  aws cognito-idp delete-user-pool-client --user-pool-id <id> --client-id <id of {visible(client.name)}>"
        for client in (before.clients if before is not None else ())
        if client.name not in known and not client.existing
    ]
    return ["delete what is no longer made, and stays in force until then", *lines] if lines else []


def stack_name(api: str) -> str:
    """The name we propose for an API's stack: another one for each API, and never that of the identity."""
    plain = re.sub(r"[^a-z0-9]+", "-", api).strip("-")
    return f"scopegen-{api if _PLAIN_NAME.fullmatch(api) else f'{plain}-{hash8(api)}'}"


def _identity(build: Build, plan: Plan, shown: str) -> list[str]:
    path = "identity/template.yaml"
    existing = [pascal(client.name) for client in build.model.clients if client.existing]
    overrides = ["UserPoolId=<pool id>"] if build.settings.existing_pool else []
    overrides += [f"{name}ExistingClientId=<client id>" for name in existing]
    overrides += _changed_defaults(plan, path)
    upload = []
    if any(entry.path.startswith("identity/groups/") for entry in plan.entries):
        upload = [f"  aws s3 cp --recursive {_quoted(shown, 'identity/groups')} s3://<bucket>/groups"]
        overrides.append("GroupTemplatesUrl=https://<bucket>.s3.<region>.amazonaws.com/groups")
    line = f"{_DEPLOY} --stack-name scopegen-identity --template-file {_quoted(shown, path)}{_bucket(plan, path)}"
    line += f" --parameter-overrides {' '.join(overrides)}" if overrides else ""
    return [*upload, line, *([_ATTACH] if build.settings.existing_pool else [])]


def _api(build: Build, plan: Plan, shown: str, name: str) -> list[str]:
    path = f"{name}/template.yaml"
    needed = [parameter["name"] for parameter in parameters(build.imports[name]) if not parameter["default"]]
    given = ["UserPoolArn=<its output>", *(f"{parameter}=<...>" for parameter in needed)]
    overrides = " ".join([*given, *_changed_defaults(plan, path)])
    deploy = f"{_DEPLOY} --stack-name {stack_name(name)} --template-file {_quoted(shown, path)}{_bucket(plan, path)}"
    key = body_key(build, name)
    upload = [f"  aws s3 cp {_quoted(shown, name, 'openapi.json')} s3://<bucket>/{key}"] if key else []
    overrides += " BodyBucket=<bucket>" if key else ""
    body = _quoted(f"fileb://{shown}", name, "openapi.json")
    variables = [f"{parameter}=<...>" for parameter in needed if parameter == "FunctionArn"]
    variables = variables if build.user_pool_arn else ["UserPoolId=<pool id>", *variables]
    publish = f"{_PUBLISH} --stage-name {build.settings.api(name).stage}"
    publish += f" --variables {','.join(variables)}" if variables else ""
    imported = [f"{_IMPORT} --body {body} &&", f"    {publish}"]
    if build.user_pool_arn:
        return [f"  {imported[0]}", imported[1]]
    return [*upload, f"{deploy} --parameter-overrides {overrides}", f"  or: {imported[0]}", imported[1]]


def _changed_defaults(plan: Plan, path: str) -> list[str]:
    """The parameters whose default is another now: a stack that exists keeps the value it has unless it is given one."""
    entry = next((one for one in plan.entries if one.path == path), None)
    old, new = _defaults(entry.old if entry else None), _defaults(entry.new if entry else None)
    changed = {name: value for name, value in new.items() if name in old and old[name] != value}
    return [shlex.quote(visible(f"{name}={value}")) for name, value in changed.items()]


def _defaults(template: bytes | None) -> dict[str, str]:
    """The defaults of a template's parameters; none where it cannot be read."""
    before = (template or b"").partition(b"\nResources:")[0]
    try:
        parameters = mapping(mapping(yaml_events.load(before).data).get("Parameters"))
    except (TextProblem, UnicodeDecodeError):
        return {}
    found = {name: mapping(parameter).get("Default") for name, parameter in parameters.items()}
    return {name: str(value) for name, value in found.items() if value is not None}


def _quoted(*parts: str) -> str:
    """A path as a shell reads it: one word."""
    return shlex.quote(posixpath.join(*parts))


def _bucket(plan: Plan, path: str) -> str:
    """The bucket form, for a template that is too large to be sent along."""
    size = next((len(entry.new or b"") for entry in plan.entries if entry.path == path), 0)
    return " --s3-bucket <bucket>" if size > limits.INLINE_TEMPLATE_BYTES else ""
