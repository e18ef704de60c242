"""Standard errors against statsmodels, the formula, and simulation."""

from pathlib import Path

import numpy as np
import pytest
from statsmodels import api

import wdmath


def data(n, p, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) @ (np.eye(p) + 0.3 * rng.standard_normal((p, p)))
    return X, X @ rng.standard_normal(p) + rng.standard_normal(n)


def by_formula(X, lam, *, penalty=None, weights=None, constant=False):
    """Square roots of the diagonal of M X^T W X M, with scale "half_sum"."""
    n, p = X.shape
    P = np.eye(p) if penalty is None else penalty
    W = np.eye(n) if weights is None else np.diag(weights)
    if constant:
        X, P = np.column_stack([X, np.ones(n)]), np.pad(P, (0, 1))
    M = np.linalg.inv(X.T @ W @ X + lam * P)
    return np.sqrt(np.diagonal(M @ X.T @ W @ X @ M))


@pytest.mark.parametrize("shape", [(30, 4), (10, 25)])
@pytest.mark.parametrize("constant", [False, True])
def test_formula(shape, constant):
    X, y = data(*shape)
    rng = np.random.default_rng(1)
    weights, root = rng.uniform(0.5, 2.0, len(y)), rng.standard_normal((shape[1], shape[1]))
    options = {"scale": "half_sum", "intercept": constant, "sample_weight": weights, "variance": 4.0}
    for penalty, given in (
        (None, {}),
        (np.diag(np.arange(1.0, 1 + shape[1])), {"penalty_weights": np.arange(1.0, 1 + shape[1])}),
        (root.T @ root, {"tikhonov": root}),
    ):
        found = wdmath.standard_errors(X, y, [0.3, 5.0], **options, **given)
        for k, lam in enumerate((0.3, 5.0)):
            expected = 2 * by_formula(X, lam, penalty=penalty, weights=weights, constant=constant)
            np.testing.assert_allclose(found.coefficients[k], expected[: shape[1]], rtol=1e-9)
            if constant:
                np.testing.assert_allclose(found.intercept[k], expected[-1], rtol=1e-9)


def test_without_a_penalty_statsmodels_says_the_same():
    X, y = data(30, 4)
    fit = api.OLS(y, api.add_constant(X)).fit()
    found = wdmath.standard_errors(X, y, 0.0, scale="sum", intercept=True)
    np.testing.assert_allclose([found.intercept, *found.coefficients], fit.bse, rtol=1e-12)
    assert found.variance == pytest.approx(fit.mse_resid, rel=1e-12)
    assert found.coefficients.shape == (4,)


def test_longley():
    """NIST's certified standard deviations of the least-squares estimates."""
    longley = np.loadtxt(Path(__file__).with_name("reference") / "longley.csv", delimiter=",", skiprows=1)
    found = wdmath.standard_errors(longley[:, 1:], longley[:, 0], 0.0, scale="sum", intercept=True)
    certified = [84.9149257747669, 0.334910077722432e-1, 0.488399681651699, 0.214274163161675]
    certified += [0.226073200069370, 455.478499142212]
    np.testing.assert_allclose(found.coefficients, certified, rtol=1e-10)
    assert found.intercept == pytest.approx(890420.383607373, rel=1e-10)
    assert found.variance**0.5 == pytest.approx(304.854073561965, rel=1e-11)


def test_estimates_scatter_so_much():
    X, _ = data(40, 3)
    rng = np.random.default_rng(2)
    Y = (X @ [1.0, 2.0, 3.0])[:, None] + 0.5 * rng.standard_normal((40, 20_000))
    path = wdmath.ridge_path(X, Y, 30.0, scale="sum", intercept=True)
    found = wdmath.standard_errors(X, Y[:, 0], 30.0, scale="sum", intercept=True, variance=0.25)
    np.testing.assert_allclose(found.coefficients, path.coefficients.std(axis=1), rtol=0.02)
    np.testing.assert_allclose(found.intercept, path.intercept.std(), rtol=0.02)


def test_units_of_columns():
    X, y = data(30, 4)
    d = np.array([1e-100, 1.0, 1e100, 1e-9])
    found = wdmath.standard_errors(X, y, [0.0, 1.0], scale="sum", intercept=True)
    scaled = wdmath.standard_errors(X * d, y, [0.0, 1.0], scale="sum", intercept=True, penalty_weights=d**2)
    np.testing.assert_allclose(scaled.coefficients * d, found.coefficients, rtol=1e-12)


def test_a_constant_column_has_no_estimate_and_no_error():
    X, y = data(30, 3)
    X[:, 1] = 1e6 + 0.1
    found = wdmath.standard_errors(X, y, 1.0, scale="sum", intercept=True)
    rest = wdmath.standard_errors(X[:, [0, 2]], y, 1.0, scale="sum", intercept=True)
    assert found.coefficients[1] == 0
    np.testing.assert_allclose(found.coefficients[[0, 2]], rest.coefficients, rtol=1e-10)


def test_errors():
    X, y = data(5, 8)
    with pytest.raises(ValueError, match=r"variance must be given .* got none for lam = 0.0"):
        wdmath.standard_errors(X, y, [1.0, 0.0], scale="sum")
    assert wdmath.standard_errors(X, y, [1.0, 0.0], scale="sum", variance=1.0).coefficients.shape == (2, 8)
