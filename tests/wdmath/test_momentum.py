"""Heavy ball and Nesterov's method, and descent beside them, against exact numbers and against the recursion."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

import wdmath
from wdmath import _momentum_factors

KINDS = ("descent", "heavy ball", "nesterov")


def run(kind, risk, start, step_size, momentum, steps, lam=0.0):
    if kind == "descent":
        return wdmath.gradient_descent(risk, start, step_size, steps, lam)
    function = wdmath.heavy_ball if kind == "heavy ball" else wdmath.nesterov
    return function(risk, start, step_size, momentum, steps, lam)


def loop(kind, risk, start, step_size, momentum, steps, lam=0.0):
    """All points, by the recursions of PyTorch's documentation."""
    theta, velocity, points = np.array(start, dtype=float), np.zeros(len(start)), [start]
    for _ in range(steps):
        g = risk.hessian @ (theta - risk.minimizer) + lam * theta
        velocity = momentum * velocity + g
        move = {"descent": g, "heavy ball": velocity, "nesterov": g + momentum * velocity}[kind]
        theta = theta - step_size * move
        points.append(theta)
    return np.array(points)


def many_digits(kind, sigma, minimizer, start, step_size, momentum, k, lam):
    """One component after k steps, from a power of the exact matrix that takes (theta, alpha v, 1) one step further."""
    with mpmath.workdps(70):
        sigma, minimizer, start, alpha, beta, lam = map(
            mpmath.mpf, map(float, (sigma, minimizer, start, step_size, momentum, lam))
        )
        x, g = alpha * (sigma + lam), alpha * sigma * minimizer
        power = {
            "descent": [[1 - x, 0, g], [0, 0, 0]],
            "heavy ball": [[1 - x, -beta, g], [x, beta, -g]],
            "nesterov": [[1 - x - beta * x, -beta * beta, g + beta * g], [x, beta, -g]],
        }[kind]
        state = [start, mpmath.mpf(0)]
        while k:
            if k % 2:
                state = [a * state[0] + b * state[1] + c for a, b, c in power]
            (a, b, c), (d, e, f) = power
            power = [
                [a * a + b * d, a * b + b * e, a * c + b * f + c],
                [d * a + e * d, d * b + e * e, d * c + e * f + f],
            ]
            k //= 2
        return state[0]


def upper_bound(kind, beta):
    return {"descent": 2, "heavy ball": 2 * (1 + beta), "nesterov": 2 * (1 + beta) / (1 + 2 * beta)}[kind]


def random_cases(kind, number):
    """Rates within 1e-16 to 0.5 of the stability bound, and of double roots; momentum 0, and within 1e-12 of 1."""
    rng = np.random.default_rng([KINDS.index(kind), number])
    for _ in range(number):
        sigma, lam = 10 ** rng.uniform(-3, 3), rng.choice([0.0, 10 ** rng.uniform(-4, 3)])
        beta = rng.choice(
            [0.0, 0.5, 0.9, 0.99, 1 - 1e-6, 1 - 1e-9, rng.uniform(), 1 - 10 ** rng.uniform(-12, 0)]
        )
        beta = 0.0 if kind == "descent" else beta
        root = {"descent": 0.0, "heavy ball": np.sqrt(beta), "nesterov": (1 - beta) / (1 + beta)}[kind]
        bound = upper_bound(kind, beta)
        doubles = (1 - root) ** 2 if kind == "heavy ball" else root**2, (1 + root) ** 2
        x = rng.choice([bound, bound, bound, *doubles]) * (
            1 + rng.choice([-1, 1]) * 10 ** rng.uniform(-16, -0.3)
        )
        x = max(rng.choice([x, x, x, 10 ** rng.uniform(-12, 0)]), 1e-14)
        minimizer, start = rng.choice([0.0, 1.0], 2) * rng.standard_normal(2)
        yield sigma, minimizer, start or 1.0, x / (sigma + lam), beta, int(10 ** rng.uniform(0, 9)), lam


