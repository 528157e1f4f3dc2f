"""Why a token is let in or refused. In: a decision and the claims it was made on. Out: an Answer.

Sources: Cognito developer guide, "Understanding the access token"; API Gateway developer guide, gateway responses.
"""

from collections.abc import Mapping

from scopegen.decide import Decision, Part, expiry, mint, scopes_in
from scopegen.document import Json, sequence, text
from scopegen.explain import Answer, grants, holders, named
from scopegen.explain.tokens import ALGORITHM, Token
from scopegen.model import Model, Operation, Public

_UNCHECKED = "the signature was not checked (--jwks FILE does), nor the pool; nothing was sent anywhere"
_RENEW = "get a new token: sign in again, or ask the token endpoint anew"
_SIGN_IN_ONLY = frozenset({"aws.cognito.signin.user.admin", "openid", "email", "phone", "profile"})


def by_token(model: Model, decision: Decision, token: Token, now: float) -> Answer:
    """What API Gateway makes of a call with this token."""
    operation = decision.operation
    assert operation is not None
    evidence = (*named(operation), *_shown(token, now), *holders(model, operation), _checked(token))
    if decision.reason == "public":
        return _public(operation, evidence)
    if token.signed is False:
        todo = ("compare `iss` with the pool of the API's authorizer", _RENEW)
        return Answer(
            "DENIED: none of the given keys signed this token: it is of another pool, or made up", evidence, todo, False
        )
    if token.algorithm != ALGORITHM:
        verdict = f"DENIED: no token of Cognito, which signs with {ALGORITHM}: this says `{token.algorithm}`"
        return Answer(verdict, evidence, (_RENEW,), False)
    verdict, what = _verdict(model, decision, token)
    return Answer(verdict, evidence, what, decision.allowed)


def _public(operation: Operation, evidence: tuple[tuple[str, str], ...]) -> Answer:
    return Answer(f"ALLOWED: {operation.label} is public, no token is looked at", evidence, allowed=True)


def by_no_token(model: Model, operation: Operation, problem: str) -> Answer:
    """What API Gateway makes of a call with something that is no token."""
    evidence = (*named(operation), *holders(model, operation))
    if isinstance(operation.requirement, Public):
        return _public(operation, evidence)
    todo = ("send the access token itself, after `Bearer `: three parts with two dots", _RENEW)
    return Answer(f"DENIED: what was sent is no token: {problem}", evidence, todo, allowed=False)


def _verdict(model: Model, decision: Decision, token: Token) -> tuple[str, tuple[str, ...]]:
    """The verdict on a token of Cognito for an operation that is not public, and what to do."""
    if decision.reason == "carried":
        return f"ALLOWED: the token carries {decision.by}", ()
    if decision.reason == "no access token":
        return _wrong_kind(token)
    nearest = decision.alternatives[0]
    if decision.reason == "expired":
        return _expired(token, nearest)
    return f"DENIED: the token lacks {_lacking(nearest)}", tuple(_todo(model, decision, token.claims, nearest))


def _wrong_kind(token: Token) -> tuple[str, tuple[str, ...]]:
    kind = text(token.claims.get("token_use"))
    what = "an ID token" if kind == "id" else f"a token of the kind `{kind}`" if kind else "no token of Cognito"
    return f"DENIED: this is {what}: a method with scopes takes the access token", (
        "send `access_token` of the same sign-in",
    )


def _expired(token: Token, nearest: Part) -> tuple[str, tuple[str, ...]]:
    what = "has expired" if expiry(token.claims) is not None else "does not say as a time when it expires (`exp`)"
    carried = scopes_in(token.claims)
    lacks = () if nearest.scope in carried else (f"it lacks {_lacking(nearest)} besides: ask again with the new one",)
    return f"DENIED: the token {what}", (_RENEW, *lacks)


def _lacking(nearest: Part) -> str:
    if len(nearest.parts) > 1 and not nearest.missing:
        return f"{nearest.scope}, which stands for {' and '.join(map(str, nearest.parts))}"
    return " and ".join(map(str, nearest.missing))


