"""The lasso path against its optimality conditions, scikit-learn, and problems solved by hand."""

import csv
import itertools
import json
import warnings
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNet, Lasso, lars_path

import wdmath


def violation(X, y, path, c, lams, ridge=0.0):
    """How far the path is from optimal: largest breach of the subgradient condition, relative to the largest lam."""
    X, y = X - X.mean(axis=0) * path.centered, y - y.mean() * path.centered
    worst = 0.0
    for lam in lams:
        theta = path.at(lam)
        pull = 2 * c * X.T @ (y - X @ theta) - ridge * theta
        on = np.abs(theta) > 1e-11 * np.abs(theta).max()
        breach = np.where(on, np.abs(pull - lam * np.sign(theta)), np.maximum(np.abs(pull) - lam, 0))
        worst = max(worst, breach.max() / path.lams[0])
    return worst


def solved(X, y, **options):
    path = wdmath.lasso_path(X, y, **options)
    object.__setattr__(path, "centered", options.get("intercept", False))
    return path


def everywhere(path):
    """The knots and points between them."""
    between = (path.lams[:-1] + path.lams[1:]) / 2
    return np.concatenate([path.lams, between, [2 * path.lams[0]]])


def data(seed, n, p, correlation=0.0):
    rng = np.random.default_rng(seed)
    X = np.sqrt(1 - correlation) * rng.standard_normal((n, p)) + np.sqrt(correlation) * rng.standard_normal(
        (n, 1)
    )
    return X, X @ (rng.standard_normal(p) * (rng.random(p) < 0.3)) + rng.standard_normal(n)


SHAPES = [
    (40, 1, 0.0),
    (50, 8, 0.0),
    (60, 20, 0.9),
    (100, 20, 0.999),
    (20, 20, 0.5),
    (10, 40, 0.0),
    (30, 90, 0.7),
    (3, 7, 0.0),
]


@pytest.mark.parametrize(("n", "p", "correlation"), SHAPES)
@pytest.mark.parametrize("intercept", [False, True])
def test_the_whole_path_is_optimal(n, p, correlation, intercept):
    X, y = data(p, n, p, correlation)
    path = solved(X + intercept, y + 3, scale="half_sum", intercept=intercept)
    assert (np.diff(path.lams) < 0).all()
    assert path.lams[-1] == 0
    assert violation(X + intercept, y + 3, path, 0.5, everywhere(path)) < 1e-12


@pytest.mark.parametrize(("n", "p", "correlation"), SHAPES)
def test_knots_equal_those_of_lars(n, p, correlation):
    X, y = data(p, n, p, correlation)
    path = solved(X, y, scale="half_mean")
    alphas, _, coefs = lars_path(X, y, method="lasso")
    tolerance = 1e-7 if correlation > 0.99 else 1e-9
    big = alphas > 1e-6 * alphas[0]
    for alpha in alphas[big]:
        assert np.abs(path.lams - alpha).min() < tolerance * alphas[0]
    np.testing.assert_allclose(path.at(alphas[big]), coefs.T[big], atol=tolerance * np.abs(coefs).max())


def test_solutions_equal_coordinate_descent():
    X, y = data(0, 60, 12, 0.5)
    for intercept in (False, True):
        path = wdmath.lasso_path(X + 1, y + 2, scale="half_mean", intercept=intercept)
        for lam in (0.01, 0.1, 0.5):
            model = Lasso(alpha=lam, fit_intercept=intercept, tol=1e-13, max_iter=10**6).fit(X + 1, y + 2)
            np.testing.assert_allclose(path.at(lam), model.coef_, atol=1e-9)
            assert path.intercept_at(lam) == pytest.approx(float(model.intercept_), abs=1e-9)


def test_elastic_net_equals_coordinate_descent():
    X, y = data(1, 50, 80, 0.5)
    l1, l2 = 0.2, 0.3
    path = solved(X, y, scale="half_mean", ridge=l2)
    model = ElasticNet(
        alpha=l1 + l2, l1_ratio=l1 / (l1 + l2), fit_intercept=False, tol=1e-13, max_iter=10**6
    ).fit(X, y)
    np.testing.assert_allclose(path.at(l1), model.coef_, atol=1e-9)
    assert violation(X, y, path, 0.5 / 50, everywhere(path), ridge=l2) < 1e-12


