"""Stationary covariances against Lyapunov's equation, moments and simulations; rotation and memory against runs."""

from itertools import combinations

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov

import wdmath


def one_step(H, step_size, momentum, nesterov):
    """What (e, alpha v) is multiplied by in a step, and what noise of the gradient adds; in blocks of p."""
    I = np.eye(len(H))
    e_e, e_v = (
        (I - step_size * H * (1 + momentum), -(momentum**2) * I)
        if nesterov
        else (I - step_size * H, -momentum * I)
    )
    push = -step_size * (1 + momentum * nesterov) * I
    return np.block([[e_e, e_v], [step_size * H, momentum * I]]), np.vstack([push, step_size * I])


def lyapunov(H, C, step_size, momentum, nesterov):
    M, g = one_step(H, step_size, momentum, nesterov)
    return solve_discrete_lyapunov(M, g @ C @ g.T)[: len(H), : len(H)]


def problem(p=3, seed=0):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((2 * p, p))
    C = np.cov(rng.standard_normal((p, 3 * p)))
    return wdmath.QuadraticRisk(root.T @ root, rng.standard_normal(p)), np.atleast_2d(C)


class TestStationaryCovariance:
    @pytest.mark.parametrize("nesterov", [False, True])
    @pytest.mark.parametrize("momentum", [0.0, 0.5, 0.97])
    @pytest.mark.parametrize("relative", [0.01, 0.5, 0.99])
    def test_solves_the_lyapunov_equation(self, relative, momentum, nesterov):
        risk, C = problem()
        lams = np.array([0.0, 0.7, 30.0])
        bound = wdmath.stability_bound(risk.eigenvalues, 30.0, momentum, nesterov=nesterov)
        options = {"momentum": momentum, "nesterov": nesterov}
        found = wdmath.stationary_covariance(risk, relative * bound, lams, noise=C, **options)
        assert found.shape == (3, 3, 3)
        for S, lam in zip(found, lams, strict=True):
            expected = lyapunov(risk.hessian + lam * np.eye(3), C, relative * bound, momentum, nesterov)
            np.testing.assert_allclose(S, expected, rtol=1e-9, atol=1e-11 * np.abs(expected).max())
            one = wdmath.stationary_covariance(risk, relative * bound, lam, noise=C, **options)
            np.testing.assert_array_equal(S, one)

    def test_small_rates_keep_their_digits(self):
        risk = wdmath.QuadraticRisk(np.diag([1.0, 1e-12]), [1.0, 1.0])
        S = wdmath.stationary_covariance(risk, 0.1, noise=np.eye(2), momentum=0.9)
        # alpha^2 (1 + beta) / ((1 - beta) x (2 (1 + beta) - x))
        np.testing.assert_allclose(
            np.diag(S), [0.01 * 19 / (0.1 * 3.7), 0.01 * 19 / (1e-13 * 3.8)], rtol=1e-12
        )

    @pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.8, False), (0.8, True)])
    def test_is_what_a_simulation_scatters_by(self, momentum, nesterov):
        risk, C = problem(2)
        rng, root = np.random.default_rng(1), np.linalg.cholesky(C)
        step_size = 0.3 * wdmath.stability_bound(risk.eigenvalues, 0.5, momentum, nesterov=nesterov)

        def noisy(theta):
            return risk.gradient(theta) + rng.standard_normal(theta.shape) @ root.T

        starts = np.tile(risk.minimizer, (40_000, 1))
        ends = wdmath.sgd_path(noisy, starts, step_size, [150], 0.5, momentum=momentum, nesterov=nesterov)[
            :, 0
        ]
        S = wdmath.stationary_covariance(risk, step_size, 0.5, noise=C, momentum=momentum, nesterov=nesterov)
        size = np.sqrt(np.diag(S))
        np.testing.assert_allclose(np.cov(ends.T) / np.outer(size, size), S / np.outer(size, size), atol=0.04)
        np.testing.assert_allclose(
            ends.mean(axis=0), wdmath.ridge_minimizer(risk, 0.5), atol=0.03 * size.max()
        )

    @pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.7, False), (0.7, True)])
    @pytest.mark.parametrize(("n", "p", "b"), [(5, 2, 1), (6, 2, 3), (3, 4, 2)])
    def test_of_minibatches_is_the_limit_of_exact_moments(self, n, p, b, momentum, nesterov):
        rng = np.random.default_rng(n)
        X, y = rng.standard_normal((n, p)), rng.standard_normal(n)
        lam, step_size = 0.4, 0.05
        batches = wdmath.MinibatchGradient(X, y, b, scale="half_mean", sampling="independent")
        S = wdmath.stationary_covariance(batches, step_size, lam, momentum=momentum, nesterov=nesterov)
        # Second moments of (theta, alpha v, 1), taken on by the mean over all batches.
        steps = []
        for rows in map(list, combinations(range(n), b)):
            H, pull = X[rows].T @ X[rows] / b, X[rows].T @ y[rows] / b
            M, g = one_step(H + lam * np.eye(p), step_size, momentum, nesterov)
            steps.append(np.block([[M, -g @ pull[:, None]], [np.zeros((1, 2 * p)), np.ones((1, 1))]]))
        moments = np.zeros((2 * p + 1, 2 * p + 1))
        moments[-1, -1] = 1.0
        for _ in range(3000):
            moments = sum(A @ moments @ A.T for A in steps) / len(steps)
        mean = moments[:p, -1]
        expected = moments[:p, :p] - np.outer(mean, mean)
        np.testing.assert_allclose(S, expected, rtol=1e-8, atol=1e-11)
        risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_mean")
        np.testing.assert_allclose(mean, wdmath.ridge_minimizer(risk, lam), rtol=1e-8)
        # The noise at the ridge minimizer alone gives less.
        alone = wdmath.stationary_covariance(
            risk, step_size, lam, noise=batches.noise_covariance(mean), momentum=momentum, nesterov=nesterov
        )
        assert np.trace(S) > 1.001 * np.trace(alone)

    def test_of_the_whole_data_is_zero(self):
        X, y = wdmath.load_i2ml()
        batches = wdmath.MinibatchGradient(X, y, 100, scale="mean", sampling="independent")
        assert (wdmath.stationary_covariance(batches, 0.1, 0.3) == 0).all()

    def test_flat_directions_of_data_do_not_wander(self):
        X = np.random.default_rng(0).standard_normal((3, 5))
        batches = wdmath.MinibatchGradient(X, [1.0, 2.0, 0.0], 1, scale="half_mean", sampling="independent")
        # All rows can be fitted at once: no noise is left at the minimizer.
        assert np.abs(wdmath.stationary_covariance(batches, 0.05)).max() < 1e-25
        S = wdmath.stationary_covariance(batches, 0.05, 0.5)
        flat = np.linalg.svd(X)[2][3:]
        assert np.abs(flat @ S).max() < 1e-15 < np.abs(S).max()

    @pytest.mark.parametrize(
        ("call", "error", "words"),
        [
            (
                lambda r, b: wdmath.stationary_covariance(r, 1.0),
                ValueError,
                "noise must be given with a risk",
            ),
            (
                lambda r, b: wdmath.stationary_covariance(r, 1.0, noise=np.eye(3)),
                ValueError,
                r"shape \(2, 2\)",
            ),
            (
                lambda r, b: wdmath.stationary_covariance(b, 0.1, noise=np.eye(2)),
                ValueError,
                "must not be given",
            ),
            (lambda r, b: wdmath.stationary_covariance(r.gradient, 1.0), TypeError, "gradient must be a"),
            (
                lambda r, b: wdmath.stationary_covariance(r, 1.0, noise=np.eye(2)),
                ValueError,
                "below 1 for a stationary",
            ),
            (
                lambda r, b: wdmath.stationary_covariance(r, 0.1, momentum=1.0, noise=np.eye(2)),
                ValueError,
                "momentum",
            ),
            (
                lambda r, b: wdmath.stationary_covariance(b, 0.95),
                ValueError,
                "smaller for a stationary.*batches of 1 rows",
            ),
            (
                lambda r, b: wdmath.stationary_covariance(
                    wdmath.QuadraticRisk(np.diag([1.0, 0.0]), [1.0, 1.0]), 1.0, noise=np.eye(2)
                ),
                ValueError,
                "lam must be > 0 where the noise acts along a flat direction",
            ),
            (
                lambda r, b: wdmath.stationary_covariance(
                    wdmath.MinibatchGradient(b.X, b.y, 2, scale="sum"), 0.01
                ),
                ValueError,
                'sampling="independent"',
            ),
        ],
    )
    def test_what_has_no_answer_is_said(self, call, error, words):
        rng = np.random.default_rng(0)
        batches = wdmath.MinibatchGradient(
            rng.standard_normal((20, 2)),
            rng.standard_normal(20),
            1,
            scale="half_mean",
            sampling="independent",
        )
        with pytest.raises(error, match=words) as caught:
            call(wdmath.QuadraticRisk(np.diag([2.0, 1.0]), [1.0, 1.0]), batches)
        assert "\n" not in str(caught.value)


