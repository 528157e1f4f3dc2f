"""The end of a build, for people: what was written, what changed for whom, what to run next."""

import posixpath
import re

import click

from scopegen import limits
from scopegen.artifacts import Build
from scopegen.compare import Change, compare
from scopegen.model import Model, Public
from scopegen.output import Plan, State
from scopegen.report import visible
from scopegen.settings import CONFIG_FILE
from scopegen.targets.api_stack import view as api_view
from scopegen.workspace import Found

_COLOURS = {
    "opened": "red",
    "broadened": "yellow",
    "narrowed": "cyan",
    "changed": "yellow",
    "new": "green",
    "removed": "cyan",
}
_MOST = 30
_DEPLOY = "aws cloudformation deploy --capabilities CAPABILITY_IAM"


def text(plan: Plan, build: Build, before: Model | None, shown: str, colour: bool) -> str:
    """The whole summary, with a line break at its end."""
    lines = [*_files(plan, shown), *_access(build, before, colour), *_next(plan, build, before, shown)]
    return "\n".join(clean(line) if not colour else line for line in lines) + "\n"


def clean(line: str) -> str:
    """A line without anything that a terminal would act on."""
    return visible(line)


def rebuild_command(found: Found) -> str:
    """The command that makes these outputs again."""
    return "scopegen build" if found.config else f"scopegen build {' '.join(found.specs)}"


def _files(plan: Plan, shown: str) -> list[str]:
    lines = [
        f"{posixpath.join(shown, entry.path)}  {_done(entry.state)}"
        for entry in plan.entries
        if entry.state is not State.FRESH
    ]
    fresh = len(plan.of(State.FRESH))
    if not lines:
        return [f"{shown}: {fresh} files, all up to date"]
    return lines + ([f"{fresh} more unchanged"] if fresh else [])


def _done(state: State) -> str:
    words = {State.ORPHAN: "removed", State.KEPT: "no longer made; edited, so it was kept"}
    return words.get(state, "written")


def _access(build: Build, before: Model | None, colour: bool) -> list[str]:
    model = build.model
    public = sum(isinstance(operation.requirement, Public) for operation in model.operations)
    mocked = [api.name for api in build.settings.apis if api.integration == "mock" and _mocks(build, api.name)]
    lines = [
        "",
        f"{len(model.operations)} operations, {public} of them public; {len(model.permissions)} permissions, {len(model.clients)} clients",
    ]
    if mocked:
        lines.append(
            f"answered by a mock, for want of an integration: {', '.join(f'{name} ({_mocks(build, name)})' for name in mocked)}"
        )
    if not build.settings.file and not build.settings.clients:
        lines += [f"no clients yet; three lines of {CONFIG_FILE} add one:", *_first_client()]
    changes = compare(before, model) if before is not None else []
    lines += ["", "what changed for whom"] if changes else []
    lines += [_change(change, colour) for change in changes[:_MOST]]
    return lines + ([f"  ... and {len(changes) - _MOST} more: see access.json"] if len(changes) > _MOST else [])


def _first_client() -> list[str]:
    return [
        "  user-pool: {domain: a-prefix-of-yours}",
        "  clients:",
        "    web: {kind: user, callback-urls: [https://app.example.com/callback]}",
    ]


def _mocks(build: Build, api: str) -> int:
    """How many operations a supplied mock answers."""
    operations = [one for item in build.imports[api].paths.values() for one in item.values() if one.supplied]
    return len(operations) if build.settings.api(api).integration == "mock" else 0


def _change(change: Change, colour: bool) -> str:
    word = f"{change.kind:<9}"
    painted = click.style(word, fg=_COLOURS[change.kind]) if colour else word
    return f"  {painted}  {visible(change.subject)}: {visible(change.detail)}"


def _next(plan: Plan, build: Build, before: Model | None, shown: str) -> list[str]:
    """The commands that deploy what changed. Identity first, so that nobody is locked out; last where a scope goes."""
    changed = {entry.path for entry in plan.of(State.NEW, State.STALE, State.EDITED)}
    identity = [_identity_command(build, plan, shown)] if any(path.startswith("identity/") for path in changed) else []
    names = sorted(
        api.name
        for api in build.settings.apis
        if f"{api.name}/template.yaml" in changed or f"{api.name}/openapi.json" in changed
    )
    apis = [line for name in names for line in _api_commands(build, plan, shown, name)]
    if not identity and not apis:
        return []
    goes = before is not None and bool(before.declared - build.model.declared)
    order = (
        "the APIs first: a scope goes" if goes and identity and apis else "identity first" if identity and apis else ""
    )
    lines = ["", f"deploy{f' ({order})' if order else ''}", *(apis + identity if goes else identity + apis)]
    if build.settings.existing_pool and identity:
        lines.append(
            "  then attach the trigger as the output AttachTrigger says, with all other settings of the pool repeated"
        )
    if apis and not build.user_pool_arn:
        lines.append(
            "  openapi.json names the pool by import and stage variables: documented one by one, together only AWS can confirm"
        )
    return lines


def _identity_command(build: Build, plan: Plan, shown: str) -> str:
    path = posixpath.join(shown, "identity/template.yaml")
    needs = " --parameter-overrides UserPoolId=<pool id>" if build.settings.existing_pool else ""
    nested = any(entry.path.startswith("identity/groups/") for entry in plan.entries)
    upload = (
        f"  aws s3 cp --recursive {posixpath.join(shown, 'identity/groups')} s3://<bucket>/groups\n" if nested else ""
    )
    needs = needs or (" --parameter-overrides" if nested else "")
    needs += " GroupTemplatesUrl=https://<bucket>.s3.amazonaws.com/groups" if nested else ""
    return f"{upload}  {_DEPLOY} --stack-name scopegen-identity --template-file {path}{_bucket(plan, 'identity/template.yaml')}{needs}"


def _api_commands(build: Build, plan: Plan, shown: str, name: str) -> list[str]:
    template, spec = f"{name}/template.yaml", posixpath.join(shown, f"{name}/openapi.json")
    stack = "scopegen-" + re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
    needed = [one["name"] for one in api_view(build, build.settings.api(name))["parameters"] if not one["default"]]
    overrides = " ".join(["UserPoolArn=<output UserPoolArn>", *(f"{parameter}=<...>" for parameter in needed)])
    return [
        f"  {_DEPLOY} --stack-name {stack} --template-file {posixpath.join(shown, template)}{_bucket(plan, template)} --parameter-overrides {overrides}",
        f"  or: aws apigateway put-rest-api --rest-api-id <id> --mode overwrite --fail-on-warnings --body fileb://{spec}",
    ]


def _bucket(plan: Plan, path: str) -> str:
    """The bucket form, for a template that is too large to be sent along."""
    size = next((len(entry.new or b"") for entry in plan.entries if entry.path == path), 0)
    return " --s3-bucket <bucket>" if size > limits.INLINE_TEMPLATE_BYTES else ""
