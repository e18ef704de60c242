"""Logistic, softmax and Poisson risks against finite differences, scikit-learn and high precision; the posterior."""

import warnings

import mpmath
import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.linear_model import LogisticRegression, PoissonRegressor

import wdmath


def problem(classes, seed=0, n=80, p=3):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    scores = X @ rng.standard_normal((p, classes)) + 2 * rng.standard_normal((n, classes))
    return X, scores.argmax(axis=1)


def counts(seed=0, n=80, p=3):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    return X, rng.poisson(np.exp(X @ rng.standard_normal(p) / 2 + 1))


def risks(**options):
    return [
        wdmath.LogisticRisk(*problem(2), scale="sum", **options),
        wdmath.SoftmaxRisk(*problem(3), scale="mean", **options),
        wdmath.PoissonRisk(*counts(), scale="mean", **options),
        wdmath.SoftmaxRisk(*problem(3), scale=0.25, classes=4, **options),
    ]


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("which", range(4))
def test_gradient_and_hessian_are_the_derivatives(which, intercept, weighted):
    weights = np.random.default_rng(5).uniform(0, 2, 80) if weighted else None
    risk = risks(intercept=intercept, sample_weight=weights)[which]
    theta, h = np.random.default_rng(1).standard_normal(risk.dimension), 1e-5
    steps = h * np.eye(risk.dimension)
    slopes = (risk.value(theta + steps) - risk.value(theta - steps)) / (2 * h)
    curvatures = (risk.gradient(theta + steps) - risk.gradient(theta - steps)) / (2 * h)
    np.testing.assert_allclose(risk.gradient(theta), slopes, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(risk.hessian(theta), curvatures, rtol=1e-7, atol=1e-7)
    moves = np.random.default_rng(2).standard_normal((2, 3, risk.dimension))
    np.testing.assert_allclose(
        risk.hessian_product(theta, moves), moves @ risk.hessian(theta), rtol=1e-12, atol=1e-11
    )


def test_batches_of_points():
    for risk in risks():
        theta = np.random.default_rng(2).standard_normal((2, 3, risk.dimension))
        for index in np.ndindex(2, 3):
            assert risk.value(theta)[index] == pytest.approx(risk.value(theta[index]), rel=1e-14)
            np.testing.assert_allclose(risk.gradient(theta)[index], risk.gradient(theta[index]), atol=1e-13)
            predict = getattr(risk, "means", None) or risk.probabilities
            np.testing.assert_allclose(predict(theta)[index], predict(theta[index]), rtol=1e-12)


@pytest.mark.parametrize("intercept", [False, True])
def test_logistic_ridge_path_of_scikit_learn(intercept):
    X, y = problem(2)
    lams = [10.0, 0.3, 1e-3]
    path = wdmath.LogisticRisk(X, y, scale="sum", intercept=intercept).ridge_path(lams)
    for lam, theta in zip(lams, path, strict=True):
        options = {"C": 1 / lam, "fit_intercept": intercept, "tol": 1e-12, "solver": "newton-cholesky"}
        model = LogisticRegression(**options).fit(X, y)
        np.testing.assert_allclose(theta[:3], model.coef_[0], atol=1e-8)
        if intercept:
            assert theta[3] == pytest.approx(model.intercept_[0], abs=1e-8)


@pytest.mark.parametrize("intercept", [False, True])
def test_poisson_ridge_path_of_scikit_learn(intercept):
    X, y = counts()
    weights = np.random.default_rng(1).uniform(0.5, 2, 80)
    lams = [3.0, 0.1, 0.0]
    path = wdmath.PoissonRisk(X, y, scale="mean", intercept=intercept, sample_weight=weights).ridge_path(lams)
    for lam, theta in zip(lams, path, strict=True):
        model = PoissonRegressor(alpha=lam, fit_intercept=intercept, tol=1e-12, solver="newton-cholesky")
        model.fit(X, y, sample_weight=weights)
        np.testing.assert_allclose(theta[:3], model.coef_, atol=1e-8)
        if intercept:
            assert theta[3] == pytest.approx(model.intercept_, abs=1e-8)


@pytest.mark.parametrize("which", range(3))
def test_ridge_path_balances_the_forces(which):
    risk = risks(intercept=True)[which]
    lams = np.array([0.0, 1e-3, 1.0, 100.0])
    for lam, theta in zip(lams, risk.ridge_path(lams), strict=True):
        np.testing.assert_allclose(risk.gradient(theta) + lam * risk.penalized * theta, 0, atol=1e-12)


def minimizer_in_many_digits(kind, X, y, lam, start, weights=None):
    """Newton's method in 50 digits for one score with an intercept, which is not penalized: slopes and intercept."""
    with mpmath.workdps(50):
        A = mpmath.matrix([[*map(mpmath.mpf, row), 1] for row in np.asarray(X, dtype=float).tolist()])
        n, q = A.rows, A.cols
        w = [mpmath.mpf(1)] * n if weights is None else [mpmath.mpf(float(v)) for v in weights]
        theta = mpmath.matrix([mpmath.mpf(float(v)) for v in start])
        penalty = mpmath.diag([mpmath.mpf(lam)] * (q - 1) + [0])
        for _ in range(12):
            scores = A * theta
            if kind == "logistic":
                # No difference from 1 loses anything.
                slopes = [
                    (-1 if label else 1) / (1 + mpmath.exp(m if label else -m))
                    for m, label in zip(scores, y, strict=True)
                ]
                bends = [w[i] * abs(slopes[i]) * (1 - abs(slopes[i])) for i in range(n)]
            else:
                slopes = [mpmath.exp(m) - int(label) for m, label in zip(scores, y, strict=True)]
                bends = [w[i] * mpmath.exp(scores[i]) for i in range(n)]
            slope = A.T * mpmath.matrix([w[i] * slopes[i] for i in range(n)]) + penalty * theta
            bent = mpmath.matrix([[bends[i] * A[i, j] for j in range(q)] for i in range(n)])
            theta = theta - mpmath.lu_solve(A.T * bent + penalty, slope)
        return np.array([float(v) for v in theta])


class TestInHighPrecision:
    @pytest.mark.parametrize("shift", [0, 1e4, 1e5, 1e9, -1e9, 1e12])
    def test_a_shift_is_the_intercepts_business(self, shift):
        X = np.arange(6.0)[:, None] + shift
        theta = wdmath.LogisticRisk(X, [0, 0, 1, 0, 1, 1], scale="sum", intercept=True).ridge_path(0.0)
        right = minimizer_in_many_digits("logistic", X, [0, 0, 1, 0, 1, 1], 0.0, theta)
        assert theta[0] == pytest.approx(1.21402759, abs=5e-9)
        np.testing.assert_allclose(theta, right, rtol=1e-13)

    @pytest.mark.parametrize("kind", ["logistic", "poisson"])
    @pytest.mark.parametrize("units", [(1, 1, 1), (1, 1, 1e8), (1e-12, 1, 1e12), (1e-160, 1e-160, 1e-160)])
    def test_columns_in_any_units(self, kind, units):
        make, (X, y) = (
            (wdmath.LogisticRisk, problem(2)) if kind == "logistic" else (wdmath.PoissonRisk, counts())
        )
        X = X * units
        weights = np.random.default_rng(2).integers(0, 3, 80)
        for lam in (1.0, 1e-9):
            theta = make(X, y, scale="sum", intercept=True, sample_weight=weights).ridge_path(lam)
            right = minimizer_in_many_digits(kind, X, y, lam, theta, weights)
            np.testing.assert_allclose(theta, right, rtol=1e-9)

    def test_powers_of_one_feature(self):
        rng = np.random.default_rng(3)
        X, y = np.linspace(0, 1, 60)[:, None] ** np.arange(1, 9), rng.random(60) < 0.4
        for lam in (1e-3, 1e-8):
            theta = wdmath.LogisticRisk(X, y, scale="sum", intercept=True).ridge_path(lam)
            right = minimizer_in_many_digits("logistic", X, y, lam, theta)
            assert np.abs(theta - right).max() < 1e-8 * np.abs(right).max()

    @pytest.mark.parametrize("lam", [1e-3, 1e-10, 1e-50, 1e-150])
    def test_separable_classes_with_hardly_any_penalty(self, lam):
        X = np.random.default_rng(4).standard_normal((20, 2))
        y = X[:, 0] > 0
        theta = wdmath.LogisticRisk(X, y, scale="sum", intercept=True).ridge_path(lam)
        right = minimizer_in_many_digits("logistic", X, y, lam, theta)
        np.testing.assert_allclose(theta, right, rtol=1e-10)

    def test_a_wrong_solution_is_noticed(self):
        X, y = problem(2)
        theta = wdmath.LogisticRisk(X, y, scale="sum", intercept=True).ridge_path(1.0)
        right = minimizer_in_many_digits("logistic", X, y, 1.0, theta * (1 + 1e-6))
        assert np.abs(theta * (1 + 1e-6) / right - 1).max() > 1e-7
        np.testing.assert_allclose(theta, right, rtol=1e-13)


@pytest.mark.parametrize("intercept", [False, True])
def test_iris_as_it_is(intercept):
    """One class can be told from the others without error: without a penalty there is no minimizer."""
    X, y = load_iris(return_X_y=True)
    risk = wdmath.SoftmaxRisk(X, y, scale="sum", intercept=intercept)
    for lam in (1e-2, 1e-5, 1e-8, 1e-9):
        theta = risk.ridge_path(lam)
        # The classes that overlap share slopes of size 10, whose rounding is all that may be left.
        slope = np.abs(risk.gradient(theta) + lam * risk.penalized * theta).max()
        assert slope < min(1e-12, 1e-4 * lam * np.abs(theta).max())
    with pytest.raises(ValueError, match=r"separated.*no minimizer at lam = 0\.0"):
        risk.ridge_path(0.0)
    with pytest.raises(np.linalg.LinAlgError, match=r"lam = 1e-18 is not determined by numbers of double"):
        risk.ridge_path(1e-18)


@pytest.mark.parametrize("intercept", [False, True])
def test_along_a_fine_path_of_softmax_nothing_grows_from_rounding(intercept: bool) -> None:
    X, y = problem(3)
    lams = np.geomspace(1e-4, 3.0, 300)
    risk = wdmath.SoftmaxRisk(X, y, scale="mean", intercept=intercept)
    path = risk.ridge_path(lams)
    assert np.abs(path.reshape(-1, *risk.shape).sum(axis=1)).max() < 1e-12
    for k in (0, 150, 299):
        np.testing.assert_allclose(path[k], risk.ridge_path(lams[k]), rtol=1e-8, atol=1e-10)


def test_digits_have_640_parameters():
    X, y = load_digits(return_X_y=True)
    risk = wdmath.SoftmaxRisk(X, y, scale="sum", intercept=True)
    assert risk.dimension == 650
    for lam, theta in zip((0.01, 1.0, 100.0), risk.ridge_path([0.01, 1.0, 100.0]), strict=True):
        assert np.abs(risk.gradient(theta) + lam * risk.penalized * theta).max() < 1e-10
        np.testing.assert_allclose(theta.reshape(risk.shape).sum(axis=0), 0, atol=1e-12)
    model = LogisticRegression(C=0.01, tol=1e-10, max_iter=1000, solver="newton-cg").fit(X, y)
    np.testing.assert_allclose(theta.reshape(risk.shape)[:, :64], model.coef_, atol=1e-7)


@pytest.mark.parametrize("which", range(4))
def test_more_columns_than_rows_are_solved_in_the_space_of_the_rows(which):
    rng = np.random.default_rng(6)
    X = rng.standard_normal((30, 80))
    y = rng.integers(0, 3, 30) if which % 2 else rng.integers(0, 2, 30)
    kind = (wdmath.LogisticRisk, wdmath.SoftmaxRisk, wdmath.PoissonRisk, wdmath.SoftmaxRisk)[which]
    weights = None if which < 2 else rng.integers(0, 3, 30)
    risk = kind(X, y, scale="sum", intercept=True, sample_weight=weights)
    v = rng.uniform(0.5, 2, 80)
    for penalty in (np.ones(80), v, v * (np.arange(80) > 3), v * 10.0 ** rng.integers(-9, 9, 80)):
        lams = [0.1, 10.0]
        for lam, theta in zip(lams, risk.ridge_path(lams, penalty_weights=penalty), strict=True):
            pull = np.zeros(risk.penalized.reshape(-1, 81).shape)
            pull[:, :80] = lam * penalty * theta.reshape(-1, 81)[:, :80]
            assert np.abs(risk.gradient(theta) + pull.ravel()).max() < 1e-9


def test_dependent_columns_share_what_the_penalty_tells_them():
    X, y = problem(2)
    doubled = np.column_stack([X, X[:, 0], np.full(80, 7.0)])
    single = wdmath.LogisticRisk(X, y, scale="sum", intercept=True).ridge_path(0.0)
    v = np.array([1.0, 1.0, 1.0, 4.0, 1.0])
    for lam in (0.0, 1e-12):
        risk = wdmath.LogisticRisk(doubled, y, scale="sum", intercept=True)
        theta = risk.ridge_path(lam, penalty_weights=v)
        np.testing.assert_allclose(theta[[1, 2, 5]], single[[1, 2, 3]], rtol=1e-9)
        np.testing.assert_allclose(theta[[0, 3]], single[0] * np.array([0.8, 0.2]), rtol=1e-9)
        assert abs(theta[4]) < 1e-12


def test_poisson_has_no_minimizer_where_zeros_stand_apart():
    X, y = counts()
    apart = np.column_stack([X, y == 0])
    risk = wdmath.PoissonRisk(apart, y, scale="sum", intercept=True)
    with pytest.raises(ValueError, match=r"is 0 in all rows with y > 0.*no minimizer at lam = 0\.0"):
        risk.ridge_path([1.0, 0.0])
    assert risk.ridge_path(1e-6)[3] < -5
    with pytest.raises(ValueError, match=r"no minimizer at lam = 1\.0"):
        wdmath.PoissonRisk(X, np.zeros(80), scale="sum", intercept=True).ridge_path(1.0)
    wdmath.PoissonRisk(X, np.zeros(80), scale="sum").ridge_path(1.0)


def test_counts_of_any_size():
    X, y = counts()
    plain = wdmath.PoissonRisk(X, y, scale="sum", intercept=True).ridge_path(0.0)
    for size in (1e-250, 1e250):
        theta = wdmath.PoissonRisk(X, y * size, scale="sum", intercept=True).ridge_path(0.0)
        np.testing.assert_allclose(theta - plain, [0, 0, 0, np.log(size)], rtol=1e-12, atol=1e-11)
    # Forty powers of e between the rows, from a start far away.
    steep = wdmath.PoissonRisk(100 * X, np.exp(10 * X[:, 0]), scale="sum").ridge_path(0.0)
    np.testing.assert_allclose(steep, [0.1, 0, 0], atol=1e-13)


def test_a_label_that_is_none():
    with pytest.raises(ValueError, match=r"got 1000000 among 2 rows: number the classes with.*np?.*unique"):
        wdmath.SoftmaxRisk([[1.0], [2.0]], [0, 10**6], scale="sum")
    risk = wdmath.SoftmaxRisk([[1.0], [2.0]], [0, 10**5], scale="sum", classes=10**5 + 1)
    assert risk.value(np.zeros(10**5 + 1)) == pytest.approx(2 * np.log(10**5 + 1))
    with pytest.raises(ValueError, match=r"would take 75 GiB: use hessian_product"):
        risk.hessian(np.zeros(10**5 + 1))


def test_a_path_of_many_penalties_is_as_one_by_one():
    X, y = load_breast_cancer(return_X_y=True)
    risk = wdmath.LogisticRisk(X, y, scale="mean", intercept=True)
    lams = np.geomspace(1e2, 1e-6, 9)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = risk.ridge_path(lams)
    for i in (0, 4, 8):
        np.testing.assert_allclose(path[i], risk.ridge_path(lams[i]), rtol=1e-8)


def test_a_class_that_never_occurs():
    X, y = problem(3)
    risk = wdmath.SoftmaxRisk(X, y, scale="sum", classes=4)
    theta = risk.ridge_path(0.5)
    np.testing.assert_allclose(risk.gradient(theta) + 0.5 * theta, 0, atol=1e-9)
    # Its intercept would go on falling.
    with pytest.raises(ValueError, match="every class must occur"):
        wdmath.SoftmaxRisk(X, y, scale="sum", classes=4, intercept=True).ridge_path(0.5)
    with pytest.raises(ValueError, match="every class must occur"):
        wdmath.LogisticRisk(X, np.zeros(80), scale="sum", intercept=True).ridge_path(0.5)


def test_softmax_ridge_weights_add_up_to_zero():
    risk = wdmath.SoftmaxRisk(*problem(3), scale="sum")
    np.testing.assert_allclose(risk.ridge_path(0.7).reshape(risk.shape).sum(axis=0), 0, atol=1e-12)


def test_softmax_of_two_classes_is_logistic():
    X, y = problem(2)
    theta = wdmath.SoftmaxRisk(X, y, scale="sum").ridge_path(0.5).reshape(2, 3)
    # ||theta_1||^2 + ||theta_0||^2 = ||theta_1 - theta_0||^2 / 2.
    logistic = wdmath.LogisticRisk(X, y, scale="sum").ridge_path(0.25)
    np.testing.assert_allclose(theta[1] - theta[0], logistic, atol=1e-11)


def test_separable_classes_have_no_minimizer_without_penalty():
    X, y = [[-2.0, 1.0], [-1.0, -1.0], [1.0, 1.0], [2.0, -1.0]], [0, 0, 1, 1]
    for risk in (wdmath.LogisticRisk(X, y, scale="sum"), wdmath.SoftmaxRisk(X, y, scale="sum")):
        with pytest.raises(ValueError, match=r"separated.*lam = 0\.0"):
            risk.ridge_path(0.0)
        norms = np.linalg.norm(risk.ridge_path([1.0, 1e-3, 1e-6, 1e-9]), axis=1)
        assert (np.diff(norms) > 0).all()
        assert np.isfinite(norms).all()


def test_far_out_points_have_finite_values():
    risk = wdmath.LogisticRisk([[1.0], [-1.0]], [1, 0], scale="sum")
    assert risk.value([1e4]) == 0.0
    assert risk.value([-1e4]) == 2e4
    assert risk.gradient([-1e4]) == pytest.approx([-2.0])


def test_probabilities_of_other_rows():
    risk = wdmath.LogisticRisk([[1.0], [-1.0]], [1, 0], scale="sum", intercept=True)
    assert risk.probabilities([2.0, 1.0], [[0.0]]) == pytest.approx(1 / (1 + np.exp(-1)))


def test_posterior_mode_is_the_ridge_minimizer_and_its_density_the_exponential():
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((20, 2)), rng.standard_normal(20)
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_sum")
    lam, variance = 3.0, 0.5
    posterior = wdmath.gaussian_posterior(risk, lam, variance=variance)
    np.testing.assert_array_equal(posterior.mean, wdmath.ridge_minimizer(risk, lam))
    density = multivariate_normal(posterior.mean, posterior.covariance)
    theta = rng.standard_normal((10, 2))
    exponent = -(risk.value(theta) + lam / 2 * (theta**2).sum(axis=1)) / variance
    difference = density.logpdf(theta) - exponent
    np.testing.assert_allclose(difference, difference[0], rtol=1e-12)


def test_posterior_needs_a_prior_where_the_risk_is_flat():
    with pytest.raises(ValueError, match="lam must be > 0"):
        wdmath.gaussian_posterior(wdmath.QuadraticRisk(np.diag([1.0, 0.0]), [0, 0]), 0.0)


@pytest.mark.parametrize("labels", [[0, 2], [0, 0.5], [-1, 1]])
def test_labels_other_than_0_and_1_are_refused(labels):
    with pytest.raises(ValueError, match="y must hold the labels"):
        wdmath.LogisticRisk([[1.0], [2.0]], labels, scale="sum")


def test_wrong_scales_and_class_counts_are_refused():
    with pytest.raises(ValueError, match="scale must be 'sum', 'mean' or a number > 0, got 'half_sum'"):
        wdmath.LogisticRisk([[1.0], [2.0]], [0, 1], scale="half_sum")
    with pytest.raises(ValueError, match="y must hold labels below classes = 2, got 2"):
        wdmath.SoftmaxRisk([[1.0], [2.0]], [0, 2], scale="sum", classes=2)


class TestBestIntercept:
    @pytest.mark.parametrize("which", range(3))
    @pytest.mark.parametrize("size", [0.1, 1.0, 10.0])
    def test_against_a_search_for_it(self, which, size):
        risk = risks(intercept=True)[which]
        weights = size * np.random.default_rng(4).standard_normal((2, 3, risk.dimension))
        if which == 2:
            weights /= 5  # exponentials of scores
        found = risk.with_best_intercept(weights)
        assert found.shape == weights.shape
        np.testing.assert_array_equal(found[..., risk.penalized], weights[..., risk.penalized])
        for index in np.ndindex(2, 3):

            def at(constants, theta=found[index]):
                moved = theta.copy()
                moved[~risk.penalized] += constants
                return risk.value(moved), risk.gradient(moved)[~risk.penalized]

            searched = minimize(at, np.full((~risk.penalized).sum(), 0.5), jac=True, tol=1e-14)
            assert risk.value(found[index]) == pytest.approx(searched.fun, rel=1e-8)
            assert np.abs(at(np.zeros((~risk.penalized).sum()))[1]).max() < 1e-10

    def test_of_the_minimizer_is_its_own(self):
        for risk in risks(intercept=True)[:3]:
            theta = risk.ridge_path(1.0)
            np.testing.assert_allclose(risk.with_best_intercept(theta), theta, atol=1e-9)

    def test_scores_far_away(self):
        risk = wdmath.LogisticRisk([[-1e6], [1e6], [2e6], [5.0]], [0, 1, 0, 1], scale="sum", intercept=True)
        theta = risk.with_best_intercept([[1.0, 0.0], [-1.0, 0.0], [1e-3, 0.0]])
        assert np.abs(risk.gradient(theta)[:, 1]).max() < 1e-9

    def test_without_an_intercept_nothing_changes(self):
        risk = risks()[0]
        theta = np.ones((2, risk.dimension))
        np.testing.assert_array_equal(risk.with_best_intercept(theta), theta)

    @pytest.mark.parametrize(
        "risk",
        [
            wdmath.LogisticRisk([[1.0], [2.0]], [0, 0], scale="sum", intercept=True),
            wdmath.PoissonRisk([[1.0], [2.0]], [0, 0], scale="sum", intercept=True),
            wdmath.SoftmaxRisk([[1.0], [2.0]], [0, 1], classes=3, scale="sum", intercept=True),
        ],
        ids=lambda risk: type(risk).__name__,
    )
    def test_where_none_is_best(self, risk):
        with pytest.raises(ValueError, match="no intercept is the best"):
            risk.with_best_intercept(np.zeros(risk.dimension))
