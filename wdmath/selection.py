"""Choosing lam: leave-one-out and generalized cross-validation for all penalty strengths from one factorization."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._scaled import densified
from ._spectral_fit import FAR, LeftOut, SpectralFit, spectral_fit
from ._standard_form import StandardForm, standard_form
from ._validation import Array, penalty_strength, real_array
from ._values import Value, frozen
from .ridge import design_matrix, in_range, ridge_path

__all__ = [
    "RidgeSelection",
    "generalized_cross_validation",
    "leave_one_out",
    "ridge_selection",
]


@dataclass(frozen=True, eq=False, repr=False)
class RidgeSelection(Value):
    """Criteria for choosing lam, for each of the given ones.

    Attributes
    ----------
    lams : ndarray of shape (L,)
    leave_one_out_residuals : ndarray of shape (L, n), or (L, n, t) for t targets
        Each row's residual when the model is fitted to the other rows, times the square root of the row's
        weight. Infinite where the other rows do not determine the prediction. Computed when first asked for.
    leave_one_out : ndarray of shape (L,), or (L, t)
        Their (weighted) mean square; computed when first asked for, without keeping the residuals.
    generalized_cross_validation : ndarray of shape (L,), or (L, t)
        Mean squared residual / (1 - degrees of freedom / n)^2, where the intercept counts as one degree of freedom and
        n is the sum of the weights. Infinite where that does not exceed the degrees of freedom.
    degrees_of_freedom : ndarray of shape (L,)
        Trace of the smoother; counts unpenalized coefficients but not the intercept.
    best_leave_one_out, best_generalized_cross_validation : float, or ndarray of shape (t,)
        The lam with the smallest value of each, for each target.
    """

    lams: Array
    generalized_cross_validation: Array
    degrees_of_freedom: Array
    _rows: LeftOut = field(repr=False)
    # Sum of the weights; which rows count, if not all; the power of two that y was divided by; the axes of y.
    _total_weight: float = field(repr=False)
    _counted: Array | None = field(repr=False)
    _unit: int = field(repr=False)
    _axes: int = field(repr=False)

    @cached_property
    def leave_one_out(self) -> Array:
        """Mean squared leave-one-out residual for each lam."""
        total = _in_units(self._rows.squares() / self._total_weight, self._unit)
        return frozen(total[:, 0] if self._axes == 1 else total)

    @cached_property
    def leave_one_out_residuals(self) -> Array:
        """Residual of each row from the fit to the others."""
        residuals = np.ldexp(self._rows.residuals(), self._unit)
        if self._counted is not None:
            every = np.zeros((len(residuals), self._counted.size, residuals.shape[2]))
            every[:, self._counted] = residuals
            residuals = every
        return frozen(residuals[:, :, 0] if self._axes == 1 else residuals)

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
    of the full fit: nothing is fitted again, but for rows so far from the others that rounding would leave
    less than ten digits of 1 - h_i. The scale factor c stays that of all n rows.

    Parameters
    ----------
    X : array_like, sparse matrix or LinearOperator of shape (n, p)
        A sparse matrix must have at most 5000 rows or columns.
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
    lams = penalty_strength(lam).flatten()
    problem = checked_problem(
        X,
        y,
        lams,
        scale=scale,
        intercept=intercept,
        sample_weight=sample_weight,
        penalty_weights=penalty_weights,
        groups=groups,
        tikhonov=tikhonov,
        target=target,
    )
    form, mu = problem.form, problem.mu
    fit = spectral_fit(form, float(np.minimum.reduce(mu)))
    lost = fit.lost(mu)
    rows = _with_far_rows(LeftOut.of(form, fit, mu, lost), fit, problem)
    degrees = problem.coefficients(fit) - np.add.reduce(lost, axis=1)
    gcv = problem.in_units(_generalized(fit, mu, lost))
    return RidgeSelection(
        lams, gcv, degrees, rows, form.total_weight, problem.counted, problem.unit, problem.axes
    )


@dataclass(eq=False)
class Problem:
    """A checked problem in its standard form: rows of weight 0 are left out, X and y are divided by powers of two."""

    form: StandardForm
    mu: Array
    counted: Array | None
    unit: int
    unit_of_x: int
    axes: int
    #: Residuals of shape (L, t) of a row from the fit to the others, and how many coefficients those determine.
    without: Callable[[int], tuple[Array, float]] | None
    intercept: bool

    def coefficients(self, fit: SpectralFit) -> int:
        """How many the data determine, without the intercept."""
        return fit.sigma.size + fit.free - self.intercept

    def in_units(self, squares: Array) -> Array:
        """Squares, of shape (..., t), in the units of y and without the axis of a single target."""
        squares = _in_units(squares, self.unit)
        return squares[..., 0] if self.axes == 1 else squares


def checked_problem(
    X: Any, y: Any, lams: Array, *, target: Any = None, sample_weight: Any = None, **options: Any
) -> Problem:
    X = densified(design_matrix(X))
    y = real_array(y, "y", ndim=(1, 2), finite=False)
    if y.shape[0] != X.shape[0]:
        raise ValueError(f"y must have {X.shape[0]} rows like X, got shape {y.shape}")
    if hasattr(X, "toarray"):
        X = X.copy()
    design, columns, strengths, target, units = in_range(X, y.reshape(len(y), -1), lams, target)
    counted = None
    if sample_weight is not None:
        sample_weight = real_array(sample_weight, "sample_weight", shape=y.shape[:1], nonnegative=True)
        counted = sample_weight > 0
        counted = None if counted.all() or not counted.any() else counted
    if counted is not None:
        if not hasattr(design, "__getitem__"):
            raise ValueError("sample_weight must be > 0 where X is an operator, got 0.0")
        design, columns, sample_weight = design[counted], columns[counted], sample_weight[counted]
    form = standard_form(design, columns, sample_weight=sample_weight, target=target, **options)

    def without(i: int) -> tuple[Array, float]:
        others = np.arange(len(columns)) != i
        weights = None if sample_weight is None else sample_weight[others]
        path = ridge_path(
            design[others],
            columns[others],
            [0.0, *strengths],
            scale=form.c,
            sample_weight=weights,
            target=target,
            **{name: value for name, value in options.items() if name != "scale"},
        )
        root = 1.0 if sample_weight is None else float(sample_weight[i]) ** 0.5
        found = (columns[i] - path.predict(design[[i]])[1:, 0]) * root
        return found, np.nan if path.degrees_of_freedom is None else float(
            np.ravel(path.degrees_of_freedom)[0]
        )

    refit = without if len(columns) > 1 and hasattr(design, "__getitem__") else None
    mu, intercept = strengths / (2 * form.c), bool(options.get("intercept", False))
    return Problem(form, mu, counted, units[1], units[0], y.ndim, refit, intercept)


def _with_far_rows(rows: LeftOut, fit: SpectralFit, problem: Problem) -> LeftOut:
    """Fit to the others again where a row is so far out that its own fit says nothing about them."""
    if problem.without is None:
        return rows
    known = {}
    for i in rows.far_rows().tolist():
        residuals, determined = problem.without(i)
        # Unless a coefficient without a penalty is determined by this row alone.
        free = problem.form.free[i]
        if free @ free < 1 - FAR or abs(determined - problem.coefficients(fit)) < 0.5:
            known[i] = residuals
    return replace(rows, far=np.array([*known]), refitted=np.array([*known.values()])) if known else rows


def _in_units(squares: Array, unit: int) -> Array:
    if not unit:
        return squares
    with np.errstate(over="ignore"):
        return np.ldexp(squares, 2 * unit)


def _generalized(fit: SpectralFit, mu: Array, lost: Array) -> Array:
    squares, freedom = fit.squares(mu, lost)
    freedom = freedom[:, None] / fit.total_weight
    scores = np.full(squares.shape, np.inf)
    return np.divide(squares / fit.total_weight, freedom * freedom, out=scores, where=freedom > 1e-13)


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
    return first_of_one(errors, lam)


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
    problem = checked_problem(X, y, penalty_strength(lam).flatten(), scale=scale, **options)
    fit = spectral_fit(problem.form, float(problem.mu.min()), rows=False)
    return first_of_one(problem.in_units(_generalized(fit, problem.mu, fit.lost(problem.mu))), lam)


def first_of_one(scores: Array, lam: ArrayLike) -> float | Array:
    """Without the axis of the penalties if only one was given, not in a sequence."""
    if np.ndim(lam):
        return scores
    return float(scores[0]) if scores.ndim == 1 else scores[0]
