"""The trigger as a pool runs it: what reaches it, what becomes of its answer, that nothing but an answer gives tokens."""

import asyncio
import contextlib
import json
import resource
import time
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooled import SERVED, pool, with_trigger

from scopegen.decide import mint, scopes_in
from scopegen.model import Scope
from scopegen.pool import overrides, trigger
from scopegen.pool.pool import Pool
from scopegen.pool.tokens import Grant, NotAllowed, access_claims, asked_for
from scopegen.pool.trigger import TriggerFailed
from scopegen.pool.users import User

WEB = SERVED.apps["web"]
KNOWN = sorted(one.name for one in SERVED.model.permissions)
ANN = User("ann", "sub-of-ann", ("Reader",), {"sub": "sub-of-ann", "email": "secret@example.com"})
SCOPES = [
    "openid",
    "petsapi/read",
    "petsapi/write",
    "petsapi/x",
    "billing/refund",
    "all-of/x",
    "phone",
    "aws.cognito.signin.user.admin",
]
ECHO = "def handler(event, context):\n    return event\n"


def real() -> ModuleType:
    module = ModuleType("scope_map")
    exec(compile(SERVED.trigger, "scope_map.py", "exec"), module.__dict__)
    return module


REAL = real()


def api_scopes(claims: dict[str, Any]) -> frozenset[Scope]:
    return frozenset(scope for scope in scopes_in(claims) if scope.server)


@given(
    st.lists(st.sampled_from([*KNOWN, "us-east-1_Local_Google", "reader", ""]), unique=True),
    st.none() | st.frozensets(st.sampled_from(SCOPES)),
)
def test_api_scopes_are_those_of_the_permissions_whatever_is_asked_for(
    groups: list[str], requested: frozenset[str] | None
) -> None:
    user = ANN._replace(groups=tuple(groups))
    asked = asked_for(WEB, requested)
    sent = trigger.event(trigger.HOSTED, user, WEB.name, asked)
    answer = trigger.whole(json.dumps(REAL.handler(json.loads(json.dumps(sent)), None)).encode(), sent)
    grant = Grant(WEB.name, user.name, user.sub, asked, 0, "origin", "")
    claims = access_claims(WEB, user, grant, overrides.read(answer), 0)
    assert api_scopes(claims) == mint(SERVED.model, [name for name in groups if name in KNOWN])
    assert claims.get("cognito:groups", []) == groups


@pytest.mark.parametrize(
    "groups", [(), ("Reader",), ("Writer", "Cashier")], ids=["no group", "one", "all of a derived scope"]
)
def test_the_same_through_the_process(groups: tuple[str, ...]) -> None:
    made = pool()
    user = made.users.put("ann", groups)
    tokens = asyncio.run(made.sign_in(WEB, user, frozenset(["openid", "petsapi/write", "billing/refund"])))
    claims = made.keys.read(tokens.access)
    assert api_scopes(claims) == mint(SERVED.model, groups)
    assert Scope("", "openid") in scopes_in(claims)


def issue(code: str, source: str = trigger.HOSTED, requested: frozenset[str] | None = None) -> tuple[Any, Any]:
    made = pool(with_trigger(code))
    tokens = asyncio.run(made.sign_in(WEB, made.users.put("ann", ["Reader"]), requested, source))
    return made.keys.read(tokens.access), made.keys.read(tokens.identity) if tokens.identity else None


def test_the_event_is_one_of_version_two() -> None:
    access, _ = issue(
        "def handler(event, context):\n"
        "    event['response'] = {'claimsAndScopeOverrideDetails': {'accessTokenGeneration':"
        " {'claimsToAddOrOverride': {'event': {**event, 'response': str(event['response'])}}}}}\n"
        "    return event\n"
    )
    event = access["event"]
    attributes = event["request"].pop("userAttributes")
    assert attributes["sub"] == access["sub"]
    assert event == {
        "version": "2",
        "triggerSource": "TokenGeneration_HostedAuth",
        "region": "us-east-1",
        "userPoolId": "us-east-1_Local",
        "userName": "ann",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "web"},
        "request": {
            "scopes": ["openid"],
            "groupConfiguration": {"groupsToOverride": ["Reader"], "iamRolesToOverride": [], "preferredRole": None},
            "clientMetadata": {},
        },
        "response": "{'claimsAndScopeOverrideDetails': None}",
    }


