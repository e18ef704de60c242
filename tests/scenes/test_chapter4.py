"""What chapter 4 and the frame of the lecture show is true: their experiments done once more without wdmath.

Plain loops, normal equations, scikit-learn, torch. Data are drawn again from what the docstrings say about them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
from manim import tempconfig
from sklearn.linear_model import Lasso, LogisticRegression, Ridge

from lecture.stage import Number
from scenes import CHAPTERS, LECTURE
from scenes.decay_is_memory import remembered
from scenes.experiments import adam, bounded, confidence, network, rotation, valleys
from scenes.experiments.classes import overlapping, separable_line
from scenes.experiments.digits import load_digits
from scenes.experiments.few_examples import documents, images
from scenes.experiments.few_features import features_that_matter, noisy_copy
from scenes.experiments.rare_class import rare_class
from scenes.experiments.units import effect_in_units, mixed_units
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from tests.scenes.scratch import MEDIA
from wdmath import QuadraticRisk

TORCH = json.loads((Path(__file__).parent / "reference" / "torch.json").read_text(encoding="utf-8"))
WDMATH = Path(__file__).parents[1] / "wdmath" / "reference"
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


def said(scene: str, step: str) -> str:
    """What is said over a step."""
    board = LECTURE.load_scene(scene).storyboard(LECTURE.settings())
    return next(s.say for s in board if s.name == step)


@pytest.mark.parametrize("name", CHAPTER)
def test_a_scene_of_the_chapter_has_few_steps(name: str) -> None:
    records = played(name).records
    assert 3 <= len(records) <= 7
    assert sum(record.seconds + record.hold for record in records) <= 110


def test_the_chapter_asks_and_claims_rest_on_experiments() -> None:
    steps = [s for name in CHAPTER for s in LECTURE.load_scene(name).storyboard(LECTURE.settings())]
    assert sum(s.question is not None for s in steps) >= 2
    assert len({e.name for s in steps for e in s.experiments}) >= 10


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
    sure = value(scene, "hold_it_with_a_penalty", "0.98")
    assert sure == pytest.approx(1 / (1 + np.exp(-0.5 * weights[-1])), rel=1e-9)
    assert "98 percent" in said(scene, "hold_it_with_a_penalty")


def test_the_penalized_weight_is_scikit_learns() -> None:
    data = separable_line()
    model = LogisticRegression(C=1 / (12 * 0.03), fit_intercept=False, tol=1e-12).fit(data.X, data.y)
    scene = "DecayForAnyDifferentiableModel"
    found = value(scene, "hold_it_with_a_penalty", "2.01")
    assert found == pytest.approx(model.coef_[0, 0], rel=1e-5)
    calm = value(scene, "hold_it_with_a_penalty", "0.73")
    assert calm == pytest.approx(model.predict_proba([[0.5]])[0, 1], rel=1e-5)


def softmax_losses(model: LogisticRegression, X: np.ndarray, y: np.ndarray) -> float:
    return float(-np.log(model.predict_proba(X)[np.arange(len(y)), y]).mean())


def test_overlapping_classes_and_their_least_validation_loss_are_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    angles = np.pi / 2 + 2 * np.pi * np.arange(3) / 3
    centers = 1.5 * np.column_stack([np.cos(angles), np.sin(angles)])
    drawn = []
    for each in (10, 40, 4000):
        labels = np.repeat(np.arange(3), each)
        drawn.append((centers[labels] + rng.normal(0, 0.9, (3 * each, 2)), labels))
    (X, y), held_out, new = drawn
    sweep = overlapping()
    validation = []
    for k in range(0, 91, 10):
        model = LogisticRegression(
            C=1 / (30 * sweep.lams[k]), fit_intercept=False, tol=1e-10, max_iter=10_000
        )
        model.fit(X, y)
        validation.append(softmax_losses(model, *held_out))
        assert validation[-1] == pytest.approx(sweep.validation[k], rel=1e-3)
        assert softmax_losses(model, *new) == pytest.approx(sweep.losses[k], rel=1e-3)
        assert (model.predict(new[0]) == new[1]).mean() == pytest.approx(sweep.accuracy[k], abs=1e-3)
    assert abs(10 * int(np.argmin(validation)) - sweep.chosen) <= 10
    assert sweep.validation[sweep.chosen] == sweep.validation.min()


@pytest.mark.parametrize("where", ["before", "chosen", "beyond"])
def test_calibration_is_scikit_learns(where: str) -> None:
    seed = 7
    fit = confidence.flexible(seed)
    rng = np.random.default_rng(seed)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        X = rng.uniform(-1, 1, (n, 2))
        odds = np.exp(1.6 * (2.2 * np.sin(2.2 * X[:, 0]) + 2.5 * X[:, 1] - X[:, 0] * X[:, 1]))
        return X, (rng.random(n) < odds / (1 + odds)).astype(int)

    (X, y), _, (new, labels) = draw(60), draw(200), draw(20_000)
    powers = [(a, b) for a in range(6) for b in range(6) if 0 < a + b <= 5]
    raw, fresh = (np.column_stack([x[:, 0] ** a * x[:, 1] ** b for a, b in powers]) for x in (X, new))
    mean, deviation = raw.mean(axis=0), raw.std(axis=0)
    k = {"before": 40, "chosen": fit.sweep.chosen, "beyond": fit.sweep.beyond}[where]
    model = LogisticRegression(C=1 / (60 * fit.sweep.lams[k]), tol=1e-12, max_iter=200_000)
    model.fit((raw - mean) / deviation, y)
    p = model.predict_proba((fresh - mean) / deviation)
    sure, right = p.max(axis=1), p.argmax(axis=1) == labels
    assert fit.sweep.confidence[k] == pytest.approx(sure.mean(), abs=2e-3)
    assert fit.sweep.accuracy[k] == pytest.approx(right.mean(), abs=2e-3)
    found = confidence.bins(fit.sweep, k)
    for j in range(5):
        inside = (sure >= 0.5 + 0.1 * j) & (sure < 0.6 + 0.1 * j if j < 4 else True)
        if inside.sum() > 200:
            assert found.right[j] == pytest.approx(right[inside].mean(), abs=0.02)


def test_the_question_about_confidence_has_its_answer() -> None:
    sweep = confidence.flexible(7).sweep
    found = confidence.bins(sweep, 0)
    assert found.share[-1] > 0.5, "that is most of them"
    assert 0.75 < found.right[-1] < 0.87, "about 80 percent"


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


def test_scaled_features_by_scikit_learn() -> None:
    rng = np.random.default_rng(6)
    X = rng.normal(size=(40, 20))
    y = X.sum(axis=1) + rng.normal(0, 3.0, 40)
    units = rng.permutation(10.0 ** np.linspace(-1.5, 1.5, 20))
    fits = mixed_units(6)
    for row, sizes in enumerate((1 / units, 1 / np.sqrt((X**2).mean(axis=0)))):
        Z = X * sizes
        k = fits.chosen[row]
        alpha = 40 / 2 * fits.lams[k] * (Z**2).mean()  # (1/n) sum of squares + (lam/2) |w|^2
        model = Ridge(alpha=alpha, fit_intercept=False, solver="svd").fit(Z, y)
        error = ((model.coef_ * sizes - 1) ** 2).sum() + 9
        assert fits.error[row, k] == pytest.approx(error, rel=1e-6)
        out = [
            Ridge(alpha=alpha, fit_intercept=False, solver="svd").fit(np.delete(Z, i, 0), np.delete(y, i))
            for i in range(40)
        ]
        left_out = np.mean([(y[i] - m.predict(Z[i : i + 1])[0]) ** 2 for i, m in enumerate(out)])
        for other in (max(k - 15, 0), min(k + 15, 180)):
            worse = 40 / 2 * fits.lams[other] * (Z**2).mean()
            models = [
                Ridge(alpha=worse, fit_intercept=False, solver="svd").fit(np.delete(Z, i, 0), np.delete(y, i))
                for i in range(40)
            ]
            assert left_out <= np.mean(
                [(y[i] - m.predict(Z[i : i + 1])[0]) ** 2 for i, m in enumerate(models)]
            )


@pytest.mark.parametrize("weighted", [False, True])
def test_the_rare_class_is_scikit_learns(weighted: bool) -> None:
    sweep = rare_class(weighted)
    rng = np.random.default_rng(0)
    draws = [
        np.vstack([rng.normal([-1.0, 0.0], 1, (n, 2)), rng.normal([1.2, 0.6], 1, (m, 2))])
        for n, m in ((180, 20), (180, 20), (4000, 4000))
    ]
    counts = np.repeat([1.0, 9.0 if weighted else 1.0], [180, 20])
    labels = np.repeat([0, 1], [4000, 4000])
    for k in (0, sweep.chosen, 60):
        model = LogisticRegression(C=1 / (sweep.lams[k] * counts.sum()), tol=1e-12, max_iter=10_000)
        model.fit(draws[0], np.repeat([0, 1], [180, 20]), sample_weight=counts)
        called = model.predict(draws[2])
        for label in (0, 1):
            found = (called[labels == label] == label).mean()
            assert sweep.found(label)[k] == pytest.approx(found, abs=1e-3)
    assert sweep.found(1)[-1] < 0.4 or weighted


def test_few_features_by_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(40, 20))
    truth = np.where(np.arange(20) < 2, 3 / np.sqrt(2), 0.0)
    y = X @ truth + rng.normal(0, 1.5, 40)
    folds = np.arange(40) % 5
    top = 2 * np.abs(X.T @ y).max() / 40
    for lams, model, found in (
        (np.geomspace(1e-3, 1e2, 100), lambda lam: Ridge(alpha=40 * lam / 2, fit_intercept=False), "ridge"),
        (
            np.linspace(0.001, 1, 100) * top,
            lambda lam: Lasso(alpha=lam / 2, fit_intercept=False, tol=1e-9, max_iter=100_000),
            "lasso",
        ),
    ):
        error = []
        for lam in lams:
            per_fold = 0.0
            for fold in range(5):
                out = folds == fold
                # The mean is over the rows that are fitted.
                fit = model(lam * (32 / 40 if found == "ridge" else 1)).fit(X[~out], y[~out])
                per_fold += ((y[out] - fit.predict(X[out])) ** 2).sum()
            error.append(per_fold)
        best = model(lams[int(np.argmin(error))]).fit(X, y).coef_
        np.testing.assert_allclose(getattr(features_that_matter(2, 1), found), best, atol=2e-3)


def test_a_noisy_sensor_hurts_who_leans_on_it() -> None:
    found = noisy_copy(0)
    rng = np.random.default_rng(0)
    for n in (40, 4000):
        quantity = rng.normal(size=n)
        X = quantity[:, None] + rng.normal(0, 0.1, (n, 4))
        y = 3 * quantity + rng.normal(0, 0.5, n)
    more = rng.normal(0, np.sqrt(0.99), 4000)
    for w, before, worst in (
        (found.ridge, found.before_ridge, found.worst_ridge),
        (found.lasso, found.before_lasso, found.worst_lasso),
    ):
        assert np.mean((y - X @ w) ** 2) == pytest.approx(before)
        noisy = X + np.outer(more, np.arange(4) == np.argmax(np.abs(w)))
        assert np.mean((y - noisy @ w) ** 2) == pytest.approx(worst)


def test_few_images_by_scikit_learn() -> None:
    sweep = images(3, 0)
    X, y = load_digits()
    rng = np.random.default_rng([0, 3])
    drawn = np.array([rng.choice(np.flatnonzero(y == digit), 8, replace=False) for digit in range(10)])
    fitted = drawn[:, :3].ravel()
    new = np.setdiff1d(np.arange(len(y)), drawn)
    assert len(new) == 1797 - 80
    for k in (12, sweep.chosen, 22):
        model = LogisticRegression(C=1 / (30 * sweep.lams[k]), tol=1e-10, max_iter=100_000)
        model.fit(X[fitted], y[fitted])
        assert softmax_losses(model, X[new], y[new]) == pytest.approx(sweep.losses[k], rel=5e-3)


def test_documents_in_all_three_hundred_dimensions() -> None:
    rng = np.random.default_rng(2)
    frequencies = np.arange(1, 301) ** -0.7
    frequencies = frequencies / frequencies.sum() * np.exp(rng.normal(0, 0.6, (2, 300)))
    frequencies /= frequencies.sum(axis=1, keepdims=True)
    old, _, new = (
        np.vstack([rng.multinomial(20, f, each) for f in frequencies]) > 0 for each in (10, 50, 1000)
    )
    sweep = documents()
    assert (old == sweep.data.X).all()
    for k in (20, sweep.chosen, sweep.beyond):
        model = LogisticRegression(C=1 / sweep.lams[k], tol=1e-10, max_iter=100_000)
        model.fit(old.astype(float), np.repeat([0, 1], 10))
        p = model.predict_proba(new.astype(float))
        right = np.repeat([0, 1], 1000)
        assert sweep.losses[k] == pytest.approx(-np.log(p[np.arange(2000), right]).mean(), rel=2e-3)


# Adam and AdamW.


def one_row_gradients(X: np.ndarray, y: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    """Rows in a new order every epoch, as MinibatchGradient promises."""
    epoch = 0
    while True:
        for i in np.random.default_rng([0, epoch]).permutation(len(y)):
            yield X[i], y[i]
        epoch += 1


def ill_scaled() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    X = np.linalg.svd(rng.normal(size=(200, 2)), full_matrices=False)[0] * np.sqrt(200) * [4.0, 1.0]
    return X, X @ [1.0, 1.0] + rng.normal(size=200)


def adam_by_a_loop(decoupled: bool, factor: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The path of 6000 steps, and the least-squares minimizer."""
    X, y = ill_scaled()
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
    runs = adam.adam_runs()
    np.testing.assert_allclose(runs.adamw if decoupled else runs.adam, path, atol=1e-9)
    share = path[-len(path) // 3 :].mean(axis=0) / minimizer
    texts = shown("AdamWDecouplesTheDecay", "divide_one_force")[2:]
    begin = 0 if decoupled else 2  # AdamW is told of first
    assert texts[begin : begin + 2] == kept == [f"{s:.2f}" for s in share]


def test_forces_cancel_where_each_rests() -> None:
    X, y = ill_scaled()
    runs = adam.adam_runs()
    minimizer = np.linalg.lstsq(X, y, rcond=None)[0]
    ridge = np.array([16.0, 1.0]) / (np.array([16.0, 1.0]) + 1.0) * minimizer
    assert np.hypot(*(runs.rest(runs.adam) - ridge)) < 0.01
    # Gradient and decay at AdamW's rest, the gradient divided by its size over all rows.
    rest = runs.rest(runs.adamw)
    gradients = X * (X @ rest - y)[:, None]
    by = np.sqrt((gradients**2).mean(axis=0))
    np.testing.assert_allclose(adam.divisor(rest), by)
    np.testing.assert_allclose(-gradients.mean(axis=0) / by, rest, rtol=0.03)
    # At ridge they do not cancel, and AdamW leaves it to the left.
    gradients = X * (X @ ridge - y)[:, None]
    left = -gradients.mean(axis=0) / np.sqrt((gradients**2).mean(axis=0)) - ridge
    assert left[0] < -0.5


def test_the_forces_that_are_drawn_are_those_of_the_last_place() -> None:
    scene = played("AdamWDecouplesTheDecay")
    push, pull = scene.divided
    np.testing.assert_allclose(push, -pull, atol=1e-9)
    way = adam.slide()
    np.testing.assert_allclose(way[0], scene.rest, atol=1e-3)
    assert np.hypot(*(way[-1] - adam.rests()[1][0])) < 0.03


def test_multiplying_the_loss_moves_the_rest_of_adam_with_l2_only() -> None:
    c, with_l2, adamw = adam.rescaled_loss()
    minimizer = adam.adam_runs().risk.minimizer
    for factor, rest in zip(c, with_l2, strict=True):
        ridge = np.array([16.0, 1.0]) / (np.array([16.0, 1.0]) + 1 / factor) * minimizer
        assert np.hypot(*(rest - ridge)) < 0.02
    assert np.ptp(adamw, axis=0).max() < 1e-4
    # A loop from another start comes to rest in the same place, up to the noise.
    path, _ = adam_by_a_loop(True, factor=10.0)
    np.testing.assert_allclose(path[-2000:].mean(axis=0), adamw[-1], atol=0.03)


def test_schedules_of_adamw_are_torchs() -> None:
    X, y = ill_scaled()
    constant, falling, apart = adam.scheduled()
    share = 0.5 * (1 + np.cos(np.pi * np.arange(6000) / 6000))
    by_hand, m, v = np.array([1.8, 1.9]), np.zeros(2), np.zeros(2)
    for k, (x, target) in zip(range(6000), one_row_gradients(X, y), strict=False):
        # Decay that does not fall with the step size.
        g = (x @ by_hand - target) * x
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        update = (m / (1 - 0.9 ** (k + 1))) / (np.sqrt(v / (1 - 0.999 ** (k + 1))) + 1e-8)
        by_hand = (1 - 0.003) * by_hand - 0.003 * share[k] * update
    np.testing.assert_allclose(falling[-1], TORCH["schedule"], rtol=1e-8)
    np.testing.assert_allclose(apart[-1], by_hand, rtol=1e-6)
    assert np.hypot(*apart[-1]) < 0.02 < 0.5 < np.hypot(*falling[-1])
    rest = constant[-2000:].mean(axis=0)
    assert np.hypot(*(falling[-1] - rest)) < np.hypot(*(constant[-2000:] - rest).T).mean()


# Updates of bounded size.


def correlated() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=200)
    return X, X @ [1.6, 0.8] + rng.normal(size=200)


