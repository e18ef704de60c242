"""Chapter 5: curves, clouds and experiments against plain loops, scipy and scikit-learn."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.optimize
from sklearn.linear_model import Ridge, RidgeCV

from lecture.definition import Chapter
from lecture.words import Message
from scenes import LECTURE, map_of_chapters
from scenes.experiments.small_experiment import TRADE
from scenes.problem import Problem
from tests.scenes.curtain import close, number, numbers_at, played
from tests.scenes.test_chapter2 import OTHERS

I2ML = Problem.i2ml()
H = 2 * I2ML.X.T @ I2ML.X
PULL = 2 * I2ML.X.T @ I2ML.y


# Early stopping.


def descent(steps: int) -> np.ndarray:
    theta, path = np.zeros(2), [np.zeros(2)]
    for _ in range(steps):
        theta = theta - 0.005 * (H @ theta - PULL)
        path.append(theta)
    return np.array(path)


def test_stopped_descent_and_its_penalty() -> None:
    scene = played("EarlyStoppingIsDecay")
    path = descent(len(scene.path) - 1)
    assert close(scene.path, path)
    # They leave the picture after one step.
    ridge = np.linalg.solve(H + np.eye(2) / 0.005, PULL)
    assert close(scene.plane.p2c(scene.dot.get_center()), ridge)
    assert close(scene.plane.p2c(scene.stopped.centers[0]), path[1])


def test_paired_penalty_is_where_both_shares_begin_alike() -> None:
    scene = played("EarlyStoppingIsDecay")
    sigma = 1e-4
    stopped = 1 - (1 - 0.005 * sigma) ** 4
    for lam, alike in (
        (1 / (0.005 * 4), True),
        (4 / (0.005 * 4), False),
    ):  # the second is where the film begins
        assert (stopped == pytest.approx(sigma / (sigma + lam), rel=1e-4)) is alike
    # The line along which the descent's share begins, as it is drawn.
    start, end = scene.first.get_start(), scene.first.get_end()
    across, up = end - start, scene.chart.c2p(1.0, 1.0) - scene.chart.c2p(0.0, 0.0)
    slope = (across[1] / up[1]) / (across[0] / up[0])
    assert slope == pytest.approx(4 * 0.005)


def test_shares_after_twenty_steps() -> None:
    shown = [n.value for n in numbers_at(played("EarlyStoppingIsDecay"), "compare_the_shares")]
    flat, steep = np.linalg.eigvalsh(H)
    for sigma in (steep, flat):
        assert any(v == pytest.approx(1 - (1 - 0.005 * sigma) ** 20) for v in shown)
        assert any(v == pytest.approx(sigma / (sigma + 10)) for v in shown)


def gap(tau: int) -> float:
    """By how much more the descent keeps, over directions that it does not overshoot."""
    x = np.linspace(1e-3, min(tau, 100), 400_001)
    return float(np.max((1 - (1 - x / tau) ** tau) * (1 + x) / x))


def test_gap_falls_from_two_and_stays_above_that_of_the_flow() -> None:
    scene = played("EarlyStoppingIsDecay")
    taus, shown = scene.gap_values
    for tau, value in zip(taus[::12], shown[::12], strict=True):
        assert value == pytest.approx(gap(int(tau)), rel=2e-3)
    assert shown[0] == pytest.approx(2.0)
    assert number(scene, "measure_the_gap", "1.30").value == pytest.approx(gap(400), rel=1e-3)
    flow = scipy.optimize.minimize_scalar(
        lambda x: np.expm1(-x) * (1 + x) / x, bounds=(0.1, 10), method="bounded"
    )
    assert -flow.fun == pytest.approx(1.2985, abs=1e-4)
    assert (np.diff(shown) < 0).all()
    assert shown[-1] > -flow.fun


@pytest.mark.parametrize("problem", OTHERS.values(), ids=OTHERS.keys())
def test_any_problem_is_stopped_early(problem: Problem) -> None:
    scene = played("EarlyStoppingIsDecay", problem)
    assert len(scene.records) == len(
        LECTURE.load_scene("EarlyStoppingIsDecay").storyboard(LECTURE.settings(problem))
    )
    assert all(np.isfinite(n.value) for record in scene.records for n in record.numbers)


# A prior belief.


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


def test_belief_settles_beside_the_straight_line() -> None:
    scene = played("PriorBelief")
    X, y = scene.data.X, scene.data.y[0]
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    peak = np.linalg.solve(X.T @ X + 2.0 * np.eye(2), X.T @ y)
    away = abs(best[0] * peak[1] - best[1] * peak[0]) / np.hypot(*best)
    assert away > 0.2 * np.hypot(*peak)  # to be seen
    # The flat component gives way most.
    values, vectors = np.linalg.eigh(X.T @ X)
    kept = (vectors.T @ peak) / (vectors.T @ best)
    assert values[0] < values[1]
    assert kept[0] < kept[1]


def test_draws_become_those_of_the_posterior() -> None:
    scene = played("PriorBelief")
    shown = scene.plane.p2c(scene.cloud.centers)
    mean, root = scene.belief(1.0, 0.7)
    expected = mean + scene.draws @ root
    assert len(shown) > 0.95 * len(expected)
    assert np.abs(shown[:, None] - expected).sum(axis=-1).min(axis=1).max() < 1e-9


# Bias for variance.


def data_of(turned: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs, targets of all data sets, and the truth: as drawn, or turned to the flat direction."""
    data = played("BiasForVariance").data
    truth = data.truth
    if turned:
        flat = np.linalg.eigh(data.X.T @ data.X)[1][:, 0]
        truth = np.hypot(*truth) * flat * np.sign(flat @ truth)
    return data.X, data.y + data.X @ (truth - data.truth), truth


