"""The lasso, to compare with ridge: soft threshold and the exact piecewise linear path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg.blas import dtpsv

from wdmath._validation import EPS, Array, real_array, real_number, shown
from wdmath.risk import QuadraticRisk, least_squares_scale

__all__ = ["LassoPath", "lasso_path", "lasso_path_from_risk", "soft_threshold"]

# Relative distances below which two knots, or a correlation and the penalty, count as equal.
_TIE = 1e-12
# Least relative gain for which a tied coefficient is let in; less is rounding in a linearly dependent column.
_GAIN = 1e-10


def soft_threshold(x: Any, threshold: Any) -> Array | float:
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

    def at(self, lam: Any) -> Array:
        """Exact solution at one penalty, shape (p,), or at L penalties, shape (L, p).

        Examples
        --------
        >>> import wdmath
        >>> path = wdmath.lasso_path([[1.0, 0.0], [0.0, 1.0]], [3.0, 1.0], scale="half_sum")
        >>> path.lams.tolist(), path.at([4.0, 2.0, 0.5]).tolist()
        ([3.0, 1.0, 0.0], [[0.0, 0.0], [1.0, 0.0], [2.5, 0.5]])
        """
        lam = np.minimum(real_array(lam, "lam", ndim=(0, 1), nonnegative=True), self.lams[0])
        if len(self.lams) == 1:
            return np.broadcast_to(self.coefficients[0], (*lam.shape, self.coefficients.shape[1])).copy()
        last = len(self.lams) - 1
        below = np.clip(last + 1 - np.searchsorted(self.lams[::-1], lam, side="right"), 1, last)
        above = below - 1
        share = ((self.lams[above] - lam) / (self.lams[above] - self.lams[below]))[..., None]
        return (1 - share) * self.coefficients[above] + share * self.coefficients[below]


def lasso_path(
    X: Any, y: Any, *, scale: str | float, intercept: bool = False, ridge: float = 0.0
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
    X_mean, y_mean = (X.mean(axis=0), y.mean()) if intercept else (np.zeros(p), 0.0)
    if intercept:
        X, y = X - X_mean, y - y_mean
    hessian = 2 * c * (X.T @ X) if p <= n else None
    diagonal = 2 * c * np.einsum("ij,ij->j", X, X) + ridge

    def column(j: int) -> Array:
        h = hessian[:, j].copy() if hessian is not None else 2 * c * (X.T @ X[:, j])
        h[j] = diagonal[j]
        return h

    lams, coefficients = _homotopy(column, 2 * c * (y @ X), min(n, p) if ridge == 0 else p)
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

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[2.0, 0.0], [0.0, 1.0]], [1.0, 3.0])
    >>> wdmath.lasso_path_from_risk(risk).at(1.0).round(12).tolist()
    [0.5, 2.0]
    """
    if not isinstance(risk, QuadraticRisk):
        raise TypeError(f"risk must be a QuadraticRisk, got {shown(risk)}")
    hessian = risk.hessian
    lams, coefficients = _homotopy(lambda j: hessian[:, j], hessian @ risk.minimizer, risk.dimension)
    return LassoPath(lams, coefficients, np.zeros(len(lams)))


