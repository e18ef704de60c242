"""Problems in units that users' data have: dates, nanometers, probabilities near 0; each with its right number.

The right numbers are those of mpmath with 60 digits, of scikit-learn or statsmodels on the same data in ordinary units,
or follow from the formula.
"""

import mpmath
import numpy as np
import pandas
import pytest
from scipy.sparse import coo_array, csc_array, csr_array
from scipy.sparse.linalg import LinearOperator
from statsmodels import api

import wdmath
from wdmath import _scaled

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3))
Y = X @ [1.0, 2.0, 3.0] + RNG.standard_normal(40)
LABELS = (Y > 0) * 1
#: A column in nanometers, a date as an ordinal, a column in gigameters.
UNITS = np.array([1e-9, 1.0, 1e9])
WILD = X * UNITS + [0.0, 7e5, 0.0]
#: In ordinary units again, as exactly as WILD holds it.
TAME = (WILD - [0.0, 7e5, 0.0]) / UNITS


def matrix(values):
    return mpmath.matrix(np.asarray(values, dtype=float).tolist())


class Exact:
    """Ridge regression by normal equations in 60 digits."""

    def __init__(self, X, y, mu, *, constant=True, weights=None):
        n, p = X.shape
        with mpmath.workdps(60):
            self.X = matrix(np.hstack([X, np.ones((n, 1))]) if constant else X)
            self.y, self.n = matrix(y[:, None]), n
            W = mpmath.diag([mpmath.mpf(w) for w in (np.ones(n) if weights is None else weights).tolist()])
            self.A = self.X.T * W * self.X
            self.gram = self.A.copy()
            for j in range(p):
                self.A[j, j] += mpmath.mpf(mu)
            self.beta = mpmath.lu_solve(self.A, self.X.T * W * self.y)

    @property
    def coefficients(self):
        return [float(b) for b in self.beta]

    def rows(self):
        """Residuals and leverages."""
        with mpmath.workdps(60):
            fitted = self.X * self.beta
            leverage = [(self.X[i, :] * mpmath.lu_solve(self.A, self.X[i, :].T))[0] for i in range(self.n)]
            return [self.y[i] - fitted[i] for i in range(self.n)], leverage


def close(found, expected, rtol=1e-13):
    np.testing.assert_allclose(found, expected, rtol=rtol)


@pytest.mark.parametrize("mu", [0.0, 1e-30, 0.5, 1e20])
def test_ridge_path(mu):
    exact = Exact(WILD, Y, mu)
    for form in (lambda A: A, csr_array):
        path = wdmath.ridge_path(form(WILD), Y, 2 * mu, scale="sum", intercept=True)
        close(path.intercept, exact.coefficients[3])
        # What counts is what a column contributes; at the largest penalty that of the first one is nearly nothing.
        parts = np.array(exact.coefficients[:3]) * UNITS
        np.testing.assert_allclose(
            path.coefficients * UNITS, parts, rtol=1e-12, atol=1e-15 * np.abs(parts).max()
        )


@pytest.mark.parametrize("mu", [1e-30, 0.5, 1e20])
def test_selection(mu):
    residuals, leverages = Exact(WILD, Y, mu).rows()
    found = wdmath.ridge_selection(WILD, Y, [2 * mu], scale="sum", intercept=True)
    left_out = [e / (1 - h) for e, h in zip(residuals, leverages, strict=True)]
    close(found.leave_one_out, [float(sum(e**2 for e in left_out) / 40)])
    close(found.degrees_of_freedom, [float(sum(leverages) - 1)])
    squares = float(sum(e**2 for e in residuals) / 40 / (1 - sum(leverages) / 40) ** 2)
    close(found.generalized_cross_validation, [squares])
    close(wdmath.generalized_cross_validation(WILD, Y, [2 * mu], scale="sum", intercept=True), [squares])


