"""Marginal likelihood against the density of a Gaussian, formulas for lam against R's lm.ridge."""

import math

import mpmath
import numpy as np
import pytest
from scipy.linalg import null_space
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal

import wdmath

SHAPES = [(20, 4), (8, 15), (8, 8)]

#: Longley's data as in R: GNP deflator, GNP, unemployed, armed forces, population, year, employed.
# fmt: off
LONGLEY = np.array([
    [83, 234.289, 235.6, 159, 107.608, 1947, 60.323],
    [88.5, 259.426, 232.5, 145.6, 108.632, 1948, 61.122],
    [88.2, 258.054, 368.2, 161.6, 109.773, 1949, 60.171],
    [89.5, 284.599, 335.1, 165, 110.929, 1950, 61.187],
    [96.2, 328.975, 209.9, 309.9, 112.075, 1951, 63.221],
    [98.1, 346.999, 193.2, 359.4, 113.27, 1952, 63.639],
    [99, 365.385, 187, 354.7, 115.094, 1953, 64.989],
    [100, 363.112, 357.8, 335, 116.219, 1954, 63.761],
    [101.2, 397.469, 290.4, 304.8, 117.388, 1955, 66.019],
    [104.6, 419.18, 282.2, 285.7, 118.734, 1956, 67.857],
    [108.4, 442.769, 293.6, 279.8, 120.445, 1957, 68.169],
    [110.8, 444.546, 468.1, 263.7, 121.95, 1958, 66.513],
    [112.6, 482.704, 381.3, 255.2, 123.366, 1959, 68.655],
    [114.2, 502.601, 393.1, 251.4, 125.368, 1960, 69.564],
    [115.7, 518.173, 480.6, 257.2, 127.852, 1961, 69.331],
    [116.9, 554.894, 400.7, 282.7, 130.081, 1962, 70.551],
])
# fmt: on


