"""A regression small enough that its estimates vary visibly: eight rows, two correlated inputs, unit noise."""

from __future__ import annotations

from functools import cache

import numpy as np

from lecture.experiments import Experiment
from lecture.words import _
from wdmath import QuadraticRisk, ridge_selection, shrinkage_factors

from . import RESULTS

__all__ = [
    "DRAWS",
    "LAMS",
    "NOISE_VARIANCE",
    "SEED",
    "TRADE",
    "SmallExperiment",
    "expected_errors",
    "small_experiment",
]

SEED = 31
NOISE_VARIANCE = 1.0
_ROWS = 8
#: Draws of the noise, and penalties.
DRAWS = 300
LAMS = np.geomspace(0.02, 50, 121)


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

    def __init__(self, draws: int = 1, seed: int = SEED):
        rng = np.random.default_rng(seed)
        self.X = rng.multivariate_normal([0, 0], [[1.0, 0.85], [0.85, 1.0]], size=_ROWS)
        noise = np.sqrt(NOISE_VARIANCE) * rng.standard_normal((draws, _ROWS))
        self.y = self.X @ self.truth + noise
        self.risks = [QuadraticRisk.from_least_squares(self.X, y, scale="half_sum") for y in self.y]
        self.minimizers = np.array([risk.minimizer for risk in self.risks])


@cache
def small_experiment(draws: int = 1, seed: int = SEED) -> SmallExperiment:
    """The same, drawn once for all who ask."""
    return SmallExperiment(draws, seed)


def expected_errors(risk: QuadraticRisk, truth: np.ndarray, *, averaged: bool = False) -> np.ndarray:
    """Expected squared distance of the ridge minimizers from the truth at :data:`LAMS`, variance plus squared bias.

    With `averaged`, over all directions of a truth of this length.
    """
    factors = shrinkage_factors(risk.eigenvalues, LAMS)
    squared = risk.to_eigenbasis(truth) ** 2
    bias = (1 - factors) ** 2 * (squared.mean() if averaged else squared)
    return np.asarray(np.sum(factors**2 * NOISE_VARIANCE / risk.eigenvalues + bias, axis=1))


def _distances(data: SmallExperiment, lams: np.ndarray) -> float:
    """Mean squared distance of the ridge minimizers from the truth, each with its penalty."""
    risk = data.risks[0]
    factors = shrinkage_factors(risk.eigenvalues, lams)
    errors = factors * risk.to_eigenbasis(data.minimizers) - risk.to_eigenbasis(data.truth)
    return float(np.mean(np.sum(errors**2, axis=1)))


def _run(seed: int) -> dict[str, float]:
    data = small_experiment(DRAWS, seed)
    risk = data.risks[0]
    best = LAMS[int(np.argmin(expected_errors(risk, data.truth)))]
    left_out = [
        ridge_selection(data.X, y, LAMS, scale="half_sum", intercept=False).leave_one_out for y in data.y
    ]
    return {
        "none": _distances(data, np.zeros(DRAWS)),
        "best": _distances(data, np.full(DRAWS, best)),
        "chosen": _distances(data, LAMS[np.argmin(left_out, axis=1)]),
        "expected_none": float(np.sum(NOISE_VARIANCE / risk.eigenvalues)),
        "averaged": float(expected_errors(risk, data.truth, averaged=True).min()),
    }


TRADE = Experiment(
    file=RESULTS / "bias_for_variance.json",
    claim=_(
        "Ridge minimizers are nearer to the truth than those without a penalty, in the mean over three hundred draws "
        "of the noise: with the best penalty, with one chosen for each draw by leaving rows out, and, in expectation, "
        "on average over all directions of the truth."
    ),
    control=_(
        "No penalty, on the same rows. The best penalty is that of the least expected error: it needs the truth, the "
        "one chosen by leaving rows out does not."
    ),
    settings={
        "rows": 8,
        "correlation": 0.85,
        "noise_variance": NOISE_VARIANCE,
        "draws": DRAWS,
        "penalties": [float(LAMS[0]), float(LAMS[-1]), len(LAMS)],
    },
    measures={
        "none": _("squared distance from the truth, no penalty"),
        "best": _("the same, best penalty"),
        "chosen": _("the same, penalty chosen by leaving out"),
        "expected_none": _("expected squared distance, no penalty"),
        "averaged": _("the same averaged over all directions of the truth, best penalty"),
    },
    run=_run,
    holds="best < none and chosen < none and averaged < expected_none",
)
