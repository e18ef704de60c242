"""What a data file holds, column by column, and what of it a model can be fitted to."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from lecture.words import Message, Plural, _

from .cells import as_text, is_gap, numeral
from .sheet import Sheet
from .source import AUTO, DataError, Format, listed, short
from .table import Column, other_marks

__all__ = ["MOST_CLASSES", "MOST_LEVELS", "ColumnSurvey", "Survey", "survey"]

MOST_CLASSES = 20
MOST_LEVELS = 10  # of texts that become indicator columns
MOST_CELLS = 3_000_000  # looked at in a survey
MOST_COLUMNS = 500
NEAR_COPY = 0.999  # correlation
_TARGETS = frozenset(
    [
        "target",
        "y",
        "label",
        "labels",
        "class",
        "classes",
        "outcome",
        "response",
        "dependent",
        "diagnosis",
        "species",
        "survived",
        "zielgröße",
        "ziel",
        "klasse",
    ]
)
_ID = re.compile(
    r"(?:^|.*[\W_])(?:id|ids|uuid|guid|rownames|row names|[Uu]nnamed: ?\d+)|.*[a-z](?:ID|Id)|Id|ID|\.\.\.1|X\.?1?",
    re.DOTALL,
)
_NUMBERING = re.compile(
    r".*(?:\b|_)(?:no|nr|num|number|index|idx|row|obs|observation|record|serial|code|key|zip|zipcode|plz|postcode|phone"
    r"|rank|instant|sample|case)\.?|column 1|#|s\.?no\.?|sl\.? ?no\.?|.*id",
    re.IGNORECASE | re.DOTALL,
)
_CODE = re.compile(
    r"zip|zip[ _]?codes?|plz|postleitzahl|post[ _]?code|postal[ _]?code|phone([ _]?number)?|telefon|fax|isbn|iban|ssn",
    re.IGNORECASE,
)
# A number and more: with a unit, an error, in another notation. Ranges of numbers are levels.
_WITH_MORE = re.compile(
    r"[<>≤≥~≈±+-]?\s?\d[\d.,]*\s?(?![\d.,\s])(?![-–—]\s?\d)\S.*|[<>≤≥~≈±]\s?\d[\d.,]*", re.DOTALL
)
_WHEN = re.compile(r".*(?:date|day|datum|time|timestamp|epoch|zeit)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class ColumnSurvey:
    """What a column is.

    Attributes
    ----------
    name : str
    kind : str
        "numbers", "whole numbers", "0 and 1", "texts", "dates", "identifier", "constant", "empty" or "unclear".
    first : tuple of str
        Its first values, numbers as they were understood.
    missing, levels : int
        How many rows have none, and how many different values there are, up to a bound.
    why_not : Message or None
        Why no feature can be made of it.
    decimal : str
        The decimal mark of its numbers; empty where it makes no difference.
    values : ndarray or None
        Numbers, NaN where one is missing.
    """

    name: str
    kind: str
    first: tuple[str, ...]
    missing: int
    levels: int
    why_not: Message | None = None
    decimal: str = ""
    values: np.ndarray | None = field(default=None, repr=False, compare=False)

    @property
    def is_numeric(self) -> bool:
        return self.values is not None

    @property
    def is_usable(self) -> bool:
        """Whether it can be a feature."""
        return self.why_not is None

    @property
    def can_be_target(self) -> bool:
        return self.kind in ("numbers", "whole numbers", "0 and 1") or (
            self.kind == "texts" and 2 <= self.levels <= MOST_CLASSES
        )

    @property
    def model(self) -> str:
        """The model that suits it as a target."""
        if self.kind == "texts":
            return "logistic" if self.levels == 2 else "softmax"
        return "logistic" if self.kind == "0 and 1" else "least_squares"


@dataclass(frozen=True)
class Survey:
    """What a file holds.

    Attributes
    ----------
    path : Path
    columns : tuple of ColumnSurvey
    rows : int
    remarks : tuple of Message
        How it was understood, and what was left out.
    """

    path: Path
    columns: tuple[ColumnSurvey, ...]
    rows: int
    remarks: tuple[Message, ...]

    def with_columns(self, columns: Sequence[ColumnSurvey]) -> Survey:
        """The same file with some of its columns."""
        return replace(self, columns=tuple(columns))

    def column(self, name: str) -> ColumnSurvey:
        """A column by name.

        Raises
        ------
        DataError
            If there is none.
        """
        wanted = " ".join(name.split())
        for column in self.columns:
            if column.name == wanted:
                return column
        names = [column.name for column in self.columns]
        raise DataError(f"there is no column {short(name)} in {self.path.name} (columns: {listed(names)})")

    def target(self) -> ColumnSurvey:
        """The column to predict: the one that is called so, or the last that can be one.

        Raises
        ------
        DataError
            If there is none.
        """
        fitting = [column for column in self.columns if column.can_be_target]
        if not fitting:
            raise DataError(
                f"{self.path.name} has no column to predict: expected one of numbers, or of 2 to {MOST_CLASSES} "
                f"classes{self._reasons(self.columns)}"
            )
        called = [column for column in fitting if column.name.casefold() in _TARGETS]
        return (called or fitting)[-1]

    def features(
        self, target: ColumnSurvey, most: int
    ) -> tuple[list[ColumnSurvey], list[tuple[ColumnSurvey, Message]]]:
        """The columns to learn from, and the others with the reason why not.

        Raises
        ------
        DataError
            If there is none.
        """
        chosen: list[ColumnSurvey] = []
        others: list[tuple[ColumnSurvey, Message]] = []
        for column in self.columns:
            if column is target:
                continue
            why = column.why_not or _copies(column, chosen)
            if why is None and len(chosen) == most:
                why = _("there are {most} features already").format(most=str(most))
            if why is None:
                chosen.append(column)
            else:
                others.append((column, why))
        if not chosen:
            raise DataError(
                f"{self.path.name} has no column to learn from beside {short(target.name)}{self._reasons(self.columns)}"
            )
        return chosen, others

    def _reasons(self, columns: Sequence[ColumnSurvey]) -> str:
        reasons = [f"{c.name}: {c.why_not}" for c in columns if c.why_not is not None][:5]
        return f" ({'; '.join(reasons)})" if reasons else ""


def survey(path: Path, given: Format = AUTO, missing: Sequence[str] = (), decimal: str = "auto") -> Survey:
    """Look at every column of a file.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    sheet = Sheet(path, given)
    names = sheet.names[:MOST_COLUMNS]
    looks = [_Look(name, missing) for name in names]
    rows, whole = 0, True
    for label, cells in sheet.rows():
        if rows * len(names) >= MOST_CELLS:
            whole = False
            break
        rows += 1
        for look, cell in zip(looks, cells, strict=False):
            look.add(cell, label)
    if not rows:
        raise DataError(f"{path.name} has no rows")
    remarks = list(sheet.remarks)
    if not whole:
        remarks.append(_("judged by the first {n} rows").format(n=str(rows)))
    if len(sheet.names) > MOST_COLUMNS:
        remarks.append(_("only the first {n} columns looked at").format(n=str(MOST_COLUMNS)))
    columns = [look.column for look in looks]
    found = []
    for look in looks:
        if names.count(look.name) > 1:
            found.append(
                replace(
                    look.survey(decimal, set(), ""),
                    why_not=_("two columns have this name"),
                    kind="unclear",
                    values=None,
                )
            )
        else:
            found.append(look.survey(decimal, other_marks(sheet, look.column, columns), sheet.delimiter))
    remarks += _words_among_texts(looks)
    remarks += _far_out(found, missing)
    return Survey(path, tuple(found), rows, tuple(remarks))


