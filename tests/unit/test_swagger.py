"""Swagger 2.0: each construct as 3.0 says it, every finding at the line that its author wrote, nothing lost on the way."""

import copy
import json
from typing import Any

import pytest
import yaml
from generated import workspace
from hypothesis import HealthCheck, given, settings
from memory import MemoryTree, codes, compile_files, files
from openapi_spec_validator import OpenAPIV30SpecValidator

from scopegen.bundle import bundle
from scopegen.diagnostics import Diagnostic, Report, pointer_keys
from scopegen.document import Document
from scopegen.names import hash8
from scopegen.source import load
from scopegen.swagger import converted

LENIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
HEAD = 'swagger: "2.0"\ninfo: {title: Pets, version: "1"}\n'
PETS = HEAD + "paths:\n  /pets:\n    post: {%s, x-required-scope: petsapi/write, responses: {200: {description: ok}}}\n"
OK = "responses: {200: {description: ok}}"
GET = HEAD + "paths:\n  /pets:\n    get: {x-required-scope: petsapi/read, responses: {200: {description: ok, %s}}}\n"
ROOT = HEAD + "paths: {/pets: {get: {x-required-scope: petsapi/read, responses: {200: {description: ok}}}}}\n"
JSON = "content/application~1json"
BODY = "paths/~1pets/post/requestBody"
FORM = f"{BODY}/content/application~1x-www-form-urlencoded"
FIRST = "paths/~1pets/post/parameters/0"
ANSWER = "paths/~1pets/get/responses/200"
PET = "components/schemas/Pet"
SCHEMES = "components/securitySchemes"
URLS = "authorizationUrl: https://a.example.com, tokenUrl: https://b.example.com"


def document_of(made: dict[str, str], main: str = "specs/pets.yaml") -> tuple[Document | None, Report]:
    report, tree = Report(), MemoryTree({name: text.encode() for name, text in made.items()})
    sources: dict[str, Any] = {}
    source = load(tree, main, sources, report)
    assert source is not None
    document = bundle("pets", source, tree, sources, report)
    assert document is not None
    return converted(document, report), report


def at(data: Any, place: str) -> Any:
    for key in pointer_keys("/" + place) if place else ():
        data = data[int(key)] if isinstance(data, list) else data[key]
    return data


def convert(text: str) -> Any:
    document, _ = document_of({"specs/pets.yaml": text})
    assert document is not None
    assert list(OpenAPIV30SpecValidator(copy.deepcopy(document.data)).iter_errors()) == []
    return document.data