@pytest.mark.parametrize("k", [0, 30, 60, 75])
def test_lion_rests_at_the_least_risk_within_its_walls(k: int) -> None:
    X, y = correlated()
    runs, lam = bounded.box(), bounded.LAMS[k]
    theta, m = np.array([-0.7, 1.8]), np.zeros(2)
    path = []
    for _ in range(6000):
        g = X.T @ (X @ theta - y) / 200
        c, m = 0.9 * m + 0.1 * g, 0.99 * m + 0.01 * g
        theta = (1 - 0.004 * lam) * theta - 0.004 * np.sign(c)
        path.append(theta)
    rest = np.mean(path[-2000:], axis=0)
    np.testing.assert_allclose(runs.rests[k], rest, atol=1e-6)
    # Nothing within the walls is better, up to the size of a step.
    assert (np.abs(rest) <= 1 / lam + 1e-3).all()
    grid = np.stack(np.meshgrid(*2 * [np.linspace(-1 / lam, 1 / lam, 201)]), axis=-1).reshape(-1, 2)

    def risk(at: np.ndarray) -> np.ndarray:
        return np.asarray(((at @ X.T - y) ** 2).mean(axis=-1) / 2)

    assert risk(rest) < risk(grid).min() + 1e-3


def test_lion_is_shown_at_the_minimizer_and_descent_at_ridge() -> None:
    X, y = correlated()
    scene = played("BoundedUpdates")
    minimizer = np.linalg.lstsq(X, y, rcond=None)[0]
    H = X.T @ X / 200
    ridge = np.linalg.solve(H + 0.5 * np.eye(2), H @ minimizer)
    runs = bounded.box()
    np.testing.assert_allclose(runs.rests[0], minimizer, atol=1e-3)
    np.testing.assert_allclose(runs.descent[-1], ridge, atol=1e-3)
    np.testing.assert_allclose(
        [scene.lion_end, scene.descent_end], [minimizer, ridge], atol=0.01, err_msg="as drawn"
    )
    assert f"keeps {100 * np.hypot(*runs.noisy[0]) / np.hypot(*minimizer):.0f} percent" in said(
        "BoundedUpdates", "move_the_walls"
    )


