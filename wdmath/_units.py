"""Columns in units of their own: shifted to mean zero and scaled by powers of two, so that no unit hides another."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ._validation import Array, checked_weights

# Numbers that fit into the cache.
BLOCK = 2**16


class Rows(NamedTuple):
    """Weights of rows.

    Attributes
    ----------
    total : float
        Their sum; the number of rows without weights.
    kept : ndarray of bool, of shape (n,), or None
        Which rows count at all; None for all.
    share : ndarray, or None
        The weights of those, divided by the total.
    roots : ndarray, or None
        Square roots of the weights times 2^-exponent, at most 1.
    exponent : int
    """

    total: float
    kept: Array | None = None
    share: Array | None = None
    roots: Array | None = None
    exponent: int = 0


def row_weights(sample_weight: Any, n: int) -> Rows:
    """Check the weights of n rows."""
    if sample_weight is None:
        return Rows(float(n))
    weights = checked_weights(sample_weight, n)
    largest = float(weights.max())
    kept = weights > 0
    exponent = (int(np.frexp(largest)[1]) + 1) // 2
    weights = np.ldexp(weights[kept], -2 * exponent)
    total = float(weights.sum())
    return Rows(float(np.ldexp(total, 2 * exponent)), kept, weights / total, np.sqrt(weights), exponent)


class Columns(NamedTuple):
    """X = means + 2^exponents Z.

    Attributes
    ----------
    Z : ndarray of shape (n, p), or (n, p + 1) with a constant column
        Its largest entry in each column is between 1/2 and 1, or the column is zero; columns lie one after the other
        in memory.
    exponents : ndarray of int, of shape (p,)
    means : ndarray of shape (p,)
        Zero unless centered.
    """

    Z: Array
    exponents: Array
    means: Array


def even_columns(
    X: Array, share: Array | None = None, *, center: bool = False, constant: bool = False
) -> Columns:
    """Columns of comparable size.

    Parameters
    ----------
    X : ndarray of shape (n, p)
    share : ndarray of shape (n,), optional
        Weights of the rows; they add up to 1, and rows of weight 0 do not count. Default: all equal.
    center : bool
        Whether to subtract the mean.
    constant : bool
        Whether to append a column of ones.
    """
    n, p = X.shape
    rows = np.ones((p + constant, n))
    exponents, means = np.zeros(p, dtype=int), np.zeros(p)
    counted: Any = slice(None) if share is None or share.all() else share > 0
    typical = 0 if share is None else int(share.argmax())
    # A few columns at a time, so that they stay in the cache.
    size = max(1, BLOCK // n)
    for start in range(0, p, size):
        columns = slice(start, min(start + size, p))
        Z = rows[columns]
        Z[:] = X[:, columns].T
        if center:
            # So far from 0 that differences might overflow, or so near that they lose digits.
            extreme = _exponents(Z[:, counted])
            extreme[np.abs(extreme) < 900] = 0
            if extreme.any():
                np.ldexp(Z, -extreme[:, None], out=Z)
            # Differences to an entry are exact where numbers are close: a large common part leaves no trace.
            first = Z[:, typical].copy()
            Z -= first[:, None]
            mean = Z.mean(axis=1) if share is None else Z @ share
            Z -= mean[:, None]
            means[columns] = np.ldexp(first + mean, extreme)
            exponents[columns] = extreme
        further = _exponents(Z[:, counted])
        if np.abs(further).max() < 1000:
            Z *= np.ldexp(1.0, -further)[:, None]
        else:
            np.ldexp(Z, -further[:, None], out=Z)
        exponents[columns] += further
    return Columns(rows.T, exponents, means)


def _exponents(rows: Array) -> Array:
    """Of the power of two above the largest entry of each row."""
    return np.frexp(np.maximum(rows.max(axis=1), -rows.min(axis=1)))[1].astype(int)
