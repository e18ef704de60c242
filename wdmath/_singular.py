"""Singular value decomposition that keeps small singular values accurate and knows which ones are zero."""

from __future__ import annotations

import numpy as np

from ._validation import EPS, Array

# Columns whose lengths differ by more than this make a matrix look singular to the usual algorithm when it is not. For
# few columns, where Jacobi's method takes no time, sooner.
GRADED, GRADED_FEW, FEW = 1e3, 1e2, 64


def singular_values(
    Z: Array, *, rows: int | None = None, noise: Array | None = None, full: bool = False
) -> tuple[Array, Array, Array]:
    """U, s, V^T with s = 0 for singular values at rounding level, or without them.

    Those are the ones below max(n, q) eps times the largest, or below the largest `noise`; but where the columns have
    units of their own (powers of a large x, say), it is the matrix with columns of comparable length whose singular
    values are compared, and Jacobi's method computes every singular value of Z to its own relative accuracy.

    Parameters
    ----------
    Z : ndarray of shape (n, q)
    rows : int, optional
        n, if Z is already the triangle of a taller matrix.
    noise : ndarray of shape (q,), optional
        Length, in each column, of rounding left over from earlier steps.
    full : bool
        Return all q right singular vectors also where there are fewer singular values.

    References
    ----------
    Drmac, Veselic (2008), New fast and accurate Jacobi SVD algorithm, SIAM J. Matrix Anal. Appl. 29.
    """
    n, q = Z.shape
    cutoff = max(n if rows is None else rows, q) * EPS
    unit = np.ldexp(1.0, np.frexp(np.abs(Z).max(axis=0))[1].clip(-1000, 1000))
    lengths = np.linalg.norm(Z / unit, axis=0) * unit
    floor = np.zeros(q) if noise is None else noise
    empty = lengths <= floor
    if empty.any():
        Z = np.where(empty, 0.0, Z)
    present = lengths[~empty]
    spread = present.max() / present.min() if present.size else 1.0
    if spread > graded_from(q):
        blur = max(cutoff, float((floor[~empty] / present).max()))
        U, s, Vt, rest = graded_svd(Z, np.where(empty, 1.0, unit), blur)
        return U, s, np.vstack([Vt, rest]) if full else Vt
    U, s, Vt = np.linalg.svd(Z, full_matrices=False)
    s = np.where(s <= max(cutoff * s[0], float(floor.max())), 0.0, s)
    if full and len(Vt) < q:
        Vt = np.vstack([Vt, _complement(Vt)])
    return U, s, Vt


def graded_from(columns: int) -> float:
    """The ratio of lengths from which so many columns are taken to have units of their own."""
    return GRADED if columns > FEW else GRADED_FEW


def graded_svd(Z: Array, unit: Array, blur: float) -> tuple[Array, Array, Array, Array]:
    """U, s, V^T for singular values above 0 of a matrix with columns of very different lengths, near `unit`.

    Also the rows that complete V^T to a basis.

    Singular values up to `blur` of the largest are 0 once all columns have about the same length.

    Jacobi's method on the independent columns Z_B; the others are Z_B M.

    Then Z u = Z_B v with v = [I M] u, and the shortest u for given v is [I M]^T w with (I + M M^T) w = v. In the
    coordinates L^-1 v, where L L^T = I + M M^T, nothing is left of the dependence.
    """
    from scipy.linalg import solve_triangular

    Q, R = np.linalg.qr(Z / unit)
    basic, others, basis, triangle = _independent(R, unit, blur)
    left = Q @ basis
    if not others.size:
        U, s, Vt = _jacobi(triangle * unit)
        return left @ U, s, Vt, np.zeros((0, len(unit)))
    M = solve_triangular(triangle[:, basic], triangle[:, others]) * (unit[others] / unit[basic][:, None])
    L = np.linalg.cholesky(np.eye(len(basic)) + M @ M.T)
    U, s, Vt = _jacobi((triangle[:, basic] * unit[basic]) @ L)
    V = np.empty((len(unit), len(basic)))
    V[basic] = solve_triangular(L, Vt.T, lower=True, trans="T")
    V[others] = M.T @ V[basic]
    # Z u = 0 where v = 0.
    rest = np.empty((len(unit), len(others)))
    L = np.linalg.cholesky(np.eye(len(others)) + M.T @ M)
    rest[others] = solve_triangular(L, np.eye(len(others)), lower=True).T
    rest[basic] = -M @ rest[others]
    return left @ U, s, V.T, rest.T


def _independent(R: Array, unit: Array, blur: float) -> tuple[Array, Array, Array, Array]:
    """Columns that the others are combinations of, the longest if possible; the others; a basis; all columns in it."""
    from scipy.linalg import qr

    sizes = np.linalg.svd(R, compute_uv=False)
    rank = max(int((sizes > blur * sizes[0]).sum()), 1)
    order = np.argsort(-unit, kind="stable")
    # What Gram and Schmidt leave of a combination is more than rounding if the columns are nearly dependent.
    tolerances = blur * 10.0 ** np.arange(8) if rank < R.shape[1] else [0.0]
    for tolerance in tolerances:
        found = _in_order(R, order, tolerance)
        if len(found[0]) <= rank:
            break
    if len(found[0]) == rank:
        return found
    pivots = qr(R, mode="r", pivoting=True)[1]
    return _in_order(R, pivots, 0.0, rank)


def _in_order(
    R: Array, order: Array, tolerance: float, rank: int | None = None
) -> tuple[Array, Array, Array, Array]:
    """Columns, in this order, that are no combinations of earlier ones, up to a tolerance relative to their lengths."""
    most = len(R) if rank is None else rank
    basic, others = [], []
    basis, triangle = np.empty((len(R), 0)), np.zeros(R.shape)
    for j in order:
        known = basis.shape[1]
        triangle[:known, j] = basis.T @ R[:, j]
        column = R[:, j] - basis @ triangle[:known, j]
        again = basis.T @ column
        triangle[:known, j] += again
        column -= basis @ again
        length = np.linalg.norm(column)
        if known == most or length <= tolerance * np.linalg.norm(R[:, j]):
            # Its parts along later columns, which may be small, are rounding.
            others.append(j)
            continue
        basic.append(j)
        triangle[known, j] = length
        basis = np.column_stack([basis, column / length])
    return np.array(basic), np.array(others, dtype=int), basis, triangle[: len(basic)]


def _jacobi(square: Array) -> tuple[Array, Array, Array]:
    from scipy.linalg.lapack import dgejsv

    s, U, V, scaling, _, info = dgejsv(square, joba=0)
    if info:
        raise np.linalg.LinAlgError(
            "Jacobi's method has not converged; bring the columns to comparable units"
        )
    return U, s * (scaling[0] / scaling[1]), V.T


def _complement(Vt: Array) -> Array:
    """Rows that complete orthonormal rows to a basis."""
    from scipy.linalg import qr

    return qr(Vt.T)[0][:, len(Vt) :].T
