"""Gradients in about twice the working precision, from ordinary matrix products.

Entries are cut into pieces of so few bits that products of leading pieces, and their sums, are exact in whatever order
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

# Of (solutions, one in each row, of shape (m, q); their shifts, of shape (m,)).
Gradient = Callable[[Array, Array], Array]


def ridge_gradient(Z: Array, r: Array, pulls: Array, *, pieces: int = 2) -> Gradient:
    """The function of (u, shift) that is Z^T (r - Z u) - shift u, rounded as if little had cancelled.

    Its error is about eps times itself, and 2^(-21 pieces) eps ||Z|| (||r|| + ||Z|| ||u||).

    Parameters
    ----------
    Z : ndarray of shape (n, q)
    r : ndarray of shape (n, t)
    pulls : ndarray of shape (m,) of ints
        Which column of r each of the u that will be given belongs to.
    pieces : {1, 2}
        How many pieces are multiplied exactly; time grows from 3 to 6 ordinary products.
    """
    n, q = Z.shape
    if q <= 2 * len(pulls) and q <= n:
        # Cheaper than going through all rows for each solution; nothing is lost in a Gram matrix of twice the digits.
        gram, gram_rest, start, start_rest = _gram(Z, r, pieces)
        whole = Cut(gram, pieces)
        start, start_rest = _for_each(start, pulls), _for_each(start_rest, pulls)

        def descent(u: Array) -> tuple[Array, Array]:
            fit, fit_rest = whole.rows_times(u)
            slope, slope_rest = two_sum(start, -fit)
            return slope, slope_rest + (start_rest - fit_rest - u @ gram_rest)
    else:
        data, right = Cut(Z, pieces), _for_each(r, pulls)

        def descent(u: Array) -> tuple[Array, Array]:
            fit, fit_rest = data.rows_times_transpose(u)
            residual, residual_rest = two_sum(right, -fit)
            return data.rows_times(residual, residual_rest - fit_rest)

    return _with_shift(descent)


def shifted_gradient(K: Array, rhs: Array, pulls: Array, *, pieces: int = 2) -> Gradient:
    """The function of (x, shift) that is rhs - K x - shift x, for a symmetric K and rhs of shape (q, t)."""
    whole, right = Cut(K, pieces), _for_each(rhs, pulls)

    def descent(x: Array) -> tuple[Array, Array]:
        product, product_rest = whole.rows_times(x)
        slope, slope_rest = two_sum(right, -product)
        return slope, slope_rest - product_rest

    return _with_shift(descent)


def dual_gradient(Z: Array, r: Array, pulls: Array, *, pieces: int = 2) -> Gradient:
    """The function of (a, shift) that is r - Z Z^T a - shift a."""
    data, right = Cut(Z, pieces), _for_each(r, pulls)

    def descent(a: Array) -> tuple[Array, Array]:
        fit, fit_rest = data.rows_times_transpose(*data.rows_times(a))
        slope, slope_rest = two_sum(right, -fit)
        return slope, slope_rest - fit_rest

    return _with_shift(descent)


def _for_each(columns: Array, pulls: Array) -> Array:
    """The columns as rows, one for each solution; a single one is enough for all."""
    return columns.T if columns.shape[1] == 1 else columns.T[pulls]


def _with_shift(descent: Callable[[Array], tuple[Array, Array]]) -> Gradient:
    def gradient(u: Array, shift: Array) -> Array:
        slope, slope_rest = descent(u)
        mantissa, exponent = np.frexp(shift[:, None])
        pull, pull_rest = (np.ldexp(part, exponent) for part in two_product(mantissa, u))
        total, error = two_sum(slope, -pull)
        return total + (error + slope_rest - pull_rest)

    return gradient


class Cut:
    """A matrix A in pieces, ready for products in twice the precision.

    Columns and rows are first made comparable by powers of two, or large ones would hide the others.
    """

    def __init__(self, A: Array, pieces: int) -> None:
        sizes = np.abs(A)
        self.columns = _power_above(sizes.max(axis=0))
        self.rows = _power_above((sizes / self.columns).max(axis=1))
        evened = A / self.columns / self.rows[:, None]
        self.bits = (53 - (max(A.shape) - 1).bit_length()) // 2
        # The matrix, and what is left of it after each piece.
        self.rests = [evened]
        self.pieces: list[Array] = []
        for i in range(pieces):
            piece, rest = _leading(self.rests[-1], -i * self.bits, self.bits)
            self.pieces.append(piece)
            self.rests.append(rest)

    def rows_times(self, B: Array, B_rest: Array | None = None) -> tuple[Array, Array]:
        """(B + B_rest) @ A as an unevaluated sum of a large and a small part."""
        high, low = self._product(B * self.rows, None if B_rest is None else B_rest * self.rows)
        return high * self.columns, low * self.columns

    def rows_times_transpose(self, B: Array, B_rest: Array | None = None) -> tuple[Array, Array]:
        """(B + B_rest) @ A^T as an unevaluated sum."""
        scaled_rest = None if B_rest is None else B_rest * self.columns
        high, low = self._product(B * self.columns, scaled_rest, transpose=True)
        return high * self.rows, low * self.rows

    def _product(self, B: Array, B_rest: Array | None, *, transpose: bool = False) -> tuple[Array, Array]:
        pieces = [piece.T for piece in self.pieces] if transpose else self.pieces
        rests = [rest.T for rest in self.rests] if transpose else self.rests
        count = len(pieces)
        _, exponent = np.frexp(np.abs(B).max(axis=1, keepdims=True))
        rest, high, low = B, None, np.zeros(1)
        for i in range(count):
            piece, rest = _leading(rest, exponent - i * self.bits, self.bits)
            for j in range(count - i):
                exact = piece @ pieces[j]
                if high is None:
                    high = exact
                else:
                    high, error = two_sum(high, exact)
                    low = low + error
            low = low + piece @ rests[count - i]
        if B_rest is not None:
            rest = rest + B_rest
        assert high is not None
        return high, low + rest @ rests[0]


def _gram(Z: Array, r: Array, pieces: int) -> tuple[Array, Array, Array, Array]:
    """Z^T Z and Z^T r as unevaluated sums."""
    q = Z.shape[1]
    total = rest = np.zeros((q, q + r.shape[1]))
    size = max(32, BLOCK // total.shape[1])
    for start in range(0, len(Z), size):
        rows = slice(start, start + size)
        both = np.hstack([Z[rows], r[rows]])
        high, low = Cut(both, pieces).rows_times(np.ascontiguousarray(Z[rows].T))
        total, error = two_sum(total, high)
        rest = rest + error + low
    return total[:, :q], rest[:, :q], total[:, q:], rest[:, q:]


def matrix_product(A: Array, B: Array) -> tuple[Array, Array]:
    """A @ B as an unevaluated sum of a large and a small part."""
    return Cut(B, 2).rows_times(A)


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


def _power_above(sizes: Array) -> Array:
    return np.ldexp(1.0, np.frexp(sizes)[1].clip(-500, 500))


def _leading(A: Array, exponent: Array | int, bits: int) -> tuple[Array, Array]:
    """The first `bits` bits of entries below 2^exponent, and the rest."""
    # Adding and subtracting a large number rounds to its last place.
    rounder = np.ldexp(1.5, exponent + (52 - bits))
    leading = (A + rounder) - rounder
    return leading, A - leading


def _halves(a: Array) -> tuple[Array, Array]:
    """A sum of two parts of 26 bits (Veltkamp)."""
    stretched = a * (2.0**27 + 1)
    leading = stretched - (stretched - a)
    return leading, a - leading
