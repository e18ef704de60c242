"""Closed forms against the NumPy loops that they replace, and against NumPy's own powers, over a grid of shapes.

The grid goes from one parameter to a thousand, from ten steps to a thousand, from one run to thousands; what is below 1
is slower than the peer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import wdmath
from tests.benchmarks.timing import Row, compare, over_floor

# Parameters, runs, steps.
GRID = (
    (1, 1, 10),
    (2, 1, 10),
    (2, 1, 100),
    (2, 1, 1000),
    (2, 20, 1000),
    (2, 200, 100),
    (2, 5000, 20),
    (10, 1, 100),
    (10, 100, 100),
    (100, 1, 100),
    (100, 50, 50),
    (500, 1, 1000),
    (1000, 1, 10),
    (1000, 20, 50),
)
METHODS = {"descent": 0.0, "heavy ball": 0.8, "Nesterov": 0.8}


def run() -> list[Row]:
    """The plane of the lecture, the grid, and snapshots of long runs."""
    return [*plane(), *grid(), *snapshots()]


def loop(
    risk: wdmath.QuadraticRisk,
    start,
    step_size: float,
    steps: int,
    lams,
    beta: float = 0.0,
    nesterov: bool = False,
) -> np.ndarray:
    """All runs at once, as one would write it, keeping all points; of shape (runs, steps + 1, p)."""
    H, pull, lams = risk.hessian, risk.hessian @ risk.minimizer, lams[:, None]
    theta = np.tile(start, (len(lams), 1))
    velocity, points = np.zeros_like(theta), np.empty((steps + 1, *theta.shape))
    points[0] = theta
    for k in range(1, steps + 1):
        g = theta @ H - pull + lams * theta
        if beta:
            velocity = beta * velocity + g
            g = g + beta * velocity if nesterov else velocity
        theta = theta - step_size * g
        points[k] = theta
    return points.transpose(1, 0, 2)


def powers(risk: wdmath.QuadraticRisk, start, step_size: float, steps: int, lams) -> np.ndarray:
    """The closed form of descent, as one would write it."""
    sigma, Q, lams = risk.eigenvalues, risk.eigenvectors, lams[:, None]
    rest = sigma * (risk.minimizer @ Q) / (sigma + lams)
    factor = 1 - step_size * (sigma + lams)
    k = np.arange(steps + 1)
    return (rest[:, None] + factor[:, None] ** k[:, None] * (start @ Q - rest)[:, None]) @ Q.T


def plane() -> list[Row]:
    """What a slider or a frame needs, against what NumPy needs at least for these arrays."""
    risk = wdmath.QuadraticRisk.from_least_squares(*wdmath.load_i2ml(), scale="sum")
    start, lams = np.zeros(2), np.linspace(0.0, 100.0, 200)
    sigma, Q, k = risk.eigenvalues[:, None], risk.eigenvectors, np.arange(101.0)

    def least_of_one() -> np.ndarray:
        """The formula alone, with nothing known to be checked."""
        rate = 0.005 * (sigma + 10.0)
        return (Q @ (np.expm1(np.log1p(-rate) * k) * rate)).T

    block, power = np.ones((2, 16, 200)), np.full((2, 1, 200), 0.5)

    def least_of_many() -> np.ndarray:
        """Two operations a number in the cache, the rotation, and memory for the result."""
        points, moved = np.empty((2, 101 * 200)), np.empty_like(block)
        for k in range(0, 101, 16):
            more = moved[:, : 101 - k]
            np.multiply(block[:, : more.shape[1]], power, out=more)
            more -= power
            np.matmul(Q, more.reshape(2, -1), out=points[:, k * 200 : (k + 16) * 200])
        return points

    rows = [
        over_floor(
            "p = 2: descent, 100 steps",
            lambda: wdmath.gradient_descent(risk, start, 0.005, 100, 10.0),
            least_of_one,
            20e-6,
        ),
        over_floor(
            "p = 2: descent, 200 lam x 100 steps",
            lambda: wdmath.gradient_descent(risk, start, 0.005, 100, lams),
            least_of_many,
            150e-6,
        ),
    ]
    assert np.allclose(
        wdmath.gradient_descent(risk, start, 0.005, 100, lams), loop(risk, start, 0.005, 100, lams)
    )
    return rows


def problem(p: int) -> wdmath.QuadraticRisk:
    """A random risk."""
    rng = np.random.default_rng(p)
    root = rng.standard_normal((2 * p, p))
    return wdmath.QuadraticRisk(root.T @ root / p, rng.standard_normal(p))


def grid() -> Iterator[Row]:
    """Every method at every shape."""
    for p, runs, steps in GRID:
        risk, start = problem(p), np.zeros(p)
        lams = np.linspace(0.0, 1.0, runs)
        step_size = 0.5 / (risk.eigenvalues[0] + 1.0)
        for name, beta in METHODS.items():

            def ours(
                risk=risk, start=start, step_size=step_size, steps=steps, lams=lams, name=name, beta=beta
            ):
                strength = lams if len(lams) > 1 else 0.0
                if name == "descent":
                    return wdmath.gradient_descent(risk, start, step_size, steps, strength)
                function = wdmath.heavy_ball if name == "heavy ball" else wdmath.nesterov
                return function(risk, start, step_size, beta, steps, strength)

            arguments = risk, start, step_size, steps, lams
            extra = (beta, name == "Nesterov")
            peers = {"NumPy loop": (lambda a=arguments, e=extra: loop(*a, *e), 1.0)}
            if name == "descent":
                peers["NumPy powers"] = (lambda a=arguments: powers(*a), 1.0)
            assert np.allclose(
                ours(), np.squeeze(loop(*arguments, *extra), axis=0 if runs == 1 else ()), atol=1e-9
            )
            yield from compare(f"p = {p}: {name}, {runs} lam x {steps} steps", ours, peers, rounds=5)


def snapshots() -> Iterator[Row]:
    """Some of 1e5 steps, of which the loop takes a twentieth."""
    for p in (2, 500):
        risk, start = problem(p), np.zeros(p)
        step_size, some = 0.5 / risk.eigenvalues[0], np.linspace(0, 100_000, 1000).astype(int)
        for name, beta in METHODS.items():

            def ours(risk=risk, start=start, step_size=step_size, some=some, name=name, beta=beta):
                if name == "descent":
                    return wdmath.gradient_descent(risk, start, step_size, some, 1e-4)
                function = wdmath.heavy_ball if name == "heavy ball" else wdmath.nesterov
                return function(risk, start, step_size, beta, some, 1e-4)

            def part_by_loop(risk=risk, start=start, step_size=step_size, name=name, beta=beta):
                return loop(risk, start, step_size, 5000, np.array([1e-4]), beta, name == "Nesterov")

            assert np.allclose(ours()[:50], part_by_loop()[0, some[:50]], atol=1e-8)
            peers = {"NumPy loop": (part_by_loop, 10, 0.05)}
            yield from compare(f"p = {p}: {name}, 1000 of 1e5 steps", ours, peers, rounds=3)
