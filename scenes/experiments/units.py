"""Features in different units: what ridge makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

import wdmath
from lecture.experiments import Experiment
from lecture.words import _

from . import RESULTS

__all__ = ["UNITS", "Fits", "effect_in_units", "mixed_units"]


def effect_in_units(units: np.ndarray, lam: float = 0.2, seed: int = 1) -> np.ndarray:
    """Root mean square of w_j x_j for two features, the second one measured in each of the units.

    100 rows of two uncorrelated features of root mean square 1, y = x_1 + x_2 + noise of deviation 0.5; the risk is the
    mean of squares.

    Returns
    -------
    ndarray of shape (len(units), 2)
    """
    rng = np.random.default_rng(seed)
    X = 10 * np.linalg.qr(rng.normal(size=(100, 2)))[0]
    y = X.sum(axis=1) + rng.normal(0, 0.5, 100)
    effects = []
    for unit in units:
        measured = X / [1.0, unit]
        risk = wdmath.QuadraticRisk.from_least_squares(measured, y, scale="mean")
        effects.append(np.abs(wdmath.ridge_minimizer(risk, lam)) * np.sqrt((measured**2).mean(axis=0)))
    return np.array(effects)


@dataclass(frozen=True)
class Fits:
    """Ridge on features as they were measured, and on the same ones scaled.

    Attributes
    ----------
    lams : ndarray of shape (L,)
        Multiples of the mean square of a feature.
    error : ndarray of shape (2, L)
        Mean squared error of predictions of new rows: measured, scaled.
    chosen : tuple of int
        Penalties of least leave-one-out error.
    """

    lams: np.ndarray
    error: np.ndarray
    chosen: tuple[int, int]


@cache
def mixed_units(seed: int = 0) -> Fits:
    """40 rows of 20 equally important features in units from 0.03 to 30; scaled to root mean square 1 beside it.

    The features are standard normal before they get units, y is their sum plus noise of deviation 3.
    """
    rng = np.random.default_rng(seed)
    X, truth = rng.normal(size=(40, 20)), np.ones(20)
    y = X @ truth + rng.normal(0, 3.0, 40)
    units = rng.permutation(10.0 ** np.linspace(-1.5, 1.5, 20))
    lams, errors, chosen = np.geomspace(1e-6, 1e3, 181), [], []
    for sizes in (1 / units, 1 / np.sqrt((X**2).mean(axis=0))):
        Z = X * sizes
        per = float((Z**2).mean())
        risk = wdmath.QuadraticRisk.from_least_squares(Z, y, scale="mean")
        weights = wdmath.ridge_minimizer(risk, per * lams) * sizes
        errors.append(((weights - truth) ** 2).sum(axis=1) + 3.0**2)
        chosen.append(int(np.argmin(wdmath.leave_one_out(Z, y, per * lams, scale="mean"))))
    return Fits(lams, np.array(errors), (chosen[0], chosen[1]))


def _run(seed: int) -> dict[str, float]:
    fits = mixed_units(seed)
    (measured, scaled), (a, b) = fits.error, fits.chosen
    return {"measured": measured[a], "scaled": scaled[b], "measured_at_best": measured.min()}


UNITS = Experiment(
    file=RESULTS / "units.json",
    claim=_("Where features have different units, ridge predicts new rows better after they are scaled."),
    control=_(
        "The control is ridge on the features as measured; both have the penalty of least leave-one-out error."
    ),
    settings={"rows": 40, "features": 20, "units": [0.03, 30.0], "noise": 3.0},
    measures={
        "measured": _("squared error on new rows, features as measured"),
        "scaled": _("squared error on new rows, features scaled"),
        "measured_at_best": _(
            "the same, features as measured, at the penalty that happens to be best for them"
        ),
    },
    run=_run,
    holds="scaled < measured",
)
