"""Contours of a quadratic risk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import VGroup, VMobject

from lecture.stage import Region, clip, polyline
from wdmath import QuadraticRisk, level_set_ellipse

__all__ = ["contour_levels", "risk_contours"]


def contour_levels(risk: QuadraticRisk, extent: float, count: int = 4) -> np.ndarray:
    """Levels (above the minimum) of contours that show the shape of the risk around its minimizer.

    The radii are evenly spaced. The outermost contour reaches `extent` along its long axis, unless it would then
    be too thin to be seen: the short axis is never below a quarter of that, and the region cuts what sticks out.

    Returns
    -------
    ndarray of shape (count,), ascending
    """
    steep, flat = risk.eigenvalues
    outermost = max(flat * extent**2, steep * (0.25 * extent) ** 2) / 2
    return outermost * (np.arange(1, count + 1) / count) ** 2


def risk_contours(
    plane: Any,
    risk: QuadraticRisk,
    levels: Sequence[float] | np.ndarray,
    color: str,
    *,
    width: float = 2.5,
    within: Region | None = None,
    reach: float | None = None,
) -> VGroup:
    """Level sets of the risk as ellipses (parallel lines where the risk is flat), cut at the plane's region.

    Parameters
    ----------
    plane : Plane or CloseUp
        With `region`, `unit` and `c2p`.
    levels : array_like of shape (k,)
        Values above the minimum of the risk.
    reach : float, optional
        Cut instead where a contour is farther than this from the minimizer along an eigenvector, in coordinates:
        such a picture can be turned.

    Returns
    -------
    VGroup of k curves
    """
    region = within or plane.region
    # Far beyond the frame an ellipse and a pair of lines cannot be told apart.
    longest = 50 * max(region.width, region.height) / plane.unit
    turn = np.linspace(0, 2 * np.pi, 361)
    curves = VGroup()
    for level in levels:
        if level <= 0:
            continue  # a risk that is flat everywhere has no contours
        ellipse = level_set_ellipse(risk, level)
        # Sampled evenly in the angle of the circle that the ellipse is a squeezed picture of.
        local = np.minimum(ellipse.semi_axes, longest) * np.column_stack([np.cos(turn), np.sin(turn)])
        pieces = (
            [local]
            if reach is None
            else clip(local, Region(-reach, reach, -reach, reach).grown(1e-9 * reach))
        )
        frames = [plane.c2p(ellipse.center + piece @ ellipse.directions.T) for piece in pieces]
        if len(frames) == 1 and len(frames[0]) == len(turn) and region.contains(frames[0]).all():
            curve = VMobject(color=color, stroke_width=width, fill_opacity=0)
            curves.add(curve.set_points_smoothly(frames[0][::20]))
        else:
            curve = VMobject(color=color, stroke_width=width, fill_opacity=0)
            for frame in frames:
                curve.append_points(polyline(frame, color, within=None if reach else region).points)
            curves.add(curve)
    return curves