def _far_out(columns: Sequence[ColumnSurvey], missing: Sequence[str]) -> list[Message]:
    """Numbers of nines that lie far outside what else is there: many files write so what is missing."""
    remarks = []
    for column in columns:
        if column.values is None:
            continue
        there = np.unique(column.values[~np.isnan(column.values)])
        for value, others in ((there[0], there[1:]), (there[-1], there[:-1])):
            text = f"{value:.10g}"
            if not re.fullmatch(r"-?9{2,}(\.9+)?|-?9{2,}\.0*", text) or text in missing or len(others) < 3:
                continue
            if abs(value - others).min() > others[-1] - others[0]:
                told = _(
                    "in “{column}”, {value} lies far from all else; if it stands for a missing value, write "
                    'missing = ["{value}"]'
                )
                remarks.append(told.format(column=column.name, value=text))
    return remarks


def _words_among_texts(looks: list[_Look]) -> list[Message]:
    """Labels that look like missing values, where they are missing values among the numbers of the same file."""
    gaps = {word for look in looks if look.column.is_numeric for word in look.gap_words}
    return [
        _(
            "in “{column}”, “{word}” is read as a label; it is a missing value in other columns: missing = "
            '["{word}"] makes it one here too'
        ).format(column=look.name, word=word)
        for look in looks
        if look.column.is_text
        for word in sorted(gaps & set(look.gap_words))
    ]


