"""Descents drawn step by step: the plane that shows them, and the zigzag of shrinking and descending."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import UpdateFromAlphaFunc, VGroup, VMobject

from wdmath import WeightDecaySteps, diverges, gradient_descent, ridge_minimizer, weight_decay_steps

from .plane import Plane
from .problem import Problem
from .region import Region, clip
from .theme import Theme

__all__ = ["CloseUp", "Zigzag", "converges", "descent_plane", "descent_run", "fewest_digits"]

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


def converges(problem: Problem, lam: float = 0.0) -> bool:
    """Whether gradient descent with the problem's step size comes to rest under this penalty."""
    return not bool(diverges(problem.risk.eigenvalues, problem.step_size, lam))


def descent_run(problem: Problem, lam: float) -> WeightDecaySteps:
    """The problem's descent with weight decay, each step split in two."""
    steps = min(problem.steps, MOST_STEPS)
    return weight_decay_steps(problem.risk, problem.start, problem.step_size, steps, lam)


def descent_plane(
    problem: Problem, region: Region, theme: Theme, lams: tuple[float, ...], *, name: str = "parameters"
) -> Plane:
    """A plane that frames start, minimizer, ridge minimizers and the paths to them, as far as these stay near."""
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
    return Plane(region, np.vstack([core, paths[near], around]), theme, name=name)


class CloseUp:
    """A magnified piece of a plane: the map from its coordinates to a region of the frame.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Coordinates that must be seen.
    """

    def __init__(self, region: Region, points: np.ndarray, *, margin: float = 0.45):
        low, high = points.min(axis=0), points.max(axis=0)
        inner = region.grown(-margin)
        spans = np.maximum(high - low, 1e-9 * max(float(np.abs(points).max()), 1e-300))
        self.region = region
        self.unit = float(min(inner.width / spans[0], inner.height / spans[1]))
        self._middle = (low + high) / 2

    def c2p(self, coordinates: Any) -> np.ndarray:
        """Coordinates of shape (..., 2) as points of the frame, shape (..., 3)."""
        flat = self.region.center[:2] + self.unit * (np.asarray(coordinates, dtype=float) - self._middle)
        return np.concatenate([flat, np.zeros((*flat.shape[:-1], 1))], axis=-1)

    @property
    def window(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest coordinates inside the region."""
        half = np.array([self.region.width, self.region.height]) / 2 / self.unit
        return self._middle - half, self._middle + half


class Zigzag(VGroup):
    """Split steps: in the color of the penalty the shrinks, in that of the minimizer the gradient steps.

    Two mobjects whatever the number of steps; :meth:`show` reveals them one half step after the other.
    """

    def __init__(
        self,
        plane: Plane | CloseUp,
        run: WeightDecaySteps,
        theme: Theme,
        *,
        width: float = 4.0,
        within: Region | None = None,
    ):
        self.shrinks = VMobject(color=theme.penalty, stroke_width=width * 1.25, fill_opacity=0)
        self.descents = VMobject(color=theme.minimizer, stroke_width=width, fill_opacity=0)
        super().__init__(self.descents, self.shrinks)
        corners = np.empty((2 * len(run.shrunk) + 1, 2))
        corners[::2], corners[1::2] = run.points, run.shrunk
        self.halves = len(corners) - 1
        corners = np.nan_to_num(corners, nan=1e12, posinf=1e12, neginf=-1e12).clip(-1e12, 1e12)
        self.corners = plane.c2p(corners)
        self._within = within or plane.region
        self._pieces = [self._piece(k, 1.0) for k in range(self.halves)]
        self.show(self.halves)

    def _piece(self, half: int, share: float) -> np.ndarray:
        """The visible part of a half step's first `share`, as the points of a cubic; none outside the region."""
        start, end = self.corners[half], self.corners[half + 1]
        ends = np.array([start, start + share * (end - start)])
        inside = clip(ends[:, :2], self._within) if np.abs(ends[1] - ends[0]).max() > 1e-4 else []
        if not inside:
            return np.empty((0, 3))
        (one, other) = inside[0]
        along = np.linspace(0, 1, 4)[:, None]
        return np.column_stack([one * (1 - along) + other * along, np.zeros(4)])

    def show(self, shown: float) -> Zigzag:
        """Show the first `shown` half steps; a fraction shows a part of one."""
        whole = min(int(shown), self.halves)
        pieces = self._pieces[:whole]
        if whole < self.halves and shown > whole:
            pieces = [*pieces, self._piece(whole, shown - whole)]
        empty = [np.empty((0, 3))]
        self.shrinks.points = np.vstack(pieces[::2] or empty)
        self.descents.points = np.vstack(pieces[1::2] or empty)
        return self

    def walk(self, start: float, end: float, **kwargs: Any) -> UpdateFromAlphaFunc:
        """The animation that goes from one number of half steps to another."""
        return UpdateFromAlphaFunc(self, lambda m, alpha: m.show(start + alpha * (end - start)), **kwargs)