def _todo(model: Model, decision: Decision, claims: Mapping[str, Json], nearest: Part) -> list[str]:
    if _is_machine(claims):
        add = "if it is granted in scopegen.yaml: the client asked for less with `scope=`, or keeps an old token"
        grant = f"else add {' and '.join(map(str, nearest.missing or nearest.parts))} to the client's `scopes`, build and deploy"
        return [f"{add}; it must name {nearest.scope} where it names scopes", grant, "fetch a new token"]
    groups = _groups(claims)
    granted = mint(model, _permissions(model, groups))
    if nearest.scope in granted:
        return [
            f"its groups grant {nearest.scope}, so the token is older than the grant or the trigger did not run: sign in again",
            "if that does not help: see that the pool runs the trigger as event V2_0 (`LambdaConfig.PreTokenGenerationConfig`)",
            "on a pool that you had before: see that the token's client is among `ApiClientIds` of the identity stack",
        ]
    assert decision.operation is not None
    held = {str(scope) for scope in scopes_in(claims)}
    found = grants.groups(model, decision.operation, granted)
    if held and held <= _SIGN_IN_ONLY and not groups:
        found.insert(0, "the user is in no group, or the trigger did not run: look at the user's groups")
    if not found:
        found = [f"no permission grants {_lacking(nearest)}: add it to one in scopegen.yaml, build and deploy"]
    return [*found, "sign in again: a token keeps the scopes it was made with"]


def _permissions(model: Model, groups: list[str]) -> list[str]:
    return [one.name for one in model.permissions if one.group in groups]


def _groups(claims: Mapping[str, Json]) -> list[str]:
    return [text(group) for group in sequence(claims.get("cognito:groups"))]


def _is_machine(claims: Mapping[str, Json]) -> bool:
    """A machine's token names no user: its subject is the client."""
    return "username" not in claims and claims.get("sub") == claims.get("client_id")


def _shown(token: Token, now: float) -> tuple[tuple[str, str], ...]:
    claims = token.claims
    kind = text(claims.get("token_use")) or "unknown"
    whose = "a machine" if _is_machine(claims) else f"the user {text(claims.get('username')) or '?'}"
    pool = text(claims.get("iss")).rpartition("/")[2] or "?"
    rows = [
        (
            "token",
            f"{kind} token of {whose}, client {text(claims.get('client_id')) or '?'}, pool {pool}, {_age(claims, now)}",
        )
    ]
    if _groups(claims):
        rows.append(("groups", ", ".join(_groups(claims))))
    return *rows, ("carries", ", ".join(sorted(map(str, scopes_in(claims)))) or "no scope")


def _age(claims: Mapping[str, Json], now: float) -> str:
    expires = expiry(claims)
    if expires is None:
        return "without an expiry"
    minutes = int(abs(expires - now) // 60)
    span = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
    return f"expires in {span}" if expires > now else f"expired {span} ago"


def _checked(token: Token) -> tuple[str, str]:
    if token.signed is None:
        return "checked", _UNCHECKED
    return "checked", f"{'one' if token.signed else 'none'} of the given keys signed it"


def contradicted(answer: Answer, status: int) -> Answer:
    """What it means that a call was refused that the model lets in, or let in though the model refuses it."""
    if answer.allowed is not True:
        why = answer.verdict.removeprefix("DENIED: ")
        verdict = f"NOT BY THE MODEL: it refuses this call ({why}), yet {status} was seen: what is deployed may be open"
        return Answer(verdict, answer.evidence, OPEN, allowed=False)
    verdict = (
        f"NOT BY THE MODEL: it lets this call in ({answer.verdict.removeprefix('ALLOWED: ')}), yet {status} was seen"
    )
    todo = (
        "is what was built deployed? every change of rules needs a new deployment of the stage",
        "is the token of the pool that the stage's authorizer names (`iss`, stage variable UserPoolId)?",
        "does the call send it as `Authorization: Bearer <token>`, to the right stage?",
        *(["is there a resource policy, a WAF or an API key besides?"] if status == 403 else []),
    )
    return Answer(verdict, answer.evidence, todo, allowed=False)


OPEN = (
    "was it this call, to this API, with this token? repeat it with curl",
    "look at the method in the deployed stage: has it an authorizer, and the scopes that are required here?",
    "if not, deploy what was built (put-rest-api with --mode overwrite, then create-deployment)",
)
