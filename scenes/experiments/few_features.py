"""Where few features matter, where all do, and where one is measured badly: ridge and lasso."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

import wdmath
from lecture.experiments import Experiment
from lecture.words import _

from . import RESULTS

__all__ = ["MATTER", "NOISY", "Fits", "cross_validated", "features_that_matter", "noisy_copy"]

NOISE = 1.5
FOLDS = 5


def _ridge(X: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="mean")
    return lambda lams: wdmath.ridge_minimizer(risk, lams)


def _lasso(X: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return wdmath.lasso_path(X, y, scale="mean").at


def cross_validated(X: np.ndarray, y: np.ndarray, lasso: bool) -> np.ndarray:
    """Weights of ridge or lasso at the penalty of least five-fold cross-validation error.

    Returns
    -------
    ndarray of shape (p,)
    """
    fit = _lasso if lasso else _ridge
    top = 2 * float(np.abs(X.T @ y).max()) / len(y)
    lams = np.linspace(0.001, 1, 100) * top if lasso else np.geomspace(1e-3, 1e2, 100)
    folds, error = np.arange(len(y)) % FOLDS, np.zeros(len(lams))
    for fold in range(FOLDS):
        out = folds == fold
        error += ((y[out] - fit(X[~out], y[~out])(lams) @ X[out].T) ** 2).sum(axis=1)
    return fit(X, y)(lams[[int(np.argmin(error))]])[0]


@dataclass(frozen=True)
class Fits:
    """Ridge and lasso, each at its cross-validated penalty.

    The features are independent with variance 1: the squared error on new rows is the squared distance of the weights
    from the truth plus the variance of the noise.

    Attributes
    ----------
    truth, ridge, lasso : ndarray of shape (20,)
    """

    truth: np.ndarray
    ridge: np.ndarray
    lasso: np.ndarray


@cache
def features_that_matter(few: int, seed: int = 0) -> Fits:
    """40 rows of 20 standard normal features, of which the first `few` matter alike; the squared weights add up to 9.

    The noise has deviation 1.5.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(40, 20))
    truth = np.where(np.arange(20) < few, 3.0 / np.sqrt(few), 0.0)
    y = X @ truth + rng.normal(0, NOISE, 40)
    return Fits(truth, cross_validated(X, y, False), cross_validated(X, y, True))


def error_on_new_rows(weights: np.ndarray, truth: np.ndarray) -> float:
    """Mean squared error, noise included."""
    return float(((weights - truth) ** 2).sum() + NOISE**2)


def _matter(seed: int) -> dict[str, float]:
    few, all_ = features_that_matter(2, seed), features_that_matter(20, seed)
    return {
        "ridge_few": error_on_new_rows(few.ridge, few.truth),
        "lasso_few": error_on_new_rows(few.lasso, few.truth),
        "ridge_all": error_on_new_rows(all_.ridge, all_.truth),
        "lasso_all": error_on_new_rows(all_.lasso, all_.truth),
        "kept": float(np.count_nonzero(np.abs(few.lasso) > 1e-9)),
    }


MATTER = Experiment(
    file=RESULTS / "features_that_matter.json",
    claim=_(
        "Where two features of twenty matter, lasso predicts better than ridge; where all twenty do, ridge does."
    ),
    control=_("Each has the penalty of least five-fold cross-validation error."),
    settings={"rows": 40, "features": 20, "noise": NOISE, "folds": FOLDS},
    measures={
        "ridge_few": _("squared error on new rows, two matter, ridge"),
        "lasso_few": _("squared error on new rows, two matter, lasso"),
        "ridge_all": _("squared error on new rows, all matter, ridge"),
        "lasso_all": _("squared error on new rows, all matter, lasso"),
        "kept": _("features that lasso keeps where two matter"),
    },
    run=_matter,
    holds="lasso_few < ridge_few and ridge_all < lasso_all",
)


@dataclass(frozen=True)
class NoisyCopy:
    """Four sensors of one quantity, and what becomes of predictions when one of them turns noisy.

    Attributes
    ----------
    ridge, lasso : ndarray of shape (4,)
    worst_ridge, worst_lasso : float
        Mean squared error on new rows where that sensor is noisy that each relies on most.
    before_ridge, before_lasso : float
        The same while all sensors work.
    """

    ridge: np.ndarray
    lasso: np.ndarray
    before_ridge: float
    before_lasso: float
    worst_ridge: float
    worst_lasso: float


@cache
def noisy_copy(seed: int = 0) -> NoisyCopy:
    """40 rows of four sensors that measure one quantity u with errors of deviation 0.1.

    y = 3 u + noise of deviation 0.5. On 4000 new rows the sensor
    with the largest weight has an error of deviation 1 instead.
    """
    rng = np.random.default_rng(seed)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        quantity = rng.normal(size=n)
        return quantity[:, None] + rng.normal(0, 0.1, (n, 4)), 3 * quantity + rng.normal(0, 0.5, n)

    (X, y), (new, labels) = draw(40), draw(4000)
    more = rng.normal(0, np.sqrt(1 - 0.1**2), 4000)
    weights = [cross_validated(X, y, lasso) for lasso in (False, True)]
    errors = []
    for w in weights:
        errors.append(float(((labels - new @ w) ** 2).mean()))
    for w in weights:
        worse = new.copy()
        worse[:, int(np.argmax(np.abs(w)))] += more
        errors.append(float(((labels - worse @ w) ** 2).mean()))
    return NoisyCopy(weights[0], weights[1], *errors)


def _noisy(seed: int) -> dict[str, float]:
    found = noisy_copy(seed)
    return {
        "before_ridge": found.before_ridge,
        "before_lasso": found.before_lasso,
        "worst_ridge": found.worst_ridge,
        "worst_lasso": found.worst_lasso,
        "largest_ridge": float(np.abs(found.ridge).max()),
        "largest_lasso": float(np.abs(found.lasso).max()),
    }


NOISY = Experiment(
    file=RESULTS / "noisy_sensor.json",
    claim=_("When the sensor that a fit relies on most turns noisy, ridge loses less than lasso."),
    control=_(
        "Each has the penalty of least five-fold cross-validation error, and the worst sensor for itself."
    ),
    settings={"rows": 40, "sensors": 4, "error": 0.1, "noisy_error": 1.0, "noise": 0.5, "folds": FOLDS},
    measures={
        "before_ridge": _("squared error on new rows, all sensors work, ridge"),
        "before_lasso": _("squared error on new rows, all sensors work, lasso"),
        "worst_ridge": _("squared error on new rows, one sensor noisy, ridge"),
        "worst_lasso": _("squared error on new rows, one sensor noisy, lasso"),
        "largest_ridge": _("largest weight, ridge"),
        "largest_lasso": _("largest weight, lasso"),
    },
    run=_noisy,
    holds="worst_ridge < worst_lasso",
)
