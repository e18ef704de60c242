"""What chapter 4 and the frame of the lecture show is true: their experiments done once more without wdmath.

Plain loops, normal equations, scikit-learn. Data are drawn again from what the docstrings say about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from manim import tempconfig
from sklearn.linear_model import Lasso, LogisticRegression, Ridge

from lecture.stage import Number
from scenes import CHAPTERS, LECTURE
from scenes.parts.experiments import (
    VALLEYS,
    adam_runs,
    documents,
    effect_in_units,
    normalized_runs,
    one_feature,
    rare_class,
    rescaled_loss,
    separable_line,
    three_classes,
    valley_gradient,
    valley_risk,
    valley_runs,
)
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from tests.scenes.scratch import MEDIA
from wdmath import QuadraticRisk

FRAME = ("Opening", *(f"MapOfChapter{k}" for k in range(1, 6)), "Summary", "Credits")
CHAPTER = tuple(name for name in CHAPTERS[4].scenes if not name.startswith("Map"))


_PLAYED: dict[tuple[str, str], WeightDecayScene] = {}


def played(name: str, problem: Problem | None = None) -> WeightDecayScene:
    """The scene at its end, played without motion and without a picture, once for each problem."""
    settings = LECTURE.settings() if problem is None else LECTURE.settings(problem)
    key = name, settings.problem.name
    if key not in _PLAYED:
        quiet = {"format": "none", "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True}
        size = {"pixel_height": 36, "pixel_width": 64, "frame_rate": 10, "media_dir": MEDIA}
        with tempconfig({**quiet, **size}):
            scene = LECTURE.load_scene(name)(settings, skip_animations=True, holds=False)
            scene.render()
        _PLAYED[key] = scene
    return _PLAYED[key]


def numbers(scene: str, step: str) -> tuple[Number, ...]:
    """The numbers on screen at the end of a step."""
    return next(record.numbers for record in played(scene).records if record.name == step)


def shown(scene: str, step: str) -> list[str]:
    return [n.text for n in numbers(scene, step)]


def value(scene: str, step: str, text: str) -> float:
    """The value behind the number that is shown as `text`."""
    return next(n.value for n in numbers(scene, step) if n.text == text)


@pytest.mark.parametrize("name", CHAPTER)
def test_a_scene_of_the_chapter_takes_at_most_a_minute(name: str) -> None:
    records = played(name).records
    assert 4 <= len(records) <= 7
    assert sum(record.seconds + record.hold for record in records) <= 62


@pytest.mark.parametrize("name", FRAME)
def test_the_frame_plays(name: str) -> None:
    assert 1 <= len(played(name).records) <= 6


# Classification.


def test_separable_classes_push_the_weight_on() -> None:
    data = separable_line()
    x, y = data.X[:, 0], data.y
    assert (y == (x > 0)).all()
    weights = [0.0]
    for _ in range(2000):
        weights.append(weights[-1] - 2.0 * np.mean((1 / (1 + np.exp(-weights[-1] * x)) - y) * x))
    assert (np.diff(weights) > 0).all()
    scene = "DecayForAnyDifferentiableModel"
    assert value(scene, "let_the_weight_run_away", "7.64") == pytest.approx(weights[-1], rel=1e-9)
    assert value(scene, "hold_it_with_a_penalty", "0.98") == pytest.approx(
        1 / (1 + np.exp(-0.5 * weights[-1])), rel=1e-9
    )


def test_the_penalized_weight_is_scikit_learns() -> None:
    data = separable_line()
    model = LogisticRegression(C=1 / (12 * 0.03), fit_intercept=False, tol=1e-12).fit(data.X, data.y)
    scene = "DecayForAnyDifferentiableModel"
    found = value(scene, "hold_it_with_a_penalty", "2.01")
    assert found == pytest.approx(model.coef_[0, 0], rel=1e-5)
    calm = value(scene, "hold_it_with_a_penalty", "0.73")
    assert calm == pytest.approx(model.predict_proba([[0.5]])[0, 1], rel=1e-5)


@pytest.mark.parametrize(("lam", "confidence"), [(0.3, 0.78), (0.001, 0.99)])
def test_softmax_weights_and_confidence_are_scikit_learns(lam: float, confidence: float) -> None:
    data = three_classes()
    model = LogisticRegression(C=1 / (30 * lam), fit_intercept=False, tol=1e-12, max_iter=10_000)
    model.fit(data.X, data.y)
    found = data.risk.ridge_path(lam).reshape(3, 2)
    np.testing.assert_allclose(found, model.coef_, atol=2e-5 * np.abs(model.coef_).max())
    probabilities = model.predict_proba(data.X)
    assert (probabilities.argmax(axis=1) == data.y).all()
    assert round(float(probabilities.max(axis=1).mean()), 2) == confidence
    if lam == 0.3:
        assert shown("DecayForAnyDifferentiableModel", "calm_the_confidence") == ["0.300", "0.78"]


# Where decay hurts and where it helps.


def test_effect_of_a_feature_depends_on_its_unit_as_the_normal_equations_say() -> None:
    rng = np.random.default_rng(1)
    X = 10 * np.linalg.qr(rng.normal(size=(100, 2)))[0]
    y = X.sum(axis=1) + rng.normal(0, 0.5, 100)
    for unit, effect in zip([1e-3, 1.0, 1e3], effect_in_units(np.array([1e-3, 1.0, 1e3])), strict=True):
        Z = X / [1.0, unit]
        weights = np.linalg.solve(2 * Z.T @ Z / 100 + 0.2 * np.eye(2), 2 * Z.T @ y / 100)
        np.testing.assert_allclose(effect, np.abs(weights) * np.sqrt((Z**2).mean(axis=0)), rtol=1e-6)
    assert effect_in_units(np.array([1e3]))[0, 1] < 1e-4


@pytest.mark.parametrize(("weighted", "first", "last"), [(False, 0.63, 0.08), (True, 0.885, 0.885)])
def test_recall_of_the_rare_class_is_scikit_learns(weighted: bool, first: float, last: float) -> None:
    sweep = rare_class(weighted)
    rng = np.random.default_rng(0)
    draws = [
        np.vstack([rng.normal([-1.0, 0.0], 1, (n, 2)), rng.normal([1.2, 0.6], 1, (m, 2))])
        for n, m in ((180, 20), (2000, 2000))
    ]
    for k, wanted in ((0, first), (-1, last)):
        model = LogisticRegression(
            C=1 / sweep.lams[k], class_weight={0: 1, 1: 9 if weighted else 1}, tol=1e-10, max_iter=10_000
        )
        model.fit(draws[0], np.repeat([0, 1], [180, 20]))
        recall = (model.predict(draws[1][2000:]) == 1).mean()
        assert sweep.recall(1)[k] == pytest.approx(recall, abs=5e-4)
        assert recall == pytest.approx(wanted, abs=0.005)
    if not weighted:
        assert shown("WhenDecayHelpsAndHurts", "mind_the_rare_class") == ["0.63", "0.08"]


def test_one_feature_by_grids_of_scikit_learn() -> None:
    rng = np.random.default_rng(5)
    X, truth = rng.normal(size=(30, 20)), np.eye(20)[0] * 3
    y = X @ truth + rng.normal(0, 1.5, 30)

    def best(model: Callable[[float], Ridge | Lasso], alphas: np.ndarray) -> np.ndarray:
        fits = [model(alpha).fit(X, y).coef_ for alpha in alphas]
        return min(fits, key=lambda w: float(((w - truth) ** 2).sum()))

    ridge = best(lambda a: Ridge(alpha=a, fit_intercept=False), np.geomspace(0.05, 500, 400))
    lasso = best(
        lambda a: Lasso(alpha=a, fit_intercept=False, tol=1e-8, max_iter=100_000), np.linspace(0.01, 2, 200)
    )
    found = one_feature()
    np.testing.assert_allclose(found.ridge, ridge, atol=0.02)
    np.testing.assert_allclose(found.lasso, lasso, atol=0.02)
    assert shown("WhenDecayHelpsAndHurts", "spare_the_important_feature") == ["1.94", "2.5", "2.40", "0.45"]


def test_documents_in_all_three_hundred_dimensions() -> None:
    rng = np.random.default_rng(2)
    frequencies = np.arange(1, 301) ** -0.7
    frequencies = frequencies / frequencies.sum() * np.exp(rng.normal(0, 0.6, (2, 300)))
    frequencies /= frequencies.sum(axis=1, keepdims=True)
    old, new = (np.vstack([rng.multinomial(20, f, each) for f in frequencies]) > 0 for each in (10, 1000))
    sweep = documents()
    assert (old == sweep.data.X).all()
    for k in (20, int(np.argmin(sweep.risk)), -1):
        model = LogisticRegression(C=1 / sweep.lams[k], tol=1e-10, max_iter=100_000)
        model.fit(old.astype(float), np.repeat([0, 1], 10))
        p = model.predict_proba(new.astype(float))
        right = np.repeat([0, 1], 1000)
        assert sweep.risk[k] == pytest.approx(-np.log(p[np.arange(2000), right]).mean(), rel=2e-3)
        assert sweep.confidence[k] == pytest.approx(p.max(axis=1).mean(), rel=1e-3)
        assert sweep.accuracy[k] == pytest.approx((p.argmax(axis=1) == right).mean(), abs=1e-3)
    assert shown("WhenDecayHelpsAndHurts", "help_where_examples_are_few") == ["0.68", "0.49"]
    assert sweep.confidence[0] == pytest.approx(0.89, abs=0.005)
    assert np.ptp(sweep.accuracy) < 0.01
    assert 0.95 < sweep.risk[0] / np.log(2) < 1  # 'we could as well guess'
    meeting = sweep.lams[np.argmin(np.abs(sweep.confidence - sweep.accuracy))]
    assert 0.5 < meeting / sweep.lams[np.argmin(sweep.risk)] < 2


# Adam and AdamW.


def one_row_gradients(X: np.ndarray, y: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    """Rows in a new order every epoch, as MinibatchGradient promises."""
    epoch = 0
    while True:
        for i in np.random.default_rng([0, epoch]).permutation(len(y)):
            yield X[i], y[i]
        epoch += 1


def adam_by_a_loop(decoupled: bool, factor: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The path of 6000 steps, and the least-squares minimizer."""
    rng = np.random.default_rng(4)
    X = np.linalg.svd(rng.normal(size=(200, 2)), full_matrices=False)[0] * np.sqrt(200) * [4.0, 1.0]
    y = X @ [1.0, 1.0] + rng.normal(size=200)
    theta, m, v = np.array([1.8, 1.9]), np.zeros(2), np.zeros(2)
    path = [theta]
    for k, (x, target) in zip(range(1, 6001), one_row_gradients(X, y), strict=False):
        g = factor * (x @ theta - target) * x
        if decoupled:
            theta = theta * (1 - 0.003 * 1.0)
        else:
            g = g + 1.0 * theta
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        theta = theta - 0.003 * (m / (1 - 0.9**k)) / (np.sqrt(v / (1 - 0.999**k)) + 1e-8)
        path.append(theta)
    return np.array(path), np.linalg.lstsq(X, y, rcond=None)[0]


