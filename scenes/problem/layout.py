"""Where in a file the names of its columns are, where its rows begin, and what at its end is none of them.

Names are told from values by the body: a column whose lower cells are numbers has a name that is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from .cells import as_text, is_date, is_gap, is_number, numeral
from .source import Row, is_blank

__all__ = [
    "find_header",
    "has_row_names",
    "is_data",
    "is_footer",
    "is_total",
    "is_units",
    "look_at_body",
    "table_width",
]

_TOTALS = frozenset(
    [
        "total",
        "totals",
        "grand total",
        "sum",
        "subtotal",
        "average",
        "avg",
        "mean",
        "count",
        "all",
        "overall",
        "summe",
        "gesamt",
        "insgesamt",
        "gesamtsumme",
        "mittelwert",
        "durchschnitt",
        "somme",
        "moyenne",
        "ensemble",
        "suma",
        "totale",
        "media",
        "promedio",
        "média",
        "итого",
        "合計",
        "总计",
        "σ",
        "∑",
    ]
)
_NOTES = re.compile(
    r"(sources?|notes?|quellen?|anmerkung(en)?|hinweis|remarks?|footnotes?|fuente|nota|fonte|©|\*|¹)\b|\(?\d+ rows?\b",
    re.IGNORECASE,
)


def look_at_body(sample: list[Row]) -> tuple[set[int], int]:
    """Columns of numbers, and how many cells rows have, by the lower half of a sample."""
    lower = sample[max(1, len(sample) // 2) :] if len(sample) > 1 else sample
    above = [row.cells for row in sample[:10] if not any(map(is_number, row.cells))]
    lower = [row for row in lower if row.cells not in above] or lower  # a header may come again
    widths = Counter(len(row.cells) for row in lower)
    most = max(widths.values())
    width = max(w for w, count in widths.items() if count == most)
    whole = [row.cells for row in lower if len(row.cells) == width]
    while width > 1 and all(is_blank(cells[width - 1]) for cells in whole):
        width -= 1  # trailing delimiters
    numeric = set()
    for k in range(width):
        there = [cells[k] for cells in whole if not is_gap(cells[k])]
        numbers = sum(map(is_number, there))
        if numbers and numbers >= 0.8 * len(there):
            numeric.add(k)
    return numeric, width


def table_width(sample: list[Row]) -> int | None:
    """How many columns the table has, where notes stand beside it: few cells, after a column without any."""
    filled = Counter(k for row in sample for k, cell in enumerate(row.cells) if not is_blank(cell))
    last = max(filled, default=0)
    gap = next((k for k in range(2, last) if k not in filled), None)
    if gap is None or any(2 * filled[k] >= len(sample) for k in range(gap, last + 1)):
        return None
    return gap if all(2 * filled[k] >= len(sample) for k in range(1, gap)) else None


def _trimmed(cells: Sequence[Any]) -> list[Any]:
    cells = list(cells)
    while cells and is_blank(cells[-1]):
        cells.pop()
    return cells


def find_header(sample: list[Row], numeric: set[int], width: int, delimiter: str) -> int:
    """Which row names the columns: the first that has a name for each, but for a column of row names."""
    for k, row in enumerate(sample):
        cells = _trimmed(row.cells)
        there = sum(not is_blank(cell) for cell in cells)
        if len(cells) == width and (there == width or (there == width - 1 and is_blank(cells[0]))):
            return k if not any(map(is_number, cells)) else _names_above(sample[:k], k)
        if len(cells) == width - 1 == there and has_row_names(sample[k:], numeric, width, delimiter):
            return k
    for k, row in enumerate(sample):  # some columns have no name
        cells = _trimmed(row.cells)
        if len(cells) == width and 2 * sum(not is_blank(cell) for cell in cells) > width:
            return k
    return 0


def _names_above(above: list[Row], otherwise: int) -> int:
    """Which of the rows above the first whole one holds names, where that one holds numbers: too few for its cells."""
    for k, row in enumerate(above):
        cells = _trimmed(row.cells)
        if len(cells) > 1 and not any(is_blank(cell) or is_number(cell) for cell in cells):
            return k
    return otherwise


def has_row_names(sample: list[Row], numeric: set[int], width: int, delimiter: str) -> bool:
    """Whether rows have one cell more than the header, the first, as R writes them."""
    if len(sample) < 2 or len(_trimmed(sample[1].cells)) != width:
        return False
    if not any(is_number(sample[1].cells[c]) for c in numeric):
        return False
    firsts = [row.cells[0] for row in sample[1:] if len(row.cells) >= width]
    if len(set(map(str, firsts))) < len(firsts):
        return False
    if not any(map(is_number, firsts)):
        return True
    # With commas, decimals could have become cells of their own.
    return delimiter in ("\t", " ") and [str(first) for first in firsts] == [
        str(k + 1) for k in range(len(firsts))
    ]


def is_data(header: list[str], body: list[Row], numeric: set[int]) -> bool:
    """Whether what should be names are values."""
    cells = [(k, header[k]) for k in sorted(numeric) if k < len(header) and header[k]]
    numbers = [(k, cell) for k, cell in cells if is_number(cell)]
    if any(not is_gap(cell) for k, cell in cells if not is_number(cell)):
        return False
    texts = [k for k in range(len(header)) if k not in numeric and header[k]]
    recurring = [
        k for k in texts if any(len(row.cells) > k and as_text(row.cells[k]) == header[k] for row in body)
    ]
    if not numbers:
        return not cells and len(body) >= 4 and len(texts) > 1 and 2 * len(recurring) > len(texts)
    values = [numeral(cell).point for _k, cell in numbers]
    years = all(v.is_integer() and 1500 <= v <= 2200 for v in values if v == v) and values == sorted(
        set(values)
    )
    if texts and not recurring and years and len(values) > 1:
        return False
    counted = [numeral(cell).point for cell in header if is_number(cell)] in (
        [float(k) for k in range(len(numbers))],
        [float(k + 1) for k in range(len(numbers))],
    )
    whole = all(
        _whole(row.cells[k])
        for row in body
        for k, _cell in numbers
        if k < len(row.cells) and not is_gap(row.cells[k])
    )
    return not (counted and not recurring and len(numbers) > 1 and not whole)


def _whole(cell: Any) -> bool:
    return not is_number(cell) or float(numeral(str(cell)).point).is_integer()


def is_units(cells: list[Any], numeric: set[int]) -> bool:
    """Whether a row below the header goes on with it: units or types in all columns of numbers."""
    there = [cells[k] for k in numeric if k < len(cells) and not is_blank(cells[k])]
    names = [cell for cell in there if isinstance(cell, str) and not is_gap(cell) and not is_date(cell)]
    return (
        bool(numeric)
        and len(names) == len(there)
        and 2 * len(names) >= len(numeric)
        and not any(map(is_number, there))
    )


def is_total(cell: Any) -> bool:
    return isinstance(cell, str) and cell.strip().rstrip(":").strip().casefold() in _TOTALS


def is_footer(cells: list[Any], width: int) -> bool:
    """Whether a row at the end of a file is none of its data."""
    there = [cell for cell in cells if not is_blank(cell)]
    first = there[0]
    if is_total(first):
        return True
    if not isinstance(first, str) or numeral(first).is_number or is_date(first):
        return False
    if _NOTES.match(first.strip()):
        return True
    return not any(is_number(cell) for cell in there) and (len(there) == 1 or len(cells) != width)
