"""Leave-one-out by leaving rows out, and scikit-learn's RidgeCV."""

import tracemalloc

import mpmath
import numpy as np
import pytest
from scipy.sparse import csc_matrix, csr_array, eye
from scipy.sparse.linalg import aslinearoperator
from sklearn.linear_model import RidgeCV

import wdmath
from wdmath import _scaled

LAMS = np.array([0.0, 1e-6, 0.1, 3.0])


def left_out(X, y, lams, **options):
    """Residual of each row from a fit to the others."""
    n = len(y)
    weights = options.pop("sample_weight", None)
    residuals = np.empty((len(lams), n))
    for i in range(n):
        others = np.arange(n) != i
        if weights is not None:
            options["sample_weight"] = weights[others]
        path = wdmath.ridge_path(X[others], y[others], lams, method="svd", **options)
        residuals[:, i] = y[i] - path.predict(X[i : i + 1])[:, 0]
    return residuals


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("option", ["none", "weights", "free", "tikhonov", "target"])
@pytest.mark.parametrize("rank", [3, None])
@pytest.mark.parametrize("shape", [(20, 4), (15, 15), (12, 30)])
def test_leaving_rows_out_one_by_one(shape, rank, option, intercept):
    rng = np.random.default_rng(0)
    n, p = shape
    X = rng.standard_normal(shape)
    if rank:
        X = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, p))
    y, weights = rng.standard_normal(n), rng.random(n)
    weights[3] = 0.0
    options = {
        "none": {},
        "weights": {"sample_weight": weights},
        "free": {"penalty_weights": np.r_[0.0, np.ones(p - 1)]},
        "tikhonov": {"tikhonov": rng.standard_normal((p, p))},
        "target": {"target": np.ones(p)},
    }[option]
    selection = wdmath.ridge_selection(X, y, LAMS, scale=1.0, intercept=intercept, **options)
    expected = left_out(X, y, LAMS, scale=1.0, intercept=intercept, **options)
    if option == "weights":
        expected = expected * np.sqrt(weights)
    scale = np.abs(expected).max(axis=1, keepdims=True)
    np.testing.assert_allclose(selection.leave_one_out_residuals / scale, expected / scale, atol=1e-8)
    total = weights.sum() if option == "weights" else n
    np.testing.assert_allclose(selection.leave_one_out, (expected**2).sum(axis=1) / total, rtol=1e-7)


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("shape", [(30, 5), (10, 25)])
def test_generalized_cross_validation_by_its_definition(shape, intercept):
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal(shape), rng.standard_normal(shape[0])
    lams = np.array([0.5, 5.0])
    path = wdmath.ridge_path(X, y, lams, scale="half_sum", intercept=intercept)
    errors = ((y - path.predict(X)) ** 2).mean(axis=1)
    expected = errors / (1 - (path.degrees_of_freedom + intercept) / shape[0]) ** 2
    found = wdmath.generalized_cross_validation(X, y, lams, scale="half_sum", intercept=intercept)
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    selection = wdmath.ridge_selection(X, y, lams, scale="half_sum", intercept=intercept)
    np.testing.assert_allclose(selection.degrees_of_freedom, path.degrees_of_freedom, rtol=1e-11)
    assert selection.best_generalized_cross_validation == lams[expected.argmin()]


@pytest.mark.parametrize("shape", [(12, 4), (6, 6), (5, 9)])
def test_several_targets_are_as_one_by_one(shape):
    rng = np.random.default_rng(8)
    X, Y, weights = rng.standard_normal(shape), rng.standard_normal((shape[0], 3)), rng.random(shape[0])
    weights[1] = 0.0
    options = {"scale": "sum", "intercept": True, "sample_weight": weights}
    together = wdmath.ridge_selection(X, Y, LAMS, **options)
    assert together.leave_one_out_residuals.shape == (len(LAMS), shape[0], 3)
    for t in range(3):
        alone = wdmath.ridge_selection(X, Y[:, t], LAMS, **options)
        residuals = together.leave_one_out_residuals[..., t]
        np.testing.assert_allclose(residuals, alone.leave_one_out_residuals, rtol=1e-11)
        np.testing.assert_allclose(together.leave_one_out[:, t], alone.leave_one_out, rtol=1e-11)
        assert together.best_leave_one_out[t] == alone.best_leave_one_out
        best = together.best_generalized_cross_validation[t]
        assert best == alone.best_generalized_cross_validation
        score = wdmath.generalized_cross_validation(X, Y, LAMS[2], **options)[t]
        assert score == pytest.approx(alone.generalized_cross_validation[2], rel=1e-11)


