"""Descents drawn step by step: the plane that shows them, and the zigzag of shrinking and descending."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import UpdateFromAlphaFunc, VGroup, VMobject

from lecture.stage import BODY, place
from lecture.stage.plane import Plane, polyline
from lecture.stage.region import Region, clip
from lecture.stage.scatter import Scatter
from lecture.stage.style import Style
from lecture.stage.text import formula
from scenes.parts.contours import contour_levels
from scenes.parts.eigen_picture import reach
from scenes.parts.parameter_plane import parameter_plane
from scenes.problem.problem import Problem
from wdmath import (
    QuadraticRisk,
    WeightDecaySteps,
    diverges,
    gradient_descent,
    level_set_ellipse,
    ridge_minimizer,
    weight_decay_steps,
)

__all__ = [
    "BARE",
    "MOST_STEPS",
    "CloseUp",
    "Walk",
    "Zigzag",
    "contour_box",
    "converges",
    "descent_levels",
    "descent_plane",
    "descent_run",
    "drawn_step",
    "factor_digits",
    "far_enough",
    "fewest_digits",
    "name_minimizer",
    "telling_point",
]

# How much longer than the step the bare gradients are drawn; gradients have units of their own.
BARE = 1.4

# In frame units: split steps nearer to each other than this are not told apart.
_APART = 0.13

# Nobody sees more steps than this.
MOST_STEPS = 150


def fewest_digits(value: float, most: int = 3) -> int:
    """Significant digits that show `value` as well as `most` would, without trailing zeros.

    Examples
    --------
    >>> [fewest_digits(v) for v in (0.005, 50.0, 0.0125, 1 / 3)]
    [1, 1, 3, 3]
    """
    for digits in range(1, most):
        if float(f"{value:.{digits - 1}e}") == float(f"{value:.{most - 1}e}"):
            return digits
    return most


def factor_digits(factor: float) -> int:
    """Significant digits for a factor 1 - alpha lam: enough to tell it from 1.

    Examples
    --------
    >>> [factor_digits(f) for f in (0.95, 0.99999, 1.0)]
    [2, 5, 1]
    """
    for digits in range(fewest_digits(factor), 8):
        if factor == 1 or float(f"{factor:.{digits - 1}e}") != 1:
            return digits
    return 8


def converges(problem: Problem, lam: float = 0.0) -> bool:
    """Whether gradient descent with the problem's step size comes to rest under this penalty."""
    return not bool(diverges(problem.risk.eigenvalues, problem.step_size, lam))


def descent_run(problem: Problem, lam: float) -> WeightDecaySteps:
    """The problem's descent with weight decay, each step split in two."""
    steps = min(problem.steps, MOST_STEPS)
    return weight_decay_steps(problem.risk, problem.start, problem.step_size, steps, lam)


def contour_box(risk: QuadraticRisk, level: float, farthest: float) -> np.ndarray:
    """Opposite corners, shape (2, 2), of the box around a contour, cut where it is `farthest` from the minimizer.

    Examples
    --------
    >>> contour_box(QuadraticRisk([[4.0, 0.0], [0.0, 0.0]], [1.0, 2.0]), 2.0, 5.0).tolist()
    [[0.0, -3.0], [2.0, 7.0]]
    """
    ellipse = level_set_ellipse(risk, level)
    half = np.linalg.norm(np.minimum(ellipse.semi_axes, farthest) * ellipse.directions, axis=1)
    return risk.minimizer + np.array([-half, half])


def drawn_step(problem: Problem) -> tuple[float, float]:
    """Step size and penalty strength of the one step that is drawn: the problem's own, where they can be seen."""
    alpha, lam, steep = problem.step_size, problem.lam, float(problem.risk.eigenvalues[0])
    if 0.1 <= alpha * lam <= 0.6 and 0.1 <= alpha * steep <= 0.9:
        return alpha, lam
    alpha = 0.5 / steep if steep > 0 else 1.0
    return alpha, 0.3 / alpha


def telling_point(problem: Problem) -> np.ndarray:
    """A point around the minimizer where shrinking and descending go the most different ways.

    And from which the step does not end near an axis, where its name would have no room.
    """
    alpha, lam = drawn_step(problem)
    turn = np.arange(24) * np.pi / 12
    points = problem.risk.minimizer + 0.75 * reach(problem) * np.column_stack([np.cos(turn), np.sin(turn)])
    slopes = problem.risk.gradient(points)
    areas = alpha**2 * lam * np.abs(points[:, 0] * slopes[:, 1] - points[:, 1] * slopes[:, 0])
    ends = (1 - alpha * lam) * points - alpha * slopes
    room = np.abs(ends).min(axis=1) / reach(problem)
    return points[int(np.argmax((areas / max(areas.max(), 1e-300) * np.minimum(room, 0.25)).round(9)))]


