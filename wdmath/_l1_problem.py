"""Least squares with a penalty on absolute values, in columns of mean zero and comparable size, and the way back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ._units import BLOCK, Rows, even_columns, row_weights
from ._validation import EPS, Array, column_names, flag, real_array
from .risk import QuadraticRisk, least_squares_scale

# Forming Z^T Z squares the condition number of Z: only where rounding in it, and in Z^T r, may grow by less than this.
GRAM_CONDITION = 1e4
# Means may be subtracted from a Gram matrix if that takes no more than a share of 1 - 1/FAR of a column's length.
FAR = 10.0
# Beyond this ratio of penalties, in powers of two, some would be 0.
FARTHEST = 1000


class Power(NamedTuple):
    """The number mantissa 2^exponent, of any size."""

    mantissa: float
    exponent: int

    @classmethod
    def of(cls, value: float) -> Power:
        return cls(*math.frexp(value))

    def times(self, factor: float, exponent: int) -> Power:
        mantissa, more = math.frexp(self.mantissa * factor)
        return Power(mantissa, self.exponent + exponent + more)

    def over(self, other: Power) -> Power:
        return self.times(1 / other.mantissa, -other.exponent)

    @property
    def value(self) -> float:
        try:
            return math.ldexp(self.mantissa, self.exponent)
        except OverflowError:
            return math.inf


@dataclass(frozen=True, eq=False)
class L1Problem:
    """1/2 ||r - Z phi||^2 + lam sum_j v_j |phi_j|, all v_j at most 1.

    The objective of the user is that times `double_scale` 4^unit, with coefficients 2^(unit - exponents_j) phi_j and
    penalties lam times `lam_unit`.

    Attributes
    ----------
    Z : ndarray of shape (n, p)
        Columns of comparable size, or zero.
    r : ndarray of shape (n,)
    exponents : ndarray of int, of shape (p,)
    unit : int
    v : ndarray of shape (p,)
    lam_unit, double_scale : Power
    means : ndarray of shape (p,)
    mean : float
        Of the columns and of y; 0 without an intercept.
    feature_names : tuple of str, or None
    """

    Z: Array
    r: Array
    exponents: Array
    unit: int
    v: Array
    lam_unit: Power
    double_scale: Power
    means: Array
    mean: float
    feature_names: tuple[str, ...] | None

    @classmethod
    def from_data(
        cls, X: Any, y: Any, scale: Any, intercept: Any, sample_weight: Any, penalty_weights: Any
    ) -> L1Problem:
        """Check the arguments of the user."""
        names = column_names(X)
        matrix = real_array(X, "X", ndim=2, finite=False)
        n, p = matrix.shape
        target = real_array(y, "y", shape=(n,), finite=False)
        center = flag(intercept, "intercept")
        weights = _penalty_weights(penalty_weights, p)
        rows = row_weights(sample_weight, n)
        c = least_squares_scale(scale, rows.total)
        if rows.kept is not None:
            matrix, target = matrix[rows.kept], target[rows.kept]
        double_scale = Power.of(2 * c).times(1.0, 2 * rows.exponent)
        short = _with_few_rows(matrix, target, rows, center) if len(matrix) > 1.5 * p else None
        if short is not None:
            # Numbers whose squares add up are finite.
            Z, r, exponents, unit, means, mean = short
        else:
            real_array(X, "X")
            real_array(y, "y")
            columns = even_columns(matrix, rows.share, center=center)
            right = even_columns(target[:, None], rows.share, center=center)
            Z, r, exponents, means = columns.Z, right.Z[:, 0], columns.exponents, columns.means
            unit, mean = int(right.exponents[0]), float(right.means[0])
            if rows.roots is not None:
                Z, r = rows.roots[:, None] * Z, rows.roots * r
        v, lam_unit = _even_penalty(weights, exponents, (Z != 0).any(axis=0), unit, double_scale)
        return cls(Z, r, exponents, unit, v, lam_unit, double_scale, means, mean, names)

    @classmethod
    def from_risk(cls, risk: QuadraticRisk, penalty_weights: Any) -> L1Problem:
        weights = _penalty_weights(penalty_weights, risk.dimension)
        # H = D Z^T Z D with powers of two in D, and the columns of Z of length about 1.
        exponents = (np.frexp(np.diagonal(risk.hessian))[1] + 1) // 2
        Z = _root(np.ldexp(np.ldexp(risk.hessian, -exponents), -exponents[:, None]))
        mantissas, powers = np.frexp(risk.minimizer)
        unit = int((powers + exponents)[mantissas != 0].max(initial=-(10**6))) if mantissas.any() else 0
        r = Z @ np.ldexp(mantissas, powers + exponents - unit)
        v, lam_unit = _even_penalty(weights, exponents, (Z != 0).any(axis=0), unit, Power.of(1.0))
        zeros = np.zeros(risk.dimension)
        return cls(Z, r, exponents, unit, v, lam_unit, Power.of(1.0), zeros, 0.0, risk.feature_names)

    def inside(self, lam: float) -> float:
        """A penalty of the user in the unit of this problem."""
        return Power.of(lam).over(self.lam_unit).value

    def outside(self, lams: Array) -> Array:
        """Penalties of this problem in the unit of the user."""
        with np.errstate(over="ignore"):
            return np.ldexp(lams * self.lam_unit.mantissa, self.lam_unit.exponent)

    def coefficients(self, phi: Array, exponents: Array | None = None) -> Array:
        """Coefficients of the user, for phi of shape (..., p)."""
        with np.errstate(over="ignore"):
            result = np.ldexp(phi, self.unit - (self.exponents if exponents is None else exponents))
        if not np.isfinite(result).all():
            raise ValueError(OUT_OF_RANGE)
        return result

    def intercept(self, coefficients: Array) -> Array:
        """Intercepts, for coefficients of shape (..., p)."""
        return self.mean - coefficients @ self.means


OUT_OF_RANGE = (
    "X and y must be of a size that leaves the penalties and the solution below 1e308, got larger ones: measure X or y "
    "in other units"
)


def _penalty_weights(weights: Any, p: int) -> Array:
    if weights is None:
        return np.ones(p)
    return real_array(weights, "penalty_weights", shape=(p,), nonnegative=True)


def _even_penalty(
    weights: Array, exponents: Array, held: Array, unit: int, double_scale: Power
) -> tuple[Array, Power]:
    """Weights of |phi_j|, the largest about 1, and the unit of lam."""
    mantissas, powers = np.frexp(weights)
    powers = powers - exponents
    penalized = held & (mantissas > 0)
    if not penalized.any():
        return np.zeros(len(weights)), double_scale
    top = int(powers[penalized].max())
    if top - int(powers[penalized].min()) > FARTHEST:
        raise ValueError(
            "penalty_weights and the units of X must leave penalties of comparable size, got a ratio beyond 1e300: "
            "measure the columns in other units"
        )
    v = np.where(penalized, np.ldexp(mantissas, np.minimum(powers - top, 0)), 0.0)
    return v, double_scale.times(1.0, unit - top)


def _with_few_rows(
    X: Array, y: Array, rows: Rows, center: bool
) -> tuple[Array, Array, Array, int, Array, float] | None:
    """Z with p rows instead of n, r, exponents, unit and means, from Z^T Z; None where that would lose too much."""
    from scipy.linalg.lapack import dpocon, dpotrf, dtrtrs

    p = X.shape[1]
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        found = _plain_gram(X, y, center) if rows.roots is None else None
        means, gram = found or _gram_in_blocks(X, y, rows, center)
    squares = np.diagonal(gram)
    if not (np.isfinite(squares).all() and (squares[squares > 0] > 1e-200).all() and (squares < 1e200).all()):
        return None
    # Powers of two first, so that nothing is rounded; then columns of length 1.
    exponents = (np.frexp(squares)[1] + 1) // 2
    even = gram * np.ldexp(1.0, -exponents) * np.ldexp(1.0, -exponents)[:, None]
    lengths = np.sqrt(np.where(squares > 0, np.diagonal(even), 1.0))
    even /= np.outer(lengths, lengths)
    correlations, even = even[:p, p].copy(), np.ascontiguousarray(even[:p, :p])
    zero = squares[:p] == 0
    even[zero, zero] = 1.0
    root, info = dpotrf(even, clean=1)
    if info:
        return None
    condition, _ = dpocon(root, float(np.abs(even).sum(axis=0).max()))
    if squares[p] > 0 and not condition * np.linalg.norm(correlations) > 1 / GRAM_CONDITION:
        return None
    r = dtrtrs(root, correlations * lengths[p], trans=1)[0]
    Z = root * np.where(zero, 0.0, lengths[:p])
    return Z, r, exponents[:p].astype(int), int(exponents[p]), means[:p], float(means[p])


def _plain_gram(X: Array, y: Array, center: bool) -> tuple[Array, Array] | None:
    """Means and Gram matrix of (X, y); None where the means are so large that subtracting them would cost digits."""
    n, p = X.shape
    gram, sums = np.empty((p + 1, p + 1)), np.zeros(p + 1)
    gram[:p, :p], gram[:p, p], gram[p, p] = X.T @ X, y @ X, y @ y
    gram[p, :p] = gram[:p, p]
    if center:
        sums[:p], sums[p] = np.ones(n) @ X, y.sum()
        left = gram - np.outer(sums, sums / n)
        if not (np.diagonal(gram) <= FAR * np.diagonal(left)).all():
            return None
        gram = left
    return sums / n, gram


def _gram_in_blocks(X: Array, y: Array, rows: Rows, center: bool) -> tuple[Array, Array]:
    """Means and Gram matrix of the weighted rows of (X, y), less their means; a few rows at a time, in the cache."""
    n, p = X.shape
    means, gram = np.zeros(p + 1), np.zeros((p + 1, p + 1))
    size = max(64, BLOCK // (p + 1))
    blocks = [slice(start, start + size) for start in range(0, n, size)]
    if center:
        # Differences to a row are exact where numbers are close: a large common part leaves no trace.
        first = np.append(X[0], y[0])
        for block in blocks:
            shifted = np.column_stack([X[block], y[block]]) - first
            means += shifted.sum(axis=0) / n if rows.share is None else rows.share[block] @ shifted
        means += first
    for block in blocks:
        part = np.column_stack([X[block], y[block]]) - means
        if rows.roots is not None:
            part *= rows.roots[block, None]
        gram += part.T @ part
    return means, gram


def _root(matrix: Array) -> Array:
    """Z with Z^T Z = matrix, for a semidefinite matrix with a diagonal of about 1, or of zeros."""
    try:
        Z = np.linalg.cholesky(matrix).T
        if np.diagonal(Z).min() > 1e-4:
            return Z
    except np.linalg.LinAlgError:
        pass
    sigma, Q = np.linalg.eigh(matrix)
    kept = sigma > 2 * len(sigma) * EPS * sigma[-1]
    return np.sqrt(sigma[kept])[:, None] * Q[:, kept].T
