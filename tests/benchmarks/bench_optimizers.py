"""AdamW over many penalties at once, against torch.optim.AdamW one by one (where torch is installed)."""

from __future__ import annotations

import numpy as np

import wdmath

from .paired import Row, cpu_ratio

STEPS = 20
BOUNDS = {2: 200, 50: 60}


def run() -> list[Row]:
    try:
        import torch
    except ImportError:
        return []
    torch.set_num_threads(1)
    rows = []
    for p, bound in BOUNDS.items():
        rng = np.random.default_rng(p)
        root = rng.standard_normal((2 * p, p))
        risk = wdmath.QuadraticRisk(root.T @ root, rng.standard_normal(p))
        lams = np.geomspace(1e-3, 1e2, 200)
        hessian, minimizer = torch.tensor(risk.hessian.copy()), torch.tensor(risk.minimizer.copy())

        def ours(risk=risk, p=p, lams=lams):
            return wdmath.adamw_path(risk, np.zeros(p), 0.01, [STEPS], lams)

        def theirs(p=p, lams=lams, hessian=hessian, minimizer=minimizer):
            ends = []
            for lam in lams.tolist():
                theta = torch.zeros(p, dtype=torch.float64, requires_grad=True)
                optimizer = torch.optim.AdamW([theta], lr=0.01, weight_decay=lam)
                for _ in range(STEPS):
                    optimizer.zero_grad()
                    away = theta - minimizer
                    (0.5 * away @ hessian @ away).backward()
                    optimizer.step()
                ends.append(theta.detach().numpy())
            return np.array(ends)

        assert np.allclose(ours()[:, 0], theirs(), rtol=1e-9)
        ratio = cpu_ratio(ours, theirs, pairs=3, repeats=(20, 1))
        rows.append(
            Row(f"AdamW over 200 lam, p = {p}", ratio, bound, f"torch one by one ({torch.__version__})")
        )
    return rows