CONSTRUCTS: dict[str, tuple[str, str, str]] = {
    # root
    "one server for each scheme": (ROOT + "host: a.example.com\nbasePath: /v1\nschemes: [https, http]", "servers", "[{url: 'https://a.example.com/v1'}, {url: 'http://a.example.com/v1'}]"),
    "a host without a scheme": (ROOT + "host: a.example.com:8080", "servers", "[{url: '//a.example.com:8080'}]"),
    "a base path without a host": (ROOT + "basePath: /v1\nschemes: [https]", "servers", "[{url: /v1}]"),
    "the settings of the endpoint, at the server": (ROOT + "x-amazon-apigateway-endpoint-configuration: {vpcEndpointIds: [a]}", "servers", "[{url: /, x-amazon-apigateway-endpoint-configuration: {vpcEndpointIds: [a]}}]"),
    "extensions of the root": (ROOT + "x-resource-server: petsapi\nx-required-scope: read\nx-amazon-apigateway-policy: {Version: a}", "x-amazon-apigateway-policy", "{Version: a}"),
    "tags and external docs": (ROOT + "tags: [{name: a}]\nexternalDocs: {url: 'https://a.example.com'}", "tags", "[{name: a}]"),
    # parameters
    "a parameter's own schema": (PETS % "parameters: [{name: a, in: query, type: integer, maximum: 5, description: A, x-b: c, x-nullable: true}]", FIRST, "{name: a, in: query, description: A, x-b: c, schema: {type: integer, maximum: 5, nullable: true}}"),
    "values between commas": (PETS % "parameters: [{name: a, in: query, type: array, items: {type: string}}]", FIRST, "{name: a, in: query, style: form, explode: false, schema: {type: array, items: {type: string}}}"),
    "a parameter for every value": (PETS % "parameters: [{name: a, in: query, type: array, items: {type: string}, collectionFormat: multi}]", FIRST, "{name: a, in: query, style: form, explode: true, schema: {type: array, items: {type: string}}}"),
    "values between spaces": (PETS % "parameters: [{name: a, in: query, type: array, items: {type: string}, collectionFormat: ssv}]", f"{FIRST}/style", "spaceDelimited"),
    "values between pipes": (PETS % "parameters: [{name: a, in: query, type: array, items: {type: string}, collectionFormat: pipes}]", f"{FIRST}/style", "pipeDelimited"),
    "values between tabs": (PETS % "parameters: [{name: a, in: query, type: array, items: {type: string}, collectionFormat: tsv}]", f"{FIRST}/style", "form"),
    "values of a header": (PETS % "parameters: [{name: a, in: header, type: array, items: {type: array, items: {type: string}, collectionFormat: ssv}}]", FIRST, "{name: a, in: header, style: simple, explode: false, schema: {type: array, items: {type: array, items: {type: string}}}}"),
    "a shared parameter": (PETS % "parameters: [{$ref: '#/parameters/a b'}]" + "parameters: {a b: {name: a, in: query, type: string}}", FIRST, "{$ref: '#/components/parameters/abc8687a08'}"),
    "a shared parameter by name": (PETS % "parameters: [{$ref: '#/parameters/a'}]" + "parameters: {a: {name: a, in: query, type: string}}", "components/parameters/a/schema", "{type: string}"),
    # bodies
    "a body": (PETS % "parameters: [{name: a, in: body, required: true, description: A, x-b: c, schema: {type: object}}]", BODY, "{required: true, description: A, x-b: c, content: {application/json: {schema: {type: object}}}}"),
    "a body in what the document consumes": (PETS % "parameters: [{name: a, in: body, schema: {type: object}}]" + "consumes: [a/b, c/d]", f"{BODY}/content", "{a/b: {schema: {type: object}}, c/d: {schema: {type: object}}}"),
    "a body in what the operation consumes": (PETS % "consumes: [c/d], parameters: [{name: a, in: body, schema: {type: object}}]" + "consumes: [a/b]", f"{BODY}/content", "{c/d: {schema: {type: object}}}"),
    "a shared body": (PETS % "parameters: [{name: b, in: query, type: string}, {$ref: '#/parameters/a'}]" + "parameters: {a: {name: a, in: body, schema: {$ref: '#/definitions/Pet'}}}\ndefinitions: {Pet: {type: object}}", BODY, "{content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}"),
    "a body and other parameters": (PETS % "parameters: [{name: a, in: body, schema: {}}, {name: b, in: query, type: string}]", FIRST, "{name: b, in: query, schema: {type: string}}"),
    "a form": (PETS % "parameters: [{name: a, in: formData, type: string, required: true, description: A, x-b: c}, {name: b, in: formData, type: array, items: {type: string}, collectionFormat: multi}]", BODY, "{required: true, content: {application/x-www-form-urlencoded: {encoding: {b: {style: form, explode: true}}, schema: {type: object, required: [a], properties: {a: {type: string, description: A, x-b: c}, b: {type: array, items: {type: string}}}}}}}"),
    "a form with a file": (PETS % "parameters: [{name: a, in: formData, type: file}]", f"{BODY}/content", "{multipart/form-data: {schema: {type: object, properties: {a: {type: string, format: binary}}}}}"),
    "a form in what the operation consumes": (PETS % "consumes: [multipart/form-data, application/json], parameters: [{name: a, in: formData, type: string}]", f"{BODY}/content", "{multipart/form-data: {schema: {type: object, properties: {a: {type: string}}}}}"),
    "a form where the document consumes JSON": (PETS % "parameters: [{name: a, in: formData, type: string}]" + "consumes: [application/json]", f"{FORM}/schema/properties/a", "{type: string}"),
    "a body of the path item": (HEAD + "paths: {/pets: {parameters: [{name: a, in: body, schema: {}}, {name: q, in: query, type: string}], post: {" + OK + "}}}", BODY, "{content: {application/json: {schema: {}}}}"),
    "a parameter of the path item beside a body": (HEAD + "paths: {/pets: {parameters: [{name: a, in: body, schema: {}}, {name: q, in: query, type: string}], post: {" + OK + "}}}", "paths/~1pets/parameters", "[{name: q, in: query, schema: {type: string}}]"),
    "a body that replaces that of the path item": (HEAD + "paths: {/pets: {parameters: [{name: a, in: body, schema: {}}], post: {parameters: [{name: b, in: body, schema: {type: object}}], " + OK + "}}}", BODY, "{content: {application/json: {schema: {type: object}}}}"),
    "form fields of both": (HEAD + "paths: {/pets: {parameters: [{name: a, in: formData, type: string}, {name: b, in: formData, type: string}], post: {parameters: [{name: b, in: formData, type: integer}], " + OK + "}}}", f"{FORM}/schema/properties", "{a: {type: string}, b: {type: integer}}"),
    "a catch-all's body": (HEAD + "paths: {/pets: {x-amazon-apigateway-any-method: {parameters: [{name: a, in: body, schema: {}}], " + OK + "}}}", "paths/~1pets/x-amazon-apigateway-any-method/requestBody", "{content: {application/json: {schema: {}}}}"),
    # operations
    "what an operation keeps": (PETS % "deprecated: true, schemes: [https], produces: [a/b], summary: S, security: [], x-amazon-apigateway-integration: {type: mock}", "paths/~1pets/post", "{deprecated: true, summary: S, security: [], x-amazon-apigateway-integration: {type: mock}, x-required-scope: petsapi/write, responses: {'200': {description: ok}}}"),
    "extensions of the path item and of all paths": (ROOT.replace("paths: {", "paths: {x-a: {get: 1}, ").replace("{get:", "{x-required-scope: a/b, get:"), "paths/~1pets/x-required-scope", "a/b"),
    # responses
    "a response's schema": (GET % "schema: {type: object}", ANSWER, "{description: ok, content: {application/json: {schema: {type: object}}}}"),
    "a response in what the document produces": (GET % "schema: {type: object}" + "produces: [a/b, c/d]", f"{ANSWER}/content", "{a/b: {schema: {type: object}}, c/d: {schema: {type: object}}}"),
    "a file as an answer": (GET % "schema: {type: file}", f"{ANSWER}/content", "{application/octet-stream: {schema: {type: string, format: binary}}}"),
    "examples": (GET % "schema: {type: object}, examples: {application/json: {a: 1}, text/plain: a}", f"{ANSWER}/content", "{application/json: {schema: {type: object}, example: {a: 1}}, text/plain: {example: a}}"),
    "examples by name": (GET % "schema: {type: object}, examples: {one: {a: 1}, two: 2}", f"{ANSWER}/content", "{application/json: {schema: {type: object}, examples: {one: {value: {a: 1}}, two: {value: 2}}}}"),
    "an example that says $ref": (GET % "examples: {application/json: {$ref: '#/nowhere'}}", f"{ANSWER}/content", "{application/json: {example: {$ref: '#/nowhere'}}}"),
    "headers": (GET % "headers: {X-A: {type: array, items: {type: string}, description: A, x-b: c}}, x-d: e", ANSWER, "{description: ok, x-d: e, headers: {X-A: {description: A, x-b: c, style: simple, explode: false, schema: {type: array, items: {type: string}}}}}"),
    "a shared response": ((GET % "a: b").replace("{description: ok, a: b}", "{$ref: '#/responses/Ok'}") + "responses: {Ok: {description: ok, schema: {type: object}}}", ANSWER, "{$ref: '#/components/responses/Ok'}"),
    "a shared response of its own kind": ((GET % "a: b").replace("{description: ok, a: b}}", "{$ref: '#/responses/Ok'}}, produces: [a/b]") + "responses: {Ok: {description: ok, schema: {type: object}}}", ANSWER, "{description: ok, content: {a/b: {schema: {type: object}}}}"),
    # schemas
    "references between schemas": (ROOT + "definitions: {Pet: {properties: {a: {$ref: '#/definitions/Pet'}, b: {type: array, items: {$ref: '#/definitions/Pet'}}, c: {additionalProperties: {$ref: '#/definitions/Pet'}}, d: {allOf: [{$ref: '#/definitions/Pet'}]}}}}", PET, "{properties: {a: {$ref: '#/components/schemas/Pet'}, b: {type: array, items: {$ref: '#/components/schemas/Pet'}}, c: {additionalProperties: {$ref: '#/components/schemas/Pet'}}, d: {allOf: [{$ref: '#/components/schemas/Pet'}]}}}"),
    "a name that 3.0 does not allow": (ROOT + "definitions: {Pet: {properties: {a: {$ref: '#/definitions/A«B»'}, b: {$ref: '#/definitions/A%C2%ABB%C2%BB'}, c: {$ref: '#/definitions/a~1b'}}}, A«B»: {}, a/b: {}}", f"{PET}/properties", "{a: {$ref: '#/components/schemas/ABa9c5a039'}, b: {$ref: '#/components/schemas/ABa9c5a039'}, c: {$ref: '#/components/schemas/abc14cddc0'}}"),
    "a reference into a schema": (ROOT + "definitions: {Pet: {properties: {a: {$ref: '#/definitions/Pet/properties/b'}, b: {type: string}}}}", f"components/schemas/b{hash8('specs/pets.yaml#/definitions/Pet/properties/b')}", "{type: string}"),
    "a discriminator": (ROOT + "definitions: {Pet: {discriminator: kind, required: [kind], properties: {kind: {type: string}}}}", f"{PET}/discriminator", "{propertyName: kind}"),
    "properties named like keywords": (ROOT + "definitions: {Pet: {properties: {discriminator: {type: string}, x-nullable: {type: string}, items: {type: string}, $ref: {type: string}}}}", f"{PET}/properties", "{discriminator: {type: string}, x-nullable: {type: string}, items: {type: string}, $ref: {type: string}}"),
    "what may be null": (ROOT + "definitions: {Pet: {type: string, x-nullable: true}}", PET, "{type: string, nullable: true}"),
    "several types": (ROOT + "definitions: {Pet: {type: [string, 'null']}}", PET, "{type: string, nullable: true}"),
    "the type null": (ROOT + "definitions: {Pet: {type: 'null'}}", PET, "{nullable: true, enum: [null]}"),
    "items by position": (ROOT + "definitions: {Pet: {type: array, items: [{type: string}, {type: integer}]}}", PET, "{type: array, items: {}}"),
    "data in schemas": (ROOT + "definitions: {Pet: {default: {x-nullable: true}, example: {discriminator: b}, x-a: {items: []}}}", PET, "{default: {x-nullable: true}, example: {discriminator: b}, x-a: {items: []}}"),
    # security
    "basic": (ROOT + "securityDefinitions: {a: {type: basic, description: A, x-b: c}}", f"{SCHEMES}/a", "{type: http, scheme: basic, description: A, x-b: c}"),
    "a key with all that API Gateway reads": (ROOT + "securityDefinitions: {a: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {type: token}}}", f"{SCHEMES}/a", "{type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {type: token}}"),
    "implicit": (ROOT + "securityDefinitions: {a: {type: oauth2, flow: implicit, authorizationUrl: 'https://a.example.com', scopes: {b/c: d}, x-e: f}}", f"{SCHEMES}/a", "{type: oauth2, x-e: f, flows: {implicit: {authorizationUrl: 'https://a.example.com', scopes: {b/c: d}}}}"),
    "password": (ROOT + "securityDefinitions: {a: {type: oauth2, flow: password, tokenUrl: 'https://b.example.com', scopes: {}}}", f"{SCHEMES}/a/flows", "{password: {tokenUrl: 'https://b.example.com', scopes: {}}}"),
    "application": (ROOT + "securityDefinitions: {a: {type: oauth2, flow: application, tokenUrl: 'https://b.example.com'}}", f"{SCHEMES}/a/flows", "{clientCredentials: {tokenUrl: 'https://b.example.com', scopes: {}}}"),
    "access code": (ROOT + "securityDefinitions: {a: {type: oauth2, flow: accessCode, " + URLS + ", scopes: {}}}", f"{SCHEMES}/a/flows", "{authorizationCode: {" + URLS + ", scopes: {}}}"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "place", "expected"), CONSTRUCTS.values(), ids=CONSTRUCTS)
