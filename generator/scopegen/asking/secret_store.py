"""A client's secret from AWS Secrets Manager. In: the name of a secret. Out: the client's secret, or NoToken.

What is stored is the secret itself, or JSON with `client_secret`.
"""

from scopegen.asking.answers import NoToken, json_object


def stored(name: str) -> str:
    """The client's secret that is stored by this name, or under this ARN."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        hint = "pip install 'scopegen[aws]'"
        raise NoToken("--secret-id reads AWS Secrets Manager, for which boto3 is missing", hint) from None
    try:
        answer = boto3.client("secretsmanager").get_secret_value(SecretId=name)
    except ClientError as error:
        raise NoToken(
            f"--secret-id: Secrets Manager says {error.response.get('Error', {}).get('Code', 'no')}"
        ) from None
    except (BotoCoreError, ValueError) as error:
        raise NoToken(f"--secret-id: Secrets Manager was not asked: {type(error).__name__}") from None
    return _within(answer.get("SecretString"))


def _within(value: object) -> str:
    if not isinstance(value, str):
        raise NoToken("--secret-id: what is stored is no text")
    if not value.lstrip().startswith("{"):
        return value.strip()
    found = json_object(value.encode()).get("client_secret")
    if not isinstance(found, str):
        raise NoToken("--secret-id: what is stored is JSON without `client_secret`")
    return found
