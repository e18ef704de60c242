"""Closed forms against the NumPy loop that they replace."""

from __future__ import annotations

import numpy as np

import wdmath
from tests.benchmarks.timing import Row, compare, within


def loop(risk, start, step_size, steps, lam, keep=None):
    """Gradient descent as one would write it, keeping all points or those asked for."""
    theta = np.array(start, dtype=float)
    wanted = set(range(steps + 1)) if keep is None else set(keep.tolist())
    points = [theta] if 0 in wanted else []
    for k in range(1, steps + 1):
        theta = theta - step_size * (risk.hessian @ (theta - risk.minimizer) + lam * theta)
        if k in wanted:
            points.append(theta)
    return np.array(points)


def run() -> list[Row]:
    """The plane of the lecture, and a large risk."""
    return plane() + large()


def plane() -> list[Row]:
    """What a slider or a frame needs."""
    risk = wdmath.QuadraticRisk.from_least_squares(*wdmath.load_i2ml(), scale="sum")
    start, lams = np.zeros(2), np.linspace(0.0, 100.0, 200)

    def one() -> np.ndarray:
        return wdmath.gradient_descent(risk, start, 0.005, 100, 10.0)

    def one_by_loop() -> np.ndarray:
        return loop(risk, start, 0.005, 100, 10.0)

    def scan() -> np.ndarray:
        return wdmath.gradient_descent(risk, start, 0.005, 100, lams)

    assert np.allclose(one(), one_by_loop(), rtol=1e-12)
    assert np.allclose(scan()[-1], loop(risk, start, 0.005, 100, 100.0), rtol=1e-12)
    return [
        *compare("p = 2: trajectory of 100 steps", one, {"NumPy loop": (one_by_loop, 12)}),
        within("p = 2: 200 lam x 100 steps", scan, 200e-6),
    ]


def large() -> list[Row]:
    """1e5 steps in 500 dimensions, of which the loop is timed over a twentieth."""
    rng = np.random.default_rng(0)
    root = rng.standard_normal((1000, 500))
    risk = wdmath.QuadraticRisk(root.T @ root / 1000, rng.standard_normal(500))
    start, step_size = np.zeros(500), 1.0 / risk.eigenvalues[0]
    snapshots = np.linspace(0, 100_000, 1000).astype(int)

    def many() -> np.ndarray:
        return wdmath.gradient_descent(risk, start, step_size, snapshots, 1e-4)

    def part_by_loop() -> np.ndarray:
        return loop(risk, start, step_size, 5000, 1e-4, snapshots)

    assert np.allclose(many()[:50], part_by_loop()[:50], atol=1e-11)
    return compare(
        "p = 500: 1e5 steps, 1000 snapshots", many, {"NumPy loop": (part_by_loop, 30, 0.05)}, rounds=3
    )