def test_a_construct(text: str, place: str, expected: str) -> None:
    assert at(convert(text), place) == yaml.safe_load(expected)


def test_what_2_0_has_is_gone() -> None:
    text = (
        ROOT + "host: a.example.com\nconsumes: [a/b]\nproduces: [a/b]\ndefinitions: {}\nparameters: {}\nresponses: {}\n"
    )
    assert convert(text).keys() == {"openapi", "info", "paths", "servers"}


# Where findings are. Each name is what the finding points at; what is marked with `<>` is put in its place.
WHOLE = """swagger: "2.0"
info: {title: Pets, version: "1"}
x-resource-server: petsapi
produces: [application/json]
paths:
  /pets/{id}:
    parameters:
      - {$ref: '#/parameters/body'}
      - {$ref: '#/parameters/id'}
      - {name: page, in: query, type: integer}
    get:
      x-required-scope: read
      parameters:
        - {name: a, in: query, type: string}
      responses:
        200: {$ref: '#/responses/Pet'}
    put:
      x-required-scope: write
      consumes: [application/json, application/xml]
      security: [{oauth: [petsapi/write]}]
      parameters:
        - {name: b, in: query, type: string}
        - {name: pet, in: body, schema: {type: object, properties: {size: {type: integer}}}}
        - {name: c, in: query, type: string}
      responses:
        200: {description: ok, schema: {$ref: '#/definitions/Pet'}, examples: {text/plain: ok}}
    x-amazon-apigateway-any-method:
      x-required-scope: write
      responses: {default: {description: ok}}
parameters:
  id: {name: id, in: path, required: true, type: string}
  body: {name: pet, in: body, schema: {$ref: '#/definitions/Pet'}}
responses:
  Pet: {description: A pet, schema: {$ref: '#/definitions/Pet'}, headers: {X-Page: {type: integer}}}
definitions:
  Pet: {type: object, properties: {name: {type: string}}}
securityDefinitions:
  oauth: {type: oauth2, flow: implicit, authorizationUrl: 'https://a.example.com', scopes: {petsapi/write: Write}}
"""
MISTAKES: dict[str, tuple[str, str, str, str]] = {
    "a tag without a server": ("x-resource-server: petsapi\n", "", "SG101", "read"),
    "a tag of the root": ("paths:\n  /pets", "x-required-scope: 5\npaths:\n  /pets", "SG105", "5"),
    "a tag of a path item": ("    get:", "    x-required-scope: []\n    get:", "SG106", "[]"),
    "a tag of an operation": ("x-required-scope: read", "x-required-scope: [read, write]", "SG107", "[read, write]"),
    "a tag of a catch-all": ("any-method:\n      x-required-scope: write", "any-method:\n      x-required-scope: ''", "SG106", "''"),
    "an operation": ("      x-required-scope: read\n", "", "SG102", "get"),
    "a path": ("/pets/{id}:", "/pets/{id}/:", "SG301", "/pets/{id}/"),
    "a misspelled tag": ("x-required-scope: read", "x-required-scopes: read", "SG103", "x-required-scopes"),
    "a scheme named by security": ("security: [{oauth:", "security: [{other:", "SG122", "other"),
    "the security of an operation": ("security: [{oauth: [petsapi/write]}]", "security: [{oauth: [petsapi/read]}]", "SG112", "[{oauth: [petsapi/read]}]"),
    "a security definition": ("securityDefinitions:", "securityDefinitions:\n  other: {type: basic}", "SG317", "other"),
    "a definition": ("definitions:\n", "definitions:\n  Ref: {type: object}\n", "SG311", "Ref"),
    "a definition's name": ("definitions:\n", "definitions:\n  A«B»: {type: object}\n", "SG311", "A«B»"),
    "a keyword in a definition": ("{name: {type: string}}}", "{name: {type: string, x-nullable: true}}}", "SG310", "x-nullable"),
    "items by position": ("{name: {type: string}}}", "{name: {type: array, items: [{type: string}]}}}", "SG310", "items"),
    "a keyword in a shared parameter's body": ("in: body, schema: {$ref: '#/definitions/Pet'}}", "in: body, schema: {format: uuid}}", "SG310", "format"),
    "a keyword in a body": ("{size: {type: integer}}", "{size: {type: integer, default: 5}}", "SG310", "default"),
    "a keyword in a response": ("ok, schema: {$ref: '#/definitions/Pet'}", "ok, schema: {type: string, format: uuid}", "SG310", "format"),
    "a keyword in a shared response": ("A pet, schema: {$ref: '#/definitions/Pet'}", "A pet, schema: {type: string, format: uuid}", "SG310", "format"),
    "an example": ("text/plain: ok", "text/plain: $ok", "SG315", "$ok"),
    "a parameter that no path has": ("{name: c, in: query, type: string}", "{name: c, in: path, required: true, type: string}", "SG014", "{name: c, in: path, required: true, type: string}"),
    "a parameter that stands twice": ("{name: c, in: query, type: string}", "{name: b, in: query, type: integer}", "SG023", "{name: b, in: query, type: integer}"),
    "a second body": ("{name: c, in: query, type: string}", "{name: c, in: body, schema: {}}", "SG023", "{name: c, in: body, schema: {}}"),
    "form fields and a body": ("{name: c, in: query, type: string}", "{name: c, in: formData, type: string}", "SG009", "{name: c, in: formData, type: string}"),
    "form fields and the body of the path item": ("{name: a, in: query, type: string}", "{name: a, in: formData, type: string}", "SG009", "{$ref: '#/parameters/body'}"),
    "a text that CloudFormation resolves": ("description: A pet", "description: '{{resolve:ssm:a}}'", "SG308", "'{{resolve:ssm:a}}'"),
    "such a text as a media type": ("[application/json, application/xml]", "['Fn::Sub/x']", "SG308", "{name: pet, in: body, schema: {type: object, properties: {size: {type: integer}}}}"),
    "another authorizer": ("{type: oauth2, flow", "{x-amazon-apigateway-authtype: custom, type: oauth2, flow", "SG114", "oauth"),
    "a reference": ("'#/responses/Pet'", "'#/responses/Cat'", "SG010", "'#/responses/Cat'"),
    "a reference to a body": ("'#/parameters/body'", "'#/parameters/tail'", "SG010", "'#/parameters/tail'"),
    "a reference in a schema": ("schema: {$ref: '#/definitions/Pet'}, examples", "schema: {$ref: '#/definitions/Cat'}, examples", "SG010", "'#/definitions/Cat'"),
    "a key that 2.0 does not know": ("    put:\n", "    put:\n      requestBody: {}\n", "SG009", "requestBody"),
    "a response's code": ("        200: {$ref", "        2XX: {$ref", "SG009", "2XX"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "shown"), MISTAKES.values(), ids=MISTAKES)
