"""Workspaces that hypothesis makes up: documents, grants and clients that mean something, with hostile texts in every place."""

from typing import Any

from hypothesis import strategies as st

SCOPES = ["petsapi/read", "petsapi/write", "billing/read", "billing/refund", "https://example.com/auth/drive"]
HOSTILE = [
    "plain", "", " ", "'", '"', "\\", "\\'", "`", "${AWS::AccountId}", "${!x}", "$input.body", "#set($x = 1)", "#end", "##",
    "!Ref X", "&a *a", "{{ x }}", "{% raw %}", "<script>", "-->", "]]>", "| a | b |", "\n", "\r\n", "\t", "a: b", "- x", "---",
    "...", "%YAML", "*/ ' \" =end -- \r\n", "\u202e", "\u2028", "\u0085", "\ufeff", "\x00", "\x1b[31m", "\x7f", "é", "😀",
    "Ref", "Fn::Sub", "yes", "null", "1e3", "0x1", "::error::", "x" * 300,
]  # fmt: skip
# What CloudFormation would resolve is refused, so no document of these has it.
TEXT = (st.sampled_from(HOSTILE) | st.text(max_size=12)).filter(lambda text: "{{resolve:" not in text)
EXAMPLE = st.recursive(
    TEXT | st.integers(-5, 5) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ALTERNATIVE = st.lists(st.sampled_from(SCOPES), min_size=1, max_size=3, unique=True)
TAG = st.one_of(
    st.sampled_from(SCOPES),
    st.sampled_from(SCOPES).map(lambda scope: [scope]),
    ALTERNATIVE.map(lambda scopes: {"allOf": scopes}),
    st.lists(st.sampled_from(SCOPES) | ALTERNATIVE.map(lambda scopes: {"allOf": scopes}), min_size=1, max_size=3).map(
        lambda alternatives: {"anyOf": alternatives}
    ),
    st.just({"authenticated": True}),
    TEXT.map(lambda reason: {"public": f"as {reason}"}),
)
PROPERTY = st.sampled_from(["name", "Ref", "Condition", "Fn::Transform", "Fn::If", "$ref", "x-y", "é"])
SCHEMA = st.fixed_dictionaries(
    {"type": st.just("object"), "properties": st.dictionaries(PROPERTY, st.just({"type": "string"}), max_size=3)},
    optional={"description": TEXT, "title": TEXT, "example": EXAMPLE, "additionalProperties": st.booleans()},
)
MODEL_NAMES = st.sampled_from(["Pet", "Ref", "Condition", "Pet_List", "pet.list", "Error"])


@st.composite
def operation(draw: st.DrawFn, number: int) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}, "example": draw(EXAMPLE)}}
    return {
        "operationId": f"operation{number}",
        "summary": draw(TEXT),
        "description": draw(TEXT),
        "x-required-scope": draw(TAG),
        "responses": {
            draw(st.sampled_from(["200", "201", "default"])): {"description": draw(TEXT), "content": content}
        },
    }


@st.composite
def document(draw: st.DrawFn) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(["/", "/pets", "/pets/mine", "/orders.list", "/a:b/c"]))
        method = draw(st.sampled_from(["get", "post", "delete", "put", "x-amazon-apigateway-any-method"]))
        paths.setdefault(path, {})[method] = draw(operation(number))
    schemas = {"Pet": draw(SCHEMA), **draw(st.dictionaries(MODEL_NAMES, SCHEMA, max_size=3))}
    info = {"title": draw(TEXT), "version": draw(TEXT), "description": draw(TEXT)}
    return {"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": schemas}}


@st.composite
def workspace(draw: st.DrawFn) -> dict[str, Any]:
    """Files of a workspace that has no errors: every scope is declared, so that all may be granted."""
    servers: dict[str, Any] = {}
    for scope in SCOPES:
        server, _, name = scope.rpartition("/")
        servers.setdefault(server, {"scopes": {}})["scopes"][name] = draw(TEXT)[:200]
    names = draw(st.lists(st.sampled_from(["Reader", "Writer", "Zoë", "a-b", "it's"]), unique=True))
    grants = st.lists(st.sampled_from([*SCOPES, "petsapi/*"]), max_size=3)
    config = {
        "resource-servers": servers,
        "permissions": {name: draw(grants) for name in names},
        "clients": {
            "web": {"kind": "user", "callback-urls": ["https://app.example.com/'x'"]},
            "batch": {"kind": "machine", "scopes": draw(ALTERNATIVE)},
        },
        "user-pool": {"existing": True} if draw(st.booleans()) else {"domain": "pets-example"},
        "apis": {
            "pets": draw(st.sampled_from([{}, {"cors": {"allow-origins": ["https://a.example", "https://b.example"]}}]))
        },
    }
    return {"scopegen.yaml": config, "specs/pets.json": draw(document())}
