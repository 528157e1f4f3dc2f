"""The keys that may reach the import spec, per kind of object: everything else stays behind. One table.

Source: API Gateway developer guide, "OpenAPI extensions for API Gateway" and "important notes"; October 2026.
"""

ROOT = frozenset(
    {
        "x-amazon-apigateway-api-key-source",
        "x-amazon-apigateway-binary-media-types",
        "x-amazon-apigateway-endpoint-access-mode",
        "x-amazon-apigateway-minimum-compression-size",
        "x-amazon-apigateway-request-validator",
        "x-amazon-apigateway-security-policy",
    }
)
# Read and rewritten key by key, each in its own module.
ROOT_READ = frozenset(
    {"x-amazon-apigateway-gateway-responses", "x-amazon-apigateway-policy", "x-amazon-apigateway-request-validators"}
)
OPERATION = frozenset({"operationId", "summary", "description", "tags", "x-amazon-apigateway-request-validator"})
DOCUMENTATION = frozenset({"summary", "description", "tags"})
OPERATION_READ = frozenset({"x-amazon-apigateway-integration"})
PATH_ITEM_READ = frozenset({"x-amazon-apigateway-any-method"})
ENDPOINT = "x-amazon-apigateway-endpoint-configuration"

# What would bring in an authorizer: only scopegen writes it. (A response's header may be named so.)
AUTHORIZATION = frozenset(
    {
        "identityValidationExpression",
        "x-amazon-apigateway-auth",
        "x-amazon-apigateway-authorizer",
        "x-amazon-apigateway-authtype",
        "x-amazon-apigateway-cors",
    }
)

INTEGRATION = frozenset(
    {
        "cacheKeyParameters",
        "cacheNamespace",
        "connectionId",
        "connectionType",
        "contentHandling",
        "credentials",
        "httpMethod",
        "integrationTarget",
        "passthroughBehavior",
        "requestParameters",
        "requestTemplates",
        "responseTransferMode",
        "responses",
        "timeoutInMillis",
        "tlsConfig",
        "type",
        "uri",
    }
)
INTEGRATION_RESPONSE = frozenset({"contentHandling", "responseParameters", "responseTemplates", "statusCode"})
GATEWAY_RESPONSE = frozenset({"responseParameters", "responseTemplates", "statusCode"})
GATEWAY_RESPONSES = frozenset(
    "ACCESS_DENIED API_CONFIGURATION_ERROR AUTHORIZER_CONFIGURATION_ERROR AUTHORIZER_FAILURE BAD_REQUEST_BODY "
    "BAD_REQUEST_PARAMETERS DEFAULT_4XX DEFAULT_5XX EXPIRED_TOKEN INTEGRATION_FAILURE INTEGRATION_TIMEOUT "
    "INVALID_API_KEY INVALID_SIGNATURE MISSING_AUTHENTICATION_TOKEN QUOTA_EXCEEDED REQUEST_TOO_LARGE "
    "RESOURCE_NOT_FOUND THROTTLED UNAUTHORIZED UNSUPPORTED_MEDIA_TYPE WAF_FILTERED".split()
)
VALIDATOR = frozenset({"validateRequestBody", "validateRequestParameters"})
