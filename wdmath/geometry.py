"""The textbook picture in the plane: ellipses of equal risk, and the circle of equal penalty touching one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ._validation import Array, count, real_number, require_room
from ._values import Value
from .risk import QuadraticRisk, require_risk, ridge_minimizer

__all__ = [
    "LevelSetEllipse",
    "TangentCircle",
    "level_set_ellipse",
    "tangent_circle",
]


@dataclass(frozen=True, eq=False, repr=False)
class LevelSetEllipse(Value):
    """Points where the risk exceeds its minimum by `level`.

    Attributes
    ----------
    center : ndarray of shape (2,)
        The minimizer.
    semi_axes : ndarray of shape (2,)
        sqrt(2 level / eigenvalue), so the first is the shorter one; infinite along a flat direction.
    directions : ndarray of shape (2, 2)
        Unit vectors of the semi-axes, one in each column: the eigenvectors.
    level : float
    """

    center: Array
    semi_axes: Array
    directions: Array
    level: float

    @property
    def bounded(self) -> bool:
        """Whether the set is an ellipse; with a flat direction it is a pair of lines (or empty)."""
        return bool(np.isfinite(self.semi_axes).all())

    def points(self, n: int = 200) -> Array:
        """n points around the ellipse, counterclockwise from the end of the first semi-axis, shape (n, 2).

        The last point is not a repetition of the first.

        Raises
        ------
        ValueError
            If the Hessian is singular, so that the set is not bounded; use `curves`.
        """
        n = _points_of_a_curve(n, 1)
        if not self.bounded:
            raise ValueError(
                f"the level set is unbounded, got semi-axes {self.semi_axes.tolist()}; use curves(n, reach)"
            )
        angles = 2 * np.pi * np.arange(n) / n
        local = np.stack([np.cos(angles), np.sin(angles)], axis=1) * self.semi_axes
        return self.center + local @ self.directions.T

    def curves(self, n: int = 200, *, reach: float) -> tuple[Array, ...]:
        """The level set as curves to draw: one closed ellipse, or two lines where one direction is flat.

        Parameters
        ----------
        n : int
            Points on each curve.
        reach : float
            How far lines extend on each side of the minimizer; not used for an ellipse.

        Returns
        -------
        tuple of ndarray of shape (n, 2)
            Empty if the risk is constant, as it then never reaches the level.
        """
        reach = real_number(reach, "reach", positive=True)
        if self.bounded:
            loop = self.points(max(_points_of_a_curve(n, 2) - 1, 1))
            return (np.concatenate([loop, loop[:1]]),)
        n = _points_of_a_curve(n, 2)
        if not np.isfinite(self.semi_axes[0]):
            return ()
        along = np.linspace(-reach, reach, n)[:, None] * self.directions[:, 1]
        offset = self.semi_axes[0] * self.directions[:, 0]
        return (self.center + offset + along, self.center - offset + along)


def level_set_ellipse(risk: QuadraticRisk, level: float) -> LevelSetEllipse:
    """The ellipse {theta : R(theta) - min R = level} of a risk in two parameters.

    Parameters
    ----------
    risk : QuadraticRisk
        With p = 2.
    level : float
        Excess over the minimum, >= 0.

    Returns
    -------
    LevelSetEllipse
        Semi-axes sqrt(2 level / sigma_i) along the eigenvectors.

    Raises
    ------
    ValueError
        If the risk does not have two parameters, or the level is negative.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 7.1.1.

    Examples
    --------
    >>> import wdmath
    >>> ellipse = wdmath.level_set_ellipse(wdmath.QuadraticRisk([[8, 0], [0, 2]], [1, 1]), 4.0)
    >>> ellipse.semi_axes
    array([1., 2.])
    """
    _require_plane(risk)
    level = real_number(level, "level", nonnegative=True)
    sigma = risk.eigenvalues
    axes = np.full(2, np.inf)
    np.divide(2 * level, sigma, out=axes, where=sigma > 0)
    return LevelSetEllipse(risk.minimizer, np.sqrt(axes), risk.eigenvectors, level)


@dataclass(frozen=True, eq=False, repr=False)
class TangentCircle(Value):
    """The circle of equal penalty that touches a level set of the risk at the ridge minimizer.

    Attributes
    ----------
    center : ndarray of shape (2,)
        The origin.
    radius : float
        ||theta_ridge||.
    point : ndarray of shape (2,)
        theta_ridge, where the two touch: there -grad R = lam theta.
    level : float
        Excess risk R(theta_ridge) - min R of the level set that the circle touches.
    """

    center: Array
    radius: float
    point: Array
    level: float

    def points(self, n: int = 200) -> Array:
        """n points around the circle, counterclockwise from the first axis, shape (n, 2)."""
        angles = 2 * np.pi * np.arange(_points_of_a_curve(n, 1)) / n
        return self.center + self.radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def tangent_circle(risk: QuadraticRisk, lam: ArrayLike) -> TangentCircle:
    """The circle around the origin through the ridge minimizer, with the risk level whose ellipse it touches.

    Parameters
    ----------
    risk : QuadraticRisk
        With p = 2.
    lam : float
        Penalty strength, >= 0.

    Returns
    -------
    TangentCircle

    Raises
    ------
    ValueError
        If the risk does not have two parameters, or lam is negative or not finite.
    TypeError
        If `risk` is not a QuadraticRisk.

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, figure 3.11.

    Examples
    --------
    >>> import wdmath
    >>> circle = wdmath.tangent_circle(wdmath.QuadraticRisk([[2, 0], [0, 2]], [3, 4]), 2.0)
    >>> circle.radius, circle.point, circle.level
    (2.5, array([1.5, 2. ]), 6.25)
    """
    _require_plane(risk)
    strength = real_number(lam, "lam", nonnegative=True)
    point = ridge_minimizer(risk, strength)
    # Along eigenvector i the minimizer has moved by lam / (sigma + lam) of its component: nothing is subtracted.
    sigma = risk.eigenvalues
    curved = sigma > 0
    moved = strength / 2 / (sigma[curved] / 2 + strength / 2) * risk.minimizer_components[curved]
    level = float((moved * moved) @ sigma[curved]) / 2
    return TangentCircle(np.zeros(2), float(np.hypot(*point)), point, level)


def _require_plane(risk: QuadraticRisk) -> None:
    require_risk(risk)
    if risk.dimension != 2:
        raise ValueError(f"risk must have 2 parameters, got {risk.dimension}")


def _points_of_a_curve(n: int, minimum: int) -> int:
    number = count(n, "n", minimum=minimum)
    require_room(f"{number} points", 2 * number, "a few hundred look smooth")
    return number
