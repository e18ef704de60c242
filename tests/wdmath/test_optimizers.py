"""SGD, Adam and AdamW against tables made by PyTorch (reference/make_torch.py), all optimizers against loops."""

import copy
import json
import pickle
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import wdmath

TABLE = json.loads((Path(__file__).parent / "reference" / "torch.json").read_text())


def wdmath_run(name, problem, step_size, steps, lam):
    risk = wdmath.QuadraticRisk(problem["hessian"], problem["minimizer"])
    options = TABLE["optimizers"][name]
    path = {"sgd": wdmath.sgd_path, "adam": wdmath.adam_path, "adamw": wdmath.adamw_path}[name.split("_")[0]]
    return path(risk, problem["start"], step_size, steps, lam, **options)


@pytest.mark.parametrize("run", TABLE["runs"], ids=lambda r: f"{r['problem']}-{r['optimizer']}-{r['lam']}")
def test_runs_equal_those_of_pytorch(run):
    ours = wdmath_run(
        run["optimizer"], TABLE["problems"][run["problem"]], run["lr"], TABLE["steps"], run["lam"]
    )
    theirs = np.array(run["points"])
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11 * np.abs(theirs).max())


@pytest.mark.parametrize("run", TABLE["grouped"], ids=lambda r: r["optimizer"])
@pytest.mark.parametrize("callable_schedule", [False, True])
def test_decay_per_coefficient_and_a_schedule_equal_parameter_groups_of_pytorch(run, callable_schedule):
    problem, schedule = TABLE["problems"]["five"], TABLE["schedule"]
    risk = wdmath.QuadraticRisk(problem["hessian"], problem["minimizer"])
    name = run["optimizer"].split("_")[0]
    ours = getattr(wdmath, f"{name}_path")(
        risk,
        problem["start"],
        run["lr"],
        TABLE["steps"],
        run["lam"],
        penalty_weights=TABLE["penalty_weights"],
        schedule=schedule.__getitem__ if callable_schedule else schedule,
        **TABLE["optimizers"][run["optimizer"]],
    )
    np.testing.assert_allclose(ours, run["points"], rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("run", TABLE["on_batches"], ids=lambda r: r["optimizer"])
@pytest.mark.parametrize("as_data", [False, True])
def test_given_batches_equal_those_of_pytorch(run, as_data):
    given, name = TABLE["regression"], run["optimizer"].split("_")[0]
    X, y = np.array(given["X"]), np.array(given["y"])
    if as_data:
        pairs = [(X[rows], y[rows]) for rows in given["batches"]]
        batches = wdmath.MinibatchGradient.from_batches(pairs, scale="mean")
    else:
        batches = wdmath.MinibatchGradient(X, y, scale="mean", batches=given["batches"])
    ours = getattr(wdmath, f"{name}_path")(
        batches,
        np.zeros(3),
        given["lr"],
        TABLE["steps"],
        given["lam"],
        **TABLE["optimizers"][run["optimizer"]],
    )
    np.testing.assert_allclose(ours, run["points"], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", list(TABLE["optimizers"]))
def test_a_batch_of_penalties_equals_one_by_one(name):
    problem = TABLE["problems"]["five"]
    lams = [0.0, 0.3, 2.0]
    batch = wdmath_run(name, problem, 0.01, 40, lams)
    assert batch.shape == (3, 41, 5)
    for one, lam in zip(batch, lams, strict=True):
        np.testing.assert_allclose(one, wdmath_run(name, problem, 0.01, 40, lam), rtol=1e-13, atol=1e-14)


def test_penalties_and_step_sizes_broadcast():
    problem = TABLE["problems"]["plane"]
    scan = wdmath_run("adamw", problem, np.array([[0.01], [0.1]]), [0, 7], np.array([0.0, 1.0, 2.0]))
    assert scan.shape == (2, 3, 2, 2)
    np.testing.assert_allclose(scan[1, 2], wdmath_run("adamw", problem, 0.1, [0, 7], 2.0), rtol=1e-13)


def test_the_wrong_decay_is_noticed():
    run = next(r for r in TABLE["runs"] if r["optimizer"] == "adamw" and r["lam"] > 0)
    ours = wdmath_run("adam", TABLE["problems"][run["problem"]], run["lr"], TABLE["steps"], run["lam"])
    assert np.abs(ours - np.array(run["points"])).max() > 1e-3


def test_plain_sgd_is_gradient_descent():
    risk = wdmath.QuadraticRisk([[3.0, 1.0], [1.0, 2.0]], [1.0, -1.0])
    lams = np.array([0.0, 0.5, 4.0])
    np.testing.assert_allclose(
        wdmath.sgd_path(risk, [2.0, 0.0], 0.1, 60, lams),
        wdmath.gradient_descent(risk, [2.0, 0.0], 0.1, 60, lams),
        rtol=1e-12,
    )


def test_sgd_with_momentum_is_the_heavy_ball():
    risk = wdmath.QuadraticRisk([[3.0, 1.0], [1.0, 2.0]], [1.0, -1.0])
    np.testing.assert_allclose(
        wdmath.sgd_path(risk, [2.0, 0.0], 0.1, 60, 0.5, momentum=0.8),
        wdmath.heavy_ball(risk, [2.0, 0.0], 0.1, 0.8, 60, 0.5),
        rtol=1e-11,
    )


def test_adam_with_l2_rests_at_the_ridge_minimizer_and_adamw_elsewhere():
    risk = wdmath.QuadraticRisk(np.diag([100.0, 1.0]), [1.0, 1.0])
    l2 = wdmath.adam_path(risk, [0.0, 0.0], 1e-3, [6000], 1.0, eps=1e-8)[0]
    decoupled = wdmath.adamw_path(risk, [0.0, 0.0], 1e-3, [6000], 1.0)[0]
    ridge = wdmath.ridge_minimizer(risk, 1.0)
    np.testing.assert_allclose(l2, ridge, atol=1e-3)
    assert np.abs(decoupled - ridge).max() > 0.05


def test_any_gradient_is_accepted_and_gets_whole_batches():
    risk = wdmath.QuadraticRisk([[3.0, 1.0], [1.0, 2.0]], [1.0, -1.0])
    seen = []

    def gradient(theta):
        seen.append(theta.shape)
        return risk.gradient(theta)

    batch = wdmath.adam_path(gradient, [0.0, 0.0], 0.1, 5, [0.0, 1.0, 2.0])
    assert seen == [(3, 2)] * 5
    np.testing.assert_allclose(batch, wdmath.adam_path(risk, [0.0, 0.0], 0.1, 5, [0.0, 1.0, 2.0]), rtol=1e-12)


def test_diverging_runs_go_on_but_a_gradient_of_nan_is_a_mistake():
    cube = wdmath.sgd_path(lambda t: t**3, [10.0, 0.1], 1.0, 30, 0.5)
    assert np.isnan(cube[-1, 0])
    assert cube[-1, 1] == pytest.approx(0.1 * 0.5**30, rel=0.1)
    with pytest.raises(ValueError, match=r"gradient\(theta\) must not be nan"):
        wdmath.sgd_path(lambda t: t * np.nan, [1.0], 1.0, 3)


def test_a_gradient_cannot_reach_the_iterates():
    def vandal(theta):
        theta[:] = np.pi
        return np.zeros_like(theta)

    assert (wdmath.sgd_path(vandal, [1.0, 2.0], 0.1, 3) == [1.0, 2.0]).all()


class Loops:
    """Update rules as they are written in the papers, for one run, with lam as an array and alpha_k from a function."""

    @staticmethod
    def sgdw(gradient, theta, alphas, lam, momentum=0.0):
        velocity = np.zeros_like(theta)
        for alpha in alphas:
            velocity = momentum * velocity + gradient(theta)
            theta = theta - alpha * lam * theta - alpha * velocity
        return theta

    @staticmethod
    def adam(gradient, theta, alphas, lam, decoupled, amsgrad, betas=(0.9, 0.999), eps=1e-8):
        m, v, largest = (np.zeros_like(theta) for _ in range(3))
        for k, alpha in enumerate(alphas, 1):
            g = gradient(theta) + (0 if decoupled else lam * theta)
            m, v = betas[0] * m + (1 - betas[0]) * g, betas[1] * v + (1 - betas[1]) * g**2
            largest = np.maximum(largest, v)
            square = (largest if amsgrad else v) / (1 - betas[1] ** k)
            kept = theta * (1 - alpha * lam) if decoupled else theta
            theta = kept - alpha * m / (1 - betas[0] ** k) / (np.sqrt(square) + eps)
        return theta

    @staticmethod
    def lion(gradient, theta, alphas, lam, betas=(0.9, 0.99)):
        m = np.zeros_like(theta)
        for alpha in alphas:
            g = gradient(theta)
            update = np.sign(betas[0] * m + (1 - betas[0]) * g)
            m = betas[1] * m + (1 - betas[1]) * g
            theta = theta - alpha * (update + lam * theta)
        return theta

    @staticmethod
    def muon(gradient, theta, alphas, lam, shape, momentum=0.95, nesterov=True):
        buffer = np.zeros(shape)
        for alpha in alphas:
            g = gradient(theta).reshape(shape)
            buffer = momentum * buffer + g
            direction = g + momentum * buffer if nesterov else buffer
            # U V^T = C (C^T C)^(-1/2), by the eigenvalues of C^T C.
            s, V = np.linalg.eigh(direction.T @ direction)
            theta = theta - alpha * lam * theta - alpha * (direction @ (V / np.sqrt(s)) @ V.T).ravel()
        return theta


class TestAgainstLoops:
    risk = wdmath.QuadraticRisk(
        np.diag([9.0, 4.0, 1.0, 0.5, 0.3, 0.2]) + 0.1, [1.0, -2.0, 0.5, 3.0, 0.0, 1.0]
    )
    start, weights = np.linspace(-1, 1, 6), np.array([0.0, 1.0, 2.0, 0.5, 1.0, 1.0])
    step_sizes, lams = np.array([[0.02], [0.05]]), np.array([0.0, 0.4, 3.0])
    factors = np.linspace(1, 0.1, 30)

    CASES = (
        ("sgd_path", {"decoupled": True, "momentum": 0.8}, Loops.sgdw, {"momentum": 0.8}),
        ("adam_path", {"amsgrad": True}, Loops.adam, {"decoupled": False, "amsgrad": True}),
        ("adamw_path", {}, Loops.adam, {"decoupled": True, "amsgrad": False}),
        ("lion_path", {"betas": (0.8, 0.95)}, Loops.lion, {"betas": (0.8, 0.95)}),
    )

    @pytest.mark.parametrize(
        ("name", "options", "loop", "loop_options"), CASES, ids=lambda c: c if isinstance(c, str) else ""
    )
    @pytest.mark.parametrize("grouped", [False, True])
    def test_all_options_together(self, name, options, loop, loop_options, grouped):
        weights = {"penalty_weights": self.weights}
        if grouped:
            weights = {"penalty_weights": [1.0, 0.0, 2.0, 0.5], "groups": [1, 0, 2, 3, 0, 0]}
        ours = getattr(wdmath, name)(
            self.risk,
            self.start,
            self.step_sizes,
            [30],
            self.lams,
            schedule=self.factors,
            **weights,
            **options,
        )
        assert ours.shape == (2, 3, 1, 6)
        for i, j in np.ndindex(2, 3):
            alphas = self.step_sizes[i, 0] * self.factors
            expected = loop(
                self.risk.gradient, self.start, alphas, self.lams[j] * self.weights, **loop_options
            )
            np.testing.assert_allclose(ours[i, j, 0], expected, rtol=1e-9)

    @pytest.mark.parametrize("nesterov", [False, True])
    @pytest.mark.parametrize("shape", [(2, 3), (3, 2), (6, 1)])
    def test_muon(self, shape, nesterov):
        gradient = lambda theta: self.risk.gradient(theta) + np.sin(7 * theta)  # noqa: E731 - of full rank
        square = self.risk.gradient if shape == (6, 1) else gradient
        wide = shape[0] < shape[1]
        ours = wdmath.muon_path(
            square,
            self.start,
            0.05,
            [12],
            self.lams,
            shape=shape,
            momentum=0.7,
            nesterov=nesterov,
            schedule=self.factors,
        )
        for j in range(3):
            turned = (
                (lambda t: square(t.reshape(shape[::-1]).T.ravel()).reshape(shape).T.ravel())
                if wide
                else square
            )
            begin = self.start.reshape(shape).T.ravel() if wide else self.start
            tall = shape[::-1] if wide else shape
            expected = Loops.muon(turned, begin, 0.05 * self.factors[:12], self.lams[j], tall, 0.7, nesterov)
            expected = expected.reshape(tall).T.ravel() if wide else expected
            np.testing.assert_allclose(ours[j, 0], expected, rtol=1e-7)

    def test_without_momentum_decoupled_sgd_is_sgd(self):
        args = self.risk, self.start, 0.05, 20, self.lams
        np.testing.assert_allclose(wdmath.sgd_path(*args, decoupled=True), wdmath.sgd_path(*args), rtol=1e-12)

    def test_lion_without_memory_is_sign_descent(self):
        ours = wdmath.lion_path(self.risk, self.start, 0.01, 1, betas=(0.0, 0.0))[1]
        np.testing.assert_array_equal(ours, self.start - 0.01 * np.sign(self.risk.gradient(self.start)))

    def test_many_parameters_are_moved_piece_by_piece_as_few_are_whole(self):
        rng = np.random.default_rng(0)
        curvature, minimizer, start = (
            rng.uniform(0.1, 1, 40_000),
            rng.standard_normal(40_000),
            np.zeros(40_000),
        )
        weights = rng.uniform(0, 2, 40_000)

        def gradient(which):
            return lambda theta: curvature[which] * (theta - minimizer[which])

        every, some = slice(None), slice(39_000, 40_000)
        rules = (
            ("sgd_path", {"momentum": 0.5}),
            ("sgd_path", {"momentum": 0.5, "nesterov": True}),
            ("sgd_path", {"momentum": 0.5, "dampening": 0.5}),
            ("adam_path", {}),
            ("adamw_path", {"amsgrad": True}),
            ("lion_path", {}),
        )
        for (name, options), lams in product(rules, (0.4, np.array([0.1, 2.0]))):
            whole, part = (
                getattr(wdmath, name)(
                    gradient(which), start[which], 0.1, [8], lams, penalty_weights=weights[which], **options
                )
                for which in (every, some)
            )
            np.testing.assert_allclose(whole[..., some], part, rtol=1e-12, atol=1e-15)


class TestBoundedUpdates:
    risk = wdmath.QuadraticRisk(np.diag([9.0, 4.0, 1.0, 0.5]), [10.0, -20.0, 0.05, 8.0])

    def test_decay_bounds_what_lion_reaches(self):
        run = wdmath.lion_path(self.risk, [0.0, 0.3, 0.0, 0.0], 0.01, 3000, [0.5, 1.0, 4.0])
        assert (np.abs(run).max(axis=(1, 2)) <= np.maximum(0.3, [2.0, 1.0, 0.25]) + 1e-12).all()
        # Coordinates whose minimizer is within reach get there, the others to the border.
        np.testing.assert_allclose(run[1, -1], [1.0, -1.0, 0.05, 1.0], atol=0.1)
        # Coupled decay bounds nothing of the kind.
        assert np.abs(wdmath.adam_path(self.risk, np.zeros(4), 0.01, [6000], 1.0)).max() > 10

    def test_decay_bounds_the_spectral_norm_that_muon_reaches(self):
        run = wdmath.muon_path(self.risk, np.zeros(4), 0.01, 3000, [0.5, 2.0], shape=(2, 2))
        norms = np.linalg.norm(run.reshape(2, 3001, 2, 2), ord=2, axis=(-2, -1)).max(axis=1)
        assert (norms <= np.array([2.0, 0.5]) + 1e-12).all()
        assert norms[1] > 0.49

    def test_without_a_gradient_only_decay_moves(self):
        def flat(theta):
            return np.zeros_like(theta)

        for run in (
            wdmath.lion_path(flat, np.ones(4), 0.1, 10, 1.0),
            wdmath.muon_path(flat, np.ones(4), 0.1, 10, 1.0, shape=(2, 2)),
        ):
            np.testing.assert_allclose(run, np.outer(0.9 ** np.arange(11), np.ones(4)), rtol=1e-14)


class TestWrongAxis:
    """Functions of one point, given as many runs as parameters."""

    H, minimizer = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([1.0, 1.0])

    @pytest.mark.parametrize("start", [[0.0, 0.0], [1.0, 2.0], [[1.0, 2.0], [0.0, 3.0]]])
    @pytest.mark.parametrize(
        "gradient",
        [
            lambda t: TestWrongAxis.H @ t - TestWrongAxis.H @ TestWrongAxis.minimizer,
            lambda t: TestWrongAxis.H @ (t - TestWrongAxis.minimizer),
            lambda t: np.array([2 * t[0] - t[1], t[1] - 1]),
            lambda t: t * np.linalg.norm(t) - 1,
        ],
    )
    def test_is_refused(self, gradient, start):
        with pytest.raises(
            ValueError, match=r"treat each row of theta by itself.*apply_along_axis"
        ) as caught:
            wdmath.sgd_path(gradient, start, 0.1, 5, [0.0, 1.0])
        assert "\n" not in str(caught.value)
        # As the message says.
        rows = wdmath.sgd_path(lambda t: np.apply_along_axis(gradient, -1, t), start, 0.1, 5, [0.0, 1.0])
        one = wdmath.sgd_path(gradient, np.broadcast_to(start, (2, 2))[1], 0.1, 5, 1.0)
        np.testing.assert_allclose(rows[1], one, rtol=1e-13)

    def test_a_shape_that_does_not_fit_says_what_to_do(self):
        with pytest.raises(ValueError, match=r"shape \(3, 2\) of theta, got \(2, 2\).*apply_along_axis"):
            wdmath.sgd_path(lambda t: np.array([t[0], t[1]]), [1.0, 2.0], 0.1, 5, [0.0, 1.0, 2.0])
        with pytest.raises(ValueError, match="matmul") as caught:
            wdmath.sgd_path(lambda t: self.H @ t, [1.0, 2.0], 0.1, 5, [0.0, 1.0, 2.0])
        assert "apply_along_axis" in caught.value.__notes__[0]

    def test_functions_of_many_points_are_let_be(self):
        rng = np.random.default_rng(0)
        scales = np.array([[1.0], [2.0]])
        for gradient in (
            lambda t: (t - self.minimizer) @ self.H,
            lambda t: t + rng.standard_normal(t.shape),  # another number at each call
            lambda t: scales * t,  # a risk of its own for each run
            lambda t: t * np.linalg.norm(t, axis=-1, keepdims=True),
        ):
            wdmath.sgd_path(gradient, [1.0, 2.0], 0.1, 5, [0.0, 1.0])

    @pytest.mark.parametrize("start", [[1.0, 2.0], np.arange(12.0).reshape(2, 3, 2)])
    def test_is_refused_for_an_axis_further_in_front(self, start):
        with pytest.raises(ValueError, match="treat each row of theta by itself"):
            wdmath.sgd_path(lambda t: np.array([2 * t[0], t[1]]), start, 0.1, 5, np.ones((2, 3)))

    def test_a_function_that_shows_what_it_is_is_not_called_again(self):
        shapes = []

        def gradient(theta):
            shapes.append(theta.shape)
            return 2 * theta

        wdmath.sgd_path(gradient, [1.0, 2.0], 0.1, 5, np.ones((2, 3)))
        assert shapes == [(2, 3, 2)] * 5

    def test_is_found_after_the_last_step(self):
        calls = []

        def gradient(theta):
            calls.append(theta.shape)
            return theta

        wdmath.sgd_path(gradient, [1.0, 2.0], 0.1, 5, [0.0, 1.0])
        assert calls[:5] == [(2, 2)] * 5
        assert set(calls[5:]) == {(2,)}


def test_a_gradient_may_know_the_number_of_the_step():
    class Alternating:
        def at_step(self, theta, step):
            return theta - (-1) ** step

    run = wdmath.sgd_path(Alternating(), [0.0], 0.5, 4)
    assert run[:, 0].tolist() == [0.0, 0.5, -0.25, 0.375, -0.3125]


class TestMinibatches:
    X = np.random.default_rng(1).standard_normal((23, 3))
    y = np.random.default_rng(2).standard_normal(23)

    @pytest.mark.parametrize("scale", ["sum", "half_sum", "mean", "half_mean", 0.7])
    def test_the_full_batch_is_the_gradient_of_the_risk(self, scale):
        risk = wdmath.QuadraticRisk.from_least_squares(self.X, self.y, scale=scale)
        theta = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
        full = wdmath.MinibatchGradient(self.X, self.y, 23, scale=scale)
        np.testing.assert_allclose(full.at_step(theta, 5), risk.gradient(theta), rtol=1e-12)

    def test_every_row_is_used_once_per_epoch(self):
        batches = wdmath.MinibatchGradient(self.X, self.y, 5, scale="mean", seed=3)
        for epoch in range(3):
            rows = np.concatenate([batches.rows(k) for k in range(5 * epoch, 5 * epoch + 5)])
            assert sorted(rows.tolist()) == list(range(23))
        assert batches.rows(0).tolist() != batches.rows(5).tolist()

    def test_the_estimate_is_unbiased(self):
        risk = wdmath.QuadraticRisk.from_least_squares(self.X[:20], self.y[:20], scale="sum")
        batches = wdmath.MinibatchGradient(self.X[:20], self.y[:20], 5, scale="sum")
        theta = np.array([0.3, -1.0, 2.0])
        mean = np.mean([batches.at_step(theta, k) for k in range(4)], axis=0)
        np.testing.assert_allclose(mean, risk.gradient(theta), rtol=1e-12)

    def test_runs_repeat_and_share_their_batches(self):
        batches = wdmath.MinibatchGradient(self.X, self.y, 4, scale="mean")
        both = wdmath.sgd_path(batches, np.zeros(3), 0.05, 30, [0.0, 1.0])
        np.testing.assert_array_equal(both, wdmath.sgd_path(batches, np.zeros(3), 0.05, 30, [0.0, 1.0]))
        np.testing.assert_allclose(both[1], wdmath.sgd_path(batches, np.zeros(3), 0.05, 30, 1.0), rtol=1e-12)

    def test_without_data_to_fit_the_weights_decay_geometrically(self):
        batches = wdmath.MinibatchGradient(np.zeros((6, 2)), np.zeros(6), 2, scale="mean")
        run = wdmath.sgd_path(batches, [1.0, -4.0], 0.1, 20, 0.5)
        np.testing.assert_allclose(run, np.outer(0.95 ** np.arange(21), [1.0, -4.0]), rtol=1e-13)

    def test_independent_batches_repeat_and_are_drawn_evenly(self):
        batches = wdmath.MinibatchGradient(self.X, self.y, 5, scale="mean", seed=3, sampling="independent")
        drawn = np.array([batches.rows(k) for k in range(4000)])
        assert all(len(set(rows)) == 5 for rows in drawn.tolist())
        counts = np.bincount(drawn.ravel(), minlength=23)
        assert np.abs(counts / 4000 - 5 / 23).max() < 5 * np.sqrt(5 / 23 / 4000)
        np.testing.assert_array_equal(batches.rows(1234), drawn[1234])
        np.testing.assert_array_equal(batches.rows(70), drawn[70])

    def test_the_covariance_of_the_noise_is_that_of_many_batches(self):
        batches = wdmath.MinibatchGradient(self.X, self.y, 4, scale="sum", sampling="independent")
        theta = np.array([0.3, -1.0, 2.0])
        drawn = np.array([batches.at_step(theta, k) for k in range(40_000)])
        expected = batches.noise_covariance(theta)
        np.testing.assert_allclose(np.cov(drawn.T), expected, rtol=0.05, atol=0.02 * np.abs(expected).max())
        # Of all batches of two of three rows, exactly.
        few = wdmath.MinibatchGradient(self.X[:3], self.y[:3], 2, scale="sum", sampling="independent")
        pairs = wdmath.MinibatchGradient(
            self.X[:3], self.y[:3], scale="sum", batches=[[0, 1], [0, 2], [1, 2]]
        )
        gradients = np.array([pairs.at_step(theta, k) for k in range(3)])
        np.testing.assert_allclose(few.noise_covariance(theta), np.cov(gradients.T, bias=True), rtol=1e-12)

    def test_nothing_of_the_caller_is_kept_and_nothing_can_be_changed(self):
        X, y, rows = self.X.copy(), self.y.copy(), np.array([0, 1])
        batches = wdmath.MinibatchGradient(X, y, scale="mean", batches=[rows])
        before = batches.at_step(np.ones(3), 0)
        X[:], y[:], rows[:] = 7.0, 7.0, 5
        np.testing.assert_array_equal(batches.at_step(np.ones(3), 0), before)
        for drawn in (batches, wdmath.MinibatchGradient(self.X, self.y, 5, scale="mean")):
            for array in (drawn.X, drawn.y, drawn.rows(0)):
                with pytest.raises(ValueError, match="read-only"):
                    array[0] = 1.0

    @pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda b: pickle.loads(pickle.dumps(b))])
    @pytest.mark.parametrize("sampling", ["epochs", "independent"])
    def test_copies_draw_the_same_batches_and_stay_read_only(self, copied, sampling):
        batches = wdmath.MinibatchGradient(self.X, self.y, 5, scale="mean", seed=3, sampling=sampling)
        batches.rows(7)
        other = copied(batches)
        for k in (7, 8, 500):
            np.testing.assert_array_equal(other.at_step(np.ones(3), k), batches.at_step(np.ones(3), k))
        for array in (other.X, other.y, other.rows(0)):
            assert not array.flags.writeable

    @pytest.mark.parametrize(
        ("batch_size", "error", "words"),
        [(0, ValueError, "batch_size"), (24, ValueError, "23"), (2.0, TypeError, "batch_size")],
    )
    def test_impossible_batches_are_refused(self, batch_size, error, words):
        with pytest.raises(error, match=words):
            wdmath.MinibatchGradient(self.X, self.y, batch_size, scale="mean")