def test_a_finding_is_where_it_was_written(old: str, new: str, code: str, shown: str) -> None:
    assert WHOLE.count(old) == 1
    assert shown in _shown({"specs/pets.yaml": WHOLE.replace(old, new)}, code)


def _shown(made: dict[str, str], code: str) -> list[str]:
    """What the findings of a code point at."""
    result = compile_files({"scopegen.yaml": "specs: [specs/pets.yaml]", **made})

    def text(one: Diagnostic) -> str:
        assert one.location is not None
        source = result.sources[one.location.file]
        span = source.span(one.location)
        assert span.line == span.end_line, one
        return source.line(span.line)[span.column - 1 : span.end_column - 1]

    return [text(one) for one in result.report.diagnostics if one.code == code]


def test_the_whole_has_no_error() -> None:
    assert set(codes(compile_files({"scopegen.yaml": "{}", "specs/pets.yaml": WHOLE}))) <= {"SG120", "SG310", "SG312"}


# Where a tag means nothing; also in what the conversion drops or rearranges.
MISPLACED = {
    "a shared parameter that nobody uses": ("parameters:\n  id", "parameters:\n  z: {name: z, in: body, schema: {}, TAG}\n  id"),
    "a shared body": ("body: {name: pet,", "body: {name: pet, TAG,"),
    "a body": ("- {name: pet, in: body,", "- {name: pet, TAG, in: body,"),
    "a body's schema": ("schema: {type: object, properties: {size", "schema: {type: object, TAG, properties: {size"),
    "a parameter": ("{name: a, in: query,", "{name: a, TAG, in: query,"),
    "a response": ("200: {description: ok, schema", "200: {description: ok, TAG, schema"),
    "the responses": ("      responses:\n        200: {$ref", "      responses:\n        TAG\n        200: {$ref"),
    "a shared response": ("Pet: {description: A pet,", "Pet: {description: A pet, TAG,"),
    "an example": ("{text/plain: ok}", "{text/plain: {TAG}}"),
    "the examples": ("{text/plain: ok}", "{text/plain: ok, TAG}"),
    "a header": ("{X-Page: {type: integer}}", "{X-Page: {type: integer, TAG}}"),
    "a definition": ("Pet: {type: object,", "Pet: {type: object, TAG,"),
    "a security definition": ("oauth: {type: oauth2,", "oauth: {type: oauth2, TAG,"),
    "the scopes": ("scopes: {petsapi/write: Write}", "scopes: {petsapi/write: Write, TAG}"),
    "the paths": ("paths:\n  /pets", "paths:\n  TAG\n  /pets"),
    "the info": ('version: "1"}', 'version: "1", TAG}'),
    "an extension": ("definitions:\n", "x-more: {deep: [{TAG}]}\ndefinitions:\n"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), MISPLACED.values(), ids=MISPLACED)
