"""What chapter 1 shows is true: its data, numbers and curves against numpy, scikit-learn and optimality conditions.

Nothing here asks wdmath. Scenes are played without motion and without drawing a frame.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from manim import Mobject, tempconfig
from numpy.polynomial.legendre import legvander
from sklearn.linear_model import Lasso, Ridge

from lecture.stage import StepRecord
from scenes import CHAPTERS, LECTURE
from scenes import square_spreads_absolute_selects as six
from scenes.parts.scene import WeightDecayScene
from tests.scenes.scratch import MEDIA

QUIET = {"format": "none", "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True}
CHAPTER = tuple(name for name in CHAPTERS[1].scenes if not name.startswith("Map"))


class Played:
    """A scene that was played: its records by step, and where its mobjects were at the end of each step."""

    def __init__(self, scene: WeightDecayScene, points: dict[str, dict[str, np.ndarray]]):
        self.scene = scene
        self.records: dict[str, StepRecord] = {record.name: record for record in scene.records}
        self._points = points

    def points(self, step: str, name: str) -> np.ndarray:
        """All points of the scene's attribute `name` at the end of a step."""
        return self._points[step][name]

    def center(self, step: str, name: str) -> np.ndarray:
        points = self.points(step, name)
        return (points.min(axis=0) + points.max(axis=0)) / 2

    def texts(self, step: str) -> list[str]:
        return [number.text for number in self.records[step].numbers]

    def values(self, step: str) -> list[float]:
        return [number.value for number in self.records[step].numbers]


@cache
def played(name: str) -> Played:
    found: dict[str, dict[str, np.ndarray]] = {}
    cls = LECTURE.load_scene(name)

    class Kept(cls):  # type: ignore[misc, valid-type]
        def play_step(self, step: Any) -> None:
            super().play_step(step)
            found[step.name] = {
                key: value.get_all_points().copy()
                for key, value in vars(self).items()
                if isinstance(value, Mobject) and len(value.get_all_points())
            }

    with tempconfig({**QUIET, "pixel_height": 90, "pixel_width": 160, "media_dir": MEDIA}):
        scene = Kept(skip_animations=True, holds=False)
        scene.render()
    return Played(scene, found)


@pytest.mark.parametrize("name", CHAPTER)
def test_scenes_last_25_to_70_seconds(name: str) -> None:
    assert 25 <= sum(r.seconds + r.hold for r in played(name).records.values()) <= 70


# PenaltiesTameOverfitting


def polynomial_data() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(42)
    x = np.linspace(-1, 1, 13)
    y = np.sin(2.6 * x) + 0.3 * rng.standard_normal(13)
    x_test = rng.uniform(-1, 1, 30)
    return {"x": x, "y": y, "x_test": x_test, "y_test": np.sin(2.6 * x_test) + 0.3 * rng.standard_normal(30)}


def ridge_by_normal_equations(lam: float) -> np.ndarray:
    """Intercept and 11 weights that minimize the sum of squares + lam times the sum of squared weights."""
    data = polynomial_data()
    features = legvander(data["x"], 11)
    penalty = lam * np.diag([0.0] + [1.0] * 11)
    return np.linalg.solve(features.T @ features + penalty, features.T @ data["y"])


def errors(coefficients: np.ndarray) -> tuple[float, float]:
    data = polynomial_data()
    return tuple(
        float(np.mean((legvander(data[x], 11) @ coefficients - data[y]) ** 2))
        for x, y in (("x", "y"), ("x_test", "y_test"))
    )


def test_overfitted_errors_are_those_of_lstsq() -> None:
    data = polynomial_data()
    free = np.linalg.lstsq(legvander(data["x"], 11), data["y"])[0]
    shown = played("PenaltiesTameOverfitting").texts("meet_fresh_points")
    assert shown == [f"{error:.3f}" for error in errors(free)] == ["0.001", "0.740"]


def test_best_penalty_has_the_least_test_error_of_a_scan() -> None:
    scan = 10 ** np.linspace(-4, 2, 601)
    test_errors = np.array([errors(ridge_by_normal_equations(lam))[1] for lam in scan])
    shown = played("PenaltiesTameOverfitting")
    values = dict(zip(("training", "test"), shown.values("calm_the_curve"), strict=False))
    assert values["test"] == pytest.approx(test_errors.min(), rel=0.01)
    assert shown.scene.data.best == pytest.approx(scan[test_errors.argmin()], rel=0.15)
    expected = errors(ridge_by_normal_equations(shown.scene.data.best))
    np.testing.assert_allclose([values["training"], values["test"]], expected, rtol=1e-9)


