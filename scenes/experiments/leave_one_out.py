"""Choosing the penalty by leaving out each row once, and what fresh rows say of the choice."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from lecture.experiments import Experiment
from lecture.words import _
from wdmath import ridge_path, ridge_selection

from . import RESULTS
from .sine import NOISE, ROWS, SEED, features, noisy, sine

__all__ = ["CHOICE", "LAMS", "Choice", "choice"]

#: Penalties, mean of half squares + lam/2 ||w||^2; evenly spaced in their logarithm.
LAMS = np.geomspace(3e-3, 3, 121)
FRESH = 30
_OPTIONS: dict[str, Any] = {"scale": "half_mean", "intercept": True}


class Choice:
    """Polynomials of degree 11 through 13 noisy values of a sine: errors left out, and expected errors on fresh rows.

    Fresh inputs are even on the interval, fresh values have the same noise.

    Attributes
    ----------
    x, y : ndarray of shape (13,)
    left_out : ndarray of shape (121,)
        Mean squared leave-one-out error at :data:`LAMS`.
    predictions : ndarray of shape (121, 13)
        What the other twelve predict for each row.
    expected : ndarray of shape (121,)
        Expected squared error on fresh rows, noise included.
    low, high : ndarray of shape (121,)
        Between them lie eight of ten errors on thirty fresh rows.
    """

    grid = np.linspace(-1, 1, 401)
    truth = sine(grid)

    def __init__(self, seed: int):
        self.x = ROWS
        self.y = noisy(self.x, np.random.default_rng(seed))
        X = features(self.x)
        self.path = ridge_path(X, self.y, LAMS, **_OPTIONS)
        selection = ridge_selection(X, self.y, LAMS, **_OPTIONS)
        self.left_out = selection.leave_one_out
        self.predictions = self.y - selection.leave_one_out_residuals
        self._fits = self.path.predict(features(self.grid))
        self.expected = np.mean((self._fits - self.truth) ** 2, axis=1) + NOISE**2
        self._rng = np.random.default_rng([seed, 1])
        draws = np.array([self.errors(*self.draw()) for _draw in range(400)])
        self.low, self.high = np.quantile(draws, [0.1, 0.9], axis=0)

    @property
    def chosen(self) -> int:
        """Which penalty has the least leave-one-out error."""
        return int(np.argmin(self.left_out))

    @property
    def best(self) -> int:
        """Which penalty has the least expected error on fresh rows: known only because the truth is."""
        return int(np.argmin(self.expected))

    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """Thirty fresh rows: places on the grid, and values."""
        places = self._rng.integers(0, len(self.grid), FRESH)
        return places, self.truth[places] + NOISE * self._rng.standard_normal(FRESH)

    def errors(self, places: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Mean squared error on fresh rows at every penalty."""
        return np.mean((self._fits[:, places] - values) ** 2, axis=1)


@cache
def choice(seed: int = SEED) -> Choice:
    """The experiment with a seed, run once; that of the film has the data of chapter 1."""
    return Choice(seed)


def _run(seed: int) -> dict[str, float]:
    found = choice(seed)
    none = ridge_path(features(found.x), found.y, 0.0, **_OPTIONS).predict(features(found.grid))
    return {
        "chosen": found.expected[found.chosen],
        "best": found.expected[found.best],
        "none": float(np.mean((none - found.truth) ** 2) + NOISE**2),
    }


CHOICE = Experiment(
    file=RESULTS / "leave_one_out.json",
    claim=_(
        "With the penalty of least leave-one-out error, the expected error on fresh rows is lower than without a "
        "penalty, and at most 1.4 times the least of all penalties."
    ),
    control=_(
        "The controls are no penalty, and the best of 121 penalties, which only those know who know the truth."
    ),
    settings={
        "rows": 13,
        "degree": 11,
        "noise": NOISE,
        "penalties": [float(LAMS[0]), float(LAMS[-1]), len(LAMS)],
    },
    measures={
        "chosen": _("expected error, penalty chosen by leaving out"),
        "best": _("expected error, best penalty of all"),
        "none": _("expected error, no penalty"),
    },
    run=_run,
    holds="chosen < none and chosen < 1.4 * best",
)
