"""Symbols by role: what formulas, labels and sentences write, so that a lecture can have another notation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Notation", "Symbol"]

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Typst's accents, as they stand on a letter and as they are spoken.
_ACCENTS = {"hat": "\u0302", "tilde": "\u0303", "overline": "\u0304", "arrow": "\u20d7", "dot": "\u0307"}
_SIMPLE = re.compile(r'(?:(\w+)\()?([A-Za-z]+)\)?(?:_(?:(\d)|([A-Za-z])|"(\w+)"))?(\^top)?')


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

    def with_symbols(self, written: Mapping[str, str]) -> Notation:
        """The notation with other Typst mathematics for some roles; what is shown in sentences follows.

        Examples
        --------
        >>> Notation(speed=Symbol("v", "v", "v", "ball")).with_symbols({"speed": "nu_0"})["speed"]
        Symbol(typst='nu_0', text='ν₀', say='nu zero', color='ball')
        """
        return self.replaced(
            **{role: Symbol(typst, *_plain(typst), self[role].color) for role, typst in written.items()}
        )

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


def _plain(typst: str) -> tuple[str, str]:
    """Simple Typst mathematics (a letter, with accent, index or transpose) as text, and as it is spoken.

    Raises
    ------
    ValueError
        If it is not simple.

    Examples
    --------
    >>> _plain('hat(beta)_"far"'), _plain("W^top"), _plain("w_1")
    (('β̂_far', 'beta hat far'), ('Wᵀ', 'W transposed'), ('w₁', 'w one'))
    """
    match = _SIMPLE.fullmatch(typst)
    try:
        if match is None or (match[1] and match[1] not in _ACCENTS):
            raise KeyError(typst)
        accent, name, digit, letter, word, turned = match.groups()
        text, say = name if len(name) == 1 else _greek(name), [name]
    except KeyError:
        raise ValueError(
            "expected a letter with at most an accent, an index and ^top, such as w, alpha or hat(w)_1, "
            f"got {typst!r}"
        ) from None
    if accent:
        text += _ACCENTS[accent]
        say.append(accent)
    if digit:
        text += chr(0x2080 + int(digit))
        say.append(_DIGITS[int(digit)])
    if letter or word:
        text += f"_{letter or word}"
        say.append(letter or word)
    if turned:
        text += "ᵀ"
        say.append("transposed")
    return unicodedata.normalize("NFC", text), " ".join(say)


def _greek(name: str) -> str:
    """The Greek letter that Typst calls so; Unicode spells one of them otherwise."""
    size = "SMALL" if name.islower() else "CAPITAL"
    return unicodedata.lookup(f"GREEK {size} LETTER {name.upper().replace('MBDA', 'MDA')}")