def test_training_error_rises_and_test_error_falls_then_rises() -> None:
    data = played("PenaltiesTameOverfitting").scene.data
    assert (np.diff(data.training) > 0).all()
    turn = data.test.argmin()
    assert 20 < turn < 100
    assert data.test[0] > 5 * data.test[turn]
    assert data.test[-1] > 5 * data.test[turn]


@pytest.mark.parametrize(
    ("step", "lam"),
    [("calm_the_curve", None), ("penalize_too_much", 100.0), ("compare_with_the_lasso", None)],
)
def test_drawn_curve_is_the_ridge_fit(step: str, lam: float | None) -> None:
    shown = played("PenaltiesTameOverfitting")
    coefficients = ridge_by_normal_equations(lam or shown.scene.data.best)
    corners = shown.points(step, "curve").reshape(-1, 4, 3)[:, 0]
    x = np.linspace(-1, 1, 401)[:-1]
    expected = shown.scene.chart.c2p(x, legvander(x, 11) @ coefficients)
    np.testing.assert_allclose(corners, expected, atol=1e-6)


def test_lasso_keeps_six_weights_and_ridge_all() -> None:
    data = polynomial_data()
    shown = played("PenaltiesTameOverfitting")
    model = Lasso(alpha=shown.scene.data.best_lasso / 13, tol=1e-12, max_iter=1_000_000)
    model.fit(legvander(data["x"], 11)[:, 1:], data["y"])
    counts = [n for n in shown.records["compare_with_the_lasso"].numbers if "count_nonzero" in n.expression]
    assert [n.text for n in counts] == ["11", "6"]
    assert np.count_nonzero(np.abs(model.coef_) > 1e-9) == 6
    # The diamonds are its weights, the bars those of ridge.
    weights = shown.scene.weights
    kept = np.flatnonzero(np.abs(model.coef_) > 1e-9)
    np.testing.assert_allclose(
        shown.scene.kept_weights.centers, weights.c2p(kept + 1, model.coef_[kept]), atol=1e-4
    )
    bars = shown.points("compare_with_the_lasso", "weight_bars").reshape(-1, 4, 3)[:, 3]
    ridge = ridge_by_normal_equations(shown.scene.data.best)[1:]
    np.testing.assert_allclose(bars, weights.c2p(np.arange(1, 12), ridge), atol=1e-6)
    grid = np.linspace(-1, 1, 401)
    np.testing.assert_allclose(
        shown.scene.data.lasso_curve,
        legvander(grid, 11)[:, 1:] @ model.coef_ + model.intercept_,
        atol=1e-4,
    )


# NormMeasuresComplexity


def test_rise_of_the_sheet_is_as_long_as_the_arrow() -> None:
    shown = played("NormMeasuresComplexity")
    for step in ("measure_the_length", "turn_the_arrow", "shorten_the_arrow"):
        rise = shown.points(step, "rise")
        ends = shown.points(step, "arrow")
        arrow = np.linalg.norm(ends - shown.scene.plane.origin, axis=1).max()
        assert np.linalg.norm(rise[-1] - rise[0]) == pytest.approx(arrow, rel=1e-6)


def test_sheet_is_the_graph_of_the_function() -> None:
    shown = played("NormMeasuresComplexity")
    unit = shown.scene.plane.unit
    turn = np.linspace(0, 2 * np.pi, 73)[:-1]
    ticks = np.linspace(-0.75, 0.75, 7)
    half = np.sqrt(1 - ticks**2)
    x = np.vstack(
        [np.column_stack(p) for p in ((ticks, -half), (-half, ticks), (np.cos(turn), np.sin(turn)))]
    )
    flat = shown.points("start_from_zero", "sheet")
    # 14 lines of the mesh, then the rim in 72 pieces: four points each.
    assert len(flat) == 4 * (14 + 72)
    for step, weights, bias in (
        ("give_it_weights", np.array([0.72, 0.96]), 0.0),
        ("shorten_the_arrow", 0.25 * np.array([0.72, 0.96]), 0.0),
        ("lift_by_the_bias", 0.25 * np.array([0.72, 0.96]), 1.15),
    ):
        lifted = (shown.points(step, "sheet") - flat)[::4] / unit
        np.testing.assert_allclose(lifted[:, 1], x @ weights + bias, atol=1e-6)
        np.testing.assert_allclose(lifted[:, 0], 0, atol=1e-6)
    assert shown.values("lift_by_the_bias") == pytest.approx([0.09])


def test_sheet_is_seen_from_above_wherever_it_faces() -> None:
    sheet = played("NormMeasuresComplexity").scene.sheet
    for turn in np.linspace(0, 2 * np.pi, 37):
        w = 1.2 * np.array([np.cos(turn), np.sin(turn)])
        origin, across, away = sheet.at(np.array([[0, 0], [1, 0], [0, 1]]), np.array([0, w[0], w[1]]))
        assert np.cross(across - origin, away - origin)[2] > 0.15 * np.cross(sheet.ACROSS, sheet.AWAY)[2]