class _Look:
    """A column while its rows go by."""

    def __init__(self, name: str, missing: Sequence[str]):
        self.name = name
        self.column = Column(name, missing).keep_texts(among_numbers=False)
        self.first: list[str] = []
        self.levels: set[str] = set()
        self.gap_words: Counter[str] = Counter()
        self.zeros = False
        self._missing = missing

    def add(self, cell: Any, label: str) -> None:
        self.column.add(cell, label)
        text = "" if cell is None else as_text(cell)
        if is_gap(cell, self._missing):
            if text and text not in self._missing and len(self.gap_words) < 10:
                self.gap_words[text] += 1
            if not text:
                return
        if len(self.first) < 3 and text:
            self.first.append(text)
        if len(self.levels) <= 10_000:
            self.levels.add(text)
        self.zeros |= len(text) > 1 and text[0] == "0" and text.isdigit()

    def survey(self, decimal: str, others: set[str], delimiter: str) -> ColumnSurvey:
        column = self.column
        first, missing = tuple(self.first), int(column.gaps.size)
        if column.is_numeric:
            return self._numbers(decimal, others, delimiter, first, missing)
        texts = [text for text in column.texts() if text is not None] if column.is_text else []
        if not column.numbers and not column.other_count and not texts:
            return ColumnSurvey(self.name, "empty", first, missing, 0, _("no values"))
        if column.dates and column.dates >= 0.8 * column.other_count:
            return ColumnSurvey(self.name, "dates", first, missing, len(self.levels), _("dates or times"))
        if not texts:
            return self._unclear(first, missing)
        levels = len(set(texts))
        missing = column.rows - len(texts)
        if levels == 1:
            return ColumnSurvey(self.name, "constant", first, missing, 1, _("the same in every row"))
        why: Message | None = None
        if _ID.fullmatch(self.name) or (levels == len(texts)):
            why = (
                _("names or identifiers: another one in every row")
                if levels == len(texts)
                else _("an identifier")
            )
        elif levels > MOST_LEVELS:
            why = Plural("{n} text", "{n} different texts; up to {most} become features").format(
                n=levels, most=str(MOST_LEVELS)
            )
        if why is not None and not _ID.fullmatch(self.name):
            more = [text for text in texts if _WITH_MORE.fullmatch(text)]
            if len(more) > 0.8 * len(texts):
                why = _(
                    "more than numbers, such as “{text}”: write a unit into the name, or another column"
                ).format(text=more[0][:40])
        return ColumnSurvey(self.name, "texts", first, missing, levels, why)

    def _unclear(self, first: tuple[str, ...], missing: int) -> ColumnSurvey:
        column = self.column
        if column.numbers:
            odd = ", ".join(short(text) for text in list(column.others)[:3])
            why = _("numbers, but not in all rows: {odd}").format(odd=odd)
        else:
            why = _("neither numbers nor texts")
        return ColumnSurvey(self.name, "unclear", first, missing, len(self.levels), why)

    def _numbers(
        self, decimal: str, others: set[str], delimiter: str, first: tuple[str, ...], missing: int
    ) -> ColumnSurvey:
        column = self.column
        try:
            mark = column.mark(decimal, others, delimiter)
        except DataError as error:
            unclear = _("cannot be used as it is: {error}").format(error=str(error))
            return ColumnSurvey(self.name, "unclear", first, missing, len(self.levels), unclear)
        values = column.values(mark)
        there = values[~np.isnan(values)]
        levels = len(np.unique(there))
        first = tuple(_understood(text, mark) for text in self.first)
        used = mark if len(column.marks) == 1 or column.is_ambiguous else ""
        whole = bool((there == np.round(there)).all())
        if levels == 1:
            return ColumnSurvey(self.name, "constant", first, missing, 1, _("the same in every row"))
        if column.beyond(mark) is not None:
            large = _("numbers that are too large")
            return ColumnSurvey(self.name, "unclear", first, missing, levels, large, used)
        kind, why = self._identity(there, whole, levels)
        if kind is None:
            zero_one = levels == 2 and set(np.unique(there)) == {0.0, 1.0}
            kind = "0 and 1" if zero_one else "whole numbers" if whole else "numbers"
        return ColumnSurvey(self.name, kind, first, missing, levels, why, used, values)

    def _identity(self, values: np.ndarray, whole: bool, levels: int) -> tuple[str | None, Message | None]:
        """Whether numbers name rows or days instead of counting or measuring."""
        if not whole:
            return None, None
        if self.zeros and len({len(text) for text in self.levels}) == 1:
            return "identifier", _("codes with leading zeros")
        if _are_days(values) or (_WHEN.fullmatch(self.name) and values.min() > 1e8):
            return "dates", _("dates or times")
        if (_ID.fullmatch(self.name) or _CODE.fullmatch(self.name)) and levels > 2:
            return "identifier", _("an identifier")
        steps = np.diff(values)
        counted = len(values) > 2 and bool((steps == steps[0]).all()) and abs(float(steps[0])) == 1
        if _NUMBERING.fullmatch(self.name) and levels == len(values) and (counted or levels > 20):
            return "identifier", _("numbers of rows") if counted else _("an identifier")
        return None, None


