"""The textbook figure in motion: a contour of the risk and a circle of the penalty that touch."""

from __future__ import annotations

import numpy as np
from manim import Dot, VGroup, VMobject

from lecture.stage.plane import Arrow, Plane, polyline
from lecture.stage.region import Region
from lecture.stage.style import Style
from scenes.problem.problem import Problem
from wdmath import level_set_ellipse, tangent_circle

__all__ = ["TouchingPair", "dashed_circle"]

_DASH, _PERIOD = 0.14, 0.26  # of the penalty's circles, in frame units
_NOTHING = np.zeros((4, 3))


def dashed_circle(center: np.ndarray, radius: float, start: float, within: Region) -> np.ndarray:
    """Bézier points of a circle in dashes, laid out from the angle `start` to both sides.

    So the dashes stay where they are while the circle shrinks, and the seam lies opposite.

    Parameters
    ----------
    center : ndarray of shape (3,)
    radius : float
        In frame units.
    within : Region
        Dashes outside it are left out.
    """
    if radius < _DASH / 2:
        return _NOTHING
    middles = np.arange(0, np.pi * radius + _DASH / 2, _PERIOD)
    ends = np.column_stack([middles - _DASH / 2, np.minimum(middles + _DASH / 2, np.pi * radius)])
    spans = np.vstack([ends, -ends[1:]])[:, :, None] / radius + start
    first, last = spans[:, 0], spans[:, 1]
    handle = 4 / 3 * np.tan((last - first) / 4)

    def on_circle(angle: np.ndarray) -> np.ndarray:
        return np.hstack([np.cos(angle), np.sin(angle)])

    def ahead(angle: np.ndarray) -> np.ndarray:
        return np.hstack([-np.sin(angle), np.cos(angle)])

    unit = np.stack(
        [
            on_circle(first),
            on_circle(first) + handle * ahead(first),
            on_circle(last) - handle * ahead(last),
            on_circle(last),
        ],
        axis=1,
    )
    points = np.zeros((len(unit), 4, 3))
    points[:, :, :2] = center[:2] + radius * unit
    seen = within.contains(points).all(axis=1)
    return points[seen].reshape(-1, 3) if seen.any() else _NOTHING


class TouchingPair(VGroup):
    """The contour of the risk through the ridge minimizer, the circle of the penalty through it, and the two pulls.

    The pulls -grad R and -lambda theta are drawn to one scale, 1.5 / (sigma_1 + lambda) frame lengths per unit of
    gradient, times `enlarged`: as a step of gradient descent would move the point. Not enlarged they never leave the
    picture.

    Attributes
    ----------
    ellipse, circle, point, risk_pull, penalty_pull : Mobject
    enlarged : float
    """

    def __init__(self, plane: Plane, problem: Problem, style: Style, lam: float):
        self.plane, self.problem, self.enlarged = plane, problem, 1.0
        self.ellipse = VMobject(color=style.line, stroke_width=4.5, fill_opacity=0)
        self.circle = VMobject(color=style.penalty, stroke_width=4, fill_opacity=0)
        self.point = Dot(radius=0.1, color=style.ridge).set_z_index(2)  # on the shafts of its pulls
        self.risk_pull = Arrow([0, 0, 0], [1, 0, 0], style.ink, width=5, tip=0.22)
        self.penalty_pull = Arrow([0, 0, 0], [1, 0, 0], style.penalty, width=5, tip=0.22)
        super().__init__(self.ellipse, self.circle, self.risk_pull, self.penalty_pull, self.point)
        self.set_lam(lam)

    def set_lam(self, lam: float) -> TouchingPair:
        """Move everything to where it is at a penalty strength."""
        risk, plane = self.problem.risk, self.plane
        touch = tangent_circle(risk, lam)
        here = plane.c2p(touch.point)
        self.set_level(touch.level)
        self.set_radius(touch.radius, float(np.arctan2(touch.point[1], touch.point[0])))
        self.point.move_to(here)
        strength = float(risk.eigenvalues[0]) + lam
        scale = self.enlarged * 1.5 * plane.unit / strength if strength > 0 else 0.0
        for arrow, pull in (
            (self.risk_pull, -risk.gradient(touch.point)),
            (self.penalty_pull, -lam * touch.point),
        ):
            arrow.put(here, here + scale * np.array([*pull, 0.0]))
        return self

    def enlarge_pulls(self, lam: float, length: float) -> None:
        """Enlarge the pulls until they have a length at a penalty strength, or end where the picture does.

        Where the penalty is small beside the steep eigenvalue, they would not be seen.
        """
        self.enlarged = 1.0
        self.set_lam(lam)
        here, region = self.point.get_center()[:2], self.plane.drawing_region
        pull = self.risk_pull.end_point[:2] - here
        size = float(np.hypot(*pull))
        if size < 1e-6:
            return  # there is no pull
        high = np.array([region.right, region.top]) - here
        low = np.array([region.left, region.bottom]) - here
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.nanmin([np.maximum(low / way, high / way) for way in (pull, -pull)])
        self.enlarged = float(max(1.0, min(length / size, room)))
        self.set_lam(lam)

    def set_level(self, level: float) -> None:
        """Put the contour at a level above the minimum of the risk."""
        self.ellipse.set_points(_contour(self.plane, self.problem, level))

    def set_radius(self, radius: float, start: float) -> None:
        """Give the circle a radius, in coordinates, and the angle that its dashes start from."""
        region = self.plane.drawing_region
        self.circle.set_points(dashed_circle(self.plane.origin, radius * self.plane.unit, start, region))


def _contour(plane: Plane, problem: Problem, level: float) -> np.ndarray:
    """Bézier points of one contour, cut at the border of the plane's drawing region."""
    region = plane.drawing_region
    ellipse = level_set_ellipse(problem.risk, level)
    if level <= 0 or not np.isfinite(ellipse.semi_axes[0]):
        return _NOTHING
    # Far beyond the frame an ellipse and a pair of lines cannot be told apart.
    semi_axes = np.minimum(ellipse.semi_axes, 50 * (region.width + region.height) / plane.unit)
    turn = np.linspace(0, 2 * np.pi, 361)
    local = semi_axes * np.column_stack([np.cos(turn), np.sin(turn)])
    frame = plane.c2p(ellipse.center + local @ ellipse.directions.T)
    points = polyline(frame, "#000000", within=region).points
    return points if len(points) else _NOTHING
