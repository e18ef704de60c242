"""Optimizers over many penalties at once and over many parameters, against torch.optim at its best settings.

Torch runs one penalty after the other, or all of them as parameter groups; for each task with the fastest of its three
implementations (fused, foreach, plain), on the same gradients, written in torch. What is below 1 is slower than torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

import wdmath
from tests.benchmarks.timing import Row, compare, seconds

# Parameters, penalties, steps.
GRID = (
    (2, 1, 300),
    (2, 200, 20),
    (50, 1, 300),
    (50, 200, 20),
    (1000, 1, 200),
    (1000, 20, 50),
    (10_000, 1, 100),
    (100_000, 1, 30),
    (1_000_000, 1, 10),
)
IMPLEMENTATIONS: tuple[dict[str, bool], ...] = ({"fused": True}, {"foreach": True}, {"foreach": False})


def run() -> Iterator[Row]:
    """SGD with momentum, Adam and AdamW on the grid."""
    if find_spec("torch") is None:
        return
    import torch

    torch.set_num_threads(1)
    rules: dict[str, tuple[Any, Any, dict[str, Any]]] = {
        "SGD": (wdmath.sgd_path, torch.optim.SGD, {"momentum": 0.9}),
        "Adam": (wdmath.adam_path, torch.optim.Adam, {}),
        "AdamW": (wdmath.adamw_path, torch.optim.AdamW, {}),
    }
    for p, penalties, steps in GRID:
        rng = np.random.default_rng(p)
        curvature, minimizer = rng.uniform(0.1, 1.0, p), rng.standard_normal(p)
        lams = np.geomspace(1e-3, 1.0, penalties)

        def gradient(theta: np.ndarray, c: np.ndarray = curvature, m: np.ndarray = minimizer) -> np.ndarray:
            return c * (theta - m)

        for name, (path, kind, options) in rules.items():
            ours = partial(path, gradient, np.zeros(p), 0.01, [steps], lams, **options)
            theirs = {
                f"{how}, {next(iter(setting))}={next(iter(setting.values()))}": partial(
                    function, kind, options | setting, curvature, minimizer, lams, steps
                )
                for how, function in (("one by one", one_by_one), ("groups", as_groups))[
                    : 1 + (penalties > 1)
                ]
                for setting in IMPLEMENTATIONS
            }
            for call in theirs.values():
                assert np.allclose(ours()[:, 0], call(), rtol=1e-9, atol=1e-12)
            best = min(theirs, key=lambda which: min(seconds(theirs[which], 1) for _ in range(3)))
            task = f"p = {p}: {name}, {penalties} lam x {steps} steps"
            yield from compare(task, ours, {f"torch {best}": (theirs[best], 1.0)}, rounds=5)


def one_by_one(kind: Callable[..., Any], options: Any, c: Any, m: Any, lams: Any, steps: int) -> np.ndarray:
    """The end points, one optimizer for each penalty."""
    return np.concatenate([as_groups(kind, options, c, m, lams[i : i + 1], steps) for i in range(len(lams))])


def as_groups(kind: Callable[..., Any], options: Any, c: Any, m: Any, lams: Any, steps: int) -> np.ndarray:
    """The end points, one optimizer for all, with a parameter group for each penalty."""
    import torch

    curvature, minimizer = torch.from_numpy(c), torch.from_numpy(m)
    # The rows are parameters of their own, their gradients rows of one array.
    theta = torch.zeros((len(lams), len(c)), dtype=torch.float64)
    slopes = torch.zeros_like(theta)
    rows = [row.requires_grad_() for row in theta.unbind()]
    for row, slope in zip(rows, slopes.unbind(), strict=True):
        row.grad = slope
    groups = [{"params": [row], "weight_decay": lam} for row, lam in zip(rows, lams.tolist(), strict=True)]
    optimizer = kind(groups, lr=0.01, **options)
    for _ in range(steps):
        with torch.no_grad():
            torch.sub(theta, minimizer, out=slopes).mul_(curvature)
        optimizer.step()
    return theta.detach().numpy()
