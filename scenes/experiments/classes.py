"""From regression to classification: classes that can be separated, and classes that overlap."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

import wdmath
from lecture.experiments import Experiment
from lecture.words import _

from . import RESULTS

__all__ = ["OVERLAPPING", "Classes", "Sweep", "overlapping", "separable_line"]


@dataclass(frozen=True)
class Classes:
    """Data of a classification and their risk, a mean over the rows.

    Attributes
    ----------
    X : ndarray of shape (n, p)
    y : ndarray of shape (n,)
        Labels 0, 1, ...
    risk : LogisticRisk or SoftmaxRisk
    """

    X: np.ndarray
    y: np.ndarray
    risk: Any


@dataclass(frozen=True)
class Sweep:
    """A fit with many penalties: what validation says of each, and what new data say.

    Attributes
    ----------
    data : Classes
        What was fitted.
    lams : ndarray of shape (L,), ascending
    theta : ndarray of shape (L, dimension)
    validation : ndarray of shape (L,)
        Loss on the rows that the penalty is chosen by.
    probabilities : ndarray of shape (L, n, K)
        For new data.
    labels : ndarray of shape (n,)
        Of the new data.
    """

    data: Classes
    lams: np.ndarray
    theta: np.ndarray
    validation: np.ndarray
    probabilities: np.ndarray
    labels: np.ndarray

    @property
    def chosen(self) -> int:
        """Index of the penalty of least validation loss."""
        return int(np.argmin(self.validation))

    @property
    def lam(self) -> float:
        """The penalty of least validation loss."""
        return float(self.lams[self.chosen])

    @property
    def beyond(self) -> int:
        """Index of the first penalty that is ten times the chosen one."""
        return min(int(np.searchsorted(self.lams, 9.999 * self.lam)), len(self.lams) - 1)

    @cached_property
    def losses(self) -> np.ndarray:
        """Mean negative log probability of the right class of new data."""
        return log_losses(self.probabilities, self.labels)

    @cached_property
    def confidence(self) -> np.ndarray:
        """Mean probability of the class that is chosen."""
        return self.probabilities.max(axis=-1).mean(axis=-1)

    @cached_property
    def accuracy(self) -> np.ndarray:
        """How often the class that is chosen is right."""
        return (self.probabilities.argmax(axis=-1) == self.labels).mean(axis=-1)


def log_losses(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean negative log probability of the labels; probabilities have shape (..., n, K)."""
    told = probabilities[..., np.arange(len(labels)), labels]
    return -np.log(np.maximum(told, 1e-300)).mean(axis=-1)


def both(probability: np.ndarray) -> np.ndarray:
    """Probabilities of the classes 0 and 1 from those of class 1."""
    return np.stack([1 - probability, probability], axis=-1)


@cache
def separable_line(seed: int = 3) -> Classes:
    """One feature: six rows of each class, evenly drawn from [-3, -0.5] and [0.5, 3]. No intercept."""
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.uniform(-3, -0.5, 6), rng.uniform(0.5, 3, 6)])
    y = np.repeat([0, 1], 6)
    return Classes(x[:, None], y, wdmath.LogisticRisk(x[:, None], y, scale="mean"))


@cache
def overlapping(seed: int = 0) -> Sweep:
    """Three classes about centers at distance 1.5 from the origin, with deviation 0.9, which overlap. No intercept.

    Ten rows of each class to fit, 40 to choose the penalty by, 4000 new ones.
    """
    rng = np.random.default_rng(seed)
    angles = np.pi / 2 + 2 * np.pi * np.arange(3) / 3
    centers = 1.5 * np.column_stack([np.cos(angles), np.sin(angles)])

    def draw(each: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.repeat(np.arange(3), each)
        return centers[labels] + rng.normal(0, 0.9, (3 * each, 2)), labels

    (X, y), (held_out, told), (new, labels) = draw(10), draw(40), draw(4000)
    risk = wdmath.SoftmaxRisk(X, y, scale="mean")
    lams = np.geomspace(1e-4, 3.0, 91)
    theta = risk.ridge_path(lams)
    validation = log_losses(risk.probabilities(theta, held_out), told)
    return Sweep(Classes(X, y, risk), lams, theta, validation, risk.probabilities(theta, new), labels)


def measures(sweep: Sweep) -> dict[str, float]:
    """Loss, confidence and accuracy on new data: almost without a penalty, at the chosen one, and at ten times that."""
    found = {"lam": sweep.lam}
    for name, k in (("before", 0), ("at", sweep.chosen), ("beyond", sweep.beyond)):
        found[f"loss_{name}"] = float(sweep.losses[k])
        found[f"sure_{name}"] = float(sweep.confidence[k])
        found[f"right_{name}"] = float(sweep.accuracy[k])
    return found


#: what `measures` are called
LABELS = {
    "lam": _("penalty of least validation loss"),
    "loss_before": _("loss on new data, almost no penalty"),
    "sure_before": _("how sure, almost no penalty"),
    "right_before": _("how often right, almost no penalty"),
    "loss_at": _("loss on new data, chosen penalty"),
    "sure_at": _("how sure, chosen penalty"),
    "right_at": _("how often right, chosen penalty"),
    "loss_beyond": _("loss on new data, ten times that penalty"),
    "sure_beyond": _("how sure, ten times that penalty"),
    "right_beyond": _("how often right, ten times that penalty"),
}


def _run(seed: int) -> dict[str, float]:
    return measures(overlapping(seed))


OVERLAPPING = Experiment(
    file=RESULTS / "overlapping.json",
    claim=_(
        "With the penalty of least validation loss, new examples have a smaller loss than almost without one."
    ),
    control=_(
        "The control has the penalty 0.0001; with none at all, some of these data have no best weights."
    ),
    settings={"rows": 30, "validation": 120, "new": 12000, "centers": 1.5, "deviation": 0.9},
    measures=LABELS,
    run=_run,
    holds="loss_at < loss_before and loss_at < loss_beyond",
)
