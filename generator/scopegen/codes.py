"""Every rule there is, in one append-only table: a code is never reused and never changes its meaning.

SG0xx the file, SG1xx requirements, SG2xx grants and clients, SG3xx gateway import and AWS limits,
SG4xx changes, SG5xx drift, SG6xx outputs, SG9xx our bugs. The page of each lies in `rules/pages/`.
"""

from scopegen.diagnostics import Rule, Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

# SG0xx: the file
UNREADABLE_FILE = Rule("SG001", "unreadable-file", ERROR, guard=True)
SYNTAX_ERROR = Rule("SG002", "syntax-error", ERROR, guard=True)
DUPLICATE_KEY = Rule("SG003", "duplicate-key", ERROR, guard=True)
DEEP_NESTING = Rule("SG004", "deep-nesting", ERROR, guard=True)
ALIAS_BOMB = Rule("SG005", "alias-bomb", ERROR, guard=True)
NOT_JSON_DATA = Rule("SG006", "not-json-data", ERROR, guard=True)
NOT_OPENAPI = Rule("SG007", "not-openapi", ERROR, guard=True)
UNSUPPORTED_VERSION = Rule("SG008", "unsupported-version", ERROR, guard=True)
INVALID_OPENAPI = Rule("SG009", "invalid-openapi", ERROR, guard=True)
UNRESOLVABLE_REFERENCE = Rule("SG010", "unresolvable-reference", ERROR, guard=True)
FOREIGN_REFERENCE = Rule("SG011", "foreign-reference", ERROR, guard=True)
DUPLICATE_OPERATION_ID = Rule("SG012", "duplicate-operation-id", ERROR)
DUPLICATE_PATH = Rule("SG013", "duplicate-path", ERROR, guard=True)
UNDECLARED_PATH_PARAMETER = Rule("SG014", "undeclared-path-parameter", ERROR)
INVALID_CONFIG = Rule("SG015", "invalid-config", ERROR, guard=True)
MISNAMED_CONFIG = Rule("SG016", "misnamed-config", ERROR, guard=True)
BAD_API_NAME = Rule("SG017", "bad-api-name", ERROR, guard=True)
NO_SPECS = Rule("SG018", "no-specs", ERROR)
UNSUPPORTED_KEYWORD = Rule("SG019", "unsupported-keyword", WARNING)
REPAIRED_DOCUMENT = Rule("SG020", "repaired-document", NOTE)
STRICT_FINDING = Rule("SG021", "strict-finding", ERROR)
MISLEADING_NAME = Rule("SG022", "misleading-name", ERROR, guard=True)
DUPLICATE_PARAMETER = Rule("SG023", "duplicate-parameter", ERROR)
NOT_ACCESS_FILE = Rule("SG030", "not-access-file", ERROR, guard=True)

# SG1xx: requirements
UNQUALIFIED_SCOPE = Rule("SG101", "unqualified-scope", ERROR, guard=True)
UNTAGGED_OPERATION = Rule("SG102", "untagged-operation", ERROR, guard=True)
MISSPELLED_TAG = Rule("SG103", "misspelled-tag", ERROR, guard=True)
MISPLACED_TAG = Rule("SG104", "misplaced-tag", ERROR, guard=True)
MALFORMED_TAG = Rule("SG105", "malformed-tag", ERROR, guard=True)
EMPTY_TAG = Rule("SG106", "empty-tag", ERROR, guard=True)
AMBIGUOUS_LIST = Rule("SG107", "ambiguous-list", ERROR, guard=True)
INVALID_SCOPE = Rule("SG108", "invalid-scope", ERROR, guard=True)
RESERVED_SCOPE = Rule("SG109", "reserved-scope", ERROR, guard=True)
PUBLIC_WITHOUT_REASON = Rule("SG110", "public-without-reason", ERROR, guard=True)
INHERITED_PUBLIC = Rule("SG111", "inherited-public", ERROR, guard=True)
CONTRADICTING_SECURITY = Rule("SG112", "contradicting-security", ERROR, guard=True)
PUBLIC_BY_SECURITY = Rule("SG113", "public-by-security", WARNING, guard=True)
FOREIGN_AUTHORIZER = Rule("SG114", "foreign-authorizer", ERROR, guard=True)
INEXPRESSIBLE_SECURITY = Rule("SG115", "inexpressible-security", ERROR, guard=True)
OIDC_SCOPE_AS_GATE = Rule("SG116", "oidc-scope-as-gate", WARNING)
VERB_SCOPE_MISMATCH = Rule("SG117", "verb-scope-mismatch", WARNING)
PROTECTED_PREFLIGHT = Rule("SG118", "protected-preflight", WARNING)
REDUNDANT_ALTERNATIVE = Rule("SG119", "redundant-alternative", WARNING)
CATCH_ALL_METHOD = Rule("SG120", "catch-all-method", NOTE)
API_KEY_ALTERNATIVE = Rule("SG121", "api-key-alternative", WARNING)
UNDEFINED_SCHEME = Rule("SG122", "undefined-scheme", WARNING)

