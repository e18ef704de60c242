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

__all__ = [
    "VALLEYS",
    "AdamRuns",
    "Classes",
    "NormalizedRuns",
    "OneFeature",
    "Sweep",
    "ValleyRuns",
    "adam_runs",
    "documents",
    "effect_in_units",
    "normalized_runs",
    "one_feature",
    "rare_class",
    "rescaled_loss",
    "separable_line",
    "three_classes",
    "valley_gradient",
    "valley_risk",
    "valley_runs",
]


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
class Sweep:
    """A fit over many penalties, and how it does on new data.

    Attributes
    ----------
    data : Classes
        What was fitted; its risk may have been turned into the row space of X, where ridge is the same.
    lams : ndarray of shape (L,), ascending
    theta : ndarray of shape (L, dimension)
        The last entry of each row is the unpenalized intercept.
    probabilities : ndarray of shape (L, n)
        Of class 1, for new data.
    labels : ndarray of shape (n,)
        Of the new data.
    """

    data: Classes
    lams: np.ndarray
    theta: np.ndarray
    probabilities: np.ndarray
    labels: np.ndarray

    def recall(self, label: int) -> np.ndarray:
        """Share of a class that is recognized, for each penalty."""
        found = (self.probabilities > 0.5) == label
        return found[:, self.labels == label].mean(axis=-1)

    @property
    def accuracy(self) -> np.ndarray:
        return ((self.probabilities > 0.5) == self.labels).mean(axis=-1)

    @property
    def confidence(self) -> np.ndarray:
        """Mean probability of the class that is chosen."""
        return np.maximum(self.probabilities, 1 - self.probabilities).mean(axis=-1)

    @property
    def risk(self) -> np.ndarray:
        """Mean negative log probability of the right class."""
        return -np.log(np.where(self.labels == 1, self.probabilities, 1 - self.probabilities)).mean(axis=-1)


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


@cache
def rare_class(weighted: bool = False, seed: int = 0) -> Sweep:
    """180 rows about (-1, 0), 20 about (1.2, 0.6), deviation 1; new data hold 2000 of each.

    Where `weighted`, each row of the rare class counts nine times.
    """
    rng = np.random.default_rng(seed)

    def draw(common: int, rare: int) -> tuple[np.ndarray, np.ndarray]:
        X = np.vstack([rng.normal([-1.0, 0.0], 1, (common, 2)), rng.normal([1.2, 0.6], 1, (rare, 2))])
        return X, np.repeat([0, 1], [common, rare])

    X, y = draw(180, 20)
    new, labels = draw(2000, 2000)
    counts = np.where(y == 1, 9, 1) if weighted else np.ones(len(y), dtype=int)
    risk = wdmath.LogisticRisk(
        np.repeat(X, counts, axis=0), np.repeat(y, counts), scale="sum", intercept=True
    )
    lams = np.geomspace(0.1, 10**1.5, 81)
    theta = risk.ridge_path(lams)
    return Sweep(Classes(X, y, risk), lams, theta, risk.probabilities(theta, new), labels)


@dataclass(frozen=True)
class OneFeature:
    """Ridge and lasso, each at the penalty that predicts best, where one of twenty features is everything.

    Attributes
    ----------
    truth, ridge, lasso : ndarray of shape (20,)
    """

    truth: np.ndarray
    ridge: np.ndarray
    lasso: np.ndarray