def test_generalized_cross_validation_has_its_limit_where_the_data_are_interpolated():
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((8, 20)), rng.standard_normal(8)
    scores = wdmath.generalized_cross_validation(X, y, [0.0, 1e-9], scale="sum")
    assert np.isfinite(scores).all()
    assert scores[0] == pytest.approx(scores[1], rel=1e-6)


@pytest.mark.parametrize("shape", [(60, 5), (20, 50)])
def test_scikit_learn_chooses_the_same(shape):
    rng = np.random.default_rng(3)
    X = rng.standard_normal(shape)
    y = X[:, 0] + rng.standard_normal(shape[0])
    alphas = np.geomspace(1e-2, 1e4, 25)
    model = RidgeCV(alphas=alphas, store_cv_results=True).fit(X, y)
    selection = wdmath.ridge_selection(X, y, 2 * alphas, scale="sum", intercept=True)
    np.testing.assert_allclose(selection.leave_one_out, model.cv_results_.mean(axis=0), rtol=1e-9)
    assert selection.best_leave_one_out == pytest.approx(2 * model.alpha_)


def test_a_row_that_alone_determines_a_coefficient_has_no_leave_one_out_fit():
    X = np.column_stack([np.ones(5), np.eye(5)[0]])
    y = np.arange(5.0)
    free = wdmath.ridge_selection(X, y, [1.0], scale="sum", penalty_weights=[1, 0])
    assert np.isinf(free.leave_one_out_residuals[0, 0])
    assert np.isfinite(free.leave_one_out_residuals[0, 1:]).all()
    # With a penalty on it the coefficient is 0 without that row.
    held = wdmath.ridge_selection(X, y, [0.0, 1.0], scale="sum", penalty_weights=[0, 1])
    np.testing.assert_allclose(held.leave_one_out_residuals[:, 0], 0.0 - 2.5)


def test_a_single_lam_gives_a_number():
    X, y = wdmath.load_i2ml()
    assert isinstance(wdmath.leave_one_out(X, y, 1.0, scale="sum"), float)
    assert isinstance(wdmath.generalized_cross_validation(X, y, 1.0, scale="sum"), float)


def test_units_of_any_size():
    rng = np.random.default_rng(9)
    X, y, lams, target = rng.standard_normal((30, 4)), rng.standard_normal(30), np.r_[0.0, 2.0], np.ones(4)
    expected = wdmath.ridge_selection(X, y, lams, scale="mean", intercept=True, target=target)
    for power in (-600, -400, 400, 500):
        scaled = np.ldexp(X, power), y, np.ldexp(lams, 2 * power)
        found = wdmath.ridge_selection(*scaled, scale="mean", intercept=True, target=np.ldexp(target, -power))
        kept = slice(None) if scaled[2][1] else slice(1)
        np.testing.assert_array_equal(found.lams, scaled[2])
        np.testing.assert_allclose(found.leave_one_out[kept], expected.leave_one_out[kept])
        np.testing.assert_allclose(found.degrees_of_freedom[kept], expected.degrees_of_freedom[kept])


