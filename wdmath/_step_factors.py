"""Powers and geometric sums of the step factor f = 1 - alpha (sigma + lam), right to the last digits.

A gradient step multiplies an eigencomponent by f. After k steps one needs f^k and 1 + f + ... + f^(k-1). Both lose
digits when computed naively: rounding f once is amplified k times in f^k, and (1 - f^k) / (1 - f) cancels for small
alpha (sigma + lam). So powers near 1 go through `expm1` and `log1p`; where |f| may exceed 1, f is kept as a sum of two
floats and raised to an integer power.
"""

from __future__ import annotations

import numpy as np

from wdmath._validation import Array

# Rates below this are raised to it: f is 1 and the sum k to all digits either way, and nothing is divided by 0.
_TINY = 1e-300
_SPLITTER = 134217729.0  # 2^27 + 1, Veltkamp's constant for splitting a float64 into two halves


class StepFactor:
    """f = 1 - alpha (sigma + lam), the eigenvalues along the first axis, broadcast against alpha and lam."""

    def __init__(self, step_size: Array | float, eigenvalues: Array, lam: Array | float) -> None:
        curvature = eigenvalues + lam
        self.rate = np.maximum(step_size * curvature, _TINY)
        # With f > 0 everywhere, errors of rounding the rate fade with the power itself.
        self.monotone = bool(self.rate.max() < 1)
        if not self.monotone:
            self.rate_tail = _product_tail(step_size, eigenvalues, lam, curvature, self.rate)
            self.unstable = (self.rate - 2) + self.rate_tail > 0

    def powers(self, steps: Array) -> tuple[Array, Array]:
        """f^k and 1 + f + ... + f^(k-1) for k in `steps`, as a new axis after the first."""
        rate = self.rate[:, None]
        steps = steps.reshape(-1, *(1,) * (rate.ndim - 2))
        if self.monotone:
            exponent = steps * np.log1p(-rate)
            return np.exp(exponent), np.expm1(exponent) / -rate
        factor, tail = _two_sum(1.0, -rate)
        factor, tail = _two_sum(factor, tail - self.rate_tail[:, None])
        nonzero = np.where(factor == 0, 1.0, factor)
        power = np.power(factor, steps) * np.exp(steps * (tail / nonzero))
        # log|f| from the distance of |f| to 1; clipped so that 0 steps of a factor 0 are not 0 times infinity.
        log_size = np.log1p(np.where(rate > 1, rate - 2, -rate)) - self.rate_tail[:, None] / nonzero
        near_one = (power > 0.75) & (power < 1.5)
        shortfall = np.where(near_one, -np.expm1(steps * np.maximum(log_size, -800.0)), 1 - power)
        return power, shortfall / rate


def _product_tail(
    step_size: Array | float, eigenvalues: Array, lam: Array | float, curvature: Array, product: Array
) -> Array:
    """What rounding left out of alpha (sigma + lam) (Dekker)."""
    a, b = _split(step_size)
    c, d = _split(curvature)
    shadow = curvature - eigenvalues
    curvature_tail = (eigenvalues - (curvature - shadow)) + (lam - shadow)
    tail = ((a * c - product) + a * d + b * c) + b * d + step_size * curvature_tail
    return np.where(np.abs(tail) < product, tail, 0.0)


def _two_sum(a: Array | float, b: Array) -> tuple[Array, Array]:
    """a + b and its rounding error (Knuth)."""
    total = np.add(a, b)
    shadow = total - a
    return total, (a - (total - shadow)) + (b - shadow)


def _split(a: Array | float) -> tuple[Array | float, Array | float]:
    """A float64 as a sum of two with 26 bits each (Veltkamp)."""
    scaled = _SPLITTER * a
    head = scaled - (scaled - a)
    return head, a - head
