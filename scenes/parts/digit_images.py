"""Images of handwritten digits, drawn pixel by pixel."""

from __future__ import annotations

import numpy as np
from manim import DOWN, RIGHT, VGroup, VMobject

from lecture.stage import Style

__all__ = ["digit_image"]

# Brightness is drawn in so many levels.
_LEVELS = 4


def digit_image(pixels: np.ndarray, corner: np.ndarray, side: float, style: Style) -> VGroup:
    """An image of 8 x 8 pixels: a path of squares for each level of brightness.

    Parameters
    ----------
    pixels : ndarray of shape (64,)
        From 0 to 1, row by row.
    corner : ndarray of shape (3,)
        Its top left corner.
    side : float
        Of a pixel, in frame units.
    """
    image, levels = VGroup(), np.ceil(pixels.reshape(8, 8) * _LEVELS).astype(int)
    for level in range(1, _LEVELS + 1):
        color = style.faded("ink", level / _LEVELS) if level < _LEVELS else style.ink
        path = VMobject(fill_color=color, fill_opacity=1, stroke_width=0)
        for i, j in zip(*np.nonzero(levels == level), strict=True):
            at = corner + side * np.array([j, -i, 0])
            path.start_new_path(at)
            path.add_points_as_corners([at + side * RIGHT, at + side * (RIGHT + DOWN), at + side * DOWN, at])
        image.add(path)
    return image
