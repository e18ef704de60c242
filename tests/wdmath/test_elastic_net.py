"""The elastic net: optimal at every penalty, in any units, and what scikit-learn, ridge and lasso say."""

import numpy as np
import pandas
import pytest
from sklearn.linear_model import ElasticNet

import wdmath


def breach(X, y, theta, b, lam, ratio, *, c, w=None, v=None):
    """The worst violation of the conditions of optimality, relative to the terms of each sum."""
    w = np.ones(len(y)) if w is None else w
    v = np.ones(X.shape[1]) if v is None else v
    residual = w * (y - b - X @ theta)
    slope = -2 * c * X.T @ residual + lam * (1 - ratio) * v * theta
    pull = lam * ratio * v
    off = np.where(theta != 0, np.abs(slope + pull * np.sign(theta)), np.maximum(np.abs(slope) - pull, 0))
    terms = 2 * c * np.abs(X).T @ (w * (np.abs(y) + abs(b) + np.abs(X) @ np.abs(theta)))
    return (off / terms).max()


def data(seed, n, p, correlation=0.0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + correlation * rng.standard_normal((n, 1))
    theta = rng.standard_normal(p) * (rng.random(p) < 0.3)
    return X, X @ theta + rng.standard_normal(n)


@pytest.mark.parametrize("seed", range(60))
def test_solutions_are_optimal_in_any_units(seed):
    rng = np.random.default_rng(seed)
    n, p = rng.integers(1, 60), rng.integers(1, 80)
    X, y = data(seed, n, p, rng.choice([0.0, 3.0]))
    if seed % 3 == 0:
        X *= 10.0 ** rng.uniform(-9, 9, p)
    if seed % 5 == 0 and p > 3:
        X[:, 1] = X[:, 0]
    w = rng.integers(0, 4, n) + 0.0
    w[0] = 1.0
    v = np.abs(X).max(axis=0) ** rng.integers(1, 3) * (rng.random(p) + 0.1)
    v[rng.integers(p)] *= seed % 2
    lam, ratio = 10.0 ** rng.uniform(-12, 3, 6), [0.5, 0.99, 0.01, 1e-8, 1.0, 0.0][seed % 6]
    options = {"intercept": bool(seed % 4 > 1), "sample_weight": w, "penalty_weights": v}
    path = wdmath.elastic_net_path(X, y, lam, l1_ratio=ratio, scale="half_mean", **options)
    for k, theta in enumerate(path.coefficients):
        b = path.intercept[k]
        assert breach(X, y, theta, b, lam[k], ratio, c=0.5 / w.sum(), w=w, v=v) < 1e-12


def test_a_solution_that_is_not_optimal_is_noticed():
    X, y = data(0, 30, 5)
    theta = wdmath.elastic_net_path(X, y, 3.0, l1_ratio=0.5, scale="sum").coefficients
    assert breach(X, y, theta, 0.0, 3.0, 0.5, c=1.0) < 1e-15
    assert breach(X, y, theta * (1 + 1e-9), 0.0, 3.0, 0.5, c=1.0) > 1e-11
    assert breach(X, y, theta, 0.0, 3.0, 0.6, c=1.0) > 1e-4


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("shape", [(40, 6), (30, 50)])
def test_scikit_learn_agrees(ratio, shape):
    X, y = data(1, *shape)
    weights = np.random.default_rng(2).uniform(0.1, 2.0, len(y))
    lams = [1.0, 0.3, 0.05]
    path = wdmath.elastic_net_path(
        X, y, lams, l1_ratio=ratio, scale="half_mean", intercept=True, sample_weight=weights
    )
    for k, lam in enumerate(lams):
        model = ElasticNet(alpha=lam, l1_ratio=ratio, tol=1e-14, max_iter=10**6)
        model.fit(X, y, sample_weight=weights)
        np.testing.assert_allclose(path.coefficients[k], model.coef_, atol=1e-7)
        np.testing.assert_allclose(path.intercept[k], model.intercept_, atol=1e-7)


@pytest.mark.parametrize("shape", [(40, 6), (20, 50)])
def test_its_ends_are_ridge_and_lasso(shape):
    X, y = data(3, *shape)
    options = {"scale": "mean", "intercept": True, "penalty_weights": np.linspace(0.5, 2.0, shape[1])}
    lams = np.array([0.01, 3.0, 0.2])
    ridge = wdmath.ridge_path(X, y, lams, **options)
    found = wdmath.elastic_net_path(X, y, lams, l1_ratio=0.0, **options)
    np.testing.assert_allclose(found.coefficients, ridge.coefficients, rtol=1e-10, atol=1e-12)
    lasso = wdmath.lasso_path(X, y, **options)
    found = wdmath.elastic_net_path(X, y, lams, l1_ratio=1.0, **options)
    np.testing.assert_allclose(found.coefficients, lasso.at(lams), rtol=1e-12, atol=1e-14)
    assert ((found.coefficients == 0) == (lasso.at(lams) == 0)).all()


@pytest.mark.parametrize("exponent", [-500, -100, 100, 480])
def test_units_of_all_columns_and_of_y(exponent):
    X, y = data(4, 30, 8)
    # a |theta| and (1 - a)/2 theta^2 in other units are another lam and another ratio.
    first, second = 2.0, 0.75
    plain = wdmath.elastic_net_path(X, y, first + second, l1_ratio=first / (first + second), scale="sum")
    same_y = wdmath.elastic_net_path(
        np.ldexp(X, exponent),
        np.ldexp(y, exponent),
        np.ldexp(first + second, 2 * exponent),
        l1_ratio=first / (first + second),
        scale="sum",
    )
    np.testing.assert_allclose(same_y.coefficients, plain.coefficients, rtol=1e-13)
    # In y alone only the first changes.
    lam = np.ldexp(first, exponent) + second
    if np.ldexp(first, exponent) / lam > 1e-3 and second / lam > 1e-12:
        of_y = wdmath.elastic_net_path(
            X, np.ldexp(y, exponent), lam, l1_ratio=np.ldexp(first, exponent) / lam, scale="sum"
        )
        np.testing.assert_allclose(np.ldexp(of_y.coefficients, -exponent), plain.coefficients, rtol=1e-9)


def test_order_and_number_of_penalties_do_not_matter():
    X, y = data(5, 25, 40)
    lams = np.array([0.3, 5.0, 0.01, 5.0, 1.0])
    path = wdmath.elastic_net_path(X, y, lams, l1_ratio=0.7, scale="sum", intercept=True)
    for k, lam in enumerate(lams.tolist()):
        one = wdmath.elastic_net_path(X, y, lam, l1_ratio=0.7, scale="sum", intercept=True)
        np.testing.assert_allclose(one.coefficients, path.coefficients[k], rtol=1e-9, atol=1e-12)
        assert one.coefficients.shape == (40,)
        assert isinstance(one.intercept, float)
        np.testing.assert_allclose(one.predict(X), path.predict(X)[k], rtol=1e-9, atol=1e-12)


def test_no_penalty():
    X, y = data(6, 30, 5)
    found = wdmath.elastic_net_path(X, y, 0.0, l1_ratio=0.5, scale="sum")
    np.testing.assert_allclose(found.coefficients, np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-11)
    with pytest.raises(ValueError, match=r"lam must be > 0 where columns of X depend on each other"):
        wdmath.elastic_net_path(np.hstack([X, X]), y, [1.0, 0.0], l1_ratio=0.5, scale="sum")


def test_columns_without_a_penalty_must_be_independent():
    X, y = data(7, 30, 3)
    twice = np.hstack([X, X[:, :1]])
    found = wdmath.elastic_net_path(
        twice, y, 1.0, l1_ratio=0.5, scale="sum", penalty_weights=[0.0, 1.0, 1.0, 1.0]
    )
    assert found.coefficients[3] == 0
    with pytest.raises(ValueError, match=r"penalty_weights must be > 0 .* depend on each other"):
        wdmath.elastic_net_path(twice, y, 1.0, l1_ratio=0.5, scale="sum", penalty_weights=[0, 1, 1, 0])


def test_columns_of_zeros_and_names():
    X, y = data(8, 20, 4)
    X[:, 2] = 0.0
    path = wdmath.elastic_net_path(X, y, [1.0], l1_ratio=0.5, scale="sum")
    assert path.coefficients[0, 2] == 0
    assert path.feature_names is None
    frame = pandas.DataFrame(X, columns=list("abcd"))
    named = wdmath.elastic_net_path(frame, y, [1.0], l1_ratio=0.5, scale="sum")
    assert named.feature_names == ("a", "b", "c", "d")
    with pytest.raises(ValueError, match="got 'd' for 'a'"):
        named.predict(frame[["d", "c", "b", "a"]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"l1_ratio": 1.5}, "l1_ratio must be from 0 to 1, got 1.5"),
        ({"l1_ratio": -0.1}, "l1_ratio must be >= 0, got -0.1"),
        ({"lam": -1.0}, "lam must be >= 0, got -1.0"),
        ({"lam": np.inf}, "lam must be finite, got inf"),
        ({"y": np.ones(3)}, r"y must have shape \(30,\)"),
        ({"penalty_weights": [1.0, -1.0, 1.0]}, "penalty_weights must be >= 0, got -1.0 at index 1"),
    ],
)
def test_errors(change, message):
    X, y = data(9, 30, 3)
    given = {"X": X, "y": y, "lam": 1.0, "l1_ratio": 0.5, "scale": "sum"} | change
    with pytest.raises(ValueError, match=message):
        wdmath.elastic_net_path(given.pop("X"), given.pop("y"), given.pop("lam"), **given)