@pytest.mark.parametrize(("decoupled", "kept"), [(False, ["0.94", "0.50"]), (True, ["0.56", "0.31"])])
def test_adam_paths_are_those_of_a_loop(decoupled: bool, kept: list[str]) -> None:
    path, minimizer = adam_by_a_loop(decoupled)
    runs = adam_runs()
    np.testing.assert_allclose(runs.adamw if decoupled else runs.adam, path, atol=1e-9)
    share = path[-len(path) // 3 :].mean(axis=0) / minimizer
    texts = shown("AdamWDecouplesTheDecay", "follow_both")[2:]
    assert texts[2 * decoupled : 2 * decoupled + 2] == kept == [f"{s:.2f}" for s in share]


def test_adam_with_l2_rests_at_the_ridge_minimizer_and_adamw_does_not() -> None:
    runs = adam_runs()
    ridge = np.array([16.0, 1.0]) / (np.array([16.0, 1.0]) + 1.0) * runs.risk.minimizer
    assert np.hypot(*(runs.rest(runs.adam) - ridge)) < 0.01
    assert np.hypot(*(runs.rest(runs.adamw) - ridge)) > 0.3


def test_adam_divides_the_pull_on_the_steep_weight_by_four() -> None:
    rng = np.random.default_rng(4)
    X = np.linalg.svd(rng.normal(size=(200, 2)), full_matrices=False)[0] * np.sqrt(200) * [4.0, 1.0]
    y = X @ [1.0, 1.0] + rng.normal(size=200)
    gradients = X * (X @ np.linalg.lstsq(X, y, rcond=None)[0] - y)[:, None]
    divisor = np.sqrt((gradients**2).mean(axis=0))
    np.testing.assert_allclose(adam_runs().root_mean_square, divisor, rtol=1e-9)
    np.testing.assert_allclose(divisor, [4.0, 1.0], rtol=0.05)  # 'only a quarter of it is left'


def test_multiplying_the_loss_moves_the_rest_of_adam_with_l2_only() -> None:
    c, adam, adamw = rescaled_loss()
    minimizer = adam_runs().risk.minimizer
    for factor, rest in zip(c, adam, strict=True):
        ridge = np.array([16.0, 1.0]) / (np.array([16.0, 1.0]) + 1 / factor) * minimizer
        assert np.hypot(*(rest - ridge)) < 0.02
    assert np.ptp(adamw, axis=0).max() < 1e-4
    # A loop from another start comes to rest in the same place, up to the noise.
    path, _ = adam_by_a_loop(True, factor=10.0)
    np.testing.assert_allclose(path[-2000:].mean(axis=0), adamw[-1], atol=0.03)


# Three roles.


def test_the_valley_gradient_is_perpendicular_and_that_of_the_risk() -> None:
    rng = np.random.default_rng(0)
    for w in rng.normal(size=(20, 2)):
        g = valley_gradient(w)
        assert abs(g @ w) < 1e-12
        differences = [
            (valley_risk(np.arctan2(*(w + d)[::-1])) - valley_risk(np.arctan2(*(w - d)[::-1]))) / 2e-6
            for d in 1e-6 * np.eye(2)
        ]
        np.testing.assert_allclose(g, differences, atol=1e-6)


def test_noisy_runs_leave_the_narrow_valley_only_with_decay() -> None:
    rng = np.random.default_rng(0)
    narrow, wide = VALLEYS[0][0], VALLEYS[1][0]
    w = 1.5 * np.tile([np.cos(narrow), np.sin(narrow)], (2, 100, 1))
    for k in range(4000):
        alpha = 0.05 if k < 3000 else 0.0025
        angle, length = np.arctan2(w[..., 1], w[..., 0]), np.hypot(w[..., 0], w[..., 1])
        slope = 40 * np.sin(angle - narrow) * np.exp(40 * np.cos(angle - narrow) - 40)
        slope = slope + 1.5 * np.sin(angle - wide) * np.exp(1.5 * np.cos(angle - wide) - 1.5)
        pull = (slope + 4 * rng.normal(size=(100, 1))[:, 0]) / length**2
        w = (
            w * np.array([1.0, 1 - 0.4 * alpha])[:, None, None]
            - alpha * np.stack([-w[..., 1], w[..., 0]], -1) * pull[..., None]
        )
    runs = valley_runs()
    np.testing.assert_allclose(runs.paths[0, :, -1], w[0], atol=1e-6)
    turned = np.abs((np.arctan2(w[..., 1], w[..., 0]) - narrow + np.pi) % (2 * np.pi) - np.pi)
    assert (turned > 0.15 * np.pi).sum(axis=1).tolist() == [0, 83] == runs.left_narrow.tolist()
    assert shown("ThreeRolesInDeepLearning", "search_with_noise") == ["0", "83"]
    angle = np.arctan2(w[1, :, 1], w[1, :, 0])
    assert (np.cos(angle - wide) > np.cos(0.35 * np.pi)).sum() > 75  # 'most runs find the wide valley'


def test_decay_along_the_old_weights_brings_a_step_back_to_its_circle() -> None:
    w, longer, pulled = played("ThreeRolesInDeepLearning").balance
    step, pull = longer - w, pulled - longer
    assert abs(step @ w) < 1e-12
    assert np.hypot(*pulled) == pytest.approx(np.hypot(*w)) == 1
    assert pull @ w < 0
    assert abs(pull[0] * w[1] - pull[1] * w[0]) < 1e-12


def bfloat16(x: np.ndarray) -> np.ndarray:
    """Through the bits of float32: round to nearest, ties to even."""
    bits = np.asarray(x, dtype=np.float32).view(np.uint32)
    return (
        ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32).astype(float)
    )


