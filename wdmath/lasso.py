"""The lasso, to compare with ridge: soft threshold and the exact piecewise linear path."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._homotopy import homotopy
from ._l1_problem import OUT_OF_RANGE, L1Problem, Power
from ._validation import Array, real_array, real_number, runs_shape, same_columns
from ._values import Value
from .risk import QuadraticRisk, require_risk

__all__ = ["LassoPath", "lasso_path", "lasso_path_from_risk", "soft_threshold"]


def soft_threshold(x: ArrayLike, threshold: ArrayLike) -> Array | float:
    """sign(x) max(|x| - threshold, 0), the minimizer over t of (t - x)^2 / 2 + threshold |t|.

    The lasso solution for a risk with Hessian I; ridge multiplies instead of subtracting.

    Parameters
    ----------
    x : float or array_like
    threshold : float or array_like
        >= 0; broadcasts against x.

    Returns
    -------
    float or ndarray
        In the broadcast shape of x and threshold.

    Raises
    ------
    ValueError
        If an entry is not finite, or the threshold is negative.

    References
    ----------
    Donoho, Johnstone (1994), Ideal spatial adaptation by wavelet shrinkage, Biometrika 81.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.soft_threshold([3.0, -0.5, -2.0], 1.0).tolist()
    [2.0, 0.0, -1.0]
    """
    x = real_array(x, "x", empty=True)
    threshold = real_array(threshold, "threshold", nonnegative=True, empty=True)
    runs_shape(x=x.shape, threshold=threshold.shape)
    result = x - np.clip(x, -threshold, threshold)
    return result if result.ndim else float(result)


@dataclass(frozen=True, eq=False, repr=False)
class LassoPath(Value):
    """Lasso solutions for all penalties: linear between the knots, so that the knots say everything.

    Attributes
    ----------
    lams : ndarray of shape (K,)
        The knots, descending: from the least penalty at which all penalized coefficients are 0, down to `lam_min`.
    coefficients : ndarray of shape (K, p)
        Solutions at the knots; a coefficient that is zero is exactly 0.0.
    intercept : ndarray of shape (K,)
        Intercepts at the knots; 0 where none was fitted.
    feature_names : tuple of str, or None
        Of the columns, if X was a data frame.
    """

    lams: Array
    coefficients: Array
    intercept: Array
    feature_names: tuple[str, ...] | None = None

    def at(self, lam: ArrayLike) -> Array:
        """Exact solution at one penalty, shape (p,), or at L penalties, shape (L, p).

        Examples
        --------
        >>> import wdmath
        >>> path = wdmath.lasso_path([[1.0, 0.0], [0.0, 1.0]], [3.0, 1.0], scale="half_sum")
        >>> path.lams.tolist(), path.at([4.0, 2.0, 0.5]).tolist()
        ([3.0, 1.0, 0.0], [[0.0, 0.0], [1.0, 0.0], [2.5, 0.5]])
        """
        above, below, share = self._between(lam)
        share = share[..., None]
        return (1 - share) * self.coefficients[above] + share * self.coefficients[below]

    def intercept_at(self, lam: ArrayLike) -> float | Array:
        """Intercept at one penalty, or at L penalties, shape (L,)."""
        above, below, share = self._between(lam)
        result = (1 - share) * self.intercept[above] + share * self.intercept[below]
        return result if result.ndim else float(result)

    def predict(self, X: ArrayLike, lam: ArrayLike) -> Array:
        """Predictions for rows of X at one penalty, shape (n,), or at L penalties, shape (L, n)."""
        same_columns(X, self.feature_names)
        rows = real_array(X, "X", shape=(None, self.coefficients.shape[1]))
        return self.at(lam) @ rows.T + np.asarray(self.intercept_at(lam))[..., None]

    def _between(self, lam: Any) -> tuple[Array, Array, Array]:
        """The knots around each penalty, and its share of the way from the upper to the lower."""
        lam = np.minimum(real_array(lam, "lam", ndim=(0, 1), nonnegative=True), self.lams[0])
        if lam.size and lam.min() < self.lams[-1]:
            raise ValueError(
                f"lam must be >= {float(self.lams[-1])!r}, where this path ends, got {float(lam.min())!r}: follow it "
                "further with a smaller lam_min"
            )
        last = len(self.lams) - 1
        below = np.clip(last + 1 - np.searchsorted(self.lams[::-1], lam, side="right"), min(1, last), last)
        above = np.maximum(below - 1, 0)
        gap = self.lams[above] - self.lams[below]
        return above, below, (self.lams[above] - lam) / np.where(gap > 0, gap, 1.0)


def lasso_path(
    X: ArrayLike,
    y: ArrayLike,
    *,
    scale: str | float,
    intercept: bool = False,
    sample_weight: ArrayLike | None = None,
    penalty_weights: ArrayLike | None = None,
    ridge: float = 0.0,
    lam_min: float = 0.0,
) -> LassoPath:
    """Exact path of the lasso: the minimizers for all lam >= 0.

    Minimizes  c sum_i w_i (y_i - b - x_i . theta)^2 + lam sum_j v_j |theta_j| + (ridge/2) ||theta||^2  where c is given
    by `scale`, and the weights w and v, the intercept b and the ridge are optional.

    The homotopy (LARS in its lasso form) follows the solution from knot to knot, where a coefficient enters or
    leaves. Ties, equal columns and more columns than rows are allowed: which coefficients move on from a knot is the
    solution of a small quadratic program for the direction of the path, and of linearly dependent columns those stay
    that came first.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
    scale : {"sum", "half_sum", "mean", "half_mean"} or float
        c = 1, 1/2, 1/n or 1/(2n), or c itself. With weights, n is their sum. scikit-learn's Lasso(alpha) has
        "half_mean" and alpha = lam.
    intercept : bool, default False
        Whether to fit an intercept, free of penalty.
    sample_weight : array_like of shape (n,), optional
        w >= 0. A whole number counts the row that many times.
    penalty_weights : array_like of shape (p,), optional
        v >= 0, with 0 for a coefficient without a penalty. R's glmnet calls them penalty.factor, and divides them by
        their mean. Default: all 1.
    ridge : float, default 0
        The elastic net with a fixed amount of ridge; see `elastic_net_path` for a fixed proportion.
    lam_min : float, default 0
        Where to end the path. Most knots often lie near 0.

    Returns
    -------
    LassoPath

    Raises
    ------
    ValueError
        If the shapes do not match, or an argument is not finite or out of range.

    Notes
    -----
    Columns in other units, with the penalty weights along, have the same path: nothing is compared across columns but
    correlations and penalties. X^T X is formed only where n > p and its condition number, for columns of length 1, is
    below 1e4, so that less than 1e4 eps is lost. Otherwise an orthonormal basis of the active columns is carried
    along, and where rounding would still decide which coefficient is next, the equations are solved in twice the
    precision: also for polynomials of high degree, all knots are those of the given numbers, but for what centering
    (with an intercept) and weighting the rows round.

    References
    ----------
    Osborne, Presnell, Turlach (2000), A new approach to variable selection in least squares problems, IMA J. Numer.
    Anal. 20.
    Efron, Hastie, Johnstone, Tibshirani (2004), Least angle regression, Annals of Statistics 32.

    Examples
    --------
    >>> import wdmath
    >>> path = wdmath.lasso_path(*wdmath.load_i2ml(), scale="sum")
    >>> path.lams.round(1).tolist()
    [219.2, 55.7, 0.0]
    """
    problem = L1Problem.from_data(X, y, scale, intercept, sample_weight, penalty_weights)
    return _followed(problem, ridge, lam_min)


def lasso_path_from_risk(
    risk: QuadraticRisk, *, penalty_weights: ArrayLike | None = None, lam_min: float = 0.0
) -> LassoPath:
    """Exact path of the minimizers of R(theta) + lam sum_j v_j |theta_j| for a quadratic risk.

    Parameters
    ----------
    risk : QuadraticRisk
    penalty_weights : array_like of shape (p,), optional
        v >= 0; default: all 1.
    lam_min : float, default 0
        Where to end the path.

    Returns
    -------
    LassoPath
        As from `lasso_path`.

    Raises
    ------
    TypeError
        If `risk` is not a QuadraticRisk.

    References
    ----------
    Osborne, Presnell, Turlach (2000), A new approach to variable selection in least squares problems, IMA J. Numer.
    Anal. 20.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[2.0, 0.0], [0.0, 1.0]], [1.0, 3.0])
    >>> wdmath.lasso_path_from_risk(risk).at(1.0).round(12).tolist()
    [0.5, 2.0]
    """
    require_risk(risk)
    return _followed(L1Problem.from_risk(risk, penalty_weights), 0.0, lam_min)


def _followed(problem: L1Problem, ridge: Any, lam_min: Any) -> LassoPath:
    """The path of a problem."""
    strength = real_number(ridge, "ridge", nonnegative=True)
    end = real_number(lam_min, "lam_min", nonnegative=True)
    Z, exponents, own = problem.Z, problem.exponents, None
    held = (Z != 0).any(axis=0)
    if strength:
        share = Power.of(strength).over(problem.double_scale)
        half = share.exponent // 2
        # A column that is short beside the ridge is measured by the ridge.
        longer = np.maximum(exponents, half)
        Z, exponents = np.ldexp(Z, exponents - longer), longer
        own = np.ldexp(math.ldexp(share.mantissa, share.exponent % 2), 2 * (half - exponents))
        v = np.ldexp(problem.v, problem.exponents - longer)
    else:
        v = problem.v
    smallest = problem.inside(end)
    knots, solutions = np.array([smallest]), np.zeros((1, len(held)))
    if held.any():
        if not held.all():
            Z, v, own = Z[:, held], v[held], None if own is None else own[held]
        knots, found = homotopy(Z, problem.r, v, own, smallest)
        solutions = np.zeros((len(knots), len(held)))
        solutions[:, held] = found
    coefficients = problem.coefficients(solutions, exponents)
    lams = problem.outside(knots)
    lams[-1] = end if knots[-1] <= smallest else lams[-1]
    if not np.isfinite(lams).all():
        raise ValueError(OUT_OF_RANGE)
    return LassoPath(lams, coefficients, problem.intercept(coefficients), problem.feature_names)
