"""Files of data, whatever kind they are, as rows of cells as they stand there.

Input is data. Nothing in a file is evaluated; a file is read only inside the lecture's folder; a row, a file and the
number of values have a largest size. Every mistake is one sentence.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from lecture.words import Message, _

__all__ = [
    "AUTO",
    "DATA_FILES",
    "DataError",
    "Format",
    "Row",
    "Source",
    "explained",
    "inside",
    "is_blank",
    "listed",
    "open_source",
    "short",
]

DATA_FILES = (
    ".csv",
    ".tsv",
    ".tab",
    ".txt",
    ".dat",
    ".data",
    ".csv.gz",
    ".tsv.gz",
    ".xlsx",
    ".parquet",
    ".pq",
)
MOST_BYTES = 512 * 1024**2
MOST_ROWS = 1_000_000
MOST_VALUES = 20_000_000
MOST_COLUMNS = 10_000
REMEDY = "; take fewer columns, or a sample of the rows"


class DataError(Exception):
    """What is wrong with a data file, in one sentence without its field."""


class Format(NamedTuple):
    """What a user says of a file; what is not said is judged from it.

    Attributes
    ----------
    delimiter, encoding, sheet : str
        What stands between cells, how characters are coded, which sheet of a workbook is read.
    columns : tuple of str
        Names of the columns of a file that has none in its first line.
    """

    delimiter: str = ""
    encoding: str = ""
    sheet: str = ""
    columns: tuple[str, ...] = ()


AUTO = Format()


def short(value: Any) -> str:
    """A value for a sentence."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "...'"


def listed(names: Sequence[str]) -> str:
    """Column names for a sentence: not too many of them."""
    some = ", ".join(name if len(name) <= 40 else name[:37] + "..." for name in names[:12])
    return some + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def inside(folder: Path, name: str) -> Path:
    """The file of this name in a folder, nowhere else: links that lead out are not followed."""
    root = folder.resolve()
    try:
        path = (root / name).resolve()
        known = path.is_relative_to(root) and path.is_file()
    except (OSError, ValueError, RuntimeError):  # a name that is too long, or a link that leads to itself
        raise DataError(f"there is no file {short(name)} in the lecture's folder") from None
    if not path.is_relative_to(root):
        raise DataError(f"expected a file in the lecture's own folder, but {short(name)} lies outside")
    if not known:
        raise DataError(f"there is no file {short(name)} in the lecture's folder")
    if path.stat().st_size > MOST_BYTES:
        raise DataError(f"{path.name} is larger than {MOST_BYTES // 1024**2} MB{REMEDY}")
    return path


class Row(NamedTuple):
    """Cells, and what the row is called in a sentence."""

    label: str
    cells: list[Any]


@dataclass(frozen=True)
class Source:
    """A file that can be read from its beginning as often as needed.

    Attributes
    ----------
    rows : callable
        Yields its rows; of a Parquet file those of the columns at the given places, where they are given.
    delimiter : str
        Between the cells of a file of text.
    names : tuple of str, or None
        Of its columns, where the kind of file has them.
    about : tuple of Message
        How it was understood.
    """

    rows: Callable[..., Generator[Row, None, None]]
    delimiter: str = ""
    names: tuple[str, ...] | None = None
    about: tuple[Message, ...] = ()


def open_source(path: Path, given: Format = AUTO) -> Source:
    """Find out what a file is.

    Raises
    ------
    DataError
        If it is of no kind that can be read.
    """
    kind = _kind_of(path)
    if given.sheet and kind != "xlsx":
        raise DataError(f"{path.name} has no sheets; leave sheet out")
    if kind == "parquet":
        return _parquet_source(path)
    if kind == "xlsx":
        return _workbook_source(path, given.sheet)
    from .text_source import text_source

    if kind == "gz":
        return text_source(path, lambda: gzip.open(path), given, (_("unpacked"),))  # type: ignore[arg-type,return-value]
    return text_source(path, lambda: path.open("rb"), given)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What can go wrong while a file is read, as one sentence."""
    try:
        yield
    except UnicodeError as error:
        raise DataError(
            f'{path.name} cannot be read as {getattr(error, "encoding", "text")}; say encoding = "...", or save it '
            "as CSV in UTF-8"
        ) from None
    except csv.Error as error:
        raise DataError(f"{path.name} is not a CSV file that can be read ({error})") from None
    except (EOFError, zlib.error, zipfile.BadZipFile):
        raise DataError(f"{path.name} cannot be unpacked: it is damaged, or not whole") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror or 'it is damaged'})") from None


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def is_blank(cell: Any) -> bool:
    """Whether a cell holds nothing but space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


# What a file is, by its first bytes: names lie.