def test_its_environment_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not for it")
    code = (
        "import os\ndef handler(event, context):\n    event['response'] = {'claimsAndScopeOverrideDetails':"
        " {'accessTokenGeneration': {'claimsToAddOrOverride': {'found': dict(os.environ)}}}}\n    return event\n"
    )
    made = pool(with_trigger(code, {"API_CLIENT_IDS": "web"}))
    tokens = asyncio.run(made.sign_in(WEB, made.users.put("ann", []), None))
    found = made.keys.read(tokens.access)["found"]
    assert isinstance(found, dict)
    assert found.pop("LC_CTYPE", "C.UTF-8") == "C.UTF-8"  # Python's own, where there is no locale
    assert found == {"API_CLIENT_IDS": "web"}


def test_what_it_prints_is_no_answer() -> None:
    noise = "import os, sys\nprint('{}')\nos.write(1, b'{}')\nsys.stderr.write('x' * 100000)\n"
    access, _ = issue(noise + "def handler(event, context):\n    print('{}', flush=True)\n    return event\n")
    assert access["scope"] == "openid"


WRONG = {
    "it raises": "def handler(event, context):\n    raise ValueError(event)\n",
    "it is no Python": "def handler(",
    "it has no handler": "x = 1\n",
    "it exits": "import sys\ndef handler(event, context):\n    sys.exit(0)\n",
    "it ends at once": "import os\nos._exit(0)\n",
    "it returns nothing": "def handler(event, context):\n    pass\n",
    "it returns a list": "def handler(event, context):\n    return [event]\n",
    "it returns what is no JSON": "def handler(event, context):\n    return {**event, 'x': {1}}\n",
    "it returns NaN": "def handler(event, context):\n    return {**event, 'x': float('nan')}\n",
    "it returns only a response": "def handler(event, context):\n    return {'response': {}}\n",
    "it returns another user's event": "def handler(event, context):\n    return {**event, 'userName': 'bob'}\n",
    "it returns too much": "def handler(event, context):\n    return {**event, 'x': 'x' * 7_000_000}\n",
}


@pytest.mark.parametrize("code", WRONG.values(), ids=WRONG)
def test_nobody_gets_a_token_if(code: str) -> None:
    with pytest.raises(TriggerFailed) as failed:
        issue(code)
    assert "ann" not in str(failed.value)
    assert failed.value.__context__ is None or failed.value.__suppress_context__


def test_it_is_killed_with_all_that_it_started(tmp_path: Any) -> None:
    code = (
        "import subprocess, sys, time\n"
        f'child = "import time, pathlib; time.sleep(2); pathlib.Path({str(tmp_path / "alive")!r}).touch()"\n'
        "def handler(event, context):\n"
        "    subprocess.Popen([sys.executable, '-c', child])\n"
        "    time.sleep(60)\n"
    )
    sent = trigger.event(trigger.HOSTED, ANN, "web", [])
    began = time.monotonic()
    with pytest.raises(TriggerFailed, match="in time"):
        asyncio.run(trigger.run(code.encode(), {}, sent, 1.0))
    assert time.monotonic() - began < 2
    time.sleep(2)
    assert not (tmp_path / "alive").exists()


def test_what_it_leaves_behind_ends_with_its_answer(tmp_path: Any) -> None:
    code = (
        "import os, pathlib, time\n"
        "def handler(event, context):\n"
        "    if os.fork():\n"
        "        return event\n"
        "    os.closerange(0, 100)\n"
        "    time.sleep(1)\n"
        f"    pathlib.Path({str(tmp_path / 'alive')!r}).touch()\n"
    )
    sent = trigger.event(trigger.HOSTED, ANN, "web", [])
    assert asyncio.run(trigger.run(code.encode(), {}, sent))["userName"] == "ann"
    time.sleep(1.5)
    assert not (tmp_path / "alive").exists()


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def handler(event, context):\n    return bytearray(2 << 30)\n", id="takes memory"),
        pytest.param("import os\nwhile True:\n    os.write(3, b'x' * 65536)\n", id="never stops answering"),
        pytest.param(
            "import os\nos.closerange(0, 100)\nwhile True:\n    pass\n", id="says that it is done, and is not"
        ),
    ],
)
def test_it_takes_no_more_than_it_may(code: str) -> None:
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TriggerFailed):
        asyncio.run(trigger.run(code.encode(), {}, trigger.event(trigger.HOSTED, ANN, "web", []), 3.0))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown < 100_000  # kB


def test_one_that_does_not_listen_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    began, sent = time.monotonic(), trigger.event(trigger.HOSTED, ANN, "web", [])
    for runner, why in (("import time; time.sleep(60)", "in time"), ("pass", "raised")):
        monkeypatch.setattr(trigger, "_RUNNER", runner)
        with pytest.raises(TriggerFailed, match=why):
            asyncio.run(trigger.run(b"#" * 1_000_000, {}, sent, 1.0))
    assert time.monotonic() - began < 4