RISK = wdmath.QuadraticRisk(np.eye(2), [1.0, 1.0])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: wdmath.sgd_path("risk", [0.0, 0.0], 0.1, 5), TypeError, "gradient must be callable.*'risk'"),
        (lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.0, 5), ValueError, "step_size must be > 0, got 0.0"),
        (lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, -1), ValueError, "steps must be >= 0, got -1"),
        (
            lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 2.5),
            TypeError,
            "steps must be an integer, got.*2.5",
        ),
        (lambda: wdmath.sgd_path(RISK, [0.0, np.nan], 0.1, 5), ValueError, "start must be finite"),
        (lambda: wdmath.sgd_path(RISK, 0.0, 0.1, 5), ValueError, "start"),
        (
            lambda: wdmath.sgd_path(RISK, [0.0, 0.0, 0.0], 0.1, 5),
            ValueError,
            r"start must have shape \(\.\.\., 2\)",
        ),
        (
            lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 5, [1.0, -1.0]),
            ValueError,
            "lam must be >= 0, got -1.0",
        ),
        (
            lambda: wdmath.sgd_path(RISK, [0.0, 0.0], [0.1, 0.2], 5, [1.0] * 3),
            ValueError,
            "start, step_size, lam must broadcast against each other, got shapes",
        ),
        (lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 5, momentum=-1.0), ValueError, "momentum"),
        (lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 5, dampening=2.0), ValueError, "dampening"),
        (lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 5, nesterov=True), ValueError, "nesterov"),
        (
            lambda: wdmath.adam_path(RISK, [0.0, 0.0], 0.1, 5, betas=(0.9, 1.0)),
            ValueError,
            "betas must be < 1",
        ),
        (lambda: wdmath.adam_path(RISK, [0.0, 0.0], 0.1, 5, betas=0.9), ValueError, "betas"),
        (lambda: wdmath.adam_path(RISK, [0.0, 0.0], 0.1, 5, eps=-1.0), ValueError, "eps"),
        (lambda: wdmath.adam_path(lambda t: t[:1], [0.0, 0.0], 0.1, 5), ValueError, "gradient.*shape"),
        (lambda: wdmath.adam_path(RISK, [0j, 0.0], 0.1, 5), TypeError, "start must hold real numbers"),
        (
            lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 5, schedule=[1.0] * 4),
            ValueError,
            "each of the 5 steps, got 4",
        ),
        (
            lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 5, schedule=[-1.0] * 5),
            ValueError,
            "schedule must be >= 0",
        ),
        (
            lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 5, schedule=lambda k: 1 - k),
            ValueError,
            r"schedule\(2\) must be >= 0",
        ),
        (
            lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 5, penalty_weights=[1.0]),
            ValueError,
            r"penalty_weights must have shape \(2,\)",
        ),
        (
            lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 5, groups=[0, 1]),
            ValueError,
            "penalty_weights must be given with groups",
        ),
        (
            lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 5, groups=[0], penalty_weights=[1.0]),
            ValueError,
            "groups must be 2 integers",
        ),
        (
            lambda: wdmath.sgd_path(RISK, [0.0, 0.0], 0.1, 5, groups=[0, 1], penalty_weights=[1.0]),
            ValueError,
            "got 1 for a group number 1",
        ),
        (
            lambda: wdmath.muon_path(RISK, [0.0, 0.0], 0.1, 5, shape=(2, 2)),
            ValueError,
            r"all 2 entries of theta, got \(2, 2\)",
        ),
        (
            lambda: wdmath.muon_path(RISK, [0.0, 0.0], 0.1, 5, shape=2),
            ValueError,
            "all 2 entries of theta, got 2",
        ),
        (
            lambda: wdmath.lion_path(RISK, [0.0, 0.0], 0.1, 5, betas=(1.0, 0.9)),
            ValueError,
            "betas must be < 1",
        ),
        (
            lambda: wdmath.MinibatchGradient(np.eye(2), [1.0, 2.0], scale="sum"),
            ValueError,
            "batch_size or batches must be given",
        ),
        (
            lambda: wdmath.MinibatchGradient(np.eye(2), [1.0, 2.0], 1, scale="sum", batches=[[0]]),
            ValueError,
            "batch_size must not be given",
        ),
        (
            lambda: wdmath.MinibatchGradient(np.eye(2), [1.0, 2.0], scale="sum", batches=[[0], [2]]),
            ValueError,
            r"batches\[1\] must hold rows of X, 0 to 1, got 2",
        ),
        (
            lambda: wdmath.MinibatchGradient(np.eye(2), [1.0, 2.0], scale="sum", batches=[]),
            ValueError,
            "batches must not be empty",
        ),
        (
            lambda: wdmath.MinibatchGradient(np.eye(2), [1.0, 2.0], 1, scale="sum", sampling="all"),
            ValueError,
            "sampling must be one of",
        ),
        (
            lambda: wdmath.MinibatchGradient(np.eye(2), [1.0, 2.0], 1, scale="sum").noise_covariance(
                [0.0, 0.0]
            ),
            ValueError,
            'sampling="independent"',
        ),
        (
            lambda: wdmath.MinibatchGradient(np.eye(2), [1.0, 2.0], 1, scale="sum").at_step([0.0], 0),
            ValueError,
            r"theta must have shape \(\.\.\., 2\)",
        ),
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
