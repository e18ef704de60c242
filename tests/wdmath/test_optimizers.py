"""SGD, Adam and AdamW against tables made by PyTorch (reference/make_torch.py), and against each other."""

import json
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

    batch = wdmath.adam_path(gradient, [0.0, 0.0], 0.1, 5, [0.0, 1.0])
    assert seen == [(2, 2)] * 5
    np.testing.assert_allclose(batch, wdmath.adam_path(risk, [0.0, 0.0], 0.1, 5, [0.0, 1.0]), rtol=1e-12)


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
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
