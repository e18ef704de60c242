"""Level-set ellipses and the circle that touches them."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wdmath


@st.composite
def plane_risks(draw):
    angle = draw(st.floats(0, np.pi))
    low, high = sorted(draw(st.tuples(st.floats(1e-2, 1e2), st.floats(1e-2, 1e2))))
    c, s = np.cos(angle), np.sin(angle)
    Q = np.array([[c, -s], [s, c]])
    H = (Q * [high, low]) @ Q.T
    return wdmath.QuadraticRisk((H + H.T) / 2, draw(st.tuples(st.floats(-9, 9), st.floats(-9, 9))), 1.5)


@given(plane_risks(), st.floats(1e-3, 1e3))
def test_points_of_the_ellipse_have_the_level(risk, level):
    ellipse = wdmath.level_set_ellipse(risk, level)
    np.testing.assert_allclose(risk.value(ellipse.points(50)) - risk.constant, level, rtol=1e-9)
    ends = ellipse.center + ellipse.semi_axes[:, None] * ellipse.directions.T
    np.testing.assert_allclose(risk.value(ends) - risk.constant, level, rtol=1e-9)
    assert ellipse.semi_axes[0] <= ellipse.semi_axes[1]
    (loop,) = ellipse.curves(51, reach=1.0)
    np.testing.assert_array_equal(loop[0], loop[-1])
    np.testing.assert_allclose(loop[:-1], ellipse.points(50))


def test_points_run_counterclockwise():
    points = wdmath.level_set_ellipse(wdmath.QuadraticRisk([[4, 1], [1, 2]], [0, 0]), 1.0).points(100)
    following = np.roll(points, -1, axis=0)
    assert (points[:, 0] * following[:, 1] - points[:, 1] * following[:, 0] > 0).all()


@given(plane_risks(), st.floats(1e-2, 1e2))
def test_circle_touches_the_ellipse_at_the_ridge_minimizer(risk, lam):
    circle = wdmath.tangent_circle(risk, lam)
    np.testing.assert_array_equal(circle.point, wdmath.ridge_minimizer(risk, lam))
    assert circle.radius == pytest.approx(np.linalg.norm(circle.point))
    assert circle.level == pytest.approx(risk.value(circle.point) - risk.constant, rel=1e-6, abs=1e-9)
    # Nowhere on the circle is the risk lower.
    values = risk.value(circle.points(400)) - risk.constant
    assert values.min() >= circle.level - 1e-9 * (1 + values.max())
    np.testing.assert_allclose(
        -risk.gradient(circle.point), lam * circle.point, atol=1e-9 * (1 + np.abs(risk.minimizer).max())
    )


@pytest.mark.parametrize("lam", [0.0, 1e-300, 1e-12, 1e-3, 5.0, 1e10])
def test_level_of_the_circle_is_right_to_rounding(lam):
    H, minimizer = [[3.0, 1.0], [1.0, 2.0]], [1.5, -0.5]
    with mpmath.workdps(400):
        A, hat = mpmath.matrix(H), mpmath.matrix(minimizer)
        theta = mpmath.lu_solve(A + mpmath.mpf(lam) * mpmath.eye(2), A * hat)
        expected = float(((theta - hat).T * A * (theta - hat))[0] / 2)
    level = wdmath.tangent_circle(wdmath.QuadraticRisk(H, minimizer), lam).level
    assert level == pytest.approx(expected, rel=1e-14, abs=0)
    # By subtraction one loses what little has moved: a known-bad example.
    if lam == 1e-12:
        moved = np.subtract(minimizer, wdmath.ridge_minimizer(wdmath.QuadraticRisk(H, minimizer), lam))
        assert moved @ H @ moved / 2 != pytest.approx(expected, rel=1e-6, abs=0)


def test_a_flat_direction_gives_two_lines():
    risk = wdmath.QuadraticRisk([[2, 0], [0, 0]], [1, 3])
    strip = wdmath.level_set_ellipse(risk, 4.0)
    np.testing.assert_array_equal(strip.semi_axes, [2, np.inf])
    assert not strip.bounded
    lines = strip.curves(10, reach=5.0)
    assert len(lines) == 2
    for line in lines:
        np.testing.assert_allclose(risk.value(line), 4.0)
        np.testing.assert_allclose(sorted(line[[0, -1], 1]), [-2, 8])
    with pytest.raises(ValueError, match="unbounded"):
        strip.points(10)
    assert (
        wdmath.level_set_ellipse(wdmath.QuadraticRisk(np.zeros((2, 2)), [1, 1]), 1.0).curves(5, reach=1.0)
        == ()
    )


def test_no_level_is_a_point():
    ellipse = wdmath.level_set_ellipse(wdmath.QuadraticRisk(np.eye(2), [1, 2]), 0.0)
    np.testing.assert_array_equal(ellipse.points(3), np.tile([1.0, 2.0], (3, 1)))


def test_only_in_the_plane():
    risk = wdmath.QuadraticRisk(np.eye(3), np.ones(3))
    with pytest.raises(ValueError, match="risk must have 2 parameters, got 3"):
        wdmath.level_set_ellipse(risk, 1.0)
    with pytest.raises(ValueError, match="risk must have 2 parameters, got 3"):
        wdmath.tangent_circle(risk, 1.0)