@pytest.mark.parametrize("dense_numbers", [0, 10**9])
@pytest.mark.parametrize("form", [csr_array, csc_matrix, aslinearoperator])
@pytest.mark.parametrize("shape", [(50, 6), (8, 20)])
def test_sparse_data_and_operators(shape, form, dense_numbers, monkeypatch):
    monkeypatch.setattr(_scaled, "DENSE_NUMBERS", dense_numbers)
    monkeypatch.setattr(_scaled, "DENSE_SHARE", 2.0)
    rng = np.random.default_rng(20)
    X = np.where(rng.random(shape) < 0.3, rng.standard_normal(shape), 0.0)
    Y, weights = rng.standard_normal((shape[0], 2)), rng.random(shape[0])
    if form is not aslinearoperator:
        weights[1] = 0.0
    options = {
        "scale": "sum",
        "intercept": True,
        "sample_weight": weights,
        "penalty_weights": rng.random(shape[1]) + 1,
    }
    expected = wdmath.ridge_selection(X, Y, LAMS[1:], **options)
    found = wdmath.ridge_selection(form(X), Y, LAMS[1:], **options)
    np.testing.assert_allclose(found.leave_one_out_residuals, expected.leave_one_out_residuals, atol=1e-8)
    np.testing.assert_allclose(found.leave_one_out, expected.leave_one_out, rtol=1e-8)
    np.testing.assert_allclose(
        found.generalized_cross_validation, expected.generalized_cross_validation, rtol=1e-8
    )
    np.testing.assert_allclose(found.degrees_of_freedom, expected.degrees_of_freedom, rtol=1e-9)


def test_sparse_data_too_large_for_a_gram_matrix_are_refused():
    with pytest.raises(
        ValueError, match=r"at most 5000 rows or columns, for criteria of every row, got shape \(6000, "
    ):
        wdmath.ridge_selection(eye(6000).tocsr(), np.ones(6000), [1.0], scale="sum")


def ill_conditioned(rng, shape, condition):
    k = min(shape)
    U, V = (np.linalg.qr(rng.standard_normal((m, k)))[0] for m in shape)
    return (U * np.geomspace(1, 1 / condition, k)) @ V.T


@pytest.mark.parametrize("condition", [10.0, 1e3, 1e6, 1e12])
@pytest.mark.parametrize("shape", [(14, 6), (8, 8), (6, 20)])
def test_criteria_are_right_however_the_data_are_conditioned(shape, condition):
    # Refitting in many digits.
    rng = np.random.default_rng(21)
    X, y = ill_conditioned(rng, shape, condition), rng.standard_normal(shape[0])
    mus = np.array([1e-10, 1e-6, 1e-3, 1.0]) / condition
    selection = wdmath.ridge_selection(X, y, mus, scale="half_sum")
    with mpmath.workdps(80):
        A, b = mpmath.matrix(X.tolist()), mpmath.matrix(y.tolist())
        for i, mu in enumerate(mus):
            # Residuals left out are (A A^T + mu I)^-1 y over its diagonal.
            inverse = (A * A.T + mpmath.mpf(mu) * mpmath.eye(A.rows)) ** -1
            lost, diagonal = inverse * b, [inverse[i, i] for i in range(A.rows)]
            expected = np.array([float(v / d) for v, d in zip(lost, diagonal, strict=True)])
            score = float(A.rows * sum(v**2 for v in lost) / sum(diagonal) ** 2)
            error = np.abs(selection.leave_one_out_residuals[i] - expected).max() / np.abs(expected).max()
            growth = (1 + mu) / (condition**-2 + mu)
            bound = max(2e-10, 100 * np.finfo(float).eps * growth**0.5)
            assert error < bound
            assert selection.generalized_cross_validation[i] == pytest.approx(score, rel=bound)


def test_one_column_in_small_units():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    y = X @ [1, 2, 3] + rng.standard_normal(40)
    Z = X * [1, 1, 1e8]
    selection = wdmath.ridge_selection(Z, y, [1.0], scale="sum")
    hat = Z / [1, 1, 1e8] @ np.linalg.solve(X.T @ X + np.diag([0.5, 0.5, 0.5e-16]), X.T)
    assert selection.degrees_of_freedom[0] == pytest.approx(np.trace(hat), rel=1e-12)
    refitted = left_out(Z, y, [1.0], scale="sum")[0]
    np.testing.assert_allclose(selection.leave_one_out_residuals[0], refitted, rtol=1e-9)