@pytest.mark.parametrize(
    ("tag", "code"), [("x-required-scope", "SG104"), ("x-resource-server", "SG104"), ("x-Required-Scopes", "SG103")]
)
def test_a_tag_that_nobody_would_read(old: str, new: str, tag: str, code: str) -> None:
    assert WHOLE.count(old) == 1
    text = WHOLE.replace(old, new.replace("TAG", f"{tag}: petsapi/read"))
    if tag.startswith("x-R") and old.startswith(("paths", "      responses")):
        text = text.replace("x-Required", "x-required")
    assert [one.lower() for one in _shown({"specs/pets.yaml": text}, code)] == [tag.lower()]


@pytest.mark.parametrize("place", ["x-required-scope", "x-resource-server"])
def test_a_tag_in_an_invalid_document_is_told_too(place: str) -> None:
    text = ROOT.replace("description: ok", f"{place}: a/b")
    assert _shown({"specs/pets.yaml": text}, "SG104") == [place]


PARTS = {
    "specs/pets.yaml": HEAD
    + """
paths:
  /pets: {$ref: 'paths/pets.yaml'}
  /pets/{id}:
    get:
      x-required-scope: petsapi/read
      parameters: [{$ref: 'common.yaml#/parameters/body'}, {$ref: 'common.yaml#/parameters/id'}]
      responses: {200: {$ref: 'common.yaml#/responses/Pet'}}
definitions:
  Owner: {type: object, properties: {pets: {type: array, items: {$ref: 'common.yaml#/definitions/Pet'}}}}
""",
    "specs/paths/pets.yaml": """
post:
  x-required-scope: petsapi/write
  parameters:
    - {name: pet, in: body, schema: {$ref: '../common.yaml#/definitions/Pet'}}
    - {name: page, in: query, type: integer}
  responses: {200: {description: ok, schema: {$ref: '../pets.yaml#/definitions/Owner'}}}
""",
    "specs/common.yaml": """
parameters:
  id: {name: id, in: path, required: true, type: string}
  body: {name: pet, in: body, schema: {$ref: '#/definitions/Pet'}}
responses:
  Pet: {description: ok, schema: {$ref: '#/definitions/Pet'}}
definitions:
  Pet: {type: object, discriminator: kind, required: [kind], properties: {kind: {type: string}, of: {$ref: '#/definitions/Pet'}}}
""",
}


