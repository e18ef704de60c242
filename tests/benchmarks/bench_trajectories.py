"""Closed forms against the NumPy loop that they replace."""

from __future__ import annotations

import numpy as np

import wdmath

from .paired import Row, cpu_ratio, cpu_seconds

NUMPY = f"NumPy loop ({np.__version__})"


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
    plane = wdmath.QuadraticRisk.from_least_squares(*wdmath.load_i2ml(), scale="sum")
    start = np.zeros(2)
    lams = np.linspace(0.0, 100.0, 200)

    def one():
        return wdmath.gradient_descent(plane, start, 0.005, 100, 10.0)

    def scan():
        return wdmath.gradient_descent(plane, start, 0.005, 100, lams)

    assert np.allclose(one(), loop(plane, start, 0.005, 100, 10.0), rtol=1e-12)
    assert np.allclose(scan()[-1], loop(plane, start, 0.005, 100, 100.0), rtol=1e-12)
    scan_seconds = min(cpu_seconds(scan, 50) for _ in range(40))

    rng = np.random.default_rng(0)
    root = rng.standard_normal((1000, 500))
    large = wdmath.QuadraticRisk(root.T @ root / 1000, rng.standard_normal(500))
    step_size = 1.0 / large.eigenvalues[0]
    snapshots = np.linspace(0, 100_000, 1000).astype(int)

    def many():
        return wdmath.gradient_descent(large, np.zeros(500), step_size, snapshots, 1e-4)

    def many_by_loop():
        return loop(large, np.zeros(500), step_size, 100_000, 1e-4, snapshots)

    return [
        Row(
            "p = 2: trajectory of 100 steps",
            cpu_ratio(one, lambda: loop(plane, start, 0.005, 100, 10.0), pairs=15, repeats=(200, 20)),
            12,
            NUMPY,
        ),
        Row("p = 2: 200 lam x 100 steps, microseconds", scan_seconds * 1e6, 200, "", "at most"),
        Row(
            "p = 500: 1e5 steps, 1000 snapshots",
            cpu_ratio(many, many_by_loop, pairs=1, repeats=(5, 1)),
            30,
            NUMPY,
        ),
    ]
