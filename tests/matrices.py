"""Models to look at: a small one that has everything, a large one, one in which every name is an attack."""

from scopegen.diagnostics import Location
from scopegen.model import (
    AnyOf,
    Client,
    Model,
    Operation,
    Permission,
    Public,
    Requirement,
    ResourceServer,
    Scope,
    ScopeText,
)

# What has got through somewhere: elements, attributes, ends of scripts and comments, other languages, other directions.
ATTACKS = (
    "<script>window.hit=1</script>", "</script><script>window.hit=1</script>", "<img src=x onerror=window.hit=1>",
    "<svg/onload=window.hit=1>", "'\"><b onmouseover=window.hit=1>", "<!--", "--><script>window.hit=1</script>", "]]>",
    "javascript:window.hit=1", "<iframe srcdoc='<script>parent.hit=1</script>'>", "<a href=javascript:window.hit=1>x</a>",
    "<link rel=stylesheet href=http://127.0.0.1:9/x.css>", "<style>*{display:none}</style>", "<base href=//127.0.0.1:9/>",
    "<meta http-equiv=refresh content=0;url=http://127.0.0.1:9/>", "{{constructor.constructor('window.hit=1')()}}",
    "${window.hit=1}", "&lt;script&gt;", "&#60;script&#62;", "\\u003cscript\\u003e", "</title><script>window.hit=1</script>",
    "</style><script>window.hit=1</script>", "<template><script>window.hit=1</script></template>", "<math><mtext></math><img src=x onerror=hit=1>",
    "\u202eevil", "a\u2028b\u2029c", "\u0000\u0007\u001b[31m", "__proto__", "constructor", "hasOwnProperty", "=1+1", "x" * 300,
)  # fmt: skip


def operation(
    number: int, requirement: Requirement, method: str = "GET", path: str = "", api: str = "pets", name: str = ""
) -> Operation:
    place = Location(f"specs/{api}.yaml", f"/paths/~1{number}/{method.lower()}")
    tags = ("all things",) if number % 4 else ("all things", f"every fourth of {api}")
    return Operation(api, path or f"/things/{number}", method, name or f"operation{number}", requirement, place, tags)


def small() -> Model:
    """Public, signed-in, callable by one, by several together, by machines, by nobody; a catch-all."""
    read, write, pay, lost = (
        Scope(*text.split("/")) for text in ("pets/read", "pets/write", "billing/pay", "pets/lost")
    )
    servers = [
        ResourceServer(
            "pets", "Pets", [ScopeText("read", "Read pets"), ScopeText("write", "Change pets"), ScopeText("lost", "")]
        ),
        ResourceServer("billing", "Billing", [ScopeText("pay", "Pay")]),
    ]
    operations = [
        operation(1, Public("a health check for the load balancer"), path="/health"),
        operation(2, AnyOf([[Scope("", "openid")]]), path="/me"),
        operation(3, AnyOf([[read]]), path="/pets"),
        operation(4, AnyOf([[write]]), "POST", "/pets"),
        operation(5, AnyOf([[read, pay]]), "POST", "/pets/{petId}/adoption"),
        operation(6, AnyOf([[lost]]), "DELETE", "/pets/{petId}"),
        operation(7, AnyOf([[read], [pay]]), "ANY", "/reports/{proxy+}", "billing"),
    ]
    permissions = [
        Permission("Accountant", [pay], "Accountant"),
        Permission("Admin", [read, write, pay], "pets-admins"),
        Permission("Reader", [read], "Reader"),
        Permission("Writer", [read, write], "Writer"),
    ]
    clients = [
        Client("batch", "machine", [read, pay], 60),
        Client("web", "user", [Scope("", "openid")], 15),
        Client("old", "user", [], None, True),
    ]
    return Model(servers, operations, permissions, clients)


