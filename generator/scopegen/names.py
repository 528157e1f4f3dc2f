"""Derived names. In: a thing's own name. Out: a logical id, permission, model or scope name that depends on nothing else.

Each scheme is permanent: a name, once released, never changes. Where stripping characters loses information the
result ends in eight hex digits of a hash of what it was made from.
"""

import hashlib
import re
import unicodedata

from scopegen.model import COGNITO_PREFIXES, DERIVED_SERVER, Model, Scope

ALNUM = re.compile(r"[A-Za-z0-9]+")
# Keys that CloudFormation reads as its own wherever they stand; a model of that name must survive in a stack.
INTRINSIC_KEYS = frozenset({"Ref", "Condition"})
RESERVED_SCOPES = frozenset({"openid", "email", "phone", "profile"})
SIGNED_IN = (Scope("", "openid"), Scope("", "aws.cognito.signin.user.admin"))
_READABLE = 64
# Letters and marks that show as nothing: Hangul fillers, the Braille blank, variation selectors.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5" + "".join(map(chr, range(0xFE00, 0xFE10))))
_CONFUSABLE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")


def hash8(text: str) -> str:
    """Eight hex digits that stand for `text`."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def pascal(name: str) -> str:
    """`web` -> `Web`, `partner-a` -> `PartnerAc9cd539e`: the part of a logical id that stands for a name."""
    return _camel(name) if _survives(name) else _camel(name) + hash8(name)


def permission_for(scope: Scope) -> str:
    """`petsapi/read` -> `ReadPetsapiAccess`: the permission that stands for one scope where none are written."""
    readable = f"{_camel(scope.name)}{_camel(scope.server)}Access"
    return readable if _survives(scope.name) and _survives(scope.server) else readable + hash8(str(scope))


def _camel(text: str) -> str:
    return "".join(piece[0].upper() + piece[1:] for piece in ALNUM.findall(text))[:_READABLE]


def _survives(text: str) -> bool:
    return len(text) <= _READABLE and ALNUM.fullmatch(text) is not None


def model_name(name: str) -> str:
    """The alphanumeric name of a schema for API Gateway; unchanged where it may stay."""
    if ALNUM.fullmatch(name) and name not in INTRINSIC_KEYS:
        return name
    return "".join(ALNUM.findall(name))[:_READABLE] + hash8(name)


def derived_scope(parts: tuple[Scope, ...]) -> Scope:
    """The scope that stands for holding all of `parts`: `all-of/billing.read+petsapi.read-1f0c9a3e`."""
    whole = " ".join(sorted(str(part) for part in parts))
    readable = "+".join(sorted(str(part).replace("/", ".") for part in parts))[:_READABLE]
    return Scope(DERIVED_SERVER, f"{readable}-{hash8(whole)}")


def single_scope(parts: tuple[Scope, ...]) -> Scope:
    """The one scope that a token carries for all of `parts`: a derived one where they are several."""
    return parts[0] if len(parts) == 1 else derived_scope(parts)


def derived_scopes(model: Model) -> dict[Scope, tuple[Scope, ...]]:
    """Every derived scope of a model with its parts, sorted."""
    return {derived_scope(parts): parts for parts in model.conjunctions}


def is_reserved(text: str) -> bool:
    """Whether Cognito keeps this scope name for itself."""
    return text in RESERVED_SCOPES or text.startswith(COGNITO_PREFIXES)


def is_reserved_server(identifier: str) -> bool:
    """Whether a resource server of this name would have scopes that are Cognito's or ours."""
    return identifier == DERIVED_SERVER or is_reserved(identifier) or is_reserved(f"{identifier}/")


def unreadable(name: str) -> str:
    """Why people could misread a name: control or invisible characters, alphabets that look alike. Empty if fine."""
    if name.isascii() and name.isprintable():
        return ""
    for character in name:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or character in _BLANK:
            return f"the invisible character U+{ord(character):04X}"
    alphabets = {word for c in name if c.isalpha() and (word := unicodedata.name(c, "").split(" ")[0]) in _CONFUSABLE}
    return f"letters of {' and '.join(sorted(word.title() for word in alphabets))}" if len(alphabets) > 1 else ""
