"""Principal components and kernels against scikit-learn and ridge regression; random features against a kernel."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.kernel_ridge import KernelRidge

import wdmath


def data(n, p, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) @ (np.eye(p) + 0.5 * rng.standard_normal((p, p)))
    return X, X @ rng.standard_normal(p) + rng.standard_normal(n)


@pytest.mark.parametrize("shape", [(30, 5), (10, 25)])
def test_components_one_by_one(shape):
    X, y = data(*shape)
    path = wdmath.principal_components_regression(X, y, intercept=True)
    assert len(path.coefficients) == min(shape[0] - 1, shape[1]) + 1
    np.testing.assert_array_equal(path.coefficients[0], 0)
    assert path.intercept[0] == pytest.approx(y.mean())
    for k in range(1, len(path.coefficients)):
        pca = PCA(k).fit(X)
        scores = pca.transform(X)
        slopes = np.linalg.lstsq(scores, y - y.mean(), rcond=None)[0]
        np.testing.assert_allclose(path.coefficients[k], slopes @ pca.components_, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(path.predict(X)[k], y.mean() + scores @ slopes, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(path.singular_values, pca.singular_values_, rtol=1e-10)


def test_all_components_are_least_squares():
    X, y = data(30, 5)
    path = wdmath.principal_components_regression(X, y)
    np.testing.assert_allclose(path.coefficients[-1], np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-10)
    some = wdmath.principal_components_regression(X, y, 2)
    np.testing.assert_allclose(some.coefficients, path.coefficients[:3], rtol=1e-13, atol=1e-15)
    X[:, 4] = X[:, 0] + X[:, 1]
    path = wdmath.principal_components_regression(X, y)
    assert len(path.coefficients) == 5
    shortest = np.linalg.lstsq(X, y, rcond=None)[0]
    np.testing.assert_allclose(path.coefficients[-1], shortest, rtol=1e-9)


KERNELS = {
    "gaussian": {"kernel": "rbf", "gamma": 1 / (2 * 1.5**2)},
    "linear": {"kernel": "linear"},
    "polynomial": {"kernel": "poly", "gamma": 1 / 1.5**2, "coef0": 1, "degree": 3},
}


@pytest.mark.parametrize("name", KERNELS)
def test_scikit_learn_agrees_on_kernels(name):
    X, y = data(30, 3)
    new = data(7, 3, seed=1)[0]
    model = wdmath.kernel_ridge(X, y, [0.1, 2.0], scale="half_sum", kernel=name, length=1.5)
    for k, lam in enumerate((0.1, 2.0)):
        peer = KernelRidge(alpha=lam, **KERNELS[name]).fit(X, y)
        np.testing.assert_allclose(model.predict(new)[k], peer.predict(new), rtol=1e-8, atol=1e-9)


def test_a_linear_kernel_is_ridge_regression():
    for shape in ((30, 3), (10, 20)):
        X, y = data(*shape)
        path = wdmath.ridge_path(X, y, [0.1, 2.0], scale="mean")
        model = wdmath.kernel_ridge(X, y, [0.1, 2.0], scale="mean", kernel="linear")
        np.testing.assert_allclose(model.predict(X), path.predict(X), rtol=1e-10, atol=1e-11)
        own = wdmath.kernel_ridge(X, y, 2.0, scale="mean", kernel=lambda A, B: A @ B.T)
        np.testing.assert_allclose(own.predict(X), path.predict(X)[1], rtol=1e-10, atol=1e-11)


def test_kernel_errors():
    X, y = data(6, 2)
    X[1] = X[0]
    with pytest.raises(ValueError, match="lam must be > 0 where the kernel's matrix is singular"):
        wdmath.kernel_ridge(X, y, 0.0, scale="sum")
    with pytest.raises(ValueError, match="kernel must be symmetric and positive semidefinite"):
        wdmath.kernel_ridge(X, y, 1.0, scale="sum", kernel=lambda A, B: -(A @ B.T))
    with pytest.raises(ValueError, match=r"the kernel's matrix must have shape \(6, 6\)"):
        wdmath.kernel_ridge(X, y, 1.0, scale="sum", kernel=lambda A, B: A)
    with pytest.raises(ValueError, match="kernel must be one of"):
        wdmath.kernel_ridge(X, y, 1.0, scale="sum", kernel="rbf")


def test_cosine_features_tend_to_the_gaussian_kernel():
    X, y = data(15, 3)
    features = wdmath.random_features(X, 200_000, activation="cosine", length=2.0)
    K = features @ features.T / features.shape[1]
    distances = ((X[:, None] - X) ** 2).sum(axis=2)
    np.testing.assert_allclose(K, np.exp(-distances / 8), atol=0.01)
    model = wdmath.kernel_ridge(X, y, 1.0, scale="sum", length=2.0)
    path = wdmath.ridge_path(features / features.shape[1] ** 0.5, y, 1.0, scale="sum")
    np.testing.assert_allclose(path.predict(features / features.shape[1] ** 0.5), model.predict(X), atol=0.1)


@pytest.mark.parametrize("activation", ["relu", "tanh", "cosine"])
def test_features_repeat(activation):
    X, _ = data(9, 3)
    many = wdmath.random_features(X, 20, activation=activation)
    np.testing.assert_array_equal(many[:, :7], wdmath.random_features(X, 7, activation=activation))
    np.testing.assert_allclose(
        many[4:5], wdmath.random_features(X[4:5], 20, activation=activation), rtol=1e-13
    )
    assert (many != wdmath.random_features(X, 20, activation=activation, seed=1)).any()
    in_other_units = wdmath.random_features(X * 8, 20, activation=activation, length=8.0)
    np.testing.assert_array_equal(in_other_units, many)


def test_double_descent():
    """Without a penalty the test error peaks where there are as many features as rows; the best penalty has no peak."""
    peaks = tuned = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X, new = rng.standard_normal((60, 8)), rng.standard_normal((500, 8))
        beta = rng.standard_normal(8)
        y, truth = X @ beta + 2.0 * rng.standard_normal(60), new @ beta
        errors, best = [], []
        for number in (10, 60, 600):
            features, others = (wdmath.random_features(rows, number, seed=seed) for rows in (X, new))
            lams = np.r_[0.0, np.geomspace(1e-3, 1e4, 30)]
            path = wdmath.ridge_path(features, y, lams, scale="sum", intercept=True)
            test = ((path.predict(others) - truth) ** 2).mean(axis=1)
            errors.append(test[0])
            best.append(test.min())
        peaks += errors[1] > 2 * max(errors[0], errors[2])
        tuned += best[1] < 1.2 * max(best[0], best[2])
    assert peaks >= 9
    assert tuned >= 9
