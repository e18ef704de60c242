"""How mathematics, numbers and abbreviations are spoken in English.

``RULES`` are tried in order wherever a word begins; the first that matches decides. What a rule returns is spoken;
``say`` speaks a part of it in turn.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

__all__ = ["RULES", "WORDS", "cardinal", "number", "ordinal"]

Say = Callable[[str], str]

_ONES = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
)
_TENS = re.findall(r"\S+", "- - twenty thirty forty fifty sixty seventy eighty ninety")
_POWERS = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def cardinal(value: int) -> str:
    """A whole number in words.

    Examples
    --------
    >>> cardinal(0), cardinal(73), cardinal(5930)
    ('zero', 'seventy three', 'five thousand nine hundred thirty')
    """
    if value >= 10**15:
        return " ".join(_ONES[int(digit)] for digit in str(value))
    for power, name in _POWERS:
        if value >= power:
            rest = value % power
            return f"{cardinal(value // power)} {name}" + (f" {cardinal(rest)}" if rest else "")
    if value >= 20:
        return _TENS[value // 10] + (f" {_ONES[value % 10]}" if value % 10 else "")
    return _ONES[value]


def ordinal(value: int) -> str:
    """A place in a row.

    Examples
    --------
    >>> ordinal(1), ordinal(20), ordinal(112)
    ('first', 'twentieth', 'one hundred twelfth')
    """
    before, _, last = cardinal(value).rpartition(" ")
    last = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return f"{before} {last}".strip()


def number(text: str) -> str:
    """A number as it is written, in words.

    Examples
    --------
    >>> number("0.35"), number("−1,250"), number("1.5e-3")
    ('zero point three five', 'minus one thousand two hundred fifty', 'one point five times ten to the minus three')
    """
    text = text.replace(",", "").replace("−", "-")
    mantissa, _, exponent = text.lower().partition("e")
    sign, mantissa = ("minus ", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa.lstrip("+"))
    whole, _, decimals = mantissa.partition(".")
    words = sign + cardinal(int(whole or "0"))
    if decimals:
        words += " point " + " ".join(_ONES[int(digit)] for digit in decimals)
    return f"{words} times ten to the {number(exponent)}" if exponent else words


_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot", "\u20d7": "vector"}
_SUB = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ₊₋", "0123456789aeoxhklmnpstijruv+−")
_SUP = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ⁱⁿᵏᵗ⁺⁻", "0123456789inkt+−")
_SUBSCRIPT = "[₀-₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ₊₋]+"
_SUPERSCRIPT = "[⁰¹²³⁴-⁹ⁱⁿᵏᵗ⁺⁻]+"
_POWER = {"²": "squared", "³": "cubed", "⁻¹": "inverse"}

# What a symbol of the notation is replaced by while rules look at the text.
_SYMBOL = "\ue000-\uefff"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][+\-−]?\d+)?|\.\d+"
_LETTER = rf"(?:[^\W\d_][\u0302\u0303\u0304\u0307\u20d7]?|[{_SYMBOL}])"


def _norm(name: str) -> Callable[[re.Match[str], Say], str]:
    return lambda m, say: f"the {name} of {say(m[1])}"


def _greek(character: str) -> str:
    name = unicodedata.name(character).lower()  # such as Greek small letter final phi
    letter = re.sub(r"\b(?:greek|small|capital|letter|final|symbol|lunate)\b", "", name).strip()
    letter = letter.replace("amd", "ambd")  # Unicode's spelling of the eleventh letter
    return f"capital {letter}" if character.isupper() else letter


def _accented(m: re.Match[str], say: Say) -> str:
    decomposed = unicodedata.normalize("NFD", m[0])
    return f"{say(decomposed[0])} {_ACCENTS[decomposed[1]]}"


def _spelled(m: re.Match[str], say: Say) -> str:
    # The article would be heard for the letter.
    letters = " ".join("ay" if letter == "A" else letter for letter in m[1])
    return letters + ("s" if m[2] else "")


_single = "".join(
    chr(c)
    for c in range(0xC0, 0x1EFF)
    if unicodedata.decomposition(chr(c)).split()[1:2] in (["0302"], ["0303"], ["0304"])
)

#: Patterns, and what is spoken for them.
RULES: tuple[tuple[str, Callable[[re.Match[str], Say], str]], ...] = (
    (r"‖([^‖]+)‖(?:₂)?²", _norm("squared norm")),
    (r"‖([^‖]+)‖₁", _norm("one norm")),
    (r"‖([^‖]+)‖(?:₂)?", _norm("norm")),
    (r"\|([^|]+)\|", _norm("absolute value")),
    (r"√\(([^()]+)\)|√(\S)", lambda m, say: f"the square root of {say(m[1] or m[2])}"),
    (rf"({_LETTER}(?:{_SUBSCRIPT})?)\(([^()]+)\)", lambda m, say: f"{say(m[1])} of {say(m[2])}"),
    (rf"[{re.escape(_single)}](?!\w)|\w[\u0302\u0303\u0304\u0307\u20d7]", _accented),
    (r"(\d+)(?:st|nd|rd|th)\b", lambda m, say: ordinal(int(m[1]))),
    (rf"({_NUMBER})[–-](?=\d)", lambda m, say: f"{number(m[1])} to"),
    (rf"(?<![\w.)])[−-]?(?:{_NUMBER})|(?:{_NUMBER})", lambda m, say: number(m[0])),
    (_SUBSCRIPT, lambda m, say: say(m[0].translate(_SUB))),
    (_SUPERSCRIPT, lambda m, say: _POWER.get(m[0]) or f"to the {say(m[0].translate(_SUP))}"),
    (r"ᵀ|⊤", lambda m, say: "transposed"),
    (r"([\u0391-\u03c9\u03d1\u03d5\u03f5])", lambda m, say: _greek(m[1])),
    (r"\b([B-HJ-Z]|[A-Z]{2,5})(s?)\b(?!['’]?[a-z])", _spelled),
    (r"\b([^\W\d_]+)(?=\d)", lambda m, say: say(m[1])),
    (r"([a-z]+)(?=[A-Z])", lambda m, say: say(m[1])),
)

#: Signs and words that are spoken otherwise than they are written.
WORDS = {
    "=": "equals",
    "≠": "is not",
    "≈": "is about",
    "≡": "is",
    "<": "is less than",
    ">": "is more than",
    "≤": "is at most",
    "≥": "is at least",
    "≪": "is much less than",
    "≫": "is much more than",
    "∝": "is proportional to",
    "+": "plus",
    "−": "minus",
    "-": "minus",
    "±": "plus or minus",
    "×": "times",
    "·": "times",
    "⋅": "times",
    "*": "times",
    "/": "over",
    "∕": "over",
    "%": "percent",
    "&": "and",
    "→": "to",
    "←": "becomes",
    "↦": "to",
    "∇": "the gradient of",
    "∂": "partial",
    "∑": "the sum of",
    "∏": "the product of",
    "∫": "the integral of",
    "∞": "infinity",
    "∈": "in",
    "°": "degrees",
    "€": "euros",
    "$": "dollars",
    "£": "pounds",
    "#": "number",
    "@": "at",
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "and so on",
    "vs.": "versus",
    "cf.": "compare",
    "Fig.": "figure",
    "Eq.": "equation",
    "km": "kilometers",
    "cm": "centimeters",
    "mm": "millimeters",
    "kg": "kilograms",
    "ms": "milliseconds",
}
