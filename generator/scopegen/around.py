"""What stands around a part that is taken from the inside of a file. In: the file, the part. Out: what it would lose.

A path item or operation comes without what its file says at the root or on the path: a default, another authorizer, a
resource policy. None of that may be lost in silence.
"""

from collections.abc import Iterator

from scopegen import codes
from scopegen.diagnostics import Diagnostic, Location, pointer
from scopegen.document import Json, follow, mapping, sequence
from scopegen.misplaced import meaning
from scopegen.security import Scheme, kind
from scopegen.survey import SERVER_TAG, TAG

FOREIGN_AUTH = "x-amazon-apigateway-auth"
_POLICY = "x-amazon-apigateway-policy"


def lost(data: Json, file: str, place: str, main: str, *, is_operation: bool) -> Iterator[Diagnostic]:
    """Findings for the part of `file` at pointer `place`, which `main`, the API's own document, takes."""
    hint = f"write it where it is meant: `{main}` takes what is below it, not this"
    above = place.rpartition("/")[0]
    around = [("", (TAG, SERVER_TAG))] if place and file != main else []
    holders = [*around, *([(above, (TAG,))] if is_operation and above else [])]
    for holder, tags in holders:
        for key in mapping(follow(data, "#" + holder)):
            where = Location(file, holder + pointer(key), "key")
            if key[:1] in ("x", "X") and meaning(key) in tags:
                yield codes.MISPLACED_TAG.at(where, f"`{key}` means nothing here", hint)
            elif key in (FOREIGN_AUTH, _POLICY):
                yield codes.FOREIGN_AUTHORIZER.at(where, f"`{key}` decides who gets in, and is not taken along", hint)
    if around:
        yield from _foreign_security(mapping(data), file, hint)


def _foreign_security(data: dict[str, Json], file: str, hint: str) -> Iterator[Diagnostic]:
    """Another authorizer in the `security` at the root."""
    schemes = mapping(mapping(data.get("components")).get("securitySchemes")) | mapping(data.get("securityDefinitions"))
    for i, alternative in enumerate(sequence(data.get("security"))):
        for name in mapping(alternative):
            if kind(mapping(schemes.get(name))) is Scheme.FOREIGN:
                where = Location(file, pointer("security", i, name), "key")
                yield codes.FOREIGN_AUTHORIZER.at(
                    where, f"`{name}` is another authorizer, and is not taken along", hint
                )
