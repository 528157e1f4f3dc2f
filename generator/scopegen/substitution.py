"""Text that is only known at deploy time. In: an `uri` as written. Out: parts that each output language spells its own way.

CloudFormation computes it with `Fn::Sub`; API Gateway's import resolves three AWS variables, and stage variables when called.
"""

import re
from typing import NamedTuple, TypeAlias

from scopegen.document import Json
from scopegen.value import Value

_REFERENCE = re.compile(r"\$\{([^${}]*)\}")
IMPORT_VARIABLES = ("AWS::Partition", "AWS::Region", "AWS::AccountId")
# The names of the API stack's own template: its parameters may be used, its resources wait for the body to be imported.
STACK_PARAMETERS = frozenset(
    "AccessLogs KmsKeyArn LogRetentionDays StageName ThrottlingBurstLimit ThrottlingRateLimit UserPoolArn".split()
)
_STACK_RESOURCE = re.compile(r"RestApi|Stage|AccessLogGroup|LogsAccess|HasKmsKey|Deployment[0-9a-f]{10}|.*Permission")
_PSEUDO = (*IMPORT_VARIABLES, "AWS::URLSuffix")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)?")


class Pseudo(NamedTuple):
    """An AWS variable: `AWS::Region`."""

    name: str


class Parameter(NamedTuple):
    """A parameter of the stack; in the import spec its default, or a stage variable of that name."""

    name: str
    default: str = ""


Part: TypeAlias = str | Pseudo | Parameter


class Substitution(Value):
    """A text in parts. No tuple itself, so that it can never be taken for JSON."""

    __slots__ = ("parts",)
    parts: tuple[Part, ...]

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self._set(parts=parts)

    @property
    def is_literal(self) -> bool:
        return all(isinstance(part, str) for part in self.parts)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(part for part in self.parts if isinstance(part, Parameter))

    def for_import(self) -> str:
        """As API Gateway's import reads it."""
        return "".join(_imported(part) for part in self.parts)

    def for_stack(self) -> Json:
        """As CloudFormation reads it: a text, or one `Fn::Sub` in which only our own references are live."""
        if self.is_literal:
            return "".join(str(part) for part in self.parts)
        if len(self.parts) == 1 and isinstance(self.parts[0], Parameter):
            return {"Ref": self.parts[0].name}
        return {"Fn::Sub": "".join(_substituted(part) for part in self.parts)}

    def between(self, start: str, end: str) -> "Substitution | None":
        """The part after `start` and before the closing `end`; None where the text has not that form."""
        parts = list(self.parts)
        index = next((i for i, part in enumerate(parts) if isinstance(part, str) and start in part), None)
        if index is None or not isinstance(parts[-1], str) or not parts[-1].endswith(end):
            return None
        parts[-1] = parts[-1][: -len(end)]
        first = parts[index]
        assert isinstance(first, str)
        inner = (first.partition(start)[2], *parts[index + 1 :])
        return Substitution(tuple(part for part in inner if part != ""))


def _imported(part: Part) -> str:
    if isinstance(part, str):
        return part
    return f"${{{part.name}}}" if isinstance(part, Pseudo) else part.default or f"${{stageVariables.{part.name}}}"


def _substituted(part: Part) -> str:
    return part.replace("${", "${!") if isinstance(part, str) else f"${{{part.name}}}"


def read(value: Json) -> Substitution:
    """A text, or one of the intrinsics that stand for one: `Fn::Sub`, `Ref`, `Fn::GetAtt`. ValueError with a phrase otherwise."""
    if isinstance(value, str):
        return _split(value, from_cloudformation=False)
    if isinstance(value, dict) and len(value) == 1:
        key, inner = next(iter(value.items()))
        if key == "Fn::Sub" and isinstance(inner, str):
            return _split(inner, from_cloudformation=True)
        if key == "Ref" and isinstance(inner, str):
            return Substitution((_reference(inner),))
        if key == "Fn::GetAtt":
            names = inner if isinstance(inner, list) else [inner]
            return Substitution((_reference(".".join(str(name) for name in names)),))
        raise ValueError(f"`{key}` cannot stand here")
    raise ValueError("neither text nor `Fn::Sub`")


def _split(text: str, *, from_cloudformation: bool) -> Substitution:
    """Text in parts. Outside `Fn::Sub` only the variables of API Gateway's own import are live; all else is as written."""
    parts: list[Part] = []
    position = 0
    for match in _REFERENCE.finditer(text):
        name = match[1].strip()
        if from_cloudformation and name.startswith("!"):
            part: Part = f"${{{name[1:]}}}"
        elif from_cloudformation:
            part = _reference(name)
        else:
            part = Pseudo(name) if name in IMPORT_VARIABLES else match[0]
        parts += [text[position : match.start()], part]
        position = match.end()
    parts.append(text[position:])
    return Substitution(_joined(parts))


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    result: list[Part] = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(result[-1], str):
            result[-1] += part
        elif part != "":
            result.append(part)
    return tuple(result) or ("",)


def _reference(name: str) -> Part:
    if name in _PSEUDO:
        return Pseudo(name)
    if not _NAME.fullmatch(name):
        raise ValueError(f"`{name}` names nothing that a stack could know")
    if _STACK_RESOURCE.fullmatch(name):
        raise ValueError(f"`{name}` is a resource of the stack itself")
    return Parameter(name.replace(".", ""))
