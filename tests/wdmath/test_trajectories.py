"""Closed forms against the loops they replace, against many digits, and against each other."""

import copy
import pickle
import warnings

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wdmath

mpmath.mp.dps = 60


def random_risk(seed, p, rank=None):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((rank or p, p))
    return wdmath.QuadraticRisk(root.T @ root, rng.standard_normal(p))


def loop(risk, start, step_size, steps, lam, momentum=0.0):
    theta, velocity = np.array(start, dtype=float), np.zeros(len(start))
    points = [theta]
    for _ in range(steps):
        velocity = momentum * velocity - step_size * (risk.hessian @ (theta - risk.minimizer) + lam * theta)
        theta = theta + velocity
        points.append(theta)
    return np.array(points)


def digits(sigma, minimizer, start, step_size, k, lam, momentum=0.0):
    """One eigencomponent after k steps, from a power of the exact 3 x 3 matrix of the recursion."""
    sigma, minimizer, start, step_size, lam, beta = map(
        mpmath.mpf, (sigma, minimizer, start, step_size, lam, momentum)
    )
    x = step_size * (sigma + lam)
    push = step_size * sigma * minimizer
    step = mpmath.matrix([[1 - x, beta, push], [-x, beta, push], [0, 0, 1]])
    return float((step**k * mpmath.matrix([start, 0, 1]))[0])


def flow_digits(sigma, minimizer, start, time, lam):
    sigma, minimizer, start, time, lam = map(mpmath.mpf, (sigma, minimizer, start, time, lam))
    total = sigma + lam
    share = mpmath.exp(-total * time)
    return float(share * start + (sigma * minimizer * (1 - share) / total if total else 0))


