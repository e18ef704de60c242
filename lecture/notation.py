"""Symbols by role: what formulas, labels and sentences write, so that a lecture can have another notation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

__all__ = ["Notation", "Symbol"]

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Typst's accents as they stand on a letter, and as they are spoken.
_ACCENTS = {
    "hat": ("\u0302", "hat"),
    "tilde": ("\u0303", "tilde"),
    "macron": ("\u0304", "bar"),
    "arrow": ("\u20d7", "arrow"),
    "dot": ("\u0307", "dot"),
}
# Typst's own bar over a letter is no accent, and lost in its MathML; what is called bar in LaTeX is the macron.
_SYNONYMS = {"bar": "macron", "overline": "macron"}
_RAISED = {"top": ("ᵀ", "transposed"), "*": ("*", "star")}
_SIMPLE = re.compile(r'([A-Za-z()]+)(?:_(?:(\d)|([A-Za-z])|"(\w+)"))?(?:\^(top|star|\*))?')
_FUNCTION = re.compile(r"([a-z]+)\((.+)\)")


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
            **{role: replace(_simple(typst), color=self[role].color) for role, typst in written.items()}
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


def _simple(written: str) -> Symbol:
    """A symbol of simple Typst mathematics: a letter, perhaps bold, with accent, index, and a star or transpose.

    In sentences a bold letter is the letter.

    Raises
    ------
    ValueError
        If it is not simple.

    Examples
    --------
    >>> _simple('hat(beta)_"far"')
    Symbol(typst='hat(beta)_"far"', text='β̂_far', say='beta hat far', color='')
    >>> _simple("bar(bold(w))^star")
    Symbol(typst='macron(bold(w))^*', text='w̄*', say='w bar star', color='')
    """
    try:
        match = _SIMPLE.fullmatch(written)
        if match is None:
            raise KeyError(written)
        name, digit, letter, word, raised = match.groups()
        around = []
        while inner := _FUNCTION.fullmatch(name):
            around.append(_SYNONYMS.get(inner[1], inner[1]))
            name = inner[2]
        accents = [function for function in around if function != "bold"]
        if len(accents) > 1 or len(around) > len(accents) + 1:
            raise KeyError(written)
        text, say = name if len(name) == 1 else _greek(name), [name]
        signs = [_ACCENTS[accent] for accent in accents]
    except KeyError:
        raise ValueError(
            "expected a letter, perhaps bold(), with at most an accent, an index, and ^top or ^*, such as w, alpha, "
            f"hat(w)_1 or bold(w)^*, got {written!r}"
        ) from None
    typst = name
    for function in reversed(around):
        typst = f"{function}({typst})"
    if digit:
        typst += f"_{digit}"
        signs.append((chr(0x2080 + int(digit)), _DIGITS[int(digit)]))
    if letter or word:
        typst += f'_"{word}"' if word else f"_{letter}"
        signs.append((f"_{letter or word}", letter or word))
    if raised:
        raised = raised.replace("star", "*")
        typst += f"^{raised}"
        signs.append(_RAISED[raised])
    text += "".join(sign for sign, _spoken in signs)
    return Symbol(
        typst, unicodedata.normalize("NFC", text), " ".join([*say, *(said for _sign, said in signs)])
    )


def _greek(name: str) -> str:
    """The Greek letter that Typst calls so; Unicode spells one of them otherwise."""
    size = "SMALL" if name.islower() else "CAPITAL"
    return unicodedata.lookup(f"GREEK {size} LETTER {name.upper().replace('MBDA', 'MDA')}")