def test_one_column_in_a_small_unit_does_not_hide_others():
    Z = X * [1, 1, 1e8]
    found = wdmath.ridge_selection(Z, Y, [1.0], scale="half_sum", intercept=True)
    residuals, leverages = Exact(Z, Y, 1.0).rows()
    close(found.degrees_of_freedom, [float(sum(leverages)) - 1])
    close(
        found.leave_one_out,
        [float(sum((e / (1 - h)) ** 2 for e, h in zip(residuals, leverages, strict=True)) / 40)],
    )
    assert found.degrees_of_freedom[0] == pytest.approx(2.94, abs=0.005)
    assert found.leave_one_out[0] == pytest.approx(1.034, abs=5e-4)


def test_a_risk_and_its_intercept():
    exact = Exact(WILD, Y, 0.0)
    risk = wdmath.QuadraticRisk.from_least_squares(WILD, Y, scale="sum", intercept=True)
    close([*risk.minimizer, risk.intercept_at(risk.minimizer)], exact.coefficients)
    close(risk.constant, float(sum(e**2 for e in exact.rows()[0])))


def test_standard_errors():
    exact = Exact(WILD, Y, 0.5)
    with mpmath.workdps(60):
        M = exact.A**-1
        C = M * exact.gram * M
        expected = [float(mpmath.sqrt(C[j, j])) for j in range(4)]
    found = wdmath.standard_errors(WILD, Y, 1.0, scale="sum", intercept=True, variance=1.0)
    close([*found.coefficients, found.intercept], expected)


def test_weights_of_very_different_size():
    weights = 10.0 ** np.random.default_rng(1).uniform(-12, 12, 40)
    exact = Exact(WILD, Y, 0.5, weights=weights)
    path = wdmath.ridge_path(WILD, Y, 1.0, scale="sum", intercept=True, sample_weight=weights)
    close(path.coefficients, exact.coefficients[:3], 1e-12)


@pytest.mark.parametrize("function", [wdmath.ridge_path, wdmath.leave_one_out])
def test_weights_that_cannot_be_added_up(function):
    weights = np.where(np.arange(40) < 20, 1e-150, 1e150)
    with pytest.raises(
        ValueError, match=r"sample_weight must be 0 or within a factor of 1e\+100 .* weight 0"
    ):
        function(X, Y, 1.0, scale="sum", sample_weight=weights)
    with pytest.raises(ValueError, match=r"sample_weight must be 0 or within a factor of 1e\+100"):
        wdmath.lasso_path(X, Y, scale="sum", sample_weight=weights)


def test_penalties_of_each_target_from_nothing_to_everything():
    lams = np.array([[1e-200, 1e200], [1.0, 1e-18]])
    path = wdmath.ridge_path(WILD, np.column_stack([Y, Y]), lams, scale="sum", intercept=True)
    for i, t in np.ndindex(2, 2):
        with mpmath.workdps(500):
            A = matrix(np.hstack([WILD, np.ones((40, 1))]))
            K = A.T * A
            for j in range(3):
                K[j, j] += mpmath.mpf(lams[i, t]) / 2
            expected = [float(b) for b in mpmath.lu_solve(K, A.T * matrix(Y[:, None]))][:3]
        close(path.coefficients[i, :, t], expected, 1e-12)


@pytest.mark.parametrize("shift", [0.0, 1e4, 1e8])
def test_logistic_slope_does_not_depend_on_the_origin(shift):
    x = np.arange(6.0)[:, None] + shift
    found = wdmath.LogisticRisk(x, [0, 0, 1, 0, 1, 1], scale="sum", intercept=True).ridge_path(0.0)
    assert found[0] == pytest.approx(1.21402759, abs=5e-9)


@pytest.mark.parametrize("origin", [0.0, 1e5, 7e5, 1e9])
def test_logistic_with_dates(origin):
    dates = np.column_stack([X[:, 0], np.arange(40.0) + origin])
    found = wdmath.LogisticRisk(dates, LABELS, scale="mean", intercept=True).ridge_path(0.01)
    expected = wdmath.LogisticRisk(dates - [0, origin], LABELS, scale="mean", intercept=True).ridge_path(0.01)
    close(found[:2], expected[:2], 1e-9)
    assert found[1] == pytest.approx(0.0327, abs=5e-5)


