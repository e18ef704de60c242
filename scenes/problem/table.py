"""Data files: chosen columns of a CSV or Parquet file, read row by row up to a limit.

Input is data. Nothing in a file is evaluated; a file is read only inside the lecture's folder; a row, a file and the
number of values have a largest size. Every mistake is one sentence.
"""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "DataError",
    "Table",
    "as_number",
    "column_names",
    "inside",
    "is_missing",
    "listed",
    "preview",
    "read_table",
]

MOST_BYTES = 512 * 1024**2
MOST_ROWS = 1_000_000
MOST_VALUES = 20_000_000
MOST_COLUMNS = 10_000
LONGEST_ROW = 1_000_000  # characters
LARGEST = 1e12
MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "?"))
_DELIMITERS = (",", ";", "\t", "|")
_REMEDY = "; take fewer columns, or a sample of the rows"


class DataError(Exception):
    """What is wrong with a data file, in one sentence without its field."""


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
    """

    numbers: dict[str, np.ndarray]
    texts: dict[str, list[str]]
    dropped: int


def inside(folder: Path, name: str) -> Path:
    """The file of this name in a folder, nowhere else: links that lead out are not followed."""
    root = folder.resolve()
    try:
        path = (root / name).resolve()
        known = path.is_relative_to(root) and path.is_file()
    except (OSError, ValueError, RuntimeError):  # a name that is too long, or a link that leads to itself
        raise DataError(f"there is no file {_short(name)} in the lecture's folder") from None
    if not path.is_relative_to(root):
        raise DataError(f"a file in the lecture's own folder is wanted, but {_short(name)} lies outside")
    if not known:
        raise DataError(f"there is no file {_short(name)} in the lecture's folder")
    if path.stat().st_size > MOST_BYTES:
        raise DataError(f"{path.name} is larger than {MOST_BYTES // 1024**2} MB{_REMEDY}")
    return path


def read_table(
    path: Path,
    numbers: Sequence[str],
    texts: Sequence[str] = (),
    *,
    missing: str = "refuse",
    decimal: str = ".",
) -> Table:
    """Read columns by name.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 (comma, semicolon, tab or bar between the cells), or Parquet.
    numbers, texts : sequence of str
        Columns of numbers, and of texts.
    missing : {"refuse", "drop"}
        What to do with rows in which a value is missing.

    Raises
    ------
    DataError
        If a column is missing, a cell is not what it should be, or a limit is passed.
    """
    wanted = [*numbers, *texts]
    columns = [array("d") for _ in numbers]
    labels: list[list[str]] = [[] for _ in texts]
    dropped = rows = 0
    with _told(path):
        for row, cells in _rows(path, wanted):
            if any(is_missing(cell) for cell in cells):
                if missing == "refuse":
                    hole = next(n for n, c in zip(wanted, cells, strict=True) if is_missing(c))
                    raise DataError(
                        f'{path.name}, {row}: column {_short(hole)} has no value there; missing = "drop" '
                        "leaves such rows out"
                    )
                dropped += 1
                continue
            rows += 1
            if rows > MOST_ROWS or rows * len(wanted) > MOST_VALUES:
                limit = min(MOST_ROWS, MOST_VALUES // len(wanted))
                raise DataError(f"{path.name} has more than {limit} rows{_REMEDY}")
            for column, name, cell in zip(columns, numbers, cells, strict=False):
                column.append(_number(cell, path, row, name, decimal))
            for label, cell in zip(labels, cells[len(numbers) :], strict=True):
                label.append(_label(cell))
    if not rows:
        raise DataError(f"{path.name} has no rows{f' but {dropped} with missing values' if dropped else ''}")
    return Table(
        {name: np.array(column) for name, column in zip(numbers, columns, strict=True)},
        dict(zip(texts, labels, strict=True)),
        dropped,
    )


def column_names(path: Path) -> list[str]:
    """The columns of a file."""
    with _told(path):
        if _is_parquet(path):
            return list(_parquet(path).schema_arrow.names)
        return _header(path, _delimiter(path, ()))


def preview(path: Path, most: int = 10_000) -> dict[str, list[Any]]:
    """The first values of every column."""
    names = column_names(path)
    chosen = [name for name in names if names.count(name) == 1][:200]
    values: dict[str, list[Any]] = {name: [] for name in chosen}
    with _told(path):
        for k, (_, cells) in enumerate(_rows(path, chosen)):
            if k == most:
                break
            for name, cell in zip(chosen, cells, strict=True):
                values[name].append(cell)
    return values


def as_number(cell: Any, decimal: str = ".") -> float:
    """A cell as a number; NaN if it is none."""
    if isinstance(cell, str):
        text = cell.strip()
        if "_" in text or len(text) > 100:
            return math.nan
        if decimal == ",":
            text = text.replace(".", "").replace(",", ".")
        try:
            return float(text)
        except ValueError:
            return math.nan
    try:
        return float(cell)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def is_missing(cell: Any) -> bool:
    """Whether a cell stands for a value that is not known."""
    if isinstance(cell, str):
        return len(cell) < 20 and cell.strip().lower() in MISSING
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def _number(cell: Any, path: Path, row: str, name: str, decimal: str) -> float:
    number = as_number(cell, decimal)
    if not abs(number) <= LARGEST:
        wanted = "a number" if math.isnan(number) else f"a number up to {LARGEST:g}"
        comma = isinstance(cell, str) and decimal == "." and math.isfinite(as_number(cell, ","))
        raise DataError(
            f"{path.name}, {row}, column {_short(name)}: {wanted} is wanted, but {_short(cell)} came"
            + (' (decimal = "," reads decimal commas)' if comma else "")
        )
    return number


def _label(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    return str(cell).strip()[:200]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "...'"


def listed(names: Sequence[str]) -> str:
    """Column names for a sentence: not too many of them."""
    some = ", ".join(name if len(name) <= 40 else name[:37] + "..." for name in names[:12])
    return some + (f" and {len(names) - 12} more" if len(names) > 12 else "")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What can go wrong while a file is read, as one sentence."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not in UTF-8 (byte {error.object[error.start]:#04x}); save it as CSV in UTF-8"
        ) from None
    except csv.Error as error:
        raise DataError(f"{path.name} is not a CSV file that can be read ({error})") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror or 'it is damaged'})") from None


def _rows(path: Path, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
    """The wanted cells of every row, with what the row is called in a sentence."""
    return _parquet_rows(path, wanted) if _is_parquet(path) else _csv_rows(path, wanted)


def _places(path: Path, header: Sequence[str], wanted: Sequence[str]) -> list[int]:
    for name in wanted:
        if name not in header:
            raise DataError(f"there is no column {_short(name)} in {path.name} (columns: {listed(header)})")
        if header.count(name) > 1:
            raise DataError(f"{path.name} has {header.count(name)} columns called {_short(name)}; rename one")
    return [header.index(name) for name in wanted]


# CSV.


class _Lines:
    """The lines of a file; a row that does not end is not read to its end."""

    def __init__(self, file: Any, path: Path):
        self._file, self._path, self.length = file, path, 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_ROW + 1)
        if not line:
            raise StopIteration
        self.length += len(line)
        if self.length > LONGEST_ROW:
            raise DataError(
                f"{self._path.name} has a row of more than {LONGEST_ROW} characters; is a quotation mark not closed?"
            )
        return line


@contextmanager
def _opened(path: Path, delimiter: str) -> Iterator[tuple[Any, Callable[[], list[str] | None]]]:
    """A reader, and what takes the next row from it."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = _Lines(file, path)
        reader = csv.reader(lines, delimiter=delimiter)

        def next_row() -> list[str] | None:
            lines.length = 0
            return next(reader, None)

        yield reader, next_row


