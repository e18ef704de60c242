"""Many dots as one mobject: drawn at once, moved at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import CapStyleType, Circle, Square, VMobject

__all__ = ["Scatter"]


class Scatter(VMobject):
    """Dots at points of the frame, as one path.

    Parameters
    ----------
    points : ndarray of shape (n, 3)
        In frame units.
    hollow : bool
        Rings instead of discs.
    diamond : bool
        Diamonds instead of circles, to tell two kinds apart without color.
    """

    def __init__(
        self, points: Any, color: str, *, radius: float = 0.07, hollow: bool = False, diamond: bool = False
    ):
        if hollow or diamond:
            shape = Circle(radius) if hollow else Square(side_length=1.6 * radius).rotate(np.pi / 4)
            super().__init__(
                color=color,
                fill_opacity=0 if hollow else 1,
                stroke_width=3 if hollow else 0,
                stroke_color=color,
            )
            self._template = shape.points
        else:
            # A stroke of no length with round ends: one piece to draw for a disc, where a circle has many.
            super().__init__(
                color=color, stroke_width=200 * radius, cap_style=CapStyleType.ROUND, fill_opacity=0
            )
            self._template = np.zeros((4, 3))
        self.centers = np.empty((0, 3))
        self.move_dots(points)

    def move_dots(self, points: Any, count: int | None = None) -> Scatter:
        """Put the dots at `points`, or only the first `count` of them."""
        self.centers = np.asarray(points, dtype=float).reshape(-1, 3)[:count]
        self.points = (self.centers[:, None] + self._template).reshape(-1, 3)
        return self