def test_logistic_with_one_column_in_a_small_unit():
    risk = wdmath.LogisticRisk(X * [1, 1, 1e8], LABELS, scale="sum")
    theta = risk.ridge_path(1.0)
    slopes = np.abs(risk.gradient(theta) + theta)
    assert (slopes <= 1e-12 * np.abs(X * [1, 1, 1e8]).sum(axis=0)).all()
    assert (np.abs(theta[:2]) > 1).all()


def test_counts_and_classes_in_wild_units():
    counts, classes = np.random.default_rng(2).poisson(np.exp(X[:, 0])), np.arange(40) % 3
    fit = api.GLM(counts, api.add_constant(TAME), family=api.families.Poisson()).fit(tol=1e-14)
    found = wdmath.PoissonRisk(WILD, counts, scale="sum", intercept=True).ridge_path(0.0)
    close(found[:3] * UNITS, fit.params[1:], 1e-9)
    fit = api.MNLogit(classes, api.add_constant(TAME)).fit(disp=0, method="newton", tol=1e-14)
    risk = wdmath.SoftmaxRisk(WILD, classes, scale="sum", intercept=True)
    theta = risk.ridge_path(0.0).reshape(risk.shape)[:, :3]
    close((theta[1:] - theta[0]) * UNITS, fit.params[1:].T, 1e-6)


@pytest.mark.parametrize(("curvatures", "lam"), [([1e18, 1.0], 1.0), ([1e200, 1e-200], 1e-200)])
def test_graded_hessians(curvatures, lam):
    H = np.diag(curvatures)
    expected = [1.0, 0.5]
    risk = wdmath.QuadraticRisk(H, [1.0, 1.0])
    close(wdmath.ridge_minimizer(risk, lam), expected)
    close(wdmath.ridge_path_from_hessian(H, curvatures, lam).coefficients, expected)
    close(wdmath.gaussian_posterior(risk, lam).mean, expected)
    close(np.diagonal(wdmath.gaussian_posterior(risk, lam).covariance), 1 / (np.array(curvatures) + lam))
    flow = wdmath.gradient_flow(risk, [0.0, 0.0], 1 / np.array(curvatures))
    close(np.diagonal(flow), [1 - np.exp(-1)] * 2)
    close(wdmath.shrinkage_factors(curvatures, lam), expected)


@pytest.mark.parametrize("freedom", [2.5, 1.5, 0.5, 1e-9])
def test_lam_for_degrees_of_freedom_of_eigenvalues_far_apart(freedom):
    sigma = [1e18, 1.0, 1e-18]
    lam = wdmath.lam_for_degrees_of_freedom(sigma, freedom)
    close(wdmath.effective_degrees_of_freedom(sigma, lam), freedom)


def test_polynomials_as_a_sparse_matrix():
    for x in (np.linspace(0, 1, 30), np.arange(1.0, 31.0)):
        V = np.vander(x, 12)
        dense = wdmath.ridge_path(V, np.sin(6 * x), 0.0, scale="sum").coefficients
        close(wdmath.ridge_path(csr_array(V), np.sin(6 * x), 0.0, scale="sum").coefficients, dense)


def ball(step_size, beta, k):
    """The k-th iterate from 1, in 60 digits."""
    with mpmath.workdps(60):
        a, b = mpmath.mpf(step_size), mpmath.mpf(beta)
        power = mpmath.matrix([[1 + b - a, -b], [1, 0]]) ** (k - 1)
        return float(power[0, 0] * (1 - a) + power[0, 1])


