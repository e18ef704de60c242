"""Problems from the whole range that a lecture may be about, drawn at random from a seed."""

from __future__ import annotations

import numpy as np

from scenes.problem import Problem
from wdmath import QuadraticRisk

__all__ = ["random_problem"]


def random_problem(seed: int) -> Problem:
    """Any quadrant or axis, magnitudes 1e-3 to 1e3, condition 1 to 1e4 or rank 1, penalties 0 to 1000 sigma."""
    rng = np.random.default_rng(seed)
    steep, length = 10 ** rng.uniform(-3, 3, 2)
    flat = steep / 10 ** rng.uniform(0, 4)
    kind = rng.choice(["general", "general", "general", "general", "singular", "round", "upright", "zero"])
    turn, angle = rng.uniform(0, 2 * np.pi, 2)
    if rng.random() < 0.25:
        angle = rng.integers(4) * np.pi / 2  # on an axis
    if kind == "singular":
        flat = 0.0
    elif kind == "round":
        flat = steep
    elif kind == "upright":
        turn = 0.0
    elif kind == "zero":
        length = 0.0
    Q = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    hessian = steep * np.eye(2) if kind == "round" else (Q * [steep, flat]) @ Q.T
    minimizer = length * np.array([np.cos(angle), np.sin(angle)])
    minimizer[np.abs(minimizer) <= 1e-12 * length] = 0.0
    lam = {0: None, 1: 0.0, 2: 1000 * steep}.get(int(rng.integers(8)), steep * 10 ** rng.uniform(-4, 3))
    risk = QuadraticRisk((hessian + hessian.T) / 2, minimizer)
    return Problem.from_risk(risk, name=f"{kind}, seed {seed}", lam=lam)