def test_cloud_is_that_of_three_hundred_ridge_regressions() -> None:
    scene = played("BiasForVariance")
    lam = scene.lam.get_value()
    X, targets, truth = data_of(turned=True)
    assert close(scene.truth, truth)
    model = Ridge(alpha=lam, fit_intercept=False, solver="svd")
    fits = np.array([model.fit(X, y).coef_ for y in targets])
    assert len(fits) == 300
    assert close(scene.estimates(lam), fits)
    tip = scene.plane.p2c(scene.drift.end_point)
    assert np.allclose(tip, fits.mean(axis=0))
    shown = scene.plane.p2c(scene.cloud.centers)
    assert len(shown) > 0.9 * 300
    assert np.abs(shown[:, None] - fits).sum(axis=-1).min(axis=1).max() < 1e-9


def expected_error(lam: float, truth: np.ndarray) -> float:
    return expected_error_of(played("BiasForVariance").data.X, lam, truth)


def test_error_is_variance_plus_squared_bias() -> None:
    scene = played("BiasForVariance")
    X, targets, truth = data_of(turned=False)
    best = scipy.optimize.minimize_scalar(
        lambda s: expected_error(np.exp(s), truth), bounds=(-4, 4), method="bounded"
    )
    shown = number(scene, "rest_at_the_minimum", "0.32")
    lam = shown.inputs["lam"]
    assert lam == pytest.approx(np.exp(best.x), rel=0.05)
    assert shown.value == pytest.approx(expected_error(lam, truth))
    assert number(scene, "rest_at_the_minimum", "1.0").value == pytest.approx(expected_error(0.0, truth))
    # The dots: what really happened in the three hundred data sets, near to what is expected.
    fits = np.array([Ridge(alpha=lam, fit_intercept=False).fit(X, y).coef_ for y in targets])
    assert np.mean(np.sum((fits - truth) ** 2, axis=1)) == pytest.approx(expected_error(lam, truth), rel=0.15)