@pytest.mark.parametrize(
    ("step_size", "beta", "k", "diverges"),
    [
        (3.8 * (1 - 1e-12), 0.9, 50_000, False),
        (3.8 * (1 - 1e-12), 0.9, 10**6, False),
        (3.8 * (1 + 1e-13), 0.9, 10**5, True),
        (3.9999, 0.99999, 10**6, True),
        (3.6 * (1 - 1e-14), 0.8, 10**7, False),
        (1e-12, 0.5, 10**9, False),
        ((1 - 0.81**0.5) ** 2, 0.81, 300, False),
    ],
)
def test_heavy_ball_near_the_bound(step_size, beta, k, diverges):
    run = wdmath.heavy_ball(wdmath.QuadraticRisk([[1.0]], [0.0]), [1.0], step_size, beta, [k])
    assert run[0, 0] == pytest.approx(ball(step_size, beta, k), rel=1e-9)
    with mpmath.workdps(60):
        assert run.diverges is bool(mpmath.mpf(step_size) > 2 * (1 + mpmath.mpf(beta)))


@pytest.mark.parametrize("lam", [1e-15, 1e-12, 1.0, 1e15])
def test_tangent_circle(lam):
    H, center = [[3.0, 1.0], [1.0, 2.0]], [1.0, 2.0]
    with mpmath.workdps(60):
        K = matrix(H)
        theta = mpmath.lu_solve(K + mpmath.mpf(lam) * mpmath.eye(2), K * matrix(center))
        away = theta - matrix(center)
        level = float((away.T * K * away)[0] / 2)
    close(wdmath.tangent_circle(wdmath.QuadraticRisk(H, center), lam).level, level)


@pytest.mark.parametrize("exponent", [-200, -160, 160])
def test_columns_all_tiny_or_huge(exponent):
    unit = 10.0**exponent
    expected = np.linalg.lstsq(X, Y, rcond=None)[0]
    close(wdmath.ridge_path(X * unit, Y, 0.0, scale="sum").coefficients * unit, expected, 1e-12)
    close(wdmath.lasso_path(X * unit, Y, scale="sum").at(0.0) * unit, expected, 1e-12)
    close(wdmath.principal_components_regression(X * unit, Y).coefficients[-1] * unit, expected, 1e-12)
    if exponent < 0:
        close(
            wdmath.ridge_path(X * unit, Y * 1e-300, 0.0, scale="sum").coefficients * unit * 1e300,
            expected,
            1e-9,
        )


def test_what_cannot_be_is_said_in_a_sentence():
    with pytest.raises(ValueError, match=r"number the classes with numpy\.unique"):
        wdmath.SoftmaxRisk(X, np.where(LABELS, 10**6, 0), scale="sum")
    assert (wdmath.leading_eigenpairs(np.zeros((5, 5)), 2).eigenvalues == 0).all()
    operator = LinearOperator((3000, 2000), matvec=lambda v: np.ones(3000), dtype=float)
    with pytest.raises(TypeError, match="X must have rmatvec"):
        wdmath.ridge_path(operator, np.ones(3000), 1.0, scale="sum")
    with pytest.raises(ValueError, match=r"gradient\(theta\) must have the shape \(2, 2\)"):
        wdmath.sgd_path(lambda t: np.array([1.0, 2.0]) @ t * np.ones(2), np.ones(2), 0.1, 3, [1.0, 2.0])
    for function, arguments in (
        (wdmath.shrinkage_factors, (1.0,)),
        (wdmath.early_stopping_factors, (0.1, 3)),
        (wdmath.stability_bound, ()),
    ):
        assert np.isfinite(function([1.0, -1e-17], *arguments)).all()
        with pytest.raises(ValueError, match="eigenvalues must be >= 0"):
            function([1.0, -1e-3], *arguments)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.float32, bool])
