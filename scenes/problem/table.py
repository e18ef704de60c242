"""Chosen columns of a data file as numbers and texts, each judged by all of its rows."""

from __future__ import annotations

import decimal
import math
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lecture.words import Message, Plural

from .cells import Numeral, as_text, is_date, is_empty, is_gap, is_mark, numeral
from .sheet import Sheet
from .source import AUTO, MOST_ROWS, MOST_VALUES, REMEDY, DataError, Format, inside, listed, short

__all__ = [
    "Column",
    "DataError",
    "Format",
    "Table",
    "as_number",
    "column_names",
    "inside",
    "listed",
    "other_marks",
    "read_table",
]

LARGEST = 1e100
_NAN = math.nan
_NO_NUMBER = Numeral(_NAN, _NAN)


class Table(NamedTuple):
    """Columns of a file.

    Attributes
    ----------
    numbers : dict
        By name, each of shape (n,).
    texts : dict
        By name, each a list of n strings.
    dropped : int
        How many rows were left out because a value was missing.
    remarks : tuple of Message
        How the file was understood, and what was left out of it.
    """

    numbers: dict[str, np.ndarray]
    texts: dict[str, list[str]]
    dropped: int
    remarks: tuple[Message, ...] = ()


def as_number(cell: Any) -> float:
    """A cell as a number, where that is certain; NaN elsewhere.

    Examples
    --------
    >>> as_number("3.5"), as_number("1,234"), as_number("x")
    (3.5, nan, nan)
    """
    read = _numeral(cell)
    if read.is_ambiguous:
        return _NAN
    return read.comma if math.isnan(read.point) else read.point


def _numeral(cell: Any) -> Numeral:
    if isinstance(cell, str):
        return numeral(cell)
    if isinstance(cell, bool | int | float | decimal.Decimal | np.number):
        try:
            value = float(cell)
        except OverflowError:
            value = math.inf
        return Numeral(value, value)
    return _NO_NUMBER


