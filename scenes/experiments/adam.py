"""Adam with an L2 penalty and AdamW on two weights: where they rest, and what moves that place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import numpy as np

import wdmath
from lecture.experiments import Experiment
from lecture.words import _

from . import RESULTS
from .rotation import cosine

__all__ = [
    "ADAM",
    "BATCHES",
    "LAM",
    "SCHEDULE",
    "SEED",
    "AdamRuns",
    "adam_runs",
    "divisor",
    "ill_scaled",
    "rescaled_loss",
    "rests",
    "scheduled",
    "slide",
]

LAM, STEP_SIZE, STEPS = 1.0, 0.003, 6000
#: Of the film.
SEED = 4
#: Batch sizes of the dial; 200 are all rows.
BATCHES = (1, 4, 20, 200)


@dataclass(frozen=True)
class AdamRuns:
    """Adam with an L2 penalty and AdamW from the same start on the same minibatches.

    Attributes
    ----------
    risk : QuadraticRisk
        Mean of half squares; its axes are the coordinate axes, the first one 16 times as steep.
    lam : float
    adam, adamw : ndarray of shape (T + 1, 2)
        Iterates.
    """

    risk: wdmath.QuadraticRisk
    lam: float
    adam: np.ndarray
    adamw: np.ndarray

    @staticmethod
    def rest(path: np.ndarray) -> np.ndarray:
        """Mean of the last third of a path, its last axis but one: where it rests but for the noise."""
        return path[..., -(path.shape[-2] // 3) :, :].mean(axis=-2)


def ill_scaled(seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """200 rows, two uncorrelated features with root mean squares 4 and 1, weights (1, 1), noise of variance 1."""
    rng = np.random.default_rng(seed)
    orthonormal = np.linalg.svd(rng.normal(size=(200, 2)), full_matrices=False)[0]
    X = orthonormal * np.sqrt(200) * [4.0, 1.0]
    return X, X @ [1.0, 1.0] + rng.normal(size=200)


@cache
def adam_runs(batch: int = 1, seed: int = SEED) -> AdamRuns:
    """So many rows a step, start (1.8, 1.9)."""
    X, y = ill_scaled(seed)
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_mean")
    batches = wdmath.MinibatchGradient(X, y, batch, scale="half_mean")
    start = [1.8, 1.9]
    return AdamRuns(
        risk,
        LAM,
        wdmath.adam_path(batches, start, STEP_SIZE, STEPS, LAM),
        wdmath.adamw_path(batches, start, STEP_SIZE, STEPS, LAM),
    )


def divisor(theta: np.ndarray, lam: float = 0.0, seed: int = SEED) -> np.ndarray:
    """Root mean square over the rows of the gradient at theta, the penalty's added: what Adam divides by there."""
    X, y = ill_scaled(seed)
    gradients = X * (X @ theta - y)[:, None] + lam * theta
    return np.sqrt((gradients**2).mean(axis=0))


@cache
def slide(seed: int = SEED) -> np.ndarray:
    """The way of AdamW, one row a step, from the ridge minimizer: means of 401 iterates, shape (T, 2)."""
    X, y = ill_scaled(seed)
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_mean")
    batches = wdmath.MinibatchGradient(X, y, 1, scale="half_mean")
    start = wdmath.ridge_minimizer(risk, LAM)
    path = wdmath.adamw_path(batches, start, STEP_SIZE, STEPS, LAM)
    sums = np.cumsum(np.vstack([np.zeros(2), np.tile(start, (400, 1)), path]), axis=0)
    return (sums[401:] - sums[:-401]) / 401


