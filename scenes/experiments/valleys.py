"""A race of noisy runs in two valleys: without decay, with decay, and without decay but with larger steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lecture.experiments import Experiment
from lecture.words import _
from wdmath import sgd_path

from . import RESULTS

__all__ = [
    "ALPHA",
    "LAM",
    "LARGER",
    "RACE",
    "VALLEYS",
    "Race",
    "is_wide",
    "race",
    "valley_gradient",
    "valley_risk",
]

#: Narrow and wide valley: direction, concentration, depth. With the other's slope added, both reach down to -1.
VALLEYS = ((0.1 * np.pi, 40.0, 0.9227), (0.85 * np.pi, 1.5, 1.0))
ALPHA, LAM, NOISE = 0.05, 0.4, 4.0
#: Step sizes of the control, of which the best is taken.
LARGER = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
RUNS = 100
#: Steps, and after them so many at a twentieth of the step size, in which the noise settles.
HOT, COOL = 3000, 1000


def valley_risk(angle: np.ndarray) -> np.ndarray:
    """A risk that sees only the direction of two weights: a narrow and a wide valley of equal depth.

    R = - sum over valleys of d exp(k (cos(angle - center) - 1)).
    """
    return -np.sum([d * np.exp(k * (np.cos(angle - center) - 1)) for center, k, d in VALLEYS], axis=0)


def valley_gradient(w: np.ndarray, noise: np.ndarray | float = 0.0) -> np.ndarray:
    """Gradient of that risk at weights of shape (..., 2): perpendicular to w, and smaller where w is longer.

    `noise` is added to the slope over the angle.
    """
    length = np.linalg.norm(w, axis=-1, keepdims=True)
    angle = np.arctan2(w[..., 1], w[..., 0])[..., None]
    slope = sum(d * k * np.sin(angle - c) * np.exp(k * (np.cos(angle - c) - 1)) for c, k, d in VALLEYS)
    across = np.stack([-w[..., 1], w[..., 0]], axis=-1) / length
    return (slope + noise) / length * across


def is_wide(paths: np.ndarray) -> np.ndarray:
    """Which weights of shape (..., 2) point to where the wide valley is the nearer one."""
    angle = np.arctan2(paths[..., 1], paths[..., 0])
    return np.cos(angle - VALLEYS[1][0]) > np.cos(angle - VALLEYS[0][0])


@dataclass(frozen=True)
class Race:
    """A hundred runs of each kind, from the narrow valley: none, decay, none with larger steps.

    Attributes
    ----------
    alphas : ndarray of shape (3,)
    paths : ndarray of shape (3, 100, T, 2)
        Every tenth step.
    """

    alphas: np.ndarray
    paths: np.ndarray

    @property
    def effective(self) -> np.ndarray:
        """Median over the runs of the step size over the squared length, in the first 3000 steps: shape (3, T)."""
        lengths = np.linalg.norm(self.paths, axis=-1)[:, :, : HOT // 10 + 1]
        return self.alphas[:, None] / np.median(lengths**2, axis=1)

    @property
    def found(self) -> np.ndarray:
        """How many runs of each kind end in the wide valley."""
        return is_wide(self.paths[:, :, -1]).sum(axis=1)


def _run(alphas: np.ndarray, lams: np.ndarray, seed: int) -> np.ndarray:
    """Paths of shape (kinds, 100, T, 2); all kinds have the same noise."""
    rng = np.random.default_rng(seed)

    def gradient(w: np.ndarray) -> np.ndarray:
        return valley_gradient(w, NOISE * rng.normal(size=(RUNS, 1)))

    center = VALLEYS[0][0]
    start = np.tile(1.5 * np.array([np.cos(center), np.sin(center)]), (len(alphas), RUNS, 1))
    alpha, lam = alphas[:, None], lams[:, None]
    hot = sgd_path(gradient, start, alpha, np.arange(0, HOT + 1, 10), lam)
    cool = sgd_path(gradient, hot[..., -1, :], alpha / 20, np.arange(10, COOL + 1, 10), lam)
    return np.concatenate([hot, cool], axis=2)


@cache
def race(seed: int = 0) -> Race:
    """Start (cos, sin) of the narrow valley times 1.5; the noise is Gaussian along the gradient, and falls like it.

    The larger step size is that of `LARGER` with which most runs end in the wide valley, tried with other noise.
    """
    tried = _run(np.array(LARGER), np.zeros(len(LARGER)), seed + 1000)
    best = LARGER[int(np.argmax(is_wide(tried[:, :, -1]).sum(axis=1)))]
    alphas = np.array([ALPHA, ALPHA, best])
    return Race(alphas, _run(alphas, np.array([0.0, LAM, 0.0]), seed))


def _measured(seed: int) -> dict[str, float]:
    runs = race(seed)
    none, decay, larger = (float(n) for n in runs.found)
    lengths = np.median(np.linalg.norm(runs.paths[:, :, HOT // 10], axis=-1), axis=1)
    return {
        "none": none,
        "decay": decay,
        "larger": larger,
        "alpha_larger": float(runs.alphas[2]),
        "length_none": float(lengths[0]),
        "length_decay": float(lengths[1]),
        "length_larger": float(lengths[2]),
    }


RACE = Experiment(
    file=RESULTS / "race.json",
    claim=_(
        "With decay more runs find the wide valley than without; larger steps without decay bring at least three "
        "quarters of that gain."
    ),
    control=_(
        "The control has no decay and the step size, of seven, with which most of other runs found it."
    ),
    settings={
        "runs": RUNS,
        "steps": [HOT, COOL],
        "step_size": ALPHA,
        "penalty": LAM,
        "noise": NOISE,
        "larger": list(LARGER),
    },
    measures={
        "none": _("of 100 runs in the wide valley, no decay"),
        "decay": _("of 100 runs in the wide valley, decay"),
        "larger": _("of 100 runs in the wide valley, no decay, larger steps"),
        "alpha_larger": _("the larger step size"),
        "length_none": _("length after 3000 steps, no decay"),
        "length_decay": _("length after 3000 steps, decay"),
        "length_larger": _("length after 3000 steps, no decay, larger steps"),
    },
    run=_measured,
    holds="decay > none + 30 and larger - none > 0.75 * (decay - none)",
)
