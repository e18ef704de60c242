"""Quadratic risks and their ridge minimizers, against normal equations, loops and exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wdmath

SCALES = {
    "sum": lambda n: 1,
    "half_sum": lambda n: 1 / 2,
    "mean": lambda n: 1 / n,
    "half_mean": lambda n: 1 / (2 * n),
}


def random_risk(rng, p, rank=None):
    A = rng.standard_normal((p if rank is None else rank, p))
    return wdmath.QuadraticRisk(A.T @ A, rng.standard_normal(p))


@st.composite
def risks(draw):
    """Risks of one to five parameters with spectra from flat to steep, also singular and repeated."""
    p = draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    Q, _ = np.linalg.qr(rng.standard_normal((p, p)))
    spectrum = st.sampled_from([0.0, 1e-3, 0.5, 1.0, 1.0, 7.0, 200.0])
    sigma = np.array(draw(st.lists(spectrum, min_size=p, max_size=p)))
    H = (Q * sigma) @ Q.T
    return wdmath.QuadraticRisk((H + H.T) / 2, rng.standard_normal(p) * 10 ** draw(st.integers(-3, 3)))


strengths = st.floats(1e-6, 1e6)


def test_value_and_gradient_of_a_quadratic():
    rng = np.random.default_rng(0)
    risk = random_risk(rng, 4)
    theta = rng.standard_normal((3, 2, 4))
    for index in np.ndindex(3, 2):
        d = theta[index] - risk.minimizer
        assert risk.value(theta)[index] == pytest.approx(0.5 * d @ risk.hessian @ d, rel=1e-13)
        np.testing.assert_allclose(
            risk.gradient(theta)[index], risk.hessian @ d, rtol=0, atol=1e-13 * np.abs(d).max() * 30
        )
    assert risk.value(risk.minimizer) == 0.0
    assert isinstance(risk.value(theta[0, 0]), float)


def test_constant_is_the_least_risk():
    risk = wdmath.QuadraticRisk([[2.0]], [3.0], constant=5.0)
    assert risk.value([3.0]) == 5.0
    assert risk.value([4.0]) == 6.0


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("shape", [(30, 3), (4, 4), (3, 6)])
def test_least_squares_risk_is_the_scaled_sum_of_squares(scale, shape):
    rng = np.random.default_rng(1)
    X, y, theta = (
        rng.standard_normal(shape),
        rng.standard_normal(shape[0]),
        rng.standard_normal((5, shape[1])),
    )
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale=scale)
    c = SCALES[scale](shape[0])
    np.testing.assert_allclose(risk.value(theta), c * ((y - theta @ X.T) ** 2).sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(risk.gradient(theta), -2 * c * (y - theta @ X.T) @ X, atol=1e-12)
    np.testing.assert_allclose(risk.minimizer, np.linalg.pinv(X) @ y, atol=1e-13)
    assert np.linalg.det(risk.eigenvectors) == pytest.approx(1.0)


def test_a_number_as_scale():
    X, y = wdmath.load_i2ml()
    risks = [wdmath.QuadraticRisk.from_least_squares(X, y, scale=scale) for scale in ("half_mean", 0.005)]
    np.testing.assert_array_equal(risks[0].hessian, risks[1].hessian)


def test_taylor_model_of_a_quadratic_is_that_quadratic():
    rng = np.random.default_rng(2)
    risk = wdmath.QuadraticRisk(*(lambda r: (r.hessian, r.minimizer, 2.5))(random_risk(rng, 3)))
    theta, elsewhere = rng.standard_normal(3), rng.standard_normal((4, 3))

    class Loss:
        value, gradient = risk.value, risk.gradient

        @staticmethod
        def hessian(theta):
            return risk.hessian

    for loss in (Loss(), (risk.value, risk.gradient, Loss.hessian)):
        model = wdmath.QuadraticRisk.from_taylor(loss, theta)
        np.testing.assert_allclose(model.value(elsewhere), risk.value(elsewhere), rtol=1e-12)
        np.testing.assert_allclose(model.minimizer, risk.minimizer, atol=1e-12)


def test_taylor_model_of_logistic_risk_has_its_value_slope_and_curvature():
    rng = np.random.default_rng(3)
    loss = wdmath.LogisticRisk(rng.standard_normal((40, 2)), rng.integers(0, 2, 40), scale="mean")
    theta, direction, h = np.array([0.3, -0.4]), np.array([0.6, 0.8]), 1e-3
    model = wdmath.QuadraticRisk.from_taylor(loss, theta)
    errors = [abs(model.value(theta + t * direction) - loss.value(theta + t * direction)) for t in (h, 2 * h)]
    assert errors[0] < 1e-9
    # The error is of third order.
    assert 6 < errors[1] / errors[0] < 10


def test_taylor_model_without_a_minimum_is_refused():
    slope = (lambda t: t[0], lambda t: np.array([1.0, 0.0]), lambda t: np.diag([0.0, 1.0]))
    with pytest.raises(ValueError, match="range of its Hessian"):
        wdmath.QuadraticRisk.from_taylor(slope, [0.0, 0.0])
    saddle = (lambda t: 0.0, lambda t: np.zeros(2), lambda t: np.diag([1.0, -1.0]))
    with pytest.raises(ValueError, match="positive semidefinite"):
        wdmath.QuadraticRisk.from_taylor(saddle, [0.0, 0.0])
    with pytest.raises(TypeError, match="loss"):
        wdmath.QuadraticRisk.from_taylor(3, [0.0])


def test_arrays_are_copies_that_cannot_be_written():
    H, m = np.eye(2), np.ones(2)
    risk = wdmath.QuadraticRisk(H, m)
    H[0, 0] = 5
    assert risk.hessian[0, 0] == 1
    for name in ("hessian", "minimizer", "eigenvalues", "eigenvectors"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(risk, name)[0] = 0
    with pytest.raises(AttributeError):
        risk.constant = 1.0


@pytest.mark.parametrize("lam", [Fraction(1, 3), Fraction(10), Fraction(1, 10**9)])
def test_ridge_minimizer_in_exact_fractions(lam):
    # (H + lam I)^-1 H theta_hat by Cramer's rule.
    a, b, c, t, u = Fraction(5), Fraction(2), Fraction(3), Fraction(7, 2), Fraction(-4)
    determinant = (a + lam) * (c + lam) - b * b
    right = (a * t + b * u, b * t + c * u)
    exact = (
        ((c + lam) * right[0] - b * right[1]) / determinant,
        ((a + lam) * right[1] - b * right[0]) / determinant,
    )
    found = wdmath.ridge_minimizer(wdmath.QuadraticRisk([[5, 2], [2, 3]], [3.5, -4]), float(lam))
    np.testing.assert_allclose(found, [float(v) for v in exact], rtol=3e-15)


@given(risks(), st.lists(strengths, min_size=1, max_size=5))
def test_one_lam_or_many(risk, lams):
    together = wdmath.ridge_minimizer(risk, lams)
    assert together.shape == (len(lams), risk.dimension)
    size = np.abs(risk.minimizer).max()
    for lam, theta in zip(lams, together, strict=True):
        np.testing.assert_allclose(wdmath.ridge_minimizer(risk, lam), theta, atol=1e-14 * size)


@given(risks(), strengths)
def test_forces_balance_at_the_minimizer(risk, lam):
    theta = wdmath.ridge_minimizer(risk, lam)
    scale = (risk.eigenvalues[0] + lam) * np.abs(risk.minimizer).max()
    np.testing.assert_allclose(-risk.gradient(theta), lam * theta, atol=1e-13 * scale)


@given(risks(), strengths, st.floats(1.0, 100.0))
def test_every_eigencomponent_and_the_norm_decrease_in_lam(risk, lam, factor):
    low, high = (np.abs(risk.to_eigenbasis(wdmath.ridge_minimizer(risk, x))) for x in (lam, lam * factor))
    slack = 1e-14 * np.abs(risk.minimizer).max()
    assert (high <= low + slack).all()
    assert np.linalg.norm(high) <= np.linalg.norm(low) + slack


def test_a_coordinate_may_grow_with_lam():
    risk = wdmath.QuadraticRisk.from_least_squares(*wdmath.load_i2ml(), scale="sum")
    path = wdmath.ridge_minimizer(risk, [0.0, 5.0, 50.0])
    assert path[0, 0] < path[1, 0] < path[2, 0]


@given(risks())
def test_limit_of_no_penalty(risk):
    in_range = risk.eigenvectors[:, risk.eigenvalues > 0]
    projected = in_range @ (in_range.T @ risk.minimizer)
    size = np.abs(risk.minimizer).max()
    for lam in (0.0, 1e-30, 1e-20):
        np.testing.assert_allclose(wdmath.ridge_minimizer(risk, lam), projected, atol=1e-13 * size)


def test_a_turned_singular_hessian_whose_axis_is_almost_flat():
    """Its rounding is of its largest entry, and far more than the small one may be wrong by on its own."""
    rng = np.random.default_rng(0)
    for angle in 10.0 ** rng.uniform(-6, -0.5, 500):
        q = np.array([np.cos(angle), np.sin(angle)])
        U = np.array([[q[0], -q[1]], [q[1], q[0]]])
        H = U @ np.diag([7.0, 0.0]) @ U.T
        risk = wdmath.QuadraticRisk(H, [0.5, -0.3])
        assert risk.eigenvalues[0] == pytest.approx(7.0, rel=1e-14)
        assert abs(risk.eigenvalues[1]) <= 1e-14 * 7
        expected = 7 / 8 * q * (q @ [0.5, -0.3])
        np.testing.assert_allclose(wdmath.ridge_minimizer(risk, 1.0), expected, atol=1e-13)
    with pytest.raises(ValueError, match="positive semidefinite"):
        wdmath.QuadraticRisk([[7.0, 0.0101], [0.0101, 1e-5]], [0.5, -0.3])  # correlation 1.2


@given(risks(), strengths, st.integers(0, 2**32 - 1))
def test_equivariance_under_rotation(risk, lam, seed):
    p = risk.dimension
    U, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((p, p)))
    turned = wdmath.QuadraticRisk(U @ risk.hessian @ U.T, U @ risk.minimizer)
    expected = U @ wdmath.ridge_minimizer(risk, lam)
    tolerance = 1e-13 * np.abs(risk.minimizer).max() * (1 + risk.eigenvalues[0] / lam)
    np.testing.assert_allclose(wdmath.ridge_minimizer(turned, lam), expected, atol=tolerance)


@given(risks(), strengths, st.floats(1e-6, 1e6))
def test_equivariance_under_scaling(risk, lam, c):
    scaled = wdmath.QuadraticRisk(c * risk.hessian, risk.minimizer)
    expected = wdmath.ridge_minimizer(risk, lam)
    size = np.abs(risk.minimizer).max() * (1 + risk.eigenvalues[0] / lam)
    np.testing.assert_allclose(wdmath.ridge_minimizer(scaled, c * lam), expected, atol=1e-13 * size)


def test_repeated_and_singular_spectra():
    Q, _ = np.linalg.qr(np.random.default_rng(4).standard_normal((4, 4)))
    H = (Q * [3.0, 3.0, 1.0, 0.0]) @ Q.T
    risk = wdmath.QuadraticRisk(H, [1.0, 2.0, 3.0, 4.0])
    assert risk.eigenvalues[0] == risk.eigenvalues[1]
    assert risk.eigenvalues[3] == 0
    expected = np.linalg.solve(H + 0.7 * np.eye(4), H @ risk.minimizer)
    np.testing.assert_allclose(wdmath.ridge_minimizer(risk, 0.7), expected, atol=1e-14)
