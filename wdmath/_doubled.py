"""The gradient of least squares in about twice the working precision, from ordinary matrix products.

Entries are cut into pieces of so few bits that products of first pieces, and their sums, are exact in whatever order
BLAS adds; what is left over is small enough for ordinary rounding.

References
----------
Ozaki, Ogita, Oishi, Rump (2012), Error-free transformations of matrix multiplication, Numer. Algorithms 59; Dekker
(1971), A floating-point technique for extending the available precision, Numer. Math. 18.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ._validation import Array

# Rows are taken in blocks of about this many numbers, so that the pieces stay in the cache.
BLOCK = 2**18


def ridge_gradient(Z: Array, r: Array, columns: int) -> Callable[[Array, Array], Array]:
    """The function of (u, shift) that is Z^T (r - Z u) - shift u, rounded as if little had cancelled.

    Its error is about eps times itself and eps^2 ||Z|| (||r|| + ||Z|| ||u||).

    Parameters
    ----------
    Z : ndarray of shape (n, q)
    r : ndarray of shape (n, t)
    columns : int
        The u that will be given has shape (q, columns), first those for all targets with the first shift and so on;
        shift has shape (columns,).
    """
    q, repeats = Z.shape[1], columns // r.shape[1]
    if q <= 2 * columns and q <= len(Z):
        # Cheaper than going through all rows for each column; nothing is lost in a Gram matrix of twice the digits.
        gram, gram_rest = _transposed_product(Z, Z)
        start, start_rest = (np.tile(part, repeats) for part in _transposed_product(Z, r))

        def descent(u: Array) -> tuple[Array, Array]:
            fit, fit_rest = matrix_product(gram, u)
            slope, slope_rest = two_sum(start, -fit)
            return slope, slope_rest + (start_rest - fit_rest - gram_rest @ u)
    else:
        right = np.tile(r, repeats)

        def descent(u: Array) -> tuple[Array, Array]:
            fit, fit_rest = matrix_product(Z, u)
            residual, residual_rest = two_sum(right, -fit)
            slope, slope_rest = matrix_product(Z.T, residual)
            return slope, slope_rest + Z.T @ (residual_rest - fit_rest)

    def gradient(u: Array, shift: Array) -> Array:
        slope, slope_rest = descent(u)
        mantissa, exponent = np.frexp(shift)
        pull, pull_rest = (np.ldexp(part, exponent) for part in two_product(mantissa, u))
        total, error = two_sum(slope, -pull)
        return total + (error + slope_rest - pull_rest)

    return gradient


def _transposed_product(Z: Array, B: Array) -> tuple[Array, Array]:
    """Z^T @ B as an unevaluated sum."""
    total = rest = np.zeros((Z.shape[1], B.shape[1]))
    size = max(32, BLOCK // (Z.shape[1] + B.shape[1]))
    for start in range(0, len(Z), size):
        rows = slice(start, start + size)
        high, low = matrix_product(Z[rows].T, B[rows])
        total, error = two_sum(total, high)
        rest = rest + error + low
    return total, rest


def matrix_product(A: Array, B: Array) -> tuple[Array, Array]:
    """A @ B as an unevaluated sum of a large and a small part."""
    # With powers of two the columns of A become comparable, or large ones would hide the others.
    exponents = np.frexp(np.abs(A).max(axis=0))[1].clip(-1000, 1000)
    A, B = A * np.ldexp(1.0, -exponents), B * np.ldexp(1.0, exponents)[:, None]
    bits = (53 - (A.shape[1] - 1).bit_length()) // 2
    A1, A_rest = _leading(A, 1, bits)
    A2, A3 = _leading(A_rest, 1, bits)
    B1, B_rest = _leading(B, 0, bits)
    B2, B3 = _leading(B_rest, 0, bits)
    high, low = two_sum(A1 @ B1, A1 @ B2)
    high, error = two_sum(high, A2 @ B1)
    return high, low + error + (A1 @ B3 + A2 @ B_rest + A3 @ B)


def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """a + b rounded, and the rounding error."""
    total = a + b
    shadow = total - a
    return total, (a - (total - shadow)) + (b - shadow)


def two_product(a: Array, b: Array) -> tuple[Array, Array]:
    """a b rounded, and the rounding error."""
    product = a * b
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    return product, a2 * b2 - (((product - a1 * b1) - a2 * b1) - a1 * b2)


def _leading(A: Array, axis: int, bits: int) -> tuple[Array, Array]:
    """The first `bits` bits of each entry, counted from the largest one along the axis, and the rest."""
    _, exponent = np.frexp(np.abs(A).max(axis=axis, keepdims=True))
    # Adding and subtracting a large number rounds to its last place.
    rounder = np.ldexp(1.5, exponent + (52 - bits))
    leading = (A + rounder) - rounder
    return leading, A - leading


def _halves(a: Array) -> tuple[Array, Array]:
    """A sum of two parts of 26 bits (Veltkamp)."""
    stretched = a * (2.0**27 + 1)
    leading = stretched - (stretched - a)
    return leading, a - leading
