"""Rules about the gateway and its backends (SG3xx) that need settings or model. In: a Context. Out: diagnostics."""

import re
from collections.abc import Iterator

from scopegen import codes, limits
from scopegen.diagnostics import Diagnostic, Location, pointer
from scopegen.document import Document, Json, mapping, text
from scopegen.importable import cors
from scopegen.model import AnyOf
from scopegen.rules.context import Context

_INTEGRATION = "x-amazon-apigateway-integration"
_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_POOL = re.compile(r"\b[a-z]{2}(?:-[a-z]+)+-[0-9]_[A-Za-z0-9]{9}\b")


def origins(context: Context) -> Iterator[Diagnostic]:
    """SG316: CORS origins that are none."""
    yield from cors.problems(context.settings)


def backends(context: Context) -> Iterator[Diagnostic]:
    """SG306: a backend that anybody can call without passing the gateway. Told once per API."""
    hint = "let it refuse what does not come from the gateway: a VPC link, mutual TLS, or a secret header"
    for api in context.settings.apis:
        protected = [op for op in context.model.operations if op.api == api.name and isinstance(op.requirement, AnyOf)]
        if api.integration.startswith("http") and any(_INTEGRATION not in context.data(op) for op in protected):
            where = Location(context.settings.file, pointer("apis", api.name, "integration"))
            yield codes.PUBLIC_BACKEND.at(where, "a backend on the internet checks no scopes of its own", hint)
            continue
        for operation in protected if _INTEGRATION in context.documents[api.name].survey.keys else ():
            integration = mapping(context.data(operation).get(_INTEGRATION))
            if (
                text(integration.get("type")).lower() in ("http", "http_proxy")
                and integration.get("connectionType") != "VPC_LINK"
            ):
                where = context.at(operation, _INTEGRATION, "uri")
                yield codes.PUBLIC_BACKEND.at(where, "a backend on the internet checks no scopes of its own", hint)
                break


def environments(context: Context) -> Iterator[Diagnostic]:
    """SG307: an account or a user pool written into a document, which then fits one place only."""
    for document in context.documents.values():
        if not any(key.startswith("x-amazon-") for key in document.survey.keys):
            continue
        for key, value in document.data.items():
            if key.startswith("x-amazon-"):
                yield from _hard_coded(document, value, pointer(key))
        for path, item in mapping(document.data.get("paths")).items():
            for method, operation in mapping(item).items():
                for key, value in mapping(operation).items():
                    if key.startswith("x-amazon-"):
                        yield from _hard_coded(document, value, pointer("paths", path, method, key))


def _hard_coded(document: Document, value: Json, here: str) -> Iterator[Diagnostic]:
    if isinstance(value, str):
        account = _ACCOUNT.search(value) if "arn:" in value else None
        for match, what, instead in (
            (account, "account", "write `${AWS::AccountId}`"),
            (_POOL.search(value), "user pool", "let the backend read it from its own environment"),
        ):
            if match is not None:
                hint = f"{instead}: one document should fit every environment"
                yield codes.HARD_CODED_ENVIRONMENT.at(
                    document.at(here), f"the {what} `{match[0]}` is written out", hint
                )
    for key, inner in mapping(value).items():
        yield from _hard_coded(document, inner, here + pointer(key))
    for i, inner in enumerate(value if isinstance(value, list) else []):
        yield from _hard_coded(document, inner, f"{here}/{i}")


def function_permissions(context: Context) -> Iterator[Diagnostic]:
    """SG320: so many operations of one function that its policy cannot name each."""
    hint = f"a function's policy has room for about {limits.PERMISSIONS_PER_FUNCTION} operations"
    for api in context.settings.apis:
        for called in context.imports[api.name].functions().values():
            if len(called) <= limits.PERMISSIONS_PER_FUNCTION:
                continue
            path, key = called[0]
            where = context.documents[api.name].at(pointer("paths", path, key, _INTEGRATION, "uri"))
            if context.imports[api.name].paths[path][key].supplied:
                where = Location(context.settings.file, pointer("apis", api.name, "integration"))
            message = f"one permission lets the stage of `{api.name}` call its function on every path"
            yield codes.WIDENED_PERMISSION.at(where, message, hint)
