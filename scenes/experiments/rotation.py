"""Weights of which only the direction matters: noise turns and lengthens them, decay shortens them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lecture.experiments import Experiment
from lecture.words import _
from wdmath import rotational_equilibrium, sgd_path

from . import RESULTS

__all__ = [
    "ALPHA",
    "LAM",
    "ROTATION",
    "SCHEDULE",
    "SETTLE",
    "STARTS",
    "Rotation",
    "changed",
    "cosine",
    "scheduled",
    "spiral",
    "undecayed",
]

ALPHA, LAM = 0.05, 0.1
#: Lengths to begin with.
STARTS = (0.25, 1.0, 2.5)
#: Steps until all lengths are one.
SETTLE = 1000
#: Steps in which the step size falls.
SCHEDULE = 1200
WEIGHTS = 1024


def cosine(steps: int) -> np.ndarray:
    """The schedule of the step size, which falls from 1 to 0 (Loshchilov and Hutter 2017)."""
    return 0.5 * (1 + np.cos(np.pi * np.arange(steps) / steps))


@dataclass(frozen=True)
class Rotation:
    """Runs of weights whose gradient is at a right angle to them, and falls like one over their length.

    Attributes
    ----------
    norm : ndarray of shape (runs, T + 1)
        Length of the weights.
    angle : ndarray of shape (runs, T)
        By which a step turns them, in radians.
    end : ndarray of shape (runs, 1024)
        The last weights.
    """

    norm: np.ndarray
    angle: np.ndarray
    end: np.ndarray

    @property
    def turned(self) -> np.ndarray:
        """The angles of all steps until then, added up: shape (runs, T + 1)."""
        return np.concatenate([np.zeros((len(self.angle), 1)), np.cumsum(self.angle, axis=1)], axis=1)

    def settled(self, steps: int = 300) -> tuple[np.ndarray, np.ndarray]:
        """Length and angle, means over the last steps."""
        return self.norm[:, -steps:].mean(axis=1), self.angle[:, -steps:].mean(axis=1)


def _run(
    start: np.ndarray, alpha: float, lam: float, steps: int, seed: int, schedule: np.ndarray | None = None
) -> Rotation:
    """SGD with decay; gradients are Gaussian noise across the weights, of length 1 / ||w|| in the mean square."""
    rng = np.random.default_rng(seed)

    def gradient(w: np.ndarray) -> np.ndarray:
        length = np.linalg.norm(w, axis=-1, keepdims=True)
        noise = rng.normal(size=w.shape) / np.sqrt(WEIGHTS - 1)
        return (noise - (noise * w).sum(axis=-1, keepdims=True) / length**2 * w) / length

    path = sgd_path(gradient, start, alpha, steps, lam, schedule=schedule)
    norm = np.linalg.norm(path, axis=-1)
    directions = path / norm[..., None]
    apart = np.linalg.norm(np.diff(directions, axis=1), axis=-1)
    return Rotation(norm, 2 * np.arcsin(apart / 2), path[:, -1])


def _starts(seed: int) -> np.ndarray:
    w = np.random.default_rng([seed, 1]).normal(size=WEIGHTS)
    return np.array(STARTS)[:, None] * w / np.linalg.norm(w)


@cache
def spiral(seed: int = 0) -> Rotation:
    """Three runs from different lengths, with decay."""
    return _run(_starts(seed), ALPHA, LAM, SETTLE, seed)


@cache
def undecayed(seed: int = 0) -> Rotation:
    """The same without decay."""
    return _run(_starts(seed), ALPHA, 0.0, SETTLE, seed)


@cache
def changed(seed: int = 0) -> Rotation:
    """One run that goes on with twice the step size and half the decay."""
    return _run(spiral(seed).end[1:2], 2 * ALPHA, LAM / 2, SETTLE, seed + 1000)


@cache
def scheduled(seed: int = 0) -> Rotation:
    """One run in equilibrium that goes on with a step size that falls like a cosine to 0."""
    return _run(spiral(seed).end[1:2], ALPHA, LAM, SCHEDULE, seed + 2000, cosine(SCHEDULE))


def _measured(seed: int) -> dict[str, float]:
    norm, angle = spiral(seed).settled()
    theory = rotational_equilibrium(ALPHA, LAM)
    other_norm, other_angle = changed(seed).settled()
    free_norm, free_angle = undecayed(seed).settled()
    late = scheduled(seed)
    # Half way through the schedule, and where a twentieth of the step size is left.
    share = cosine(SCHEDULE)
    k = int(np.argmax(share < 0.05))
    now = rotational_equilibrium(ALPHA * share[k], LAM)
    return {
        "norm": float(norm.mean()),
        "norm_spread": float(np.ptp(norm) / norm.mean()),
        "norm_theory": float(theory.norm),
        "angle": float(angle.mean()),
        "angle_theory": float(theory.angle),
        "norm_changed": float(other_norm[0]),
        "angle_changed": float(other_angle[0]),
        "norm_free": float(free_norm[1]),
        "angle_free": float(free_angle[1]),
        "norm_late": float(late.norm[0, k] / now.norm),
        "angle_late": float(late.angle[0, k - 20 : k + 20].mean() / now.angle),
    }


ROTATION = Experiment(
    file=RESULTS / "rotation.json",
    claim=_(
        "Weights of three lengths reach one length and one angle a step, those of theory within two percent; twice the "
        "step size with half the decay leaves the angle. When the step size falls to a twentieth along a cosine, the "
        "weights stay longer than their equilibrium, and turn less than it."
    ),
    control=_("Without decay the weights end longer, and turn less than half as far a step."),
    settings={
        "weights": WEIGHTS,
        "step_size": ALPHA,
        "penalty": LAM,
        "lengths": list(STARTS),
        "steps": SETTLE,
    },
    measures={
        "norm": _("length at the end"),
        "norm_spread": _("how far the three lengths are apart, as a share"),
        "norm_theory": _("length in theory"),
        "angle": _("angle a step, in radians"),
        "angle_theory": _("angle in theory"),
        "norm_changed": _("length, twice the step size and half the decay"),
        "angle_changed": _("angle, twice the step size and half the decay"),
        "norm_free": _("length without decay"),
        "angle_free": _("angle without decay"),
        "norm_late": _("length over that of equilibrium, late in the schedule"),
        "angle_late": _("angle over that of equilibrium, late in the schedule"),
    },
    run=_measured,
    holds="norm_spread < 0.02 and abs(norm / norm_theory - 1) < 0.02 and abs(angle / angle_theory - 1) < 0.02 "
    "and abs(angle_changed / angle - 1) < 0.02 and abs(norm_changed / norm - 1.414) < 0.03 "
    "and norm_free > norm and angle_free < 0.5 * angle and norm_late > 1.2 and angle_late < 0.8",
)