# SG2xx: grants and clients
UNKNOWN_SCOPE = Rule("SG201", "unknown-scope", ERROR, guard=True)
UNREQUIRED_SCOPE = Rule("SG202", "unrequired-scope", NOTE)
UNREACHABLE_SCOPE = Rule("SG203", "unreachable-scope", WARNING)
BAD_WILDCARD = Rule("SG204", "bad-wildcard", ERROR, guard=True)
SELF_GRANTING_CLIENT = Rule("SG205", "self-granting-client", ERROR, guard=True)
CONFLICTING_CLIENT = Rule("SG206", "conflicting-client", ERROR, guard=True)
BAD_CALLBACK_URL = Rule("SG207", "bad-callback-url", ERROR)
UNKNOWN_OPERATION = Rule("SG208", "unknown-operation", ERROR, guard=True)
UNASSIGNABLE_OPERATION = Rule("SG209", "unassignable-operation", ERROR, guard=True)
CLASHING_NAMES = Rule("SG210", "clashing-names", ERROR, guard=True)
INVALID_NAME = Rule("SG211", "invalid-name", ERROR)
BAD_DOMAIN = Rule("SG212", "bad-domain", ERROR)
OVERRIDDEN_AUTHORIZATION = Rule("SG213", "overridden-authorization", ERROR, guard=True)
EXISTING_IN_NEW_POOL = Rule("SG214", "existing-in-new-pool", ERROR)
TOO_MANY = Rule("SG215", "too-many", ERROR)
NEARLY_TOO_MANY = Rule("SG216", "nearly-too-many", WARNING)
UNHOLDABLE_PERMISSIONS = Rule("SG217", "unholdable-permissions", WARNING)
TOKEN_TOO_LARGE = Rule("SG218", "token-too-large", WARNING)
EMPTY_GRANT = Rule("SG219", "empty-grant", WARNING)

# SG3xx: gateway import and AWS limits
BAD_PATH = Rule("SG301", "bad-path", ERROR)
SIBLING_VARIABLES = Rule("SG302", "sibling-variables", ERROR)
RESERVED_PATH = Rule("SG303", "reserved-path", WARNING)
UNSUPPORTED_METHOD = Rule("SG304", "unsupported-method", ERROR)
MALFORMED_INTEGRATION = Rule("SG305", "malformed-integration", ERROR)
PUBLIC_BACKEND = Rule("SG306", "public-backend", WARNING)
HARD_CODED_ENVIRONMENT = Rule("SG307", "hard-coded-environment", WARNING)
CLOUDFORMATION_INJECTION = Rule("SG308", "cloudformation-injection", ERROR, guard=True)
LEFT_OUT_OF_STACK = Rule("SG309", "left-out-of-stack", NOTE)
REWRITTEN_SCHEMA = Rule("SG310", "rewritten-schema", NOTE)
RENAMED_MODEL = Rule("SG311", "renamed-model", NOTE)
LEFT_OUT_OF_IMPORT = Rule("SG312", "left-out-of-import", NOTE)
TOO_LARGE_FOR_IMPORT = Rule("SG313", "too-large-for-import", ERROR)
TOO_MANY_RESOURCES = Rule("SG314", "too-many-resources", WARNING)
UNUSABLE_EXAMPLE = Rule("SG315", "unusable-example", NOTE)
BAD_ORIGIN = Rule("SG316", "bad-origin", ERROR, guard=True)
REPLACED_SCHEME = Rule("SG317", "replaced-scheme", NOTE)
TEMPLATE_TOO_LARGE = Rule("SG318", "template-too-large", NOTE)
NO_OPERATIONS = Rule("SG319", "no-operations", ERROR)
WIDENED_PERMISSION = Rule("SG320", "widened-permission", NOTE)
IMPORT_VARIABLE = Rule("SG321", "import-variable", NOTE)
MUCH_DOCUMENTATION = Rule("SG322", "much-documentation", NOTE)
LARGE_MODELS = Rule("SG323", "large-models", WARNING)

# SG6xx: outputs
STALE_OUTPUT = Rule("SG601", "stale-output", ERROR)
EDITED_OUTPUT = Rule("SG602", "edited-output", ERROR)
FOREIGN_OUTPUT = Rule("SG603", "foreign-output", ERROR, guard=True)
IGNORED_OUTPUT = Rule("SG604", "ignored-output", NOTE)
UNWRITABLE_OUTPUT = Rule("SG605", "unwritable-output", ERROR)

# SG9xx: our bugs
UNPROVED_ARTIFACT = Rule("SG901", "unproved-artifact", ERROR, guard=True)

RULES: dict[str, Rule] = {rule.code: rule for rule in list(globals().values()) if isinstance(rule, Rule)}
