"""Logistic and softmax risk against finite differences and scikit-learn; the Gaussian posterior by integration."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.linear_model import LogisticRegression

import wdmath


def problem(classes, seed=0, n=80, p=3):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    scores = X @ rng.standard_normal((p, classes)) + 2 * rng.standard_normal((n, classes))
    return X, scores.argmax(axis=1)


def risks(**options):
    return [
        wdmath.LogisticRisk(*problem(2), scale="sum", **options),
        wdmath.SoftmaxRisk(*problem(3), scale="mean", **options),
        wdmath.SoftmaxRisk(*problem(3), scale=0.25, classes=4, **options),
    ]


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("which", range(3))
def test_gradient_and_hessian_are_the_derivatives(which, intercept):
    risk = risks(intercept=intercept)[which]
    theta, h = np.random.default_rng(1).standard_normal(risk.dimension), 1e-5
    steps = h * np.eye(risk.dimension)
    slopes = (risk.value(theta + steps) - risk.value(theta - steps)) / (2 * h)
    curvatures = (risk.gradient(theta + steps) - risk.gradient(theta - steps)) / (2 * h)
    np.testing.assert_allclose(risk.gradient(theta), slopes, atol=1e-7)
    np.testing.assert_allclose(risk.hessian(theta), curvatures, atol=1e-7)


def test_batches_of_points():
    for risk in risks():
        theta = np.random.default_rng(2).standard_normal((2, 3, risk.dimension))
        for index in np.ndindex(2, 3):
            assert risk.value(theta)[index] == pytest.approx(risk.value(theta[index]), rel=1e-14)
            np.testing.assert_allclose(risk.gradient(theta)[index], risk.gradient(theta[index]), atol=1e-13)
            np.testing.assert_allclose(risk.probabilities(theta)[index], risk.probabilities(theta[index]))


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


@pytest.mark.parametrize("which", range(2))
def test_ridge_path_balances_the_forces(which):
    risk = risks(intercept=True)[which]
    lams = np.array([0.0, 1e-3, 1.0, 100.0])
    for lam, theta in zip(lams, risk.ridge_path(lams), strict=True):
        np.testing.assert_allclose(risk.gradient(theta) + lam * risk.penalized * theta, 0, atol=1e-9)


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
