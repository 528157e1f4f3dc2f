"""Frozen values. In: the fields of a class. Out: instances that nobody changes, equal where they mean the same."""

from collections.abc import Callable
from operator import attrgetter
from typing import ClassVar, NoReturn

# What says where a value is from, or follows from the rest: not compared.
_RIDE_ALONG = ("_scopes", "source", "tags")


class Value:
    """A frozen value, equal to another of its kind if all fields are but those that only ride along.

    Written out, not generated: generating eight dataclasses takes a twentieth of a small build.
    """

    __slots__: tuple[str, ...] = ()
    _compared: ClassVar[Callable[[object], object]]

    def _set(self, **fields: object) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __init_subclass__(cls) -> None:
        cls._compared = attrgetter(*(name for name in cls.__slots__ if name not in _RIDE_ALONG))

    def __eq__(self, other: object) -> bool:
        kind = type(self)
        return self is other or (type(other) is kind and kind._compared(self) == kind._compared(other))

    def __hash__(self) -> int:
        kind = type(self)
        return hash((kind, kind._compared(self)))

    def __repr__(self) -> str:
        told = (f"{name}={getattr(self, name)!r}" for name in self.__slots__ if name[0] != "_")
        return f"{type(self).__name__}({', '.join(told)})"