def large(operations: int = 1000, permissions: int = 100) -> Model:
    """As many operations and permissions as are told; the same every time."""
    areas = ("pets", "orders", "billing", "stores", "people", "reports", "search", "media", "events", "admin")
    verbs = ("read", "write", "delete", "approve", "export", "audit", "list", "assign", "close", "share")
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE")
    scopes = [Scope(f"{area}-api", verb) for area in areas for verb in verbs]
    made: list[Operation] = []
    for number in range(operations):
        area, verb = areas[number % 10], verbs[number // 10 % 10]
        one, other = Scope(f"{area}-api", verb), Scope(f"{areas[number * 7 % 10]}-api", verbs[number // 3 % 10])
        requirement: Requirement = AnyOf([[one]])
        if number % 50 == 0:
            requirement = Public("open data, published every night")
        elif number % 41 == 0:
            requirement = AnyOf([[Scope("", "openid")]])
        elif number % 13 == 0:
            requirement = AnyOf([[one, other]])
        elif number % 7 == 0:
            requirement = AnyOf([[one], [other]])
        path = f"/{area}/{{{area}Id}}/{verbs[number // 100 % 10]}-{number}"
        made.append(operation(number, requirement, methods[number // 3 % 5], path, area))
    names = [
        Permission(name, [scopes[(number * 3 + step * step) % 100] for step in range(1 + number % 9)], name)
        for number in range(permissions)
        for name in [f"{areas[number % 10].title()}{verbs[number // 10 % 10].title()}Access{number // 100 or ''}"]
    ]
    clients = [Client(f"batch-{area}", "machine", [Scope(f"{area}-api", "read")], 60) for area in areas[:4]]
    servers = [
        ResourceServer(f"{area}-api", area, [ScopeText(verb, f"{verb} {area}") for verb in verbs]) for area in areas
    ]
    return Model(servers, made, names, [*clients, Client("web", "user", [Scope("", "openid")], 15)])


def hostile() -> Model:
    """Every attack in every place that holds a text."""
    servers, operations, permissions, clients = [], [], [], []
    for number, attack in enumerate(ATTACKS):
        server = attack.replace("/", "|")
        scope = Scope(server, f"{number}{attack.replace('/', '|')}")
        both = AnyOf([[scope, Scope(server, "other")], [scope]])
        servers.append(ResourceServer(server, attack, [ScopeText(scope.name, attack), ScopeText("other", attack)]))
        requirement = Public(f"{attack} ") if number % 3 == 0 else both if number % 3 == 1 else AnyOf([[scope]])
        place = Location(attack, attack)
        operations.append(Operation(attack, f"/{attack}", "GET", attack, requirement, place, (attack,)))
        permissions.append(Permission(attack, [scope], f"{attack} group"))
        clients.append(Client(attack, "machine", [scope], 60))
        clients.append(Client(f"{attack} user", "user", [], None))
    return Model(servers, operations, permissions, clients)


def writable(model: Model) -> Model:
    """The same with groups of one word and the scopes that Cognito has: what an access.json may hold."""
    permissions = [Permission(_word(one.name), map(_scope, one.scopes), _word(one.group)) for one in model.permissions]
    clients = [
        Client(one.name, one.kind, map(_scope, one.scopes), one.token_minutes, one.existing) for one in model.clients
    ]
    return Model(model.resource_servers, map(_asked, model.operations), permissions, clients)


def _asked(one: Operation) -> Operation:
    requirement = one.requirement
    if isinstance(requirement, AnyOf):
        requirement = AnyOf([map(_scope, parts) for parts in requirement.alternatives])
    path = one.path if one.path.startswith("/") else f"/{one.path}"
    return Operation(one.api, path, one.method, one.operation_id, requirement, one.source)


def _scope(scope: Scope) -> Scope:
    return Scope(_printable(scope.server), _printable(scope.name)) if scope.server else scope


def _printable(text: str) -> str:
    return "".join(one if "!" <= one <= "~" and one not in '"\\*/' else "_" for one in text)[:256]


def _word(name: str) -> str:
    return "".join("_" if character.isspace() else character for character in name)
