"""Drawing what is already there piece by piece, as far as a tracker has come."""

from __future__ import annotations

import numpy as np
from manim import VMobject

__all__ = ["reveal", "set_polyline"]


def set_polyline(curve: VMobject, points: np.ndarray) -> VMobject:
    """Straight pieces through points of shape (n, 3): `set_points_as_corners` without its loop."""
    start, end = points[:-1], points[1:]
    return curve.set_points(
        np.stack([start, (2 * start + end) / 3, (start + 2 * end) / 3, end], axis=1).reshape(-1, 3)
    )


def reveal(dashes: VMobject, share: float) -> VMobject:
    """Show the first `share` (0 to 1) of the dashes of a line and hide the others.

    They stay the same mobjects, so this may be an updater.
    """
    parts = dashes.family_members_with_points()
    shown = share * len(parts) - 0.5
    for k, part in enumerate(parts):
        part.set_stroke(opacity=float(k < shown))
    return dashes
