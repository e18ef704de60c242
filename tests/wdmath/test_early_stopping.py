"""Early stopping as weight decay: against runs of gradient descent, and against ridge."""

import warnings

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wdmath
from wdmath import early_stopping

mpmath.mp.dps = 50


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 300), st.floats(0.01, 1.9))
@settings(max_examples=50, deadline=None)
def test_factors_are_those_of_gradient_descent_from_zero(seed, p, steps, relative):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((p, p))
    risk = wdmath.QuadraticRisk(root.T @ root, rng.standard_normal(p))
    step_size = relative / risk.eigenvalues[0]
    stopped = wdmath.gradient_descent(risk, np.zeros(p), step_size, [steps])[0]
    factors = wdmath.early_stopping_factors(risk.eigenvalues, step_size, steps)
    expected = risk.from_eigenbasis(factors * risk.to_eigenbasis(risk.minimizer))
    np.testing.assert_allclose(stopped, expected, atol=1e-12 * np.abs(risk.minimizer).max())


@given(
    st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=5),
    st.integers(1, 10**6),
    st.floats(0.001, 0.999),
    st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_ridge_with_the_lam_of_each_direction_has_the_same_factors(eigenvalues, steps, relative, with_zero):
    sigma = np.sort(eigenvalues)[::-1]
    if with_zero:
        sigma = np.append(sigma, 0.0)
    step_size = relative / sigma[0]
    lam = wdmath.early_stopping_lam(sigma, step_size, steps)
    factors = wdmath.early_stopping_factors(sigma, step_size, steps)
    assert (lam >= 0).all()
    ridge = np.divide(sigma, sigma + lam, out=np.zeros_like(sigma), where=sigma > 0)
    np.testing.assert_allclose(ridge, factors, rtol=1e-13)
    assert (lam <= wdmath.global_early_stopping_lam(step_size, steps) * (1 + 1e-14)).all()


@pytest.mark.parametrize("sigma", [1e-14, 1e-6, 0.3, 99.0, 150.0, 199.99])
@pytest.mark.parametrize("steps", [1, 2, 17, 10**6])
def test_factors_and_lams_to_the_last_digits(sigma, steps):
    alpha = 0.01
    power = (1 - mpmath.mpf(alpha) * mpmath.mpf(sigma)) ** steps
    factor, lam = 1 - power, mpmath.mpf(sigma) * power / (1 - power)
    assert wdmath.early_stopping_factors([sigma], alpha, steps)[0] == pytest.approx(float(factor), rel=3e-15)
    # The power itself, here down to e^-10000, is known to the relative precision of its exponent.
    digits = 1e-15 * max(10, float(abs(mpmath.log(abs(power)))))
    assert wdmath.early_stopping_lam([sigma], alpha, steps)[0] == pytest.approx(
        float(lam), rel=digits, abs=1e-300
    )


def test_for_flat_directions_the_lam_tends_to_the_global_one():
    for steps in (1, 10, 1000):
        small = wdmath.early_stopping_lam([1e-9, 0.0], 0.01, steps)
        np.testing.assert_allclose(small, wdmath.global_early_stopping_lam(0.01, steps), rtol=1e-7)


def test_no_steps_equal_an_infinite_penalty():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (wdmath.early_stopping_factors([3.0, 0.0], 0.1, 0) == 0).all()
        assert (wdmath.early_stopping_lam([3.0, 0.0], 0.1, 0) == np.inf).all()
        assert wdmath.global_early_stopping_lam(0.1, 0) == np.inf
        curves = wdmath.early_stopping_curves([3.0, 0.0], 0.1, 0)
    assert (curves.ridge == 0).all()
    assert (curves.early_stopping == 0).all()


def test_overshooting_needs_a_negative_penalty():
    assert wdmath.early_stopping_lam([3.0], 0.5, 1)[0] == pytest.approx(-1.0)  # factor 1.5 = 3 / (3 - 1)
    assert wdmath.early_stopping_lam([3.0], 0.5, 2)[0] == pytest.approx(1.0)  # factor 0.75
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert wdmath.early_stopping_lam([5.0], 1.0, 10**6)[0] == -5.0
        assert wdmath.early_stopping_factors([5.0], 1.0, 10**6)[0] == -np.inf