def test_references_to_other_files() -> None:
    document, report = document_of(PARTS)
    assert document is not None
    assert report.diagnostics == []
    assert list(OpenAPIV30SpecValidator(copy.deepcopy(document.data)).iter_errors()) == []
    (pet,) = set(at(document.data, "components/schemas")) - {"Owner"}
    reference = {"$ref": f"#/components/schemas/{pet}"}
    assert at(document.data, f"components/schemas/{pet}/discriminator") == {"propertyName": "kind"}
    assert at(document.data, f"components/schemas/{pet}/properties/of") == reference
    assert at(document.data, f"{BODY}/{JSON}/schema") == reference
    assert at(document.data, f"paths/~1pets~1{{id}}/get/requestBody/{JSON}/schema") == reference
    assert at(document.data, "components/schemas/Owner/properties/pets/items") == reference
    answer = at(document.data, f"paths/~1pets/post/responses/200/{JSON}/schema")
    assert answer == {"$ref": "#/components/schemas/Owner"}


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "shown"),
    [
        ("specs/paths/pets.yaml", "petsapi/write", "write", "SG101", "write"),
        ("specs/paths/pets.yaml", "{name: page, in: query", "{name: page, in: header, x-required-scope: a/b", "SG104", "x-required-scope"),
        ("specs/paths/pets.yaml", "name: page, in: query", "name: page, in: cookie", "SG009", "{name: page, in: cookie, type: integer}"),
        ("specs/paths/pets.yaml", "name: page, in: query, type: integer", "name: page, in: body, schema: {}", "SG023", "{name: page, in: body, schema: {}}"),
        ("specs/common.yaml", "in: path, required: true", "in: query", "SG014", "get"),
        ("specs/common.yaml", "required: true, type", "required: true, description: '{{resolve:a}}', type", "SG308", "'{{resolve:a}}'"),
        ("specs/common.yaml", "of: {$ref: '#/definitions/Pet'}", "of: {format: uuid}", "SG310", "format"),
        ("specs/common.yaml", "of: {$ref: '#/definitions/Pet'}", "of: {$ref: '#/definitions/Cat'}", "SG010", "'#/definitions/Cat'"),
        ("specs/common.yaml", "ok, schema: {$ref: '#/definitions/Pet'}", "'{{resolve:a}}'", "SG308", "'{{resolve:a}}'"),
    ],
)  # fmt: skip
def test_a_finding_in_another_file_is_there(file: str, old: str, new: str, code: str, shown: str) -> None:
    assert PARTS[file].count(old) == 1
    assert shown in _shown({**PARTS, file: PARTS[file].replace(old, new)}, code)