@cache
def one_feature(seed: int = 5) -> OneFeature:
    """30 rows of 20 standard normal features, y = 3 x_1 + noise of deviation 1.5.

    The features are independent with variance 1, so the squared error on new data, beyond the noise, is the squared
    distance of the weights from the truth.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(30, 20))
    truth = np.zeros(20)
    truth[0] = 3.0
    y = X @ truth + rng.normal(0, 1.5, 30)
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="mean")
    ridges = wdmath.ridge_minimizer(risk, np.geomspace(1e-3, 1e2, 400))
    path = wdmath.lasso_path(X, y, scale="mean")
    lassos = path.at(np.linspace(0, path.lams[0], 400))
    return OneFeature(truth, *(w[np.argmin(((w - truth) ** 2).sum(axis=1))] for w in (ridges, lassos)))


@cache
def documents(seed: int = 2) -> Sweep:
    """Which of 300 words occur in short documents, 10 of each of two classes; 1000 new ones of each.

    Documents are 20 words drawn from a class's frequencies, which fall as rank to the power -0.7 and differ between the
    classes by log-normal factors of deviation 0.6.
    """
    rng = np.random.default_rng(seed)
    frequencies = np.arange(1, 301) ** -0.7
    frequencies = frequencies / frequencies.sum() * np.exp(rng.normal(0, 0.6, (2, 300)))
    frequencies /= frequencies.sum(axis=1, keepdims=True)

    def draw(each: int) -> tuple[np.ndarray, np.ndarray]:
        counts = np.vstack([rng.multinomial(20, f, each) for f in frequencies])
        return (counts > 0).astype(float), np.repeat([0, 1], each)

    X, y = draw(10)
    new, labels = draw(1000)
    # The penalized weights lie in the row space of X: 20 dimensions instead of 300.
    rows = np.linalg.svd(X, full_matrices=False)[2].T
    risk = wdmath.LogisticRisk(X @ rows, y, scale="sum", intercept=True)
    lams = np.geomspace(1e-5, 10.0, 61)
    theta = risk.ridge_path(lams)
    return Sweep(Classes(X, y, risk), lams, theta, risk.probabilities(theta, new @ rows), labels)


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


# Narrow and wide valley: direction, concentration. Both are equally deep.
VALLEYS = ((0.1 * np.pi, 40.0), (0.85 * np.pi, 1.5))


def valley_risk(angle: np.ndarray) -> np.ndarray:
    """A risk that sees only the direction of two weights: a narrow and a wide valley of equal depth.

    R = - sum over valleys of exp(k (cos(angle - center) - 1)).
    """
    return -np.sum([np.exp(k * (np.cos(angle - center) - 1)) for center, k in VALLEYS], axis=0)


def valley_gradient(w: np.ndarray, noise: np.ndarray | float = 0.0) -> np.ndarray:
    """Gradient of that risk at weights of shape (..., 2): perpendicular to w, and smaller where w is longer.

    `noise` is added to the slope over the angle.
    """
    length = np.linalg.norm(w, axis=-1, keepdims=True)
    angle = np.arctan2(w[..., 1], w[..., 0])[..., None]
    slope = sum(k * np.sin(angle - c) * np.exp(k * (np.cos(angle - c) - 1)) for c, k in VALLEYS)
    across = np.stack([-w[..., 1], w[..., 0]], axis=-1) / length
    return (slope + noise) / length * across


@dataclass(frozen=True)
class ValleyRuns:
    """Noisy descent from the narrow valley, a hundred runs without decay and the same hundred with it.

    Attributes
    ----------
    lam : float
    paths : ndarray of shape (2, 100, T, 2)
        Without and with decay: every tenth step, then the last steps at a lower step size.
    """

    lam: float
    paths: np.ndarray

    @property
    def left_narrow(self) -> np.ndarray:
        """How many of the runs end outside the narrow valley, without and with decay."""
        x, y = self.paths[:, :, -1].T
        return (np.cos(np.arctan2(y, x) - VALLEYS[0][0]) < np.cos(0.15 * np.pi)).sum(axis=0)


@cache
def valley_runs(lam: float = 0.4, noise: float = 4.0, step_size: float = 0.05, seed: int = 0) -> ValleyRuns:
    """Start (cos, sin) of the narrow valley times 1.5; 3000 steps, then 1000 at a twentieth of the step size.

    The noise of the gradient is Gaussian along the gradient, and falls like it as the weights grow.
    """
    rng = np.random.default_rng(seed)

    def gradient(w: np.ndarray) -> np.ndarray:
        return valley_gradient(w, noise * rng.normal(size=(100, 1)))

    center = VALLEYS[0][0]
    start = np.tile(1.5 * np.array([np.cos(center), np.sin(center)]), (2, 100, 1))
    lams = np.array([[0.0], [lam]])
    hot = wdmath.sgd_path(gradient, start, step_size, np.arange(0, 3001, 10), lams)
    cool = wdmath.sgd_path(gradient, hot[..., -1, :], step_size / 20, np.arange(10, 1001, 10), lams)
    return ValleyRuns(lam, np.concatenate([hot, cool], axis=2))


@dataclass(frozen=True)
class NormalizedRuns:
    """Minibatch descent on a regression that sees only the direction of its 50 weights, without and with decay.

    Attributes
    ----------
    steps : ndarray of shape (T,)
    norms, losses : ndarray of shape (2, T)
        Length of the weights and training loss, without and with decay.
    lost : ndarray of shape (2, T)
        Share of the weights that their update left unchanged, since the step before; 0 in double precision.
    """

    steps: np.ndarray
    norms: np.ndarray
    losses: np.ndarray
    lost: np.ndarray


@cache
def normalized_runs(
    precision: str | None = None, lam: float = 0.02, step_size: float = 0.1, seed: int = 0
) -> NormalizedRuns:
    """200 rows of 50 features with deviations k^(-1/2), a true direction plus noise of deviation 0.3, batches of 10.

    The loss is the mean of half squares of y - x . w / ||w||. The weights start with length 4; 3000 steps, then 500 at
    a tenth of the step size. With a `precision` the weights are rounded to it after every step.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(200, 50)) / np.sqrt(np.arange(1, 51))
    truth = rng.normal(size=50)
    y = X @ truth / np.linalg.norm(truth) + rng.normal(0, 0.3, 200)
    start = rng.normal(size=50)
    start *= 4 / np.linalg.norm(start)
    batches = wdmath.MinibatchGradient(X, y, 10, scale="half_mean", seed=seed)
    lams, number = np.array([0.0, lam]), count()
    lost: list[np.ndarray] = []

    def gradient(w: np.ndarray) -> np.ndarray:
        length = np.linalg.norm(w, axis=-1, keepdims=True)
        direction = w / length
        full = batches.at_step(direction, next(number))
        return (full - (full * direction).sum(axis=-1, keepdims=True) * direction) / length

    def run(start: np.ndarray, alpha: float, steps: np.ndarray) -> np.ndarray:
        if precision is None:
            return wdmath.sgd_path(gradient, start, alpha, steps, lams)

        def rounded(w: np.ndarray) -> np.ndarray:
            before, after = (
                np.asarray(wdmath.round_to(x, precision))
                for x in (w, w - alpha * (gradient(w) + lams[:, None] * w))
            )
            lost.append((after == before).mean(axis=-1))
            return (w - after) / alpha

        return wdmath.sgd_path(rounded, wdmath.round_to(start, precision), alpha, steps)

    hot = run(np.tile(start, (2, 1)), step_size, np.arange(0, 3001, 20))
    cool = run(hot[:, -1], step_size / 10, np.arange(20, 501, 20))
    weights = np.concatenate([hot, cool], axis=1)
    norms = np.linalg.norm(weights, axis=-1)
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_mean")
    shares = np.zeros(norms.shape) if precision is None else np.array(lost).T.reshape(2, -1, 20).mean(axis=-1)
    if precision is not None:
        shares = np.column_stack([shares[:, :1], shares])
    steps = 20 * np.arange(norms.shape[1])
    return NormalizedRuns(steps, norms, np.asarray(risk.value(weights / norms[..., None])), shares)
