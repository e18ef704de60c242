"""The lasso, to compare with ridge: soft threshold and the exact piecewise linear path."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_triangular
from scipy.linalg.blas import dtpsv

from wdmath._validation import EPS, Array, flag, real_array, real_number, runs_shape
from wdmath.risk import QuadraticRisk, least_squares_scale, require_risk

__all__ = ["LassoPath", "lasso_path", "lasso_path_from_risk", "soft_threshold"]

# Relative distances below which two knots, or a correlation and the penalty, count as equal.
_TIE = 1e-12
# Least relative gain for which a tied coefficient is let in; less is rounding in a linearly dependent column.
_GAIN = 1e-10


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


@dataclass(frozen=True, eq=False)
class LassoPath:
    """Lasso solutions for all penalties: linear between the knots, so that the knots say everything.

    Attributes
    ----------
    lams : ndarray of shape (K,)
        The knots, descending: from the least penalty at which all coefficients are 0, down to 0.
    coefficients : ndarray of shape (K, p)
        Solutions at the knots; a coefficient that is zero is exactly 0.0.
    intercept : ndarray of shape (K,)
        Intercepts at the knots; 0 where none was fitted.
    """

    lams: Array
    coefficients: Array
    intercept: Array

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

    def _between(self, lam: Any) -> tuple[Array, Array, Array]:
        """The knots around each penalty, and its share of the way from the upper to the lower."""
        lam = np.minimum(real_array(lam, "lam", ndim=(0, 1), nonnegative=True), self.lams[0])
        last = len(self.lams) - 1
        below = np.clip(last + 1 - np.searchsorted(self.lams[::-1], lam, side="right"), min(1, last), last)
        above = np.maximum(below - 1, 0)
        gap = self.lams[above] - self.lams[below]
        return above, below, (self.lams[above] - lam) / np.where(gap > 0, gap, 1.0)


def lasso_path(
    X: ArrayLike, y: ArrayLike, *, scale: str | float, intercept: bool = False, ridge: float = 0.0
) -> LassoPath:
    """Exact path of the lasso: the minimizers of c ||y - X theta||^2 + lam ||theta||_1 for all lam >= 0.

    The homotopy (LARS in its lasso form) follows the solution from knot to knot, where a coefficient enters or
    leaves. Between knots it solves the equations of the active coefficients anew, so that errors do not add up. Ties,
    equal columns and more columns than rows are allowed: which coefficients move on from a knot is the solution of a
    small quadratic program for the direction of the path, and of linearly dependent columns those stay that came first.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
    scale : {"sum", "half_sum", "mean", "half_mean"} or float
        c = 1, 1/2, 1/n or 1/(2n), or c itself. scikit-learn's Lasso(alpha) has "half_mean" and alpha = lam.
    intercept : bool, default False
        Whether to fit an intercept, free of penalty.
    ridge : float, default 0
        Adds (ridge/2) ||theta||^2 to the objective: the elastic net.

    Returns
    -------
    LassoPath

    Raises
    ------
    ValueError
        If the shapes do not match, or an argument is not finite or out of range.

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
    X = real_array(X, "X", ndim=2)
    n, p = X.shape
    y = real_array(y, "y", shape=(n,))
    c = least_squares_scale(scale, n)
    ridge = real_number(ridge, "ridge", nonnegative=True)
    intercept = flag(intercept, "intercept")
    X_mean, y_mean = (X.mean(axis=0), y.mean()) if intercept else (np.zeros(p), 0.0)
    if intercept:
        X, y = X - X_mean, y - y_mean
    X = math.sqrt(2 * c) * X
    hessian = _Gram(X.T @ X + ridge * np.eye(p)) if p <= n else _Factored(X, ridge)
    pull = math.sqrt(2 * c) * (y @ X)
    lams, coefficients = _homotopy(hessian, pull, min(n, p) if ridge == 0 else p)
    return LassoPath(lams, coefficients, y_mean - coefficients @ X_mean)


