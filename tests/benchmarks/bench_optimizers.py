"""AdamW over many penalties at once, against torch.optim.AdamW one by one (where torch is installed)."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec

import numpy as np

import wdmath
from tests.benchmarks.timing import Row, compare

LAMS = np.geomspace(1e-3, 1e2, 200)
STEPS = 20


def run() -> list[Row]:
    """A plane and 50 dimensions; the torch loop is timed over a tenth of the penalties."""
    if find_spec("torch") is None:
        return []
    rows = []
    for p, bound in ((2, 200), (50, 60)):
        rng = np.random.default_rng(p)
        root = rng.standard_normal((2 * p, p))
        risk = wdmath.QuadraticRisk(root.T @ root, rng.standard_normal(p))
        ours = partial(wdmath.adamw_path, risk, np.zeros(p), 0.01, [STEPS], LAMS)
        theirs = partial(by_torch, risk, LAMS[::10])
        assert np.allclose(ours()[::10, 0], theirs(), rtol=1e-9)
        rows += compare(
            f"AdamW over 200 lam, {STEPS} steps, p = {p}",
            ours,
            {"torch one by one": (theirs, bound, 0.1)},
            rounds=3,
        )
    return rows


def by_torch(risk: wdmath.QuadraticRisk, lams: np.ndarray) -> np.ndarray:
    """The end points, with PyTorch's own gradients."""
    import torch

    torch.set_num_threads(1)
    hessian, minimizer = torch.tensor(risk.hessian.copy()), torch.tensor(risk.minimizer.copy())
    ends = []
    for lam in lams.tolist():
        theta = torch.zeros(risk.dimension, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.AdamW([theta], lr=0.01, weight_decay=lam)
        for _ in range(STEPS):
            optimizer.zero_grad()
            away = theta - minimizer
            (0.5 * away @ hessian @ away).backward()
            optimizer.step()
        ends.append(theta.detach().numpy())
    return np.array(ends)