def test_ridge_chosen_by_leaving_out_gains_as_is_kept() -> None:
    seed, truth = 3, np.array([1.5, 0.9])
    rng = np.random.default_rng(seed)
    X = rng.multivariate_normal([0, 0], [[1, 0.85], [0.85, 1]], size=8)
    targets = X @ truth + rng.standard_normal((300, 8))
    found: dict[str, list[float]] = {"none": [], "chosen": []}
    for y in targets:
        model = RidgeCV(alphas=np.geomspace(0.02, 50, 121), fit_intercept=False).fit(X, y)
        found["chosen"].append(((model.coef_ - truth) ** 2).sum())
        found["none"].append(((np.linalg.lstsq(X, y)[0] - truth) ** 2).sum())
    for name, distances in found.items():
        assert TRADE.results[seed][name] == pytest.approx(np.mean(distances), rel=1e-4)
    least = min(expected_error_of(X, lam, truth) for lam in np.geomspace(0.02, 50, 121))
    assert TRADE.results[seed]["best"] == pytest.approx(least, rel=0.15)


def expected_error_of(X: np.ndarray, lam: float, truth: np.ndarray) -> float:
    inverse = np.linalg.inv(X.T @ X + lam * np.eye(2))
    return float(np.trace(inverse @ X.T @ X @ inverse) + np.sum((lam * inverse @ truth) ** 2))


def test_every_direction_gains_and_the_average_is_what_is_told() -> None:
    scene = played("BiasForVariance")
    shown = number(scene, "turn_the_truth", "0.67")
    lam = shown.inputs["lam"]
    length = float(np.hypot(*scene.data.truth))
    turns = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    errors = [expected_error(lam, length * np.array([np.cos(t), np.sin(t)])) for t in turns]
    assert shown.value == pytest.approx(np.mean(errors))
    assert max(errors) < 0.9 * expected_error(0.0, np.zeros(2))  # 'shrinks, but stays'
    # No other penalty is better on average; and a strong one would lose in some direction.
    others = np.geomspace(0.02, 50, 200)
    averages = [
        np.mean([expected_error(o, length * np.array([np.cos(t), np.sin(t)])) for t in turns[::40]])
        for o in others
    ]
    assert np.mean(errors) < 1.001 * min(averages)
    assert max(expected_error(4.0, length * np.array([np.cos(t), np.sin(t)])) for t in turns) > 1.04


# Choosing lambda.


def legendre(x: np.ndarray) -> np.ndarray:
    return np.polynomial.legendre.legvander(x, 11)[:, 1:]


LAMS = np.geomspace(3e-3, 3, 121)


def without(hidden: int, lam: float, x: np.ndarray, y: np.ndarray) -> Ridge:
    """The fit to all rows but one, each counting as before: 13 lam is the penalty of a sum of squares."""
    others = np.arange(len(y)) != hidden
    return Ridge(alpha=13 * lam, solver="svd").fit(legendre(x[others]), y[others])


def test_leave_one_out_error_by_really_leaving_out() -> None:
    data = played("ChoosingLambda").data
    x, y = data.x, data.y
    for k in (0, 40, 80, 120):
        predictions = [
            without(hidden, LAMS[k], x, y).predict(legendre(x[hidden : hidden + 1]))[0]
            for hidden in range(13)
        ]
        assert np.allclose(data.predictions[k], predictions, rtol=1e-6, atol=1e-6)
        assert data.left_out[k] == pytest.approx(np.mean((y - predictions) ** 2), rel=1e-6)
    assert np.abs(data.predictions).max() < 1.75  # no miss is cut


def test_curve_without_a_point_and_how_it_follows_the_point() -> None:
    scene = played("ChoosingLambda")
    x, y = scene.data.x, scene.data.y
    grid = np.sin(np.pi / 2 * np.linspace(-1, 1, 241))
    hidden = without(8, LAMS[0], x, y).predict(legendre(grid))
    full = Ridge(alpha=13 * LAMS[0], solver="svd").fit(legendre(x), y).predict(legendre(grid))
    assert np.allclose(scene.without, hidden, atol=1e-6)
    assert np.allclose(scene.full, full, atol=1e-6)
    assert not np.allclose(hidden, full, atol=0.1)
    # Leverage: by how much the fit at the point follows it.
    moved = y.copy()
    moved[8] += 1.0
    fits = [
        Ridge(alpha=13 * LAMS[0], solver="svd").fit(legendre(x), v).predict(legendre(x))[8]
        for v in (y, moved)
    ]
    told = next(
        step for step in LECTURE.load_scene("ChoosingLambda").storyboard() if step.name == "lift_the_point"
    )
    (share,) = told.numbers
    assert share.value == pytest.approx(fits[1] - fits[0], rel=1e-6)
    miss = y[8] - scene.data.predictions[0, 8]
    assert miss == pytest.approx((y[8] - fits[0]) / (1 - share.value), rel=1e-6)


