"""Early stopping as weight decay: against runs of gradient descent, and against ridge."""

import warnings

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wdmath

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


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
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