def test_eigenvalues_at_rounding_level_are_zero_as_everywhere():
    sigma = [2.0, 1.0, -1e-17]
    assert wdmath.shrinkage_factors(sigma, 1.0)[2] == 0
    assert wdmath.early_stopping_factors(sigma, 0.1, 5)[2] == 0
    assert wdmath.early_stopping_lam(sigma, 0.1, 5)[2] == wdmath.global_early_stopping_lam(0.1, 5)
    assert wdmath.early_stopping_curves(sigma, 0.1, 5).ridge[2] == 0
    assert wdmath.stability_bound(sigma) == 1.0
    assert not wdmath.diverges(sigma, 0.9)
    calls = wdmath.shrinkage_factors, wdmath.early_stopping_curves, wdmath.diverges, wdmath.stability_bound
    for function, arguments in zip(calls, ((1.0,), (0.1, 5), (0.9,), ()), strict=True):
        with pytest.raises(ValueError, match=r"eigenvalues must be >= 0, got -1\.0"):
            function([2.0, -1.0], *arguments)


def test_several_numbers_of_steps_are_rows():
    steps = [0, 1, 5]
    sigma = np.array([2.0, 1.0])
    np.testing.assert_array_equal(
        wdmath.early_stopping_factors(sigma, 0.1, steps),
        [wdmath.early_stopping_factors(sigma, 0.1, k) for k in steps],
    )
    np.testing.assert_array_equal(
        wdmath.early_stopping_lam(sigma, 0.1, steps),
        [wdmath.early_stopping_lam(sigma, 0.1, k) for k in steps],
    )
    np.testing.assert_array_equal(
        wdmath.global_early_stopping_lam(0.1, steps),
        [wdmath.global_early_stopping_lam(0.1, k) for k in steps],
    )


def test_the_two_curves_stay_within_the_bound_for_small_steps():
    sigma = np.geomspace(1e-3, 1e3, 200)
    curves = wdmath.early_stopping_curves(sigma, 1e-7, 10**6)
    assert curves.lam == pytest.approx(10.0)
    np.testing.assert_allclose(curves.ridge, wdmath.shrinkage_factors(sigma, curves.lam), rtol=1e-15)
    ratio = curves.early_stopping / curves.ridge
    assert ratio.min() >= 1
    assert 1.29 < ratio.max() < 1.2986


def regression(n, p, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, p)), rng.standard_normal(n)


def refits(X, y, step_size, steps, c):
    """Residuals of rows that are left out, by descent without them; of shape (T, n)."""
    residuals = np.empty((len(steps), len(y)))
    for i in range(len(y)):
        kept = np.arange(len(y)) != i
        theta, wanted = np.zeros(X.shape[1]), dict.fromkeys(steps)
        for k in range(max(steps) + 1):
            if k in wanted:
                wanted[k] = y[i] - X[i] @ theta
            theta = theta - step_size * 2 * c * X[kept].T @ (X[kept] @ theta - y[kept])
        residuals[:, i] = [wanted[k] for k in steps]
    return residuals


