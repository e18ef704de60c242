"""The user's own risk in the plane that is drawn is the one that was fitted, and the quadratic one meets it there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from lecture.edition import load_edition
from scenes import LECTURE
from scenes.problem import Problem
from wdmath import QuadraticRisk

RNG = np.random.default_rng(11)
X = RNG.normal(size=(80, 5)) @ RNG.normal(size=(5, 5)) + [0, 3, -2, 100, 0]
SCORES = (X - X.mean(axis=0)) @ [0.5, -0.3, 0.2, 0.4, 0.0] + 0.5
KINDS = {
    "logistic": np.where(RNG.random(80) < 1 / (1 + np.exp(-SCORES)), "yes", "no"),
    "softmax": np.array(list("abc"))[np.digitize(SCORES + RNG.logistic(size=80), [-1, 1.5])],
    "poisson": RNG.poisson(np.exp(SCORES / 4)).astype(str),
    "separable": np.where(SCORES > 0.3, "yes", "no"),
}


def problem_of(folder: Path, kind: str, features: int, more: str = "") -> Problem:
    lines = ["a,b,c,d,e,y"]
    lines += [",".join([*map(repr, row.tolist()), y]) for row, y in zip(X, KINDS[kind], strict=True)]
    (folder / "d.csv").write_text("\n".join(lines), encoding="utf-8")
    model = "logistic" if kind == "separable" else kind
    path = folder / "lecture.toml"
    names = ", ".join(f'"{name}"' for name in "abcde"[:features])
    path.write_text(
        f'[problem]\ndata="d.csv"\nfeatures=[{names}]\ntarget="y"\nmodel="{model}"\n{more}', encoding="utf-8"
    )
    return load_edition(path, LECTURE).problem


PROBLEMS = [
    ("logistic", 2, ""),
    ("logistic", 2, "intercept = false"),
    ("logistic", 5, ""),
    ("logistic", 5, "standardize = true"),
    ("logistic", 5, 'plane = ["b", "d"]'),
    ("softmax", 2, ""),
    ("softmax", 5, 'scale = "mean"'),
    ("poisson", 2, ""),
    ("poisson", 5, "plane = [2, 3]"),
    ("separable", 5, "lam = 0.5"),
    ("separable", 5, 'lam = 0.5\nplane = ["a", "b"]'),
]


@pytest.mark.parametrize(("kind", "features", "more"), PROBLEMS)
def test_the_quadratic_risk_is_its_taylor_model(tmp_path: Path, kind: str, features: int, more: str) -> None:
    problem = problem_of(tmp_path, kind, features, more)
    loss = problem.plane_loss
    assert loss is not None
    assert problem.is_separable == (kind == "separable")
    model = QuadraticRisk.from_taylor(loss, loss.center)
    size = np.abs(problem.risk.minimizer).max()
    assert model.minimizer == pytest.approx(problem.risk.minimizer, rel=1e-6, abs=1e-6 * size)
    assert model.hessian == pytest.approx(
        problem.risk.hessian, rel=1e-6, abs=1e-9 * problem.risk.eigenvalues[0]
    )
    # Its derivatives are those of its value.
    at, h = loss.center + 0.3 * size, 1e-4 * size
    steps = h * np.eye(2)
    slopes = (loss.value(at + steps) - loss.value(at - steps)) / (2 * h)
    assert loss.gradient(at) == pytest.approx(slopes, rel=1e-5, abs=1e-6 * np.abs(slopes).max())
    curves = (loss.gradient(at + steps) - loss.gradient(at - steps)) / (2 * h)
    assert loss.hessian(at) == pytest.approx(curves, rel=1e-5, abs=1e-6 * np.abs(curves).max())


def test_its_value_is_the_least_over_the_intercept(tmp_path: Path) -> None:
    loss = problem_of(tmp_path, "logistic", 2).plane_loss
    signs = np.where(KINDS["logistic"] == "yes", 1, -1)
    grid = loss.center + np.stack(np.meshgrid([-0.5, 0.0, 1.0], [0.0, 0.7]), axis=-1)
    assert loss.value(grid).shape == (2, 3)
    for index in np.ndindex(2, 3):
        scores = X[:, :2] @ grid[index]
        least = minimize_scalar(
            lambda b, scores=scores: np.logaddexp(0, -signs * (scores + b)).sum(), tol=1e-12
        )
        assert loss.value(grid)[index] == pytest.approx(least.fun, rel=1e-9)


def test_a_separable_slice_is_the_truth_at_its_penalty(tmp_path: Path) -> None:
    fitted = LogisticRegression(C=1 / 0.5, tol=1e-10, max_iter=10_000).fit(X, KINDS["separable"])
    problem = problem_of(tmp_path, "separable", 5, 'lam = 0.5\nplane = ["a", "b"]')
    assert problem.ridge == pytest.approx(fitted.coef_[0][:2], rel=1e-5)
    whole = problem_of(tmp_path, "separable", 5, "lam = 0.5")
    assert whole.whole_ridge == pytest.approx(fitted.coef_[0], rel=1e-5)
    assert whole.plane_loss.center == pytest.approx(whole.ridge, rel=1e-6)


def test_least_squares_has_none() -> None:
    assert Problem.i2ml().plane_loss is None


def test_a_loss_by_code_may_know_one_point_at_a_time() -> None:
    def value(t: np.ndarray) -> float:
        assert t.shape == (3,)
        return float(np.cosh(t - 1).sum())

    cosh = (value, lambda t: np.sinh(t - 1), lambda t: np.diag(np.cosh(t - 1)))
    problem = Problem.from_loss(cosh, [1.0, 1.0, 1.0], plane=(1, 2))
    loss = problem.plane_loss
    points = np.array([[[0.0, 0.0], [1.0, 2.0]], [[3.0, 1.0], [-1.0, 0.5]]])
    whole = problem.expanded_at + (points - loss.center) @ problem.basis.T
    assert loss.value(points) == pytest.approx(np.cosh(whole - 1).sum(axis=-1))