def across(w, noise):
    """Gradients of a risk that sees only directions: perpendicular to w, of mean square 1 / ||w||^2."""
    norms = np.linalg.norm(w, axis=-1, keepdims=True)
    noise = noise - (noise * w).sum(axis=-1, keepdims=True) * w / norms**2
    return noise / norms / np.sqrt(w.shape[-1] - 1)


class TestRotationalEquilibrium:
    SIZE = 2000

    def settle(self, path, alpha, lam, steps, **options):
        """Lengths and cosines over the last steps of a run."""
        rng = np.random.default_rng(0)
        start = rng.standard_normal(self.SIZE) / np.sqrt(self.SIZE)
        run = path(
            lambda w: across(w, rng.standard_normal(w.shape)),
            start,
            alpha,
            np.arange(steps - 400, steps),
            lam,
            **options,
        )
        norms = np.linalg.norm(run, axis=1)
        cosines = (run[1:] * run[:-1]).sum(axis=1) / norms[1:] / norms[:-1]
        return np.sqrt((norms**2).mean()), np.arccos(cosines.mean())

    @pytest.mark.parametrize("momentum", [0.0, 0.9])
    @pytest.mark.parametrize(("alpha", "lam"), [(0.1, 0.2), (0.02, 0.5)])
    def test_sgd_settles_there(self, alpha, lam, momentum):
        expected = wdmath.rotational_equilibrium(alpha, lam, momentum=momentum)
        norm, angle = self.settle(wdmath.sgd_path, alpha, lam, 2500, momentum=momentum)
        assert norm == pytest.approx(expected.norm, rel=0.01)
        assert angle == pytest.approx(expected.angle, rel=0.01)

    @pytest.mark.parametrize("beta", [0.0, 0.9])
    def test_adamw_settles_there(self, beta):
        expected = wdmath.rotational_equilibrium(
            0.05, 0.2, optimizer="adamw", momentum=beta, dimension=self.SIZE
        )
        norm, angle = self.settle(wdmath.adamw_path, 0.05, 0.2, 2500, betas=(beta, 0.99))
        assert norm == pytest.approx(expected.norm, rel=0.02)
        assert angle == pytest.approx(expected.angle, rel=0.02)

    def test_small_decay_gives_the_known_approximations(self):
        alpha, lam = 1e-3, np.array([1e-4, 1e-2])
        sgd = wdmath.rotational_equilibrium(alpha, lam, gradient_norm=3.0)
        np.testing.assert_allclose(sgd.angle, np.sqrt(2 * alpha * lam), rtol=1e-5)
        np.testing.assert_allclose(sgd.norm, (alpha * 9 / (2 * lam)) ** 0.25, rtol=1e-5)
        adam = wdmath.rotational_equilibrium(alpha, lam, optimizer="adamw", momentum=0.9, dimension=50)
        np.testing.assert_allclose(adam.angle, np.sqrt(2 * alpha * lam * 0.1 / 1.9), rtol=1e-4)
        np.testing.assert_allclose(adam.norm, np.sqrt(alpha * 50 / (2 * lam)), rtol=1e-4)

    def test_a_step_without_momentum_ends_on_the_same_sphere(self):
        """w and g are perpendicular: (1 - alpha lam)^2 ||w||^2 + alpha^2 ||g||^2 = ||w||^2."""
        found = wdmath.rotational_equilibrium(0.3, 0.7, gradient_norm=2.0)
        w, g = np.array([found.norm, 0.0]), np.array([0.0, 2.0 / found.norm])
        after = (1 - 0.21) * w - 0.3 * g
        assert np.linalg.norm(after) == pytest.approx(found.norm, rel=1e-14)
        assert np.arccos(after @ w / found.norm**2) == pytest.approx(found.angle, rel=1e-14)

    @pytest.mark.parametrize(
        ("call", "words"),
        [
            (lambda: wdmath.rotational_equilibrium(0.1, 0.0), "lam must be > 0"),
            (lambda: wdmath.rotational_equilibrium(2.0, 0.5), "step_size times lam must be < 1, got 1.0"),
            (lambda: wdmath.rotational_equilibrium(0.1, 1.0, momentum=1.0), "momentum must be < 1"),
            (lambda: wdmath.rotational_equilibrium(0.1, 1.0, optimizer="lion"), "optimizer must be one of"),
            (lambda: wdmath.rotational_equilibrium(0.1, 1.0, optimizer="adamw"), "dimension must be given"),
            (lambda: wdmath.rotational_equilibrium([0.1, 0.2], [1.0] * 3), "must broadcast"),
        ],
    )
    def test_bad_arguments_are_named(self, call, words):
        with pytest.raises(ValueError, match=words):
            call()


