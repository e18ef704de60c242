"""Updates of bounded size with decoupled decay: Lion's weights stay in a box, Muon's matrices in a ball."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import lsq_linear

import wdmath
from lecture.experiments import Experiment
from lecture.words import _

from . import RESULTS

__all__ = ["BOX", "LAM", "LAMS", "MATRIX", "MUON_LAM", "START", "Box", "Matrices", "box", "matrices"]

STEP_SIZE, STEPS = 0.004, 6000
#: Of the film: the penalty at which the minimizer lies inside the walls, and those of the sweep.
LAM = 0.5
LAMS = np.concatenate([np.linspace(0.5, 1.2, 57), np.geomspace(1.2, 3.0, 24)[1:]])
START = (-0.7, 1.8)
MUON_LAM = 1.0
MUON_STEPS = 600


def correlated(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """200 rows, two features of variance 1 with correlation 0.6, weights (1.6, 0.8), noise of variance 1."""
    rng = np.random.default_rng(seed)
    X = rng.multivariate_normal([0.0, 0.0], [[1.0, 0.6], [0.6, 1.0]], size=200)
    return X, X @ [1.6, 0.8] + rng.normal(size=200)


@dataclass(frozen=True)
class Box:
    """Lion on a least-squares risk, by all rows and by one row a step, and gradient descent beside it.

    Attributes
    ----------
    risk : QuadraticRisk
        Mean of half squares.
    lion : ndarray of shape (6001, 2)
        Iterates at LAM, all rows a step.
    descent : ndarray of shape (6001, 2)
        Those of gradient descent with the same penalty, step size and start.
    rests, noisy, nearest : ndarray of shape (80, 2)
        For each of LAMS: where Lion rests by all rows and by one row a step (mean of the last third of the steps), and
        the point of least risk within |theta_j| <= 1 / lam.
    largest : ndarray of shape (80,)
        The largest ratio of a weight of the noisy iterates to its wall. The wall stands at 1 / lam; for a weight that
        starts outside, the excess decays by 1 - alpha lam in every step.
    """

    risk: wdmath.QuadraticRisk
    lion: np.ndarray
    descent: np.ndarray
    rests: np.ndarray
    noisy: np.ndarray
    nearest: np.ndarray
    largest: np.ndarray


@cache
def box(seed: int = 0) -> Box:
    X, y = correlated(seed)
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_mean")
    rows = wdmath.MinibatchGradient(X, y, 1, scale="half_mean")
    whole, single = (wdmath.lion_path(g, START, STEP_SIZE, STEPS, LAMS) for g in (risk, rows))
    return Box(
        risk,
        whole[0],
        wdmath.sgd_path(risk, START, STEP_SIZE, STEPS, LAM),
        whole[:, -STEPS // 3 :].mean(axis=1),
        single[:, -STEPS // 3 :].mean(axis=1),
        np.array([lsq_linear(X, y, (-1 / lam, 1 / lam)).x for lam in LAMS]),
        (np.abs(single) / _walls()).max(axis=(1, 2)),
    )


def _walls() -> np.ndarray:
    """For each of LAMS, step and weight."""
    wall = 1 / LAMS[:, None, None]
    shrinkage = (1 - STEP_SIZE * LAMS[:, None]) ** np.arange(STEPS + 1)
    return wall + np.maximum(np.abs(START) - wall, 0) * shrinkage[:, :, None]


def _box(seed: int) -> dict[str, float]:
    found = box(seed)
    minimizer = found.risk.minimizer
    return {
        "lion": float(np.linalg.norm(found.rests[0] - minimizer)),
        "descent": float(np.linalg.norm(found.descent[-1] - minimizer)),
        "nearest": float(np.linalg.norm(found.rests - found.nearest, axis=1).max()),
        "noisy": float(np.linalg.norm(found.noisy[0]) / np.linalg.norm(minimizer)),
        "largest": float(found.largest.max()),
    }


BOX = Experiment(
    file=RESULTS / "bounded_box.json",
    claim=_(
        "With all rows a step, Lion with decoupled decay rests at the point of least risk within the walls at one over "
        "the penalty: at the minimizer, where that is inside. Gradients of single rows shrink its weights inside the "
        "walls, too, and take them past none."
    ),
    control=_(
        "Gradient descent with an L2 penalty has the same data, start, step size, number of steps and penalty."
    ),
    settings={
        "rows": 200,
        "correlation": 0.6,
        "step_size": STEP_SIZE,
        "steps": STEPS,
        "penalty": LAM,
        "penalties": [float(LAMS[0]), float(LAMS[-1])],
    },
    measures={
        "lion": _("distance of Lion's rest from the minimizer inside the walls"),
        "descent": _("distance of gradient descent from it, same penalty"),
        "nearest": _("largest distance of Lion's rest from the point of least risk within the walls"),
        "noisy": _("share of the length that Lion keeps inside the walls, one row a step"),
        "largest": _("largest weight over where the wall is, one row a step"),
    },
    run=_box,
    holds="lion < 0.02 and descent > 0.2 and nearest < 0.02 and noisy < 0.99 and largest < 1 + 1e-9",
)


@dataclass(frozen=True)
class Matrices:
    """Muon on a matrix of two by two weights, without and with decay.

    Attributes
    ----------
    free, bound : ndarray of shape (601, 2, 2)
        Iterates without decay, and at MUON_LAM; y = x W for rows x.
    descent : ndarray of shape (2, 2)
        The ridge minimizer at MUON_LAM.
    """

    free: np.ndarray
    bound: np.ndarray
    descent: np.ndarray

    @staticmethod
    def half_axes(W: np.ndarray) -> np.ndarray:
        """Singular values, the larger one first."""
        return np.linalg.svd(W, compute_uv=False)


@cache
def matrices(seed: int = 0) -> Matrices:
    """200 rows of two features; the true matrix has singular values 1.8 and 0.6; noise of deviation 0.3."""
    rng = np.random.default_rng(seed)
    one, other = (np.linalg.qr(rng.normal(size=(2, 2)))[0] for _side in range(2))
    X = rng.normal(size=(200, 2))
    Y = X @ (one * [1.8, 0.6]) @ other + rng.normal(0, 0.3, (200, 2))
    # The risk in the entries of W, row by row.
    risk = wdmath.QuadraticRisk(np.kron(X.T @ X / 200, np.eye(2)), np.linalg.lstsq(X, Y)[0].ravel())
    paths = wdmath.muon_path(risk, np.zeros(4), 0.01, MUON_STEPS, [0.0, MUON_LAM], shape=(2, 2))
    free, bound = paths.reshape(2, MUON_STEPS + 1, 2, 2)
    return Matrices(free, bound, wdmath.ridge_minimizer(risk, MUON_LAM).reshape(2, 2))


def _matrix(seed: int) -> dict[str, float]:
    found = matrices(seed)
    free, bound = (found.half_axes(path[-100:]).mean(axis=0) for path in (found.free, found.bound))
    ridge = found.half_axes(found.descent)
    return {
        "free_1": float(free[0]),
        "free_2": float(free[1]),
        "bound_1": float(bound[0]),
        "bound_2": float(bound[1]),
        "largest": float(found.half_axes(found.bound).max() * MUON_LAM),
        "ridge_1": float(ridge[0]),
        "ridge_2": float(ridge[1]),
    }


MATRIX = Experiment(
    file=RESULTS / "bounded_matrix.json",
    claim=_(
        "With Muon and decoupled decay no singular value of the weights passes one over the penalty; a smaller one "
        "stays as long as without decay, while ridge shrinks both."
    ),
    control=_("Muon without decay and ridge have the same data."),
    settings={"rows": 200, "singular_values": [1.8, 0.6], "steps": MUON_STEPS, "penalty": MUON_LAM},
    measures={
        "free_1": _("larger singular value without decay"),
        "free_2": _("smaller singular value without decay"),
        "bound_1": _("larger singular value with decay"),
        "bound_2": _("smaller singular value with decay"),
        "largest": _("largest singular value of all steps over where the wall is"),
        "ridge_1": _("larger singular value, ridge"),
        "ridge_2": _("smaller singular value, ridge"),
    },
    run=_matrix,
    holds="largest < 1.000001 and free_1 > 1.5 and abs(bound_2 - free_2) < 0.05 and ridge_2 < 0.7 * free_2",
)