def _header(path: Path, delimiter: str) -> list[str]:
    with _opened(path, delimiter) as (_, next_row):
        header = next_row() or []
    if len(header) > MOST_COLUMNS:
        raise DataError(f"{path.name} has more than {MOST_COLUMNS} columns")
    if not any(name.strip() for name in header):
        raise DataError(f"{path.name} has no header: its first line names the columns")
    return [name.strip() for name in header]


def _delimiter(path: Path, wanted: Sequence[str]) -> str:
    """What stands between the cells: what the header's line parts best by."""
    parted = {}
    for delimiter in _DELIMITERS:
        try:
            parted[delimiter] = _header(path, delimiter)
        except csv.Error:
            continue
    if not parted:
        return ","
    return max(parted, key=lambda d: (set(wanted) <= set(parted[d]), len(parted[d])))


def _csv_rows(path: Path, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
    delimiter = _delimiter(path, wanted)
    header = _header(path, delimiter)
    places = _places(path, header, wanted)
    with _opened(path, delimiter) as (reader, next_row):
        next_row()
        while (row := next_row()) is not None:
            if not row:
                continue
            if len(row) != len(header):
                raise DataError(
                    f"{path.name}, line {reader.line_num}: {len(header)} cells are wanted as in the header, but "
                    f"{len(row)} came"
                )
            yield f"line {reader.line_num}", [row[k] for k in places]


# Parquet.


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() in (".parquet", ".pq")


def _parquet(path: Path) -> Any:
    try:
        from pyarrow import parquet
    except ImportError:
        raise DataError(
            f"{path.name} is a Parquet file, which needs pyarrow: run `make setup-data` first, or save it as CSV"
        ) from None
    try:
        return parquet.ParquetFile(path)
    except Exception as error:  # pyarrow has no one class for what is wrong with a file
        raise DataError(
            f"{path.name} is not a Parquet file that can be read ({_first_line(error)})"
        ) from None


def _parquet_rows(path: Path, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
    file = _parquet(path)
    schema = file.schema_arrow
    _places(path, schema.names, wanted)
    for name in wanted:
        if schema.field(name).type.num_fields:
            raise DataError(f"{path.name}: column {_short(name)} holds nested values, not numbers or texts")
    if file.metadata.num_rows * max(1, len(wanted)) > MOST_VALUES or file.metadata.num_rows > MOST_ROWS:
        raise DataError(f"{path.name} has {file.metadata.num_rows} rows, which is too many{_REMEDY}")
    try:
        k = 0
        for batch in file.iter_batches(batch_size=10_000, columns=list(wanted)):
            for cells in zip(
                *(batch.column(batch.schema.get_field_index(n)).to_pylist() for n in wanted), strict=True
            ):
                k += 1
                yield f"row {k}", list(cells)
    except DataError:
        raise
    except Exception as error:
        raise DataError(
            f"{path.name} is not a Parquet file that can be read ({_first_line(error)})"
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
