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
from scenes.parts.noisy_sine import NoisySine
from scenes.parts.scene import WeightDecayScene
from tests.scenes.scratch import MEDIA

QUIET = {"format": "none", "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True}
CHAPTER = tuple(name for name in CHAPTERS[1].scenes if not name.startswith("Map"))


class Played:
    """A scene that was played: its records by step, and where its mobjects were at the end of each step.

    `points` knows the attributes of the scene, `parts` the attributes of those, by name.
    """

    def __init__(
        self,
        scene: WeightDecayScene,
        points: dict[str, dict[str, np.ndarray]],
        parts: dict[str, dict[str, np.ndarray]],
    ):
        self.scene, self.parts = scene, parts
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
    parts: dict[str, dict[str, np.ndarray]] = {}
    cls = LECTURE.load_scene(name)

    class Kept(cls):  # type: ignore[misc, valid-type]
        def play_step(self, step: Any) -> None:
            super().play_step(step)
            own = _drawn(self)
            found[step.name] = {key: value.get_all_points().copy() for key, value in own.items()}
            parts[step.name] = {
                key: part.get_all_points().copy()
                for value in own.values()
                for key, part in _drawn(value).items()
            } | found[step.name]

    with tempconfig({**QUIET, "pixel_height": 90, "pixel_width": 160, "media_dir": MEDIA}):
        scene = Kept(skip_animations=True, holds=False)
        scene.render()
    return Played(scene, found, parts)


def _drawn(owner: Any) -> dict[str, Mobject]:
    """The attributes of an object that are drawn."""
    return {
        key: value
        for key, value in vars(owner).items()
        if isinstance(value, Mobject) and len(value.get_all_points())
    }


@pytest.mark.parametrize("name", CHAPTER)
def test_scenes_last_25_to_90_seconds(name: str) -> None:
    assert 25 <= sum(r.seconds + r.hold for r in played(name).records.values()) <= 90


# PenaltiesTameOverfitting


def polynomial_data() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return rows_of(42)


@cache
def rows_of(seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The rows by what they are for, drawn anew from the seed."""
    rng = np.random.default_rng(seed)

    def noisy(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return x, np.sin(2.6 * x) + 0.3 * rng.standard_normal(len(x))

    rows = {"train": noisy(np.linspace(-1, 1, 13)), "valid": noisy(rng.uniform(-1, 1, 30))}
    more = noisy(rng.uniform(-1, 1, 300))
    rows["more"] = tuple(np.concatenate(pair) for pair in zip(rows["train"], more, strict=True))  # type: ignore[assignment]
    rows["test"] = noisy(rng.uniform(-1, 1, 1000))
    return rows


def ridge_by_normal_equations(lam: float, rows: str = "train") -> np.ndarray:
    """Intercept and 11 weights that minimize the mean of half squares + lam/2 times the sum of squared weights."""
    x, y = polynomial_data()[rows]
    features = legvander(x, 11)
    penalty = lam * len(x) * np.diag([0.0] + [1.0] * 11)
    return np.linalg.solve(features.T @ features + penalty, features.T @ y)


def lasso_by_coordinate_descent(lam: float) -> np.ndarray:
    x, y = polynomial_data()["train"]
    model = Lasso(alpha=lam, tol=1e-12, max_iter=1_000_000).fit(legvander(x, 11)[:, 1:], y)
    return np.append(model.intercept_, np.where(np.abs(model.coef_) > 1e-9, model.coef_, 0))


def error(coefficients: np.ndarray, rows: str) -> float:
    x, y = polynomial_data()[rows]
    return float(np.mean((legvander(x, 11) @ coefficients - y) ** 2) / 2)


def free_fit() -> np.ndarray:
    x, y = polynomial_data()["train"]
    return np.linalg.lstsq(legvander(x, 11), y)[0]


def test_overfitted_errors_are_those_of_lstsq() -> None:
    free = free_fit()
    shown = played("PenaltiesTameOverfitting").texts("meet_fresh_points")
    assert shown == [f"{error(free, rows):.4f}" for rows in ("train", "valid")]
    # The question before it: about a thousand times as large.
    assert 500 < error(free, "valid") / error(free, "train") < 2000


def test_best_penalty_has_the_least_validation_error_of_a_scan() -> None:
    scan = np.geomspace(1e-4, 10, 601)
    errors = np.array([error(ridge_by_normal_equations(lam), "valid") for lam in scan])
    shown = played("PenaltiesTameOverfitting")
    best = shown.scene.data.best
    assert best == pytest.approx(scan[errors.argmin()], rel=0.15)
    # Every step from there on is about the same fit.
    fit = ridge_by_normal_equations(best)
    expected = [f"{error(fit, rows):.4f}" for rows in ("train", "valid")]
    for step in ("turn_lambda_up", "penalize_too_much"):
        assert set(expected) < set(shown.texts(step)), step
    # The lasso's own penalty takes the place of ridge's, which is not its.
    assert not set(expected) & set(shown.texts("compare_with_the_lasso"))
    assert f"{shown.scene.data.best_lasso:.4f}" in shown.texts("compare_with_the_lasso")
    assert f"{(fit[1:] ** 2).sum():.1f}" in shown.texts("turn_lambda_up")


def test_training_error_rises_and_validation_error_falls_then_rises() -> None:
    data = played("PenaltiesTameOverfitting").scene.data
    assert (np.diff(data.training) > 0).all()
    turn = data.validation.argmin()
    assert 20 < turn < len(data.lams) - 20
    assert data.validation[0] > 5 * data.validation[turn]
    assert data.validation[-1] > 5 * data.validation[turn]
    for k in (0, 60, turn, -1):
        fit = ridge_by_normal_equations(data.lams[k])
        assert data.training[k] == pytest.approx(error(fit, "train"), abs=1e-9)
        assert data.validation[k] == pytest.approx(error(fit, "valid"), rel=1e-6)


@pytest.mark.parametrize(
    ("step", "fit"),
    [
        ("chase_the_noise", lambda best: free_fit()),
        ("add_more_data", lambda best: ridge_by_normal_equations(0.0, "more")),
        ("turn_lambda_up", ridge_by_normal_equations),
        ("test_on_unseen_points", ridge_by_normal_equations),
    ],
)
def test_curve_and_beads_are_those_of_the_fit(step: str, fit: Any) -> None:
    shown = played("PenaltiesTameOverfitting")
    coefficients = fit(shown.scene.data.best)
    corners = shown.points(step, "fit").reshape(-1, 4, 3)[:, 0]
    x = np.linspace(-1, 1, 401)[:-1]
    expected = shown.scene.chart.c2p(x, legvander(x, 11) @ coefficients)
    np.testing.assert_allclose(corners, expected, atol=1e-5)
    # Beads and bars, by the two ticks of the strings that are known: zero, and how long a unit is.
    strings = shown.scene.strings
    zero = strings.zero.get_start()[1]
    beads = shown.parts[step]["beads"].reshape(11, -1, 3).mean(axis=1)
    np.testing.assert_allclose((beads[:, 1] - zero) / strings.unit, coefficients[1:], atol=1e-5)


def test_tank_holds_the_squares_area_for_area() -> None:
    shown = played("PenaltiesTameOverfitting")
    unit = shown.scene.strings.unit
    for step, coefficients in (
        ("let_weights_cost", free_fit()),
        ("turn_lambda_up", ridge_by_normal_equations(shown.scene.data.best)),
    ):
        level = shown.parts[step]["level"]
        width, height = np.ptp(level[:, 0]), np.ptp(level[:, 1])
        assert width * height == pytest.approx(unit**2 * (coefficients[1:] ** 2).sum(), rel=1e-3)


def test_lasso_keeps_six_weights_and_ridge_all() -> None:
    shown = played("PenaltiesTameOverfitting")
    data, strings = shown.scene.data, shown.scene.strings
    lasso = lasso_by_coordinate_descent(data.best_lasso)
    kept = np.flatnonzero(lasso[1:])
    assert len(kept) == 6
    assert (np.abs(ridge_by_normal_equations(data.best)[1:]) > 1e-3).all()
    np.testing.assert_allclose(shown.scene.kept.centers, strings.at(kept, lasso[1:][kept]), atol=1e-4)
    assert len(shown.scene.zeros.centers) == 5
    # "Much the same curve": nowhere farther from ridge's than the noise.
    grid = np.linspace(-1, 1, 401)
    ridge = ridge_by_normal_equations(data.best)
    assert np.abs(legvander(grid, 11) @ (lasso - ridge)).max() < 0.3
    # Its penalty has the least validation error of those on the scale.
    errors = [error(lasso_by_coordinate_descent(lam), "valid") for lam in data.lams[1::6]]
    assert error(lasso, "valid") <= min(errors) + 1e-9


def test_test_errors_are_of_points_that_chose_nothing() -> None:
    shown = played("PenaltiesTameOverfitting")
    data = shown.scene.data
    fits = (
        free_fit(),
        ridge_by_normal_equations(data.best),
        lasso_by_coordinate_descent(data.best_lasso),
        ridge_by_normal_equations(0.0, "more"),
    )
    expected = [error(fit, "test") for fit in fits]
    values = [number.value for number in shown.records["test_on_unseen_points"].numbers][-4:]
    assert values == pytest.approx(expected, rel=1e-4)
    bars = shown.parts["test_on_unseen_points"]["bars"].reshape(4, -1, 3)
    lengths = np.ptp(bars[:, :, 0], axis=1)
    np.testing.assert_allclose(lengths / lengths[0], np.array(expected) / expected[0], rtol=1e-4)


def test_penalties_help_on_nine_seeds_of_ten() -> None:
    """Not on the one that is shown alone."""
    helped = 0
    for seed in range(100, 120):
        data = NoisySine(seed)
        free, ridge, lasso = (
            np.mean((data.curve(fit, data.x_test) - data.y_test) ** 2)
            for fit in (data.ridge(0.0), data.ridge(data.best), data.lasso(data.best_lasso))
        )
        helped += max(ridge, lasso) < free
    assert helped >= 18


# NormMeasuresComplexity


def seen(x: np.ndarray, height: np.ndarray, shown: Played) -> np.ndarray:
    """Where points of space are seen: turned about the vertical, then tilted towards the viewer."""
    turn, tilt = -0.42, np.radians(54)
    right = x[:, 0] * np.cos(turn) - x[:, 1] * np.sin(turn)
    back = x[:, 0] * np.sin(turn) + x[:, 1] * np.cos(turn)
    center = shown.scene.space.at([0, 0, 0])
    unit, rise = 1.9, shown.scene.plane.unit
    flat = np.column_stack([unit * right, unit * np.sin(tilt) * back + rise * height])
    return center[:2] + flat


W = np.array([0.72, 0.96])


@pytest.mark.parametrize(
    ("step", "weights", "bias"),
    [
        ("start_from_zero", 0 * W, 0.0),
        ("give_it_weights", W, 0.0),
        ("turn_the_arrow", W, 0.0),
        ("shorten_the_arrow", W / 4, 0.0),
        ("lift_by_the_bias", W / 4, 0.8),
    ],
)
def test_sheet_is_the_graph_of_the_function(step: str, weights: np.ndarray, bias: float) -> None:
    shown = played("NormMeasuresComplexity")
    turn = np.linspace(0, 2 * np.pi, 73)
    rim = np.column_stack([np.cos(turn), np.sin(turn)])
    expected = seen(rim, rim @ weights + bias, shown)
    corners = shown.parts[step]["face"].reshape(-1, 4, 3)[:, 0]
    np.testing.assert_allclose(corners[:, :2], expected[:-1], atol=1e-6)
    # A sheet that is tilted the other way would be found.
    if weights.any():
        assert np.abs(corners[:, :2] - seen(rim, bias - rim @ weights, shown)[:-1]).max() > 0.1


def test_rise_of_the_sheet_is_as_long_as_the_arrow() -> None:
    shown = played("NormMeasuresComplexity")
    for step in ("measure_the_length", "turn_the_arrow", "shorten_the_arrow"):
        rise = shown.points(step, "rise")
        ends = shown.points(step, "arrow")
        arrow = np.linalg.norm(ends - shown.scene.plane.origin, axis=1).max()
        assert np.linalg.norm(rise[-1] - rise[0]) == pytest.approx(arrow, rel=1e-6)


def test_sheet_is_seen_from_above_wherever_it_faces() -> None:
    shown = played("NormMeasuresComplexity")
    axes = np.array([[0.0, 0], [1, 0], [0, 1]])
    flat = seen(axes, np.zeros(3), shown)
    for turn in np.linspace(0, 2 * np.pi, 37):
        w = 1.2 * np.array([np.cos(turn), np.sin(turn)])
        origin, across, away = seen(axes, axes @ w, shown)
        area = np.linalg.det([across - origin, away - origin])
        assert area > 0.15 * np.linalg.det([flat[1] - flat[0], flat[2] - flat[0]])


def test_norms_are_those_of_the_polynomials_weights() -> None:
    shown = played("NormMeasuresComplexity")
    calm = ridge_by_normal_equations(played("PenaltiesTameOverfitting").scene.data.best)
    expected = [np.linalg.norm(free_fit()[1:]), np.linalg.norm(calm[1:])]
    values = shown.values("shorten_the_arrow")
    assert values == pytest.approx(expected, rel=1e-6)
    # The bars have the unit of the arrow.
    lengths = [np.ptp(row[1].get_all_points()[:, 0]) for row in shown.scene.norms]
    np.testing.assert_allclose(lengths, shown.scene.plane.unit * np.array(expected), rtol=1e-6)


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


def test_sticks_carry_the_sum() -> None:
    """From the training error up to the sum, by half of lambda times the square."""
    shown = played("LossPlusPenalty")
    chart = shown.scene.chart
    ends = shown.points("raise_lambda", "sticks").reshape(-1, 4, 3)[:, [0, 3]]
    w = np.interp(ends[:, 0, 0], [chart.box.left, chart.box.right], [-2.5, 2.9])
    heights = np.interp(ends[..., 1], [chart.box.bottom, chart.box.top], [0, 3])
    rng = np.random.default_rng(2)
    x = rng.standard_normal(12)
    y = 0.5 + 1.6 * x + 0.6 * rng.standard_normal(12)
    loss = np.mean((y.mean() + w[:, None] * (x - x.mean()) - y) ** 2, axis=1) / 2
    np.testing.assert_allclose(heights[:, 0], loss, atol=1e-6)
    np.testing.assert_allclose(heights[:, 1], np.minimum(loss + 1.5 / 2 * w**2, 3), atol=1e-6)
    assert len(w) > 8


def test_tangent_reaches_the_end_of_its_rise() -> None:
    shown = played("LossPlusPenalty")
    tangent = shown.points("halve_the_square", "tangent")
    chart = shown.scene.chart
    touch, top = chart.c2p([1.5, 2.5], [1.125, 1.125 + 1.5])  # lambda 1: the slope at 1.5 is 1.5
    np.testing.assert_allclose(tangent[-1], top, atol=1e-6)
    slope = np.diff(tangent[[0, -1]], axis=0)[0]
    assert np.cross(slope, touch - tangent[0])[2] == pytest.approx(0, abs=1e-6)


# PenalizeWeightsNotBiases


def sixteen() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.uniform(-2, 2, 16)
    return x, 12 + 3 * x + 1.5 * rng.standard_normal(16)


def bias_penalized(y: np.ndarray, lam: float, own: float) -> np.ndarray:
    """Predictions of the line that minimizes the mean of half squares + lam/2 w^2 + own/2 b^2."""
    x, _ = sixteen()
    features = np.column_stack([x, np.ones(16)])
    return features @ np.linalg.solve(features.T @ features / 16 + np.diag([lam, own]), features.T @ y / 16)


@pytest.mark.parametrize(("step", "lift"), [("raise_lambda", 0.0), ("lift_the_data", 6.0)])
def test_errors_with_a_free_and_a_penalized_bias(step: str, lift: float) -> None:
    _, y = sixteen()
    y = y + lift
    expected = [np.mean((bias_penalized(y, 0.5, own) - y) ** 2) / 2 for own in (0.0, 0.5)]
    shown = [n for n in played("PenalizeWeightsNotBiases").records[step].numbers if "mean" in n.expression]
    assert [n.value for n in shown] == pytest.approx(expected)
    assert expected[1] > 8 * expected[0]


def test_a_hundredth_of_the_penalty_does_hardly_any_harm() -> None:
    _, y = sixteen()
    harm = [np.mean((bias_penalized(y + 6, 0.5, own) - y - 6) ** 2) for own in (0.0, 0.005, 0.5)]
    assert harm[1] < 1.02 * harm[0]
    assert harm[2] > 15 * harm[0]


def test_slopes_of_few_points_disagree_more_than_levels() -> None:
    shown = played("PenalizeWeightsNotBiases")
    x, y = sixteen()
    chart = shown.scene.right[0]
    lines = shown.points("fit_a_few_points", "bundle").reshape(-1, 4, 3)[:, [0, 3]]
    fits = []
    for rows in (np.random.default_rng(k).choice(16, 5, replace=False) for k in range(30)):
        features = np.column_stack([x[rows], np.ones(5)])
        fits.append(np.linalg.lstsq(features, y[rows])[0])
    ends = np.array([-2.3, 2.3])
    expected = np.array([chart.c2p(ends, w * ends + b) for w, b in fits])
    np.testing.assert_allclose(lines, expected, atol=1e-6)
    slopes, levels = np.array(fits).T
    assert np.std(slopes * 2.3) > 2 * np.std(levels + slopes * x.mean())
    # And the bars are as long as the bundle is wide.
    spans = [np.ptp(bar.get_all_points()[:, 1]) for bar in shown.scene.widths]
    wide = [np.ptp(slopes * at + levels) for at in (x.mean(), 2.3)]
    np.testing.assert_allclose(np.divide(*spans), np.divide(*wide), rtol=1e-6)


def test_only_the_fit_with_a_free_bias_rides_along() -> None:
    shown = played("PenalizeWeightsNotBiases")
    before, after, freed = (
        [n.value for n in shown.records[step].numbers if "mean" in n.expression]
        for step in ("raise_lambda", "lift_the_data", "leave_the_bias_free")
    )
    free, bound = 0, 1
    assert before[free] == pytest.approx(after[free])
    assert after[bound] > 1.9 * before[bound]
    assert freed[free] == pytest.approx(freed[bound])


# DecayTowardsAnyPoint

HESSIAN, THETA = np.array([[1.2, 0.7], [0.7, 2.2]]), np.array([2.0, 1.15])


@pytest.mark.parametrize(
    ("step", "target", "lams"),
    [
        ("aim_at_zero", (0.0, 0.0), (1000.0, 1000.0)),
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


def two_penalties(first: float, second: float, seed: int | None = None) -> tuple[float, float]:
    """Validation and test error of the polynomial with a penalty for degrees 1 to 4 and one for the others."""
    rows = polynomial_data() if seed is None else rows_of(seed)
    x, y = rows["train"]
    features = legvander(x, 11)
    penalty = 13 * np.diag([0.0] + [first] * 4 + [second] * 7)
    fit = np.linalg.solve(features.T @ features + penalty, features.T @ y)
    errors = []
    for name in ("valid", "test"):
        x, y = rows[name]
        errors.append(float(np.mean((legvander(x, 11) @ fit - y) ** 2) / 2))
    return errors[0], errors[1]


def best_of(pairs: list[tuple[float, float]], seed: int | None = None) -> tuple[float, float]:
    """Validation and test error of the pair with the least validation error."""
    return min(two_penalties(*pair, seed) for pair in pairs)


def test_two_penalties_have_less_validation_error_than_one() -> None:
    tried = np.geomspace(1e-3, 1, 10)
    singles, pairs = [(a, a) for a in tried], [(a, b) for a in tried for b in tried]
    shown = played("DecayTowardsAnyPoint")
    expected = [best_of(singles)[0], best_of(pairs)[0]]
    assert shown.values("search_for_two") == pytest.approx(expected, rel=1e-6)
    # The dots of the grid: areas in proportion to the errors.
    errors = np.array([two_penalties(*pair)[0] for pair in pairs])
    radii = np.array([dot.width / 2 for dot in shown.scene.trials])
    np.testing.assert_allclose((radii / radii.max()) ** 2, errors / errors.max(), rtol=1e-3)
    # And on rows that chose nothing they are better for nine seeds out of ten.
    better = sum(best_of(pairs, seed)[1] <= best_of(singles, seed)[1] for seed in range(100, 120))
    assert better >= 18


# SquareSpreadsAbsoluteSelects


def six_weights(seed: int = 45) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal(60)
    X = rng.standard_normal((60, 6))
    X[:, :2] = shared[:, None] + 0.1 * X[:, :2]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = X @ [1.0, 1.0, 0.0, -2.0, 0.0, 0.0] + 0.7 * rng.standard_normal(60)
    return X, y - y.mean()


def lasso_of(X: np.ndarray, y: np.ndarray, lam: float) -> np.ndarray:
    model = Lasso(alpha=lam, fit_intercept=False, tol=1e-12, max_iter=1_000_000).fit(X, y)
    return np.where(np.abs(model.coef_) > 1e-9, model.coef_, 0)


@pytest.mark.parametrize("k", [0, 60, 120, 180, 220, 300])
def test_paths_of_six_weights_are_those_of_scikit_learn(k: int) -> None:
    X, y = six_weights()
    lam = six.LAMS[k]
    ridge = Ridge(alpha=60 * lam, fit_intercept=False).fit(X, y).coef_
    np.testing.assert_allclose(six.RIDGE_PATHS[k], ridge, atol=1e-10)
    np.testing.assert_allclose(six.LASSO_PATHS[k], lasso_of(X, y, lam), atol=1e-7)


def selects(kept: np.ndarray) -> bool:
    """Whether one twin and the fourth weight are left, and nothing else."""
    return bool(kept[3] and kept[[0, 1]].sum() == 1 and not kept[[2, 4, 5]].any())


def test_ridge_shares_and_the_lasso_selects() -> None:
    ridge, lams = six.RIDGE_PATHS, six.LAMS
    gaps = np.abs(ridge[:, 0] - ridge[:, 1])
    assert gaps[-1] < 0.01 < 0.25 < gaps[0]
    assert (ridge != 0).all()
    X, y = six_weights()
    assert np.corrcoef(X[:, 0], X[:, 1])[0, 1] > 0.98
    kept = lasso_of(X, y, six.CHOSEN) != 0
    assert selects(kept)
    assert kept.tolist() == [False, True, False, True, False, False]
    assert not selects(np.ones(6, bool))
    assert not selects(lasso_of(X, y, 0.05) != 0)
    # Not where the sweep was stopped alone: over more than a factor of 5 in lambda.
    assert all(selects(lasso_of(X, y, lam) != 0) for lam in np.geomspace(0.2, 1.4, 9))
    shown = played("SquareSpreadsAbsoluteSelects").scene
    assert [len(beads.centers) for beads in shown.beads] == [6, 2]
    np.testing.assert_allclose(
        shown.sides[0][0].weights, np.array([np.interp(0.3, lams, w) for w in ridge.T])
    )


def test_some_penalty_selects_on_nine_seeds_of_ten() -> None:
    found = 0
    for seed in range(20):
        X, y = six_weights(seed)
        found += any(selects(lasso_of(X, y, lam) != 0) for lam in np.geomspace(0.05, 2, 40))
    assert found >= 18


def test_squares_of_the_split_have_the_areas_that_are_written() -> None:
    shown = played("SquareSpreadsAbsoluteSelects")
    assert shown.texts("slide_the_weight") == ["4.0", "2.0"]
    for step, weights in (("guess_the_cheapest_split", (1, 1)), ("slide_the_weight", (2, 0))):
        squares = shown.points(step, "split_picture")
        width, height = np.ptp(squares[:, 0]), np.ptp(squares[squares[:, 1] > -1][:, 1])
        assert width == pytest.approx(1.3 * sum(weights), abs=0.05)
        assert height == pytest.approx(1.3 * max(weights), abs=0.05)


def test_an_error_moves_the_prediction_by_the_weight() -> None:
    X, y = six_weights()
    expected = [Ridge(alpha=18, fit_intercept=False).fit(X, y).coef_[1], lasso_of(X, y, 0.3)[1]]
    shown = played("SquareSpreadsAbsoluteSelects")
    assert shown.values("measure_badly") == pytest.approx(expected, abs=1e-6)
    for side, weight in zip(shown.scene.sides, expected, strict=True):
        error, moved = (np.ptp(bar.get_all_points()[:, 1]) for bar in side[3])
        assert moved / error == pytest.approx(weight, rel=2e-3)


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
