"""A Hessian or a minimizer from a file: CSV without names, or numpy's own format."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .fields import MOST_PARAMETERS
from .source import DataError, explained, is_blank, open_source, short
from .table import Column

__all__ = ["read_matrix"]


def read_matrix(path: Path, *, vector: bool = False) -> np.ndarray:
    """Read a matrix, shape (p, q), or a vector, shape (p,).

    Parameters
    ----------
    path : Path
        A ``.npy`` file of numbers, which is never unpickled, or a CSV file; its first line and
        its first column may hold names.
    vector : bool
        Whether one row or one column is expected.

    Raises
    ------
    DataError
        In one sentence.
    """
    matrix = _from_numpy(path) if path.suffix.lower() == ".npy" else _from_cells(path)
    if vector:
        if matrix.ndim == 2 and 1 in matrix.shape:
            matrix = matrix.ravel()
        if matrix.ndim != 1:
            raise DataError(f"{path.name}: expected one row or one column, got shape {matrix.shape}")
    elif matrix.ndim != 2:
        raise DataError(f"{path.name}: expected a square matrix, got shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise DataError(f"{path.name}: expected finite numbers, got {matrix[~np.isfinite(matrix)][0]}")
    return matrix


def _from_numpy(path: Path) -> np.ndarray:
    try:
        # Memory-mapped: a header that claims too much takes no memory.
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise DataError(f"{path.name} is not a .npy file of numbers that can be read ({error})") from None
    if not isinstance(matrix, np.ndarray) or matrix.dtype.kind not in "fiu":
        raise DataError(
            f"{path.name}: expected an array of numbers, got {getattr(matrix, 'dtype', 'an archive')}"
        )
    if max(matrix.shape, default=0) > MOST_PARAMETERS or matrix.ndim > 2:
        raise DataError(
            f"{path.name}: expected up to {MOST_PARAMETERS} rows and columns, got shape {matrix.shape}"
        )
    return np.array(matrix, float)


def _from_cells(path: Path) -> np.ndarray:
    with explained(path):
        rows = [cells for _label, cells in open_source(path).rows() if not all(map(is_blank, cells))]
    if rows and not any(Column.of("", [cell]).numbers for cell in rows[0]):
        rows = rows[1:]  # names
    if len(rows) > 1 and all(len(row) > 1 and not Column.of("", row[:1]).numbers for row in rows):
        rows = [row[1:] for row in rows]  # names
    widths = {len(row) for row in rows}
    if len(widths) != 1:
        raise DataError(f"{path.name}: expected rows of one length, got {sorted(widths)[:5]} cells")
    if len(rows) > MOST_PARAMETERS or widths.pop() > MOST_PARAMETERS:
        raise DataError(f"{path.name}: expected up to {MOST_PARAMETERS} rows and columns")
    column = Column.of("", (cell for row in rows for cell in row))
    if not column.is_numeric or column.gaps.size:
        odd = next(iter(column.others), "an empty cell")
        raise DataError(f"{path.name}: expected numbers alone, got {short(odd)}")
    mark = column.mark("auto", (), ",")
    return column.values(mark).reshape(len(rows), -1)