def descent_levels(problem: Problem) -> np.ndarray:
    """Levels of the contours around the minimizer, in all pictures of a descent."""
    return contour_levels(problem.risk, 0.3 * reach(problem), 3)


def descent_plane(problem: Problem, region: Region, style: Style) -> Plane:
    """The one plane of all scenes about steps: from one to the next, no point of it moves.

    It frames start, minimizer and ridge minimizers, the paths to them and the contours, as far as all is near, and the
    single step that is taken apart.
    """
    risk = problem.risk
    lams = (problem.lam_zigzag, *problem.lams_compared)
    scale = float(risk.eigenvalues[0])
    strengths = np.concatenate([lams, scale * np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 25)])])
    core = np.vstack([[0.0, 0.0], problem.start, risk.minimizer, ridge_minimizer(risk, strengths)])
    low, high = core.min(axis=0), core.max(axis=0)
    size = float((high - low).max()) or 1.0
    paths = np.vstack(
        [
            gradient_descent(risk, problem.start, problem.step_size, min(problem.steps, MOST_STEPS), lam)
            for lam in (0.0, *lams)
        ]
    )
    near = ((paths > low - 0.4 * size) & (paths < high + 0.4 * size)).all(axis=1)
    around = risk.minimizer + 0.1 * size * np.array([[1, 1], [-1, -1]])
    boxes = [contour_box(risk, level, 0.5 * size) for level in descent_levels(problem)[-1:] if level > 0]
    points = np.vstack([core, paths[near], around, *boxes, *_one_step(problem)])
    return parameter_plane(region, points, style, names=problem.axis_names)


def name_minimizer(plane: Plane, region: Region, problem: Problem, style: Style) -> Any:
    """The minimizer's name in the plane of all scenes about steps, beside everything that any of them draws there."""
    risk = problem.risk
    lams = (0.0, problem.lam_zigzag, *problem.lams_compared)
    curve = ridge_minimizer(risk, float(risk.eigenvalues[0]) * np.geomspace(1e-6, 1e6, 100))
    paths = [
        gradient_descent(risk, problem.start, problem.step_size, min(problem.steps, MOST_STEPS), lam)
        for lam in lams
    ]
    at, *tips = _one_step(problem)[0]
    lines = [curve, *paths, *(np.array([at, tip]) for tip in tips)]
    at_goal = plane.c2p(risk.minimizer)
    drawn = [polyline(plane.c2p(line), style.line, within=plane.drawing_region) for line in lines]
    label = formula("@min", style, size=BODY)
    return place(label, at_goal, avoid=[plane, *drawn], within=region, prefer=[1, 1], gap=0.14)


def _one_step(problem: Problem) -> list[np.ndarray]:
    """What the step that is taken apart needs of the plane: its arrows, and the inner contour that it goes down to."""
    risk, at = problem.risk, telling_point(problem)
    alpha, lam = drawn_step(problem)
    run = weight_decay_steps(risk, at, alpha, 1, lam)
    pull, slope = run.shrunk[0] - at, run.points[1] - run.shrunk[0]
    level = float(risk.value(at)) - risk.constant
    boxes = [contour_box(risk, 0.02 * level, 0.4 * reach(problem))] if level > 0 else []
    return [at + np.array([0 * at, BARE * pull, BARE * slope, pull, slope, pull + slope]), *boxes]


