"""Powers of the step factor f = 1 - alpha (sigma + lam), right to the last digits.

A gradient step multiplies the distance of an eigencomponent from rest by f. After k steps one needs f^k and f^k - 1.
Both lose digits when computed naively: rounding f once is amplified k times in f^k, and f^k - 1 cancels for small
alpha (sigma + lam). So powers go through `expm1` and `log1p`; where |f| may exceed 1, f is kept as a sum of two floats
and raised to an integer power.
"""

from __future__ import annotations

import numpy as np

from wdmath._validation import Array

# Rates below this are raised to it: f^k - 1 is -k rate to all digits either way, and nothing is divided by 0.
_TINY = 1e-300
_SPLITTER = 134217729.0  # 2^27 + 1, Veltkamp's constant for splitting a float64 into two halves


class StepFactor:
    """f = 1 - alpha (sigma + lam) for arrays that broadcast against each other.

    Attributes
    ----------
    rate : ndarray
        alpha (sigma + lam).
    unstable : ndarray of bool, or None where no |f| exceeds 1
    """

    def __init__(self, step_size: Array | float, eigenvalues: Array, lam: Array | float) -> None:
        curvature = eigenvalues + lam
        self.rate = np.maximum(step_size * curvature, _TINY)
        self.unstable: Array | None = None
        self._tail: Array | None = None
        self._largest = float(np.maximum.reduce(self.rate, axis=None))
        # Up to here, what rounding the rate does to f^k fades with f^k itself; beyond, it adds up.
        if self._largest > 1.5:
            self._tail = _product_tail(step_size, eigenvalues, lam, curvature, self.rate)
            unstable = (self.rate - 2) + self._tail > 0
            self.unstable = unstable if unstable.any() else None

    def powers(self, steps: Array) -> tuple[Array, Array]:
        """f^k and f^k - 1 for k = steps, which broadcast against f."""
        if self.unstable is not None:
            return self._integer_powers(steps)
        exponent = self._log_size() * steps
        power = np.exp(exponent)
        change = np.expm1(exponent, out=exponent)
        if self._largest > 1:
            negative = (self.rate > 1) & (steps % 2 == 1)
            np.negative(power, out=power, where=negative)
            np.subtract(power, 1, out=change, where=negative)
        return power, change

    def _integer_powers(self, steps: Array) -> tuple[Array, Array]:
        factor, rest = _two_sum(1.0, -self.rate)
        factor, rest = _two_sum(factor, rest - self._tail)
        power = np.power(factor, steps) * np.exp(steps * (rest / np.where(factor == 0, 1.0, factor)))
        near_one = (power > 0.75) & (power < 1.5)
        return power, np.where(near_one, np.expm1(steps * self._log_size()), power - 1)

    def _log_size(self) -> Array:
        """log|f|, from the distance of |f| to 1."""
        if self._largest < 1:
            return np.log1p(-self.rate)
        log_size = np.log1p(np.where(self.rate > 1, self.rate - 2, -self.rate))
        if self._tail is not None:
            factor = 1 - self.rate
            log_size -= self._tail / np.where(factor == 0, 1.0, factor)
        # Clipped so that 0 steps of a factor 0 are not 0 times infinity.
        return np.maximum(log_size, -800.0)


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