def test_chosen_penalty_and_what_fresh_data_say() -> None:
    scene = played("ChoosingLambda")
    data = scene.data
    assert 10 ** scene.exponent.get_value() == pytest.approx(LAMS[int(np.argmin(data.left_out))])
    grid = np.linspace(-1, 1, 4001)
    model = Ridge(alpha=13 * LAMS[data.chosen], solver="svd").fit(legendre(data.x), data.y)
    expected = np.mean((model.predict(legendre(grid)) - np.sin(2.6 * grid)) ** 2) + 0.09
    step = LECTURE.load_scene("ChoosingLambda").storyboard()[-1]
    chosen, best, noise = (n.value for n in step.numbers)
    assert chosen == pytest.approx(expected, rel=2e-3)
    assert best <= chosen
    assert best == pytest.approx(data.expected.min())
    assert noise == pytest.approx(0.09)
    assert noise < data.expected.min()
    # Between the edges of the band lie about eight of ten draws.
    rng = np.random.default_rng(99)
    inside = 0
    for _ in range(300):
        x = rng.uniform(-1, 1, 30)
        values = np.sin(2.6 * x) + 0.3 * rng.standard_normal(30)
        error = np.mean((model.predict(legendre(x)) - values) ** 2)
        inside += data.low[data.chosen] < error < data.high[data.chosen]
    assert 0.7 < inside / 300 < 0.9


# The double descent.


def least_squares(X: np.ndarray, y: np.ndarray, new: np.ndarray, lam: float) -> np.ndarray:
    """Predictions by the singular value decomposition; the shortest weights where there is no penalty."""
    middle, level = X.mean(axis=0), y.mean()
    U, s, Vt = np.linalg.svd(X - middle, full_matrices=False)
    factors = np.where(s > 1e-10 * s[0], s / (s**2 + len(y) * lam), 0.0)
    return level + (new - middle) @ (Vt.T @ (factors * (U.T @ (y - level))))


def test_error_over_the_number_of_features() -> None:
    scene = played("DoubleDescent")
    data = scene.data
    for p in (10, 30, 60, 100, 600):
        X, new = data.features(p), data.fresh(p)
        assert X.shape == (60, p)
        k = int(np.flatnonzero(scene.widths == p)[0]) if p in scene.widths else None
        for lam, errors in ((0.0, scene.errors), (data.chosen(p), scene.errors_tuned)):
            error = np.mean((least_squares(X, data.y, new, lam) - data.truth) ** 2)
            assert data.error(p, lam) == pytest.approx(error, rel=1e-5)
            if k is not None:
                assert errors[k] == pytest.approx(error, rel=1e-5)
    peak = scene.widths[int(np.argmax(scene.errors))]
    assert peak == 60
    # 'No peak is left': with the chosen penalty no width is much worse than any smaller one.
    assert max(b / a for a, b in pairwise(np.minimum.accumulate(scene.errors_tuned))) <= 1.0
    assert (scene.errors_tuned / np.minimum.accumulate(scene.errors_tuned)).max() < 1.5
    assert (scene.errors / np.minimum.accumulate(scene.errors)).max() > 10


