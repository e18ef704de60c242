"""Choosing lam: leave-one-out and generalized cross-validation for all penalty strengths from one factorization."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._singular import singular_values
from ._standard_form import StandardForm, standard_form
from ._validation import EPS, Array, penalty_strength, real_array
from ._values import Value, frozen
from .ridge import GRAM_CONDITION, in_range
from .spectrum import factors

__all__ = [
    "RidgeSelection",
    "generalized_cross_validation",
    "leave_one_out",
    "ridge_selection",
]

# Rows whose own leverage is 1 up to this have no residual without a penalty.
SATURATED = 1e-12


@dataclass(frozen=True, eq=False, repr=False)
class RidgeSelection(Value):
    """Criteria for choosing lam, for each of the given ones.

    Attributes
    ----------
    lams : ndarray of shape (L,)
    leave_one_out_residuals : ndarray of shape (L, n), or (L, n, t) for t targets
        Each row's residual when the model is fitted to the other rows, times the square root of the row's
        weight. Infinite where the other rows do not determine the prediction.
    leave_one_out : ndarray of shape (L,), or (L, t)
        Their (weighted) mean square.
    generalized_cross_validation : ndarray of shape (L,), or (L, t)
        Mean squared residual / (1 - degrees of freedom / n)^2; the intercept counts as one degree of
        freedom here.
    degrees_of_freedom : ndarray of shape (L,)
        Trace of the smoother; counts unpenalized coefficients but not the intercept.
    best_leave_one_out, best_generalized_cross_validation : float, or ndarray of shape (t,)
        The lam with the smallest value of each, for each target.
    """

    lams: Array
    leave_one_out_residuals: Array
    generalized_cross_validation: Array
    degrees_of_freedom: Array
    total_weight: float

    @cached_property
    def leave_one_out(self) -> Array:
        """Mean squared leave-one-out residual for each lam."""
        residuals = self.leave_one_out_residuals
        return frozen(np.einsum("ln...,ln...->l...", residuals, residuals) / self.total_weight)

    @property
    def best_leave_one_out(self) -> float | Array:
        """The lam with the smallest leave-one-out error."""
        return self._best(self.leave_one_out)

    @property
    def best_generalized_cross_validation(self) -> float | Array:
        """The lam with the smallest generalized cross-validation score."""
        return self._best(self.generalized_cross_validation)

    def _best(self, scores: Array) -> float | Array:
        best = self.lams[scores.argmin(axis=0)]
        return best if best.ndim else float(best)


def ridge_selection(
    X: ArrayLike,
    y: ArrayLike,
    lam: ArrayLike,
    *,
    scale: str | float,
    intercept: bool = False,
    sample_weight: ArrayLike | None = None,
    penalty_weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    tikhonov: ArrayLike | None = None,
    target: ArrayLike | None = None,
) -> RidgeSelection:
    """Leave-one-out errors, generalized cross-validation and degrees of freedom of ridge regression, for all lams.

    Residual i of the model fitted without row i is e_i / (1 - h_i), with the residual e and the leverage h
    of the full fit: nothing is fitted again. The scale factor c stays that of all n rows.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,), or (n, t) for t targets
    lam : array_like of shape (L,)
        Penalty strengths, >= 0.
    scale, intercept, sample_weight, penalty_weights, groups, tikhonov, target
        See `ridge_path`.

    Returns
    -------
    RidgeSelection

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; the message names it and its value.

    References
    ----------
    Golub, Heath, Wahba (1979), Technometrics 21; Hastie, Tibshirani, Friedman (2009), section 7.10.

    Examples
    --------
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> selection = wdmath.ridge_selection(X, y, [0.01, 1.0, 100.0], scale="sum")
    >>> selection.leave_one_out.round(3)
    array([0.241, 0.241, 1.154])
    >>> selection.best_leave_one_out
    0.01
    """
    X = real_array(X, "X", ndim=2)
    y = real_array(y, "y", ndim=(1, 2))
    if y.shape[0] != X.shape[0]:
        raise ValueError(f"y must have {X.shape[0]} rows like X, got shape {y.shape}")
    lams = penalty_strength(lam).flatten()
    design, strengths, target, _ = in_range(X, lams, target)
    counted: Any = slice(None)
    if sample_weight is not None:
        sample_weight = real_array(sample_weight, "sample_weight", shape=y.shape[:1], nonnegative=True)
        counted = sample_weight > 0
        sample_weight = sample_weight[counted]
    form = standard_form(
        design[counted],
        y.reshape(len(y), -1)[counted],
        scale=scale,
        sample_weight=sample_weight,
        intercept=intercept,
        penalty_weights=penalty_weights,
        groups=groups,
        tikhonov=tikhonov,
        target=target,
    )
    mu = strengths / (2 * form.c)
    basis, sigma = _fitted_directions(form, float(mu.min()))
    n, kept = len(form.r), factors(sigma, mu)
    squared_basis = basis**2
    leverage_free = (form.free**2).sum(axis=1)
    # In place here and below: making room for arrays of this size takes as long as filling them.
    slack = kept @ squared_basis.T
    np.subtract(1 - leverage_free, slack, out=slack)
    freedom = (n - form.free.shape[1]) - kept.sum(axis=1)

    # Residual and slack are both sums of terms proportional to 1 / (sigma + mu) in rows that the model
    # without a penalty fits whatever y is. At lam = 0 both vanish, their ratio does not: a common factor is
    # divided out.
    saturated = leverage_free + squared_basis.sum(axis=1) >= 1 - SATURATED
    some = bool(saturated.any()) and sigma.size > 0
    every = some and n == form.free.shape[1] + sigma.size
    if some:
        relative = ((sigma.min() + mu) / (sigma[:, None] + mu)).T
        slack[:, saturated] = relative @ squared_basis[saturated].T
    if every:
        freedom = relative.sum(axis=1)

    left_out = np.zeros((len(mu), len(y), form.r.shape[1]))
    gcv = np.empty((len(mu), form.r.shape[1]))
    for target, r in enumerate(form.r.T):
        z = r @ basis
        residuals = (kept * z) @ basis.T
        np.subtract(r, residuals, out=residuals)
        squares = np.einsum("ln,ln->l", residuals, residuals)
        if some:
            residuals[:, saturated] = (relative * z) @ basis[saturated].T
        if every:
            squares = relative**2 @ (z * z)
        left_out[:, counted, target] = _ratio(residuals, slack)
        gcv[:, target] = _ratio(squares, freedom**2) * (n * n / form.total_weight)
    degrees = kept.sum(axis=1) + form.free.shape[1] - bool(intercept)
    if y.ndim == 1:
        left_out, gcv = left_out[:, :, 0], gcv[:, 0]
    return RidgeSelection(lams, left_out, gcv, degrees, form.total_weight)


def leave_one_out(
    X: ArrayLike, y: ArrayLike, lam: ArrayLike, *, scale: str | float, **options: Any
) -> float | Array:
    """Mean squared leave-one-out error of ridge regression.

    Parameters
    ----------
    X, y, lam, scale, **options
        See `ridge_selection`, which also returns the residuals and other criteria at the same cost.

    Returns
    -------
    float or ndarray of shape (L,); with t targets of shape (t,) or (L, t)

    Raises
    ------
    ValueError, TypeError
        As `ridge_selection`.

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, section 7.10.

    Examples
    --------
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> wdmath.leave_one_out(X, y, [0.01, 1.0, 100.0], scale="sum").round(3)
    array([0.241, 0.241, 1.154])
    """
    errors = ridge_selection(X, y, lam, scale=scale, **options).leave_one_out
    return _first_of_one(errors, lam)


def generalized_cross_validation(
    X: ArrayLike, y: ArrayLike, lam: ArrayLike, *, scale: str | float, **options: Any
) -> float | Array:
    """Generalized cross-validation score of ridge regression: mean squared residual / (1 - df / n)^2.

    Parameters
    ----------
    X, y, lam, scale, **options
        See `ridge_selection`, which also returns the other criteria at the same cost.

    Returns
    -------
    float or ndarray of shape (L,); with t targets of shape (t,) or (L, t)

    Raises
    ------
    ValueError, TypeError
        As `ridge_selection`.

    References
    ----------
    Golub, Heath, Wahba (1979), Generalized cross-validation as a method for choosing a good ridge parameter,
    Technometrics 21.

    Examples
    --------
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> wdmath.generalized_cross_validation(X, y, [0.01, 1.0, 100.0], scale="sum").round(3)
    array([0.241, 0.242, 1.15 ])
    """
    scores = ridge_selection(X, y, lam, scale=scale, **options).generalized_cross_validation
    return _first_of_one(scores, lam)


def _first_of_one(scores: Array, lam: ArrayLike) -> float | Array:
    """Without the axis of the penalties if only one was given, not in a sequence."""
    if np.ndim(lam):
        return scores
    return float(scores[0]) if scores.ndim == 1 else scores[0]


def _fitted_directions(form: StandardForm, lowest: float) -> tuple[Array, Array]:
    """Left singular vectors of Z, shape (n, k), and squared singular values, without those at rounding level."""
    Z = form.Z
    n, q = Z.shape
    if q == 0:
        return np.zeros((n, 0)), np.zeros(0)
    tall = n > q
    sigma, vectors = np.linalg.eigh(Z.T @ Z if tall else Z @ Z.T)
    positive = sigma > max(max(n, q) * EPS * sigma[-1], form.floor)
    sigma, vectors = sigma[positive], vectors[:, positive]
    if sigma.size == 0:
        return np.zeros((n, 0)), sigma
    # Left singular vectors from the Gram matrix have errors of eps times its condition number.
    accurate = sigma[-1] + lowest <= GRAM_CONDITION * (sigma[0] + lowest) and sigma[0] >= 1e-8 * sigma[-1]
    if accurate:
        return (Z @ (vectors / np.sqrt(sigma)) if tall else vectors), sigma
    U, s, _ = singular_values(Z, noise=form.noise)
    return U[:, s > 0], s[s > 0] ** 2


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Infinite where the denominator is at rounding level: the other rows do not determine the fit.

    The numerator is written over.
    """
    determined = denominator > 100 * EPS
    if not determined.all():
        numerator[~determined] = np.inf
    return np.divide(numerator, denominator, out=numerator, where=determined)