def test_the_diabetes_data_have_the_published_order():
    """Efron et al. (2004), figure 1 and section 3: 12 steps; variable 7 (HDL) leaves at the 11th and comes back."""
    X, y = load_diabetes(return_X_y=True)
    path = solved(X, y, scale="half_sum", intercept=True)
    active = [set(np.flatnonzero(theta).tolist()) for theta in path.coefficients]
    entered = [next(iter(b - a)) + 1 for a, b in itertools.pairwise(active) if b - a]
    left = [next(iter(a - b)) + 1 for a, b in itertools.pairwise(active) if a - b]
    assert entered == [3, 9, 4, 7, 2, 10, 5, 8, 6, 1, 7]
    assert left == [7]
    assert len(path.lams) == 13
    alphas = lars_path(X - X.mean(axis=0), y - y.mean(), method="lasso")[0]
    np.testing.assert_allclose(path.lams[:-1], alphas[: len(path.lams) - 1] * len(y), rtol=1e-10)
    np.testing.assert_allclose(
        path.coefficients[-1], np.linalg.lstsq(X - X.mean(axis=0), y - y.mean(), rcond=None)[0], rtol=1e-9
    )
    assert np.abs(path.intercept - y.mean()).max() < 1e-9


class TestTies:
    def test_orthogonal_columns_are_soft_thresholded(self):
        X, y = np.eye(4), np.array([3.0, -3.0, 1.0, 0.0])
        path = wdmath.lasso_path(X, y, scale="half_sum")
        np.testing.assert_array_equal(path.lams, [3.0, 1.0, 0.0])
        for lam in (0.0, 0.5, 2.0, 3.0, 9.0):
            np.testing.assert_allclose(path.at(lam), wdmath.soft_threshold(y, lam), atol=1e-15)

    def test_equal_columns_share_one_coefficient(self):
        X, y = data(2, 30, 4)
        doubled = np.hstack([X, X, -X[:, :2]])
        path = solved(doubled, y, scale="sum")
        single = wdmath.lasso_path(X, y, scale="sum")
        assert violation(doubled, y, path, 1.0, everywhere(path)) < 1e-12
        lams = np.linspace(0, path.lams[0], 30)
        np.testing.assert_allclose(path.at(lams) @ doubled.T, single.at(lams) @ X.T, atol=1e-10)
        np.testing.assert_allclose(
            np.abs(path.at(lams)).sum(axis=1), np.abs(single.at(lams)).sum(axis=1), atol=1e-10
        )

    @pytest.mark.parametrize("seed", range(30))
    def test_small_integer_data_full_of_ties_are_solved(self, seed):
        rng = np.random.default_rng(seed)
        n, p = rng.integers(2, 7, size=2)
        X = rng.integers(-1, 2, size=(n, p)).astype(float)
        y = rng.integers(-2, 3, size=n).astype(float)
        path = solved(X, y, scale="half_sum")
        if path.lams[0] > 0:
            assert violation(X, y, path, 0.5, everywhere(path)) < 1e-12

    @pytest.mark.parametrize("seed", [*range(10), 2392, 3819])
    def test_ties_that_leave_a_coefficient_at_zero_for_a_while(self, seed):
        """For the last seed, one that is let in does not move before the next knot."""
        rng = np.random.default_rng(seed)
        n, p = rng.integers(1, 9, size=2)
        if seed == 2392:
            X = rng.integers(-2, 3, size=(n, p)).astype(float)
        else:
            X = rng.integers(-1, 2, size=(n, p)).astype(float)
            X = np.hstack([X, X[:, : max(1, p // 2)] * rng.choice([-1, 1, 2])])
        y = rng.integers(-3, 4, size=n).astype(float)
        path = solved(X, y, scale="half_sum")
        if path.lams[0] > 0:
            assert violation(X, y, path, 0.5, everywhere(path)) < 1e-12

    def test_two_columns_that_enter_together_where_one_must_wait(self):
        """Both correlations are 1; on the way on the second would grow the wrong way, and stays out."""
        X = np.array([[1.0, 2.0], [0.0, 1.0]])
        y = np.array([1.0, -1.0])
        path = solved(X, y, scale="half_sum")
        assert path.lams[0] == 1.0
        assert violation(X, y, path, 0.5, everywhere(path)) < 1e-15
        np.testing.assert_allclose(path.coefficients[-1], np.linalg.solve(X, y))

    def test_no_correlation_at_all(self):
        path = wdmath.lasso_path([[1.0], [1.0]], [1.0, -1.0], scale="sum")
        np.testing.assert_array_equal(path.lams, [0.0])
        np.testing.assert_array_equal(path.at([0.0, 1.0]), [[0.0], [0.0]])

    def test_columns_of_zeros_are_ignored(self):
        X, y = data(3, 20, 3)
        path = solved(np.hstack([X, np.zeros((20, 2))]), y, scale="mean")
        assert (path.coefficients[:, 3:] == 0).all()
        np.testing.assert_allclose(path.lams, wdmath.lasso_path(X, y, scale="mean").lams, atol=1e-13)


def test_an_exact_rational_example():
    """X = [[2, 1], [1, 3]], y = (1, 2): knots 7, 1 (where the first enters) and 0, by hand."""
    path = wdmath.lasso_path([[2.0, 1.0], [1.0, 3.0]], [1.0, 2.0], scale="half_sum")
    H = [[Fraction(5), Fraction(5)], [Fraction(5), Fraction(10)]]
    b = [Fraction(4), Fraction(7)]
    # Alone, theta_2 = (7 - lam) / 10, and the first correlation 4 - 5 theta_2 = 1/2 + lam/2 meets lam at 1.
    knot = Fraction(1)
    theta2 = (b[1] - knot) / H[1][1]
    assert b[0] - H[0][1] * theta2 == knot
    np.testing.assert_allclose(path.lams, [7.0, float(knot), 0.0], rtol=1e-15)
    np.testing.assert_allclose(path.coefficients, [[0, 0], [0, float(theta2)], [0.2, 0.6]], atol=1e-15)


@given(st.integers(0, 10**6), st.integers(1, 6), st.floats(0.01, 100.0))
@settings(max_examples=30, deadline=None)
def test_scaling_the_risk_scales_the_knots(seed, p, c):
    X, y = data(seed, 12, p)
    one, scaled = wdmath.lasso_path(X, y, scale=1.0), wdmath.lasso_path(X, y, scale=c)
    np.testing.assert_allclose(scaled.lams, c * one.lams, rtol=1e-10, atol=1e-12 * scaled.lams[0])
    np.testing.assert_allclose(scaled.coefficients, one.coefficients, atol=1e-9)


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 8))
@settings(max_examples=30, deadline=None)
def test_the_path_of_the_risk_is_that_of_its_data(seed, p, extra):
    X, y = data(seed, p + extra, p)
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="sum")
    path, other = wdmath.lasso_path_from_risk(risk), wdmath.lasso_path(X, y, scale="sum")
    lams = np.linspace(0.01, 1.0, 9) * path.lams[0]
    np.testing.assert_allclose(path.at(lams), other.at(lams), atol=1e-6)


def test_flexible_polynomials_are_followed_in_spite_of_their_condition():
    rng = np.random.default_rng(4)
    x = np.linspace(0, 1, 25)
    X = wdmath.polynomial_features(x, 9, constant=False)
    y = np.sin(2 * np.pi * x) + 0.2 * rng.standard_normal(25)
    path = solved(X, y, scale="half_mean", intercept=True)
    assert violation(X, y, path, 0.5 / 25, everywhere(path)) < 1e-10


class Exact:
    """The problem in 60 digits, for the numbers as they are stored."""

    def __init__(self, X, y, c=0.5, ridge=0.0, weights=None, sample_weight=None):
        n, p = X.shape
        self.v = [1.0] * p if weights is None else [float(v) for v in weights]
        with mpmath.workdps(60):
            A, b = mpmath.matrix(X.tolist()), mpmath.matrix(y.tolist())
            w = [mpmath.mpf(float(w)) for w in (np.ones(n) if sample_weight is None else sample_weight)]
            weighted = mpmath.matrix(
                [[2 * mpmath.mpf(c) * w[i] * A[i, j] for j in range(p)] for i in range(n)]
            )
            self.gram, self.pull = weighted.T * A, weighted.T * b
            for j in range(p):
                self.gram[j, j] += mpmath.mpf(ridge)

    def error(self, theta, lam):
        """How far theta is from the exact solution for its signs, which must be optimal.

        Coefficients are multiplied by the lengths of their columns and compared with the largest.
        """
        with mpmath.workdps(60):
            lam, on = mpmath.mpf(float(lam)), [int(j) for j in np.flatnonzero(theta)]
            signs = {j: int(np.sign(theta[j])) for j in on}
            right = mpmath.matrix(len(theta), 1)
            if on:
                gram = mpmath.matrix([[self.gram[i, j] for j in on] for i in on])
                pull = mpmath.matrix([self.pull[j] - lam * self.v[j] * signs[j] for j in on])
                for j, value in zip(on, mpmath.lu_solve(gram, pull), strict=True):
                    right[j] = value
                    assert value * signs[j] > 0 or self.v[j] == 0
            left = self.pull - self.gram * right
            for j in range(len(theta)):
                assert j in on or abs(left[j]) <= lam * self.v[j] * (1 + mpmath.mpf(1e-6))
            lengths = [mpmath.sqrt(self.gram[j, j]) for j in range(len(theta))]
            size = max([abs(right[j]) * lengths[j] for j in on], default=1)
            return max([float(abs(theta[j] - right[j]) * lengths[j] / size) for j in on], default=0.0)


def between(path):
    """Points in the middle of each stretch, on a logarithmic scale."""
    lams = np.sqrt(path.lams[:-1]) * np.sqrt(np.maximum(path.lams[1:], path.lams[:-1] * 1e-3))
    return lams[np.diff(path.lams) < -1e-6 * path.lams[:-1]]


def filip():
    here = Path(__file__).parent / "reference"
    with (here / "filip.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    x, y = (np.array([float(row[name]) for row in rows]) for name in "xy")
    return x, y, [float(v) for v in json.loads((here / "nist.json").read_text())["filip"]]


class TestFilip:
    """NIST's polynomial of degree 10, the condition number of whose powers is 2e15."""

    def test_at_zero_penalty_are_the_certified_values(self):
        x, y, certified = filip()
        path = wdmath.lasso_path(x[:, None] ** np.arange(11), y, scale="sum")
        # Rounding the powers of x costs half of the digits.
        np.testing.assert_allclose(path.at(0.0), certified, rtol=1e-7)
        centered = wdmath.lasso_path(x[:, None] ** np.arange(1, 11), y, scale="sum", intercept=True)
        np.testing.assert_allclose(centered.at(0.0), certified[1:], rtol=1e-6)
        assert centered.intercept_at(0.0) == pytest.approx(certified[0], rel=1e-6)

    def test_all_knots_are_those_of_the_stored_numbers(self):
        x, y, _ = filip()
        X = x[:, None] ** np.arange(11)
        path, exact = wdmath.lasso_path(X, y, scale="half_sum"), Exact(X, y)
        assert len(path.lams) > 70
        assert path.lams[-2] < 1e-17 * path.lams[0]
        for lam in between(path):
            assert exact.error(path.at(lam), lam) < 1e-6

    def test_a_path_that_ends_too_early_is_noticed(self):
        x, y, _ = filip()
        X = x[:, None] ** np.arange(11)
        path, exact = wdmath.lasso_path(X, y, scale="half_sum"), Exact(X, y)
        lam = 1e-15 * path.lams[0]
        assert exact.error(path.at(lam), lam) < 1e-7
        assert exact.error(path.at(lam) * (1 + 1e-6), lam) > 1e-7
        with pytest.raises(AssertionError):
            exact.error(path.at(1e-6 * path.lams[0]), lam)


@pytest.mark.parametrize("seed", range(12))
def test_units_weights_and_powers_in_sixty_digits(seed):
    rng = np.random.default_rng(seed)
    n, p = ((12, 6), (6, 12), (9, 9))[seed % 3]
    X = rng.standard_normal((n, p))
    if seed < 4:
        X *= 10.0 ** rng.integers(-12, 13, p)
    elif seed < 8:
        X = np.vander(rng.standard_normal(n), p)
    y, options = rng.standard_normal(n), {}
    if seed % 2:
        options["penalty_weights"] = 10.0 ** rng.uniform(-2, 2, p) * (rng.random(p) < 0.8)
        options["ridge"] = 0.25
    if seed % 4 > 1:
        options["sample_weight"] = 4.0 ** rng.integers(-1, 2, n)
    path = wdmath.lasso_path(X, y, scale="half_sum", **options)
    exact = Exact(
        X, y, 0.5, options.get("ridge", 0.0), options.get("penalty_weights"), options.get("sample_weight")
    )
    for lam in between(path):
        assert exact.error(path.at(lam), lam) < 1e-7


@pytest.mark.parametrize("unit", [1e-160, 1e160])
def test_numbers_whose_squares_leave_the_range(unit):
    X, y = data(11, 20, 5)
    path, plain = wdmath.lasso_path(X * unit, y, scale="sum"), wdmath.lasso_path(X, y, scale="sum")
    np.testing.assert_allclose(path.lams, plain.lams * unit, rtol=1e-12)
    np.testing.assert_allclose(path.coefficients * unit, plain.coefficients, rtol=1e-9, atol=1e-12)
    path = wdmath.lasso_path(
        X * unit, y * unit / 1e30, scale="sum", ridge=unit / 1e20 * unit if unit < 1 else 1.0
    )
    assert np.isfinite(path.coefficients).all()


def test_a_path_beyond_the_range_of_doubles_is_refused():
    X, y = data(11, 20, 5)
    with pytest.raises(ValueError, match=r"X and y must be of a size.*other units"):
        wdmath.lasso_path(X * 1e200, y * 1e200, scale="sum")
    with pytest.raises(ValueError, match=r"penalty_weights and the units of X.*1e300"):
        wdmath.lasso_path(X * [1e-200, 1e200, 1, 1, 1], y, scale="sum")


def test_penalty_weights_are_columns_in_other_units():
    X, y = data(12, 40, 6, 0.5)
    v = np.array([0.1, 3.0, 1.0, 2.0, 0.5, 7.0])
    weighted = wdmath.lasso_path(X + 1, y, scale="half_mean", intercept=True, penalty_weights=v)
    plain = wdmath.lasso_path((X + 1) / v, y, scale="half_mean", intercept=True)
    np.testing.assert_allclose(weighted.lams, plain.lams, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(weighted.coefficients, plain.coefficients / v, rtol=1e-9, atol=1e-12)


def test_coefficients_without_a_penalty_are_always_at_their_best():
    X, y = data(13, 40, 6, 0.5)
    v = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 1.0])
    free, held = v == 0, v > 0
    path = wdmath.lasso_path(X, y, scale="half_sum", penalty_weights=v)
    Q = np.linalg.qr(X[:, free])[0]
    projected = wdmath.lasso_path(X[:, held] - Q @ (Q.T @ X[:, held]), y - Q @ (Q.T @ y), scale="half_sum")
    lams = np.linspace(0, 1.1 * path.lams[0], 7)
    assert path.lams[0] == pytest.approx(projected.lams[0], rel=1e-12)
    np.testing.assert_allclose(path.at(lams)[:, held], projected.at(lams), atol=1e-12)
    np.testing.assert_allclose((y - path.at(lams) @ X.T) @ X[:, free], 0, atol=1e-11)
    nothing = wdmath.lasso_path(X, y, scale="half_sum", penalty_weights=np.zeros(6))
    np.testing.assert_array_equal(nothing.lams, [0.0])
    np.testing.assert_allclose(nothing.at(3.0), np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-11)


def test_sample_weights_equal_those_of_coordinate_descent():
    X, y = data(14, 50, 8, 0.5)
    w = np.random.default_rng(0).uniform(0.2, 3, 50)
    path = wdmath.lasso_path(X + 5, y, scale="half_mean", intercept=True, sample_weight=w)
    for lam in (0.02, 0.3):
        model = Lasso(alpha=lam, tol=1e-13, max_iter=10**6).fit(X + 5, y, sample_weight=w)
        np.testing.assert_allclose(path.at(lam), model.coef_, atol=1e-9)
        np.testing.assert_allclose(path.predict(X, lam), model.predict(X), atol=1e-8)


def test_a_path_that_is_not_needed_to_its_end():
    X, y = data(15, 30, 60)
    whole = wdmath.lasso_path(X, y, scale="sum")
    lam_min = 0.3 * whole.lams[0]
    part = wdmath.lasso_path(X, y, scale="sum", lam_min=lam_min)
    assert part.lams[-1] == lam_min
    assert len(part.lams) < len(whole.lams) / 2
    lams = np.linspace(lam_min, whole.lams[0], 9)
    np.testing.assert_allclose(part.at(lams), whole.at(lams), atol=1e-12)
    with pytest.raises(
        ValueError, match=r"lam must be >= .*, where this path ends, got 0\.0.*smaller lam_min"
    ):
        part.at(0.0)
    nothing = wdmath.lasso_path(X, y, scale="sum", lam_min=2 * whole.lams[0])
    np.testing.assert_array_equal(nothing.at(3 * whole.lams[0]), np.zeros(60))


def test_names_of_a_data_frame_come_back():
    class Frame:
        """What pandas and polars share."""

        columns = ("age", "weight")

        def __init__(self, values):
            self.values = values

        def __array__(self, dtype=None, copy=None):
            return np.array(self.values)

    X, y = data(16, 10, 2)
    path = wdmath.lasso_path(Frame(X), y, scale="sum")
    assert path.feature_names == ("age", "weight")
    np.testing.assert_array_equal(path.predict(Frame(X), 0.1), path.predict(X, 0.1))
    other = Frame(X)
    other.columns = ("weight", "age")
    with pytest.raises(ValueError, match="got 'weight' for 'age'"):
        path.predict(other, 0.1)


@pytest.mark.parametrize("correlation", [0.0, 0.9, 1 - 1e-9])
def test_large_problems_are_optimal_at_every_knot(correlation):
    for n, p in ((400, 60), (60, 400), (90, 90)):
        X, y = data(17, n, p, correlation)
        path = wdmath.lasso_path(X, y, scale="half_sum")
        c = X.T @ (y[:, None] - X @ path.coefficients.T)
        on = path.coefficients.T != 0
        breach = np.where(on, np.abs(c - path.lams * np.sign(path.coefficients.T)), np.abs(c) - path.lams)
        lengths = np.linalg.norm(X, axis=0)
        # What evaluating the correlations rounds.
        sizes = np.linalg.norm(y) + np.abs(path.coefficients) @ lengths
        assert (breach < 1e-13 * lengths.max() * sizes).all()


def test_the_norm_decreases_and_the_risk_increases_along_the_path():
    X, y = data(5, 40, 15, 0.8)
    path = wdmath.lasso_path(X, y, scale="sum")
    assert (np.diff(np.abs(path.coefficients).sum(axis=1)) > 0).all()
    residuals = y - path.coefficients @ X.T
    assert (np.diff((residuals**2).sum(axis=1)) < 0).all()


def test_a_wrong_path_is_noticed():
    X, y = data(6, 30, 5)
    path = solved(X, y, scale="half_sum")
    coefficients = path.coefficients.copy()
    coefficients[2] *= 1 + 1e-6
    object.__setattr__(path, "coefficients", coefficients)
    assert violation(X, y, path, 0.5, everywhere(path)) > 1e-9


def test_no_warnings_and_inputs_left_alone():
    X, y = data(7, 20, 30)
    copies = X.copy(), y.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        wdmath.lasso_path(X, y, scale="sum", intercept=True).at(0.0)
    np.testing.assert_array_equal(X, copies[0])
    np.testing.assert_array_equal(y, copies[1])


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_soft_threshold_shrinks_towards_zero_by_the_threshold(x, t):
    assert wdmath.soft_threshold(x, t) == pytest.approx(np.sign(x) * max(abs(x) - t, 0), rel=1e-15, abs=0)


def test_soft_threshold_broadcasts():
    np.testing.assert_array_equal(
        wdmath.soft_threshold([[3.0], [-1.0]], [0.0, 1.0, 2.0]), [[3.0, 2.0, 1.0], [-1.0, 0.0, 0.0]]
    )


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: wdmath.soft_threshold(1.0, -1.0), ValueError, "threshold must be >= 0, got -1.0"),
        (
            lambda: wdmath.lasso_path([[1.0]], [1.0, 2.0], scale="sum"),
            ValueError,
            r"y must have shape \(1,\)",
        ),
        (
            lambda: wdmath.lasso_path([[1.0]], [1.0], scale="total"),
            ValueError,
            "scale must be one of.*'total'",
        ),
        (
            lambda: wdmath.lasso_path([[1.0]], [1.0], scale="sum", ridge=-1.0),
            ValueError,
            "ridge must be >= 0, got -1.0",
        ),
        (lambda: wdmath.lasso_path([[np.nan]], [1.0], scale="sum"), ValueError, "X must be finite"),
        (lambda: wdmath.lasso_path([1.0], [1.0], scale="sum"), ValueError, "X must have 2 dimensions"),
        (lambda: wdmath.lasso_path_from_risk(np.eye(2)), TypeError, "risk must be a QuadraticRisk"),
        (
            lambda: wdmath.lasso_path([[1.0]], [1.0], scale="sum").at(-1.0),
            ValueError,
            "lam must be >= 0, got -1.0",
        ),
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