class Column:
    """What the cells of a column are, row after row.

    Attributes
    ----------
    name : str
    rows : int
    """

    def __init__(self, name: str, missing: Collection[str] = ()):
        self.name, self.rows, self._missing = name, 0, missing
        self._values = {".": array("d"), ",": array("d")}
        self._refused: dict[str, tuple[str, Any] | None] = {
            ".": None,
            ",": None,
        }  # the first that is no number
        self._ambiguous: tuple[str, Any] | None = None
        self._small_without_mark = False  # a whole number below a thousand, without any mark
        self._marked: set[str] = set()  # the marks of what can be read in two ways
        self._ends_in_zero = False  # one of those does
        self._gaps = array("l")  # rows without a number
        self._first_gap = ""
        self.units: Counter[str] = Counter()
        self.others: Counter[str] = Counter()  # what is neither number nor gap
        self.other_count = self.dates = self.numbers = self.truths = self.wholes = 0
        self._texts: list[str | None] = []
        self._keeps = ""

    @classmethod
    def of(cls, name: str, cells: Iterable[Any], missing: Collection[str] = ()) -> Column:
        """A column of these cells."""
        column = cls(name, missing)
        for k, cell in enumerate(cells):
            column.add(cell, f"row {k + 1}")
        return column

    def keep_texts(self, *, among_numbers: bool = True) -> Column:
        """Remember the cells as texts as well; or only as long as there is no number among them."""
        self._keeps = "all" if among_numbers else "texts"
        return self

    def add(self, cell: Any, label: str) -> None:
        """The next cell, and what its row is called in a sentence."""
        if self._keeps:
            self._texts.append(None if is_empty(cell, self._missing) else as_text(cell))
        point, comma = _NAN, _NAN
        if is_gap(cell, self._missing):
            if not self._gaps:
                self._first_gap = label
            self._gaps.append(self.rows)
        else:
            point, comma, unit = _numeral(cell)
            dots, commas = not math.isnan(point), not math.isnan(comma)
            if dots or commas:
                self.numbers += 1
                if self._keeps == "texts":
                    self._keeps, self._texts = "", []
                self.units[unit] += 1
                self.truths += isinstance(cell, bool)
                if dots and commas and point != comma:
                    self._ambiguous = self._ambiguous or (label, cell)
                    self._marked.add("," if point > comma else ".")
                    self._ends_in_zero |= max(abs(point), abs(comma)) % 10 == 0
                elif dots and abs(point) < 1000 and isinstance(cell, str) and not set(cell) & {".", ","}:
                    self._small_without_mark = True
            else:
                self.other_count += 1
                self.dates += is_date(cell)
                text = as_text(cell)
                if len(self.others) < 1000 or text in self.others:
                    self.others[text] += 1
            for mark, fits in ((".", dots), (",", commas)):
                if not fits and self._refused[mark] is None:
                    self._refused[mark] = (label, cell)
        self._values["."].append(point)
        self._values[","].append(comma)
        self.rows += 1

    @property
    def gaps(self) -> np.ndarray:
        """Rows that are missing in a column of numbers."""
        return np.array(self._gaps, int)

    @property
    def marks(self) -> set[str]:
        """The decimal marks with which all of its cells are numbers."""
        return (
            {mark for mark, refused in self._refused.items() if refused is None} if self.is_numeric else set()
        )

    @property
    def is_numeric(self) -> bool:
        """Whether all that is not missing are numbers."""
        return self.numbers > 0 and self.other_count == 0

    @property
    def is_ambiguous(self) -> bool:
        """Whether its numbers depend on the decimal mark, and nothing in it says which it is."""
        return self._ambiguous is not None and len(self.marks) == 2

    @property
    def is_text(self) -> bool:
        """Whether there are texts in it, and neither numbers nor dates."""
        if self.numbers or self.dates:
            return False
        return bool(self.other_count) or any(text is not None and not is_mark(text) for text in self._texts)

    def mark(self, wanted: str, others: Collection[str], delimiter: str) -> str:
        """The decimal mark of its numbers.

        Parameters
        ----------
        wanted : {"auto", ".", ","}
        others : collection of str
            Marks that the other columns of the file are certain to use.
        delimiter : str
            Of the file.

        Raises
        ------
        DataError
            In one sentence without the file's name, if there is none.
        """
        if wanted != "auto":
            self._require(wanted, wanted)
            return wanted
        if not self.is_ambiguous:
            mark = "." if "." in self.marks else ","
            self._require(mark, wanted)
            return mark
        if len(set(others)) == 1:
            return next(iter(others))
        if len(self._marked) == 1 and self._small_without_mark and (self._ends_in_zero or self._is_money):
            # With three decimals in some rows and none in others, no number would end in a 0: these are thousands.
            return "." if self._marked == {","} else ","
        label, cell = self._ambiguous  # type: ignore[misc]
        if delimiter == "," and not others and "," not in str(cell):
            return "."
        read = numeral(str(cell))
        raise DataError(
            f"{label}, column {short(self.name)}: {short(cell)} is {read.point:.10g} with a decimal point and "
            f'{read.comma:.10g} with a decimal comma, and no other value tells which; say decimal = "." or ","'
        )

    @property
    def _is_money(self) -> bool:
        return any(unit not in ("", "%") for unit in self.units)

    def _require(self, mark: str, wanted: str) -> None:
        refused = self._refused[mark]
        if refused is None and not (len(self.units) > 1 and self.numbers):
            return
        if refused is None:
            with_unit = next(unit for unit in self.units if unit)
            without = ", ".join(repr(unit or "none") for unit in self.units if unit != with_unit)
            raise DataError(
                f"column {short(self.name)}: expected one unit in all rows, got {with_unit!r} and {without}"
            )
        label, cell = refused
        told = f"{label}, column {short(self.name)}: expected a number, got {short(cell)}"
        raise DataError(told + self._remedy(cell, wanted))

    def _remedy(self, cell: Any, wanted: str) -> str:
        if is_date(cell):
            return "; dates and times are no numbers: leave the column out, or write days or hours as numbers"
        other = {".": ",", ",": "."}.get(wanted, "")
        if other and self.is_numeric and self._refused[other] is None:
            return f' (decimal = "{other}" or "auto" reads all of its rows)'
        if numeral(str(cell)).is_number and self.is_numeric:
            first = next(c for _l, c in filter(None, self._refused.values()) if c != cell)
            return f", and {short(first)} in another row: decimal points and commas in one column"
        if 0 < len(self.others) <= 3 and self.other_count <= 0.5 * self.numbers:
            names = ", ".join(f'"{text}"' for text in self.others)
            return f" (missing = [{names}] leaves such rows out)"
        return ""

    def values(self, mark: str) -> np.ndarray:
        """Its numbers, NaN where one is missing."""
        return np.array(self._values[mark])

    def first_gap(self) -> tuple[int, str] | None:
        """The first row without a number, and what it is called."""
        return (self._gaps[0], self._first_gap) if self._gaps else None

    def beyond(self, mark: str) -> float | None:
        """A number of a size that cannot be computed with, if there is one."""
        values = self.values(mark)
        there = values[~np.isnan(values)]
        bad = there[~(np.abs(there) <= LARGEST)]
        return float(bad[0]) if bad.size else None

    def texts(self) -> list[str | None]:
        """Its cells as texts, None where one is missing.

        Among numbers, `none` and `NA` are missing values; among texts they are labels, as `-` is beside `+`.
        """
        if self.is_numeric:
            gaps = set(self._gaps)
            return [None if k in gaps else text for k, text in enumerate(self._texts)]
        kept = {"-"} if "+" in self.others else set()
        return [
            None if text is not None and is_mark(text) and text not in kept else text for text in self._texts
        ]