@pytest.mark.parametrize("intercept", [False, True])
def test_sparse_matrices_of_small_numbers(kind, intercept, monkeypatch):
    """Products of them overflow, or lose digits, in their own kind of number."""
    monkeypatch.setattr(_scaled, "DENSE_NUMBERS", 0)
    rng = np.random.default_rng(3)
    dense = np.where(rng.random((600, 8)) < 0.1, rng.integers(50, 127, (600, 8)), 0).astype(kind)
    y = rng.standard_normal(600)
    for rows in (slice(None), slice(0, 6)):
        sparse, expected, target = csr_array(dense[rows]), dense[rows].astype(float), y[rows]
        options = {"scale": "sum", "intercept": intercept}
        for function in (wdmath.leave_one_out, wdmath.log_marginal_likelihood):
            found = function(sparse, target, [1.0, 1e4], **options)
            close(found, function(expected, target, [1.0, 1e4], **options), 1e-10)
        found = wdmath.ridge_path(sparse, target, [1.0, 1e4], **options).coefficients
        np.testing.assert_allclose(
            found, wdmath.ridge_path(expected, target, [1.0, 1e4], **options).coefficients, atol=1e-12
        )


def test_data_frames_of_nullable_columns():
    """Every function takes them for the numbers that they hold, and names the place where one is missing."""
    rng = np.random.default_rng(4)
    columns = {
        "count": rng.integers(-5, 5, 12),
        "flag": rng.random(12) < 0.5,
        "size": rng.standard_normal(12),
    }
    plain = np.column_stack([column.astype(float) for column in columns.values()])
    frame = pandas.DataFrame(columns).astype({"count": "Int64", "flag": "boolean", "size": "Float64"})
    y, counts = rng.standard_normal(12), rng.integers(0, 4, 12)
    calls = {
        "ridge": lambda X: wdmath.ridge_path(X, y, 1.0, scale="sum").coefficients,
        "selection": lambda X: wdmath.leave_one_out(X, y, 1.0, scale="sum"),
        "errors": lambda X: wdmath.standard_errors(X, y, 1.0, scale="sum").coefficients,
        "lasso": lambda X: wdmath.lasso_path(X, y, scale="sum").at(1.0),
        "net": lambda X: wdmath.elastic_net_path(X, y, 1.0, l1_ratio=0.5, scale="sum").coefficients,
        "components": lambda X: wdmath.principal_components_regression(X, y).coefficients,
        "kernel": lambda X: wdmath.kernel_ridge(X, y, 1.0, scale="sum").predict(X),
        "logistic": lambda X: wdmath.LogisticRisk(X, y > 0, scale="sum").ridge_path(1.0),
        "softmax": lambda X: wdmath.SoftmaxRisk(X, counts, scale="sum").ridge_path(1.0),
        "poisson": lambda X: wdmath.PoissonRisk(X, counts, scale="sum").ridge_path(1.0),
        "risk": lambda X: wdmath.QuadraticRisk.from_least_squares(X, y, scale="sum").minimizer,
        "stopping": lambda X: wdmath.early_stopping_selection(X, y, 1e-3, [3], scale="sum").leave_one_out,
        "features": lambda X: wdmath.random_features(X, 4),
        "batches": lambda X: wdmath.MinibatchGradient(X, y, batch_size=4, scale="sum").at_step(np.ones(3), 0),
    }
    missing = frame.copy()
    missing.loc[3, "flag"] = pandas.NA
    for call in calls.values():
        close(call(frame), call(plain))
        with pytest.raises(TypeError, match="X must hold real numbers, got <NA> in column 'flag', row 3"):
            call(missing)


def test_likelihood_of_no_numbers():
    for weights in (None, [0.2, 0.2, 0.2]):
        rows = slice(0, 1 if weights is None else 3)
        options = {"scale": "sum", "intercept": True, "sample_weight": weights}
        with pytest.raises(
            ValueError, match=r"y must have more rows .* got (1|0\.6) for 1; there is nothing"
        ):
            wdmath.log_marginal_likelihood(X[rows], Y[rows], 1.0, **options)


