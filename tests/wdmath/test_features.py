"""Polynomial features against numpy.polynomial and against each other."""

import numpy as np
import pytest

import wdmath

VANDER = {
    "power": np.polynomial.polynomial.polyvander,
    "legendre": np.polynomial.legendre.legvander,
    "chebyshev": np.polynomial.chebyshev.chebvander,
}
x = np.random.default_rng(0).uniform(-1, 1, 40)


@pytest.mark.parametrize("basis", list(VANDER))
@pytest.mark.parametrize("degree", [0, 1, 2, 15])
def test_columns_equal_those_of_numpy(basis, degree):
    np.testing.assert_allclose(
        wdmath.polynomial_features(x, degree, basis=basis), VANDER[basis](x, degree), rtol=1e-12, atol=1e-14
    )


def test_the_domain_is_mapped_to_minus_one_and_one():
    columns = wdmath.polynomial_features([3.0, 4.0, 7.0], 2, domain=(3.0, 7.0))
    np.testing.assert_allclose(columns, VANDER["power"]([-1.0, -0.5, 1.0], 2), atol=1e-15)


def test_the_constant_can_be_left_to_the_intercept():
    np.testing.assert_array_equal(
        wdmath.polynomial_features(x, 4, constant=False), wdmath.polynomial_features(x, 4)[:, 1:]
    )


def test_the_bases_span_the_same_curves_but_condition_unlike():
    grid = np.linspace(2.0, 5.0, 60)
    y = np.sin(grid)
    power, legendre = (
        wdmath.polynomial_features(grid, 9, basis=b, domain=(2.0, 5.0)) for b in ("power", "legendre")
    )
    fits = [A @ np.linalg.lstsq(A, y, rcond=None)[0] for A in (power, legendre)]
    np.testing.assert_allclose(*fits, atol=1e-10)
    assert np.linalg.cond(power) > 100 * np.linalg.cond(legendre)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: wdmath.polynomial_features([[1.0]], 2), ValueError, "x must have 1 dimension"),
        (lambda: wdmath.polynomial_features([np.nan], 2), ValueError, "x must be finite"),
        (lambda: wdmath.polynomial_features([], 2), ValueError, "x must not be empty"),
        (lambda: wdmath.polynomial_features([1.0], -1), ValueError, "degree must be >= 0, got -1"),
        (lambda: wdmath.polynomial_features([1.0], 2.0), TypeError, "degree must be an integer, got 2.0"),
        (lambda: wdmath.polynomial_features([1.0], 0, constant=False), ValueError, "degree must be >= 1"),
        (
            lambda: wdmath.polynomial_features([1.0], 2, basis="fourier"),
            ValueError,
            "basis must be one of.*'fourier'",
        ),
        (
            lambda: wdmath.polynomial_features([1.0], 2, domain=(1.0, 1.0)),
            ValueError,
            r"domain.*\(1.0, 1.0\)",
        ),
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
