"""What changed for whom: every kind of change, in the words of the summary."""

from typing import Any

import pytest

from scopegen.compare import compare
from scopegen.diagnostics import Location
from scopegen.model import AnyOf, Client, Model, Operation, Permission, Public, Requirement, ResourceServer, Scope
from scopegen.names import SIGNED_IN
from scopegen.review.lines import Line, lines

READ, WRITE, ADMIN = Scope("petsapi", "read"), Scope("petsapi", "write"), Scope("petsapi", "admin")
HERE = Location("specs/pets.yaml")
SIGNED = AnyOf([scope] for scope in SIGNED_IN)
PUBLIC = Public("health check")


def model(requirement: Requirement | None, **changed: Any) -> Model:
    parts = {
        "permissions": [Permission("Reader", [READ], "Reader"), Permission("Writer", [READ, WRITE], "Writer")],
        "clients": [Client("robot", "machine", [READ], 60), Client("web", "user", [], 15)],
    } | changed
    operations = [] if requirement is None else [Operation("pets", "/pets", "GET", "", requirement, HERE)]
    return Model((), operations, parts["permissions"], parts["clients"])


@pytest.mark.parametrize(
    ("was", "now", "kind", "detail"),
    [
        pytest.param(
            AnyOf([[READ]]), SIGNED, "broadened", "petsapi/read -> any signed-in user; gained by every signed-in user; lost by client robot",
            id="a scope becomes an account",
        ),
        pytest.param(
            SIGNED, AnyOf([[READ]]), "broadened",
            "any signed-in user -> petsapi/read; gained by client robot; lost by every signed-in user but Reader, Writer, client robot",
            id="an account becomes a scope, which a machine has",
        ),
        pytest.param(
            SIGNED, AnyOf([[WRITE]]), "narrowed",
            "any signed-in user -> petsapi/write; lost by every signed-in user but Writer",
            id="an account becomes a scope",
        ),
        pytest.param(
            PUBLIC, AnyOf([[READ]]), "narrowed",
            "public (health check) -> petsapi/read; lost by everybody but Reader, Writer, client robot",
            id="public becomes a scope",
        ),
        pytest.param(
            AnyOf([[READ]]), PUBLIC, "opened", "petsapi/read -> public (health check); gained by everybody",
            id="a scope becomes public",
        ),
        pytest.param(
            AnyOf([[WRITE]]), AnyOf([[READ]]), "broadened",
            "petsapi/write -> petsapi/read; gained by Reader, client robot", id="a scope that more people have",
        ),
        pytest.param(
            AnyOf([[READ]]), AnyOf([[WRITE]]), "narrowed",
            "petsapi/read -> petsapi/write; lost by Reader, client robot", id="a scope that fewer people have",
        ),
        pytest.param(
            AnyOf([[WRITE]]), AnyOf([[WRITE], [ADMIN]]), "broadened",
            "petsapi/write -> petsapi/admin or petsapi/write; gained by whoever else is given petsapi/admin", id="an alternative that nobody has yet",
        ),
        pytest.param(
            AnyOf([[WRITE]]), AnyOf([[ADMIN, WRITE]]), "narrowed",
            "petsapi/write -> petsapi/admin and petsapi/write; lost by Writer", id="one scope more at once",
        ),
        pytest.param(
            AnyOf([[ADMIN]]), AnyOf([[Scope("petsapi", "root")]]), "changed",
            "petsapi/admin -> petsapi/root", id="a scope that nobody has for another one",
        ),
        pytest.param(
            AnyOf([[READ]]), None, "removed", "petsapi/read", id="an operation goes",
        ),
        pytest.param(
            None, AnyOf([[READ]]), "new", "petsapi/read; callable by Reader, Writer, client robot", id="an operation comes",
        ),
        pytest.param(
            None, AnyOf([[ADMIN]]), "new", "petsapi/admin; callable by nobody yet", id="an operation that nobody can call",
        ),
        pytest.param(
            None, PUBLIC, "opened", "public (health check); callable by everybody", id="a public operation comes",
        ),
        pytest.param(
            None, SIGNED, "new", "any signed-in user; callable by every signed-in user", id="one for everybody with an account",
        ),
    ],
)  # fmt: skip
def test_operations(was: Requirement | None, now: Requirement | None, kind: str, detail: str) -> None:
    subject = "pets: GET /pets"
    assert lines(compare(model(was), model(now))) == [Line(kind, subject, detail)]  # type: ignore[arg-type]


def test_permissions_and_clients() -> None:
    before = model(None)
    after = model(
        None,
        permissions=[Permission("Writer", [WRITE], "Writer"), Permission("Admin", [ADMIN], "Admin")],
        clients=[Client("web", "user", [], 60), Client("batch", "machine", [WRITE], 60)],
    )
    assert [str(f"{kind} {subject}: {detail}") for kind, subject, detail in lines(compare(before, after))] == [
        "new permission Admin: gains petsapi/admin",
        "removed permission Reader: loses petsapi/read",
        "narrowed permission Writer: loses petsapi/read",
        "new client batch: gains petsapi/write",
        "removed client robot: keeps, until it is deleted in Cognito, petsapi/read",
        "changed client web: tokens live 60 minutes, not 15",
    ]


def test_nothing_changed() -> None:
    assert compare(model(SIGNED), model(SIGNED)).is_empty


def test_a_resource_server_that_others_run_now() -> None:
    before, after = (
        Model(
            [ResourceServer("petsapi", "", [], existing)],
            [Operation("pets", "/pets", "GET", "", AnyOf([[READ]]), HERE)],
            [Permission("Reader", [READ], "Reader")],
            (),
        )
        for existing in (False, True)
    )
    told = "petsapi/read; {} by clients of others that hold petsapi/read"
    assert lines(compare(before, after)) == [Line("broadened", "pets: GET /pets", told.format("gained"))]
    assert lines(compare(after, before)) == [Line("narrowed", "pets: GET /pets", told.format("lost"))]


def test_an_operation_in_another_api() -> None:
    def side(*operations: tuple[str, str, Scope]) -> Model:
        made = [Operation(api, path, "GET", "", AnyOf([[scope]]), HERE) for api, path, scope in operations]
        return Model((), made, [Permission("Reader", [READ], "Reader"), Permission("Admin", [ADMIN], "Admin")], ())

    before = side(("pets", "/pets", ADMIN), ("pets", "/kept", READ))
    told = compare(before, side(("other", "/pets", READ), ("pets", "/kept", READ)))
    assert [one.kind for one in told.operations] == ["renamed", "broadened", "narrowed"]
    assert lines(told)[0].subject == "pets: GET /pets -> other: GET /pets"
    whole = compare(before, side(("pets", "/kept", READ), ("other", "/pets", ADMIN)))
    assert [one.kind for one in whole.operations] == ["renamed"]


def test_a_name_that_another_group_has_now() -> None:
    before = model(
        AnyOf([[ADMIN]]),
        permissions=[Permission("Reader", [READ], "Reader"), Permission("Intern", [WRITE], "Intern")],
    )
    after = model(
        AnyOf([[ADMIN]]), permissions=[Permission("Old", [READ], "Reader"), Permission("Reader", [ADMIN], "Intern")]
    )
    assert lines(compare(before, after))[0].detail == "petsapi/admin; gained by Reader (group Intern)"