def test_messages_point_at_the_number_in_the_form_that_was_given():
    broken = X.copy()
    broken[7, 2] = np.nan
    for form in (csr_array, csc_array, coo_array):
        with pytest.raises(ValueError, match=r"X must be finite, got nan at index \(7, 2\)"):
            wdmath.ridge_path(form(broken), Y, 1.0, scale="sum")
    target = np.where(np.arange(40) == 5, np.inf, Y)
    with pytest.raises(ValueError, match=r"y must be finite, got inf at index 5$"):
        wdmath.leave_one_out(X, target, 1.0, scale="sum")
    with pytest.raises(ValueError, match=r"y must be finite, got inf at index \(5, 1\)"):
        wdmath.ridge_path(X, np.column_stack([Y, target]), 1.0, scale="sum")


@pytest.mark.parametrize("labels", [np.where(LABELS, 1, -1), np.where(LABELS, "yes", "no")])
def test_labels_of_another_kind_have_a_remedy(labels):
    for model in (wdmath.LogisticRisk, wdmath.SoftmaxRisk):
        with pytest.raises(
            (ValueError, TypeError), match=r"the labels 0, 1, .*numpy\.unique\(y, return_inverse=True\)\[1\]"
        ):
            model(X, labels, scale="sum")
        np.testing.assert_array_equal(
            model(X, np.unique(labels, return_inverse=True)[1], scale="sum").ridge_path(1.0),
            model(X, LABELS, scale="sum").ridge_path(1.0),
        )