def relative_error(found, exact):
    if abs(exact) > 1e308:
        return 0.0 if np.isinf(found) and (found > 0) == (exact > 0) else np.inf
    # Below 1e-290 floats begin to have fewer digits.
    return float(abs(mpmath.mpf(found) - exact) / max(abs(exact), mpmath.mpf(1e-290)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [200, pytest.param(3000, marks=pytest.mark.long)])
def test_random_runs_are_right_to_1e_9_of_themselves_to_1e9_steps(kind, number):
    for case in random_cases(kind, number):
        sigma, minimizer, start, step_size, beta, k, lam = case
        risk = wdmath.QuadraticRisk([[sigma]], [minimizer])
        points = run(kind, risk, [start], step_size, beta, [k], lam)
        exact = many_digits(kind, sigma, minimizer, start, step_size, beta, k, lam)
        assert relative_error(float(points[0, 0]), exact) < 1e-9, case
        # The truth about divergence, in fractions.
        x, b = Fraction(step_size) * (Fraction(sigma) + Fraction(lam)), Fraction(float(beta))
        grows = x > upper_bound(kind, b)
        assert points.diverges is bool(grows and not (lam == 0 and start == minimizer)), case
        assert wdmath.diverges([sigma], step_size, lam, beta, nesterov=kind == "nesterov") is bool(grows), (
            case
        )


def test_the_known_case_next_to_the_bound():
    ball = wdmath.QuadraticRisk([[1.0]], [0.0])
    points = wdmath.heavy_ball(ball, [1.0], 3.8 * (1 - 1e-12), 0.9, [50_000, 10**6, 10**9])
    exact = [
        many_digits("heavy ball", 1.0, 0.0, 1.0, 3.8 * (1 - 1e-12), 0.9, k, 0.0)
        for k in (50_000, 10**6, 10**9)
    ]
    np.testing.assert_allclose(points[:, 0], [float(e) for e in exact], rtol=1e-12)
    assert points[0, 0] == pytest.approx(18.99996, abs=1e-5)
    assert points.diverges is False


def test_an_ordinary_power_is_noticed():
    """The same by powers of a matrix of floats is off."""
    x, beta, k = 3.8 * (1 - 1e-12), 0.9, 50_000
    power = np.linalg.matrix_power(np.array([[1 - x, beta], [-x, beta]]), k)
    exact = many_digits("heavy ball", 1.0, 0.0, 1.0, x, beta, k, 0.0)
    assert relative_error(float(power[0, 0]), exact) > 1e-9


def matrix_digits(kind, risk, start, step_size, beta, k, lam):
    """The point after k steps, from a power of the exact matrix that takes (theta, alpha v, 1) one step further."""
    p, zero = risk.dimension, mpmath.mpf(0)
    with mpmath.workdps(60):
        alpha, beta, lam = map(mpmath.mpf, map(float, (step_size, beta, lam)))
        H = mpmath.matrix(risk.hessian.tolist())
        pull, x = alpha * H * mpmath.matrix(risk.minimizer.tolist()), alpha * (H + lam * mpmath.eye(p))
        nesterov = kind == "nesterov"
        step = mpmath.matrix(2 * p + 1)
        for i in range(p):
            for j in range(p):
                step[i, j] = (1 if i == j else zero) - x[i, j] * (1 + beta if nesterov else 1)
                step[p + i, j] = x[i, j]
            step[i, p + i], step[p + i, p + i] = -beta * (beta if nesterov else 1), beta
            step[i, 2 * p], step[p + i, 2 * p] = pull[i] * (1 + beta if nesterov else 1), -pull[i]
        step[2 * p, 2 * p] = 1
        state = mpmath.matrix([*map(float, start), *[0] * p, 1])
        while k:
            state = step * state if k % 2 else state
            step, k = step * step if k > 1 else step, k // 2
        return [state[i] for i in range(p)]


@pytest.mark.parametrize("kind", KINDS)
def test_long_runs_on_any_hessian_are_right(kind):
    """Eigenvalues in 16 digits would not be enough."""
    rng = np.random.default_rng(KINDS.index(kind))
    errors, errors_in_16_digits = [], []
    for _ in range(12):
        p = int(rng.integers(2, 4))
        root, minimizer, start = rng.standard_normal((p + 1, p)), *rng.standard_normal((2, p))
        risk = wdmath.QuadraticRisk(root.T @ root, minimizer)
        beta = 0.0 if kind == "descent" else float(rng.choice([0.5, 0.9, 0.999]))
        lam = float(rng.choice([0.0, rng.uniform()]))
        x = upper_bound(kind, beta) * (1 - 10 ** rng.uniform(-12, -6))
        step_size, k = x / (risk.eigenvalues[0] + lam), int(10 ** rng.uniform(8, 9))
        exact = np.array([float(e) for e in matrix_digits(kind, risk, start, step_size, beta, k, lam)])
        size = np.abs(exact).max()
        errors.append(np.abs(run(kind, risk, start, step_size, beta, [k], lam)[0] - exact).max() / size)
        vars(risk)["_eigenvalue_rests"] = np.zeros(p)
        rough = run(kind, risk, start, step_size, beta, [k], lam)[0]
        errors_in_16_digits.append(np.abs(rough - exact).max() / size)
    assert max(errors) < 1e-10
    assert max(errors_in_16_digits) > 1e-9


def test_oscillations_of_a_million_radians_keep_their_phase(monkeypatch):
    risk = wdmath.QuadraticRisk([[1.0]], [0.0])
    args = risk, [1.0], 1.3, 1 - 1e-9, [10**6, 10**9, 123_456_789]
    exact = [float(many_digits("heavy ball", 1.0, 0.0, 1.0, 1.3, 1 - 1e-9, k, 0.0)) for k in args[-1]]
    np.testing.assert_allclose(wdmath.heavy_ball(*args)[:, 0], exact, rtol=1e-11)
    # In 16 digits the phase is lost.
    monkeypatch.setattr(_momentum_factors, "MOST_RADIANS", np.inf)
    assert np.abs(wdmath.heavy_ball(*args)[:, 0] - exact).max() > 1e-9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("p", "runs", "steps"), [(1, (), 300), (2, (), 100), (3, (7,), 500), (5, (4, 3), 60), (40, (), 90)]
)
def test_runs_equal_the_recursion(kind, p, runs, steps):
    rng = np.random.default_rng(p)
    root = rng.standard_normal((2 * p, p))
    risk = wdmath.QuadraticRisk(root.T @ root, rng.standard_normal(p))
    start = rng.standard_normal(p)
    for beta in (0.0, 0.4, 0.95):
        for relative in (0.05, 0.7, 0.999):
            lams = rng.uniform(0, risk.eigenvalues[0], runs)
            step_size = relative * upper_bound(kind, beta) / (risk.eigenvalues[0] + np.max(lams))
            points = run(kind, risk, start, step_size, beta, steps, lams)
            assert points.shape == (*runs, steps + 1, p)
            for index in np.ndindex(*runs):
                expected = loop(
                    kind, risk, start, step_size, 0.0 if kind == "descent" else beta, steps, lams[index]
                )
                np.testing.assert_allclose(points[index], expected, atol=1e-10 * np.abs(expected).max())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("relative", [1e-6, 0.02, 0.6, 0.999, 1 - 1e-9, 1.0001])
