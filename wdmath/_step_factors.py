"""Powers and geometric sums of the step factor 1 - alpha (sigma + lam), right to the last digits.

A gradient step multiplies an eigencomponent by f = 1 - alpha (sigma + lam). After k steps one needs f^k and
1 + f + ... + f^(k-1). Both lose digits when computed naively: rounding f once is amplified k times in f^k, and
(1 - f^k) / (1 - f) cancels for small alpha (sigma + lam). Here f is kept as a sum of two floats, powers are taken by
`pow`, and differences from 1 by `expm1` and `log1p`.
"""

from __future__ import annotations

import numpy as np

from wdmath._validation import Array

# Below this, 1 - f is treated as 0: the geometric sum is then k to all digits, and dividing by it could overflow.
_TINY = 1e-300
_SPLITTER = 134217729.0  # 2^27 + 1, Veltkamp's constant for splitting a float64 into two halves


def decay_rate(step_size: Array | float, eigenvalues: Array, lam: Array) -> tuple[Array, Array]:
    """alpha (sigma + lam) as an unevaluated sum of two floats, head and tail."""
    total, total_tail = _two_sum(eigenvalues, lam)
    head = step_size * total
    a, b = _split(step_size)
    c, d = _split(total)
    tail = ((a * c - head) + a * d + b * c) + b * d + step_size * total_tail
    return head, np.where(np.isfinite(tail), tail, 0.0)


def step_factor_powers(rate: tuple[Array, Array], steps: Array) -> tuple[Array, Array]:
    """f^k and 1 + f + ... + f^(k-1) for f = 1 - rate and k = steps, broadcast against each other."""
    head, tail = rate
    k = np.asarray(steps, dtype=np.float64)
    factor, factor_tail = _two_sum(1.0, -head)
    factor, factor_tail = _two_sum(factor, factor_tail - tail)
    relative_tail = np.divide(factor_tail, factor, out=np.zeros_like(factor), where=factor != 0)
    power = np.power(factor, k) * np.exp(k * relative_tail)
    # log|f|, through the distance of |f| from 1. Clipped so that 0 steps of a factor 0 are not 0 times infinity.
    negative = head > 1
    log_size = np.log1p(np.where(negative, head - 2, -head))
    log_size += np.where(negative, tail, -tail) / np.where(factor == 0, 1.0, np.abs(factor))
    near_one = (power > 0.75) & (power < 1.5)
    shortfall = np.where(near_one, -np.expm1(k * np.maximum(log_size, -800.0)), 1 - power)
    still = head < _TINY
    total = np.where(still, k, shortfall / np.where(still, 1.0, head))
    return power, total


def is_unstable(rate: tuple[Array, Array], momentum: Array | float = 0.0) -> Array:
    """Whether rate > 2 (1 + momentum), that is |1 - rate| > 1 without momentum."""
    head, tail = rate
    return (head - 2) - 2 * momentum + tail > 0


def _two_sum(a: Array | float, b: Array) -> tuple[Array, Array]:
    """a + b and its rounding error (Knuth)."""
    total = np.add(a, b)
    shadow = total - a
    return total, (a - (total - shadow)) + (b - shadow)


def _split(a: Array | float) -> tuple[Array, Array]:
    """A float64 as a sum of two with 26 bits each (Veltkamp)."""
    scaled = _SPLITTER * a
    head = scaled - (scaled - a)
    return head, a - head