@cache
def rests(seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """Where Adam with L2 and AdamW rest for each of the batch sizes: two arrays of shape (4, 2)."""
    runs = [adam_runs(batch, seed) for batch in BATCHES]
    return np.array([r.rest(r.adam) for r in runs]), np.array([r.rest(r.adamw) for r in runs])


@cache
def rescaled_loss(seed: int = SEED, steps: int = 4500) -> tuple[np.ndarray, ...]:
    """Where Adam with L2 and AdamW rest when the whole loss is multiplied by c, one row a step.

    Returns
    -------
    c of shape (9,), rests of Adam with L2 and of AdamW, each of shape (9, 2)
    """
    X, y = ill_scaled(seed)
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_mean")
    batches = wdmath.MinibatchGradient(X, y, 1, scale="half_mean")
    c = 10.0 ** np.arange(-2, 2.5, 0.5)
    start = np.tile(risk.minimizer, (len(c), 1))

    def rest(optimizer: Any) -> np.ndarray:
        step = count()

        def gradient(theta: np.ndarray) -> np.ndarray:
            return c[:, None] * batches.at_step(theta, next(step))

        return AdamRuns.rest(optimizer(gradient, start, STEP_SIZE, steps, LAM))

    return c, rest(wdmath.adam_path), rest(wdmath.adamw_path)


@cache
def scheduled(seed: int = SEED) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """AdamW by one row a step: with a constant step size, with one that falls, and with a decay that does not fall.

    Returns
    -------
    constant, falling, apart : ndarray of shape (6001, 2)
        Iterates of (1 - alpha_k lam) theta - alpha_k u_k with a constant alpha_k and with alpha_k along a cosine, and
        of (1 - alpha_0 lam) theta - alpha_k u_k.
    """
    X, y = ill_scaled(seed)
    batches = wdmath.MinibatchGradient(X, y, 1, scale="half_mean")
    start, share = [1.8, 1.9], cosine(STEPS)
    constant, falling = (
        wdmath.adamw_path(batches, start, STEP_SIZE, STEPS, LAM, schedule=factors)
        for factors in (None, share)
    )
    # With theta_k = kept^k phi_k the decay is gone from the rule of phi, and its steps are longer by kept^-(k + 1).
    kept = 1 - STEP_SIZE * LAM
    step = count()

    def gradient(phi: np.ndarray) -> np.ndarray:
        k = next(step)
        return batches.at_step(kept**k * phi, k)

    longer = share * kept ** -np.arange(1.0, STEPS + 1)
    phi = wdmath.adam_path(gradient, np.array([start]), STEP_SIZE, STEPS, schedule=longer)[0]
    return constant, falling, kept ** np.arange(STEPS + 1.0)[:, None] * phi


def _measured(seed: int) -> dict[str, float]:
    adam, adamw = rests(seed)
    risk = adam_runs(1, seed).risk
    ridge = wdmath.ridge_minimizer(risk, LAM)
    _c, scaled_adam, scaled_adamw = rescaled_loss(seed)
    away = np.linalg.norm(adamw - ridge, axis=1)
    return {
        "adam": float(np.linalg.norm(adam - ridge, axis=1).max()),
        "adamw_1": float(away[0]),
        "kept_1": float(np.linalg.norm(adamw[0]) / np.linalg.norm(risk.minimizer)),
        "kept_4": float(np.linalg.norm(adamw[1]) / np.linalg.norm(risk.minimizer)),
        "kept_20": float(np.linalg.norm(adamw[2]) / np.linalg.norm(risk.minimizer)),
        "kept_200": float(np.linalg.norm(adamw[3]) / np.linalg.norm(risk.minimizer)),
        "moved_adam": float(np.linalg.norm(np.ptp(scaled_adam, axis=0))),
        "moved_adamw": float(np.linalg.norm(np.ptp(scaled_adamw, axis=0))),
    }


ADAM = Experiment(
    file=RESULTS / "adam.json",
    claim=_(
        "Adam with L2 rests at the ridge minimizer, whatever the batch size; AdamW elsewhere, and with larger batches "
        "it keeps more. A factor on the loss moves the rest of Adam with L2, and not that of AdamW."
    ),
    control=_("All have the same data, start, step size, penalty and batches."),
    settings={"rows": 200, "step_size": STEP_SIZE, "steps": STEPS, "penalty": LAM, "batches": list(BATCHES)},
    measures={
        "adam": _("largest distance of Adam with L2 from the ridge minimizer"),
        "adamw_1": _("distance of AdamW from it, one row a step"),
        "kept_1": _("share of the length kept by AdamW, 1 row a step"),
        "kept_4": _("the same, 4 rows"),
        "kept_20": _("the same, 20 rows"),
        "kept_200": _("the same, all rows"),
        "moved_adam": _("how far a factor from 0.01 to 100 on the loss moves Adam with L2"),
        "moved_adamw": _("how far it moves AdamW"),
    },
    run=_measured,
    holds="adam < 0.03 and adamw_1 > 0.3 and kept_1 < kept_4 < kept_20 < kept_200 + 0.02 "
    "and moved_adam > 0.8 and moved_adamw < 0.001",
)


def _scheduled(seed: int) -> dict[str, float]:
    constant, falling, apart = scheduled(seed)
    rest, length = AdamRuns.rest(constant), np.linalg.norm(adam_runs(1, seed).risk.minimizer)
    return {
        "constant": float(np.linalg.norm(rest) / length),
        "falling": float(np.linalg.norm(falling[-1]) / length),
        "apart": float(np.linalg.norm(apart[-1]) / length),
        "moved": float(np.linalg.norm(falling[-1] - rest)),
        "spread": float(np.sqrt(((constant[-STEPS // 3 :] - rest) ** 2).sum(axis=1).mean())),
    }


SCHEDULE = Experiment(
    file=RESULTS / "adam_schedule.json",
    claim=_(
        "When the step size of AdamW falls to zero and the decay with it, the weights come to rest where they would "
        "rest with a constant one. When the decay does not fall with it, it wins, and they vanish."
    ),
    control=_("All have the same data, start, batches and penalty, and the same step size at first."),
    settings={"rows": 200, "batch": 1, "step_size": STEP_SIZE, "steps": STEPS, "penalty": LAM},
    measures={
        "constant": _("share of the length kept, constant step size"),
        "falling": _("the same, step size and decay fall"),
        "apart": _("the same, only the step size falls"),
        "moved": _("distance of the end of the falling step size from the rest of the constant one"),
        "spread": _("deviation from the rest of a constant step size"),
    },
    run=_scheduled,
    holds="moved < 0.03 and apart < 0.03 and constant > 0.3",
)
