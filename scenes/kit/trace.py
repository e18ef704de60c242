"""A curve that is drawn as far as a tracker has come."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import VMobject

__all__ = ["Trace"]

_DASH, _PERIOD = 0.13, 0.24  # in frame units
_NOTHING = np.zeros((4, 3))


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
        points = np.asarray(points, dtype=float)
        start, end = points[:-1], points[1:]
        weights = np.linspace(0, 1, 4)[None, :, None]
        self._pieces = start[:, None] + weights * (end - start)[:, None]
        length = np.concatenate([[0.0], np.cumsum(np.hypot(*(end - start)[:, :2].T))])[:-1]
        self._drawn = length % _PERIOD < _DASH if dash else np.ones(len(start), dtype=bool)
        self.show(0.0)

    def show(self, share: float) -> Trace:
        """Draw the first `share` of it, from 0 to 1."""
        count = int(np.ceil(np.clip(share, 0, 1) * len(self._pieces)))
        drawn = self._pieces[:count][self._drawn[:count]]
        return self.set_points(drawn.reshape(-1, 3) if len(drawn) else _NOTHING)