def data(n, p, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    return X, X @ rng.standard_normal(p) + rng.standard_normal(n)


def density(X, y, mu, variance, unpenalized):
    """Of what the unpenalized columns leave."""
    n = len(y)
    A = null_space(unpenalized.T) if unpenalized.size else np.eye(n)
    C = variance * (np.eye(n) + X @ X.T / mu)
    return multivariate_normal(np.zeros(A.shape[1]), A.T @ C @ A).logpdf(A.T @ y)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("free", [0, 1])
def test_it_is_the_density_of_y(shape, constant, free):
    X, y = data(*shape)
    weights = np.ones(shape[1])
    weights[:free] = 0.0
    unpenalized = np.hstack([np.ones((len(y), int(constant))), X[:, :free]])
    lam, variance = 0.7, 1.3
    options = {"scale": "mean", "intercept": constant, "penalty_weights": weights}
    mu = lam * len(y) / 2
    found = wdmath.log_marginal_likelihood(X, y, lam, variance=variance, **options)
    assert found == pytest.approx(density(X[:, free:], y, mu, variance, unpenalized), rel=1e-12)
    # The best variance.
    best = wdmath.log_marginal_likelihood(X, y, lam, **options)
    tried = minimize_scalar(
        lambda v: -density(X[:, free:], y, mu, math.exp(v), unpenalized),
        bounds=(-5, 5),
        options={"xatol": 1e-8},
    )
    assert best == pytest.approx(-tried.fun, rel=1e-12)


def test_a_whole_weight_is_a_repeated_row():
    X, y = data(12, 3)
    weights = np.arange(12) % 3
    rows = np.repeat(np.arange(12), weights)
    found = wdmath.log_marginal_likelihood(
        X, y, [0.3, 2.0], scale="sum", sample_weight=weights, intercept=True
    )
    expected = wdmath.log_marginal_likelihood(X[rows], y[rows], [0.3, 2.0], scale="sum", intercept=True)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("options", [{}, {"variance": 0.5}, {"intercept": True}])
@pytest.mark.parametrize("seed", range(4))
def test_the_estimate_is_the_largest_likelihood(shape, options, seed):
    X, y = data(*shape, seed)
    found = wdmath.estimate_lam(X, y, scale="sum", **options)
    lams = np.geomspace(1e-9, 1e9, 20001)
    likelihood = wdmath.log_marginal_likelihood(X, y, lams, scale="sum", **options)
    best = lams[likelihood.argmax()]
    if best == lams[0]:
        assert found == 0
    elif best == lams[-1]:
        assert found == math.inf
    else:
        assert found == pytest.approx(best, rel=2e-3)
        around = found * np.array([1 - 1e-4, 1.0, 1 + 1e-4])
        assert wdmath.log_marginal_likelihood(X, y, around, scale="sum", **options).argmax() == 1


def test_the_estimate_to_all_digits():
    X, y = data(10, 2)
    found = wdmath.estimate_lam(X, y, scale="half_sum")
    with mpmath.workdps(40):
        gram = mpmath.matrix(X.tolist()).T * mpmath.matrix(X.tolist())
        sigma, Q = mpmath.eigsy(gram)
        z = Q.T * (mpmath.matrix(X.tolist()).T * mpmath.matrix(y.tolist()))
        whole = sum(mpmath.mpf(v) ** 2 for v in y.tolist())

        def log(t):
            mu = mpmath.exp(t)
            squares = whole - sum(z[j] ** 2 / (sigma[j] + mu) for j in range(2))
            return -5 * mpmath.log(squares) - sum(mpmath.log(1 + s / mu) for s in sigma) / 2

        top = mpmath.exp(mpmath.findroot(lambda t: mpmath.diff(log, t), mpmath.log(found)))
    assert found == pytest.approx(float(top), rel=1e-10)


def test_likelihood_at_the_limits():
    X, y = data(20, 4)
    assert wdmath.log_marginal_likelihood(X, y, 0.0, scale="sum") == -math.inf
    X, y = data(8, 15)
    found = wdmath.log_marginal_likelihood(X, y, [0.0, 1e-300, 1e-100, 1e-13], scale="sum")
    np.testing.assert_allclose(found, found[0], rtol=1e-11)
    assert wdmath.estimate_lam(np.ones((4, 1)), [1.0, -1.0, 1.0, -1.0], scale="sum") == math.inf


@pytest.mark.parametrize(
    ("column", "hkb", "lw"), [(0, 0.006836982, 0.05267247), (6, 0.004275357, 0.03229531)]
)
def test_formulas_are_those_of_r_on_longley(column, hkb, lw):
    """select(lm.ridge(... ~ ., longley)) of R's MASS."""
    y, X = LONGLEY[:, column], np.delete(LONGLEY, column, axis=1)
    X = X - X.mean(axis=0)
    X /= np.sqrt((X**2).mean(axis=0))
    n, k = X.shape

    def mu(rule):
        return wdmath.estimate_lam(X, y, scale="half_sum", intercept=True, rule=rule) * (k - 2) / k

    assert mu("hoerl_kennard_baldwin") == pytest.approx(hkb, rel=1e-6)
    assert n * mu("lawless_wang") == pytest.approx(lw, rel=1e-6)


def test_targets_each_have_their_own():
    X, y = data(20, 4)
    both = np.column_stack([y, np.roll(y, 3) + X[:, 0]])
    for rule in ("marginal_likelihood", "hoerl_kennard_baldwin", "lawless_wang"):
        found = wdmath.estimate_lam(X, both, scale="sum", rule=rule)
        for t in range(2):
            assert found[t] == pytest.approx(
                wdmath.estimate_lam(X, both[:, t], scale="sum", rule=rule), rel=1e-12
            )


def test_errors():
    X, y = data(5, 8)
    with pytest.raises(ValueError, match="variance must be given where X has no more rows than coefficients"):
        wdmath.estimate_lam(X, y, scale="sum", rule="lawless_wang")
    with pytest.raises(ValueError, match="rule must be one of"):
        wdmath.estimate_lam(X, y, scale="sum", rule="hkb")
    with pytest.raises(ValueError, match=r"variance must be > 0, got 0\.0"):
        wdmath.log_marginal_likelihood(X, y, 1.0, scale="sum", variance=0.0)
