"""Chapter 5, 'Further than the sources': curves and clouds against plain loops, scipy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
from sklearn.linear_model import Ridge

from scenes import LECTURE
from scenes.problem import Problem
from tests.scenes.curtain import close, number, numbers_at, played
from tests.scenes.test_chapter2 import OTHERS

I2ML = Problem.i2ml()
H = 2 * I2ML.X.T @ I2ML.X
PULL = 2 * I2ML.X.T @ I2ML.y


def test_stopped_descent_and_its_penalty() -> None:
    scene = played("EarlyStoppingIsDecay")
    theta, path = np.zeros(2), [np.zeros(2)]
    for _ in range(len(scene.path) - 1):
        theta = theta - 0.005 * (H @ theta - PULL)
        path.append(theta)
    assert close(scene.path, path)
    ridge = np.linalg.solve(H + np.eye(2) / (0.005 * 20), PULL)
    assert close(scene.plane.p2c(scene.dot.get_center()), ridge)
    assert close(scene.plane.p2c(scene.stopped.centers[0]), path[20])


def test_share_kept_by_stopping_is_at_most_a_third_more() -> None:
    scene = played("EarlyStoppingIsDecay")
    shown = number(scene, "measure_the_gap", "1.32").value
    x = np.geomspace(1e-3, 19.9, 200_001)  # sigma / lambda, for 20 steps
    ratio = (1 - (1 - x / 20) ** 20) * (1 + x) / x
    assert shown == pytest.approx(ratio.max(), rel=1e-3)
    assert ratio.min() >= 1
    flow = scipy.optimize.minimize_scalar(
        lambda x: np.expm1(-x) * (1 + x) / x, bounds=(0.1, 10), method="bounded"
    )
    assert -flow.fun == pytest.approx(1.2985, abs=1e-4)  # 'with ever smaller steps, thirty percent'


def test_posterior_peaks_at_the_ridge_minimizer_and_narrows() -> None:
    scene = played("PriorBelief")
    lam = numbers_at(scene, "hold_it_more_or_less_firmly")[-1].value
    X, y = scene.data.X, scene.data.y[0]

    def log_density(theta: np.ndarray) -> float:
        return 0.5 * float(np.sum((y - X @ theta) ** 2)) + 0.5 * lam * float(theta @ theta)

    peak = scipy.optimize.minimize(log_density, np.zeros(2), tol=1e-12).x
    assert np.allclose(scene.plane.p2c(scene.peak.get_center()), peak, atol=1e-5)
    covariance = np.linalg.inv(X.T @ X + lam * np.eye(2))
    _, root = scene.belief(1.0, lam)
    assert close(root @ root, covariance)
    # The ellipses of one and two standard deviations, as they are drawn.
    for ellipse, width in zip(scene.narrow, (1.0, 2.0), strict=True):
        away = scene.plane.p2c(ellipse.points[::4]) - peak
        assert np.sqrt(np.einsum("ij,jk,ik->i", away, np.linalg.inv(covariance), away)) == pytest.approx(
            width, rel=1e-4
        )


def test_draws_become_those_of_the_posterior() -> None:
    scene = played("PriorBelief")
    shown = scene.plane.p2c(scene.cloud.centers)
    mean, root = scene.belief(1.0, 0.7)
    expected = mean + scene.draws @ root
    assert len(shown) > 0.95 * len(expected)
    assert np.abs(shown[:, None] - expected).sum(axis=-1).min(axis=1).max() < 1e-9


def test_cloud_is_that_of_three_hundred_ridge_regressions() -> None:
    scene = played("BiasForVariance")
    lam = scene.lam.get_value()
    model = Ridge(alpha=lam, fit_intercept=False, solver="svd")
    fits = np.array([model.fit(scene.data.X, y).coef_ for y in scene.data.y])
    assert len(fits) == 300
    assert close(scene.estimates(lam), fits)
    tip = scene.plane.p2c(scene.drift.end_point)
    assert np.allclose(tip, fits.mean(axis=0))
    shown = scene.plane.p2c(scene.cloud.centers)
    assert np.abs(shown[:, None] - fits).sum(axis=-1).min(axis=1).max() < 1e-9


def test_error_is_variance_plus_squared_bias() -> None:
    scene = played("BiasForVariance")
    X, truth = scene.data.X, scene.data.truth

    def error(lam: float) -> float:
        inverse = np.linalg.inv(X.T @ X + lam * np.eye(2))
        return float(np.trace(inverse @ X.T @ X @ inverse) + np.sum((lam * inverse @ truth) ** 2))

    best = scipy.optimize.minimize_scalar(lambda s: error(np.exp(s)), bounds=(-4, 4), method="bounded")
    lam = scene.lam.get_value()
    assert lam == pytest.approx(np.exp(best.x), rel=0.05)
    assert number(scene, "rest_at_the_minimum", "1.0").value == pytest.approx(error(0.0))
    assert number(scene, "rest_at_the_minimum", "0.32").value == pytest.approx(error(lam))
    # The dots: what really happened in the three hundred data sets, near to what is expected.
    fits = np.array([Ridge(alpha=lam, fit_intercept=False).fit(X, y).coef_ for y in scene.data.y])
    assert np.mean(np.sum((fits - truth) ** 2, axis=1)) == pytest.approx(error(lam), rel=0.15)


def legendre(x: np.ndarray) -> np.ndarray:
    return np.polynomial.legendre.legvander(x, 11)[:, 1:]


def test_leave_one_out_error_by_really_leaving_out() -> None:
    scene = played("ChoosingLambda")
    x, y = scene.data.x, scene.data.y
    for k in (0, 40, 80, 140):
        model = Ridge(alpha=10 ** (-2 + 0.025 * k), solver="svd")
        predictions = []
        for hidden in range(len(y)):
            others = np.arange(len(y)) != hidden
            model.fit(legendre(x[others]), y[others])
            predictions.append(model.predict(legendre(x[hidden : hidden + 1]))[0])
        assert np.allclose(scene.predictions[k], predictions, rtol=1e-6, atol=1e-6)
        assert scene.errors[k] == pytest.approx(np.mean((y - predictions) ** 2), rel=1e-6)


def test_chosen_penalty_is_the_best_and_fresh_data_agree() -> None:
    scene = played("ChoosingLambda")
    assert scene.exponent.get_value() == pytest.approx(-2 + 0.025 * int(np.argmin(scene.errors)))
    data = scene.data
    fresh = []
    for exponent in np.linspace(-2, 1.5, 141):
        model = Ridge(alpha=10**exponent, solver="svd").fit(legendre(data.x), data.y)
        fresh.append(np.mean((model.predict(legendre(data.x_test)) - data.y_test) ** 2))
    assert np.allclose(scene.fresh, fresh, rtol=1e-6)
    here = number(scene, "ask_fresh_data", "0.079").value
    lowest = number(scene, "ask_fresh_data", "0.076").value
    assert lowest == pytest.approx(min(fresh))
    assert lowest <= here < 1.1 * lowest  # 'nearly as low here as it could be'


@pytest.mark.parametrize("problem", OTHERS.values(), ids=OTHERS.keys())
def test_any_problem_is_stopped_early(problem: Problem) -> None:
    scene = played("EarlyStoppingIsDecay", problem)
    assert len(scene.records) == len(
        LECTURE.load_scene("EarlyStoppingIsDecay").storyboard(LECTURE.settings(problem))
    )
    assert all(np.isfinite(n.value) for record in scene.records for n in record.numbers)
