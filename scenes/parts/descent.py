"""Descents drawn step by step: the plane that shows them, and the zigzag of shrinking and descending."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import UpdateFromAlphaFunc, VGroup, VMobject

from lecture.stage.plane import Plane
from lecture.stage.region import Region, clip
from lecture.stage.scatter import Scatter
from lecture.stage.style import Style
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
    "MOST_STEPS",
    "CloseUp",
    "Walk",
    "Zigzag",
    "contour_box",
    "converges",
    "descent_plane",
    "descent_run",
    "factor_digits",
    "far_enough",
    "fewest_digits",
]

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


def descent_plane(
    problem: Problem,
    region: Region,
    style: Style,
    lams: tuple[float, ...],
    levels: np.ndarray,
    *,
    name: str = "parameters",
) -> Plane:
    """A plane that frames start, minimizer, ridge minimizers, the paths to them and contours, as far as all is near."""
    risk = problem.risk
    core = np.vstack(
        [[0.0, 0.0], problem.start, risk.minimizer, *(ridge_minimizer(risk, lam) for lam in lams)]
    )
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
    boxes = [contour_box(risk, level, 0.5 * size) for level in levels[-1:] if level > 0]
    points = np.vstack([core, paths[near], around, *boxes])
    return parameter_plane(region, points, style, names=problem.axis_names, name=name)


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
