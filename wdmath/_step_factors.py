"""Powers of the step factor f = 1 - alpha (sigma + lam), right to the last digits.

A gradient step multiplies the distance of an eigencomponent from rest by f. After k steps one needs f^k and f^k - 1.
Both lose digits when computed naively: rounding f once is amplified k times in f^k, and f^k - 1 cancels for small
alpha (sigma + lam). So powers go through `expm1` and `log1p`; where |f| may exceed 1, f is kept as a sum of two floats
and raised to an integer power.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from wdmath._validation import Array

# Rates below this are raised to it: f^k - 1 is -k rate to all digits either way, and nothing is divided by 0.
TINY = 1e-300
# Up to this, what rounding a rate does to f^k fades with f^k itself.
SLOW = 0.9
# Nor above 1, where f is not below this.
STEEP = 1e-4
# A product of so few powers is nearly as good as the power itself.
_FEW = 16
_SPLITTER = 134217729.0  # 2^27 + 1, Veltkamp's constant for splitting a float64 into two halves


class StepFactor:
    """f = 1 - alpha (sigma + lam) for arrays that broadcast against each other; sigma may have digits in `rests`.

    Attributes
    ----------
    rate : ndarray
        alpha (sigma + lam).
    unstable : ndarray of bool, or None where no |f| exceeds 1
    """

    def __init__(
        self, step_size: Array | float, eigenvalues: Array, lam: Array | float, rests: Array | float = 0.0
    ) -> None:
        self.unstable: Array | None = None
        self._tail: Array | None = None
        rate = step_size * (eigenvalues + lam)
        self._largest = float(rate.max())
        if not self._largest < 1.5 or (self._largest > SLOW and np.abs(1 - rate).min() < STEEP):
            rate, self._tail = rate_and_tail(step_size, eigenvalues, lam, rests)
            unstable = (rate - 2) + self._tail > 0
            self.unstable = unstable if unstable.any() else None
        self.rate = np.maximum(rate, TINY)

    def powers(self, steps: Array) -> tuple[Array, Array]:
        """f^k and f^k - 1 for k = steps, which broadcast against f."""
        if self.unstable is not None:
            return self._integer_powers(steps)
        exponent = self._log_size() * steps
        power = np.exp(exponent)
        change = np.expm1(exponent, out=exponent)
        odd = steps % 2 == 1
        if self._largest > 1 and odd.any():
            negative = (self.rate > 1) & odd
            np.negative(power, out=power, where=negative)
            np.subtract(power, 1, out=change, where=negative)
        return power, change

    def doubled(self, length: int) -> Iterator[tuple[int, Array, Array]]:
        """m, f^m and f^m - 1 for m = 1, 2, 4, ... below `length`."""
        power = 1 - self.rate if self._tail is None else (1 - self.rate) - self._tail
        change, steps = -self.rate, 1
        while steps < length:
            yield steps, power, change
            steps *= 2
            if steps <= _FEW:
                power, change = power * power, change * (2 + change)
            else:
                power, change = self._power(steps)

    def multiples(self, stride: int, length: int) -> Iterator[tuple[int, Array, Array]]:
        """m, f^m and f^m - 1 for m = stride, 2 stride, ... below `length`."""
        for i, steps in enumerate(range(stride, length, stride)):
            if i % _FEW == 0:
                power, change = self._power(steps)
                if i == 0:
                    first, first_change = power, change
            else:
                power, change = power * first, change + power * first_change
            yield steps, power, change

    def all_powers(self, length: int) -> tuple[Array, Array]:
        """f^k and f^k - 1 for k = 0, ..., length - 1 along the second axis."""
        shape = (self.rate.shape[0], length, *self.rate.shape[2:])
        powers, changes = np.ones(shape), np.zeros(shape)
        for steps, power, change in self.doubled(length):
            more = slice(steps, min(2 * steps, length))
            known = slice(0, more.stop - steps)
            np.multiply(powers[:, known], power, out=powers[:, more])
            np.multiply(powers[:, known], change, out=changes[:, more])
            changes[:, more] += changes[:, known]
        return powers, changes

    def _power(self, steps: int) -> tuple[Array, Array]:
        return self.powers(np.array(float(steps)))

    def _integer_powers(self, steps: Array) -> tuple[Array, Array]:
        factor, rest = _two_sum(1.0, -self.rate)
        factor, rest = _two_sum(factor, rest - self._tail)
        power = np.power(factor, steps) * np.exp(steps * (rest / np.where(factor == 0, 1.0, factor)))
        near_one = (power > 0.75) & (power < 1.5)
        return power, np.where(near_one, np.expm1(steps * self._log_size()), power - 1)

    def _log_size(self) -> Array:
        """log|f|, from the distance of |f| to 1, or to 0."""
        if self._tail is None:
            if self._largest < 1:
                return np.log1p(-self.rate)
            return np.log1p(np.where(self.rate > 1, self.rate - 2, -self.rate))
        # These differences of nearby floats are exact.
        size = np.abs((1 - self.rate) - self._tail)
        distance = np.where(self.rate > 1, (self.rate - 2) + self._tail, -self.rate)
        log_size = np.where(size < 0.5, np.log(size), np.log1p(distance))
        # Clipped so that 0 steps of a factor 0 are not 0 times infinity.
        return np.maximum(log_size, -800.0)


def rate_and_tail(
    step_size: Array | float, eigenvalues: Array, lam: Array | float, rests: Array | float = 0.0
) -> tuple[Array, Array]:
    """alpha (sigma + rests + lam), and what rounding left out of it (Dekker)."""
    curvature = eigenvalues + lam
    product = step_size * curvature
    a, b = _split(step_size)
    c, d = _split(curvature)
    shadow = curvature - eigenvalues
    curvature_tail = ((eigenvalues - (curvature - shadow)) + (lam - shadow)) + rests
    tail = ((a * c - product) + a * d + b * c) + b * d + step_size * curvature_tail
    return product, np.where(np.abs(tail) < product, tail, 0.0)


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