def test_muon_is_that_of_a_loop() -> None:
    rng = np.random.default_rng(0)
    one, other = (np.linalg.qr(rng.normal(size=(2, 2)))[0] for _ in range(2))
    X = rng.normal(size=(200, 2))
    Y = X @ one @ np.diag([1.8, 0.6]) @ other + rng.normal(0, 0.3, (200, 2))
    runs = bounded.matrices()
    for lam, path in ((0.0, runs.free), (1.0, runs.bound)):
        W, momentum, found = np.zeros((2, 2)), np.zeros((2, 2)), []
        for _ in range(600):
            G = X.T @ (X @ W - Y) / 200
            momentum = 0.95 * momentum + G
            # The orthogonal factor of the polar decomposition.
            W = (1 - 0.01 * lam) * W - 0.01 * scipy.linalg.polar(G + 0.95 * momentum)[0]
            found.append(W)
        np.testing.assert_allclose(path[1:], found, atol=1e-6)
    ridge = np.linalg.solve(X.T @ X + 200 * np.eye(2), X.T @ Y)
    np.testing.assert_allclose(runs.descent, ridge, rtol=1e-9)
    texts = shown("BoundedUpdates", "bound_a_matrix")
    for weights in (runs.free[-100:].mean(axis=0), runs.bound[-100:].mean(axis=0), ridge):
        # Singular values by way of the eigenvalues.
        lengths = np.sqrt(np.linalg.eigvalsh(weights.T @ weights))
        assert all(any(float(t) == pytest.approx(s, abs=0.05) for t in texts) for s in lengths)


