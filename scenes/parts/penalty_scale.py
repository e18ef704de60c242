"""The whole half-line of penalty strengths, from 0 to infinity, on a finite scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import ValueTracker

__all__ = ["PenaltyScale", "PenaltyTracker", "decimals_for"]


class PenaltyScale:
    """Positions s in [0, 1] for penalty strengths: s = lam^a / (lam^a + m^a).

    The middle m is the geometric mean of the positive eigenvalues, so that they lie symmetrically about 1/2; the
    exponent a is 1 unless the eigenvalues would then crowd the ends.

    Examples
    --------
    >>> scale = PenaltyScale([9.0, 1.0])
    >>> [round(scale.position(lam), 6) for lam in (0.0, 1.0, 9.0, np.inf)]
    [0.0, 0.25, 0.75, 1.0]
    >>> round(scale.lam(0.75), 6)
    9.0
    """

    def __init__(self, eigenvalues: Any):
        positive = np.array([sigma for sigma in eigenvalues if sigma > 0])
        self.middle = float(np.exp(np.log(positive).mean())) if len(positive) else 1.0
        spread = float(np.log(positive.max() / self.middle)) if len(positive) else 0.0
        self.exponent = min(1.0, np.log(4.5) / spread) if spread > 0 else 1.0

    @classmethod
    def around(cls, middle: float, exponent: float = 1.0) -> PenaltyScale:
        """The scale with a given middle; the smaller the exponent, the more decades it shows.

        Examples
        --------
        >>> PenaltyScale.around(0.1, 0.5).position(0.1)
        0.5
        """
        scale = cls([middle])
        scale.exponent = exponent
        return scale

    def position(self, lam: float) -> float:
        """Where `lam` >= 0 lies."""
        if lam == 0:
            return 0.0
        return float(1 / (1 + (self.middle / lam) ** self.exponent))

    def lam(self, position: float) -> float:
        """The penalty strength at a position in [0, 1)."""
        return float(self.middle * (position / (1 - position)) ** (1 / self.exponent))


class PenaltyTracker(ValueTracker):
    """A tracker of lambda that moves evenly on a :class:`PenaltyScale` when it is animated."""

    def __init__(self, scale: PenaltyScale, lam: float):
        self.scale_ = scale
        super().__init__(lam)

    @property
    def position(self) -> float:
        return float(super().get_value())

    def get_value(self) -> float:
        return self.scale_.lam(self.position)

    def set_value(self, value: float) -> PenaltyTracker:
        super().set_value(self.scale_.position(value))
        return self


def decimals_for(value: float, digits: int = 3) -> int:
    """How many decimals show `value` to about `digits` digits, for numbers that run.

    Examples
    --------
    >>> [decimals_for(v) for v in (0.0, 0.05, 5.0, 50.0, 5e4)]
    [2, 4, 2, 1, 0]
    """
    if value <= 0:
        return digits - 1
    return int(np.clip(digits - 1 - np.floor(np.log10(value)), 0, 8))
