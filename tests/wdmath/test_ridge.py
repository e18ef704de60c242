"""Ridge paths: every method and option against normal equations, scikit-learn and high precision."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import hilbert
from scipy.sparse import csc_array, csr_array, csr_matrix
from scipy.sparse.linalg import LinearOperator, aslinearoperator
from sklearn.linear_model import Ridge

import wdmath
from wdmath import _scaled, _sparse
from wdmath._doubled import Cut

EPS = np.finfo(float).eps
DENSE = ("auto", "eigh", "tridiagonal", "svd", "dual")
METHODS = (*DENSE, "lanczos")


def normal_equations(X, y, lam, *, c=1.0, weights=None, intercept=False, P=None, target=None):
    """Coefficients and intercept from one dense linear system."""
    n, p = X.shape
    weights = np.ones(n) if weights is None else weights
    A = np.column_stack([X, np.ones(n)]) if intercept else X
    penalty = np.zeros((A.shape[1], A.shape[1]))
    penalty[:p, :p] = np.eye(p) if P is None else P
    origin = np.zeros(A.shape[1])
    if target is not None:
        origin[:p] = target
    lhs = 2 * c * (A.T * weights) @ A + lam * penalty
    solution = np.linalg.solve(lhs, 2 * c * (A.T * weights) @ y + lam * penalty @ origin)
    return solution[:p], solution[p] if intercept else 0.0


def precise(X, y, mu, digits=60):
    """(X^T X + mu I)^-1 X^T y = X^T (X X^T + mu I)^-1 y in many digits."""
    with mpmath.workdps(digits):
        A, b = mpmath.matrix(X.tolist()), mpmath.matrix(y.tolist())
        wide = A.rows < A.cols
        G = A * A.T if wide else A.T * A
        for i in range(G.rows):
            G[i, i] += mpmath.mpf(mu)
        solution = A.T * mpmath.lu_solve(G, b) if wide else mpmath.lu_solve(G, A.T * b)
        return np.array([float(v) for v in solution])


def conditioned(rng, n, p, condition):
    U, V = (np.linalg.qr(rng.standard_normal((m, p)))[0] for m in (n, p))
    return (U * np.geomspace(1, 1 / condition, p)) @ V.T


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(60, 8), (40, 40), (20, 50), (300, 50), (5, 1), (1, 5)])
def test_all_methods_solve_the_normal_equations(shape, method):
    rng = np.random.default_rng(0)
    X, y, lams = rng.standard_normal(shape), rng.standard_normal(shape[0]), np.array([0.3, 4.0, 100.0])
    path = wdmath.ridge_path(X, y, lams, scale="sum", method=method)
    assert path.coefficients.shape == (3, shape[1])
    assert path.method == (method if method != "auto" else path.method)
    for lam, found in zip(lams, path.coefficients, strict=True):
        np.testing.assert_allclose(found, normal_equations(X, y, lam)[0], atol=1e-11)


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize(
    "penalty", ["none", "weights", "some free", "groups", "tikhonov", "singular tikhonov"]
)
@pytest.mark.parametrize("shape", [(50, 6), (12, 20)])
def test_all_options_together(shape, penalty, intercept):
    rng = np.random.default_rng(1)
    n, p = shape
    X, y = rng.standard_normal(shape) + 3, rng.standard_normal(n) + 5
    weights, target, lams = rng.random(n) + 0.1, rng.standard_normal(p), [0.2, 3.0]
    d, groups = rng.random(p) + 0.3, np.arange(p) % 2
    loose = np.where(np.arange(p) < 2, 0.0, d)
    square, flat = rng.standard_normal((p, p)), np.diff(np.eye(p), axis=0)
    options, P = {
        "none": ({}, np.eye(p)),
        "weights": ({"penalty_weights": d}, np.diag(d)),
        "some free": ({"penalty_weights": loose}, np.diag(loose)),
        "groups": ({"penalty_weights": [2.0, 0.5], "groups": groups}, np.diag(np.array([2.0, 0.5])[groups])),
        "tikhonov": ({"tikhonov": square}, square.T @ square),
        "singular tikhonov": ({"tikhonov": flat}, flat.T @ flat),
    }[penalty]
    for method in DENSE:
        path = wdmath.ridge_path(
            X,
            y,
            lams,
            scale="mean",
            intercept=intercept,
            sample_weight=weights,
            target=target,
            method=method,
            **options,
        )
        for i, lam in enumerate(lams):
            theta, b = normal_equations(
                X, y, lam, c=1 / weights.sum(), weights=weights, intercept=intercept, P=P, target=target
            )
            np.testing.assert_allclose(path.coefficients[i], theta, atol=1e-9)
            assert path.intercept[i] == pytest.approx(b, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_several_targets_and_a_single_lam(method):
    rng = np.random.default_rng(2)
    X, Y = rng.standard_normal((30, 4)), rng.standard_normal((30, 3))
    path = wdmath.ridge_path(X, Y, [0.5, 2.0], scale="sum", intercept=True, method=method)
    assert path.coefficients.shape == (2, 4, 3)
    assert path.intercept.shape == (2, 3)
    for t in range(3):
        alone = wdmath.ridge_path(X, Y[:, t], 2.0, scale="sum", intercept=True, method=method)
        assert alone.coefficients.shape == (4,)
        assert isinstance(alone.intercept, float)
        np.testing.assert_allclose(alone.coefficients, path.coefficients[1, :, t], atol=1e-12)
        np.testing.assert_allclose(alone.predict(X), path.predict(X)[1, :, t], atol=1e-12)
    assert path.predict(X).shape == (2, 30, 3)


@pytest.mark.parametrize(
    ("scale", "alpha"), [("sum", 0.5), ("half_sum", 1.0), ("mean", 15.0), ("half_mean", 30.0)]
)
def test_scikit_learn_terms(scale, alpha):
    # Ridge(alpha) minimizes ||y - X w||^2 + alpha ||w||^2: alpha = lam / (2 c).
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((30, 5)), rng.standard_normal(30)
    model = Ridge(alpha=alpha, solver="svd").fit(X, y)
    path = wdmath.ridge_path(X, y, 1.0, scale=scale, intercept=True)
    np.testing.assert_allclose(path.coefficients, model.coef_, atol=1e-13)
    assert path.intercept == pytest.approx(model.intercept_)


@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(0, 2**32 - 1),
    st.lists(st.floats(1e-2, 1e4), min_size=1, max_size=4),
    st.booleans(),
)
@settings(deadline=None)
def test_methods_agree(n, p, seed, lams, intercept):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((n, p)), rng.standard_normal(n)
    paths = [
        wdmath.ridge_path(X, y, lams, scale="sum", intercept=intercept, method=method) for method in METHODS
    ]
    for path in paths[1:]:
        np.testing.assert_allclose(path.coefficients, paths[0].coefficients, atol=1e-10)
        np.testing.assert_allclose(path.intercept, paths[0].intercept, atol=1e-10)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 3), min_size=8, max_size=8).filter(sum))
def test_whole_weights_count_rows(seed, repeats):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((8, 3)), rng.standard_normal(8)
    for scale in ("sum", "mean"):
        weighted = wdmath.ridge_path(X, y, [0.1, 2.0], scale=scale, intercept=True, sample_weight=repeats)
        rows = np.repeat(np.arange(8), repeats)
        repeated = wdmath.ridge_path(X[rows], y[rows], [0.1, 2.0], scale=scale, intercept=True)
        np.testing.assert_allclose(weighted.coefficients, repeated.coefficients, atol=1e-11)
        np.testing.assert_allclose(weighted.intercept, repeated.intercept, atol=1e-11)
        np.testing.assert_allclose(weighted.degrees_of_freedom, repeated.degrees_of_freedom, atol=1e-11)


@pytest.mark.parametrize("method", DENSE)
@pytest.mark.parametrize("shape", [(50, 8), (8, 50), (200, 60), (60, 200), (400, 260), (260, 300)])
def test_rank_deficient_data_without_or_with_hardly_any_penalty(shape, method):
    rng = np.random.default_rng(5)
    X = rng.standard_normal((shape[0], 3)) @ rng.standard_normal((3, shape[1]))
    y = rng.standard_normal(shape[0])
    expected = np.linalg.pinv(X) @ y
    path = wdmath.ridge_path(X, y, [0.0, 1e-30, 1e-20], scale="sum", method=method)
    assert np.abs(path.coefficients - expected).max() < 1e-13 * np.abs(expected).max()
    np.testing.assert_allclose(path.degrees_of_freedom, 3)


def test_a_constant_column_beside_a_free_intercept_is_nothing():
    rng = np.random.default_rng(6)
    X, y = rng.standard_normal((30, 3)), rng.standard_normal(30)
    wider = np.column_stack([X, np.full(30, 1e6 / 3)])
    for lams in ([0.0, 1e-20], [1e-3, 1.0]):
        expected = wdmath.ridge_path(X, y, lams, scale="sum", intercept=True).coefficients
        for method in DENSE:
            path = wdmath.ridge_path(wider, y, lams, scale="sum", intercept=True, method=method)
            np.testing.assert_allclose(path.coefficients[:, :3], expected, atol=1e-8)
            np.testing.assert_allclose(path.coefficients[:, 3], 0, atol=1e-8)


@pytest.mark.parametrize("condition", [1e1, 1e3, 1e5, 1e8])
@pytest.mark.parametrize("shape", [(40, 12), (12, 12)])
def test_accuracy_of_svd_and_of_the_automatic_choice(shape, condition):
    # kappa of X^T X is condition^2: the bounds are 10 eps sqrt(kappa) with singular values, eps kappa
    # without.
    rng = np.random.default_rng(7)
    X = conditioned(rng, *shape, condition)
    y = X @ rng.standard_normal(shape[1])
    for lam in (0.0, 2e-3 / condition):
        expected = precise(X, y, lam / 2)
        kappa = (1 + lam / 2) / (condition**-2 + lam / 2)
        bounds = {
            "svd": 10 * EPS * condition,
            "auto": 10 * EPS * max(condition, 100),
            "eigh": EPS * kappa * shape[1],
            "tridiagonal": EPS * kappa * shape[1],
        }
        for method, bound in bounds.items():
            if bound < 1:
                found = wdmath.ridge_path(X, y, lam, scale="sum", method=method).coefficients
                assert np.linalg.norm(found - expected) <= bound * np.linalg.norm(expected), (method, lam)


def hard_problem(rng):
    """X with any spectrum, and y with any residual, or nearly orthogonal to some directions or to all of them."""
    n, p = rng.integers(1, 12, size=2)
    k = min(n, p)
    U, V = (np.linalg.qr(rng.standard_normal((m, k)))[0] for m in (n, p))
    condition = 10 ** rng.uniform(0, 12)
    spectra = np.geomspace(1, 1 / condition, k), np.r_[np.ones(k - 1), 1 / condition], np.ones(k)
    X = (U * spectra[rng.integers(3)]) @ V.T * 10 ** rng.uniform(-3, 3)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    y = X @ (rng.standard_normal(p), Vt[0], Vt[-1])[rng.integers(3)]
    y += rng.choice([0.0, 1e-8, 1e-3, 1.0, 1e4]) * np.linalg.norm(y) * rng.standard_normal(n)
    if rng.random() < 0.3:
        lost = U[:, [-1]] if rng.random() < 0.5 else U
        y -= (1 - 10 ** rng.uniform(-8, 0)) * lost @ (lost.T @ y)
    return X, y, s, rng.choice([0.0, s[-1] ** 2, s[0] * s[-1], s[0] ** 2 * 10 ** rng.uniform(-20, 1)])


def test_error_bounds_of_the_methods_over_many_spectra_and_residuals():
    ratios = {method: [] for method in ("svd", "auto", "eigh", "tridiagonal", "dual", "lstsq")}
    for seed in range(400):
        X, y, s, mu = hard_problem(np.random.default_rng(seed))
        expected, (n, p) = precise(X, y, mu), X.shape
        size = np.linalg.norm(expected)
        kappa = (s[0] ** 2 + mu) / (s[-1] ** 2 + mu)
        cancelled = s[0] * np.linalg.norm(y) / np.linalg.norm(X.T @ y)
        gram = 10 * EPS * max(kappa, 10 * kappa**0.5) * cancelled
        bounds = {"svd": 10 * EPS * kappa**0.5}
        bounds["auto"] = max(bounds["svd"], 1e4 * EPS)
        if kappa < 1e12:
            bounds |= {"eigh": gram, "tridiagonal": gram} if n >= p else {"dual": gram}
        for method, bound in bounds.items():
            found = wdmath.ridge_path(X, y, mu, scale="half_sum", method=method).coefficients
            ratios[method].append(np.linalg.norm(found - expected) / size / bound)
        if mu == 0:
            error = np.linalg.norm(np.linalg.lstsq(X, y, rcond=1e-15)[0] - expected)
            ratios["lstsq"].append(error / size / bounds["svd"])
    worst = {method: max(values) for method, values in ratios.items()}
    # The usual methods are stable, which is not enough here: a known-bad example.
    assert worst.pop("lstsq") > 10
    assert all(ratio <= 1 for ratio in worst.values()), worst


@pytest.mark.parametrize("pieces", [1, 2])
@pytest.mark.parametrize("shape", [(3, 5, 2), (200, 30, 3), (20, 100, 2)])
def test_products_in_twice_the_precision(shape, pieces):
    rng = np.random.default_rng(18)
    A, B = rng.standard_normal(shape[:2]), rng.standard_normal(shape[1:])
    A *= np.geomspace(1e-8, 1e8, shape[1])
    B /= np.geomspace(1e-8, 1e8, shape[1])[:, None]
    size = np.abs(A) @ np.abs(B)
    i, j = rng.integers(shape[0]), rng.integers(shape[2])
    exact = sum(Fraction(a) * Fraction(b) for a, b in zip(A[i], B[:, j], strict=True))
    unit = EPS * (EPS if pieces == 2 else 2.0**-20)
    for high, low in (Cut(B, pieces).rows_times(A), Cut(B.T.copy(), pieces).rows_times_transpose(A)):
        error = exact - Fraction(high[i, j]) - Fraction(low[i, j])
        assert abs(float(error)) < 8 * unit * size[i, j] * shape[1]
    assert abs(float(exact - Fraction((A @ B)[i, j]))) > EPS**2 * size[i, j] * shape[1]


@pytest.mark.parametrize("shape", [(30, 8), (8, 8), (8, 25)])
def test_accuracy_beside_many_equal_singular_values(shape):
    # Singular vectors of equal singular values are computed less orthogonal than others.
    n, p = shape
    k = min(shape)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        U, V = (np.linalg.qr(rng.standard_normal((m, k)))[0] for m in shape)
        X = (U * np.r_[np.ones(k - 1), 0.1]) @ V.T
        y = X @ rng.standard_normal(p)
        expected = precise(X, y, 0.05) if n < p else precise(X, y, 0.0)
        lam = 0.1 if n < p else 0.0
        for method, bound in (("svd", 100 * EPS), ("tridiagonal", 1000 * EPS), ("auto", 1000 * EPS)):
            found = wdmath.ridge_path(X, y, lam, scale="sum", method=method).coefficients
            assert np.linalg.norm(found - expected) <= bound * np.linalg.norm(expected), (seed, method)
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_sum")
    found = wdmath.ridge_minimizer(risk, lam / 2)
    assert np.linalg.norm(found - expected) <= 100 * EPS * np.linalg.norm(expected)


@pytest.mark.parametrize("method", ["eigh", "tridiagonal", "dual"])
@pytest.mark.parametrize("lams", [[1e-11], [0.0, 1e-11], [1e-30, 1e-6]])
def test_directions_lost_in_the_gram_matrix_count_again_where_the_penalty_exceeds_its_rounding(method, lams):
    rng = np.random.default_rng(17)
    X, y = conditioned(rng, 20, 20, 1e8), rng.standard_normal(20)
    path = wdmath.ridge_path(X, y, lams, scale="half_sum", method=method)
    for lam, found in zip(lams, path.coefficients, strict=True):
        if lam > 1e-13:
            expected = precise(X, y, lam)
            assert np.linalg.norm(found - expected) <= 20 * EPS / lam * np.linalg.norm(expected)


@pytest.mark.parametrize("order", [4, 8, 11])
@pytest.mark.parametrize("lam", [0.0, 1e-20, 1e-10])
def test_hilbert_matrices(order, lam):
    X = hilbert(order)
    y = X @ np.ones(order)
    expected = precise(X, y, lam / 2)
    found = wdmath.ridge_path(X, y, lam, scale="sum").coefficients
    condition = np.linalg.cond(X)
    assert np.linalg.norm(found - expected) <= 10 * EPS * condition * np.linalg.norm(expected)


def test_columns_in_different_units_are_not_taken_for_dependent_ones():
    rng = np.random.default_rng(8)
    X = rng.standard_normal((50, 6)) * np.geomspace(1e-12, 1e12, 6)
    y = rng.standard_normal(50)
    expected = precise(X, y, 0.0)
    found = wdmath.ridge_path(X, y, 0.0, scale="sum").coefficients
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_automatic_choice():
    rng = np.random.default_rng(9)
    y = rng.standard_normal(100)
    cases = {
        "eigh": rng.standard_normal((100, 5)),
        "tridiagonal": rng.standard_normal((100, 40)),
        "dual": rng.standard_normal((100, 300)),
        "svd": conditioned(rng, 100, 5, 1e6),
    }
    for method, X in cases.items():
        lams = [1e-9, 1.0] if method == "svd" else [0.1, 1.0]
        assert wdmath.ridge_path(X, y, lams, scale="sum").method == method
    # On large well-conditioned data, and only there, a short Krylov space holds the whole path.
    large = rng.standard_normal((2560, 256))
    y = rng.standard_normal(2560)
    for X, method in ((large, "lanczos"), (large * np.geomspace(1, 30, 256), "tridiagonal")):
        path = wdmath.ridge_path(X, y, [0.1, 1.0], scale="sum")
        assert path.method == method
        expected = wdmath.ridge_path(X, y, [0.1, 1.0], scale="sum", method="svd")
        error = np.linalg.norm(path.coefficients - expected.coefficients, axis=1)
        assert (error < 1e-12 * np.linalg.norm(expected.coefficients, axis=1)).all()
        np.testing.assert_allclose(path.degrees_of_freedom, expected.degrees_of_freedom, rtol=1e-12)
    wide = wdmath.ridge_path(large.T, y[:256], [0.1, 1.0], scale="sum", intercept=True)
    assert wide.method == "lanczos"
    expected = wdmath.ridge_path(large.T, y[:256], [0.1, 1.0], scale="sum", intercept=True, method="svd")
    np.testing.assert_allclose(wide.coefficients, expected.coefficients, atol=1e-13)
    y = y[:100]
    # The penalty can make an ill-conditioned problem well-conditioned.
    assert wdmath.ridge_path(cases["svd"], y, [1.0], scale="sum").method == "eigh"


# Which way a sparse matrix or an operator goes depends on its size: here the sizes are moved instead.
ROUTES = {"dense": (10**9, 10**9), "Gram matrix": (0, 10**9), "Krylov space": (0, 0)}


@pytest.fixture(params=ROUTES)
def route(request, monkeypatch):
    numbers, order = ROUTES[request.param]
    for module, name, value in (
        (_scaled, "DENSE_NUMBERS", numbers),
        (_scaled, "DENSE_SHARE", 2.0),
        (_scaled, "OPERATOR_ORDER", order),
        (_sparse, "OPERATOR_ORDER", order),
        (_sparse, "ORDER", order),
    ):
        monkeypatch.setattr(module, name, value)
    return request.param


FORMS = {"csr": csr_array, "csc": csc_array, "old csr": csr_matrix, "operator": aslinearoperator}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", [(400, 150), (60, 150)])
def test_sparse_data_and_operators(form, shape, route):
    rng = np.random.default_rng(10)
    X = (rng.random(shape) < 0.05) * rng.standard_normal(shape)
    y, lams = rng.standard_normal((shape[0], 2)), [1e-3, 0.1, 10.0]
    weights, d, target = rng.random(shape[0]), rng.random(shape[1]) + 0.5, rng.standard_normal(shape[1])
    options = {"sample_weight": weights, "intercept": True, "penalty_weights": d, "target": target}
    dense = wdmath.ridge_path(X, y, lams, scale="mean", **options)
    path = wdmath.ridge_path(FORMS[form](X), y, lams, scale="mean", **options)
    np.testing.assert_allclose(path.coefficients, dense.coefficients, atol=1e-9)
    np.testing.assert_allclose(path.intercept, dense.intercept, atol=1e-9)
    np.testing.assert_allclose(path.predict(FORMS[form](X)), dense.predict(X), atol=1e-9)
    if route == "Krylov space":
        assert path.method == "lanczos"
        assert path.degrees_of_freedom is None
    else:
        np.testing.assert_allclose(path.degrees_of_freedom, dense.degrees_of_freedom, rtol=1e-9)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", [(60, 8), (10, 14)])
def test_sparse_data_far_from_zero(form, shape, route):
    rng = np.random.default_rng(33)
    X, y = rng.integers(-9, 10, shape) / 4 + 2.0**20, rng.standard_normal(shape[0])
    expected = wdmath.ridge_path(X - 2.0**20, y, [0.5, 2.0], scale="sum", intercept=True)
    path = wdmath.ridge_path(FORMS[form](X), y, [0.5, 2.0], scale="sum", intercept=True)
    np.testing.assert_allclose(path.coefficients, expected.coefficients, atol=1e-8)


@pytest.mark.parametrize("shape", [(60, 8), (10, 14)])
def test_sparse_columns_in_units_of_their_own(shape, route):
    rng = np.random.default_rng(34)
    X, y = rng.standard_normal(shape) * np.geomspace(1e-3, 1e6, shape[1]), rng.standard_normal(shape[0])
    for mu in (1e-3, 1.0, 1e6):
        found = wdmath.ridge_path(csr_array(X), y, mu, scale="half_sum").coefficients
        assert scaled_error(found, precise(X, y, mu), X, mu) < 1e-9, mu


def test_sparse_data_with_dependent_columns(route):
    rng = np.random.default_rng(35)
    X, y = np.eye(4)[rng.integers(0, 4, 40)], rng.standard_normal(40)
    X = np.column_stack([X, X[:, 0] + X[:, 1]])
    expected = wdmath.ridge_path(X, y, [0.0, 1e-8], scale="sum").coefficients
    found = wdmath.ridge_path(csr_array(X), y, [0.0, 1e-8], scale="sum").coefficients
    # Where only products are formed the error is eps times the condition number, here 4e9.
    np.testing.assert_allclose(found, expected, atol=1e-6 if route == "Krylov space" else 1e-12)


def test_what_an_operator_lacks_is_said():
    X = LinearOperator((3000, 3000), matvec=lambda v: v.ravel(), dtype=float)
    with pytest.raises(
        TypeError, match="X must have rmatvec, products of its transpose with vectors, got <3000x3000"
    ):
        wdmath.ridge_path(X, np.ones(3000), 1.0, scale="sum")
    # Of a small one the columns are enough.
    small = LinearOperator((3, 2), matvec=lambda v: np.r_[v.ravel(), 0.0], dtype=float)
    np.testing.assert_allclose(
        wdmath.ridge_path(small, np.ones(3), 2.0, scale="sum").coefficients, [0.5, 0.5]
    )
    bad = LinearOperator(
        (3, 2), matvec=lambda v: np.full(3, np.nan), rmatvec=lambda v: np.ones(2), dtype=float
    )
    with pytest.raises(ValueError, match="X must give finite products with finite vectors, got nan"):
        wdmath.ridge_path(bad, np.ones(3), 2.0, scale="sum")


def test_nearly_dependent_columns_of_a_large_sparse_matrix_are_an_error(monkeypatch):
    monkeypatch.setattr(_scaled, "DENSE_NUMBERS", 0)
    monkeypatch.setattr(_scaled, "DENSE_SHARE", 2.0)
    y = np.cos(np.arange(30.0))
    for columns in (6, 12):
        X = np.vander(np.linspace(0.1, 1, 30), columns)
        expected = wdmath.ridge_path(X, y, 0.0, scale="sum").coefficients
        found = wdmath.ridge_path(csr_array(X), y, 0.0, scale="sum").coefficients
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    for columns in (14, 24):
        X = csr_array(np.vander(np.linspace(0.1, 1, 30), columns))
        with pytest.raises(np.linalg.LinAlgError, match="raise lam, drop columns, or pass a dense array"):
            wdmath.ridge_path(X, y, 0.0, scale="sum")


def test_krylov_methods_say_when_they_have_not_converged(monkeypatch):
    rng = np.random.default_rng(11)
    X, y = csr_array(conditioned(rng, 80, 60, 1e6)), rng.standard_normal(80)
    with pytest.raises(np.linalg.LinAlgError, match="max_steps"):
        wdmath.ridge_path(X, y, 1e-10, scale="sum", method="lanczos", max_steps=20)
    for name in ("DENSE_NUMBERS", "DENSE_SHARE"):
        monkeypatch.setattr(_scaled, name, 0 if "NUMBERS" in name else 2.0)
    monkeypatch.setattr(_sparse, "ORDER", 0)
    graded = X * np.geomspace(1, 1e6, 60)
    with pytest.raises(np.linalg.LinAlgError, match="conjugate gradients leave a relative residual of"):
        wdmath.ridge_path(csr_array(graded), y, 1e-10, scale="sum", max_steps=5)


def test_lanczos_notices_an_indefinite_hessian():
    for H in (np.diag([1.0, -2.0, 3.0]), csr_array(np.diag([1.0, -2.0, 3.0]))):
        with pytest.raises(
            ValueError, match=r"hessian must be positive semidefinite, got the eigenvalue -2$"
        ):
            wdmath.ridge_path_from_hessian(H, [1.0, 1.0, 1.0], 0.5, method="lanczos")


@pytest.mark.parametrize("form", [np.asarray, csr_array, aslinearoperator])
def test_lanczos_with_a_tiny_or_huge_right_hand_side(form):
    rng = np.random.default_rng(19)
    X, y, lams = rng.standard_normal((12, 5)), rng.standard_normal(12), [0.0, 1.0]
    H = X.T @ X
    expected = wdmath.ridge_path_from_hessian(H, X.T @ y, lams).coefficients
    for power in (-1000, -600, 600, 1000):
        scaled = np.ldexp(y, power)
        found = wdmath.ridge_path(form(X), scaled, lams, scale="half_sum", method="lanczos").coefficients
        np.testing.assert_allclose(np.ldexp(found, -power), expected, rtol=1e-10)
        path = wdmath.ridge_path_from_hessian(form(H), X.T @ scaled, lams, method="lanczos")
        np.testing.assert_allclose(np.ldexp(path.coefficients, -power), expected, rtol=1e-10)
        large = form(np.ldexp(H, power)), X.T @ scaled, np.ldexp(lams, power)
        path = wdmath.ridge_path_from_hessian(*large, method="lanczos")
        np.testing.assert_allclose(path.coefficients, expected, rtol=1e-10)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(20, 6), (6, 20), (50, 40)])
def test_units_of_any_size(shape, method):
    rng = np.random.default_rng(20)
    X, y, lams, target = (
        rng.standard_normal(shape),
        rng.standard_normal(shape[0]),
        np.r_[0.0, 3.0],
        np.ones(shape[1]),
    )
    for power, height in ((-900, -1000), (-600, 0), (-300, 700), (450, 1000), (500, 0), (0, -1000)):
        for options in ({}, {"intercept": True}, {"target": target}):
            path = wdmath.ridge_path(X, y, lams, scale="mean", method=method, **options)
            if "target" in options:
                options = {"target": np.ldexp(target, height - power)}
            scaled = np.ldexp(X, power), np.ldexp(y, height), np.ldexp(lams, 2 * power)
            found = wdmath.ridge_path(*scaled, scale="mean", method=method, **options)
            np.testing.assert_array_equal(found.lams, scaled[2])
            # Where lam itself has become 0, only the first entry says anything.
            kept = slice(None) if scaled[2][1] else slice(1)
            coefficients = np.ldexp(found.coefficients, power - height)
            np.testing.assert_allclose(coefficients[kept], path.coefficients[kept], rtol=1e-8)
            np.testing.assert_allclose(
                np.ldexp(found.intercept, -height)[kept], path.intercept[kept], atol=1e-10
            )
            if method != "lanczos":
                np.testing.assert_allclose(found.degrees_of_freedom[kept], path.degrees_of_freedom[kept])


def test_tiny_features_beside_an_ordinary_penalty():
    rng = np.random.default_rng(22)
    X, y = rng.standard_normal((9, 4)), rng.standard_normal(9)
    expected = np.r_[
        wdmath.ridge_path(X, y, [0.0], scale="half_sum").coefficients * 1e200, [X.T @ y * 1e-200]
    ]
    for method in METHODS[:-1]:
        found = wdmath.ridge_path(X * 1e-200, y, [0.0, 1.0], scale="half_sum", method=method).coefficients
        np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("wide", [False, True])
def test_penalties_of_any_size_beside_ill_conditioned_data(wide):
    rng = np.random.default_rng(21)
    X = conditioned(rng, 20, 6, 1e6)
    X = X.T if wide else X
    y = rng.standard_normal(len(X))
    lams = [0.0, 1e-300, 1e-310, 1e100, 1e300, 1e306, 1e308]
    path = wdmath.ridge_path(X, y, lams, scale="half_sum")
    assert path.method == "svd"
    np.testing.assert_array_equal(path.coefficients[1:3], path.coefficients[[0, 0]])
    np.testing.assert_allclose(
        path.coefficients[3:], X.T @ y / np.array(lams[3:])[:, None], rtol=1e-12, atol=1e-315
    )


def test_lanczos_with_nothing_to_fit():
    path = wdmath.ridge_path(csr_array(np.eye(3)), np.zeros(3), [0.0, 1.0], scale="sum")
    np.testing.assert_array_equal(path.coefficients, np.zeros((2, 3)))


def test_without_any_penalty_lam_changes_nothing():
    X, y = wdmath.load_i2ml()
    path = wdmath.ridge_path(X, y, [0.0, 10.0], scale="sum", penalty_weights=[0, 0])
    np.testing.assert_allclose(
        path.coefficients, np.linalg.lstsq(X, y, rcond=None)[0] * np.ones((2, 1)), rtol=1e-13
    )
    np.testing.assert_array_equal(path.degrees_of_freedom, [2, 2])


def test_degrees_of_freedom_are_the_trace_of_the_smoother():
    rng = np.random.default_rng(12)
    for shape in ((30, 5), (10, 25), (60, 40)):
        X, y, lam = rng.standard_normal(shape), rng.standard_normal(shape[0]), 3.0
        for method in DENSE:
            path = wdmath.ridge_path(X, y, lam, scale="half_sum", method=method)
            expected = np.trace(X @ np.linalg.solve(X.T @ X + lam * np.eye(shape[1]), X.T))
            assert path.degrees_of_freedom == pytest.approx(expected, rel=1e-12)
    d = np.r_[0.0, 0.0, np.ones(3)]
    X = rng.standard_normal((30, 5))
    path = wdmath.ridge_path(X, rng.standard_normal(30), lam, scale="half_sum", penalty_weights=d)
    expected = np.trace(X @ np.linalg.solve(X.T @ X + lam * np.diag(d), X.T))
    assert path.degrees_of_freedom == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("method", ["auto", "eigh", "tridiagonal", "lanczos"])
@pytest.mark.parametrize("p", [1, 2, 40])
def test_path_from_a_hessian(p, method):
    rng = np.random.default_rng(13)
    A = rng.standard_normal((2 * p, p))
    H, B = A.T @ A, rng.standard_normal((p, 2))
    lams = [0.5, 7.0]
    path = wdmath.ridge_path_from_hessian(H, B, lams, method=method)
    for i, lam in enumerate(lams):
        np.testing.assert_allclose(path.coefficients[i], np.linalg.solve(H + lam * np.eye(p), B), atol=1e-11)
    alone = wdmath.ridge_path_from_hessian(H, B[:, 0], 7.0, method=method)
    np.testing.assert_allclose(alone.coefficients, path.coefficients[1, :, 0], atol=1e-12)
    if method != "lanczos":
        sigma = np.linalg.eigvalsh(H)
        np.testing.assert_allclose(path.degrees_of_freedom, [(sigma / (sigma + lam)).sum() for lam in lams])


@pytest.mark.parametrize("method", ["eigh", "tridiagonal", "lanczos"])
@pytest.mark.parametrize("p", [3, 50])
def test_path_from_a_singular_hessian(p, method):
    rng = np.random.default_rng(14)
    A = rng.standard_normal((2, p))
    H = A.T @ A
    b = H @ rng.standard_normal(p)
    expected = np.linalg.pinv(H) @ b
    path = wdmath.ridge_path_from_hessian(H, b, [0.0, 1e-30, 1e-20], method=method)
    assert np.abs(path.coefficients - expected).max() < 1e-13 * np.abs(expected).max()


def test_right_hand_side_outside_the_range():
    for p in (2, 40):
        H = np.diag(np.r_[np.ones(p - 1), 0.0])
        b = np.ones(p)
        found = wdmath.ridge_path_from_hessian(H, b, [1e-30, 1.0]).coefficients
        np.testing.assert_allclose(found[0], np.r_[np.ones(p - 1), 1e30], rtol=1e-12)
        np.testing.assert_allclose(found[1], np.r_[np.full(p - 1, 0.5), 1.0], rtol=1e-12)
        with pytest.raises(ValueError, match="b must be in the range of the hessian where lam = 0"):
            wdmath.ridge_path_from_hessian(H, b, 0.0)


def test_ridge_path_is_the_path_of_the_risk():
    X, y = wdmath.load_i2ml()
    lams = np.geomspace(1e-3, 1e4, 30)
    for scale in ("sum", "half_sum", "mean", "half_mean"):
        risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale=scale)
        path = wdmath.ridge_path(X, y, lams, scale=scale)
        np.testing.assert_allclose(path.coefficients, wdmath.ridge_minimizer(risk, lams), rtol=1e-13)
        dof = wdmath.effective_degrees_of_freedom(risk.eigenvalues, lams)
        np.testing.assert_allclose(path.degrees_of_freedom, dof, rtol=1e-13)


def test_inputs_are_not_changed():
    rng = np.random.default_rng(15)
    for shape in ((40, 40), (60, 35), (35, 60)):
        X, y, lams = rng.standard_normal(shape), rng.standard_normal(shape[0]), np.array([1.0, 0.0])
        weights, H = rng.random(shape[0]), np.eye(40) * 2.0
        copies = [a.copy() for a in (X, y, lams, weights, H)]
        for method in METHODS:
            options = {"sample_weight": weights, "intercept": True, "method": method}
            wdmath.ridge_path(X, y, lams + 0.1, scale="sum", **options)
        for method in ("eigh", "tridiagonal"):
            wdmath.ridge_path_from_hessian(H, np.ones(40), lams, method=method)
        for before, after in zip(copies, (X, y, lams, weights, H), strict=True):
            np.testing.assert_array_equal(before, after)


# Cases in which a direction that matters was once taken for rounding.


def scaled_error(found, expected, Z, mu):
    """In units in which every coefficient matters alike."""
    unit = np.sqrt((Z**2).sum(axis=0) + mu)
    return np.abs((found - expected) * unit).max() / np.abs(expected * unit).max()


@pytest.mark.parametrize("method", ["auto", "svd"])
@pytest.mark.parametrize("spread", [1e4, 1e8, 1e18, 1e150])
@pytest.mark.parametrize("shape", [(30, 5), (6, 6), (4, 7)])
def test_columns_in_units_of_their_own_beside_a_penalty(shape, spread, method):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal(shape) * rng.permutation(np.geomspace(1, spread, shape[1]))
        if seed % 2:
            X[:, 1] = 2 * X[:, 0]
        y = rng.standard_normal(shape[0])
        for mu in (1e-3, 1.0, 1e6):
            expected = precise(X, y, mu, digits=500)
            found = wdmath.ridge_path(X, y, mu, scale="half_sum", method=method).coefficients
            assert scaled_error(found, expected, X, mu) < 1e-12, (seed, mu)


def test_tiny_data():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((20, 3)), rng.standard_normal(20)
    expected = wdmath.ridge_path(X, y, 0.0, scale="sum", intercept=True)
    for a, b in ((1e-200, 1e-300), (1e-60, 1e-300), (1e200, 1e300), (1e-200, 1e80)):
        found = wdmath.ridge_path(X * a, y * b, 0.0, scale="sum", intercept=True)
        np.testing.assert_allclose(found.coefficients * a / b, expected.coefficients, rtol=1e-10)
        np.testing.assert_allclose(found.intercept / b, expected.intercept, rtol=1e-10)
        score = wdmath.generalized_cross_validation(X * a, y * b, 0.0, scale="sum")
        assert score == pytest.approx(wdmath.generalized_cross_validation(X, y, 0.0, scale="sum") * b * b)


@pytest.mark.parametrize("shape", [(40, 5), (15, 40)])
def test_each_target_has_its_own_penalty(shape):
    rng = np.random.default_rng(30)
    X, Y = rng.standard_normal(shape), rng.standard_normal((shape[0], 3))
    lams = rng.random((4, 3)) + 0.1
    for method in DENSE:
        path = wdmath.ridge_path(X, Y, lams, scale="sum", intercept=True, method=method)
        assert path.coefficients.shape == (4, shape[1], 3)
        assert path.degrees_of_freedom.shape == (4, 3)
        for t in range(3):
            alone = wdmath.ridge_path(X, Y[:, t], lams[:, t], scale="sum", intercept=True, method=method)
            np.testing.assert_allclose(path.coefficients[:, :, t], alone.coefficients, atol=1e-12)
            np.testing.assert_allclose(path.intercept[:, t], alone.intercept, atol=1e-12)
            np.testing.assert_allclose(path.degrees_of_freedom[:, t], alone.degrees_of_freedom)
            np.testing.assert_allclose(path.predict(X)[..., t], alone.predict(X), atol=1e-12)
    H = X.T @ X
    path = wdmath.ridge_path_from_hessian(H, X.T @ Y, lams)
    for t in range(3):
        alone = wdmath.ridge_path_from_hessian(H, X.T @ Y[:, t], lams[:, t])
        np.testing.assert_allclose(path.coefficients[:, :, t], alone.coefficients, atol=1e-11)
    with pytest.raises(ValueError, match=r"lam must have one column for each target, got shape \(4, 3\)"):
        wdmath.ridge_path(X, Y[:, 0], lams, scale="sum")


@pytest.mark.parametrize("penalty", ["weights", "some free", "groups", "tikhonov", "singular tikhonov"])
def test_any_penalty_on_a_hessian(penalty):
    rng = np.random.default_rng(31)
    p, lams = 6, np.array([0.0, 0.3, 20.0])
    X, y, target = rng.standard_normal((20, p)), rng.standard_normal(20), rng.standard_normal(p)
    options = {
        "weights": {"penalty_weights": rng.random(p) + 0.3},
        "some free": {"penalty_weights": np.r_[0.0, 0.0, np.ones(p - 2)]},
        "groups": {"penalty_weights": [2.0, 0.0], "groups": np.arange(p) % 2},
        "tikhonov": {"tikhonov": rng.standard_normal((p + 1, p))},
        "singular tikhonov": {"tikhonov": np.diff(np.eye(p), axis=0)},
    }[penalty]
    expected = wdmath.ridge_path(X, y, lams, scale="half_sum", target=target, **options)
    path = wdmath.ridge_path_from_hessian(X.T @ X, X.T @ y, lams, target=target, **options)
    np.testing.assert_allclose(path.coefficients, expected.coefficients, atol=1e-12)
    np.testing.assert_allclose(path.degrees_of_freedom, expected.degrees_of_freedom, rtol=1e-11)
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_sum")
    found = wdmath.ridge_minimizer(risk, lams, target=target, **options)
    np.testing.assert_allclose(found, expected.coefficients, atol=1e-12)
    np.testing.assert_allclose(
        wdmath.ridge_minimizer(risk, 0.3, target=target, **options), found[1], rtol=1e-13
    )


def test_a_penalty_on_a_hessian_of_data_with_a_flat_direction():
    # Of all minimizers the one of the least penalty, also where free coefficients could take over.
    rng = np.random.default_rng(32)
    X = rng.standard_normal((20, 3)) @ rng.standard_normal((3, 6))
    y, gamma = X @ rng.standard_normal(6), rng.standard_normal((6, 6))
    expected = wdmath.ridge_path(X, y, [0.0, 1e-3], scale="half_sum", tikhonov=gamma).coefficients
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="half_sum")
    np.testing.assert_allclose(wdmath.ridge_minimizer(risk, [0.0, 1e-3], tikhonov=gamma), expected, atol=1e-9)


@pytest.mark.parametrize(
    ("diagonal", "lam", "expected"),
    [
        ([1e18, 1.0], 1.0, [1.0, 0.5]),
        ([1e200, 1e-200], 1e-200, [1.0, 0.5]),
        ([1e18, 1.0, 0.0], 1.0, [1.0, 0.5, 0.0]),
    ],
)
def test_graded_hessians(diagonal, lam, expected):
    H, ones = np.diag(diagonal), np.ones(len(diagonal))
    np.testing.assert_allclose(
        wdmath.ridge_minimizer(wdmath.QuadraticRisk(H, ones), lam), expected, rtol=1e-15
    )
    for method in ("auto", "eigh", "tridiagonal"):
        path = wdmath.ridge_path_from_hessian(H, H @ ones, lam, method=method)
        np.testing.assert_allclose(path.coefficients, expected, rtol=1e-15)


@pytest.mark.parametrize("spread", [1e3, 1e9, 1e60])
@pytest.mark.parametrize("rank", [5, 3])
def test_graded_hessians_that_are_not_diagonal(rank, spread):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        root = rng.integers(-8, 9, (rank, 5)) / 8
        d = rng.permutation(2.0 ** np.log2(np.geomspace(1, spread, 5)).round())
        H, minimizer = root.T @ root * np.outer(d, d), rng.integers(-8, 9, 5) / d
        with mpmath.workdps(400):
            A = mpmath.matrix(H.tolist())
            for lam in (1.0, 1e-3 * spread):
                shifted = A + lam * mpmath.eye(5)
                solution = mpmath.lu_solve(shifted, A * mpmath.matrix(minimizer.tolist()))
                expected = np.array([float(v) for v in solution])
                unit = np.sqrt(np.diag(H) + lam)
                size = np.abs(expected * unit).max()
                found = wdmath.ridge_minimizer(wdmath.QuadraticRisk(H, minimizer), lam)
                assert np.abs((found - expected) * unit).max() < 1e-13 * size
                b = np.array([float(v) for v in A * mpmath.matrix(minimizer.tolist())])
                found = wdmath.ridge_path_from_hessian(H, b, lam).coefficients
                assert np.abs((found - expected) * unit).max() < 1e-12 * size


def test_eigenvalues_of_a_graded_matrix():
    # The usual routine is off by eps times the largest eigenvalue: a known-bad example.
    rng = np.random.default_rng(2)
    root, d = rng.standard_normal((16, 8)), rng.permutation(2.0 ** np.arange(0, 40, 5))
    H = root.T @ root * np.outer(d, d)
    with mpmath.workdps(100):
        exact = sorted(
            (float(v) for v in mpmath.eigsy(mpmath.matrix(H.tolist()), eigvals_only=True)), reverse=True
        )
    eigenvalues, Q = wdmath.eigenbasis(H)
    np.testing.assert_allclose(eigenvalues, exact, rtol=1e-13)
    assert np.abs(np.linalg.eigvalsh(H)[::-1] / exact - 1).max() > 1e-3
    np.testing.assert_allclose(Q.T @ Q, np.eye(8), atol=1e-14)
    with pytest.raises(ValueError, match="hessian must be positive semidefinite, got the eigenvalue"):
        wdmath.eigenbasis([[1e20, 1e10], [1e10, 0.5]])


class Frame:
    """What this package needs of a data frame."""

    def __init__(self, **columns):
        self.columns, self._values = list(columns), np.column_stack(list(columns.values()))

    def __array__(self, dtype=None, copy=None):
        return np.array(self._values, dtype=dtype)


def test_names_of_columns_come_back():
    X, y = wdmath.load_i2ml()
    frame = Frame(length=X[:, 0], width=X[:, 1])
    path = wdmath.ridge_path(frame, y, [1.0, 2.0], scale="sum")
    assert path.feature_names == ("length", "width")
    np.testing.assert_array_equal(path.predict(frame), path.predict(X))
    assert wdmath.ridge_path(X, y, 1.0, scale="sum").feature_names is None
    risk = wdmath.QuadraticRisk.from_least_squares(frame, y, scale="sum")
    assert risk.feature_names == ("length", "width")
    with pytest.raises(
        ValueError, match="X must have the columns of the fit in their order, got 'width' for 'length'"
    ):
        path.predict(Frame(width=X[:, 1], length=X[:, 0]))
    with pytest.raises(ValueError, match="X must be finite, got nan in column 'width', row 3"):
        wdmath.ridge_path(
            Frame(length=X[:, 0], width=np.where(np.arange(100) == 3, np.nan, 1.0)), y, 1.0, scale="sum"
        )
    words = Frame(length=X[:, 0].astype(object), city=np.array(["Rome"] * 100, dtype=object))
    with pytest.raises(TypeError, match="X must hold real numbers, got 'Rome' in column 'city', row 0"):
        wdmath.ridge_path(words, y, 1.0, scale="sum")
    mixed = Frame(length=X[:, 0].astype(object), width=X[:, 1].astype(object))
    np.testing.assert_array_equal(
        wdmath.ridge_path(mixed, y, [1.0, 2.0], scale="sum").coefficients, path.coefficients
    )


def test_one_column_in_small_units():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    y = X @ [1, 2, 3] + rng.standard_normal(40)
    Z = X * [1, 1, 1e8]
    expected = precise(Z, y, 0.5)
    for form in (np.asarray, csr_array, aslinearoperator):
        found = wdmath.ridge_path(form(Z), y, 1.0, scale="sum").coefficients
        assert scaled_error(found, expected, Z, 0.5) < 1e-13


def test_powers_as_a_sparse_matrix():
    X = np.vander(np.linspace(0.1, 1, 30), 12)
    y = np.cos(np.arange(30.0))
    dense, sparse = (wdmath.ridge_path(form, y, 0.0, scale="sum").coefficients for form in (X, csr_array(X)))
    np.testing.assert_array_equal(sparse, dense)
