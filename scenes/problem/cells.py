"""Cells of data files: numbers as people write them, dates and times, and what stands for a missing value.

One cell often does not say what it is: ``1,234`` is a thousand and more in one country and a little more than one in
another, ``none`` is a gap among numbers and a class among classes. So a cell is given every reading that it can have,
and a column decides (:mod:`scenes.problem.columns`).
"""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Any, NamedTuple

__all__ = [
    "EMPTY",
    "Numeral",
    "as_text",
    "is_date",
    "is_empty",
    "is_gap",
    "is_listed",
    "is_mark",
    "is_number",
    "numeral",
]

#: Never a value: spreadsheets' errors and what programs write for nothing.
EMPTY = frozenset(
    [
        "",
        "?",
        "<na>",
        "<nan>",
        "#n/a",
        "#n/a n/a",
        "#na",
        "#value!",
        "#ref!",
        "#div/0!",
        "#num!",
        "#name?",
        "#null!",
        "#wert!",
        "#nv",
        "#bezug!",
        "#zahl!",
        "#valeur!",
        "#n/d",
        "#nombre!",
        "#valor!",
        "1.#ind",
        "-1.#ind",
        "1.#qnan",
        "-nan(ind)",
        "nan(ind)",
        "..",
        "...",
    ]
)
#: Gaps among numbers; among texts they may be labels.
_WORDS = frozenset(("na", "n/a", "n.a.", "nan", "-nan", "null", "none", "nil"))
_MARKS = frozenset((".", "-", "--", "–", "—", "*"))

_SPACES = "\u0020\u00a0\u2009\u202f"
_INVISIBLE = re.compile("[\ufeff\u200b\u200e\u200f\u2060]")
_MINUS = "-\u2212\u2010\u2011\u2013\ufe63\uff0d"
_SIGN = rf"[+\{_MINUS}]?"
_CURRENCY = "$€£¥₹₽₩₺"
# Arabic has signs of its own, which are not mistaken for each other.
_ARABIC = str.maketrans({"\u066b": ".", "\u066c": "’"})
_AMOUNT = re.compile(
    rf"(?P<open>\(?)(?P<sign>{_SIGN})(?P<before>[{_CURRENCY}]?)[{_SPACES}]?(?P<sign2>{_SIGN})"
    rf"(?P<digits>[\d.,'’{_SPACES}]*\d[.,]?)(?P<power>(?:[eE]{_SIGN}\d+)?)"
    rf"[{_SPACES}]?(?P<after>[{_CURRENCY}%]?)(?P<close>\)?)"
)
_THREES = r"[1-9]\d{{0,2}}(?:{0}\d{{3}})+"
# Digits with a decimal mark, and thousands between which one and the same sign stands.
_WHOLE = "|".join([r"\d+", *(_THREES.format(sign) for sign in (*_SPACES[1:], " ", "'", "’"))])


def _written(mark: str, thousands: str) -> re.Pattern[str]:
    grouped = _THREES.format(re.escape(thousands))
    # Lakhs and crores: 12,34,567.
    indian = r"[1-9]\d?(?:,\d{2})+,\d{3}" if thousands == "," else r"(?!)"
    mark = re.escape(mark)
    return re.compile(rf"(?P<whole>{_WHOLE}|{grouped}|{indian})?(?:{mark}(?P<part>\d*))?")


_BY_MARK = {".": _written(".", ","), ",": _written(",", ".")}


class Numeral(NamedTuple):
    """What a text is as a number: with a decimal point, and with a decimal comma; NaN where it is none.

    Attributes
    ----------
    unit : str
        A currency or percent sign beside it, which is no part of the number.
    """

    point: float
    comma: float
    unit: str = ""

    @property
    def is_number(self) -> bool:
        return not (math.isnan(self.point) and math.isnan(self.comma))

    @property
    def is_ambiguous(self) -> bool:
        """Whether it is another number with another decimal mark."""
        return not math.isnan(self.point) and not math.isnan(self.comma) and self.point != self.comma


_NO_NUMBER = Numeral(math.nan, math.nan)


