"""Operators of templates. In: operands as functions, the operators between them. Out: one function of the whole."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from scopegen.document import Json
from scopegen.gateway.refused import Refused
from scopegen.gateway.vtl.values import Budget, Value, equal, number


class _Paying(Protocol):
    @property
    def budget(self) -> Budget: ...


_State = TypeVar("_State", bound=_Paying)
_ALIKE = {"or": "||", "and": "&&", "gt": ">", "lt": "<", "ge": ">=", "le": "<=", "eq": "==", "ne": "!="}
_RANGE = 10_000


def tree(
    first: Callable[[_State], Value], operators: list[tuple[str, int]], others: list[Callable[[_State], Value]]
) -> Callable[[_State], Value]:
    """Operands joined by operators, the tighter ones (of smaller rank) first, equal ones from the left."""
    operands, waiting = [first], list[tuple[str, int]]()
    for (name, rank), operand in zip(operators, others, strict=True):
        while waiting and waiting[-1][1] <= rank:
            _join(operands, waiting.pop()[0])
        waiting.append((name, rank))
        operands.append(operand)
    while waiting:
        _join(operands, waiting.pop()[0])
    return operands[0]


def _join(operands: list[Callable[[_State], Value]], written: str) -> None:
    right, left = operands.pop(), operands.pop()
    name = _ALIKE.get(written, written)
    if name == "||":
        operands.append(lambda state: bool(left(state)) or bool(right(state)))
    elif name == "&&":
        operands.append(lambda state: bool(left(state)) and bool(right(state)))
    else:
        operands.append(lambda state: applied(name, left(state), right(state), state.budget))


def applied(name: str, left: Value, right: Value, budget: Budget) -> Json:
    """What an operator makes of two values."""
    if name in ("==", "!="):
        return equal(left, right) is (name == "==")
    if name == "+" and (isinstance(left, str) or isinstance(right, str)):
        return _joined(left, right, budget)
    if name in (">", "<", ">=", "<=") and isinstance(left, str) and isinstance(right, str):
        return _compared(name, (left > right) - (left < right))
    if not _is_number(left) or not _is_number(right):
        raise Refused("an operator on what is no number")
    assert isinstance(left, int | float)
    assert isinstance(right, int | float)
    if name in (">", "<", ">=", "<="):
        return _compared(name, (left > right) - (left < right))
    return _computed(name, left, right)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _joined(left: Value, right: Value, budget: Budget) -> Json:
    if not isinstance(left, str | int | float) or not isinstance(right, str | int | float):
        raise Refused("a text and what is none")
    if (isinstance(left, str) and len(left) > 100_000) or (isinstance(right, str) and len(right) > 100_000):
        raise Refused("a text that grows too long")
    return budget.made(f"{left}{right}")


def _compared(name: str, sign: int) -> bool:
    return {">": sign > 0, "<": sign < 0, ">=": sign >= 0, "<=": sign <= 0}[name]


def _computed(name: str, left: float, right: float) -> Json:
    number(left), number(right)  # a request may hold one of any size
    if name == "+":
        return number(left + right)
    if name == "-":
        return number(left - right)
    if name == "*":
        return number(left * right)
    if right == 0:
        return None  # as Velocity has it
    whole = int(left / right)  # towards zero, as in Java
    if name == "/":
        return number(whole if isinstance(left + right, int) else left / right)
    if name == "%":
        return number(left - right * whole)
    raise Refused("an operator that is not computed here")


def counted(first: Value, last: Value, budget: Budget) -> Json:
    """`[first..last]`, in either direction."""
    if not isinstance(first, int) or not isinstance(last, int) or abs(last - first) >= _RANGE:
        raise Refused("a range that is too long")
    budget.spend(abs(last - first))
    return list(range(first, last + 1)) if last >= first else list(range(first, last - 1, -1))
