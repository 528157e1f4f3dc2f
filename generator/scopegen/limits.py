"""What AWS accepts: one line a fact, so that a change at AWS is one change here. As documented in October 2026.

Sources: [C] Amazon Cognito API reference and quotas, [G] API Gateway developer guide ("important notes", quotas),
[F] AWS CloudFormation quotas, [L] AWS Lambda quotas.
"""

import re

# [C] CreateResourceServer, CreateUserPoolClient, CreateGroup
IDENTIFIER = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,256}")
SCOPE_NAME = re.compile(r"[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]{1,256}")
CLIENT_SCOPE_LENGTH = 256
DISPLAY_NAME = re.compile(r"[\w\s+=,.@-]{1,256}", re.ASCII)
CLIENT_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
GROUP_NAME_LENGTH = 128
USER_NAME_LENGTH = 128
DESCRIPTION_LENGTH = 256
DOMAIN_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
DOMAIN_RESERVED = ("aws", "amazon", "cognito")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
URL_LENGTH = 1024

# [C] quotas
SCOPES_PER_SERVER = 100
SCOPES_PER_CLIENT = 50
SERVERS_PER_POOL = 25
GROUPS_PER_POOL = 10_000
GROUPS_PER_USER = 100
CLIENTS_PER_POOL = 1_000
BRANDINGS_PER_POOL = 20
URLS_PER_CLIENT = 100
TRIGGER_CHANGES = 5_000
TRIGGER_SECONDS = 5.0
NEAR = 0.8

# [G] quotas
HEADER_BYTES = 10_240
REQUEST_URL_LENGTH = 10_240
BODY_BYTES = 10 * 1024 * 1024
INTEGRATION_SECONDS = 29.0
RESOURCES_PER_API = 300
DOCUMENTATION_PARTS = 2_000
IMPORT_BYTES = 6 * 1024 * 1024
MODEL_BYTES = 400 * 1024
TEMPLATE_BYTES = 300 * 1024

# [G] OpenAPI import
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
PATH_LITERAL = re.compile(r"[A-Za-z0-9_.,:-]+")
PATH_VARIABLE = re.compile(r"\{([A-Za-z0-9_.-]+)\+?\}")
RESERVED_PATHS = ("/ping", "/sping")
INTEGRATION_TYPES = ("aws", "aws_proxy", "http", "http_proxy", "mock")
# JSON Schema draft 4 as far as API Gateway models take it; everything else is left out of the import spec.
SCHEMA_KEYWORDS = frozenset(
    "$ref additionalProperties allOf anyOf description enum format items maxItems maxLength maxProperties maximum "
    "minItems minLength minProperties minimum multipleOf not oneOf pattern properties required title type "
    "uniqueItems".split()
)
SCHEMA_FORMATS = frozenset("date date-time email hostname ipv4 ipv6 uri".split())

# [F] and [L]
INLINE_TEMPLATE_BYTES = 51_200
S3_TEMPLATE_BYTES = 1_048_576
# An import spec that is larger does not fit into such a template with all that stands around it.
INLINE_BODY_BYTES = 900_000
STACK_RESOURCES = 500
# A function's resource policy has 20 KB; a statement of ours takes about 400 bytes of it.
PERMISSIONS_PER_FUNCTION = 40
