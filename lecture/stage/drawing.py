"""Drawing what is already there piece by piece, as far as a tracker has come."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import VMobject

from .plane import dashed
from .region import Region

__all__ = ["Dashes", "set_dashed_ellipse", "set_dashed_polyline", "set_polyline", "set_segments", "swell"]

_SHARE = 0.55  # of a dash in dash and gap


def set_polyline(curve: VMobject, points: np.ndarray) -> VMobject:
    """Straight pieces through points of shape (n, 3): `set_points_as_corners` without its loop."""
    return set_segments(curve, points[:-1], points[1:])


def set_segments(curve: VMobject, start: np.ndarray, end: np.ndarray) -> VMobject:
    """Separate straight pieces from `start` to `end`, both of shape (n, 3), in one mobject."""
    return curve.set_points(
        np.stack([start, (2 * start + end) / 3, (start + 2 * end) / 3, end], axis=1).reshape(-1, 3)
    )


class Dashes(VMobject):
    """A dashed curve as one mobject, which can be shown as far as a tracker has come.

    Parameters
    ----------
    curve : VMobject
        With the color and the width that the dashes get.
    dash : float
        Length of a dash in frame units, about.
    axis : int, optional
        Measure how far it is shown along this axis of the frame; by default along the curve.
    """

    def __init__(self, curve: VMobject, dash: float = 0.13, *, axis: int | None = None):
        super().__init__(
            color=curve.get_stroke_color(), stroke_width=curve.get_stroke_width(), fill_opacity=0
        )
        self._pieces = [part.points for part in dashed(curve, dash).family_members_with_points()]
        if axis is None:
            self._places = (np.arange(len(self._pieces)) + 0.5) / len(self._pieces)
        else:
            starts = np.array([piece[0, axis] for piece in self._pieces])
            low, high = curve.points[:, axis].min(), curve.points[:, axis].max()
            self._places = (starts - low) / (high - low)
        self.reveal(1.0)

    def reveal(self, share: float) -> Dashes:
        """Show the dashes that begin in the first `share` (0 to 1)."""
        shown = [piece for piece, place in zip(self._pieces, self._places, strict=True) if place <= share]
        return self.set_points(np.concatenate(shown) if shown else np.empty((0, 3)))


def set_dashed_polyline(
    curve: VMobject, corners: np.ndarray, *, dash: float = 0.13, within: Region | None = None
) -> VMobject:
    """Make `curve` a dashed line through corners of shape (n, 3), anew at every frame without being rebuilt.

    Dashes that do not lie inside the region `within` are left out.
    """
    pieces = []
    for start, end in zip(corners[:-1], corners[1:], strict=True):
        count = max(1, round(float(np.linalg.norm(end - start)) / (2 * dash)))
        shares = (np.arange(count) / count)[:, None, None] + np.linspace(0, _SHARE / count, 4)[:, None]
        pieces.append(start + shares * (end - start))
    return _set_pieces(curve, np.concatenate(pieces), within)


def set_dashed_ellipse(
    curve: VMobject,
    center: np.ndarray,
    across: float,
    up: float,
    *,
    count: int = 44,
    within: Region | None = None,
) -> VMobject:
    """Make `curve` an upright ellipse of `count` dashes; see :func:`set_dashed_polyline`."""
    start = 2 * np.pi * np.arange(count) / count
    end = start + _SHARE * 2 * np.pi / count
    handle = 4 / 3 * np.tan((end - start) / 4)[:, None]

    def at(angle: np.ndarray) -> np.ndarray:
        return np.stack([across * np.cos(angle), up * np.sin(angle), 0 * angle], axis=1)

    a, d = at(start), at(end)
    along_a, along_d = (np.stack([-across * np.sin(t), up * np.cos(t), 0 * t], axis=1) for t in (start, end))
    arcs = np.stack([a, a + handle * along_a, d - handle * along_d, d], axis=1)
    return _set_pieces(curve, center + arcs, within)


def _set_pieces(curve: VMobject, pieces: np.ndarray, within: Region | None) -> VMobject:
    """Put Bezier pieces of shape (n, 4, 3) into one mobject."""
    if within is not None:
        pieces = pieces[within.contains(pieces).all(axis=1)]
    return curve.set_points(pieces.reshape(-1, 3))


def swell(mobject: Any, width: float) -> Any:
    """Draw lines with another width, and with their own again: what is spoken of now is this."""
    return mobject.animate(rate_func=lambda t: np.sin(np.pi * t)).set_stroke(width=width)
