"""Symbols by role: what formulas, labels and sentences write, so that a lecture can have another notation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Notation", "Symbol"]


@dataclass(frozen=True)
class Symbol:
    """How something is written.

    Attributes
    ----------
    typst : str
        In formulas: Typst mathematics.
    text : str
        In sentences: plain characters.
    say : str
        As it is spoken.
    color : str
        The role of its color in the palette; empty for that of the text around it.
    """

    typst: str
    text: str = ""
    say: str = ""
    color: str = ""


class Notation(Mapping[str, Symbol]):
    """The symbols of a lecture by role.

    Examples
    --------
    >>> notation = Notation(speed=Symbol("v", "v", "v", "ball"))
    >>> notation["speed"].text, notation.replaced(speed=Symbol("u", "u", "u", "ball"))["speed"].text
    ('v', 'u')
    """

    def __init__(self, **symbols: Symbol):
        self._symbols = symbols

    def __getitem__(self, role: str) -> Symbol:
        return self._symbols[role]

    def __iter__(self) -> Iterator[str]:
        return iter(self._symbols)

    def __len__(self) -> int:
        return len(self._symbols)

    def replaced(self, **symbols: Symbol) -> Notation:
        """The notation with other symbols for some roles.

        Raises
        ------
        KeyError
            If there is no such role.
        """
        for role in symbols:
            if role not in self._symbols:
                raise KeyError(f"there is no symbol {role!r} (symbols: {', '.join(self._symbols)})")
        return Notation(**(self._symbols | symbols))