TWIN = """openapi: 3.0.3
info: {title: Pets, version: "1"}
x-resource-server: petsapi
x-required-scope: read
servers: [{url: 'https://a.example.com/v1', x-amazon-apigateway-endpoint-configuration: {vpcEndpointIds: [vpce-1]}}]
paths:
  /pets/{id}:
    x-required-scope: write
    parameters:
      - {$ref: '#/components/parameters/id'}
    get:
      x-required-scope: {anyOf: [read, write]}
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses: {200: {$ref: '#/components/responses/Pet'}}
    put:
      security: [{oauth: [petsapi/write]}, {key: []}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses:
        200:
          description: ok
          headers: {X-Page: {schema: {type: integer}}}
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}, example: [{name: Zoë}]}}
    x-amazon-apigateway-any-method:
      x-required-scope: {public: a reason}
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema: {type: object, required: [photo], properties: {photo: {type: string, format: binary}, note: {type: string}}}
      responses: {default: {description: ok}}
components:
  parameters: {id: {name: id, in: path, required: true, schema: {type: string}}}
  responses: {Pet: {description: A pet, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  schemas:
    Pet: {type: object, properties: {name: {type: string}, kind: {type: string, nullable: true}}}
  securitySchemes:
    oauth: {type: oauth2, flows: {implicit: {authorizationUrl: 'https://a.example.com', scopes: {petsapi/write: Write}}}}
    key: {type: apiKey, name: x-api-key, in: header}
"""
TWIN_2_0 = """swagger: "2.0"
info: {title: Pets, version: "1"}
x-resource-server: petsapi
x-required-scope: read
host: a.example.com
basePath: /v1
schemes: [https]
produces: [application/json]
x-amazon-apigateway-endpoint-configuration: {vpcEndpointIds: [vpce-1]}
paths:
  /pets/{id}:
    x-required-scope: write
    parameters:
      - {$ref: '#/parameters/id'}
    get:
      x-required-scope: {anyOf: [read, write]}
      parameters: [{name: page, in: query, type: integer}]
      responses: {200: {$ref: '#/responses/Pet'}}
    put:
      security: [{oauth: [petsapi/write]}, {key: []}]
      consumes: [application/json]
      parameters: [{$ref: '#/parameters/pet'}]
      responses:
        200:
          description: ok
          headers: {X-Page: {type: integer}}
          schema: {type: array, items: {$ref: '#/definitions/Pet'}}
          examples: {application/json: [{name: Zoë}]}
    x-amazon-apigateway-any-method:
      x-required-scope: {public: a reason}
      consumes: [multipart/form-data]
      parameters:
        - {name: photo, in: formData, type: file, required: true}
        - {name: note, in: formData, type: string}
      responses: {default: {description: ok}}
parameters:
  id: {name: id, in: path, required: true, type: string}
  pet: {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
responses: {Pet: {description: A pet, schema: {$ref: '#/definitions/Pet'}}}
definitions:
  Pet: {type: object, properties: {name: {type: string}, kind: {type: string, x-nullable: true}}}
securityDefinitions:
  oauth: {type: oauth2, flow: implicit, authorizationUrl: 'https://a.example.com', scopes: {petsapi/write: Write}}
  key: {type: apiKey, name: x-api-key, in: header}
"""