class TestDecayMemory:
    @pytest.mark.parametrize("constant", [True, False])
    @pytest.mark.parametrize("lam", [0.0, 0.3, 2.0])
    def test_weights_are_made_of_their_updates(self, lam, constant):
        rng = np.random.default_rng(0)
        updates, start = rng.standard_normal((60, 3)), rng.standard_normal(3)
        alphas = np.full(60, 0.1) if constant else 0.5 * rng.uniform(0.01, 1, 60)
        memory = wdmath.decay_memory(0.1 if constant else alphas, lam, 60)
        theta = start
        for alpha, u in zip(alphas, updates, strict=True):
            theta = (1 - alpha * lam) * theta - alpha * u
        np.testing.assert_allclose(memory.initial * start - memory.weights @ updates, theta, rtol=1e-12)
        assert lam * memory.weights.sum() + memory.initial == pytest.approx(1.0, rel=1e-13)

    def test_adamw_ends_at_the_average_of_its_updates(self):
        risk = wdmath.QuadraticRisk(np.diag([3.0, 1.0]), [1.0, -2.0])
        run = wdmath.adamw_path(risk, [2.0, 2.0], 0.05, 80, 0.4)
        updates = ((1 - 0.05 * 0.4) * run[:-1] - run[1:]) / 0.05
        memory = wdmath.decay_memory(0.05, 0.4, 80)
        np.testing.assert_allclose(memory.initial * run[0] - memory.weights @ updates, run[-1], rtol=1e-12)

    def test_the_memory_reaches_back_for_its_timescale(self):
        memory = wdmath.decay_memory(1e-4, 0.1, 10**6)
        assert memory.timescale == pytest.approx(1e5)
        assert memory.weights[-1 - 10**5] / memory.weights[-1] == pytest.approx(np.exp(-1), rel=1e-4)
        assert memory.initial == pytest.approx(np.exp(-10), rel=1e-3)

    def test_ends(self):
        assert wdmath.decay_memory(0.1, 0.5, 0).initial == 1.0
        assert wdmath.decay_memory([], 0.5, 0).weights.shape == (0,)
        everything = wdmath.decay_memory(0.5, 2.0, 4)
        assert (everything.initial, everything.weights.tolist()) == (0.0, [0.0, 0.0, 0.0, 0.5])
        assert wdmath.decay_memory(0.5, 0.0, 4).timescale == np.inf

    @pytest.mark.parametrize(
        ("call", "words"),
        [
            (lambda: wdmath.decay_memory([0.1, 0.2], 0.5, 3), "one entry for each of the 3 steps, got 2"),
            (lambda: wdmath.decay_memory(3.0, 0.5, 3), "step_size times lam must be <= 1, got 1.5"),
            (lambda: wdmath.decay_memory(0.1, -0.5, 3), "lam must be >= 0"),
        ],
    )
    def test_bad_arguments_are_named(self, call, words):
        with pytest.raises(ValueError, match=words):
            call()
