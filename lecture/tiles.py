"""A frame divided into tiles, so that work is spent only where something changed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

__all__ = ["TILE", "rectangles"]

#: rows and columns of a tile, in pixels
TILE = (120, 160)


def rectangles(tiles: np.ndarray, height: int, width: int) -> Iterable[tuple[int, int, int, int]]:
    """The marked tiles of a frame as rectangles top, bottom, left, right in pixels: one for each run in a row.

    Examples
    --------
    >>> list(rectangles(np.array([[True, True, False], [False, False, True]]), 240, 400))
    [(0, 120, 0, 320), (120, 240, 320, 400)]
    """
    rows, columns = TILE
    for row in np.flatnonzero(tiles.any(axis=1)):
        edges = np.flatnonzero(np.diff(tiles[row], prepend=False, append=False))
        for first, end in edges.reshape(-1, 2):
            top, left = int(row) * rows, int(first) * columns
            yield top, min(top + rows, height), left, min(int(end) * columns, width)
