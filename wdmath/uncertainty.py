"""How far ridge coefficients scatter from sample to sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._standard_form import standard_form
from ._validation import Array, column_names, penalty_strength, real_array, real_number
from ._values import Value, owned
from .ridge import ridge_path
from .selection import checked_problem

__all__ = ["StandardErrors", "standard_errors"]

# Numbers that may be held at a time.
MOST = 2**24


@dataclass(frozen=True, eq=False, repr=False)
class StandardErrors(Value):
    """Standard deviations of ridge estimates about their own mean.

    Attributes
    ----------
    lams : ndarray of shape (L,), or () for a single one
    coefficients : ndarray of shape (L, p), without L for a single lam
    intercept : float or ndarray of shape (L,)
        0 unless an intercept is fitted.
    variance : float or ndarray of shape (L,)
        The variance of the noise that they are computed with.
    feature_names : tuple of str, or None
    """

    lams: Array
    coefficients: Array
    intercept: float | Array
    variance: float | Array
    feature_names: tuple[str, ...] | None = None


def standard_errors(
    X: ArrayLike,
    y: ArrayLike,
    lam: ArrayLike,
    *,
    scale: str | float,
    variance: float | None = None,
    intercept: bool = False,
    sample_weight: ArrayLike | None = None,
    penalty_weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    tikhonov: ArrayLike | None = None,
    target: ArrayLike | None = None,
) -> StandardErrors:
    """Standard errors of ridge regression, for one penalty or many.

    The estimate is linear in y: with M = (X^T W X + mu P)^-1 and mu = lam / (2 c), its covariance is
    s^2 M X^T W X M, where s^2 / w_i is the variance of y_i. The bias, which a penalty brings, is not in it: an interval
    of two standard errors covers the mean of the estimate, not the true coefficient. The uncertainty of theta given y,
    with the penalty as a prior, is the covariance of `gaussian_posterior`, which is larger.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
    lam : float or array_like of shape (L,)
        Penalty strengths, >= 0.
    variance : float, optional
        s^2. Default: for each lam the sum of squared residuals divided by n less the degrees of freedom (the trace of
        the smoother, and 1 for an intercept); n is the sum of the weights. At lam = 0 that is what is usual for least
        squares.
    scale, intercept, sample_weight, penalty_weights, groups, tikhonov, target
        See `ridge_path`.

    Returns
    -------
    StandardErrors
        With .coefficients, .intercept and .variance.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; if the variance is not given and nothing is left to estimate it from.

    References
    ----------
    Hoerl, Kennard (1970), Technometrics 12, section 3; Hastie, Tibshirani (1990), Generalized Additive Models, section
    3.5, for the estimate of the variance.

    Examples
    --------
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> wdmath.standard_errors(X, y, [0.0, 10.0], scale="sum").coefficients.round(4)
    array([[0.1292, 0.1284],
           [0.0952, 0.0947]])
    """
    names, lams = column_names(X), penalty_strength(lam)
    flat = lams.reshape(-1)
    penalty: dict[str, Any] = {"penalty_weights": penalty_weights, "groups": groups, "tikhonov": tikhonov}
    y = real_array(y, "y", ndim=1)
    weighted: dict[str, Any] = {"intercept": intercept, "sample_weight": sample_weight}
    noise = (
        _residual_variance(X, y, flat, scale=scale, target=target, **weighted, **penalty)
        if variance is None
        else np.full(flat.size, real_number(variance, "variance", positive=True))
    )
    matrix = real_array(X, "X", ndim=2)
    exponents = np.frexp(np.abs(matrix).max(axis=0))[1]
    # The covariance is that of as many rows as columns, with independent y.
    form = standard_form(np.ldexp(matrix, -exponents), y[:, None], scale=scale, **weighted)
    Z = form.Z if form.noise is None else np.where(np.linalg.norm(form.Z, axis=0) <= form.noise, 0.0, form.Z)
    rows = np.ldexp(np.linalg.qr(Z, mode="r"), exponents)
    p, k = matrix.shape[1], len(rows)
    found, constant = np.empty((flat.size, p)), np.zeros(flat.size)
    means, group = np.ldexp(form.x_mean, exponents), max(MOST // (p * k), 1)
    for start in range(0, flat.size, group):
        some = slice(start, start + group)
        # (L, p, k): the part of each row of y in each coefficient.
        parts = ridge_path(
            rows, np.eye(k), flat[some] / (2 * form.c), scale="half_sum", **penalty
        ).coefficients
        largest = np.abs(parts).max(axis=2)
        unit = np.ldexp(1.0, np.frexp(largest)[1].clip(-1000, 1000))
        found[some] = np.linalg.norm(parts / unit[:, :, None], axis=2) * unit
        if intercept:
            constant[some] = np.hypot(
                np.linalg.norm(np.einsum("p,lpk->lk", means, parts), axis=1), form.total_weight**-0.5
            )
    deviation = np.sqrt(noise)
    found *= deviation[:, None]
    constant *= deviation
    if lams.ndim == 0:
        return StandardErrors(owned(lams), found[0], float(constant[0]), float(noise[0]), names)
    return StandardErrors(owned(lams), found, constant, noise, names)


def _residual_variance(X: Any, y: Array, lams: Array, **options: Any) -> Array:
    """Sum of squared residuals / (n - degrees of freedom) for each lam."""
    from ._spectral_fit import spectral_fit

    problem = checked_problem(X, y, lams, **options)
    fit = spectral_fit(problem.form, float(problem.mu.min()), rows=False)
    lost = fit.lost(problem.mu)
    squares = (lost**2 @ fit.z**2 + fit.outside)[:, 0]
    left = fit.total_weight - fit.free - fit.sigma.size + lost.sum(axis=1)
    if not left.min() > 1e-13 * fit.total_weight:
        raise ValueError(
            f"variance must be given where the degrees of freedom leave nothing of the {fit.total_weight:g} rows to "
            f"estimate it from, got none for lam = {float(lams[left.argmin()])!r}"
        )
    with np.errstate(over="ignore"):
        return np.ldexp(squares / left, 2 * problem.unit)