class TestSelection:
    @pytest.mark.parametrize(("n", "p"), [(12, 3), (6, 10), (5, 5), (20, 1), (1, 2), (2, 1)])
    @pytest.mark.parametrize("relative", [0.3, 1.0, 1.7])
    @pytest.mark.parametrize("scale", ["sum", "half_mean"])
    def test_rows_left_out_are_those_of_refits(self, n, p, relative, scale):
        X, y = regression(n, p)
        c = {"sum": 1.0, "half_mean": 0.5 / n}[scale]
        step_size, steps = relative / (2 * c * np.linalg.norm(X, 2) ** 2), [0, 1, 2, 7, 300, 7]
        found = wdmath.early_stopping_selection(X, y, step_size, steps, scale=scale)
        expected = refits(X, y, step_size, steps, c)
        np.testing.assert_allclose(
            found.leave_one_out_residuals, expected, atol=1e-10 * np.abs(expected).max()
        )
        np.testing.assert_allclose(found.leave_one_out, (expected**2).mean(axis=1), rtol=1e-9)
        # Many steps are not taken, but give the same.
        U, s, _ = early_stopping._thin_svd(X)
        closed = early_stopping._left_out_by_factors(U, s * np.sqrt(2 * c), y, step_size, np.array(steps))
        np.testing.assert_allclose(closed, expected, atol=1e-10 * np.abs(expected).max())

    def test_the_formula_of_ridge_does_not_give_them(self):
        X, y = regression(12, 3)
        H = wdmath.early_stopping_hat_matrix(X, 0.01, 20, scale="sum")
        shortcut = (y - H @ y) / (1 - np.diag(H))
        assert np.abs(shortcut - refits(X, y, 0.01, [20], 1.0)[0]).max() > 1e-3

    def test_many_steps_end_at_the_least_squares_fit_of_the_others(self):
        X, y = regression(15, 4)
        step_size = 0.5 / np.linalg.norm(X, 2) ** 2
        found = wdmath.early_stopping_selection(X, y, step_size, [10**9], scale="sum")
        ridge = wdmath.ridge_selection(X, y, [0.0], scale="sum")
        assert found.leave_one_out[0] == pytest.approx(ridge.leave_one_out[0], rel=1e-10)
        gcv = ridge.generalized_cross_validation[0]
        assert found.generalized_cross_validation[0] == pytest.approx(gcv, rel=1e-10)
        assert found.degrees_of_freedom[0] == pytest.approx(4.0)

    def test_a_row_that_alone_has_a_feature_is_predicted_as_if_it_had_not(self):
        X, y = regression(8, 2)
        X = np.column_stack([X, np.eye(8)[3]])
        found = wdmath.early_stopping_selection(X, y, 0.01, [50, 10**9], scale="sum")
        np.testing.assert_allclose(
            found.leave_one_out_residuals[0], refits(X, y, 0.01, [50], 1.0)[0], rtol=1e-10
        )
        others = np.arange(8) != 3
        least_squares = np.linalg.lstsq(X[others, :2], y[others], rcond=None)[0]
        assert found.leave_one_out_residuals[1, 3] == pytest.approx(y[3] - X[3, :2] @ least_squares, rel=1e-9)

    @pytest.mark.parametrize(("n", "p"), [(9, 3), (4, 7)])
    def test_the_hat_matrix_is_what_descent_does(self, n, p):
        X, y = regression(n, p)
        steps, risk = [0, 3, 50], wdmath.QuadraticRisk.from_least_squares(X, y, scale="mean")
        H = wdmath.early_stopping_hat_matrix(X, 0.05, steps, scale="mean")
        assert H.shape == (3, n, n)
        run = wdmath.gradient_descent(risk, np.zeros(p), 0.05, steps)
        np.testing.assert_allclose(H @ y, run @ X.T, atol=1e-12)
        np.testing.assert_array_equal(H[1], wdmath.early_stopping_hat_matrix(X, 0.05, 3, scale="mean"))
        found = wdmath.early_stopping_selection(X, y, 0.05, steps, scale="mean")
        trace = np.trace(H, axis1=1, axis2=2)
        np.testing.assert_allclose(found.degrees_of_freedom, trace, atol=1e-13)
        gcv = ((y - H @ y) ** 2).mean(axis=1) / (1 - trace / n) ** 2
        np.testing.assert_allclose(found.generalized_cross_validation, gcv, rtol=1e-10)

    def test_the_best_number_of_steps_has_the_least_error(self):
        rng = np.random.default_rng(3)
        X = rng.standard_normal((30, 20))
        y = X[:, 0] + 2 * rng.standard_normal(30)
        found = wdmath.early_stopping_selection(X, y, 0.002, range(400), scale="sum")
        best = found.best_leave_one_out
        assert 0 < best < 399
        assert found.leave_one_out[best] == found.leave_one_out.min()
        assert found.best_generalized_cross_validation == found.generalized_cross_validation.argmin()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: wdmath.early_stopping_selection([[1.0]], [1.0, 2.0], 0.1, 5, scale="sum"),
            ValueError,
            r"y must have shape \(1,\)",
        ),
        (
            lambda: wdmath.early_stopping_selection([[1.0]], [1.0], 0.1, 5, scale="total"),
            ValueError,
            "scale must be one of",
        ),
        (
            lambda: wdmath.early_stopping_hat_matrix([[1.0]], 0.1, -1, scale="sum"),
            ValueError,
            "steps must be >= 0",
        ),
        (
            lambda: wdmath.early_stopping_factors([-1.0], 0.1, 5),
            ValueError,
            "eigenvalues must be >= 0, got -1.0",
        ),
        (lambda: wdmath.early_stopping_factors([1.0], 0.0, 5), ValueError, "step_size must be > 0"),
        (lambda: wdmath.early_stopping_factors([1.0], 0.1, -5), ValueError, "steps must be >= 0, got -5"),
        (
            lambda: wdmath.early_stopping_factors([1.0], 0.1, 2.0),
            TypeError,
            "steps must be an integer, got 2.0",
        ),
        (lambda: wdmath.early_stopping_lam([1.0], 0.1, [[1]]), ValueError, "steps"),
        (lambda: wdmath.early_stopping_lam(1.0, 0.1, 1), ValueError, "eigenvalues must have 1 dimension"),
        (lambda: wdmath.early_stopping_curves([1.0], 0.1, [1, 2]), TypeError, "steps must be an integer"),
        (lambda: wdmath.global_early_stopping_lam(-0.1, 1), ValueError, "step_size must be > 0"),
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
