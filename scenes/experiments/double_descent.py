"""More features than examples: least squares on random features, with and without a penalty."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import wdmath
from lecture.experiments import Experiment
from lecture.words import _

from . import RESULTS

__all__ = ["DOUBLE_DESCENT", "LAMS", "ROWS", "WIDTHS", "WideFits", "wide_fits"]

ROWS, INPUTS, NOISE, FRESH, LENGTH = 60, 10, 0.3, 2000, 0.5
#: How many random features; narrower steps where there are about as many as rows.
WIDTHS = np.unique(
    np.concatenate(
        [np.geomspace(5, 45, 19), np.arange(46, 76, 2), np.geomspace(76, 600, 23), [30, 60]]
    ).astype(int)
)
LAMS = np.geomspace(1e-6, 10, 71)
_OPTIONS: dict[str, Any] = {"scale": "half_mean", "intercept": True}


class WideFits:
    """60 rows of ten standard normal inputs, y = x . b + noise of deviation 0.3, |b| = 1; 2000 new rows.

    The features are those of :func:`wdmath.random_features`, drawn before y is seen; only their weights are fitted, and
    an intercept. With p features each is divided by the root of p, so that a penalty means the same for any number.

    Attributes
    ----------
    y : ndarray of shape (60,)
    truth : ndarray of shape (2000,)
        The new values without noise: what predictions should be.
    """

    def __init__(self, seed: int):
        rng = np.random.default_rng(seed)
        x, fresh = rng.normal(size=(ROWS, INPUTS)), rng.normal(size=(FRESH, INPUTS))
        slope = rng.normal(size=INPUTS)
        slope /= np.linalg.norm(slope)
        self.y = x @ slope + NOISE * rng.normal(size=ROWS)
        self.truth = fresh @ slope
        self._chosen: dict[int, float] = {}
        self._rows, self._fresh = (
            wdmath.random_features(z, int(WIDTHS[-1]), length=LENGTH, seed=seed) for z in (x, fresh)
        )

    def features(self, p: int) -> np.ndarray:
        """The first p features of the rows, shape (60, p)."""
        return self._rows[:, :p] / np.sqrt(p)

    def fresh(self, p: int) -> np.ndarray:
        """Those of the new rows, shape (2000, p)."""
        return self._fresh[:, :p] / np.sqrt(p)

    def predictions(self, p: int, lam: Any) -> np.ndarray:
        """For the new rows, shape (2000,), or (L, 2000) for many penalties; of all that fit alike, the shortest."""
        return wdmath.ridge_path(self.features(p), self.y, lam, **_OPTIONS).predict(self.fresh(p))

    def error(self, p: int, lam: float) -> float:
        """Mean squared distance of the predictions from the truth."""
        return float(np.mean((self.predictions(p, lam) - self.truth) ** 2))

    def chosen(self, p: int) -> float:
        """The penalty of least leave-one-out error."""
        if p not in self._chosen:
            self._chosen[p] = self._least_left_out(p)
        return self._chosen[p]

    def _least_left_out(self, p: int) -> float:
        errors = wdmath.ridge_selection(self.features(p), self.y, LAMS, **_OPTIONS).leave_one_out
        return float(LAMS[int(np.argmin(errors))])

    def eigenvalues(self, p: int) -> np.ndarray:
        """Of the risk, descending, without those that are zero because there are too few rows or features."""
        centered = self.features(p) - self.features(p).mean(axis=0)
        return wdmath.eigenbasis(centered @ centered.T / ROWS)[0][: min(p, ROWS - 1)]


@cache
def wide_fits(seed: int = 4) -> WideFits:
    """The experiment with a seed, drawn once."""
    return WideFits(seed)


_SHOWN = (30, 60, 600)


def _run(seed: int) -> dict[str, float]:
    data = wide_fits(seed)
    none = {f"none_{p}": data.error(p, 0.0) for p in _SHOWN}
    return none | {f"chosen_{p}": data.error(p, data.chosen(p)) for p in _SHOWN}


DOUBLE_DESCENT = Experiment(
    file=RESULTS / "double_descent.json",
    claim=_(
        "Without a penalty the error is at least three times higher at 60 features than at 30 and at 600, and lower at "
        "600 than at 30; with a chosen penalty it falls from 30 to 60 to 600, and is lower everywhere."
    ),
    control=_(
        "The control is least squares without a penalty, the shortest of all solutions where there are many. The "
        "penalty is that of least leave-one-out error."
    ),
    settings={
        "rows": ROWS,
        "inputs": INPUTS,
        "noise": NOISE,
        "length": LENGTH,
        "new_rows": FRESH,
        "features": list(_SHOWN),
    },
    measures={
        "none_30": _("error, 30 features, no penalty"),
        "none_60": _("error, 60 features, no penalty"),
        "none_600": _("error, 600 features, no penalty"),
        "chosen_30": _("error, 30 features, chosen penalty"),
        "chosen_60": _("error, 60 features, chosen penalty"),
        "chosen_600": _("error, 600 features, chosen penalty"),
    },
    run=_run,
    holds=(
        "none_60 > 3 * none_30 and none_60 > 3 * none_600 and none_600 < none_30 and chosen_30 < none_30 "
        "and chosen_60 < none_60 and chosen_600 < none_600 and chosen_60 < chosen_30 and chosen_600 < chosen_60"
    ),
)
