"""Thirteen noisy values of a sine and a polynomial that is flexible enough to chase them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from scenes.experiments.sine import FEATURES, ROWS, SEED, features, noisy
from wdmath import lasso_path, ridge_path

from .penalty_scale import PenaltyScale

__all__ = [
    "ERROR",
    "GRID",
    "LASSO_ERROR",
    "LASSO_WEIGHTS",
    "RIDGE",
    "NoisySine",
    "noisy_sine",
]

GRID = np.linspace(-1, 1, 401)

# Fits and errors as text, so that the manifest lists what was computed. The weights are those of Legendre polynomials,
# the intercept is free. What is minimized is the training error, the mean of half squared residuals, and
# lam/2 ||w||_2^2 for ridge, lam ||w||_1 for the lasso: lam means the same in both and in every scene of chapter 1.
RIDGE = f"ridge_path({FEATURES.format('x')}, y, lam, scale='half_mean', intercept=True)"
ERROR = f"np.mean(({RIDGE}.predict({FEATURES.format('x_seen')}) - y_seen) ** 2) / 2"
LASSO_WEIGHTS = f"lasso_path({FEATURES.format('x')}, y, scale='half_mean', intercept=True).at(lam)"
# Its intercept puts the middle of the fit on the middle of the data.
LASSO_ERROR = (
    f"np.mean((({FEATURES.format('x_seen')} - {FEATURES.format('x')}.mean(axis=0)) @ {LASSO_WEIGHTS} "
    "+ y.mean() - y_seen) ** 2) / 2"
)


def _coefficients(fit: Any) -> np.ndarray:
    return np.append(fit.intercept, fit.coefficients)


class NoisySine:
    """Rows to fit, rows to choose lambda on, and rows for neither; all drawn with a seed.

    Attributes
    ----------
    x, y : ndarray of shape (13,)
        The training rows.
    x_valid, y_valid : ndarray of shape (30,)
        Validation rows, on which the penalties are chosen.
    x_more, y_more : ndarray of shape (313,)
        The training rows and three hundred more.
    x_test, y_test : ndarray of shape (1000,)
        Test rows, which nothing was chosen on.
    scale : PenaltyScale
        The half-line of penalties, for sliders.
    lams, training, validation : ndarray of shape (L,)
        Penalties, evenly spaced on the scale from 0 on, and the errors of the ridge fits.
    best, best_lasso : float
        The penalties with the least validation error.
    """

    #: Position of the strongest penalty on the scale.
    END = 0.9

    def __init__(self, seed: int = SEED) -> None:
        rng = np.random.default_rng(seed)
        self.x = ROWS
        self.y = noisy(self.x, rng)
        self.x_valid = rng.uniform(-1, 1, 30)
        self.y_valid = noisy(self.x_valid, rng)
        x_new = rng.uniform(-1, 1, 300)
        self.x_more = np.concatenate([self.x, x_new])
        self.y_more = np.concatenate([self.y, noisy(x_new, rng)])
        self.x_test = rng.uniform(-1, 1, 1000)
        self.y_test = noisy(self.x_test, rng)

        self.scale = PenaltyScale.around(0.03, exponent=0.35)
        self.positions = np.linspace(0, self.END, 181)
        self.lams = np.array([self.scale.lam(s) for s in self.positions])
        self._path = ridge_path(features(self.x), self.y, self.lams, scale="half_mean", intercept=True)
        self.training, self.validation = (
            ((self._path.predict(features(x)) - y) ** 2).mean(axis=1) / 2
            for x, y in ((self.x, self.y), (self.x_valid, self.y_valid))
        )
        self.best = float(self.lams[self.validation.argmin()])
        self._lasso = lasso_path(features(self.x), self.y, scale="half_mean", intercept=True)
        errors = [
            ((self.curve(self.lasso(lam), self.x_valid) - self.y_valid) ** 2).mean() / 2
            for lam in self.lams[1:]
        ]
        self.best_lasso = float(self.lams[1 + int(np.argmin(errors))])

    def ridge(self, lam: float) -> np.ndarray:
        """Intercept and weights of the ridge fit, shape (12,)."""
        return _coefficients(ridge_path(features(self.x), self.y, lam, scale="half_mean", intercept=True))

    def lasso(self, lam: float) -> np.ndarray:
        """Intercept and weights of the lasso fit, shape (12,)."""
        weights = self._lasso.at(lam)
        return np.append(self.y.mean() - features(self.x).mean(axis=0) @ weights, weights)

    def more(self) -> np.ndarray:
        """Intercept and weights of the fit to all 313 rows without a penalty, shape (12,)."""
        return _coefficients(
            ridge_path(features(self.x_more), self.y_more, 0.0, scale="half_mean", intercept=True)
        )

    @staticmethod
    def curve(coefficients: np.ndarray, x: np.ndarray = GRID) -> np.ndarray:
        """The polynomial with this intercept and these weights."""
        return coefficients[0] + features(x) @ coefficients[1:]

    def rows(self, which: str) -> dict[str, np.ndarray]:
        """The training rows as `x`, `y` and those of another kind as `x_seen`, `y_seen`, for expressions."""
        seen = {
            "train": (self.x, self.y),
            "valid": (self.x_valid, self.y_valid),
            "test": (self.x_test, self.y_test),
        }[which]
        return {"x": self.x, "y": self.y, "x_seen": seen[0], "y_seen": seen[1]}


@cache
def noisy_sine() -> NoisySine:
    """The one that is shown."""
    return NoisySine()
