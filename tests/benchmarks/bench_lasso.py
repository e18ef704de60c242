"""The exact lasso path against scikit-learn's lars_path."""

from __future__ import annotations

import numpy as np
import sklearn
from sklearn.linear_model import lars_path

import wdmath

from .paired import Row, cpu_ratio


def run() -> list[Row]:
    rows = []
    for n, p, repeats in ((3000, 300, 1), (10, 300, 50)):
        rng = np.random.default_rng(n)
        X = rng.standard_normal((n, p))
        y = X @ (rng.standard_normal(p) * (rng.random(p) < 0.2)) + rng.standard_normal(n)

        def ours(X=X, y=y):
            return wdmath.lasso_path(X, y, scale="half_mean")

        def theirs(X=X, y=y):
            return lars_path(X, y, method="lasso")

        alphas, _, coefficients = theirs()
        assert np.allclose(ours().at(alphas[:-1]), coefficients.T[:-1], atol=1e-9)
        rows.append(
            Row(
                f"lasso path, n = {n}, p = {p}",
                cpu_ratio(ours, theirs, repeats=(repeats, repeats)),
                1.0,
                f"lars_path (scikit-learn {sklearn.__version__})",
            )
        )
    return rows
