"""How sure a flexible classifier is, against how often it is right."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

import wdmath
from lecture.experiments import Experiment
from lecture.words import _

from . import RESULTS
from .classes import LABELS, Classes, Sweep, both, log_losses, measures

__all__ = ["CALIBRATION", "DEGREE", "Bins", "bins", "features", "flexible"]

DEGREE = 5


def features(X: np.ndarray) -> np.ndarray:
    """All 20 products of the two coordinates up to degree 5."""
    one, other = (wdmath.polynomial_features(column, DEGREE) for column in X.T)
    return np.column_stack(
        [one[:, a] * other[:, b] for a in range(DEGREE + 1) for b in range(DEGREE + 1 - a) if a + b]
    )


class Flexible(NamedTuple):
    """A flexible classifier of points of a square.

    Attributes
    ----------
    sweep : Sweep
        Its data hold the points themselves.
    mean, deviation : ndarray of shape (20,)
        Of the features of the rows that were fitted, which are standardized by them.
    """

    sweep: Sweep
    mean: np.ndarray
    deviation: np.ndarray

    def probability(self, theta: np.ndarray, X: np.ndarray) -> np.ndarray:
        """Of class 1, at points of shape (n, 2), for weights of shape (..., 21)."""
        return self.sweep.data.risk.probabilities(theta, (features(X) - self.mean) / self.deviation)


@cache
def flexible(seed: int = 0) -> Flexible:
    """60 points of the square from -1 to 1, of class 1 with a probability that bends smoothly; logistic regression.

    The log odds of the truth are 1.6 (2.2 sin 2.2 x_1 + 2.5 x_2 - x_1 x_2). 200 points to choose the penalty by, 20,000
    new ones.
    """
    rng = np.random.default_rng(seed)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        X = rng.uniform(-1, 1, (n, 2))
        odds = np.exp(1.6 * (2.2 * np.sin(2.2 * X[:, 0]) + 2.5 * X[:, 1] - X[:, 0] * X[:, 1]))
        return X, (rng.random(n) < odds / (1 + odds)).astype(int)

    (X, y), (held_out, told), (new, labels) = draw(60), draw(200), draw(20_000)
    raw = features(X)
    mean, deviation = raw.mean(axis=0), raw.std(axis=0)
    risk = wdmath.LogisticRisk((raw - mean) / deviation, y, scale="mean", intercept=True)
    lams = np.geomspace(1e-6, 1.0, 121)
    theta = risk.ridge_path(lams)

    def probabilities(points: np.ndarray) -> np.ndarray:
        return both(risk.probabilities(theta, (features(points) - mean) / deviation))

    validation = log_losses(probabilities(held_out), told)
    return Flexible(
        Sweep(Classes(X, y, risk), lams, theta, validation, probabilities(new), labels), mean, deviation
    )


class Bins(NamedTuple):
    """New data by how sure the classifier is of them; each has shape (5,).

    Attributes
    ----------
    sure, right : ndarray
        Mean confidence, and share of right answers; nan where there are none.
    share : ndarray
        Of all new data.
    """

    sure: np.ndarray
    right: np.ndarray
    share: np.ndarray


#: ends of the bins
EDGES = np.linspace(0.5, 1.0, 6)


def bins(sweep: Sweep, k: int) -> Bins:
    """How sure, and how often right, with the k-th penalty."""
    confidence = sweep.probabilities[k].max(axis=-1)
    right = sweep.probabilities[k].argmax(axis=-1) == sweep.labels
    which = np.minimum((10 * (confidence - 0.5)).astype(int), 4)
    count = np.bincount(which, minlength=5)
    with np.errstate(invalid="ignore"):
        return Bins(
            np.bincount(which, weights=confidence, minlength=5) / count,
            np.bincount(which, weights=right, minlength=5) / count,
            count / len(right),
        )


def _run(seed: int) -> dict[str, float]:
    return measures(flexible(seed).sweep)


CALIBRATION = Experiment(
    file=RESULTS / "calibration.json",
    claim=_(
        "Almost without a penalty the classifier is surer than it is right, with the penalty of least validation loss "
        "about as sure as right, and with ten times that penalty less sure than right."
    ),
    control=_("All three are the same classifier on the same data; only the penalty differs."),
    settings={"rows": 60, "validation": 200, "new": 20_000, "degree": DEGREE},
    measures=LABELS,
    run=_run,
    holds="sure_before > right_before + 0.05 and abs(sure_at - right_at) < 0.05 and sure_beyond < right_beyond - 0.05",
)