def test_without_a_pipe_or_a_process_there_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OSError(24, "too many open files")

    for place in ("os.pipe", "subprocess.Popen"):
        with monkeypatch.context() as patched:
            patched.setattr(f"scopegen.pool.trigger.{place}", fails)
            with pytest.raises(TriggerFailed, match="could not be started"):
                trigger._child(b"", {}, 1.0)


def details(**changed: Any) -> dict[str, Any]:
    return {"response": {"claimsAndScopeOverrideDetails": changed}}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"response": []}, id="a list for a response"),
        pytest.param({"response": {"claimsAndScopeOverrideDetails": "x"}}, id="a text for the details"),
        pytest.param(details(accessTokenGeneration=[]), id="a list for a token"),
        pytest.param(details(idTokenGeneration=1), id="a number for a token"),
        pytest.param(details(accessTokenGeneration={"scopesToAdd": "a"}), id="a text for scopes"),
        pytest.param(details(accessTokenGeneration={"scopesToSuppress": [1]}), id="a number for a scope"),
        pytest.param(details(accessTokenGeneration={"scopesToAdd": ["a b"]}), id="a scope with a blank"),
        pytest.param(details(accessTokenGeneration={"scopesToAdd": ["a\u00a0b"]}), id="a scope with a wide blank"),
        pytest.param(details(accessTokenGeneration={"scopesToAdd": [""]}), id="an empty scope"),
        pytest.param(details(accessTokenGeneration={"claimsToAddOrOverride": [1]}), id="a list for claims"),
        pytest.param(details(accessTokenGeneration={"claimsToSuppress": {}}), id="an object for names of claims"),
        pytest.param(details(groupOverrideDetails=[1]), id="a list for groups"),
        pytest.param(details(groupOverrideDetails={"groupsToOverride": "Writer"}), id="a text for groups"),
    ],
)
def test_an_answer_of_another_shape_is_none(answer: dict[str, Any]) -> None:
    with pytest.raises(TriggerFailed):
        overrides.read(answer)


@pytest.mark.parametrize(
    ("answer", "groups"),
    [
        pytest.param(details(), ("Reader",), id="not named: they stay"),
        pytest.param(details(groupOverrideDetails=None), (), id="null: none"),
        pytest.param(details(groupOverrideDetails={}), (), id="empty: none"),
        pytest.param(details(groupOverrideDetails={"groupsToOverride": ["A", "B"]}), ("A", "B"), id="others"),
        pytest.param({"response": None}, ("Reader",), id="no response"),
        pytest.param({"response": {"claimsOverrideDetails": {"x": 1}}}, ("Reader",), id="the answer of a version one"),
    ],
)
def test_groups(answer: dict[str, Any], groups: tuple[str, ...]) -> None:
    grant = Grant("web", "ann", ANN.sub, frozenset(["openid"]), 0, "origin", "")
    claims = access_claims(WEB, ANN, grant, overrides.read(answer), 0)
    assert claims.get("cognito:groups") == (list(groups) or None)


PROTECTED = (
    "sub username cognito:username identities client_id event_id device_key version acr amr at_hash auth_time azp exp iat "
    "iss jti nbf nonce origin_jti token_use cognito:groups cognito:other"
).split()


def test_what_may_not_be_touched_is_not() -> None:
    said = overrides.Claims(
        {**dict.fromkeys(PROTECTED, "changed"), "aud": "other", "scope": "petsapi/write", "dev:x": 1, "free": [1]},
        frozenset(PROTECTED) - {"cognito:groups"},
    )
    before: dict[str, Any] = {**dict.fromkeys(PROTECTED, "kept"), "scope": "openid"}
    assert overrides.applied(before, said, "web") == {**before, "free": [1]}


def test_suppressing_wins() -> None:
    said = overrides.read(
        details(
            accessTokenGeneration={
                "claimsToAddOrOverride": {"a": 1, "b": 2, "aud": "web"},
                "claimsToSuppress": ["a", "cognito:groups"],
                "scopesToAdd": ["x/a", "x/b"],
                "scopesToSuppress": ["x/a", "openid"],
            }
        )
    )
    assert overrides.applied({"cognito:groups": ["A"]}, said.access, "web") == {"b": 2, "aud": "web"}
    assert said.scopes(frozenset(["openid", "phone"])) == {"phone", "x/b"}


def refreshed(made: Pool, token: str | None) -> dict[str, Any]:
    assert token is not None
    return made.keys.read(asyncio.run(made.refresh(WEB, token)).access)


