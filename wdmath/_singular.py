"""Singular value decomposition that keeps small singular values accurate and knows which ones are zero."""

from __future__ import annotations

import numpy as np

from ._validation import EPS, Array

# Columns whose lengths differ by more than this make a matrix look singular to the usual algorithm when it
# is not.
GRADED = 1e3


def singular_values(
    Z: Array, *, rows: int | None = None, noise: Array | None = None, full: bool = False
) -> tuple[Array, Array, Array]:
    """U, s, V^T with s = 0 for singular values at rounding level.

    Those are the ones below max(n, q) eps times the largest, or below the largest `noise`; but not where it is only the
    units of the columns that differ (powers of a large x, say): then the matrix with columns of length 1
    has full rank, and Jacobi's method computes every singular value to its own relative accuracy.

    Parameters
    ----------
    Z : ndarray of shape (n, q)
    rows : int, optional
        n, if Z is already the triangle of a taller matrix.
    noise : ndarray of shape (q,), optional
        Length, in each column, of rounding left over from earlier steps.
    full : bool
        Return all q right singular vectors also for n < q.

    References
    ----------
    Drmac, Veselic (2008), New fast and accurate Jacobi SVD algorithm, SIAM J. Matrix Anal. Appl. 29.
    """
    n, q = Z.shape
    cutoff = max(n if rows is None else rows, q) * EPS
    floor = 0.0 if noise is None else float(noise.max())
    lengths = np.linalg.norm(Z, axis=0)
    if n >= q and lengths.max() > GRADED * lengths.min() > 0:
        from scipy.linalg.lapack import dgejsv

        s, U, V, work, _, info = dgejsv(Z, joba=0, jobu=0, jobv=0)
        if info == 0:
            s = s * (work[0] / work[1])
            evened = np.linalg.svd(Z / lengths, compute_uv=False)
            blur = cutoff if noise is None else max(cutoff, float((noise / lengths).max()))
            if evened[-1] <= blur * evened[0]:
                s = np.where(s <= max(cutoff * s[0], floor), 0.0, s)
            return U, s, V.T
    U, s, Vt = np.linalg.svd(Z, full_matrices=full)
    return U, np.where(s <= max(cutoff * s[0], floor), 0.0, s), Vt