# LossPlusPenalty


def test_minimum_of_loss_plus_penalty_and_its_bound() -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal(12)
    y = 0.5 + 1.6 * x + 0.6 * rng.standard_normal(12)
    model = Ridge(alpha=12 * 4.0).fit(x[:, None], y)
    at_zero = np.mean((y - y.mean()) ** 2) / 2
    expected = [4.0, abs(model.coef_[0]), np.sqrt(2 * at_zero / 4.0)]
    assert played("LossPlusPenalty").values("bound_the_norm") == pytest.approx(expected)
    assert expected[1] < expected[2]


def test_bowl_is_traced_by_the_lines_errors() -> None:
    shown = played("LossPlusPenalty")
    rng = np.random.default_rng(2)
    x = rng.standard_normal(12)
    y = 0.5 + 1.6 * x + 0.6 * rng.standard_normal(12)
    curve = shown.points("take_the_training_error", "loss").reshape(-1, 4, 3)[:, 0]
    chart = shown.scene.chart
    w = np.interp(curve[:, 0], *(np.array(ends) for ends in ((chart.box.left, chart.box.right), (-2.5, 2.9))))
    slopes = w[:, None] * (x - x.mean())
    expected = np.mean((y.mean() + slopes - y) ** 2, axis=1) / 2
    np.testing.assert_allclose(curve, chart.c2p(w, expected), atol=1e-6)
    best = np.polyfit(x, y, 1)[0]
    np.testing.assert_allclose(
        shown.center("take_the_training_error", "lowest"),
        chart.c2p(best, np.mean((np.polyval(np.polyfit(x, y, 1), x) - y) ** 2) / 2),
        atol=1e-6,
    )


def test_yellow_dot_is_the_lowest_point_of_the_yellow_curve() -> None:
    shown = played("LossPlusPenalty")
    for step in ("raise_lambda", "bound_the_norm"):
        curve = shown.points(step, "sum")
        dot = shown.center(step, "minimum")
        lowest = curve[curve[:, 1].argmin()]
        assert dot[1] <= lowest[1] + 1e-3
        assert abs(dot[0] - lowest[0]) < 0.05


def test_walls_stand_where_the_penalty_alone_costs_the_loss_at_zero() -> None:
    shown = played("LossPlusPenalty")
    chart, walls = shown.scene.chart, shown.points("bound_the_norm", "walls")
    bound = shown.values("bound_the_norm")[2]
    ends = np.unique(walls[:, 0].round(6))
    np.testing.assert_allclose(ends, chart.c2p(np.array([-bound, bound]), 0)[:, 0], atol=1e-5)


# PenalizeWeightsNotBiases


@pytest.mark.parametrize(("step", "lift"), [("raise_lambda", 0.0), ("lift_the_data", 6.0)])
def test_errors_with_a_free_and_a_penalized_bias(step: str, lift: float) -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(-2, 2, 16)
    y = 12 + 3 * x + rng.standard_normal(16) + lift
    free = Ridge(alpha=16.0).fit(x[:, None], y).predict(x[:, None])
    features = np.column_stack([x, np.ones(16)])
    bound = Ridge(alpha=16.0, fit_intercept=False).fit(features, y).predict(features)
    shown = [n for n in played("PenalizeWeightsNotBiases").records[step].numbers if "mean" in n.expression]
    expected = [np.mean((free - y) ** 2), np.mean((bound - y) ** 2)]
    assert [n.value for n in shown] == pytest.approx(expected)
    assert expected[1] > 10 * expected[0]


def test_only_the_fit_with_a_free_bias_rides_along() -> None:
    shown = played("PenalizeWeightsNotBiases")
    before, after, freed = (
        [n.value for n in shown.records[step].numbers if "mean" in n.expression]
        for step in ("raise_lambda", "lift_the_data", "leave_the_bias_free")
    )
    free, bound = 0, 1
    assert before[free] == pytest.approx(after[free])
    assert after[bound] > 2 * before[bound]
    assert freed[free] == pytest.approx(freed[bound])


# DecayTowardsAnyPoint

HESSIAN, THETA = np.array([[1.2, 0.7], [0.7, 2.2]]), np.array([2.0, 1.15])