@lru_cache(maxsize=1 << 16)
def numeral(text: str) -> Numeral:
    """A text as a number.

    Thousands are separated in groups of three, by comma, point, apostrophe or some kind of space; a sign may be a
    Unicode minus, and parentheses around a number make it negative, as in accounts.

    Examples
    --------
    >>> numeral("1,234"), numeral("1.234,5")
    (Numeral(point=1234.0, comma=1.234, unit=''), Numeral(point=nan, comma=1234.5, unit=''))
    >>> numeral("($ 1'250.00)"), numeral("18.00.00").is_number, numeral("\u22123e5").point
    (Numeral(point=-1250.0, comma=nan, unit='$'), False, -300000.0)
    """
    text = cleaned(text)
    if len(text) > 100:
        return _NO_NUMBER
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(c, c)) for c in text.translate(_ARABIC))
    if text.lower().lstrip("+-") in ("inf", "infinity"):
        return Numeral(float(text), float(text))
    match = _AMOUNT.fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]) or (match["sign"] and match["sign2"]):
        return _NO_NUMBER
    if (match["open"] and (match["sign"] or match["sign2"])) or (match["before"] and match["after"]):
        return _NO_NUMBER
    negative = match["open"] or (match["sign"] or match["sign2"] or "+") != "+"
    power = match["power"]
    for minus in _MINUS:
        power = power.replace(minus, "-")
    point, comma = (_value(match["digits"], mark, power) * (-1.0 if negative else 1.0) for mark in _BY_MARK)
    return Numeral(point, comma, match["before"] or match["after"])


def _value(digits: str, mark: str, power: str) -> float:
    match = _BY_MARK[mark].fullmatch(digits)
    if match is None or not (match["whole"] or match["part"]):
        return math.nan
    whole = match["whole"] or "0"
    if not whole.isdigit():
        if power:  # nobody separates thousands before an exponent
            return math.nan
        whole = re.sub(r"\D", "", whole)
    return float(f"{whole}.{match['part'] or '0'}{power}")


def is_number(cell: Any) -> bool:
    """Whether a cell is a number, however it is written."""
    if isinstance(cell, str):
        return numeral(cell).is_number
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def cleaned(text: str) -> str:
    """Without spaces around it and characters that nobody sees."""
    return (text if text.isascii() else _INVISIBLE.sub("", text)).strip()


def as_text(cell: Any) -> str:
    """A cell as text: whole numbers without decimals, dates as ISO 8601 writes them."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        cell = cell.date()
    return cleaned(str(cell))[:200]


def is_empty(cell: Any, listed: Collection[str] = ()) -> bool:
    """Whether a cell is a missing value in any column."""
    if isinstance(cell, str):
        text = cleaned(cell)
        return (len(text) < 20 and text.lower() in EMPTY) or is_listed(text, listed)
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return True
    return bool(listed) and is_listed(as_text(cell), listed)


def is_gap(cell: Any, listed: Collection[str] = ()) -> bool:
    """Whether a cell is a missing value in a column of numbers."""
    if is_empty(cell, listed):
        return True
    return isinstance(cell, str) and len(cell) < 20 and cleaned(cell).lower() in _WORDS | _MARKS


def is_mark(cell: Any) -> bool:
    """Whether a cell is only a stroke or a dot."""
    return isinstance(cell, str) and cleaned(cell) in _MARKS


def is_listed(text: str, listed: Collection[str]) -> bool:
    """Whether a text is among what the user calls missing: the same text, or the same number."""
    if not listed:
        return False
    if text in listed:
        return True
    value = numeral(text)
    return value.is_number and any(
        value.point == other.point or value.comma == other.comma for other in map(numeral, listed)
    )


_MONTHS = "jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
_CLOCK = r"\d{1,2}(?::\d{2}){1,2}(?:[.,]\d+)?(?: ?[ap]\.?m\.?)?|\d{1,2}\.\d{2}\.\d{2}|\d{1,2}h\d{2}"
_DAY = (
    r"\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2})|\d{4}-(?:0[1-9]|1[0-2])"
    rf"|\d{{1,2}}[. -]*(?:{_MONTHS})[a-zé]*[., -]*(?:\d{{4}}|\d{{2}})?"
    rf"|(?:{_MONTHS})[a-zé]*[., -]*(?:\d{{1,2}}[, ]+)?\d{{4}}"
    rf"|(?:{_MONTHS})[a-zé]*[. -]+\d{{1,2}}|\d{{4}}[- ]?(?:q|w)\d{{1,2}}|q\d[- /]?\d{{4}}|\d{{8}}t\d{{4,6}}"
)
_DATE = re.compile(
    rf"(?:{_DAY})(?:[t ,]+(?:{_CLOCK})(?:z|[+-]\d\d:?\d\d| ?[a-z]{{3}})?)?|{_CLOCK}", re.IGNORECASE
)


def is_date(cell: Any) -> bool:
    """Whether a cell is a date or a time of day.

    Examples
    --------
    >>> [is_date(cell) for cell in ("2024-03-12", "12.3.24 18:00", "18.00.00", "Mar 2020", "3.5", "5.930")]
    [True, True, True, True, False, False]
    """
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return True
    return isinstance(cell, str) and len(cell) < 50 and _DATE.fullmatch(cleaned(cell)) is not None