def test_residuals_of_many_rows_are_not_kept():
    rng = np.random.default_rng(22)
    X, y = rng.standard_normal((20_000, 5)), rng.standard_normal(20_000)
    tracemalloc.start()
    selection = wdmath.ridge_selection(X, y, np.geomspace(1e-3, 1e3, 200), scale="sum", intercept=True)
    _ = selection.leave_one_out, selection.generalized_cross_validation
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * X.nbytes
    # The residuals alone would take 40 times as much as X.
    assert selection.leave_one_out_residuals.nbytes == 40 * X.nbytes


def refitted_without_each(X, y, mus, constant, weights):
    """Weighted residuals of rows left out, by normal equations in 80 digits."""
    found = np.empty((len(mus), len(y)))
    with mpmath.workdps(80):
        A = mpmath.matrix(np.column_stack([X, np.ones(len(y))] if constant else [X]).tolist())
        for k, mu in enumerate(mus):
            penalty = mpmath.diag([mpmath.mpf(mu)] * X.shape[1] + [0] * int(constant))
            for i in range(len(y)):
                others = A.copy()
                for j, w in enumerate(weights):
                    others[j, :] *= float(w) * (j != i)
                theta = mpmath.lu_solve(others.T * A + penalty, others.T * mpmath.matrix(y.tolist()))
                found[k, i] = (mpmath.mpf(y[i]) - (A[i, :] * theta)[0]) * mpmath.sqrt(float(weights[i]))
    return found


@pytest.mark.parametrize("far", [1e3, 999_999.0, 1e9])
@pytest.mark.parametrize("shape", [(9, 3), (6, 9)])
@pytest.mark.parametrize("constant", [False, True])
def test_a_row_far_from_the_others(shape, constant, far):
    """A number that stands for a missing one: the leverage of its row is 1 but for rounding."""
    rng = np.random.default_rng(22)
    X, y = rng.standard_normal(shape), rng.standard_normal(shape[0])
    X[3, 1] = far
    mus = [1e-3, 1.0]
    for weights in (np.ones(len(y)), rng.random(len(y)) + 0.5):
        expected = refitted_without_each(X, y, mus, constant, weights)
        for form in (np.asarray, csr_array):
            options = {"scale": "half_sum", "intercept": constant, "sample_weight": weights}
            found = wdmath.ridge_selection(form(X), y, mus, **options)
            np.testing.assert_allclose(found.leave_one_out_residuals, expected, rtol=1e-8)
            squares = (expected**2).sum(axis=1) / weights.sum()
            np.testing.assert_allclose(found.leave_one_out, squares, rtol=1e-8)


def test_a_row_that_is_the_only_one_with_a_feature():
    """It is not far from the others, whatever the unit: they say nothing of it, or 0 with a penalty, however small."""
    rng = np.random.default_rng(23)
    X, y = rng.standard_normal((12, 3)), rng.standard_normal(12)
    for unit in (1.0, 1e9):
        X[:, 1] = 0.0
        X[5, 1] = unit
        mus = np.array([0.0, 1e-3 * unit**2])
        found = wdmath.ridge_selection(X, y, mus, scale="half_sum").leave_one_out_residuals
        expected = refitted_without_each(X, y, np.maximum(mus, 1e-40), False, np.ones(12))
        np.testing.assert_allclose(found, expected, rtol=1e-8)
        free = wdmath.ridge_selection(X, y, mus, scale="half_sum", penalty_weights=[1.0, 0.0, 1.0])
        assert np.isinf(free.leave_one_out_residuals[:, 5]).all()
        assert np.isfinite(np.delete(free.leave_one_out_residuals, 5, axis=1)).all()
