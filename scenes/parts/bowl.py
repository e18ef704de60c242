"""The risk as a bowl in space, whose contours are those of the plane below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lecture.stage.plane import Plane
from lecture.stage.space import OVERHEAD, Space
from lecture.stage.style import Style
from lecture.stage.surface import Surface
from wdmath import QuadraticRisk

__all__ = ["Bowl", "bowl_over"]


class Bowl(Surface):
    """A quadratic risk above its minimum, cut off at its highest contour.

    Parameters
    ----------
    levels : array_like of shape (k,)
        Heights of contours above the minimum, ascending; the last is the rim.
    reach : float, optional
        Cut where it is farther than this from the minimizer along an eigenvector, in coordinates.
    **options
        As in :class:`lecture.stage.surface.Surface`.

    Raises
    ------
    ValueError
        If the risk has no curvature in some direction and there is no reach.
    """

    def __init__(
        self,
        space: Space,
        risk: QuadraticRisk,
        style: Style,
        *,
        levels: Sequence[float] | np.ndarray,
        reach: float = np.inf,
        **options: Any,
    ):
        top = float(levels[-1])
        with np.errstate(divide="ignore"):
            axes = np.minimum(np.sqrt(2 * top / risk.eigenvalues), reach)
        if not np.isfinite(axes).all():
            raise ValueError("a bowl of a singular risk has no end: expected a finite reach, got inf")
        # A little larger than the rim, where that is not cut.
        grown = np.where(axes < reach, 1.01 * axes, axes)
        super().__init__(
            space,
            lambda theta: risk.value(theta) - risk.constant,
            style,
            center=risk.minimizer,
            half=(risk.eigenvectors * grown).T,
            top=top,
            levels=levels,
            **options,
        )


def bowl_over(
    plane: Plane,
    risk: QuadraticRisk,
    style: Style,
    *,
    levels: Sequence[float] | np.ndarray,
    height: float,
    azimuth: float = 0.0,
    elevation: float = OVERHEAD,
    **options: Any,
) -> tuple[Space, Bowl]:
    """A space over a plane of parameters and the risk's bowl in it.

    What stays in its place is the middle of the bowl, half way up: from straight above its contours are where
    :func:`~scenes.parts.contours.risk_contours` draws them in the plane.

    Parameters
    ----------
    height : float
        Of the bowl, in frame units, seen from the side.
    """
    top = float(levels[-1])
    pivot = (*risk.minimizer, top / 2)
    space = Space(plane, pivot=pivot, rise=height / top, azimuth=azimuth, elevation=elevation)
    return space, Bowl(space, risk, style, levels=levels, **options)