def test_penalty_is_chosen_by_leaving_out() -> None:
    data = played("DoubleDescent").data
    X, lams = data.features(30), np.geomspace(1e-6, 10, 71)
    errors = []
    for lam in lams[30:60:3]:
        left_out = []
        for row in range(60):
            others = np.arange(60) != row
            # 59 rows with the same weight each: the penalty of a sum of squares stays 60 lam.
            fit = least_squares(X[others], data.y[others], X[row : row + 1], lam * 60 / 59)
            left_out.append((fit[0] - data.y[row]) ** 2)
        errors.append(np.mean(left_out))
    assert abs(np.log(lams[30:60:3][int(np.argmin(errors))] / data.chosen(30))) < np.log(lams[3] / lams[0])


def test_beads_and_dots_are_those_of_the_fits() -> None:
    scene = played("DoubleDescent")
    data = scene.data
    for p in (30, 60, 600):
        X = data.features(p) - data.features(p).mean(axis=0)
        values = np.linalg.svd(X, compute_uv=False)[: min(p, 59)] ** 2 / 60
        assert np.allclose(data.eigenvalues(p), values, rtol=1e-5, atol=1e-12)
    shown = scene.points.centers
    predicted = least_squares(data.features(600), data.y, data.fresh(600), data.chosen(600))
    expected = scene.picture.c2p(data.truth[:300], predicted[:300])
    assert len(shown) > 290
    assert np.abs(shown[:, None, :2] - expected[:, :2]).sum(axis=-1).min(axis=1).max() < 1e-6


# The widest margin.


def test_boundary_comes_to_that_of_a_support_vector_machine() -> None:
    from sklearn.svm import SVC

    scene = played("WidestMargin")
    data = scene.data
    machine = SVC(kernel="linear", C=1e9, tol=1e-9).fit(data.X, data.y)
    widest = 1 / np.linalg.norm(machine.coef_)
    assert data.widest == pytest.approx(widest, rel=1e-4)
    shown = number(scene, "let_the_penalty_vanish", "0.410").value
    weights, offset = data.theta[-1][:2], data.theta[-1][2]
    assert shown == pytest.approx(
        np.min((2 * data.y - 1) * (data.X @ weights + offset)) / np.linalg.norm(weights)
    )
    assert 0.97 * widest < shown <= widest * (1 + 1e-6)
    # With a strong penalty: across the way between the centers, with less than a third of that margin.
    way = data.X[data.y == 1].mean(axis=0) - data.X[data.y == 0].mean(axis=0)
    strong = data.theta[0][:2]
    assert way @ strong / np.linalg.norm(way) / np.linalg.norm(strong) > 0.9999
    assert data.margins[0] < 0.34 * widest
    # The three points that are kept hold it.
    assert len(machine.support_) == 3
    turned = np.degrees(
        np.arccos(scene.few[:2] @ weights / np.linalg.norm(scene.few[:2]) / np.linalg.norm(weights))
    )
    assert turned < 0.2


def test_weights_minimize_the_penalized_loss() -> None:
    data = played("WidestMargin").data
    signs = 2 * data.y - 1
    for k in (0, 20, 40, 60):
        lam = np.geomspace(10.0, 1e-9, 81)[k]
        w, b = data.theta[k][:2], data.theta[k][2]
        pull = -signs / (1 + np.exp(signs * (data.X @ w + b))) / len(signs)
        gradient = np.append(data.X.T @ pull + lam * w, pull.sum())
        assert np.abs(gradient).max() < 1e-6 * np.abs(pull).sum() + 1e-14


def test_a_chapter_more_moves_the_map_that_a_scene_begins_with(monkeypatch: pytest.MonkeyPatch) -> None:
    style, chapters = LECTURE.settings().style, map_of_chapters.NUMBERED
    monkeypatch.setattr(map_of_chapters, "NUMBERED", (Chapter(Message("Zero"), ("Zero",)), *chapters))
    card = map_of_chapters.lit_card("EarlyStoppingIsDecay", style)
    assert len(card.icon) == 3  # that of its own chapter
    own = next(k for k, chapter in enumerate(chapters, start=1) if "EarlyStoppingIsDecay" in chapter.scenes)
    expected = map_of_chapters.Card(own + 1, style).sign.get_center()
    np.testing.assert_allclose(card.sign.get_center(), expected)