# Eigenvalue, minimizer, start, step size, steps, lam: small, no steps, flat, alternating, at the bound, diverging.
CASES = [
    (116.2, 0.48, 0.0, 0.005, 100, 10.0),
    (116.2, 0.48, 0.0, 0.005, 100000, 0.0),
    (1e-10, 1.0, 0.0, 1e-3, 7, 0.0),
    (1e-14, 1.0, 0.0, 1e-3, 10**9, 1e-15),
    (1.0, 3.0, 2.0, 1e-12, 10**6, 0.5),
    (0.0, 0.0, 5.0, 0.1, 10**6, 0.0),
    (0.0, 7.0, 5.0, 0.1, 50, 1e-3),
    (0.0, 7.0, 5.0, 0.1, 3000, 1.0),
    (4.0, 1.0, 3.0, 0.25, 0, 0.0),
    (4.0, 1.0, 3.0, 0.25, 1, 0.0),
    (4.0, 1.0, 3.0, 0.25, 5, 0.0),
    (1.9, 1.0, -3.0, 1.0, 37, 0.0),
    (2.0, 1.0, -3.0, 1.0, 10**6 + 1, 0.0),
    (1.9999, 1.0, -3.0, 1.0, 12345, 0.00009),
    (2.0, 1.0, -3.0, 1.0, 1234, 1e-3),
    (5.0, 1.0, 0.0, 1.0, 300, 0.0),
    (3.0, 0.1, 0.7, 0.9, 101, 0.3),
    (1e5, 1e-3, 1e3, 0.01, 60, 0.1),
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("consecutive", [False, True])
def test_gradient_descent_is_right_to_the_last_digits(case, consecutive):
    sigma, minimizer, start, step_size, steps, lam = case
    risk = wdmath.QuadraticRisk([[sigma]], [minimizer])
    if consecutive:
        steps = min(steps, 2000)
        # Beside other runs, so that the blocks of many runs are used.
        run = wdmath.gradient_descent(risk, [start], step_size, steps, [0.0, lam])[1, -1, 0]
    else:
        run = wdmath.gradient_descent(risk, [start], step_size, [steps], lam)[0, 0]
    expected = digits(sigma, minimizer, start, step_size, steps, lam)
    assert run == pytest.approx(expected, rel=3e-14, abs=3e-16 * max(abs(start), abs(minimizer)))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_heavy_ball_is_right_to_many_digits(case, momentum):
    sigma, minimizer, start, step_size, steps, lam = case
    risk = wdmath.QuadraticRisk([[sigma]], [minimizer])
    steps = min(steps, 2000)
    run = wdmath.heavy_ball(risk, [start], step_size, momentum, [steps], lam)[0, 0]
    expected = digits(sigma, minimizer, start, step_size, steps, lam, momentum)
    assert run == pytest.approx(expected, rel=1e-12, abs=3e-14 * max(abs(start), abs(minimizer)))


@pytest.mark.parametrize("case", CASES)
def test_gradient_flow_is_right_to_the_last_digits(case):
    sigma, minimizer, start, step_size, steps, lam = case
    risk = wdmath.QuadraticRisk([[sigma]], [minimizer])
    time = step_size * steps
    got = wdmath.gradient_flow(risk, [start], [time], lam)[0, 0]
    expected = flow_digits(sigma, minimizer, start, time, lam)
    assert got == pytest.approx(expected, rel=3e-14, abs=3e-16 * max(abs(start), abs(minimizer)))


@pytest.mark.parametrize(("p", "rank"), [(1, 1), (2, 2), (5, 5), (6, 3), (20, 20)])
@pytest.mark.parametrize("lam", [0.0, 0.7])
def test_closed_forms_equal_the_loop(p, rank, lam):
    risk = random_risk(p, p, rank)
    start = np.random.default_rng(9).standard_normal(p)
    for relative in (0.1, 0.9, 1.7):
        step_size = relative / (risk.eigenvalues[0] + lam)
        np.testing.assert_allclose(
            wdmath.gradient_descent(risk, start, step_size, 150, lam),
            loop(risk, start, step_size, 150, lam),
            atol=1e-12,
        )
        for momentum in (0.3, 0.9):
            np.testing.assert_allclose(
                wdmath.heavy_ball(risk, start, step_size, momentum, 150, lam),
                loop(risk, start, step_size, 150, lam, momentum),
                atol=1e-11,
            )


def test_nearly_equal_eigenvalues_equal_the_loop():
    Q = random_risk(3, 3).eigenvectors
    risk = wdmath.QuadraticRisk(Q @ np.diag([2.0, 2.0 + 1e-13, 2.0 - 3e-15]) @ Q.T, [1.0, 2.0, -1.0])
    run = wdmath.gradient_descent(risk, [3.0, 0.0, 1.0], 0.3, 80, 0.1)
    np.testing.assert_allclose(run, loop(risk, [3.0, 0.0, 1.0], 0.3, 80, 0.1), atol=1e-13)


def test_momentum_zero_is_gradient_descent():
    risk = random_risk(4, 4)
    args = (risk, np.ones(4), 0.05)
    np.testing.assert_allclose(
        wdmath.heavy_ball(*args, 0.0, 90, 0.2), wdmath.gradient_descent(*args, 90, 0.2), rtol=1e-12
    )


@pytest.mark.parametrize("beta", [0.25, 0.81])
def test_heavy_ball_with_a_double_root_equals_the_loop(beta):
    x = (1 - np.sqrt(beta)) ** 2
    for nearly in (x, x * (1 + 1e-9), x * (1 - 1e-12)):
        risk = wdmath.QuadraticRisk([[nearly]], [2.0])
        np.testing.assert_allclose(
            wdmath.heavy_ball(risk, [-1.0], 1.0, beta, 200),
            loop(risk, [-1.0], 1.0, 200, 0.0, beta),
            atol=1e-12,
        )


positive = st.floats(1e-3, 1e3)


@given(
    st.integers(0, 10**6),
    st.integers(1, 5),
    st.integers(0, 400),
    st.integers(0, 400),
    st.floats(0, 10),
    st.floats(0.01, 1.9),
)
@settings(max_examples=60, deadline=None)
def test_k_then_m_steps_equal_k_plus_m(seed, p, k, m, lam, relative):
    risk = random_risk(seed, p)
    step_size = relative / (risk.eigenvalues[0] + lam)
    start = np.random.default_rng(seed + 1).standard_normal(p)
    middle = wdmath.gradient_descent(risk, start, step_size, [k], lam)[0]
    there = wdmath.gradient_descent(risk, middle, step_size, [m], lam)[0]
    np.testing.assert_allclose(
        there, wdmath.gradient_descent(risk, start, step_size, [k + m], lam)[0], rtol=1e-10, atol=1e-12
    )


@given(st.integers(0, 10**6), st.integers(1, 5), st.floats(0, 10), st.floats(0.01, 2.5), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_split_steps_equal_gradient_descent_on_the_regularized_risk(seed, p, lam, relative, steps):
    risk = random_risk(seed, p)
    step_size = relative / (risk.eigenvalues[0] + lam)
    start = np.random.default_rng(seed + 1).standard_normal(p)
    split = wdmath.weight_decay_steps(risk, start, step_size, steps, lam)
    whole = wdmath.gradient_descent(risk, start, step_size, steps, lam)
    assert split.points.shape == (steps + 1, p)
    assert split.shrunk.shape == (steps, p)
    np.testing.assert_allclose(split.points, whole, rtol=1e-9, atol=1e-11 * np.abs(whole).max())
    np.testing.assert_allclose(split.shrunk, (1 - step_size * lam) * split.points[:-1], rtol=1e-14)


@given(st.integers(0, 10**6), st.integers(1, 4), st.floats(0, 5), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_rotating_the_risk_rotates_the_run(seed, p, lam, rotation_seed):
    risk = random_risk(seed, p)
    Q = np.linalg.qr(np.random.default_rng(rotation_seed).standard_normal((p, p)))[0]
    rotated = wdmath.QuadraticRisk(Q @ risk.hessian @ Q.T, Q @ risk.minimizer)
    start = np.random.default_rng(seed + 1).standard_normal(p)
    step_size = 1 / (risk.eigenvalues[0] + lam)
    np.testing.assert_allclose(
        wdmath.gradient_descent(rotated, Q @ start, step_size, 30, lam),
        wdmath.gradient_descent(risk, start, step_size, 30, lam) @ Q.T,
        atol=1e-11,
    )


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_gradient_flow_factor_lies_between_the_ridge_factor_and_1_2985_times_it(sigma, time):
    risk = wdmath.QuadraticRisk([[sigma]], [1.0])
    flow = wdmath.gradient_flow(risk, [0.0], [time])[0, 0]
    ridge = sigma / (sigma + 1 / time)
    assert ridge * (1 - 1e-14) <= flow <= 1.2985 * ridge


def test_many_steps_end_at_the_ridge_minimizer():
    risk = random_risk(5, 4)
    lams = np.array([0.1, 1.0, 10.0])
    end = wdmath.gradient_descent(risk, np.ones(4), 0.05, [10**7], lams)[:, 0]
    np.testing.assert_allclose(end, wdmath.ridge_minimizer(risk, lams), rtol=1e-12)
    np.testing.assert_allclose(
        wdmath.gradient_flow(risk, np.ones(4), 1e6, lams), wdmath.ridge_minimizer(risk, lams), rtol=1e-12
    )
    np.testing.assert_allclose(
        wdmath.heavy_ball(risk, np.ones(4), 0.05, 0.9, [10**5], lams)[:, 0],
        wdmath.ridge_minimizer(risk, lams),
        rtol=1e-12,
    )


def test_small_steps_tend_to_gradient_flow():
    risk = random_risk(6, 3)
    start, t = np.array([1.0, -2.0, 0.5]), 0.7
    flow = wdmath.gradient_flow(risk, start, t, 0.3)
    gaps = [
        np.abs(wdmath.gradient_descent(risk, start, t / k, [k], 0.3)[0] - flow).max()
        for k in (10**4, 10**5, 10**6)
    ]
    assert gaps[0] / gaps[1] == pytest.approx(10, rel=0.01)
    assert gaps[1] / gaps[2] == pytest.approx(10, rel=0.01)


def test_flat_directions_stay_without_decay_and_shrink_with_it():
    risk = wdmath.QuadraticRisk(np.diag([2.0, 0.0]), [1.0, 4.0])
    run = wdmath.gradient_descent(risk, [0.0, 3.0], 0.1, 100)
    assert (run[:, 1] == 3.0).all()
    decayed = wdmath.gradient_descent(risk, [0.0, 3.0], 0.1, 100, 0.5)
    np.testing.assert_allclose(decayed[:, 1], 3 * 0.95 ** np.arange(101), rtol=1e-14)


class TestBatches:
    risk = random_risk(7, 3)
    start = np.array([0.5, -1.0, 2.0])

    @pytest.mark.parametrize("steps", [0, 1, 2, 37, [5, 0, 1000, 5]])
    @pytest.mark.parametrize("top", [0.1, 20.0, 60.0])
    def test_penalties_and_step_sizes_scan_as_one_by_one(self, steps, top):
        lams, step_sizes = np.array([0.0, top / 2, top]), np.array([[0.01], [0.05]])
        scan = wdmath.gradient_descent(self.risk, self.start, step_sizes, steps, lams)
        assert scan.diverges.shape == (2, 3)
        for i, a in enumerate(step_sizes[:, 0]):
            for j, lam in enumerate(lams):
                one = wdmath.gradient_descent(self.risk, self.start, a, steps, lam)
                np.testing.assert_allclose(scan[i, j], one, rtol=1e-12, atol=1e-13)
                assert scan.diverges[i, j] == one.diverges

    def test_several_starts(self):
        starts = np.array([self.start, 2 * self.start])
        scan = wdmath.gradient_descent(self.risk, starts, 0.01, 12, [[0.0], [1.0], [2.0]])
        assert scan.shape == (3, 2, 13, 3)
        np.testing.assert_allclose(
            scan[2, 1], wdmath.gradient_descent(self.risk, 2 * self.start, 0.01, 12, 2.0), rtol=1e-12
        )
        flow = wdmath.gradient_flow(self.risk, starts, [0.0, 1.0], [[0.0], [1.0], [2.0]])
        assert flow.shape == (3, 2, 2, 3)
        np.testing.assert_allclose(flow[:, :, 0], np.broadcast_to(starts, (3, 2, 3)), atol=1e-14)

    def test_many_runs_over_many_steps(self):
        lams = np.linspace(0, 3, 700)
        scan = wdmath.gradient_descent(self.risk, self.start, 0.05, 333, lams)
        np.testing.assert_allclose(
            scan,
            wdmath.gradient_descent(self.risk, self.start, 0.05, np.arange(334), lams),
            rtol=1e-11,
            atol=1e-13,
        )

    def test_heavy_ball_scans_over_momentum(self):
        scan = wdmath.heavy_ball(self.risk, self.start, 0.02, [0.0, 0.5, 0.9], 20, 0.3)
        np.testing.assert_allclose(
            scan[1], wdmath.heavy_ball(self.risk, self.start, 0.02, 0.5, 20, 0.3), rtol=1e-12
        )

    def test_no_step_is_exactly_the_start(self):
        assert (wdmath.gradient_descent(self.risk, self.start, 0.01, 0)[0] == self.start).all()
        assert (wdmath.gradient_descent(self.risk, self.start, 0.01, 9, [0.0, 1.0])[:, 0] == self.start).all()


class TestDivergence:
    risk = wdmath.QuadraticRisk(np.diag([4.0, 1.0]), [1.0, 1.0])

    def test_a_diverging_run_is_exact_and_says_so(self):
        run = wdmath.gradient_descent(self.risk, [0.0, 0.0], 1.0, 600)
        assert run.diverges is True
        exact = [1 - (-3) ** k for k in range(601)]
        np.testing.assert_allclose(run[:, 0], [float(x) for x in exact], rtol=1e-15)
        np.testing.assert_allclose(run[1:, 1], 1.0)

    def test_beyond_the_largest_float_values_are_infinite_and_never_nan(self):
        rotated = wdmath.QuadraticRisk([[3.0, 1.0], [1.0, 3.0]], [1.0, 0.5])
        for risk in (self.risk, rotated):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                run = wdmath.gradient_descent(risk, [0.0, 0.0], 1.0, 3000)
                sparse = wdmath.gradient_descent(risk, [0.0, 0.0], 1.0, [10**9], [0.0, 1.0])
                ball = wdmath.heavy_ball(risk, [0.0, 0.0], 3.0, 0.5, [0, 3000])
            assert not np.isnan(run).any()
            assert np.isinf(run[-1]).any()
            assert not np.isnan(sparse).any()
            assert ball.diverges
            assert not np.isnan(ball).any()
        assert run.diverges

    def test_stable_runs_do_not_diverge(self):
        assert wdmath.gradient_descent(self.risk, [0.0, 0.0], 0.5, 10).diverges is False
        assert wdmath.gradient_descent(self.risk, [0.0, 0.0], 0.1, 10).diverges is False

    def test_a_run_that_starts_at_rest_stays_there(self):
        run = wdmath.gradient_descent(self.risk, [1.0, 1.0], 10.0, 100)
        assert run.diverges is False
        assert (run == 1.0).all()

    def test_the_bound_separates_converging_from_diverging(self):
        for lam in (0.0, 3.0):
            bound = wdmath.stability_bound(self.risk.eigenvalues, lam)
            assert bound == 2 / (4 + lam)
            assert not wdmath.diverges(self.risk.eigenvalues, bound * (1 - 1e-9), lam)
            assert not wdmath.diverges(self.risk.eigenvalues, bound, lam)
            assert wdmath.diverges(self.risk.eigenvalues, bound * (1 + 1e-9), lam)
            assert wdmath.gradient_descent(self.risk, [0.0, 0.0], bound * (1 + 1e-9), [3], lam).diverges

    def test_the_bound_of_the_heavy_ball(self):
        for momentum in (0.0, 0.5, 0.9):
            bound = wdmath.stability_bound(self.risk.eigenvalues, 1.0, momentum)
            inside = np.abs(
                wdmath.heavy_ball(self.risk, [0.0, 0.0], bound * 0.99, momentum, [10**5], 1.0)
            ).max()
            outside = wdmath.heavy_ball(self.risk, [0.0, 0.0], bound * 1.01, momentum, [4000], 1.0)
            assert inside < 2
            assert outside.diverges
            assert np.abs(outside).max() > 1e6

    def test_a_flat_risk_is_stable_at_any_step_size(self):
        assert wdmath.stability_bound([0.0, 0.0]) == np.inf
        np.testing.assert_array_equal(wdmath.stability_bound([2.0], [0.0, 2.0]), [1.0, 0.5])

    @pytest.mark.parametrize(
        "copied",
        [copy.copy, copy.deepcopy, lambda run: run.copy(), lambda run: pickle.loads(pickle.dumps(run))],
    )
    def test_copies_make_the_same_claim(self, copied):
        for step_sizes in (1.0, [0.1, 1.0]):
            run = wdmath.gradient_descent(self.risk, [0.0, 0.0], step_sizes, 5)
            other = copied(run)
            assert type(other) is wdmath.Trajectory
            assert not np.shares_memory(other, run)
            np.testing.assert_array_equal(other, run)
            np.testing.assert_array_equal(other.diverges, run.diverges)
            assert type(other.diverges) is type(run.diverges)

    def test_a_run_shows_what_it_claims(self):
        run = wdmath.gradient_descent(self.risk, [0.0, 0.0], 1.0, 1)
        assert repr(run).endswith(", diverges=True)")
        assert "diverges" not in repr(run[1:])

    def test_derived_arrays_make_no_claim(self):
        run = wdmath.gradient_descent(self.risk, [0.0, 0.0], 1.0, 5)
        assert run[2:].diverges is None
        assert type(run + 1) is np.ndarray
        assert isinstance(run.max(), float)


def test_split_steps_take_any_gradient():
    run = wdmath.weight_decay_steps(np.tanh, [2.0, -1.0], 0.5, 3, 0.1)
    theta = np.array([2.0, -1.0])
    for k in range(3):
        np.testing.assert_allclose(run.shrunk[k], 0.95 * theta, rtol=1e-15)
        theta = 0.95 * theta - 0.5 * np.tanh(theta)
        np.testing.assert_allclose(run.points[k + 1], theta, rtol=1e-15)


def test_inputs_are_left_alone():
    start, lam, steps = np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([3, 0])
    copies = start.copy(), lam.copy(), steps.copy()
    risk = wdmath.QuadraticRisk(np.eye(2), [0.0, 1.0])
    wdmath.gradient_descent(risk, start, 0.1, steps, lam)[:] = 7.0
    wdmath.gradient_descent(risk, start, 0.1, 5)[:] = 7.0
    wdmath.heavy_ball(risk, start, 0.1, 0.5, steps, lam)[:] = 7.0
    wdmath.gradient_flow(risk, start, [0.0], lam)[:] = 7.0
    for array, before in zip((start, lam, steps), copies, strict=True):
        np.testing.assert_array_equal(array, before)


RISK = wdmath.QuadraticRisk(np.eye(2), [1.0, 1.0])
HUGE = wdmath.QuadraticRisk(np.diag([1e300, 1e-300]), [1e5, 1e-5])


def test_extreme_but_valid_input_gives_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for step_size in (1e-308, 1.0, 1e308):
            for lam in (0.0, 1e-320, 1e300):
                wdmath.gradient_descent(HUGE, [1e300, 0.0], step_size, 5, lam)
                wdmath.gradient_descent(HUGE, [1e300, 0.0], step_size, 5, [lam, 0.0])
                wdmath.heavy_ball(HUGE, [1e300, 0.0], step_size, 0.9, 5, lam)
                wdmath.gradient_flow(HUGE, [1e300, 0.0], [step_size], lam)
                wdmath.diverges(HUGE.eigenvalues, step_size, lam)
                wdmath.stability_bound(HUGE.eigenvalues, lam)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: wdmath.gradient_descent("risk", [0.0], 0.1, 5),
            TypeError,
            "risk must be a QuadraticRisk, got 'risk'",
        ),
        (
            lambda: wdmath.gradient_descent(RISK, [0.0], 0.1, 5),
            ValueError,
            r"start must have shape \(\.\.\., 2\), got \(1,\)",
        ),
        (lambda: wdmath.gradient_descent(RISK, 0.0, 0.1, 5), ValueError, "start"),
        (
            lambda: wdmath.gradient_descent(RISK, [np.inf, 0.0], 0.1, 5),
            ValueError,
            "start must be finite, got inf",
        ),
        (lambda: wdmath.gradient_descent(RISK, [1j, 0.0], 0.1, 5), TypeError, "start must hold real numbers"),
        (
            lambda: wdmath.gradient_descent(RISK, [None, 0.0], 0.1, 5),
            TypeError,
            "start must hold real numbers",
        ),
        (
            lambda: wdmath.gradient_descent(RISK, [0.0, 0.0], 0.0, 5),
            ValueError,
            "step_size must be > 0, got 0.0",
        ),
        (
            lambda: wdmath.gradient_descent(RISK, [0.0, 0.0], [0.1, -1.0], 5),
            ValueError,
            "step_size must be > 0, got -1.0 at",
        ),
        (
            lambda: wdmath.gradient_descent(RISK, [0.0, 0.0], np.nan, 5),
            ValueError,
            "step_size must be finite",
        ),
        (
            lambda: wdmath.gradient_descent(RISK, [0.0, 0.0], 0.1, -5),
            ValueError,
            "steps must be >= 0, got -5",
        ),
        (lambda: wdmath.gradient_descent(RISK, [0.0, 0.0], 0.1, 5.0), TypeError, "steps must be an integer"),
        (
            lambda: wdmath.gradient_descent(RISK, [0.0, 0.0], 0.1, [1.5]),
            TypeError,
            "steps must hold integers",
        ),
        (
            lambda: wdmath.gradient_descent(RISK, [0.0, 0.0], 0.1, [1, -2]),
            ValueError,
            "steps must be >= 0, got -2",
        ),
        (lambda: wdmath.gradient_descent(RISK, [0.0, 0.0], 0.1, []), (TypeError, ValueError), "steps"),
        (
            lambda: wdmath.gradient_descent(RISK, [0.0, 0.0], 0.1, 5, -1.0),
            ValueError,
            "lam must be >= 0, got -1.0",
        ),
        (
            lambda: wdmath.gradient_descent(RISK, [0.0, 0.0], [0.1, 0.2], 5, [1.0] * 3),
            ValueError,
            "must broadcast against",
        ),
        (lambda: wdmath.gradient_flow(RISK, [0.0, 0.0], [-1.0]), ValueError, "times must be >= 0, got -1.0"),
        (lambda: wdmath.gradient_flow(RISK, [0.0, 0.0], [np.inf]), ValueError, "times must be finite"),
        (
            lambda: wdmath.heavy_ball(RISK, [0.0, 0.0], 0.1, 1.0, 5),
            ValueError,
            "momentum must be < 1, got 1.0",
        ),
        (
            lambda: wdmath.heavy_ball(RISK, [0.0, 0.0], 0.1, -0.1, 5),
            ValueError,
            "momentum must be >= 0, got -0.1",
        ),
        (lambda: wdmath.weight_decay_steps(3.0, [0.0], 0.1, 5, 0.0), TypeError, "gradient must be callable"),
        (lambda: wdmath.weight_decay_steps(lambda t: 1.0, [0.0], 0.1, 5, 0.0), ValueError, "gradient.*shape"),
        (lambda: wdmath.weight_decay_steps(RISK, [0.0], 0.1, 5, 0.0), ValueError, "start must have shape"),
        (
            lambda: wdmath.weight_decay_steps(RISK, [0.0, 0.0], 0.1, [1, 2], 0.0),
            TypeError,
            "steps must be an integer",
        ),
        (lambda: wdmath.stability_bound([-1.0]), ValueError, "eigenvalues must be >= 0, got -1.0"),
        (lambda: wdmath.diverges([1.0], 0.0), ValueError, "step_size must be > 0"),
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