@pytest.mark.parametrize(
    ("runs", "steps"), [(1, 100), (1, 400), (30, 100), (30, 700), (3, 3000), (2, 20_000)]
)
def test_all_steps_equal_some_of_them(kind, relative, runs, steps):
    """All points up to a number of steps are computed in other ways than some of them."""
    risk = wdmath.QuadraticRisk(np.diag([3.0, 1.0, 1e-3, 0.0]), [1.0, -2.0, 3.0, 0.0])
    start, some = np.array([0.0, 0.5, 0.0, 2.0]), np.arange(0, steps + 1, 37)
    for beta in (0.0, 0.3, 0.9, 0.9999):
        step_size = relative * upper_bound(kind, beta) / 3.0
        lams = np.linspace(0, 0.1, runs) * (relative < 0.9)
        points = run(kind, risk, start, step_size, beta, steps, lams)
        separate = run(kind, risk, start, step_size, beta, some, lams)
        close = dict(rtol=1e-9, atol=1e-13 * min(np.abs(separate).max(), 1e6))
        np.testing.assert_allclose(points[..., some, :], separate, **close)
        np.testing.assert_array_equal(points.diverges, separate.diverges)


def test_long_runs_of_all_steps_keep_their_phase():
    risk = wdmath.QuadraticRisk(np.diag([2.0, 1e-4]), [1.0, -2.0])
    points = wdmath.heavy_ball(risk, [0.0, 0.0], 0.7, 1 - 1e-6, 30_000)
    some = [100, 12_345, 30_000]
    for i, (sigma, minimizer) in enumerate(zip((2.0, 1e-4), risk.minimizer, strict=True)):
        exact = [many_digits("heavy ball", sigma, minimizer, 0.0, 0.7, 1 - 1e-6, k, 0.0) for k in some]
        np.testing.assert_allclose(points[some, i], [float(e) for e in exact], rtol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_small_rates_keep_all_digits_of_a_small_way(kind):
    for rate, beta, k in (
        (1e-9, 0.5, 3),
        (1e-17, 0.9, 10**6),
        (1e-13, 1 - 1e-9, 50),
        (1e-16, 1 - 1e-12, 10**5),
    ):
        risk = wdmath.QuadraticRisk([[1.0]], [1.0])
        beta = 0.0 if kind == "descent" else beta
        exact = many_digits(kind, 1.0, 1.0, 0.0, rate, beta, k, 0.0)
        for points in (
            run(kind, risk, [0.0], rate, beta, [k]),
            run(kind, risk, [0.0], rate, beta, min(k, 3000)),
        ):
            if len(points) in (1, k + 1):
                assert relative_error(float(points[-1, 0]), exact) < 1e-12


def test_momentum_zero_is_descent():
    risk = wdmath.QuadraticRisk([[2.0, 0.3], [0.3, 1.0]], [1.0, 2.0])
    expected = wdmath.gradient_descent(risk, [5.0, -3.0], 0.3, 90, [0.0, 0.2])
    for function in (wdmath.heavy_ball, wdmath.nesterov):
        np.testing.assert_allclose(
            function(risk, [5.0, -3.0], 0.3, 0.0, 90, [0.0, 0.2]), expected, rtol=1e-12
        )


def test_nesterov_is_the_rule_of_pytorch():
    risk = wdmath.QuadraticRisk([[2.0, 0.3], [0.3, 1.0]], [1.0, 2.0])
    lams = np.array([0.0, 0.2, 1.0])
    np.testing.assert_allclose(
        wdmath.nesterov(risk, [5.0, -3.0], 0.3, 0.8, 90, lams),
        wdmath.sgd_path(risk, [5.0, -3.0], 0.3, 90, lams, momentum=0.8, nesterov=True),
        rtol=1e-11,
    )


class TestBounds:
    @pytest.mark.parametrize("nesterov", [False, True])
    def test_the_bound_is_the_largest_step_size_that_does_not_diverge(self, nesterov):
        rng = np.random.default_rng(4)
        for _ in range(300):
            sigma, lam, beta = rng.uniform(0.1, 10), rng.choice([0.0, rng.uniform()]), rng.uniform(0, 1)
            bound = wdmath.stability_bound([sigma], lam, beta, nesterov=nesterov)
            assert not wdmath.diverges([sigma], bound, lam, beta, nesterov=nesterov)
            assert wdmath.diverges([sigma], bound * (1 + 3e-15), lam, beta, nesterov=nesterov)

    def test_rounding_does_not_decide(self):
        # 0.1 is a float above 1/10, 0.3 one below 3/10; in floats both products are 2 exactly.
        assert 0.1 * 20.0 == 2.0
        assert wdmath.diverges([20.0], 0.1)
        assert wdmath.gradient_descent(wdmath.QuadraticRisk([[20.0]], [1.0]), [0.0], 0.1, [3]).diverges
        assert not wdmath.diverges([20.0], np.nextafter(0.1, 0))

    def test_inside_the_bound_of_nesterov_a_run_settles_and_outside_it_grows(self):
        risk = wdmath.QuadraticRisk(np.diag([4.0, 1.0]), [1.0, 1.0])
        for beta in (0.0, 0.5, 0.95):
            bound = wdmath.stability_bound(risk.eigenvalues, 1.0, beta, nesterov=True)
            inside = wdmath.nesterov(risk, [0.0, 0.0], 0.99 * bound, beta, [10**5], 1.0)
            outside = wdmath.nesterov(risk, [0.0, 0.0], 1.01 * bound, beta, [4000], 1.0)
            np.testing.assert_allclose(inside[0], wdmath.ridge_minimizer(risk, 1.0), rtol=1e-9)
            assert outside.diverges
            assert np.abs(outside).max() > 1e6

    def test_a_run_at_rest_stays_there(self):
        risk = wdmath.QuadraticRisk(np.diag([4.0, 1.0]), [1.0, 1.0])
        for kind in KINDS:
            points = run(kind, risk, risk.minimizer, 50.0, 0.5, 100)
            assert points.diverges is False
            assert (points == 1.0).all()
        # Here lam moves the point of rest to 0.5 exactly.
        points = wdmath.heavy_ball(wdmath.QuadraticRisk([[4.0]], [1.0]), [0.5], 50.0, 0.5, 100, 4.0)
        assert points.diverges is False
        assert (points == 0.5).all()