def test_a_refresh_gives_what_the_groups_are_then() -> None:
    made = pool()
    first = asyncio.run(made.sign_in(WEB, made.users.put("ann", ["Reader"]), None))
    before = made.keys.read(first.access)
    made.users.put("ann", ["Cashier"])
    after = refreshed(made, first.refresh)
    assert api_scopes(after) == {Scope("billing", "refund")}
    same = ("sub", "origin_jti", "auth_time", "client_id", "username")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert after["jti"] != before["jti"]


def test_a_token_of_an_sdk_has_one_scope_and_those_of_the_permissions() -> None:
    made = pool()
    tokens = asyncio.run(made.sign_in(WEB, made.users.put("ann", ["Reader"]), None, trigger.SDK))
    assert made.keys.read(tokens.access)["scope"] == "aws.cognito.signin.user.admin petsapi/read"
    assert tokens.identity
    assert refreshed(made, tokens.refresh)["scope"] == "aws.cognito.signin.user.admin petsapi/read"


def test_the_event_of_a_refresh_says_so() -> None:
    code = "def handler(event, context):\n    assert event['triggerSource'] != 'TokenGeneration_RefreshTokens'\n    return event\n"
    made = pool(with_trigger(code))
    tokens = asyncio.run(made.sign_in(WEB, made.users.put("ann", []), None))
    with pytest.raises(TriggerFailed):
        refreshed(made, tokens.refresh)
    assert issue(ECHO)[0]["scope"] == "openid"


def test_a_code_that_comes_many_times_at_once_gives_tokens_once() -> None:
    made = pool(with_trigger("import time\ndef handler(event, context):\n    time.sleep(0.3)\n    return event\n"))
    code = made.codes.give(made.grant(WEB, made.users.put("ann", []), None), "https://a/", "")

    async def all_of_them() -> list[Any]:
        asked = (made.redeem(WEB, code, "https://a/", "") for _ in range(100))
        return await asyncio.gather(*asked, return_exceptions=True)

    won = [one for one in asyncio.run(all_of_them()) if not isinstance(one, NotAllowed)]
    assert len(won) == 1
    assert made.keys.read(won[0].access)["username"] == "ann"


def test_a_refresh_asks_for_what_the_app_may_have_by_then() -> None:
    made = pool()
    wide, narrow = (WEB._replace(scopes=frozenset(scopes)) for scopes in (["openid", "phone"], ["openid"]))
    tokens = asyncio.run(made.sign_in(wide, made.users.put("ann", []), None))
    assert made.keys.read(tokens.access)["scope"] == "openid phone"
    assert tokens.refresh
    assert made.keys.read(asyncio.run(made.refresh(narrow, tokens.refresh)).access)["scope"] == "openid"


def test_nobody_signs_in_to_a_machine_and_no_user_app_is_one() -> None:
    made = pool()
    with pytest.raises(NotAllowed):
        asyncio.run(made.sign_in(SERVED.apps["reports"], made.users.put("ann", []), None))
    with pytest.raises(NotAllowed):
        made.machine(WEB, None)


def test_triggers_run_beside_each_other_and_beside_everything_else() -> None:
    made = pool(with_trigger("import time\ndef handler(event, context):\n    time.sleep(0.5)\n    return event\n"))
    user = made.users.put("ann", [])

    async def several() -> float:
        began = time.monotonic()
        tasks = [asyncio.create_task(made.sign_in(WEB, user, None)) for _ in range(3)]
        await asyncio.sleep(0.01)
        free = time.monotonic() - began
        await asyncio.gather(*tasks)
        return free

    assert asyncio.run(several()) < 0.4


@pytest.mark.parametrize("depth", [500, 900, 940, 960, 980, 990, 1000, 5000])
def test_an_answer_that_is_nested_deeply_gives_tokens_or_none(depth: int) -> None:
    code = (
        "import sys\nsys.setrecursionlimit(100000)\ndef handler(event, context):\n    deep = []\n"
        f"    for _ in range({depth}):\n        deep = [deep]\n"
        "    event['response'] = {'claimsAndScopeOverrideDetails': {'accessTokenGeneration':"
        " {'claimsToAddOrOverride': {'deep': deep}}}}\n    return event\n"
    )
    made = pool(with_trigger(code))
    user = made.users.put("ann", [])
    with contextlib.suppress(TriggerFailed):
        assert asyncio.run(made.sign_in(WEB, user, None)).access


def test_claims_that_cannot_be_written_give_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    made = pool()

    def deep(*_: object) -> str:
        raise RecursionError

    monkeypatch.setattr(made.keys, "sign", deep)
    with pytest.raises(TriggerFailed, match="deeply"):
        asyncio.run(made.sign_in(WEB, made.users.put("ann", []), None))