@pytest.mark.parametrize("untagged", ["error", "security"])
def test_twins_of_both_versions_are_built_alike(untagged: str) -> None:
    config = {"permissions": {"Reader": ["petsapi/*"]}, "apis": {"pets": {"untagged": untagged}}}
    builds = [compile_files({"scopegen.yaml": config, "specs/pets.yaml": text}) for text in (TWIN, TWIN_2_0)]
    assert files(builds[0]) == files(builds[1])
    assert codes(builds[0]) == codes(builds[1])


def test_security_says_what_is_required_where_nothing_is_tagged() -> None:
    text = (
        TWIN_2_0.replace("x-required-scope: read\n", "")
        .replace("    x-required-scope: write\n", "")
        .replace(", {key: []}", "")
    )
    config = {"permissions": {}, "apis": {"pets": {"untagged": "security"}}}
    access = json.loads(files(compile_files({"scopegen.yaml": config, "specs/pets.yaml": text}))["access.json"])
    requires = {one["method"]: one["requires"] for one in access["operations"]}
    assert requires["PUT"] == {"anyOf": [["petsapi/write"]]}


@LENIENT
@given(workspace())
def test_a_document_and_its_twin_give_the_same_files(made: dict[str, Any]) -> None:
    twin = {**made, "specs/pets.json": _twin(made["specs/pets.json"])}
    assert files(compile_files(made)) == files(compile_files(twin))


def _twin(document: dict[str, Any]) -> dict[str, Any]:
    """A generated document in the words of 2.0."""
    data = json.loads(json.dumps(document).replace("#/components/schemas/", "#/definitions/"))
    data = {"swagger": "2.0", **data, "definitions": data["components"]["schemas"]}
    del data["openapi"], data["components"]
    for item in data["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                content = response.pop("content")["application/json"]
                response |= {"schema": content["schema"], "examples": {"application/json": content["example"]}}
    return data
