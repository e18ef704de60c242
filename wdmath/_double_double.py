"""Numbers of about 32 digits, as unevaluated sums of two floats."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._doubled import matrix_product, two_product, two_sum
from ._validation import Array


class DoubleDouble:
    """An array whose entries are high + low, with |low| at most half a unit in the last place of high.

    Sums and products are right to a few 2^-104 of their largest term. Entries must stay below about 1e300: splitting
    larger ones overflows.

    References
    ----------
    Dekker (1971), A floating-point technique for extending the available precision, Numer. Math. 18.
    """

    __array_ufunc__ = None  # so that array + DoubleDouble is left to __radd__

    def __init__(self, high: Any, low: Any = 0.0) -> None:
        self.high: Array = np.asarray(high, dtype=np.float64)
        self.low: Array = np.asarray(low, dtype=np.float64)

    def __add__(self, other: Any) -> DoubleDouble:
        other = _wide(other)
        total, error = two_sum(self.high, other.high)
        return _normalized(total, error + (self.low + other.low))

    def __mul__(self, other: Any) -> DoubleDouble:
        other = _wide(other)
        product, error = two_product(self.high, other.high)
        return _normalized(product, error + (self.high * other.low + self.low * other.high))

    def __neg__(self) -> DoubleDouble:
        return DoubleDouble(-self.high, -self.low)

    def __sub__(self, other: Any) -> DoubleDouble:
        return self + -_wide(other)

    def __rsub__(self, other: Any) -> DoubleDouble:
        return -self + other

    __radd__ = __add__
    __rmul__ = __mul__

    def __getitem__(self, index: Any) -> DoubleDouble:
        high, low = np.broadcast_arrays(self.high, self.low)
        return DoubleDouble(high[index], low[index])

    def rounded(self) -> Array:
        """The nearest floats."""
        return self.high + self.low


def eigenvalue_rests(matrix: Array, eigenvalues: Array, eigenvectors: Array) -> Array:
    """What rounding left out of the eigenvalues of a symmetric matrix: Rayleigh quotients less the eigenvalues.

    Their error is the square of that of the eigenvectors: all digits of eigenvalues that are not nearly equal.
    """
    product, product_rest = matrix_product(matrix, eigenvectors)
    expected, expected_rest = two_product(eigenvectors, eigenvalues)
    residual = (product - expected) + (product_rest - expected_rest)
    rests = np.einsum("ij,ij->j", eigenvectors, residual) / np.einsum("ij,ij->j", eigenvectors, eigenvectors)
    # Where there is more than rounding, the eigenvalue is known better from elsewhere: as 0, or from data.
    return np.where(np.abs(rests) <= 1e-12 * eigenvalues, rests, 0.0)


def where(condition: Array, a: Any, b: Any) -> Any:
    """numpy.where for arrays or DoubleDouble."""
    if not isinstance(a, DoubleDouble) and not isinstance(b, DoubleDouble):
        return np.where(condition, a, b)
    a, b = _wide(a), _wide(b)
    return DoubleDouble(np.where(condition, a.high, b.high), np.where(condition, a.low, b.low))


def concatenate(a: Any, b: Any, axis: int) -> Any:
    """numpy.concatenate for two arrays or DoubleDouble."""
    if not isinstance(a, DoubleDouble) and not isinstance(b, DoubleDouble):
        return np.concatenate([a, b], axis=axis)
    a, b = _wide(a)[...], _wide(b)[...]
    return DoubleDouble(
        np.concatenate([a.high, b.high], axis=axis), np.concatenate([a.low, b.low], axis=axis)
    )


def _wide(value: Any) -> DoubleDouble:
    return value if isinstance(value, DoubleDouble) else DoubleDouble(value)


def _normalized(high: Array, low: Array) -> DoubleDouble:
    total = high + low
    return DoubleDouble(total, low - (total - high))
