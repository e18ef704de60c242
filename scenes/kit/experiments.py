"""The experiments of chapter 4: data drawn with a fixed seed, and what wdmath makes of them.

Nothing here draws; the scenes show these results and the tests compute them once more by other means.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import numpy as np

import wdmath

__all__ = ["AdamRuns", "Classes", "adam_runs", "rescaled_loss", "separable_line", "three_classes"]


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


@cache
def separable_line(seed: int = 3) -> Classes:
    """One feature: six rows of each class, evenly drawn from [-3, -0.5] and [0.5, 3]. No intercept."""
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.uniform(-3, -0.5, 6), rng.uniform(0.5, 3, 6)])
    y = np.repeat([0, 1], 6)
    return Classes(x[:, None], y, wdmath.LogisticRisk(x[:, None], y, scale="mean"))


@cache
def three_classes(seed: int = 5) -> Classes:
    """Two features: ten rows about each of three centers at distance 2 from the origin, deviation 0.7. No intercept."""
    rng = np.random.default_rng(seed)
    angles = np.pi / 2 + 2 * np.pi * np.arange(3) / 3
    y = np.repeat(np.arange(3), 10)
    X = 2 * np.column_stack([np.cos(angles), np.sin(angles)])[y] + rng.normal(0, 0.7, (30, 2))
    return Classes(X, y, wdmath.SoftmaxRisk(X, y, scale="mean"))


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
    root_mean_square : ndarray of shape (2,)
        Of the minibatch gradients at the minimizer: what Adam divides by there.
    """

    risk: wdmath.QuadraticRisk
    lam: float
    adam: np.ndarray
    adamw: np.ndarray
    root_mean_square: np.ndarray

    @staticmethod
    def rest(path: np.ndarray) -> np.ndarray:
        """Mean of the last third of a path, its last axis but one: where it rests but for the noise."""
        return path[..., -(path.shape[-2] // 3) :, :].mean(axis=-2)


def _ill_scaled_data(seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """200 rows, two uncorrelated features with root mean squares 4 and 1, weights (1, 1), noise of variance 1."""
    rng = np.random.default_rng(seed)
    orthonormal = np.linalg.svd(rng.normal(size=(200, 2)), full_matrices=False)[0]
    X = orthonormal * np.sqrt(200) * [4.0, 1.0]
    return X, X @ [1.0, 1.0] + rng.normal(size=200)


@cache
def adam_runs(lam: float = 1.0, step_size: float = 0.003, steps: int = 6000) -> AdamRuns:
    """One row a step, start (1.8, 1.9)."""
    X, y = _ill_scaled_data()
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_mean")
    batches = wdmath.MinibatchGradient(X, y, 1, scale="half_mean")
    start = [1.8, 1.9]
    gradients = np.array([batches.at_step(risk.minimizer, k) for k in range(1000)])
    return AdamRuns(
        risk,
        lam,
        wdmath.adam_path(batches, start, step_size, steps, lam),
        wdmath.adamw_path(batches, start, step_size, steps, lam),
        np.sqrt((gradients**2).mean(axis=0)),
    )


@cache
def rescaled_loss(lam: float = 1.0, step_size: float = 0.003, steps: int = 4500) -> tuple[np.ndarray, ...]:
    """Where Adam with L2 and AdamW rest when the whole loss of `adam_runs` is multiplied by c.

    Returns
    -------
    c of shape (9,), rests of Adam with L2 and of AdamW, each of shape (9, 2)
    """
    X, y = _ill_scaled_data()
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_mean")
    batches = wdmath.MinibatchGradient(X, y, 1, scale="half_mean")
    c = 10.0 ** np.arange(-2, 2.5, 0.5)
    start = np.tile(risk.minimizer, (len(c), 1))

    def rest(optimizer: object) -> np.ndarray:
        step = count()

        def gradient(theta: np.ndarray) -> np.ndarray:
            return c[:, None] * batches.at_step(theta, next(step))

        return AdamRuns.rest(optimizer(gradient, start, step_size, steps, lam))  # type: ignore[operator]

    return c, rest(wdmath.adam_path), rest(wdmath.adamw_path)