def lasso_path_from_risk(risk: QuadraticRisk) -> LassoPath:
    """Exact path of the minimizers of R(theta) + lam ||theta||_1 for a quadratic risk.

    Parameters
    ----------
    risk : QuadraticRisk

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
    lams, coefficients = _homotopy(_Gram(risk.hessian), risk.hessian @ risk.minimizer, risk.dimension)
    return LassoPath(lams, coefficients, np.zeros(len(lams)))


class _Gram:
    """The Hessian as a matrix."""

    def __init__(self, matrix: Array) -> None:
        self.matrix, self.rows, self.diagonal = matrix, len(matrix), np.diagonal(matrix)

    def column(self, j: int) -> Array:
        """What to keep of an active coefficient."""
        return self.matrix[:, j]

    def cross(self, kept: Array, members: Array, j: int) -> Array:
        """H[members, j]."""
        return self.matrix[members, j]

    def times(self, kept: Array, members: Array, both: Array) -> Array:
        """H[:, members] times two vectors."""
        return kept @ both


class _Factored:
    """The Hessian X^T X + ridge I of data with fewer rows than columns, never formed."""

    def __init__(self, X: Array, ridge: float) -> None:
        self.X, self.rows, self.ridge = X, len(X), ridge
        self.diagonal = np.einsum("ij,ij->j", X, X) + ridge

    def column(self, j: int) -> Array:
        return self.X[:, j]

    def cross(self, kept: Array, members: Array, j: int) -> Array:
        return kept.T @ self.X[:, j]

    def times(self, kept: Array, members: Array, both: Array) -> Array:
        image = (kept @ both).T @ self.X
        if self.ridge:
            image[:, members] += self.ridge * both.T
        return image.T


class _ActiveSet:
    """The coefficients that move, with the Cholesky factor R of their Hessian, packed by columns."""

    def __init__(self, hessian: _Gram | _Factored, pull: Array, rank: int) -> None:
        self.hessian, self.pull, self.rank = hessian, pull, rank
        self.size = 0
        self._members = np.empty(0, dtype=np.intp)
        self._kept = np.empty((hessian.rows, 0), order="F")
        self._packed = np.empty(0)

    @property
    def members(self) -> Array:
        return self._members[: self.size]

    def add(self, j: int) -> bool:
        """Whether column j is linearly independent of the others, and so has been added."""
        size = self.size
        if size == self.rank:
            return False
        if size == len(self._members):
            self._grow()
        length = self.hessian.diagonal[j]
        r = self.hessian.cross(self._kept[:, :size], self.members, j)
        if size:
            r = dtpsv(size, self._packed, r, trans=1)
        rest = length - r @ r
        if not rest > 8 * (size + 2) * EPS * length:
            return False
        start = _column_start(size)
        self._packed[start : start + size] = r
        self._packed[start + size] = math.sqrt(rest)
        self._kept[:, size] = self.hessian.column(j)
        self._members[size] = j
        self.size += 1
        return True

    def remove(self, position: int) -> None:
        """Take one coefficient out.

        Without its column the rest of R is a triangle T below a row r, to be replaced by the triangle L^T T where L is
        the Cholesky factor of I + v v^T and v = T^-T r: L_jj = sqrt(t_{j+1} / t_j), L_ij = v_i v_j / sqrt(t_j t_{j+1})
        with t_j = 1 + v_1^2 + ... + v_{j-1}^2.
        """
        tail = self.size - position - 1
        if tail:
            columns = range(position + 1, self.size)
            row, triangle = np.empty(tail), np.zeros((tail, tail))
            for i, k in enumerate(columns):
                entries = self._packed[_column_start(k) + position :]
                row[i] = entries[0]
                triangle[: i + 1, i] = entries[1 : i + 2]
            v = solve_triangular(triangle, row, trans="T", check_finite=False)
            t = 1 + np.concatenate([[0.0], np.cumsum(v * v)])
            weighted = v[:, None] * triangle
            below = np.cumsum(weighted[::-1], axis=0)[::-1] - weighted
            triangle *= np.sqrt(t[1:] / t[:-1])[:, None]
            triangle += (v / np.sqrt(t[:-1] * t[1:]))[:, None] * below
            for i, k in enumerate(columns):
                source, target = _column_start(k), _column_start(k - 1)
                self._packed[target : target + position] = self._packed[source : source + position].copy()
                self._packed[target + position : target + position + i + 1] = triangle[: i + 1, i]
            self._kept[:, position : self.size - 1] = self._kept[:, position + 1 : self.size].copy()
            self._members[position : self.size - 1] = self._members[position + 1 : self.size].copy()
        self.size -= 1

    def solve(self, signs: Array) -> _Segment:
        """The stretch of the path on which these coefficients move."""
        size, members = self.size, self.members
        both = np.zeros((size, 2), order="F")
        if size == 0:
            return _Segment(both[:, 0], both[:, 1], self.pull, np.zeros_like(self.pull))
        for k, rhs in enumerate((self.pull[members], signs[members])):
            both[:, k] = dtpsv(size, self._packed, dtpsv(size, self._packed, rhs, trans=1))
        image = self.hessian.times(self._kept[:, :size], members, both)
        return _Segment(both[:, 0], both[:, 1], self.pull - image[:, 0], image[:, 1])

    def _grow(self) -> None:
        size, capacity = self.size, min(max(2 * self.size, 16), self.rank)
        kept = np.empty((self.hessian.rows, capacity), order="F")
        packed = np.empty(_column_start(capacity))
        members = np.empty(capacity, dtype=np.intp)
        kept[:, :size], packed[: _column_start(size)], members[:size] = (
            self._kept,
            self._packed,
            self._members,
        )
        self._kept, self._packed, self._members = kept, packed, members


class _Segment(NamedTuple):
    """The active coefficients are u - lam w, and the correlations of all are r + lam a."""

    u: Array
    w: Array
    r: Array
    a: Array


def _column_start(k: int) -> int:
    return k * (k + 1) // 2


def _homotopy(hessian: _Gram | _Factored, pull: Array, rank: int) -> tuple[Array, Array]:
    """Knots and solutions of min 1/2 theta^T H theta - pull^T theta + lam ||theta||_1."""
    active = _ActiveSet(hessian, pull, rank)
    lengths = np.sqrt(hessian.diagonal)
    lam = largest = float(np.abs(pull).max())
    theta = np.zeros_like(pull)
    knots, solutions = [lam], [theta]
    signs, stall = np.sign(pull), EPS
    tied = np.flatnonzero(np.abs(pull) >= lam * (1 - _TIE))
    segment, returned = active.solve(signs), np.empty(0, dtype=np.intp)
    while lam > 0:
        segment, waiting = _enter_and_leave(active, segment, theta, signs, tied, returned)
        u, w, r, a = segment
        members = active.members
        ends, moves = np.abs(u), lam * np.abs(w)
        sizes = ends + moves
        # What rounding can have done to the correlations.
        weights = lengths[members] * sizes
        noise = 16 * EPS * (largest + lengths * weights.sum())
        # Where each correlation meets the penalty again: one that is tied and waits, on the other side only.
        size, side = np.abs(r), np.sign(r)
        room = 1 - side * a
        meeting = (size > noise) & (room > 0)
        meeting[members] = False
        if waiting.size:
            meeting[waiting[side[waiting] == signs[waiting]]] = False
        meets = np.divide(size, room, out=np.zeros_like(r), where=meeting)
        # Where a coefficient returns to zero: it must have the other sign at lam = 0. One at zero already just stays.
        returning = np.flatnonzero((u * signs[members] < 0) & (ends < moves * (1 - _TIE)))
        returns = u[returning] / w[returning]
        following = max(float(meets.max()), float(returns.max(initial=0.0)))
        # Ever less, come what may: no rounding can make the path turn in circles.
        stall = 2 * stall if following >= lam * (1 - stall) else EPS
        lam = min(following, lam * (1 - min(stall, 0.5))) if following > 1e-14 * largest else 0.0
        near = max(lam * (1 - _TIE), 1e-300)
        values = u - lam * w
        values[np.abs(values) <= _TIE * sizes + 64 * EPS * weights.max(initial=0.0) / lengths[members]] = 0.0
        values[returning[returns >= near]] = 0.0
        theta = np.zeros_like(pull)
        theta[members] = values
        knots.append(lam)
        solutions.append(theta)
        correlations = r + lam * a
        close = (np.abs(correlations) >= near - noise) | (meets >= near)
        returned = np.flatnonzero(values == 0)
        close[members] = False
        close[members[returned]] = True
        tied = np.flatnonzero(close)
        signs[tied] = np.sign(correlations[tied])
    return np.array(knots), np.array(solutions)


def _enter_and_leave(
    active: _ActiveSet, segment: _Segment, theta: Array, signs: Array, tied: Array, returned: Array
) -> tuple[_Segment, Array]:
    """Settle at a knot which of the tied coefficients at zero move on from here, and which wait.

    The direction w minimizes 1/2 w^T H w - signs^T w over the tied coefficients, those at zero being allowed to leave
    it on the side of their correlation only. This is nonnegative least squares, solved as by Lawson and Hanson.
    """
    if returned.size:
        for position in returned[::-1].tolist():
            active.remove(position)
        segment = active.solve(signs)
    waiting = tied.tolist()
    dependent: set[int] = set()
    while candidates := [j for j in waiting if j not in dependent]:
        gain = 1 - signs[candidates] * segment.a[candidates]
        best = int(gain.argmax())
        if not gain[best] > _GAIN:
            break
        j = candidates[best]
        if not active.add(j):
            dependent.add(j)
            continue
        waiting.remove(j)
        before = np.append(segment.w, 0.0)
        segment = active.solve(signs)
        while True:
            members, after = active.members, segment.w
            wrong = (theta[members] == 0) & (after * signs[members] < 0)
            if not wrong.any():
                break
            # As far towards the new direction as no sign is violated.
            share = np.divide(before, before - after, out=np.full(after.size, np.inf), where=wrong)
            blocking = int(share.argmin())
            out = int(members[blocking])
            if out == j and share[blocking] == 0:
                dependent.add(j)
            before = np.delete(before + share[blocking] * (after - before), blocking)
            waiting.append(out)
            active.remove(blocking)
            segment = active.solve(signs)
    return segment, np.array(waiting, dtype=np.intp)
