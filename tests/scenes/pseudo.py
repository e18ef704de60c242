"""A pseudo-language and a pseudo-notation: what did not pass the seam stays as it was, and is found.

In the pseudo-language every message is marked and a third longer; in the pseudo-notation every symbol is another, in
Fraktur. A text on screen without the mark, a formula with a letter that is not Fraktur, a sentence with a symbol
written out: each did not pass the seam.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lecture.notation import Notation, Symbol
from lecture.words import PLACEHOLDER, Language

__all__ = ["PSEUDO", "leaks_in_formula", "leaks_in_message", "pseudo_notation"]

BEGIN, END = "«", "»"
_FILLER = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore "


class _Pseudo(Language):
    """Every message, marked and a third longer; placeholders, cue marks and markup stay."""

    def translate(self, text: str) -> str:
        letters = len(re.sub(r"<\w+>|\{\w+\}", "", text))
        filler = (_FILLER * (1 + letters // 300))[: -(-letters // 3)].strip()
        return f"{BEGIN}{text} {filler}{END}" if filler else f"{BEGIN}{text}{END}"

    def translate_plural(self, one: str, many: str, count: int) -> str:
        return self.translate(one if count == 1 else many)


PSEUDO = _Pseudo("en_pseudo", {})


def pseudo_notation(notation: Mapping[str, Symbol]) -> Notation:
    """The same roles and colors, every symbol another."""
    # One letter each: with indices they would be wider than any notation's.
    hands = (("frak", "A", 0x1D56C), ("frak", "a", 0x1D586), ("cal", "A", 0x1D4D0), ("bb", "A", 0x1D63C))
    symbols = {}
    for k, (role, symbol) in enumerate(notation.items()):
        hand, first, text = hands[k // 26]
        letter = chr(ord(first) + k % 26)
        symbols[role] = Symbol(f"{hand}({letter})", chr(text + k % 26), f"sign {k}", symbol.color)
    return Notation(**symbols)


# What Typst mathematics is written with beside symbols.
_WORDS_OF_TYPST = {
    *(
        "frac",
        "sqrt",
        "root",
        "norm",
        "abs",
        "top",
        "dot",
        "dots",
        "dots.c",
        "dot.c",
        "dot.op",
        "sum",
        "product",
        "nabla",
    ),
    *(
        "partial",
        "approx",
        "infinity",
        "dot.op",
        "quad",
        "thin",
        "med",
        "lim",
        "log",
        "exp",
        "ln",
        "max",
        "min",
        "arg",
        "argmin",
    ),
    *(
        "op",
        "diag",
        "det",
        "display",
        "text",
        "fill",
        "vec",
        "mat",
        "cases",
        "lr",
        "mid",
        "upright",
        "bold",
        "italic",
    ),
    *(
        "underline",
        "overline",
        "underbrace",
        "overbrace",
        "attach",
        "limits",
        "scripts",
        "hat",
        "tilde",
        "bar",
        "arrow",
        "arrow.l",
    ),
    *(
        "eq",
        "lt",
        "gt",
        "times",
        "minus",
        "plus",
        "h",
        "em",
        "size",
        "space",
        "b",
        "t",
        "d",
        "equiv",
        "prop",
        "in",
        "inline",
        "paren.l",
        "paren.r",
    ),
    *("arrow.l", "dot.op", "slash", "chevron.l", "chevron.r", "paren.l", "paren.r"),
}


def leaks_in_formula(source: str) -> list[str]:
    """Letters and words in a formula's source, after its symbols were taken out, that no symbol table gave.

    Examples
    --------
    >>> leaks_in_formula("frak(A) = (frak(B) + 50 frak(C))^(-1)"), leaks_in_formula('lambda theta_1 + w "risk"')
    ([], ['"risk"', 'lambda', 'theta', 'w'])
    """
    rest = re.sub(r"(frak|cal|bb)\([A-Za-z]\)", " ", source)
    rest = re.sub(r"#text\([^)]*\)|rgb\([^)]*\)", " ", rest)
    rest = re.sub(r"\{\{|\}\}|:\s*[a-zA-Z][\w-]*\s*(?=\}\})", " ", re.sub(r":\s*[\w-]+\s*\}\}", " }}", rest))
    quoted = [q for q in re.findall(r'"[^"]*"', rest) if re.search(r"[^\W\d_]", q)]
    rest = re.sub(r'"[^"]*"', " ", rest)
    found = {w for w in re.findall(r"[^\W\d_]+(?:\.[^\W\d_]+)*", rest) if w not in _WORDS_OF_TYPST}
    return sorted({*quoted, *found})


_SYMBOL_LETTERS = re.compile(
    r"[\u0370-\u03ff\u0302\u0303\u2070-\u209c\u1d40\u2202\u2207\u2016]"  # Greek, hats, indices, ᵀ, ∂, ∇, ‖
    r"|(?<![\w'’])[B-HJ-Zb-hj-z](?!['’]?\w|\.\w)"  # a letter alone, but for A, I and a
)


def leaks_in_message(text: str) -> list[str]:
    """Symbols that a message has written out instead of leaving them to the notation.

    Examples
    --------
    >>> leaks_in_message("Turn it by {QT}, and a λ of 5 keeps w."), leaks_in_message("A plan I like: {lam}.")
    (['w', 'λ'], [])
    """
    return sorted(set(_SYMBOL_LETTERS.findall(PLACEHOLDER.sub("", text))))


_CODE = re.compile(
    r'#?"(?:\\.|[^"\\])*"|#block\([^)]*\)|#set par\([^)]*\)|#text\([^)]*\)|#(?:align|h|v|box)\([^)]*\)|\$[^$]*\$'
)


def is_marked(source: str) -> bool:
    """Whether Typst markup on screen passed the seam: a message, or nothing that is in any language.

    What stands in quotes behind a ``#`` is a user's own text.

    Examples
    --------
    >>> is_marked("«Turn it lorem»"), is_marked('#"height"'), is_marked("$x$ 5"), is_marked("turn it")
    (True, True, True, False)
    """
    return BEGIN in source or not re.search(r"[^\W\d_]{2,}", _CODE.sub("", source))
