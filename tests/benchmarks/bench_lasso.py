"""The exact lasso path against scikit-learn's lars_path."""

from __future__ import annotations

from functools import partial

import numpy as np
from sklearn.linear_model import lars_path

import wdmath
from tests.benchmarks.timing import Row, compare


def run() -> list[Row]:
    """Tall and wide data."""
    rows = []
    for n, p in ((3000, 300), (10, 300)):
        rng = np.random.default_rng(n)
        X = rng.standard_normal((n, p))
        y = X @ (rng.standard_normal(p) * (rng.random(p) < 0.2)) + rng.standard_normal(n)
        ours = partial(wdmath.lasso_path, X, y, scale="half_mean")
        theirs = partial(lars_path, X, y, method="lasso")
        alphas, _, coefficients = theirs()
        assert np.allclose(ours().at(alphas[:-1]), coefficients.T[:-1], atol=1e-9)
        rows += compare(f"lasso path, n = {n}, p = {p}", ours, {"lars_path": (theirs, 1)})
    return rows