_MAGIC = {
    b"\x1f\x8b": "gz",
    b"PK\x03\x04": "xlsx",
    b"PAR1": "parquet",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls): save it as .xlsx or CSV",
    b"%PDF": "a PDF: take the table out of it as CSV",
    b"BZh": "packed with bzip2: unpack it first",
    b"\xfd7zXZ": "packed with xz: unpack it first",
    b"7z\xbc\xaf": "a 7z archive: unpack it first",
    b"Rar!": "an archive: unpack it first",
    b"SQLite format": "a database: export a table as CSV",
    b"\x89HDF": "an HDF5 file: export a table as CSV",
    b"RDX": "an R data file: write it with write.csv",
    b"$FL2": "an SPSS file: export it as CSV",
    b"\x89PNG": "a picture",
}
# Of files of text.
_NO_TABLES = {
    rb"\s*(%.*\s+)*@relation\b": "a file of Weka (ARFF): export it as CSV",
    rb"\s*(\[\s*)?\{\s*[\"']": "JSON: export it as CSV",
}
_MARKUP = re.compile(rb"\s*<(!doctype html|html|\?xml|head|body|table)", re.IGNORECASE)


def _kind_of(path: Path) -> str:
    """gz, xlsx, parquet or text, by content; Parquet also by name, so that damage is told as what it is."""
    with path.open("rb") as file:
        head = file.read(64)
    if path.suffix.lower() in (".parquet", ".pq"):
        return "parquet"
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            if " " in kind:
                raise DataError(f"{path.name} is no table that can be read here but {kind}")
            if kind == "xlsx":
                _require_workbook(path)
            return kind
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise DataError(f"{path.name} is called an Excel workbook but is none; rename it, or save it anew")
    for pattern, kind in _NO_TABLES.items():
        if re.match(pattern, head.removeprefix(codecs.BOM_UTF8), re.IGNORECASE):
            raise DataError(f"{path.name} is no table that can be read here but {kind}")
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        raise DataError(
            f"{path.name} is a web page or other markup, no data: download the file itself (“raw”), or save it as CSV"
        )
    return "text"


def _require_workbook(path: Path) -> None:
    with explained(path), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if "xl/workbook.xml" not in names:
        kind = "an OpenDocument file" if "mimetype" in names else "a zip archive"
        remedy = "save it as .xlsx or CSV" if "mimetype" in names else "unpack it first"
        raise DataError(f"{path.name} is {kind}, not a table: {remedy}")


# Other files than text.


def _workbook_source(path: Path, wanted: str) -> Source:
    try:
        import openpyxl
    except ImportError:
        raise DataError(
            f"{path.name} is an Excel workbook, which needs openpyxl: run `make setup-data` first, or save it as CSV"
        ) from None
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise DataError(f"{path.name} unpacks to more than {MOST_BYTES // 1024**2} MB{REMEDY}")

    def workbook() -> Any:
        try:
            return openpyxl.load_workbook(path, read_only=True, data_only=True)
        except Exception as error:  # openpyxl has no one class for what is wrong with a file
            raise DataError(
                f"{path.name} is not an Excel workbook that can be read ({first_line(error)})"
            ) from None

    book = workbook()
    try:
        sheets = [sheet.title for sheet in book.worksheets]
        if wanted and wanted not in sheets:
            raise DataError(f"{path.name} has no sheet {short(wanted)} (sheets: {listed(sheets)})")
        filled = [s.title for s in book.worksheets if next(_workbook_rows(s, path), None) is not None]
    finally:
        book.close()
    title = wanted or next(iter(filled), sheets[0] if sheets else "")
    about: tuple[Message, ...] = ()
    if len(filled) > 1 and not wanted:
        about = (_("sheet {sheet} read, one of {sheets}").format(sheet=title, sheets=listed(filled)),)

    def rows() -> Generator[Row, None, None]:
        book = workbook()
        try:
            yield from _workbook_rows(book[title], path)
        finally:
            book.close()

    return Source(rows, about=about)


def _workbook_rows(sheet: Any, path: Path) -> Generator[Row, None, None]:
    if not hasattr(sheet, "iter_rows"):  # a sheet that is a chart
        return
    try:
        for k, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = cells[:MOST_COLUMNS]
            if any(not is_blank(cell) for cell in cells):
                yield Row(f"row {k}", list(cells))
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError):
        raise
    except Exception as error:
        raise DataError(
            f"{path.name} is not an Excel workbook that can be read ({first_line(error)})"
        ) from None


def _parquet_source(path: Path) -> Source:
    schema = _parquet(path).schema_arrow

    def rows(places: list[int] | None = None) -> Generator[Row, None, None]:
        file = _parquet(path)
        fields = [schema.field(k) for k in (range(len(schema.names)) if places is None else places)]
        for field in fields:
            if field.type.num_fields:
                raise DataError(
                    f"{path.name}: column {short(field.name)} holds nested values, not numbers or texts"
                )
        n = file.metadata.num_rows
        if n * max(1, len(fields)) > MOST_VALUES or n > MOST_ROWS:
            raise DataError(f"{path.name} has {n} rows, which is too many{REMEDY}")
        k = 0
        try:
            for batch in file.iter_batches(batch_size=10_000, columns=[field.name for field in fields]):
                columns = [batch.column(batch.schema.get_field_index(f.name)).to_pylist() for f in fields]
                for cells in zip(*columns, strict=True):
                    k += 1
                    yield Row(f"row {k}", list(cells))
        except DataError:
            raise
        except Exception as error:
            raise DataError(
                f"{path.name} is not a Parquet file that can be read ({first_line(error)})"
            ) from None

    return Source(rows, names=tuple(schema.names))


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
        raise DataError(f"{path.name} is not a Parquet file that can be read ({first_line(error)})") from None