# Rotation, and the race.


def rotate(
    length: float, alpha: float, lam: float, steps: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Mean length and angle of the last 300 steps, by a loop of its own with other noise."""
    w = rng.normal(size=500)
    w *= length / np.linalg.norm(w)
    found = []
    for _ in range(steps):
        g = rng.normal(size=500)
        g -= (g @ w) / (w @ w) * w
        g /= np.linalg.norm(g) * np.linalg.norm(w)
        new = (1 - alpha * lam) * w - alpha * g
        turn = np.arccos(w @ new / np.linalg.norm(w) / np.linalg.norm(new))
        found.append((np.linalg.norm(new), turn))
        w = new
    norm, angle = np.mean(found[-300:], axis=0)
    return float(norm), float(angle)


def test_all_lengths_settle_on_one_circle() -> None:
    rng = np.random.default_rng(8)
    norms, angles = rotation.spiral().settled()
    for length, norm, angle in zip(rotation.STARTS, norms, angles, strict=True):
        found = rotate(length, 0.05, 0.1, 1000, rng)
        assert found == pytest.approx((norm, angle), rel=0.02)
    assert angles == pytest.approx(np.sqrt(2 * 0.05 * 0.1), rel=0.01)
    assert shown("RotationalEquilibrium", "spiral_onto_one_circle")[2:] == ["0.707", "0.100"]
    norm, angle = rotation.changed().settled()
    assert (norm[0] / norms[1], angle[0]) == pytest.approx((4**0.25, angles[1]), rel=0.02)
    assert rotate(0.7, 0.1, 0.05, 1000, rng) == pytest.approx((norm[0], angle[0]), rel=0.02)


def test_what_is_drawn_turns_as_far_as_the_weights() -> None:
    scene = played("RotationalEquilibrium")
    run = rotation.spiral()
    spinner = scene.spinners[0]
    tips = spinner.points_of_tip[:, :2] - scene.spinners[0]._origin[:2]
    angle = np.unwrap(np.arctan2(tips[:, 1], tips[:, 0]))
    np.testing.assert_allclose(np.diff(angle)[5:], run.angle[0][5:], rtol=1e-6)
    w, longer, pulled = scene.balance
    step, pull = longer - w, pulled - longer
    assert abs(step @ w) < 1e-12
    assert np.hypot(*pulled) == pytest.approx(np.hypot(*w)) == 1
    assert pull @ w < 0
    assert abs(pull[0] * w[1] - pull[1] * w[0]) < 1e-12


def test_the_valley_gradient_is_perpendicular_and_that_of_the_risk() -> None:
    rng = np.random.default_rng(0)
    for w in rng.normal(size=(20, 2)):
        g = valleys.valley_gradient(w)
        assert abs(g @ w) < 1e-12
        differences = [
            (
                valleys.valley_risk(np.arctan2(*(w + d)[::-1]))
                - valleys.valley_risk(np.arctan2(*(w - d)[::-1]))
            )
            / 2e-6
            for d in 1e-6 * np.eye(2)
        ]
        np.testing.assert_allclose(g, differences, atol=1e-6)
    turn = np.linspace(0, np.pi, 100_001)
    risk = valleys.valley_risk(turn)
    narrow, wide = (risk[np.abs(turn - center) < 0.3].min() for center in (0.1 * np.pi, 0.85 * np.pi))
    assert narrow == pytest.approx(wide, abs=2e-3), "valleys of equal depth"


def test_the_race_is_that_of_a_loop() -> None:
    rng = np.random.default_rng(0)
    narrow, wide = 0.1 * np.pi, 0.85 * np.pi
    runs = valleys.race()
    w = 1.5 * np.tile([np.cos(narrow), np.sin(narrow)], (3, 100, 1))
    lams = np.array([0.0, 0.4, 0.0])
    for k in range(4000):
        alpha = runs.alphas * (1 if k < 3000 else 1 / 20)
        angle, length = np.arctan2(w[..., 1], w[..., 0]), np.hypot(w[..., 0], w[..., 1])
        slope = 0.9227 * 40 * np.sin(angle - narrow) * np.exp(40 * np.cos(angle - narrow) - 40)
        slope = slope + 1.5 * np.sin(angle - wide) * np.exp(1.5 * np.cos(angle - wide) - 1.5)
        pull = (slope + 4 * rng.normal(size=(100, 1))[:, 0]) / length**2
        w = (
            w * (1 - lams * alpha)[:, None, None]
            - alpha[:, None, None] * np.stack([-w[..., 1], w[..., 0]], -1) * pull[..., None]
        )
    np.testing.assert_allclose(runs.paths[:, :, -1], w, rtol=1e-6, atol=1e-6)
    angle = np.arctan2(w[..., 1], w[..., 0])
    found = (np.cos(angle - wide) > np.cos(angle - narrow)).sum(axis=1).tolist()
    assert shown("FairRace", "run_the_control")[:3] == [str(n) for n in found]
    assert found[1] > found[0] + 30
    assert found[2] > found[1] - 10


def test_updates_fade_over_the_time_that_is_said() -> None:
    """Weights by a loop with one update at a time are the bars that stand at the end."""
    for lam in (0.25, 0.125):
        w = np.zeros(120)
        for k in range(120):
            w = (1 - 0.1 * lam) * w
            w[k] = 1.0
        np.testing.assert_allclose(remembered(lam), w, rtol=1e-12)
    number, left = (n.value for n in numbers("DecayIsMemory", "forget"))
    assert number == pytest.approx(40)
    assert left == pytest.approx(0.975**40)
    # Half the decay and twice the steps of an epoch leave as much of an update after an epoch.
    assert remembered(0.125)[-81] == pytest.approx(remembered(0.25)[-41], rel=0.01)
    # Half the step size and twice the decay: the bars stand as before.
    scene = played("DecayIsMemory")
    tops = scene.bars.points.reshape(-1, 4, 3)[:, -1, 1] - scene.chart.c2p(0, 0)[1]
    w = np.zeros(120)
    for k in range(120):
        w = (1 - 0.05 * 0.25) * w
        w[k] = 1.0
    np.testing.assert_allclose(tops / tops[-1], w, rtol=1e-6)


# The network.


def directions(shape: tuple[int, ...]) -> np.ndarray:
    """Twelve directions in a layer's weights."""
    return np.random.default_rng(12).standard_normal((12, *shape))


def test_gradients_of_the_network_are_torchs() -> None:
    X, y = load_digits()
    weights = [w.astype(float) for w in network.started(np.random.default_rng(3), 1)]
    mine = network.gradients(weights, X[:32], y[:32])
    theirs = TORCH["gradients"]
    assert network.losses(weights, X[:32], y[:32])[0] == pytest.approx(theirs["loss"], rel=1e-9)
    for w, g, length, along in zip(weights, mine, theirs["lengths"], theirs["along"], strict=True):
        assert np.linalg.norm(g) == pytest.approx(length, rel=1e-8)
        parts = (directions(g[0].shape) * g[0]).sum(axis=(1, 2))
        np.testing.assert_allclose(parts, along, atol=1e-8 * length)
        assert abs((g * w).sum()) < 1e-9 * np.abs(g).sum(), "at a right angle to the weights"


def test_bfloat16_is_torchs() -> None:
    """On the roundings of PyTorch that wdmath is tested with; there are no infinities in a network."""
    table = json.loads((WDMATH / "torch.json").read_text(encoding="utf-8"))["roundings"]
    numbers = np.array([int(bits, 16) for bits in table["float32"]], dtype=np.uint32).view(np.float32)
    expected = (np.array(table["bfloat16"], dtype=np.uint32) << 16).view(np.float32)
    finite = np.isfinite(expected)
    assert finite.sum() > 400
    assert (network.rounded(numbers[finite]) == expected[finite]).all()


def test_a_run_with_decay_is_repeated_without() -> None:
    runs = network.replay(4, network.REPLAYED)
    assert np.abs(runs.train[0] - runs.train[1]).max() < 1e-6
    assert runs.length[1, -1] > 3 * runs.length[0, -1]
    np.testing.assert_allclose(runs.angle[0, :-1], runs.angle[1, :-1], rtol=1e-4)
    # And without the scaling it is not repeated: the check can fail.
    free = network.train(4, (network.REPLAYED, network.Arm(network.REPLAYED.step_size)))
    assert np.abs(free.train[0] - free.train[1]).max() > 0.01


def test_the_curves_of_the_network_end_where_the_experiment_did() -> None:
    kept = network.DECAY.results[4]
    texts = shown("ThreeRolesInDeepLearning", "compare_fairly")
    # Trained anew on this machine; thousands of steps in single precision differ a little from one to the next.
    assert len(texts) == 2
    for text, name in zip(texts, ("train_none", "train_decay"), strict=True):
        assert float(text) == pytest.approx(kept[name], rel=0.1)


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
