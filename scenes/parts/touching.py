"""The textbook figure in motion: a contour of the risk and a circle of the penalty that touch."""

from __future__ import annotations

import numpy as np
from manim import Dot, VGroup, VMobject

from lecture.stage.plane import Arrow, Plane, polyline
from lecture.stage.region import LEFT_HALF, SAFE, STAGE, Region
from lecture.stage.style import Style
from scenes.problem.problem import Problem
from wdmath import level_set_ellipse, ridge_minimizer, tangent_circle

__all__ = ["TouchingPair", "clear_of_names", "dashed_circle", "room_for", "sweep_scale"]

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


# The longest pull of a sweep, in frame units.
_LONGEST = 2.0


class TouchingPair(VGroup):
    """The contour of the risk through the ridge minimizer, the circle of the penalty through it, and the two pulls.

    The pulls -grad R and -lambda theta are drawn to one scale, whatever lambda is.

    Attributes
    ----------
    ellipse, circle, point, risk_pull, penalty_pull : Mobject
    pull_scale : float
        Frame units per unit of gradient. By default the pulls grow to two frame units, or to where the picture ends,
        as lambda grows without bound.
    """

    def __init__(self, plane: Plane, problem: Problem, style: Style, lam: float):
        self.plane, self.problem = plane, problem
        self.pull_scale = sweep_scale(plane, problem)
        self.ellipse = VMobject(color=style.line, stroke_width=4.5, fill_opacity=0)
        self.circle = VMobject(color=style.penalty, stroke_width=4, fill_opacity=0)
        self.point = Dot(radius=0.1, color=style.ridge).set_z_index(2)  # on the shafts of its pulls
        self.risk_pull = Arrow([0, 0, 0], [1, 0, 0], style.minimizer, width=5, tip=0.22)
        self.penalty_pull = Arrow([0, 0, 0], [1, 0, 0], style.penalty, width=5, tip=0.22, dash=True)
        super().__init__(self.ellipse, self.circle, self.risk_pull, self.penalty_pull, self.point)
        self.set_lam(lam)

    def set_lam(self, lam: float) -> TouchingPair:
        """Move everything to where it is at a penalty strength."""
        touch = tangent_circle(self.problem.risk, lam)
        self.set_level(touch.level)
        self.set_radius(touch.radius, float(np.arctan2(touch.point[1], touch.point[0])))
        self.point.move_to(self.plane.c2p(touch.point))
        self.set_pulls(touch.point, lam)
        return self

    def set_pulls(self, theta: np.ndarray, lam: float) -> None:
        """Draw both pulls at a point of the plane."""
        here = self.plane.c2p(theta)
        for arrow, pull in (
            (self.risk_pull, -self.problem.risk.gradient(theta)),
            (self.penalty_pull, -lam * theta),
        ):
            arrow.put(here, here + self.pull_scale * np.array([*pull, 0.0]))

    def set_level(self, level: float) -> None:
        """Put the contour at a level above the minimum of the risk."""
        self.ellipse.set_points(_contour(self.plane, self.problem, level))

    def set_radius(self, radius: float, start: float) -> None:
        """Give the circle a radius, in coordinates, and the angle that its dashes start from."""
        region = self.plane.drawing_region
        self.circle.set_points(dashed_circle(self.plane.origin, radius * self.plane.unit, start, region))


def sweep_scale(plane: Plane, problem: Problem) -> float:
    """Frame units per unit of gradient with which the pulls of a whole sweep of lambda stay in the picture."""
    risk = problem.risk
    steep = float(risk.eigenvalues[0])
    if not steep or not risk.minimizer.any():
        return 0.0
    lams = steep * np.concatenate([np.geomspace(1e-4, 1e4, 33), [1e9]])
    points = ridge_minimizer(risk, lams)
    pulls = -risk.gradient(points)
    longest = float(np.hypot(*pulls.T).max())
    if not longest:
        return 0.0
    rooms = [room_for(here, way) for here, way in zip(plane.c2p(points), pulls / longest, strict=True)]
    here, ways = plane.c2p(points), pulls / longest
    return (
        clear_of_names(plane, np.vstack([here, here]), np.vstack([ways, -ways]), min(_LONGEST, *rooms))
        / longest
    )


def clear_of_names(plane: Plane, here: np.ndarray, ways: np.ndarray, scale: float) -> float:
    """As much of a scale as vectors laid off from points of the frame can have without touching the axes' names."""
    along = np.linspace(0, 1, 41)[:, None, None] * np.column_stack([ways, np.zeros(len(ways))])
    names = [Region.around(name).grown(0.15) for name in plane.axis_labels]
    while scale > 0.2 and any(name.contains(here + scale * along).any() for name in names):
        scale *= 0.9
    return scale


def room_for(here: np.ndarray, way: np.ndarray, *, both: bool = True) -> float:
    """How often a vector fits to one side of a point, or to both, before the left half of the stage ends."""
    high = np.array([LEFT_HALF.right, STAGE.top]) - here[:2]
    low = np.array([LEFT_HALF.left, SAFE.bottom]) - here[:2]
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.nanmin([np.maximum(low / w, high / w) for w in ((way, -way) if both else (way,))]))


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
