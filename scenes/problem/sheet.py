"""A table of data in a file: names of columns, and rows; what is left out of the file is told."""

from __future__ import annotations

import difflib
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lecture.words import Message, Plural, _

from .cells import as_text, is_empty
from .layout import (
    find_header,
    has_row_names,
    is_data,
    is_footer,
    is_total,
    is_units,
    look_at_body,
    table_width,
)
from .source import (
    AUTO,
    MOST_COLUMNS,
    DataError,
    Format,
    Row,
    explained,
    is_blank,
    listed,
    open_source,
    short,
)
from .text_source import DELIMITERS

__all__ = ["Sheet"]

SAMPLE_ROWS = 200  # what names are judged by


class Sheet:
    """A table in a file: CSV (also gzipped), a sheet of an Excel workbook, or Parquet.

    Parameters
    ----------
    path : Path
    given : Format
        What the user says of the file.

    Attributes
    ----------
    names : list of str
        Of its columns, without spaces around them.
    delimiter : str
        Between the cells of a text file; empty for other files.
    remarks : list of Message
        How the file was understood, and what was left out; complete when :meth:`rows` is at its end.
    sample : list of Row
        The first rows.

    Raises
    ------
    DataError
        If it cannot be read, or has no header.
    """

    def __init__(self, path: Path, given: Format = AUTO):
        self.path, self._given = path, given
        self.remarks: list[Message] = []
        with explained(path):
            self._source = open_source(path, given)
            self.delimiter = self._source.delimiter
            self._about = list(self._source.about)
            self._read_layout()
        self.remarks = list(self._about)

    def rows(self, wanted: Sequence[str] | None = None) -> Iterator[Row]:
        """The rows of data: all cells, or those of some columns.

        Raises
        ------
        DataError
            If there is no such column, or two are called so.
        """
        places = None if wanted is None else [self._place(name) for name in wanted]
        with explained(self.path):
            if self._source.names is not None:
                yield from self._source.rows(places)
            elif places is None:
                yield from self._data_rows()
            else:
                for label, cells in self._data_rows():
                    yield Row(label, [cells[k] for k in places])

    def _place(self, wanted: str) -> int:
        name = _name(wanted)
        if name not in self.names:
            near = difflib.get_close_matches(name, self.names, 1)
            remark = f"; did you mean {short(near[0])}?" if near else ""
            raise DataError(
                f"there is no column {short(wanted)} in {self.path.name} (columns: {listed(self.names)}){remark}"
            )
        if self.names.count(name) > 1:
            raise DataError(
                f"{self.path.name} has {self.names.count(name)} columns called {short(name)}; rename one"
            )
        return self.names.index(name)

    # What the rows are.

    def _read_layout(self) -> None:
        self._skipped = 0
        self._width: int | None = None  # of the table, where something stands beside it
        self._row_names = False
        self._numeric: set[int] = set()
        self._header: list[str] = []
        self.sample: list[Row] = []
        if self._source.names is not None:
            self.names = [_name(name) for name in self._source.names]
            return
        rows = self._source.rows()
        try:
            sample = []
            for row in rows:
                if any(not is_blank(cell) for cell in row.cells):
                    sample.append(row)
                if len(sample) == SAMPLE_ROWS:
                    break
        finally:
            rows.close()
        if not sample:
            raise DataError(
                f"{self.path.name} has no header: expected the names of the columns in its first line"
            )
        if len(sample[0].cells) > MOST_COLUMNS:
            raise DataError(f"{self.path.name} has more than {MOST_COLUMNS} columns")
        self._width = table_width(sample)
        if self._width is not None:
            self._about.append(_("what stands beside the table, after an empty column, left out"))
            sample = [Row(row.label, row.cells[: self._width]) for row in sample]
        self._numeric, width = look_at_body(sample)
        if self._given.columns:
            self._name_columns(sample, width)
            return
        start = find_header(sample, self._numeric, width, self.delimiter)
        header = [as_text(cell) if cell is not None else "" for cell in sample[start].cells]
        while header and not header[-1]:
            header.pop()
        if start:
            self._about.append(
                Plural("{n} line above the header", "{n} lines above the header").format(n=start)
            )
        self._row_names = (
            len(header) == width - 1
            and start + 1 < len(sample)
            and has_row_names(sample[start:], self._numeric, width, self.delimiter)
        )
        shift = int(self._row_names)
        if shift:
            self._about.append(_("the first column has no name: names or numbers of the rows"))
        if is_data([""] * shift + header, sample[start + 1 :], self._numeric):
            raise DataError(
                f"{self.path.name} has no names in the first line, but numbers: give its columns names with "
                f"columns = [...] in the lecture file, or put a line with {len(header)} names at its top"
            )
        names = [_name(name) for name in header]
        self._header = [as_text(cell) if cell is not None else "" for cell in sample[start].cells]
        self.names = [name or f"column {k + shift + 1}" for k, name in enumerate(names)]
        if shift:
            self.names.insert(0, "column 1")
        begin = start + 1
        while begin < min(start + 3, len(sample)) and is_units(sample[begin].cells, self._numeric):
            begin += 1
        if begin > start + 1:
            self._about.append(
                Plural(
                    "{n} more line of the header left out", "{n} more lines of the header left out"
                ).format(n=begin - start - 1)
            )
        self._skipped = begin
        self.sample = sample[begin:]

    def _name_columns(self, sample: list[Row], width: int) -> None:
        names = [_name(name) for name in self._given.columns]
        if len(names) != width:
            raise DataError(
                f"{self.path.name} has {width} columns, but columns names {len(names)}; expected a name for each"
            )
        self.names, self.sample = names, sample

    def _data_rows(self) -> Iterator[Row]:
        self.remarks = list(self._about)
        width = len(self.names)
        held: deque[Row] = deque()  # what may be a footer, until another row follows
        left_out = Counter[str]()
        seen = 0
        for row in self._source.rows():
            cells = row.cells[: self._width]
            if all(is_blank(cell) for cell in cells):
                left_out["blank"] += 1
                continue
            seen += 1
            if seen <= self._skipped:
                continue
            if self._header and len(cells) == len(self._header) and self._repeats_header(cells):
                left_out["header"] += 1
                continue
            if self._is_comment(cells):
                left_out["comment"] += 1
                continue
            while len(cells) > width and is_blank(cells[-1]):
                cells = cells[:-1]
            if len(cells) < width and all(name.startswith("column ") for name in self.names[len(cells) :]):
                cells = [*cells, *[""] * (width - len(cells))]
            row = Row(row.label, cells)
            if self._may_be_footer(cells):
                held.append(row)
                if len(held) > 50:
                    yield self._checked(held.popleft())
                continue
            while held:
                yield self._checked(held.popleft())
            yield row
        while held and not is_footer(held[0].cells, width):
            yield self._checked(held.popleft())
        self._tell_what_is_left_out(left_out, list(held))

    def _tell_what_is_left_out(self, left_out: Counter[str], footer: list[Row]) -> None:
        told = {
            "header": Plural("{n} row repeats the header: left out", "{n} rows repeat the header: left out"),
            "comment": Plural("{n} line of comments left out", "{n} lines of comments left out"),
            "blank": Plural("{n} empty row left out", "{n} empty rows left out"),
        }
        self.remarks += [told[kind].format(n=n) for kind, n in sorted(left_out.items())]
        if footer:
            first = " ".join(as_text(cell) for cell in footer[0].cells if not is_blank(cell))
            self.remarks.append(
                Plural(
                    "{n} row at the end left out, no data but “{first}”",
                    "{n} rows at the end left out, no data but “{first}” and what follows",
                ).format(n=len(footer), first=first if len(first) <= 40 else first[:39] + "…")
            )

    def _checked(self, row: Row) -> Row:
        if len(row.cells) != len(self.names):
            raise DataError(
                f"{self.path.name}, {row.label}: expected {len(self.names)} cells as in the header, got "
                f"{len(row.cells)}"
                + (
                    f" (cells are taken to be separated by a {DELIMITERS.get(self.delimiter, self.delimiter)}; "
                    "delimiter says otherwise)"
                    if self.delimiter and not self._given.delimiter
                    else ""
                )
            )
        return row

    def _repeats_header(self, cells: list[Any]) -> bool:
        return [as_text(cell) if cell is not None else "" for cell in cells] == self._header

    def _is_comment(self, cells: list[Any]) -> bool:
        first = cells[0] if cells else ""
        return (
            isinstance(first, str)
            and first.lstrip().startswith(("#", "%", "//"))
            and not is_empty(first)
            and (0 in self._numeric or len(cells) != len(self.names))
        )

    def _may_be_footer(self, cells: list[Any]) -> bool:
        there = [cell for cell in cells if not is_blank(cell)]
        return (
            len(cells) != len(self.names)
            or (len(there) == 1 < len(cells) and isinstance(there[0], str))
            or is_total(there[0])
        )


def _name(name: str) -> str:
    """A column's name, without spaces around it."""
    return " ".join(as_text(name).split())