def normalized_by_a_loop(low_precision: bool) -> tuple[np.ndarray, np.ndarray]:
    """Training loss at the end without and with decay, and the lengths of the weights."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 50)) / np.sqrt(np.arange(1, 51))
    truth = rng.normal(size=50)
    y = X @ truth / np.linalg.norm(truth) + rng.normal(0, 0.3, 200)
    start = rng.normal(size=50)
    start *= 4 / np.linalg.norm(start)
    ends = []
    for lam in (0.0, 0.02):
        w = bfloat16(start) if low_precision else start
        k = 0
        for alpha, steps in ((0.1, 3000), (0.01, 500)):
            for _ in range(steps):
                if k % 20 == 0:
                    order = np.random.default_rng([0, k // 20]).permutation(200)
                rows = order[10 * (k % 20) : 10 * (k % 20) + 10]
                u = w / np.linalg.norm(w)
                full = X[rows].T @ (X[rows] @ u - y[rows]) / 10
                w = w - alpha * ((full - (full @ u) * u) / np.linalg.norm(w) + lam * w)
                w = bfloat16(w) if low_precision else w
                k += 1
        ends.append(w)
    lengths = np.linalg.norm(ends, axis=1)
    losses = [np.mean((y - X @ w / length) ** 2) / 2 for w, length in zip(ends, lengths, strict=True)]
    return np.array(losses), lengths


@pytest.mark.parametrize(
    ("precision", "step", "texts"),
    [(None, "turn_faster", ["0.040", "0.035"]), ("bfloat16", "keep_learning", ["0.058", "0.035"])],
)
def test_training_losses_are_those_of_a_loop(precision: str | None, step: str, texts: list[str]) -> None:
    losses, lengths = normalized_by_a_loop(precision is not None)
    runs = normalized_runs(precision)
    tolerance = 1e-6 if precision is None else 1e-2
    np.testing.assert_allclose(runs.losses[:, -1], losses, rtol=tolerance)
    np.testing.assert_allclose(runs.norms[:, -1], lengths, rtol=tolerance)
    assert shown("ThreeRolesInDeepLearning", step) == texts == [f"{loss:.3f}" for loss in losses]


def test_long_weights_lose_their_updates_in_bfloat16() -> None:
    lost = normalized_runs("bfloat16").lost
    assert (lost[0] > 0.6).all()
    assert lost[0, -1] > 0.98
    assert (lost[1, 75:150] < 0.1).all()


def test_the_grid_of_bfloat16() -> None:
    for weight, gap, arrives in ((0.5 / np.sqrt(50), 2.0**-11, True), (4 / np.sqrt(50), 2.0**-8, False)):
        near = np.unique(bfloat16(weight + np.linspace(-0.007, 0.007, 4001)))
        assert set(np.diff(near)) == {gap}
        assert (bfloat16(bfloat16(weight) + 0.0015) != bfloat16(weight)) == arrives
    texts = ["0.071", "-11", "0.57", "-8", "0.0015"]
    assert shown("ThreeRolesInDeepLearning", "round_small_updates_away") == texts


# The frame of the lecture.


@pytest.mark.parametrize(
    "problem",
    [
        Problem.i2ml(),
        Problem(
            "third quadrant",
            QuadraticRisk([[6.0, 2.0], [2.0, 2.0]], [-3.0, -1.5]),
            lam=2.0,
            lam_zigzag=0.5,
            lams_compared=(0.3, 3.0),
            step_size=0.05,
            steps=50,
        ),
    ],
    ids=lambda problem: problem.name,
)
def test_the_summary_ends_with_the_ridge_minimizer(problem: Problem) -> None:
    scene = played("Summary", problem)
    hessian, minimizer = problem.risk.hessian, problem.risk.minimizer
    ridge = np.linalg.solve(hessian + problem.lam * np.eye(2), hessian @ minimizer)
    found = scene.plane.p2c(scene.picture.arrow.end_point)
    np.testing.assert_allclose(found, ridge, atol=1e-6 * np.abs(minimizer).max())
    # After the last sweep of the penalty the arrow is back where it was.
    assert scene.lam.get_value() == pytest.approx(problem.lam)
    np.testing.assert_allclose(
        scene.plane.p2c(scene.behind[1].end_point), minimizer, atol=1e-6 * np.abs(minimizer).max()
    )
