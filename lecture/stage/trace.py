"""A curve that is drawn as far as a tracker has come."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import VMobject

__all__ = ["Trace", "segments"]

_DASH, _PERIOD = 0.13, 0.24  # in frame units
_NOTHING = np.zeros((4, 3))


def segments(points: np.ndarray, *, dash: bool = False, anchor: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The pieces of a polyline as Bézier curves, and which of them are drawn.

    Parameters
    ----------
    points : ndarray of shape (n, 3)
    dash : bool
        Draw it in dashes, whose length is the same all along.
    anchor : int
        The point that dashes are laid out from, to both sides: there they stay put when the curve moves.

    Returns
    -------
    pieces : ndarray of shape (n - 1, 4, 3)
    drawn : ndarray of shape (n - 1,), of bool
    """
    start, end = points[:-1], points[1:]
    pieces = start[:, None] + np.linspace(0, 1, 4)[None, :, None] * (end - start)[:, None]
    if not dash:
        return pieces, np.ones(len(pieces), dtype=bool)
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*(end - start)[:, :2].T))])
    middle = np.abs((length[:-1] + length[1:]) / 2 - length[anchor]) + _DASH / 2
    return pieces, middle % _PERIOD < _DASH


class Trace(VMobject):
    """A polyline of which any share can be shown; every frame is a slice of what was computed once.

    Parameters
    ----------
    points : array_like of shape (n, 3)
        In frame units; equal shares show equal numbers of pieces.
    dash : bool
        Draw it in dashes.
    """

    def __init__(self, points: Any, color: str, *, width: float = 4.0, dash: bool = False):
        super().__init__(color=color, stroke_width=width, fill_opacity=0)
        self._pieces, self._drawn = segments(np.asarray(points, dtype=float), dash=dash)
        self.show(0.0)

    def show(self, share: float) -> Trace:
        """Draw the first `share` of it, from 0 to 1."""
        count = int(np.ceil(np.clip(share, 0, 1) * len(self._pieces)))
        drawn = self._pieces[:count][self._drawn[:count]]
        return self.set_points(drawn.reshape(-1, 3) if len(drawn) else _NOTHING)
