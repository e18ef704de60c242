"""What a lecture is about: one quadratic risk in the plane, and the choices made for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

import wdmath
from wdmath import QuadraticRisk

from .theme import Theme

__all__ = ["Problem", "Settings"]


@dataclass(frozen=True)
class Problem:
    """A two-parameter positive semidefinite risk with its penalty strengths and its descent.

    Attributes
    ----------
    risk : QuadraticRisk
        Two parameters; built once, from data or from a Hessian and a minimizer.
    lam : float
        Penalty strength of rotating and rescaling, in the units of the Hessian's eigenvalues.
    lam_zigzag : float
        Penalty strength under which the split steps are drawn.
    lams_compared : (float, float)
        A weak and a strong penalty, side by side.
    step_size, steps
        Of gradient descent from `start`.
    parameters : (str, str)
        Names of the two parameters as plain text; empty for theta_1 and theta_2.
    X, y : ndarray, optional
        The data behind the risk, where there are any.
    """

    name: str
    risk: QuadraticRisk
    lam: float
    lam_zigzag: float
    lams_compared: tuple[float, float]
    step_size: float
    steps: int
    start: tuple[float, float] = (0.0, 0.0)
    parameters: tuple[str, str] = ("", "")
    X: np.ndarray | None = field(default=None, repr=False)
    y: np.ndarray | None = field(default=None, repr=False)

    @classmethod
    def i2ml(cls) -> Problem:
        """The source lecture's own example: 100 rows, sum of squares, its penalties and its step size.

        Examples
        --------
        >>> Problem.i2ml().risk.eigenvalues.round(1).tolist()
        [116.2, 16.3]
        """
        X, y = wdmath.load_i2ml()
        return cls(
            name="I2ML",
            risk=QuadraticRisk.from_least_squares(X, y, scale="sum"),
            lam=50.0,
            lam_zigzag=10.0,
            lams_compared=(5.0, 50.0),
            step_size=0.005,
            steps=100,
            X=X,
            y=y,
        )

    @cached_property
    def ridge(self) -> np.ndarray:
        """The ridge minimizer at `lam`, shape (2,)."""
        return wdmath.ridge_minimizer(self.risk, self.lam)

    @cached_property
    def components(self) -> np.ndarray:
        """The minimizer in the eigenbasis, shape (2,)."""
        return self.risk.to_eigenbasis(self.risk.minimizer)

    @cached_property
    def factors(self) -> np.ndarray:
        """Shrinkage factors at `lam`, shape (2,)."""
        return wdmath.shrinkage_factors(self.risk.eigenvalues, self.lam)

    @cached_property
    def angle(self) -> float:
        """How far Q turns the plane, counterclockwise, in radians: the direction of the steep eigenvector."""
        first = self.risk.eigenvectors[:, 0]
        return float(np.arctan2(first[1], first[0]))


@dataclass(frozen=True)
class Settings:
    """Everything a scene is given."""

    problem: Problem = field(default_factory=Problem.i2ml)
    theme: Theme = field(default_factory=Theme.dark)
