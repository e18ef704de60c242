"""A rare class: what a penalty, weights of the examples, and a moved threshold do to it, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

import wdmath
from lecture.experiments import Experiment
from lecture.words import _

from . import RESULTS
from .classes import Classes, both, log_losses

__all__ = ["RARE", "THRESHOLDS", "RareClass", "rare_class"]

#: the share above which the rare class is called, as an alternative to weighting its examples
THRESHOLDS = np.linspace(0.01, 0.99, 197)


@dataclass(frozen=True)
class RareClass:
    """Logistic regression over many penalties, where one class is rare.

    Attributes
    ----------
    data : Classes
    lams : ndarray of shape (L,), ascending
    theta : ndarray of shape (L, 3)
    chosen : int
        The penalty of least validation loss.
    probabilities : ndarray of shape (L, n)
        Of the rare class, for new data.
    labels : ndarray of shape (n,)
    """

    data: Classes
    lams: np.ndarray
    theta: np.ndarray
    chosen: int
    probabilities: np.ndarray
    labels: np.ndarray

    def found(self, label: int, threshold: float = 0.5) -> np.ndarray:
        """Share of a class that is recognized, for each penalty: the rare one is 1."""
        called = (self.probabilities > threshold) == label
        return called[:, self.labels == label].mean(axis=-1)

    def trade(self, k: int) -> np.ndarray:
        """For every threshold, the shares of both classes that are recognized with the k-th penalty: shape (T, 2)."""
        rare, common = (np.sort(self.probabilities[k, self.labels == label]) for label in (1, 0))
        return np.column_stack(
            [
                1 - np.searchsorted(rare, THRESHOLDS, side="right") / len(rare),
                np.searchsorted(common, THRESHOLDS, side="right") / len(common),
            ]
        )


@cache
def rare_class(weighted: bool = False, seed: int = 0) -> RareClass:
    """180 rows about (-1, 0), 20 about (1.2, 0.6), deviation 1; as many to choose the penalty by.

    4000 new ones of each.

    Where `weighted`, each row of the rare class counts nine times, in fitting and in choosing.
    """
    rng = np.random.default_rng(seed)

    def draw(common: int, rare: int) -> tuple[np.ndarray, np.ndarray]:
        X = np.vstack([rng.normal([-1.0, 0.0], 1, (common, 2)), rng.normal([1.2, 0.6], 1, (rare, 2))])
        return X, np.repeat([0, 1], [common, rare])

    (X, y), (held_out, told), (new, labels) = draw(180, 20), draw(180, 20), draw(4000, 4000)
    counts = np.where(y == 1, 9.0, 1.0) if weighted else np.ones(len(y))
    risk = wdmath.LogisticRisk(X, y, scale="mean", intercept=True, sample_weight=counts)
    lams = np.geomspace(1e-4, 1.0, 81)
    theta = risk.ridge_path(lams)
    probabilities = both(risk.probabilities(theta, held_out))
    times = 9 if weighted else 1
    validation = log_losses(
        np.repeat(probabilities, np.where(told == 1, times, 1), axis=1),
        np.repeat(told, np.where(told == 1, times, 1)),
    )
    return RareClass(
        Classes(X, y, risk), lams, theta, int(np.argmin(validation)), risk.probabilities(theta, new), labels
    )


def _run(seed: int) -> dict[str, float]:
    plain, weighted = rare_class(False, seed), rare_class(True, seed)
    k, w = plain.chosen, weighted.chosen
    rare = float(weighted.found(1)[w])
    # The threshold of the plain fit that recognizes as much of the rare class.
    trade = plain.trade(k)
    moved = float(np.interp(-rare, -trade[:, 0], trade[:, 1]))
    return {
        "lam": float(plain.lams[k]),
        "rare": float(plain.found(1)[k]),
        "common": float(plain.found(0)[k]),
        "rare_beyond": float(plain.found(1)[-1]),
        "rare_weighted": rare,
        "common_weighted": float(weighted.found(0)[w]),
        "common_moved": moved,
    }


RARE = Experiment(
    file=RESULTS / "rare_class.json",
    claim=_(
        "A large penalty loses the rare class. Weighting its examples finds more of it and less of the common one, "
        "exactly as much as moving the threshold of the unweighted fit does."
    ),
    control=_(
        "Both fits have the penalty of least validation loss; the threshold is moved to find as many rare ones."
    ),
    settings={"rows": [180, 20], "validation": [180, 20], "new": [4000, 4000], "weight": 9},
    measures={
        "lam": _("penalty of least validation loss"),
        "rare": _("rare ones found"),
        "common": _("common ones found"),
        "rare_beyond": _("rare ones found, largest penalty"),
        "rare_weighted": _("rare ones found, weighted"),
        "common_weighted": _("common ones found, weighted"),
        "common_moved": _("common ones found, threshold moved to find as many rare ones"),
    },
    run=_run,
    holds="rare_beyond < rare - 0.2 and rare_weighted > rare + 0.1 and common_weighted < common - 0.05 "
    "and abs(common_weighted - common_moved) < 0.03",
)
