"""What functions return are values: they own what they hold, show themselves in a line, and survive copy and pickle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar

import numpy as np

from ._validation import Array

# Arrays of up to this many numbers are shown, larger ones by their shape.
SHORT = 6


class Value:
    """Base of all result classes: read-only arrays, also in copies and after unpickling, and a short repr.

    Dataclasses freeze their arrays when they are made. The arrays must not be the caller's own: `frozen` those that are
    new, `owned` those that may not be.
    """

    #: Attributes to show; None for the fields of a dataclass.
    _shown: ClassVar[tuple[str, ...] | None] = None

    def __post_init__(self) -> None:
        _freeze(self.__dict__.values())

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        _freeze(state.values())

    def __repr__(self) -> str:
        names = self._shown
        if names is None and is_dataclass(self):
            names = tuple(field.name for field in fields(self) if field.repr)
        parts = (f"{name}={_short(getattr(self, name))}" for name in names or ())
        return f"{type(self).__name__}({', '.join(parts)})"


def frozen(array: Array) -> Array:
    """The same array, read-only from now on."""
    array.setflags(write=False)
    return array


def owned(array: Array) -> Array:
    """A read-only copy, which nobody else can change."""
    return frozen(array.copy())


def _freeze(values: Iterable[Any]) -> None:
    for value in values:
        if value.__class__ is np.ndarray:
            value.setflags(write=False)


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.ndim:
        if value.size > SHORT:
            return f"<array of shape {value.shape}>"
        return " ".join(np.array2string(value, precision=6, separator=", ").split())
    if isinstance(value, (float, np.ndarray)):
        return f"{float(value):.6g}"
    return repr(value)