class _ActiveSet:
    """The coefficients that move, with the Cholesky factor R of their Hessian, packed by columns."""

    def __init__(self, column: Any, pull: Array, rank: int) -> None:
        self.column, self.pull, self.rank = column, pull, rank
        self.members: list[int] = []
        self.columns = np.empty((pull.size, 0), order="F")
        self.packed = np.empty(0)

    def add(self, j: int) -> bool:
        """Whether column j is linearly independent of the others, and so has been added."""
        size = len(self.members)
        if size == self.rank:
            return False
        self._reserve(size + 1)
        h = self.column(j)
        start = size * (size + 1) // 2
        if size:
            r = dtpsv(size, self.packed, h[self.members], trans=1)
            self.packed[start : start + size] = r
            rest = h[j] - r @ r
        else:
            rest = h[j]
        if not rest > 8 * (size + 2) * EPS * h[j]:
            return False
        self.packed[start + size] = np.sqrt(rest)
        self.columns[:, size] = h
        self.members.append(j)
        return True

    def remove(self, position: int) -> None:
        """Take one coefficient out; the part of R to its right is made triangular again."""
        size = len(self.members)
        tail = size - position - 1
        if tail:
            starts = [k * (k + 1) // 2 for k in range(position + 1, size)]
            block = np.zeros((tail + 1, tail))
            for column, start in enumerate(starts):
                block[: column + 2, column] = self.packed[start + position : start + position + column + 2]
            triangle: Array = np.asarray(np.linalg.qr(block, mode="r"))
            triangle *= np.where(np.diag(triangle) < 0, -1.0, 1.0)[:, None]
            for column, start in enumerate(starts):
                target = start - (position + 1 + column)
                top = self.packed[start : start + position].copy()
                self.packed[target : target + position] = top
                self.packed[target + position : target + position + column + 1] = triangle[
                    : column + 1, column
                ]
            self.columns[:, position : size - 1] = self.columns[:, position + 1 : size].copy()
        del self.members[position]

    def solve(self, signs: Array) -> tuple[Array, Array, Array, Array]:
        """u, w, r, a: the active coefficients are u - lam w, all correlations r + lam a."""
        size = len(self.members)
        if size == 0:
            return np.empty(0), np.empty(0), self.pull, np.zeros_like(self.pull)
        both = np.empty((size, 2), order="F")
        for k, rhs in enumerate((self.pull[self.members], signs[self.members])):
            both[:, k] = dtpsv(size, self.packed, dtpsv(size, self.packed, rhs, trans=1))
        image = self.columns[:, :size] @ both
        return both[:, 0], both[:, 1], self.pull - image[:, 0], image[:, 1]

    def _reserve(self, size: int) -> None:
        if size > self.columns.shape[1]:
            capacity = min(max(2 * size, 16), self.rank)
            columns = np.empty((self.pull.size, capacity), order="F")
            columns[:, : size - 1] = self.columns[:, : size - 1]
            packed = np.empty(capacity * (capacity + 1) // 2)
            packed[: size * (size - 1) // 2] = self.packed[: size * (size - 1) // 2]
            self.columns, self.packed = columns, packed


def _homotopy(column: Any, pull: Array, rank: int) -> tuple[Array, Array]:
    """Knots and solutions of min 1/2 theta^T H theta - pull^T theta + lam ||theta||_1, given the columns of H."""
    active = _ActiveSet(column, pull, rank)
    lam = largest = float(np.abs(pull).max())
    theta = np.zeros_like(pull)
    knots, solutions = [lam], [theta]
    tied = np.abs(pull) >= lam * (1 - _TIE)
    signs = np.sign(pull)
    while lam > 0:
        u, w, r, a = _enter_and_leave(active, theta, signs, tied)
        members = active.members
        # Where each correlation meets the penalty again: one that is tied and stays out, on the other side only.
        side = np.sign(r)
        room = 1 - side * a
        meets = np.divide(np.abs(r), room, out=np.zeros_like(r), where=(room > 0) & ~(tied & (side == signs)))
        meets[members] = 0.0
        # Where a coefficient returns to zero: it must have the other sign at lam = 0.
        returns = np.divide(u, w, out=np.zeros_like(u), where=u * signs[members] < 0)
        following = max(meets.max(), returns.max(initial=0.0))
        # Strictly less, come what may: no rounding can make the path turn in circles.
        lam = min(following, lam * (1 - EPS)) if following > 1e-14 * largest else 0.0
        values = u - lam * w
        values[np.abs(values) <= _TIE * (np.abs(u) + lam * np.abs(w))] = 0.0
        values[(returns > 0) & (returns >= lam * (1 - _TIE))] = 0.0
        theta = np.zeros_like(pull)
        theta[members] = values
        knots.append(lam)
        solutions.append(theta)
        correlations = r + lam * a
        tied = np.abs(correlations) >= lam - _TIE * (lam + np.abs(r) + lam * np.abs(a))
        tied |= (meets > 0) & (meets >= lam * (1 - _TIE))
        tied[members] = True
        outside = np.ones(pull.size, dtype=bool)
        outside[members] = False
        signs = np.where(outside, np.sign(correlations), signs)
    return np.array(knots), np.array(solutions)


def _enter_and_leave(
    active: _ActiveSet, theta: Array, signs: Array, tied: Array
) -> tuple[Array, Array, Array, Array]:
    """Settle at a knot which coefficients move on from here, and solve for them.

    The direction w minimizes 1/2 w^T H w - signs^T w over the tied coefficients, those at zero being allowed to leave
    it on the side of their correlation only. This is nonnegative least squares, solved as by Lawson and Hanson.
    """
    for position in range(len(active.members) - 1, -1, -1):
        if theta[active.members[position]] == 0:
            active.remove(position)
    candidates = tied & (theta == 0)
    solution = active.solve(signs)
    if not candidates.any():
        return solution
    direction = np.zeros_like(theta)
    while True:
        direction[:] = 0.0
        direction[active.members] = solution[1]
        open_ = candidates.copy()
        open_[active.members] = False
        gain = np.where(open_, 1 - signs * solution[3], 0.0)
        j = int(np.argmax(gain))
        if not gain[j] > _GAIN:
            return solution
        if not active.add(j):
            candidates[j] = False
            continue
        solution = active.solve(signs)
        while True:
            members = np.array(active.members)
            before, after = direction[members], solution[1]
            wrong = candidates[members] & (after * signs[members] < 0)
            if not wrong.any():
                break
            # As far towards the new direction as no sign is violated.
            share = np.divide(before, before - after, out=np.full(after.size, np.inf), where=wrong)
            blocking = int(np.argmin(share))
            direction[members] = before + share[blocking] * (after - before)
            direction[members[blocking]] = 0.0
            active.remove(blocking)
            if members[blocking] == j and share[blocking] == 0:
                candidates[j] = False
            solution = active.solve(signs)
