"""A frame divided into tiles, so that work is spent only where something changed."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["MACROBLOCK", "TILE", "grid", "rectangles"]

#: rows and columns of a macroblock, in which video encoders work, in pixels
MACROBLOCK = (16, 16)

#: rows and columns of a tile, whole macroblocks
TILE = (128, 160)


def grid(height: int, width: int, tile: tuple[int, int] = TILE) -> tuple[int, int]:
    """How many tiles a frame has, down and across; or macroblocks."""
    return -(-height // tile[0]), -(-width // tile[1])


def rectangles(tiles: int, height: int, width: int) -> Iterable[tuple[int, int, int, int]]:
    """The marked tiles of a frame as rectangles top, bottom, left, right in pixels.

    Parameters
    ----------
    tiles : int
        A bit for each tile, row by row, the top left one lowest.

    Examples
    --------
    >>> list(rectangles(0b100_100_011, 360, 400))
    [(0, 128, 0, 320), (128, 360, 320, 400)]
    """
    rows, columns = TILE
    down, across = grid(height, width)
    begun: dict[int, int] = {}
    for row in range(down + 1):
        runs = _runs(tiles >> row * across & (1 << across) - 1)
        for run in [run for run in begun if run not in runs]:
            left, right = (run & -run).bit_length() - 1, run.bit_length()
            yield begun.pop(run) * rows, min(row * rows, height), left * columns, min(right * columns, width)
        for run in runs:
            begun.setdefault(run, row)


def _runs(bits: int) -> list[int]:
    """The runs of ones in a number."""
    runs = []
    while bits:
        run = bits & ~(bits + (bits & -bits))
        runs.append(run)
        bits ^= run
    return runs