class CloseUp:
    """A magnified piece of a plane: the map from its coordinates to a region of the frame.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Coordinates that must be seen.
    smallest : float
        The least width or height of what is magnified: points that coincide have none.
    """

    def __init__(self, region: Region, points: np.ndarray, *, smallest: float, margin: float = 0.45):
        low, high = points.min(axis=0), points.max(axis=0)
        inner = region.grown(-margin)
        spans = np.maximum(high - low, smallest)
        self.region = region
        self.unit = float(min(inner.width / spans[0], inner.height / spans[1]))
        self._middle = (low + high) / 2

    def center_on(self, point: Any) -> CloseUp:
        """Move it over the plane until a point of coordinates is in its middle."""
        self._middle = np.asarray(point, dtype=float)
        return self

    def c2p(self, coordinates: Any) -> np.ndarray:
        """Coordinates of shape (..., 2) as points of the frame, shape (..., 3)."""
        flat = self.region.center[:2] + self.unit * (np.asarray(coordinates, dtype=float) - self._middle)
        return np.concatenate([flat, np.zeros((*flat.shape[:-1], 1))], axis=-1)

    @property
    def window(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest coordinates inside the region."""
        half = np.array([self.region.width, self.region.height]) / 2 / self.unit
        return self._middle - half, self._middle + half


class _StepByStep(VGroup):
    """Straight steps through the plane, each cut at the border of the region, shown up to any one of them."""

    def __init__(self, plane: Plane | CloseUp, corners: np.ndarray, within: Region | None):
        super().__init__()
        corners = np.nan_to_num(corners, nan=1e12, posinf=1e12, neginf=-1e12).clip(-1e12, 1e12)
        self.corners = plane.c2p(corners)
        self.steps = len(corners) - 1
        self._within = within or plane.region
        pieces = [self._piece(k, 1.0) for k in range(self.steps)]
        # One array, not many: Manim copies what it animates.
        self._visible = np.array([len(piece) > 0 for piece in pieces], dtype=bool)
        self._pieces = np.array([piece if len(piece) else np.zeros((4, 3)) for piece in pieces]).reshape(
            -1, 4, 3
        )

    def _piece(self, k: int, share: float) -> np.ndarray:
        """The visible part of a step's first `share`, as the points of a cubic; none outside the region."""
        start, end = self.corners[k], self.corners[k + 1]
        ends = np.array([start, start + share * (end - start)])
        inside = clip(ends[:, :2], self._within) if np.abs(ends[1] - ends[0]).max() > 1e-4 else []
        if not inside:
            return np.empty((0, 3))
        one, other = inside[0]
        along = np.linspace(0, 1, 4)[:, None]
        return np.column_stack([one * (1 - along) + other * along, np.zeros(4)])

    def _shown(self, shown: float, first: int = 0, stride: int = 1) -> np.ndarray:
        """Points of every `stride`-th step from the `first`, up to `shown` steps."""
        whole = min(int(shown), self.steps)
        chosen = slice(first, whole, stride)
        points = self._pieces[chosen][self._visible[chosen]].reshape(-1, 3)
        if whole < self.steps and shown > whole and whole % stride == first and self._visible[whole]:
            points = np.vstack([points, self._piece(whole, shown - whole)])
        return points

    def show(self, shown: float) -> _StepByStep:
        """Show the first `shown` steps; a fraction shows a part of one."""
        raise TypeError(f"{type(self).__name__} must say how it is shown")

    def walk(self, start: float, end: float, **kwargs: Any) -> UpdateFromAlphaFunc:
        """The animation that goes from one number of steps to another."""
        return UpdateFromAlphaFunc(self, lambda m, alpha: m.show(start + alpha * (end - start)), **kwargs)


class Walk(_StepByStep):
    """A path with a dot at every point."""

    def __init__(
        self,
        plane: Plane | CloseUp,
        points: np.ndarray,
        color: str,
        *,
        width: float = 3.0,
        radius: float = 0.055,
        within: Region | None = None,
    ):
        super().__init__(plane, points, within)
        self.line = VMobject(color=color, stroke_width=width, fill_opacity=0)
        self._seen = self._within.contains(self.corners)
        self.dots = Scatter(self.corners[self._seen], color, radius=radius)
        self.add(self.line, self.dots)
        self.show(self.steps)

    def show(self, shown: float) -> Walk:
        """Show the first `shown` steps; a fraction shows a part of one."""
        self.line.points = self._shown(shown)
        arrived = int(shown + 1e-9) + 1
        self.dots.move_dots(self.corners[:arrived][self._seen[:arrived]])
        return self


def far_enough(points: np.ndarray, gap: float) -> np.ndarray:
    """Which points to keep, going along a path, so that each is at least `gap` from the one kept before."""
    kept, last = np.zeros(len(points), dtype=bool), None
    for k, point in enumerate(points):
        if last is None or np.hypot(*(point - last)[:2]) >= gap:
            kept[k], last = True, point
    return kept


class Zigzag(_StepByStep):
    """Split steps: in the color of the penalty the shrinks, in that of the minimizer the gradient steps.

    Where they crowd, near rest, only some are drawn, so that each can be seen.

    Two mobjects whatever the number of steps; :meth:`show` counts half steps.
    """

    def __init__(
        self,
        plane: Plane | CloseUp,
        run: WeightDecaySteps,
        style: Style,
        *,
        width: float = 2.2,
        within: Region | None = None,
    ):
        corners = np.empty((2 * len(run.shrunk) + 1, 2))
        corners[::2], corners[1::2] = run.points, run.shrunk
        super().__init__(plane, corners, within)
        self._visible &= np.repeat(far_enough(self.corners[:-1:2], _APART), 2)
        self.shrinks = VMobject(color=style.penalty, stroke_width=2.4 * width, fill_opacity=0)
        self.descents = VMobject(color=style.minimizer, stroke_width=width, fill_opacity=0)
        self.add(self.shrinks, self.descents)
        self.show(self.steps)

    def show(self, shown: float) -> Zigzag:
        """Show the first `shown` half steps; a fraction shows a part of one."""
        self.shrinks.points = self._shown(shown, 0, 2)
        self.descents.points = self._shown(shown, 1, 2)
        return self
