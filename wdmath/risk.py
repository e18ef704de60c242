"""Quadratic risks: from a Hessian and a minimizer, from least-squares data, or as a loss's Taylor model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._double_double import eigenvalue_rests
from ._semidefinite import semidefinite_eigh
from ._singular import singular_values
from ._standard_form import Penalty, hessian_form, penalty_center, standard_form
from ._standard_form import least_squares_scale as least_squares_scale
from ._validation import (
    Array,
    column_names,
    penalty_strength,
    real_array,
    real_number,
    require_room,
    shown,
    symmetric_matrix,
)
from ._values import Value, frozen, owned
from .spectrum import canonical_basis, eigenbasis, eigenspace_slices, factors

__all__ = [
    "QuadraticRisk",
    "project_on_eigenspaces",
    "project_on_eigenvectors",
    "ridge_minimizer",
]


@dataclass(frozen=True, eq=False, repr=False)
class QuadraticRisk(Value):
    """R(theta) = constant + 1/2 (theta - minimizer)^T H (theta - minimizer).

    Parameters
    ----------
    hessian : array_like of shape (p, p)
        H, symmetric positive semidefinite; may be singular.
    minimizer : array_like of shape (p,)
        theta_hat.
    constant : float
        The risk at the minimizer.

    Attributes
    ----------
    eigenvalues : ndarray of shape (p,)
        Of H, descending.
    eigenvectors : ndarray of shape (p, p)
        Q, a rotation; see `eigenbasis` for the sign rule.
    dimension : int
        p.
    feature_names : tuple of str, or None
        Names of the columns of the data frame that the risk is made from.

    Raises
    ------
    ValueError
        If H is not symmetric, not positive semidefinite or not finite, or the shapes do not match.

    Notes
    -----
    Arrays are stored as read-only copies.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[3, 1], [1, 3]], [1, 2])
    >>> risk.eigenvalues.round(12)
    array([4., 2.])
    >>> risk.value([[1, 2], [1, 3]]).round(12)
    array([0. , 1.5])
    """

    hessian: Array
    minimizer: Array
    constant: float = 0.0
    eigenvalues: Array = field(init=False, repr=False)
    eigenvectors: Array = field(init=False, repr=False)
    feature_names: tuple[str, ...] | None = field(init=False, repr=False, default=None)
    # Means of the columns and of y where an intercept is fitted along.
    _means: tuple[Array, float] | None = field(init=False, repr=False, default=None)

    def __init__(self, hessian: ArrayLike, minimizer: ArrayLike, constant: float = 0.0) -> None:
        matrix = symmetric_matrix(hessian, "hessian")
        point = real_array(minimizer, "minimizer", shape=(matrix.shape[0],))
        self._store(matrix, point, real_number(constant, "constant"), *eigenbasis(matrix))

    def _store(self, *values: Any) -> None:
        names = ("hessian", "minimizer", "constant", "eigenvalues", "eigenvectors")
        for name, value in zip(names, values, strict=True):
            if isinstance(value, np.ndarray):
                value = value.copy()
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    @classmethod
    def from_least_squares(
        cls,
        X: ArrayLike,
        y: ArrayLike,
        *,
        scale: str | float,
        intercept: bool = False,
        sample_weight: ArrayLike | None = None,
        tikhonov: ArrayLike | None = None,
    ) -> QuadraticRisk:
        """Risk c sum_i w_i (y_i - b - x_i . theta)^2 + 1/2 ||tikhonov @ theta||^2 of a linear model.

        Parameters
        ----------
        X : array_like of shape (n, p)
        y : array_like of shape (n,)
        scale : {"sum", "half_sum", "mean", "half_mean"} or float
            c = 1, 1/2, 1/n or 1/(2n), or c itself. With weights, n is their sum. The Hessian is 2 c X^T X.
        intercept : bool
            Whether there is a constant b: then the risk is that of the best b for each theta, see `intercept_at`.
        sample_weight : array_like of shape (n,), optional
            w >= 0. A whole number counts the row that many times.
        tikhonov : array_like of shape (m, p), optional
            A penalty that belongs to the risk and does not change with lam.

        Returns
        -------
        QuadraticRisk
            The minimizer is the shortest one where there are several. The eigenbasis comes from the
            singular value decomposition of X, so that nothing is lost to the squared condition number of
            X^T X.

        Raises
        ------
        ValueError
            If an argument is not as described, or numbers of X are so small or large that their squares are 0 or
            infinite.

        Examples
        --------
        >>> import wdmath
        >>> risk = wdmath.QuadraticRisk.from_least_squares(*wdmath.load_i2ml(), scale="sum")
        >>> risk.eigenvalues.round(1), risk.minimizer.round(2)
        (array([116.2,  16.3]), array([0.49, 2.92]))
        """
        names = column_names(X)
        X = real_array(X, "X", ndim=2)
        n, p = X.shape
        y = real_array(y, "y", shape=(n,))
        require_room(f"the Hessian of {p} parameters", p * p, "use ridge_path or lasso_path")
        form = standard_form(X, y[:, None], scale=scale, intercept=intercept, sample_weight=sample_weight)
        factor, goal, weight = form.Z, form.r[:, 0], 2 * form.c
        if tikhonov is not None:
            penalty = real_array(tikhonov, "tikhonov", shape=(None, p))
            factor, weight = np.vstack([weight**0.5 * factor, penalty]), 1.0
            goal = np.concatenate([(2 * form.c) ** 0.5 * goal, np.zeros(len(penalty))])
        with np.errstate(over="ignore"):
            hessian = weight * (factor.T @ factor)
        lost = (np.diagonal(hessian) < np.finfo(np.float64).tiny) & factor.any(axis=0)
        if not np.isfinite(hessian).all() or lost.any():
            raise ValueError(
                "X must have columns whose squares are neither 0 nor infinite, got numbers up to "
                f"{float(np.abs(X).max()):.3g}; rescale its columns, or use ridge_path"
            )
        U, s, Vt = singular_values(factor, noise=form.noise, full=True)
        k = s.size

        def shortest_fit(target: Array) -> Array:
            return np.divide(U.T[:k] @ target, s, out=np.zeros(k), where=s > 0) @ Vt[:k]

        minimizer = shortest_fit(goal)
        minimizer += shortest_fit(goal - factor @ minimizer)
        residual = goal - factor @ minimizer
        eigenvalues = np.concatenate([weight * s**2, np.zeros(p - k)])
        risk = object.__new__(cls)
        basis = canonical_basis(eigenvalues, Vt.T)
        risk._store(hessian, minimizer, float(weight * (residual @ residual)) / 2, *basis)
        if intercept:
            object.__setattr__(risk, "_means", (owned(form.x_mean), float(form.y_mean[0])))
        object.__setattr__(risk, "feature_names", names)
        return risk

    @classmethod
    def from_taylor(cls, loss: Any, theta: ArrayLike) -> QuadraticRisk:
        """Second-order Taylor model of a loss at theta, written as a quadratic risk.

        Parameters
        ----------
        loss : object with methods value, gradient and hessian, or a sequence of those three callables
            Each takes theta of shape (p,).
        theta : array_like of shape (p,)
            Where to expand: for the argument about weight decay, the minimizer of the loss.

        Returns
        -------
        QuadraticRisk
            Its minimizer is theta - H^+ g, which is theta itself where the gradient g vanishes.

        Raises
        ------
        ValueError
            If H is not positive semidefinite at theta, or the model is unbounded below (g outside the range
            of H).

        Examples
        --------
        >>> import numpy as np
        >>> import wdmath
        >>> cosh = (lambda t: np.cosh(t).sum(), np.sinh, lambda t: np.diag(np.cosh(t)))
        >>> wdmath.QuadraticRisk.from_taylor(cosh, [0.0, 0.0]).hessian
        array([[1., 0.],
               [0., 1.]])
        """
        theta = real_array(theta, "theta", ndim=1)
        value, gradient, hessian = _three_callables(loss)
        p = theta.size
        matrix = symmetric_matrix(hessian(theta), "loss.hessian(theta)")
        slope = real_array(gradient(theta), "loss.gradient(theta)", shape=(p,))
        height = real_number(value(theta), "loss.value(theta)")
        if matrix.shape != (p, p):
            raise ValueError(f"loss.hessian(theta) must have shape ({p}, {p}), got {matrix.shape}")
        eigenvalues, vectors = eigenbasis(matrix)
        components = slope @ vectors
        flat = eigenvalues == 0
        # Rounding in the gradient of a sum is far below this, in units in which each coordinate matters alike; a true
        # slope along a flat direction is not.
        unit = np.sqrt(np.diagonal(matrix))
        unit[unit == 0] = max(unit.max(), 1.0)
        outside = np.abs(vectors[:, flat] @ components[flat]) / unit
        if (
            outside > 1e-10 * ((np.abs(slope) / unit).max() + max((unit * np.abs(theta)).max(), unit.max()))
        ).any():
            worst = float(np.abs(components[flat]).max())
            raise ValueError(
                "the gradient of loss at theta must lie in the range of its Hessian for the Taylor model to "
                f"have a minimum, got the slope {worst!r} along a flat direction at theta = {shown(theta)}"
            )
        shifts = np.divide(components, eigenvalues, out=np.zeros(p), where=~flat)
        risk = object.__new__(cls)
        constant = height - float(shifts @ components) / 2
        risk._store(matrix, theta - vectors @ shifts, constant, eigenvalues, vectors)
        return risk

    @property
    def dimension(self) -> int:
        """Number of parameters, p."""
        return self.minimizer.size

    def value(self, theta: ArrayLike) -> float | Array:
        """Risk at points of shape (..., p); the result has shape (...)."""
        with np.errstate(over="ignore"):
            z = (self._points(theta) - self.minimizer) @ self.eigenvectors
            result = self.constant + (z * z) @ self.eigenvalues / 2
        return float(result) if result.ndim == 0 else result

    def gradient(self, theta: ArrayLike) -> Array:
        """H (theta - minimizer) at points of shape (..., p)."""
        z = (self._points(theta) - self.minimizer) @ self.eigenvectors
        return (z * self.eigenvalues) @ self.eigenvectors.T

    def to_eigenbasis(self, theta: ArrayLike) -> Array:
        """Coordinates Q^T theta along the eigenvectors, for points of shape (..., p)."""
        return self._points(theta) @ self.eigenvectors

    def from_eigenbasis(self, z: ArrayLike) -> Array:
        """Points Q z with the given coordinates along the eigenvectors, of shape (..., p)."""
        return self._points(z, "z") @ self.eigenvectors.T

    def intercept_at(self, theta: ArrayLike) -> float | Array:
        """The best constant b beside points of shape (..., p); 0 if the risk was made without an intercept."""
        points = self._points(theta)
        slopes, level = (np.zeros(self.dimension), 0.0) if self._means is None else self._means
        result = level - points @ slopes
        return float(result) if result.ndim == 0 else result

    @cached_property
    def minimizer_components(self) -> Array:
        """Coordinates Q^T minimizer along the eigenvectors."""
        components = self.minimizer.dot(self.eigenvectors)
        components.flags.writeable = False
        return components

    @cached_property
    def _eigenvalue_rests(self) -> Array:
        """What to add to the eigenvalues for those of the Hessian as it is stored, to 32 digits."""
        with np.errstate(all="ignore"):
            return frozen(eigenvalue_rests(self.hessian, self.eigenvalues, self.eigenvectors))

    def _points(self, theta: ArrayLike, name: str = "theta") -> Array:
        points = real_array(theta, name, empty=True)
        if points.ndim == 0 or points.shape[-1] != self.minimizer.size:
            raise ValueError(
                f"{name} must have shape (..., {self.minimizer.size}), got {points.shape}: {shown(theta)}"
            )
        return points


def ridge_minimizer(
    risk: QuadraticRisk,
    lam: ArrayLike,
    *,
    penalty_weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    tikhonov: ArrayLike | None = None,
    target: ArrayLike | None = None,
) -> Array:
    """Minimizer of R(theta) + lam/2 P(theta - target), for one penalty strength or many.

    P is the squared norm and the target 0 unless others are described: then the minimizer is
    (H + lam I)^-1 H theta_hat = Q diag(sigma / (sigma + lam)) Q^T theta_hat.

    Parameters
    ----------
    risk : QuadraticRisk
    lam : float or array_like of shape (L,)
        Penalty strength, >= 0, in the units of the Hessian.
    penalty_weights, groups, tikhonov : array_like, optional
        The penalty, as in `ridge_path`.
    target : array_like of shape (p,), optional
        The point to shrink to.

    Returns
    -------
    ndarray of shape (p,) or (L, p)
        At lam = 0 the limit lam -> 0: of the minimizers of R the one with the least penalty; without options that is
        theta_hat less its component in the null space of H.

    Raises
    ------
    ValueError
        If lam is negative or not finite, or the penalty is not as described.

    References
    ----------
    Hoerl, Kennard (1970), Ridge regression, Technometrics 12; Goodfellow, Bengio, Courville (2016), section
    7.1.1.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[9, 0], [0, 1]], [1, 1])
    >>> wdmath.ridge_minimizer(risk, [0.0, 1.0])
    array([[1. , 1. ],
           [0.9, 0.5]])
    """
    require_risk(risk)
    strength = penalty_strength(lam)
    if penalty_weights is groups is tikhonov is target is None:
        Q = risk.eigenvectors
        return (factors(risk.eigenvalues, strength) * risk.minimizer_components) @ Q.T
    p = risk.dimension
    penalty = Penalty.of(penalty_weights, groups, tikhonov, p)
    center = penalty_center(target, p, 1)
    center = np.zeros((p, 1)) if center is None else center
    distance = risk.minimizer[:, None] - center
    form = hessian_form(risk.hessian, penalty)
    eigenvalues, vectors = semidefinite_eigh(form.K, "hessian")
    u = factors(eigenvalues, strength.reshape(-1)) * (form.penalized(distance)[:, 0] @ vectors) @ vectors.T
    theta = form.restore(u[:, :, None], risk.hessian @ distance)[:, :, 0] + center[:, 0]
    return theta[0] if strength.ndim == 0 else theta


def project_on_eigenvectors(risk: QuadraticRisk, theta: ArrayLike) -> Array:
    """The components q_i q_i^T theta along each eigenvector; they add up to theta.

    Parameters
    ----------
    risk : QuadraticRisk
    theta : array_like of shape (..., p)

    Returns
    -------
    ndarray of shape (..., p, p)
        Entry [..., i, :] is the component along eigenvector i.

    Raises
    ------
    ValueError
        If theta is not finite or has another length than p.
    TypeError
        If `risk` is not a QuadraticRisk.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, section 8.1.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[4, 0], [0, 1]], [0, 0])
    >>> wdmath.project_on_eigenvectors(risk, [3.0, 2.0])
    array([[3., 0.],
           [0., 2.]])
    """
    require_risk(risk)
    return risk.to_eigenbasis(theta)[..., :, None] * risk.eigenvectors.T


def project_on_eigenspaces(risk: QuadraticRisk, theta: ArrayLike) -> Array:
    """The components of theta in each eigenspace; they add up to theta.

    Unlike the projections on eigenvectors these do not depend on a choice of basis where eigenvalues repeat.

    Parameters
    ----------
    risk : QuadraticRisk
    theta : array_like of shape (..., p)

    Returns
    -------
    ndarray of shape (..., k, p)
        One component for each of the k distinct eigenvalues, descending.

    Raises
    ------
    ValueError
        If theta is not finite or has another length than p.
    TypeError
        If `risk` is not a QuadraticRisk.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, section 8.1.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[4, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 0, 0])
    >>> wdmath.project_on_eigenspaces(risk, [3.0, 2.0, 1.0])
    array([[3., 0., 0.],
           [0., 2., 1.]])
    """
    require_risk(risk)
    components = risk.to_eigenbasis(theta)
    parts = [components[..., s] @ risk.eigenvectors[:, s].T for s in eigenspace_slices(risk.eigenvalues)]
    return np.stack(parts, axis=-2)


def require_risk(risk: Any) -> None:
    """Refuse anything but a QuadraticRisk."""
    if not isinstance(risk, QuadraticRisk):
        raise TypeError(f"risk must be a QuadraticRisk, got {shown(risk)}")


def _three_callables(loss: Any) -> tuple[Callable[[Array], Any], ...]:
    if all(callable(getattr(loss, name, None)) for name in ("value", "gradient", "hessian")):
        return loss.value, loss.gradient, loss.hessian
    if isinstance(loss, (tuple, list)) and len(loss) == 3 and all(map(callable, loss)):
        return tuple(loss)
    raise TypeError(
        f"loss must have methods value, gradient and hessian, or be those three callables, got {shown(loss)}"
    )
