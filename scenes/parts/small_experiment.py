"""A regression small enough that its estimates vary visibly: eight rows, two correlated inputs, unit noise."""

from __future__ import annotations

from functools import cache

import numpy as np

from wdmath import QuadraticRisk

__all__ = ["NOISE_VARIANCE", "SEED", "SmallExperiment", "small_experiment"]

SEED = 31
NOISE_VARIANCE = 1.0
_ROWS = 8


class SmallExperiment:
    """y = X theta + noise, with the risk R = ||y - X theta||^2 / 2 (scale "half_sum").

    Attributes
    ----------
    X : ndarray of shape (8, 2)
        Correlated inputs, drawn once with the seed.
    truth : ndarray of shape (2,)
        The true parameters.
    risks : list of QuadraticRisk
        One for each of many draws of the noise; they share their Hessian X^T X.
    minimizers : ndarray of shape (draws, 2)
        Their minimizers.
    """

    truth = np.array([1.5, 0.9])

    def __init__(self, draws: int = 1):
        rng = np.random.default_rng(SEED)
        self.X = rng.multivariate_normal([0, 0], [[1.0, 0.85], [0.85, 1.0]], size=_ROWS)
        noise = np.sqrt(NOISE_VARIANCE) * rng.standard_normal((draws, _ROWS))
        self.y = self.X @ self.truth + noise
        self.risks = [QuadraticRisk.from_least_squares(self.X, y, scale="half_sum") for y in self.y]
        self.minimizers = np.array([risk.minimizer for risk in self.risks])


@cache
def small_experiment(draws: int = 1) -> SmallExperiment:
    """The same, drawn once for all who ask."""
    return SmallExperiment(draws)
