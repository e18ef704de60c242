"""Quadratic risks: from a Hessian and a minimizer, from least-squares data, or as a loss's Taylor model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._singular import singular_values
from ._validation import Array, penalty_strength, real_array, real_number, shown, symmetric_matrix
from ._values import Value
from .spectrum import canonical_basis, eigenbasis, eigenspace_slices, factors

__all__ = [
    "QuadraticRisk",
    "project_on_eigenspaces",
    "project_on_eigenvectors",
    "ridge_minimizer",
]

SCALES = ("sum", "half_sum", "mean", "half_mean")


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
    def from_least_squares(cls, X: ArrayLike, y: ArrayLike, *, scale: str | float) -> QuadraticRisk:
        """Risk c ||y - X theta||^2 of a linear model without intercept.

        Parameters
        ----------
        X : array_like of shape (n, p)
        y : array_like of shape (n,)
        scale : {"sum", "half_sum", "mean", "half_mean"} or float
            c = 1, 1/2, 1/n or 1/(2n), or c itself. The Hessian is 2 c X^T X.

        Returns
        -------
        QuadraticRisk
            The minimizer is the shortest one where there are several. The eigenbasis comes from the
            singular value decomposition of X, so that nothing is lost to the squared condition number of
            X^T X.

        Examples
        --------
        >>> import wdmath
        >>> risk = wdmath.QuadraticRisk.from_least_squares(*wdmath.load_i2ml(), scale="sum")
        >>> risk.eigenvalues.round(1), risk.minimizer.round(2)
        (array([116.2,  16.3]), array([0.49, 2.92]))
        """
        X = real_array(X, "X", ndim=2)
        n, p = X.shape
        y = real_array(y, "y", shape=(n,))
        c = least_squares_scale(scale, n)
        U, s, Vt = singular_values(X, full=n < p)
        k = s.size

        def shortest_fit(target: Array) -> Array:
            return np.divide(U.T[:k] @ target, s, out=np.zeros(k), where=s > 0) @ Vt[:k]

        minimizer = shortest_fit(y)
        minimizer += shortest_fit(y - X @ minimizer)
        residual = y - X @ minimizer
        eigenvalues = np.concatenate([2 * c * s**2, np.zeros(p - k)])
        risk = object.__new__(cls)
        basis = canonical_basis(eigenvalues, Vt.T)
        gram = X.T @ X
        risk._store(2 * c * gram, minimizer, float(c * (residual @ residual)), *basis)
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
        # Rounding in the gradient of a sum is far below this; a true slope along a flat direction is not.
        floor = 1e-10 * (np.abs(slope).max() + eigenvalues[0] * max(np.abs(theta).max(), 1.0))
        if (np.abs(components[flat]) > floor).any():
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

    @cached_property
    def minimizer_components(self) -> Array:
        """Coordinates Q^T minimizer along the eigenvectors."""
        components = self.minimizer.dot(self.eigenvectors)
        components.flags.writeable = False
        return components

    def _points(self, theta: ArrayLike, name: str = "theta") -> Array:
        points = real_array(theta, name, empty=True)
        if points.ndim == 0 or points.shape[-1] != self.minimizer.size:
            raise ValueError(
                f"{name} must have shape (..., {self.minimizer.size}), got {points.shape}: {shown(theta)}"
            )
        return points


def ridge_minimizer(risk: QuadraticRisk, lam: ArrayLike) -> Array:
    """Minimizer of R(theta) + lam/2 ||theta||^2, for one penalty strength or many.

    (H + lam I)^-1 H theta_hat = Q diag(sigma / (sigma + lam)) Q^T theta_hat.

    Parameters
    ----------
    risk : QuadraticRisk
    lam : float or array_like of shape (L,)
        Penalty strength, >= 0, in the units of the Hessian.

    Returns
    -------
    ndarray of shape (p,) or (L, p)
        At lam = 0 the limit lam -> 0: theta_hat less its component in the null space of H.

    Raises
    ------
    ValueError
        If lam is negative or not finite.

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
    Q = risk.eigenvectors
    return (factors(risk.eigenvalues, penalty_strength(lam)) * risk.minimizer_components) @ Q.T


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


def least_squares_scale(scale: Any, total: float, name: str = "scale") -> float:
    """The factor c in c ||y - X theta||^2; `total` is the number of rows, or the sum of their weights."""
    if isinstance(scale, str):
        known = {"sum": 1.0, "half_sum": 0.5, "mean": 1.0 / total, "half_mean": 0.5 / total}
        if scale not in known:
            raise ValueError(
                f"{name} must be one of {', '.join(map(repr, SCALES))} or a number > 0, got {scale!r}"
            )
        return known[scale]
    return real_number(scale, name, positive=True)


def _three_callables(loss: Any) -> tuple[Callable[[Array], Any], ...]:
    if all(callable(getattr(loss, name, None)) for name in ("value", "gradient", "hessian")):
        return loss.value, loss.gradient, loss.hessian
    if isinstance(loss, (tuple, list)) and len(loss) == 3 and all(map(callable, loss)):
        return tuple(loss)
    raise TypeError(
        f"loss must have methods value, gradient and hessian, or be those three callables, got {shown(loss)}"
    )
