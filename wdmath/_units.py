"""Columns in units of their own: shifted to mean zero and scaled by powers of two, so that no unit hides another."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ._validation import Array, real_array, shown


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
    weights = real_array(sample_weight, "sample_weight", shape=(n,), nonnegative=True)
    largest = float(weights.max())
    if largest == 0:
        raise ValueError(f"sample_weight must not be all zero, got {shown(sample_weight)}")
    kept = weights > 0
    exponent = (int(np.frexp(largest)[1]) + 1) // 2
    weights = np.ldexp(weights[kept], -2 * exponent)
    total = float(weights.sum())
    return Rows(float(np.ldexp(total, 2 * exponent)), kept, weights / total, np.sqrt(weights), exponent)


class Columns(NamedTuple):
    """X = means + 2^exponents Z.

    Attributes
    ----------
    Z : ndarray of shape (n, p)
        Its largest entry in each column is between 1/2 and 1, or the column is zero.
    exponents : ndarray of int, of shape (p,)
    means : ndarray of shape (p,)
        Zero unless centered.
    """

    Z: Array
    exponents: Array
    means: Array


def even_columns(X: Array, share: Array | None = None, *, center: bool = False) -> Columns:
    """Columns of comparable size.

    Parameters
    ----------
    X : ndarray of shape (n, p)
    share : ndarray of shape (n,), optional
        Weights of the rows in the mean; they add up to 1. Default: all equal.
    center : bool
        Whether to subtract the mean.
    """
    exponents = _exponents(X)
    Z = _scaled(X, -exponents)
    means = np.zeros(X.shape[1])
    if center:
        # Differences to a row are exact where numbers are close; so a large common part of a column leaves no trace.
        first = Z[0].copy()
        Z -= first
        mean = np.zeros_like(first)
        for _ in range(2):
            rest = Z.mean(axis=0) if share is None else share @ Z
            Z -= rest
            mean += rest
        means = np.ldexp(first + mean, exponents)
        further = _exponents(Z)
        Z = _scaled(Z, -further)
        exponents = exponents + further
    return Columns(Z, exponents, means)


def _exponents(X: Array) -> Array:
    """Of the power of two above the largest entry of each column."""
    return np.frexp(np.maximum(X.max(axis=0), -X.min(axis=0)))[1]


def _scaled(X: Array, exponents: Array) -> Array:
    """2^exponents X, a new array."""
    if np.abs(exponents).max() <= 1000:
        return X * np.ldexp(1.0, exponents)
    return np.ldexp(X, exponents)