@pytest.mark.parametrize(
    ("step", "target", "lams"),
    [
        ("aim_at_zero", (0.0, 0.0), (1.0, 1.0)),
        ("aim_elsewhere", (-0.6, 0.15), (1.0, 1.0)),
        ("vary_the_strength", (0.0, 0.0), (3.0, 0.5)),
    ],
)
def test_point_balances_the_pull_towards_its_target(step: str, target: Any, lams: Any) -> None:
    shown = played("DecayTowardsAnyPoint")
    penalty = np.diag(lams)
    expected = np.linalg.solve(HESSIAN + penalty, HESSIAN @ THETA + penalty @ target)
    plane = shown.scene.plane
    np.testing.assert_allclose(plane.p2c(shown.center(step, "point")), expected, atol=1e-5)
    # The level set of the penalty goes through it.
    circle = plane.p2c(shown.points(step, "circle"))
    cost = ((circle - target) ** 2) @ np.array(lams)
    np.testing.assert_allclose(cost, (expected - target) ** 2 @ np.array(lams), rtol=1e-3)


def test_circle_does_not_jump_when_it_comes_back() -> None:
    """It is not on stage while the target moves back to zero."""
    centers: list[np.ndarray] = []

    class Watched(LECTURE.load_scene("DecayTowardsAnyPoint")):  # type: ignore[misc]
        def play(self, *args: Any, **kwargs: Any) -> None:
            if len(self.records) == 3:  # while the strength is varied
                circle = self.plane.p2c(self.circle.points)
                centers.append((circle.max(axis=0) + circle.min(axis=0)) / 2)
            super().play(*args, **kwargs)

    with tempconfig({**QUIET, "pixel_height": 90, "pixel_width": 160, "media_dir": MEDIA}):
        Watched(skip_animations=True, holds=False).render()
    assert len(centers) > 3
    np.testing.assert_allclose(centers, 0, atol=0.05)


def test_path_leads_from_the_minimizer_to_the_target() -> None:
    shown = played("DecayTowardsAnyPoint")
    path = shown.scene.plane.p2c(shown.points("aim_elsewhere", "path"))
    np.testing.assert_allclose(path[0], THETA, atol=1e-6)
    np.testing.assert_allclose(path[-1], [-0.6, 0.15], atol=5e-3)


# SquareSpreadsAbsoluteSelects


def six_weights() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    shared = rng.standard_normal(60)
    X = rng.standard_normal((60, 6))
    X[:, :2] = shared[:, None] + 0.25 * X[:, :2]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = X @ [1.0, 1.0, 0.0, -0.9, 0.0, 0.0] + rng.standard_normal(60)
    return X, y - y.mean()


@pytest.mark.parametrize("k", [0, 60, 120, 180, 220, 300])
def test_paths_of_six_weights_are_those_of_scikit_learn(k: int) -> None:
    X, y = six_weights()
    lam = six.LAMS[k]
    ridge = Ridge(alpha=60 * lam, fit_intercept=False).fit(X, y).coef_
    lasso = Lasso(alpha=lam, fit_intercept=False, tol=1e-12, max_iter=1_000_000).fit(X, y).coef_
    np.testing.assert_allclose(six.RIDGE_PATHS[k], ridge, atol=1e-10)
    np.testing.assert_allclose(six.LASSO_PATHS[k], lasso, atol=1e-7)


def test_ridge_shares_and_the_lasso_selects() -> None:
    ridge, lasso, lams = six.RIDGE_PATHS, six.LASSO_PATHS, six.LAMS
    gaps = np.abs(ridge[:, 0] - ridge[:, 1])
    assert gaps[-1] < 0.01 < 0.9 < gaps[0]
    assert (ridge != 0).all()
    assert (lasso[lams > 0.07][:, [2, 4, 5]] == 0).all()
    only_one_twin = (lams > 0.8) & (lams < 1.79)
    assert (lasso[only_one_twin, 0] == 0).all()
    assert (lasso[only_one_twin, 1] > 0).all()


def test_two_weights_satisfy_the_optimality_conditions() -> None:
    shown = played("SquareSpreadsAbsoluteSelects")
    theta = np.array([0.9, 1.7])
    ridge, lasso = shown.values("raise_lambda")[:2]
    lam = 1.6
    assert ridge == pytest.approx(np.linalg.solve(HESSIAN + lam * np.eye(2), HESSIAN @ theta)[0])
    assert lasso == 0.0
    second = (HESSIAN[1] @ theta - lam) / HESSIAN[1, 1]  # the other weight, positive
    gradient = HESSIAN @ (np.array([0.0, second]) - theta)
    assert abs(gradient[0]) < lam
    assert gradient[1] == pytest.approx(-lam)
    plane = shown.scene.planes[1]
    balls = shown.points("raise_lambda", "balls")
    corner = plane.p2c(balls[balls[:, 0] > plane.region.left])[:, 1].max()
    assert corner == pytest.approx(second, abs=1e-6)
