"""Reduce any ridge problem to one whose penalty is mu ||u||^2, and map its solutions back.

With data: min ||r - Z u||^2 + mu ||u||^2. Row weights multiply rows by their square roots. Coefficients without a
penalty (the intercept among them) are projected out: Z and r are replaced by what the unpenalized columns leave
unexplained. With a Hessian: (K + mu I) u = v, where unpenalized coefficients are eliminated. A penalty
||Gamma theta||^2 is made diagonal by the right singular vectors of Gamma, a diagonal one uniform by scaling the
columns (Elden, 1977).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ._scaled import Scaled, products
from ._semidefinite import semidefinite_eigh
from ._singular import singular_values
from ._validation import (
    EPS,
    Array,
    checked_weights,
    flag,
    integer_array,
    real_array,
    real_number,
    shown,
    zero_cutoff,
)

SCALES = ("sum", "half_sum", "mean", "half_mean")

# Data with so many times more rows than columns, and so many numbers, are centered and weighted a few rows at a time.
TALL, LARGE = 4, 2**18
# Data of so many numbers with more columns than rows are centered only after their products have been formed.
WIDE = 2**14
# Columns that are looked at at once.
FEW = 8192

# From solutions u of shape (L, q, t) to coefficients (L, p, t).
Restore = Callable[[Array], Array]


@dataclass(eq=False)
class StandardForm:
    """The reduced problem and the way back.

    Attributes
    ----------
    source : ndarray of shape (n, q), or Scaled
        Z, which the property of that name gives as an array if X is one. Of tall data it is only needed a few rows at a
        time for the products `gram` and `pull`.
    r : ndarray of shape (n, t)
    c : float
        The scale; mu = lam / (2 c).
    free : ndarray of shape (n, k)
        Orthonormal basis of what unpenalized coefficients can fit, the intercept's constant first.
    noise : ndarray of shape (q,), or None
        Length, in each column of Z, of the rounding left over from the projections.
    restore : callable
        Maps u of shape (L, q, t) to coefficients (L, p, t) and intercepts (L, t).
    total_weight : float
        Sum of the row weights.
    x_mean, y_mean : ndarray of shape (p,), (t,)
        What is taken off the columns and the targets for the sake of the intercept.
    """

    source: Any
    r: Array
    c: float
    free: Array
    noise: Array | None
    restore: Callable[[Array], tuple[Array, Array]]
    total_weight: float
    x_mean: Array
    y_mean: Array

    @cached_property
    def Z(self) -> Any:
        """The reduced matrix; in products only if X is not dense."""
        if isinstance(self.source, Scaled) and isinstance(self.source.X, np.ndarray):
            return self.source.dense()
        return self.source

    def gram(self) -> Array:
        """Z^T Z."""
        return self.source.gram() if isinstance(self.source, Scaled) else self.source.T.dot(self.source)

    def dual_gram(self) -> Array:
        """Z Z^T."""
        return self.source.dual_gram() if isinstance(self.source, Scaled) else self.source.dot(self.source.T)

    def pull(self) -> Array:
        """Z^T r."""
        return (
            self.source.transposed_times(self.r)
            if isinstance(self.source, Scaled)
            else self.source.T.dot(self.r)
        )

    @property
    def floor(self) -> float:
        """Eigenvalues of Z^T Z below this are rounding left over from the projections."""
        return 0.0 if self.noise is None else float(self.noise.max(initial=0.0)) ** 2


def standard_form(
    X: Any,
    y: Array,
    *,
    scale: Any,
    sample_weight: Any = None,
    intercept: bool = False,
    penalty_weights: Any = None,
    groups: Any = None,
    tikhonov: Any = None,
    target: Any = None,
) -> StandardForm:
    """Check the options and reduce; X of shape (n, p) and y of shape (n, t) are checked already."""
    n, p = X.shape
    intercept = flag(intercept, "intercept")
    plain = sample_weight is penalty_weights is groups is tikhonov is target is None
    dense = isinstance(X, np.ndarray)
    if plain and not intercept and dense:
        c = least_squares_scale(scale, n)
        nothing = np.zeros((len(y), 0))
        no_mean = np.zeros(p), np.zeros(y.shape[1])
        return StandardForm(
            X, y, c, nothing, None, lambda u: (u, np.zeros((len(u), y.shape[1]))), float(n), *no_mean
        )
    total, roots = float(n), None
    if sample_weight is not None:
        weights = checked_weights(sample_weight, n)
        total, roots = float(weights.sum()), np.sqrt(weights)
    c = least_squares_scale(scale, total)
    origin = penalty_center(target, p, y.shape[1])
    penalty = Penalty.of(penalty_weights, groups, tikhonov, p)
    if not dense and (penalty.factor is not None or not penalty.weights.all()):
        raise ValueError("X must be a dense array when coefficients go unpenalized or tikhonov is given")

    r = y if origin is None else y - (X @ origin if dense else products(X, origin))
    x_mean, r_mean = np.zeros(p), np.zeros(y.shape[1])
    mean_rest = None
    constant, noise = np.zeros((n, 0)), np.zeros(p)
    Z: Any = X
    if intercept:
        share = np.full(n, 1 / n) if roots is None else roots**2 / total
        r_mean = share.dot(r)
        r = r - r_mean
        constant = np.sqrt(share)[:, None]
        if dense:
            x_mean, mean_rest = column_means(X, share)
            noise = 4 * EPS * total**0.5 * np.abs(x_mean)
        else:
            x_mean = products(X, share[:, None], transpose=True)[:, 0]
    if roots is not None:
        r = r * roots[:, None]
    large = (n >= TALL * p and n * p >= LARGE) or (p >= n and n * p >= WIDE)
    if not dense or (large and penalty.factor is None and penalty.weights.all()):
        column_scale = None if penalty.plain else 1 / np.sqrt(penalty.weights)
        Z = Scaled(X, x_mean if intercept else None, roots, column_scale, mean_rest)
        noise = noise if column_scale is None else noise * column_scale
        back: Restore = _scaled_back(column_scale)
    else:
        Z = X - x_mean if intercept else X
        if mean_rest is not None:
            Z -= mean_rest
        if roots is not None:
            Z = Z * roots[:, None]
        Z, r, unpenalized, noise, back = _penalize(Z, r, penalty, noise)
        if unpenalized.shape[1]:
            constant = np.hstack([constant, unpenalized])

    def restore(u: Array) -> tuple[Array, Array]:
        theta = back(u)
        offset = r_mean
        if origin is not None:
            theta = theta + origin
            offset = r_mean + x_mean @ origin
        if not intercept:
            return theta, np.zeros((len(theta), y.shape[1]))
        return theta, offset - np.einsum("p,lpt->lt", x_mean, theta)

    return StandardForm(Z, r, c, constant, noise, restore, total, x_mean, r_mean)


@dataclass(eq=False)
class HessianForm:
    """The reduced equations (K + lam I) u = v, from (H + lam P) theta = g.

    Attributes
    ----------
    K : ndarray of shape (q, q)
    reduce : callable
        Maps g of shape (p, t) to v of shape (q, t).
    restore : callable
        Maps u of shape (L, q, t), and g, to theta of shape (L, p, t).
    penalized : callable
        Maps theta of shape (p, t) to the u that belongs to it.
    loose : int
        How many unpenalized directions H determines.
    """

    K: Array
    reduce: Callable[[Array], Array]
    restore: Callable[[Array, Array], Array]
    penalized: Callable[[Array], Array]
    loose: int


def hessian_form(H: Array, penalty: Penalty, name: str = "hessian") -> HessianForm:
    """Scale the coordinates, and eliminate those without a penalty."""
    p = len(H)
    if penalty.plain:
        return HessianForm(H, lambda g: g, lambda u, g: u, lambda theta: theta, 0)
    unit, rotation, weights = penalty.diagonalized(np.sqrt(np.maximum(np.diagonal(H), 0.0)))
    H = (
        rotation.T @ (H / unit / unit[:, None]) @ rotation
        if rotation is not None
        else H / unit / unit[:, None]
    )
    held, loose = weights > 0, weights == 0
    scale = 1 / np.sqrt(weights[held])
    K = H[np.ix_(held, held)] * scale * scale[:, None]
    solve = np.zeros((0, 0))
    if loose.any():
        eigenvalues, vectors = semidefinite_eigh(H[np.ix_(loose, loose)], name)
        inside = eigenvalues > 0
        solve = (vectors[:, inside] / eigenvalues[inside]) @ vectors[:, inside].T
        coupling = H[np.ix_(held, loose)] * scale[:, None]
        before = np.diagonal(K).copy()
        K = K - coupling @ solve @ coupling.T
        # What has cancelled to rounding is nothing, or it might be negative.
        nothing = np.diagonal(K) <= zero_cutoff(p) * before
        K[nothing] = K[:, nothing] = 0.0
    K = (K + K.T) / 2

    def turned(g: Array) -> Array:
        g = g / unit[:, None]
        return g if rotation is None else rotation.T @ g

    def reduce(g: Array) -> Array:
        g = turned(g)
        v = g[held] * scale[:, None]
        return v - coupling @ (solve @ g[loose]) if loose.any() else v

    def restore(u: Array, g: Array) -> Array:
        g = turned(g)
        theta = np.empty((len(u), p, u.shape[2]))
        theta[:, held] = u * scale[:, None]
        if loose.any():
            theta[:, loose] = solve @ (g[loose] - H[np.ix_(loose, held)] @ theta[:, held])
        return (theta if rotation is None else rotation @ theta) / unit[:, None]

    def penalized(theta: Array) -> Array:
        theta = theta * unit[:, None]
        return (theta if rotation is None else rotation.T @ theta)[held] / scale[:, None]

    return HessianForm(K, reduce, restore, penalized, int(loose.sum() and inside.sum()))


@dataclass(eq=False)
class Penalty:
    """P(theta): the sum of weights[j] theta_j^2, or ||factor theta||^2.

    Attributes
    ----------
    weights : ndarray of shape (p,)
    factor : ndarray of shape (m, p), or None
    plain : bool
        Whether all weights are 1.
    """

    weights: Array
    factor: Array | None = None
    plain: bool = False

    @classmethod
    def of(cls, weights: Any, groups: Any, tikhonov: Any, p: int) -> Penalty:
        """The penalty that the options describe."""
        if tikhonov is not None:
            if weights is not None or groups is not None:
                raise ValueError("tikhonov cannot be combined with penalty_weights or groups")
            return cls(np.ones(p), real_array(tikhonov, "tikhonov", shape=(None, p)))
        if groups is not None:
            return cls(_weights_of_groups(weights, groups, p))
        if weights is None:
            return cls(np.ones(p), plain=True)
        return cls(real_array(weights, "penalty_weights", shape=(p,), nonnegative=True))

    def diagonalized(self, lengths: Array) -> tuple[Array, Array | None, Array]:
        """Units of the coordinates, a rotation, and weights on the squares of the coordinates that result.

        That is theta = (rotation @ coordinates) / units. The penalty's own units are taken, so that singular values
        are compared in coordinates in which it is of one size; where it does not act, the `lengths` of columns.
        """
        if self.factor is None:
            return np.ones(len(self.weights)), None, self.weights
        own = np.linalg.norm(self.factor, axis=0)
        size = np.where(own > 0, own, np.where(lengths > 0, lengths, 1.0))
        unit = np.ldexp(1.0, np.frexp(size)[1])
        _, s, Vt = singular_values(self.factor / unit, full=True)
        return unit, Vt.T, np.concatenate([s**2, np.zeros(len(unit) - s.size)])


def _weights_of_groups(weights: Any, groups: Any, p: int) -> Array:
    labels = integer_array(groups, "groups")
    if labels.shape != (p,):
        raise ValueError(f"groups must be {p} integers, one for each column of X, got {shown(groups)}")
    if weights is None:
        raise ValueError("penalty_weights must be given with groups, one for each group, got None")
    per_group = real_array(weights, "penalty_weights", ndim=1, nonnegative=True)
    if labels.max() >= per_group.size:
        raise ValueError(
            f"penalty_weights must have one entry for each group, got {per_group.size} for a group number "
            f"{int(labels.max())}"
        )
    return per_group[labels]


def penalty_center(target: Any, p: int, targets: int) -> Array | None:
    """The point to shrink to, of shape (p, t)."""
    if target is None:
        return None
    point = real_array(target, "target", ndim=(1, 2))
    if point.shape not in ((p,), (p, targets)):
        raise ValueError(
            f"target must have shape ({p},) or ({p}, {targets}), got {point.shape}: {shown(target)}"
        )
    return np.broadcast_to(point.reshape(p, -1), (p, targets))


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


def column_means(X: Array, share: Array) -> tuple[Array, Array | None]:
    """Weighted mean of each column, and what rounding left out of it if that matters; `share` adds up to 1."""
    mean = share.dot(X)
    # It matters where it is not small beside what is left. A few rows show that, a few columns at a time.
    for start in range(0, len(mean), FEW):
        some = slice(start, start + FEW)
        if (np.abs(mean[some]) > 1e5 * np.maximum.reduce(np.abs(X[:2, some] - mean[some]))).any():
            return mean, share @ (X - mean)
    return mean, None


def _penalize(
    Z: Array, r: Array, penalty: Penalty, noise: Array
) -> tuple[Array, Array, Array, Array, Restore]:
    """Project out unpenalized columns and scale the others."""
    if penalty.plain:
        return Z, r, np.zeros((len(Z), 0)), noise, _unchanged
    rotation = None
    weights = penalty.weights
    if penalty.factor is not None:
        unit, rotation, weights = penalty.diagonalized(np.linalg.norm(Z, axis=0))
        Z = (Z / unit) @ rotation
        noise = np.full(len(unit), np.linalg.norm(noise / unit))
    held = weights > 0
    column_scale = 1 / np.sqrt(weights[held])
    loose = Z[:, ~held]
    if not loose.shape[1]:
        back = _scaled_back(column_scale)
        basis = np.zeros((len(Z), 0))
        Z = Z * column_scale
        noise = noise * column_scale
    else:
        basis, s, Vt = singular_values(loose, noise=noise[~held])
        basis, s, Vt = basis[:, s > 0], s[s > 0], Vt[s > 0]
        full, full_r, fixed = Z, r, Z[:, held]
        noise = (noise[held] + _noise(fixed)) * column_scale
        # Projecting twice leaves nothing of the unpenalized columns behind.
        fixed = _project_out(basis, _project_out(basis, fixed))
        r = _project_out(basis, _project_out(basis, r))
        Z = fixed * column_scale

        def back(u: Array) -> Array:
            theta = np.empty((len(u), full.shape[1], u.shape[2]))
            theta[:, held] = u * column_scale[:, None]
            unexplained = full_r - full[:, held] @ theta[:, held]
            theta[:, ~held] = Vt.T @ ((basis.T @ unexplained) / s[:, None])
            return theta

    if rotation is None:
        return Z, r, basis, noise, back
    return Z, r, basis, noise, lambda u: (rotation @ back(u)) / unit[:, None]


def _noise(columns: Array) -> Array:
    """Rounding that remains of each column after something has been subtracted from it."""
    return max(columns.shape) * EPS * np.sqrt(np.einsum("ij,ij->j", columns, columns))


def _project_out(basis: Array, columns: Array) -> Array:
    return columns - basis @ (basis.T @ columns)


def _scaled_back(column_scale: Array | None) -> Restore:
    return _unchanged if column_scale is None else lambda u: u * column_scale[:, None]


def _unchanged(u: Array) -> Array:
    return u
