"""Reduce any ridge problem on data to  min ||r - Z u||^2 + mu ||u||^2  and map its solutions back.

Row weights multiply rows by their square roots. Coefficients without a penalty (the intercept among them) are
projected out: Z and r are replaced by what the unpenalized columns leave unexplained. A penalty ||Gamma
theta||^2 is made diagonal by the right singular vectors of Gamma, a diagonal one uniform by scaling the
columns (Elden, 1977).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._validation import EPS, Array, flag, integer_array, real_array, shown
from .risk import least_squares_scale


@dataclass(eq=False)
class StandardForm:
    """The reduced problem and the way back.

    Attributes
    ----------
    Z : ndarray of shape (n, q), or a LinearOperator
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
    """

    Z: Any
    r: Array
    c: float
    free: Array
    noise: Array | None
    restore: Callable[[Array], tuple[Array, Array]]
    total_weight: float

    @property
    def floor(self) -> float:
        """Eigenvalues of Z^T Z below this are rounding left over from the projections."""
        return 0.0 if self.noise is None else float(self.noise.max()) ** 2


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
    if plain and not intercept and isinstance(X, np.ndarray):
        c = least_squares_scale(scale, n)
        return StandardForm(
            X, y, c, np.zeros((n, 0)), None, lambda u: (u, np.zeros((len(u), y.shape[1]))), float(n)
        )
    total, roots = float(n), None
    if sample_weight is not None:
        weights = real_array(sample_weight, "sample_weight", shape=(n,), nonnegative=True)
        total, roots = float(weights.sum()), np.sqrt(weights)
        if total == 0:
            raise ValueError(f"sample_weight must not be all zero, got {shown(sample_weight)}")
    c = least_squares_scale(scale, total)
    origin = _target(target, p, y.shape[1])
    weights_p, rotation = _penalty(penalty_weights, groups, tikhonov, p)
    dense = isinstance(X, np.ndarray)
    if not dense and (rotation is not None or (weights_p is not None and not weights_p.all())):
        raise ValueError("X must be a dense array when coefficients go unpenalized or tikhonov is given")

    r = y if origin is None else y - X @ origin
    x_mean, r_mean = np.zeros(p), np.zeros(y.shape[1])
    constant = np.zeros((n, 0))
    noise = np.zeros(p)
    Z = X
    if intercept:
        share = np.full(n, 1 / n) if roots is None else roots**2 / total
        x_mean, r_mean = X.T @ share, share @ r
        r = r - r_mean
        constant = np.sqrt(share)[:, None]
        if dense:
            noise = _noise(X)
            Z = X - x_mean
    if roots is not None:
        r = r * roots[:, None]
    if not dense:
        column_scale = None if weights_p is None else 1 / np.sqrt(weights_p)
        Z = _operator(X, x_mean if intercept else None, roots, column_scale)
    elif roots is not None:
        Z = Z * roots[:, None]
        noise = noise * roots.max()

    if not dense:
        back = _scaled_back(column_scale)
    else:
        if rotation is not None:
            Z = Z @ rotation
            noise = np.full(p, np.linalg.norm(noise))
        Z, r, unpenalized, noise, back = _penalize(Z, r, weights_p, rotation, noise)
        constant = np.hstack([constant, unpenalized])

    def restore(u: Array) -> tuple[Array, Array]:
        theta = back(u)
        if origin is not None:
            theta = theta + origin
            offset = r_mean + x_mean @ origin
        else:
            offset = r_mean
        if not intercept:
            return theta, np.zeros((len(theta), y.shape[1]))
        return theta, offset - np.einsum("p,lpt->lt", x_mean, theta)

    return StandardForm(Z, r, c, constant, noise, restore, total)


def _target(target: Any, p: int, targets: int) -> Array | None:
    if target is None:
        return None
    point = real_array(target, "target", ndim=(1, 2))
    if point.shape not in ((p,), (p, targets)):
        raise ValueError(
            f"target must have shape ({p},) or ({p}, {targets}), got {point.shape}: {shown(target)}"
        )
    return np.broadcast_to(point.reshape(p, -1), (p, targets))


def _penalty(weights: Any, groups: Any, tikhonov: Any, p: int) -> tuple[Array | None, Array | None]:
    """Weights on the squared coordinates, and the rotation to those coordinates (None if there is none)."""
    if tikhonov is not None:
        if weights is not None or groups is not None:
            raise ValueError("tikhonov cannot be combined with penalty_weights or groups")
        matrix = real_array(tikhonov, "tikhonov", shape=(None, p))
        _, s, Vt = np.linalg.svd(matrix, full_matrices=matrix.shape[0] < p)
        s = np.concatenate([s, np.zeros(p - s.size)])
        s[s <= max(matrix.shape) * EPS * s[0]] = 0.0
        return s**2, Vt.T
    if groups is not None:
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
        return per_group[labels], None
    if weights is None:
        return None, None
    return real_array(weights, "penalty_weights", shape=(p,), nonnegative=True), None


def _penalize(
    Z: Array, r: Array, weights: Array | None, rotation: Array | None, noise: Array
) -> tuple[Array, Array, Array, Array, Callable[[Array], Array]]:
    """Project out unpenalized columns and scale the others."""
    if weights is None:
        return Z, r, np.zeros((len(Z), 0)), noise, _unchanged
    held = weights > 0
    column_scale = 1 / np.sqrt(weights[held])
    loose = Z[:, ~held]
    if not loose.shape[1]:
        back = _scaled_back(column_scale)
        basis = np.zeros((len(Z), 0))
        Z = Z * column_scale
        noise = noise * column_scale
    else:
        basis, s, Vt = np.linalg.svd(loose, full_matrices=False)
        rank = int((s > max(noise[~held].max(), max(loose.shape) * EPS * s[0])).sum())
        basis, s, Vt = basis[:, :rank], s[:rank], Vt[:rank]
        full, full_r, fixed = Z, r, Z[:, held]
        noise = np.maximum(noise[held], _noise(fixed)) * column_scale
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
    return Z, r, basis, noise, lambda u: rotation @ back(u)


def _operator(X: Any, mean: Array | None, roots: Array | None, column_scale: Array | None) -> Any:
    """diag(roots) (X - 1 mean^T) diag(column_scale) without forming it."""
    from scipy.sparse.linalg import LinearOperator

    def matvec(v: Array) -> Array:
        v = v.ravel() if column_scale is None else v.ravel() * column_scale
        product = X @ v if mean is None else X @ v - mean @ v
        return product if roots is None else product * roots

    def rmatvec(v: Array) -> Array:
        v = v.ravel() if roots is None else v.ravel() * roots
        product = X.T @ v if mean is None else X.T @ v - mean * v.sum()
        return product if column_scale is None else product * column_scale

    return LinearOperator(X.shape, matvec=matvec, rmatvec=rmatvec, dtype=np.float64)


def _noise(columns: Array) -> Array:
    """Rounding that remains of each column after something has been subtracted from it."""
    return max(columns.shape) * EPS * np.sqrt(np.einsum("ij,ij->j", columns, columns))


def _project_out(basis: Array, columns: Array) -> Array:
    return columns - basis @ (basis.T @ columns)


def _scaled_back(column_scale: Array | None) -> Callable[[Array], Array]:
    return _unchanged if column_scale is None else lambda u: u * column_scale[:, None]


def _unchanged(u: Array) -> Array:
    return u