def _understood(text: str, mark: str) -> str:
    """A number and, where it is written otherwise, how it stands in the file."""
    read = numeral(text)
    value = read.point if mark == "." else read.comma
    if math.isnan(value):
        return text
    shown = f"{value:.10g}"
    plain = re.fullmatch(r"[+-]?\d+\.?\d*", text) and float(text) == value
    return text if plain or shown == text else f"{shown} (“{text}”)"


def _are_days(values: np.ndarray) -> bool:
    """Whether all are days as 20240131 writes them."""
    if not ((values >= 1800_01_01) & (values <= 2200_12_31)).all():
        return False
    month, day = values // 100 % 100, values % 100
    return bool(((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all())


def _copies(column: ColumnSurvey, others: Sequence[ColumnSurvey]) -> Message | None:
    """Why a column is left out that says the same as another."""
    for other in others:
        if column.values is None or other.values is None:
            continue
        both = ~(np.isnan(column.values) | np.isnan(other.values))
        x, y = column.values[both], other.values[both]
        if len(x) < 8:
            continue
        scale_x, scale_y = np.abs(x).max() or 1.0, np.abs(y).max() or 1.0
        x, y = x / scale_x - (x / scale_x).mean(), y / scale_y - (y / scale_y).mean()
        size = np.linalg.norm(x) * np.linalg.norm(y)
        if size > 0 and abs(x @ y) >= NEAR_COPY * size:
            return _("almost a copy of “{other}” (correlation {r})").format(
                other=other.name, r=f"{x @ y / size:.5g}"
            )
    return None