def read_table(
    path: Path,
    numbers: Sequence[str],
    texts: Sequence[str] = (),
    either: Sequence[str] = (),
    *,
    missing: str | Sequence[str] = "refuse",
    decimal: str = "auto",
    given: Format = AUTO,
) -> Table:
    """Read columns by name.

    Parameters
    ----------
    path : Path
        CSV, plain or gzipped, a workbook of Excel, or Parquet.
    numbers, texts, either : sequence of str
        Columns of numbers, of texts, and of whichever of both they hold. Spaces around names do not matter.
    missing : {"refuse", "drop"} or sequence of str
        What to do with rows in which a value is missing; or what else stands for a missing value, and such rows are
        left out.
    decimal : {"auto", ".", ","}
        What stands before the decimals; by default what all rows of a column agree on.
    given : Format
        What else the user says of the file.

    Raises
    ------
    DataError
        If a column is missing, a cell is not what it should be, or a limit is passed.
    """
    listed_missing = () if isinstance(missing, str) else tuple(map(str, missing))
    wanted = [*numbers, *texts, *either]
    sheet = Sheet(path, given)
    columns = {name: Column(name, listed_missing) for name in wanted}
    for name in texts:
        columns[name].keep_texts()
    for name in either:
        columns[name].keep_texts(among_numbers=False)
    rows = 0
    for label, cells in sheet.rows(wanted):
        rows += 1
        if rows > MOST_ROWS or rows * len(wanted) > MOST_VALUES:
            limit = min(MOST_ROWS, MOST_VALUES // len(wanted))
            raise DataError(f"{path.name} has more than {limit} rows{REMEDY}")
        for column, cell in zip(columns.values(), cells, strict=True):
            column.add(cell, label)
    if not rows:
        raise DataError(f"{path.name} has no rows")
    labels = [name for name in (*texts, *either) if name in texts or columns[name].is_text]
    values, holes = {}, dict[str, np.ndarray]()
    for name in wanted:
        if name not in labels:
            column = columns[name]
            values[name] = _numbers(path, sheet, column, columns.values(), decimal)
            holes[name] = column.gaps
    words = {name: columns[name].texts() for name in labels}
    holes |= {name: np.array([k for k, t in enumerate(ts) if t is None], int) for name, ts in words.items()}
    gone = np.zeros(rows, bool)
    for empty in holes.values():
        gone[empty] = True
    if gone.any() and missing == "refuse":
        k, name = min((int(empty[0]), name) for name, empty in holes.items() if empty.size)
        raise DataError(
            f'{path.name}, {_label_of(sheet, k)}: column {short(name)} has no value there; missing = "drop" '
            "leaves such rows out"
        )
    if gone.all():
        raise DataError(f"{path.name} has no rows but {rows} with missing values")
    dropped = int(gone.sum())
    remarks = list(sheet.remarks)
    if dropped:
        message = Plural("{n} row with missing values left out", "{n} rows with missing values left out")
        remarks.append(message.format(n=dropped))
    return Table(
        {name: column[~gone] for name, column in values.items()},
        {name: [t for t, lost in zip(ts, gone, strict=True) if not lost] for name, ts in words.items()},  # type: ignore[misc]
        dropped,
        tuple(remarks),
    )


def _numbers(
    path: Path, sheet: Sheet, column: Column, columns: Collection[Column], decimal: str
) -> np.ndarray:
    """The numbers of a column, NaN where one is missing."""
    if not column.numbers and not column.other_count:
        raise DataError(
            f"{path.name}: column {short(column.name)} has no value in any of its {column.rows} rows"
        )
    try:
        mark = column.mark(decimal, other_marks(sheet, column, columns), sheet.delimiter)
    except DataError as error:
        raise DataError(f"{path.name}, {error}") from None
    if (beyond := column.beyond(mark)) is not None:
        raise DataError(
            f"{path.name}, column {short(column.name)}: expected numbers up to {LARGEST:g}, got {beyond:g}"
        )
    return column.values(mark)


def other_marks(sheet: Sheet, column: Column, columns: Collection[Column]) -> set[str]:
    """The decimal marks that the other columns of a file are certain to use."""
    if not column.is_ambiguous:
        return set()
    others = {c.name: c.marks for c in columns if c is not column and len(c.marks) == 1}
    for k, name in enumerate(sheet.names):
        if name != column.name and name not in others:
            others[name] = Column.of(name, (r.cells[k] for r in sheet.sample if k < len(r.cells))).marks
    return {next(iter(marks)) for marks in others.values() if len(marks) == 1}


def _label_of(sheet: Sheet, k: int) -> str:
    return next(row.label for j, row in enumerate(sheet.rows()) if j == k)


def column_names(path: Path, given: Format = AUTO) -> list[str]:
    """The columns of a file."""
    return Sheet(path, given).names