RISK = wdmath.QuadraticRisk([[1.0]], [1.0])
#: Each asks for terabytes.
TOO_MUCH = {
    "descent": lambda: wdmath.gradient_descent(RISK, [0.0], 0.1, 10**12),
    "many runs": lambda: wdmath.gradient_descent(RISK, [0.0], 0.1, 10**9, np.linspace(0.0, 1.0, 100)),
    "heavy ball": lambda: wdmath.heavy_ball(RISK, [0.0], 0.1, 0.5, 10**12),
    "Nesterov": lambda: wdmath.nesterov(RISK, [0.0], 0.1, 0.5, 10**9, np.linspace(0.0, 1.0, 100)),
    "any gradient": lambda: wdmath.sgd_path(RISK, [0.0], 0.1, 10**12),
    "Adam": lambda: wdmath.adam_path(RISK, np.zeros((1000, 1)), 0.1, 10**9),
    "decay": lambda: wdmath.weight_decay_steps(RISK, [0.0], 0.1, 10**12, 1.0),
    "memory": lambda: wdmath.decay_memory(0.1, 0.1, 10**12),
    "neurons": lambda: wdmath.random_features(X, 10**12),
    "powers": lambda: wdmath.polynomial_features([1.0, 2.0], 10**12),
    "an operator": lambda: wdmath.leading_eigenpairs(lambda v: v, 1, dimension=10**12),
    "a circle": lambda: wdmath.tangent_circle(wdmath.QuadraticRisk(np.eye(2), [1.0, 1.0]), 1.0).points(
        10**12
    ),
    "a kernel": lambda: wdmath.kernel_ridge(np.zeros((10**6, 1)), np.zeros(10**6), 1.0, scale="sum"),
    "hat matrices": lambda: wdmath.early_stopping_hat_matrix(np.zeros((10**6, 1)), 0.1, 3, scale="sum"),
    "a Hessian": lambda: wdmath.QuadraticRisk.from_least_squares(np.zeros((1, 10**6)), [0.0], scale="sum"),
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_what_no_memory_holds_is_refused_with_a_remedy(case):
    with pytest.raises(ValueError, match=r"would take \d+ GiB: \w+"):
        TOO_MUCH[case]()


def test_as_many_steps_as_one_likes_where_few_points_are_wanted():
    many = [0, 10**12, 10**18]
    close(wdmath.gradient_descent(RISK, [0.0], 1e-12, many)[:, 0], [0.0, 1 - np.exp(-1), 1.0], 1e-11)
    assert wdmath.early_stopping_factors([1.0], 0.1, 10**12) == 1.0


@pytest.mark.parametrize("unit", [1e-150, 1e-9, 1e140])
def test_stationary_covariance_in_any_unit(unit):
    """Of coefficients in units of 1 / unit: alpha and 1 / lam scale like their squares."""
    batches = {"batch_size": 5, "scale": "mean", "sampling": "independent"}
    expected = wdmath.stationary_covariance(wdmath.MinibatchGradient(X, Y, **batches), 1e-3, 1e-2)
    scaled = wdmath.MinibatchGradient(X * unit, Y, **batches)
    found = wdmath.stationary_covariance(scaled, 1e-3 / unit / unit, 1e-2 * unit * unit)
    close(found * unit * unit, expected, 1e-10)
    risk = wdmath.QuadraticRisk(np.eye(2) * unit * unit, [1.0, 1.0])
    found = wdmath.stationary_covariance(risk, 0.1 / unit / unit, noise=np.eye(2) * unit * unit)
    # alpha^2 noise / (1 - (1 - alpha sigma)^2)
    close(np.diagonal(found) * unit * unit, [0.01 / 0.19] * 2)


@pytest.mark.parametrize("shape", [(9000, 30), (30, 9000), (140, 140)])
def test_large_arrays_of_the_caller_stay_writable_and_apart(shape):
    """What is computed a few rows at a time, or when it is asked for, neither locks nor looks at them later."""
    rng = np.random.default_rng(5)
    Z, y = rng.standard_normal(shape), rng.standard_normal(shape[0])
    options = {"scale": "sum", "intercept": True}
    path, choice = (
        function(Z, y, [1.0], **options) for function in (wdmath.ridge_path, wdmath.ridge_selection)
    )
    wdmath.log_marginal_likelihood(Z, y, 1.0, **options)
    wdmath.estimate_lam(Z, y, **options)
    kept = Z.copy(), y.copy()
    Z[:], y[:] = 1.0, 2.0
    close(path.degrees_of_freedom, wdmath.ridge_path(*kept, [1.0], **options).degrees_of_freedom)
    again = wdmath.ridge_selection(*kept, [1.0], **options)
    close(choice.leave_one_out, again.leave_one_out)
    close(choice.leave_one_out_residuals, again.leave_one_out_residuals)


def test_a_run_that_diverges_says_so_where_the_gradient_refuses_infinities():
    steep = wdmath.QuadraticRisk([[1e200]], [1.0])
    with pytest.raises(
        ValueError, match=r"step_size must be smaller, as the run diverges: after 1 steps theta"
    ):
        wdmath.sgd_path(steep.gradient, [1e150], 0.1, 3)
    with pytest.raises(ValueError, match=r"^theta must not be too large$"):
        wdmath.sgd_path(_of_small_points, [1e150], 0.1, 3)


def _of_small_points(theta):
    if np.abs(theta).max() > 1:
        raise ValueError("theta must not be too large")
    return theta


@pytest.mark.parametrize("shift", [0.0, 1e3, 1e6])
def test_wide_data_far_from_zero(shift):
    """Their products are centered, or they themselves where that would cost digits."""
    rng = np.random.default_rng(6)
    Z, y = np.round(rng.standard_normal((20, 1500)) * 1024) / 1024, rng.standard_normal(20)
    options = {"scale": "sum", "intercept": True, "sample_weight": rng.random(20) + 0.1}
    for function in (wdmath.leave_one_out, wdmath.generalized_cross_validation):
        close(function(Z + shift, y, [1e-3, 1e3], **options), function(Z, y, [1e-3, 1e3], **options), 1e-12)
    found, expected = (wdmath.ridge_path(A, y, [1e-3, 1e3], **options) for A in (Z + shift, Z))
    np.testing.assert_allclose(found.coefficients, expected.coefficients, atol=1e-13)
