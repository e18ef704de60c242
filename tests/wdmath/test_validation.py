"""Bad input is refused where it enters, in one sentence that names the argument and the value."""

import re
import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array, eye

import wdmath
from wdmath import _validation as check

X = np.array([[1.0, 2.0], [3.0, 5.0], [0.5, -1.0]])
Y = np.array([1.0, 2.0, 3.0])
RISK = wdmath.QuadraticRisk([[2.0, 0.0], [0.0, 1.0]], [1.0, 1.0])

CALLS = {
    "hessian not square": (
        lambda: wdmath.QuadraticRisk([[1, 2, 3], [4, 5, 6]], [1, 2]),
        "hessian must be square.*2, 3",
    ),
    "hessian not symmetric": (
        lambda: wdmath.eigenbasis([[1, 0.5], [0, 1]]),
        r"hessian must be symmetric.*0\.5",
    ),
    "hessian indefinite": (lambda: wdmath.eigenbasis([[1, 0], [0, -1]]), r"semidefinite.*-1$"),
    "hessian not finite": (
        lambda: wdmath.eigenbasis([[1, 0], [0, np.nan]]),
        r"hessian must be finite, got nan",
    ),
    "hessian empty": (lambda: wdmath.eigenbasis(np.zeros((0, 0))), "hessian must not be empty"),
    "hessian a vector": (lambda: wdmath.eigenbasis([1.0, 2.0]), "hessian must have 2 dimensions"),
    "minimizer of another length": (
        lambda: wdmath.QuadraticRisk(np.eye(2), [1, 2, 3]),
        r"minimizer.*\(2,\).*\(3,\)",
    ),
    "constant not finite": (
        lambda: wdmath.QuadraticRisk(np.eye(2), [1, 2], np.inf),
        "constant must be finite, got inf",
    ),
    "theta of another length": (lambda: RISK.value([1.0, 2.0, 3.0]), r"theta must have shape \(..., 2\)"),
    "theta a number": (lambda: RISK.gradient(1.0), r"theta must have shape \(..., 2\)"),
    "lam negative": (lambda: wdmath.ridge_minimizer(RISK, -0.5), r"lam must be >= 0, got -0\.5"),
    "one lam negative": (
        lambda: wdmath.ridge_minimizer(RISK, [1, -2]),
        r"lam must be >= 0, got -2\.0 at index 1",
    ),
    "lam not finite": (lambda: wdmath.ridge_minimizer(RISK, np.nan), "lam must be finite, got nan"),
    "lam empty": (lambda: wdmath.ridge_minimizer(RISK, []), "lam must not be empty"),
    "lam a matrix": (lambda: wdmath.ridge_minimizer(RISK, [[1.0]]), "lam must have 0 or 1 dimensions"),
    "eigenvalue negative": (
        lambda: wdmath.shrinkage_factors([1, -1], 1),
        r"eigenvalues must be >= 0, got -1\.0",
    ),
    "k too large": (lambda: wdmath.leading_eigenpairs(np.eye(3), 3), "k must be < 3"),
    "callable of unknown size": (
        lambda: wdmath.leading_eigenpairs(lambda v: v, 1),
        "dimension must be given",
    ),
    "level negative": (lambda: wdmath.level_set_ellipse(RISK, -1.0), r"level must be >= 0, got -1\.0"),
    "no points": (lambda: wdmath.level_set_ellipse(RISK, 1.0).points(0), "n must be >= 1, got 0"),
    "reach zero": (
        lambda: wdmath.level_set_ellipse(RISK, 1.0).curves(5, reach=0),
        r"reach must be > 0, got 0\.0",
    ),
    "tangent lam negative": (lambda: wdmath.tangent_circle(RISK, -1.0), r"lam must be >= 0, got -1\.0"),
    "variance zero": (lambda: wdmath.gaussian_posterior(RISK, 1.0, variance=0), "variance must be > 0"),
    "scale unknown": (lambda: wdmath.ridge_path(X, Y, 1.0, scale="total"), "scale must be one of.*'total'"),
    "scale negative": (lambda: wdmath.ridge_path(X, Y, 1.0, scale=-1.0), r"scale must be > 0, got -1\.0"),
    "method unknown": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", method="qr"),
        "method must be one of.*'qr'",
    ),
    "X empty": (
        lambda: wdmath.ridge_path(np.zeros((0, 2)), [], 1.0, scale="sum"),
        r"X must not be empty.*\(0, 2\)",
    ),
    "X not finite": (
        lambda: wdmath.ridge_path([[1.0, np.inf]], [1.0], 1.0, scale="sum"),
        r"X must be finite.*\(0, 1\)",
    ),
    "X ragged": (
        lambda: wdmath.ridge_path([[1.0], [1.0, 2.0]], [1, 2], 1.0, scale="sum"),
        "X must be a regular array",
    ),
    "y of another length": (lambda: wdmath.ridge_path(X, [1, 2], 1.0, scale="sum"), "y must have 3 rows"),
    "lam of a path negative": (
        lambda: wdmath.ridge_path(X, Y, [-1.0], scale="sum"),
        r"lam must be >= 0, got -1\.0",
    ),
    "weights negative": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", sample_weight=[1, -1, 1]),
        r"sample_weight must be >= 0, got -1\.0 at index 1",
    ),
    "weights all zero": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", sample_weight=[0, 0, 0]),
        "sample_weight must not be all zero",
    ),
    "penalty weights of another length": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", penalty_weights=[1.0]),
        r"penalty_weights must have shape \(2,\)",
    ),
    "groups without weights": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", groups=[0, 1]),
        "penalty_weights must be given with groups",
    ),
    "groups of another length": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", groups=[0], penalty_weights=[1.0]),
        "groups must be 2 integers",
    ),
    "group without a weight": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", groups=[0, 2], penalty_weights=[1.0, 2.0]),
        "penalty_weights must have one entry for each group",
    ),
    "group negative": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", groups=[0, -1], penalty_weights=[1.0, 2.0]),
        "groups must be >= 0, got -1",
    ),
    "tikhonov of another width": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", tikhonov=np.eye(3)),
        r"tikhonov must have shape \(any, 2\)",
    ),
    "two penalties": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", tikhonov=np.eye(2), penalty_weights=[1, 1]),
        "tikhonov cannot be combined",
    ),
    "target of another length": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", target=[1.0]),
        r"target must have shape \(2,\)",
    ),
    "sparse X with a dense method": (
        lambda: wdmath.ridge_path(csr_array(X), Y, 1.0, scale="sum", method="svd"),
        "method must be 'auto' or 'lanczos'",
    ),
    "sparse X not finite": (
        lambda: wdmath.ridge_path(csr_array([[np.nan]]), [1.0], 1.0, scale="sum"),
        "X must be finite, got nan",
    ),
    "sparse X with free coefficients": (
        lambda: wdmath.ridge_path(
            eye(3000), np.ones(3000), 1.0, scale="sum", penalty_weights=np.arange(3000)
        ),
        "X must be a dense array",
    ),
    "rtol zero": (
        lambda: wdmath.ridge_path(csr_array(X), Y, 1.0, scale="sum", rtol=0.0),
        r"rtol must be > 0, got 0\.0",
    ),
    "rtol zero though it is not needed": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", rtol=0.0),
        r"rtol must be > 0, got 0\.0",
    ),
    "method an array": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", method=np.array(["svd", "eigh"])),
        "method must be one of",
    ),
    "too many points": (
        lambda: wdmath.level_set_ellipse(RISK, 1.0).points(10**30),
        r"n must be < 2\*\*63, got 10{30}",
    ),
    "columns of rows to classify": (
        lambda: wdmath.LogisticRisk(X, [0, 1, 0], scale="sum").probabilities([0.0, 0.0], [[1.0]]),
        r"X must have 2 columns like the data, got shape \(1, 1\)",
    ),
    "thresholds of another shape": (
        lambda: wdmath.soft_threshold([1.0, 2.0], [1.0, 2.0, 3.0]),
        r"x, threshold must broadcast.*\(2,\).*\(3,\)",
    ),
    "steps of unequal length": (
        lambda: wdmath.gradient_descent(RISK, [0, 0], 0.1, [[1], [1, 2]]),
        "steps must be a regular array",
    ),
    "b of another length": (
        lambda: wdmath.ridge_path_from_hessian(np.eye(2), [1.0], 1.0),
        "b must have 2 rows",
    ),
    "indefinite hessian of a path": (
        lambda: wdmath.ridge_path_from_hessian(np.diag([1.0, -2.0]), [1, 1], 5.0),
        r"hessian must be positive semidefinite, got the eigenvalue -2$",
    ),
    "leave-one-out without rows": (
        lambda: wdmath.leave_one_out(np.zeros((0, 1)), [], 1.0, scale="sum"),
        "X must not",
    ),
    "columns of new rows": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum").predict([[1.0]]),
        "X must have 2 columns",
    ),
}

WRONG_KINDS = {
    "groups not integers": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", groups=[0.5, 1], penalty_weights=[1.0, 2.0]),
        "groups must hold integers",
    ),
    "complex hessian": (
        lambda: wdmath.eigenbasis(np.eye(2) * 1j),
        "hessian must hold real numbers.*complex128",
    ),
    "object array": (
        lambda: wdmath.ridge_path(X.astype(object), Y, 1.0, scale="sum"),
        "X must hold real.*object",
    ),
    "strings": (lambda: wdmath.ridge_minimizer(RISK, "large"), "lam must hold real numbers.*'large'"),
    "nothing": (lambda: wdmath.ridge_minimizer(RISK, None), "lam must hold real numbers.*None"),
    "dates": (
        lambda: RISK.value(np.array(["2020-01-01"] * 2, dtype="M8[D]")),
        "theta must hold real numbers",
    ),
    "sparse where dense is needed": (
        lambda: wdmath.QuadraticRisk(csr_array(np.eye(2)), [1, 1]),
        "hessian.*dense",
    ),
    "masked": (lambda: RISK.value(np.ma.masked_array([1.0, 2.0], [True, False])), "theta.*masked"),
    "complex sparse X": (
        lambda: wdmath.ridge_path(csr_array(X * 1j), Y, 1.0, scale="sum"),
        "X must hold real numbers, got complex128",
    ),
    "count a float": (lambda: wdmath.leading_eigenpairs(np.eye(3), 1.0), r"k must be an integer, got 1\.0"),
    "count a boolean": (lambda: wdmath.leading_eigenpairs(np.eye(3), True), "k must be an integer, got True"),
    "risk a matrix": (lambda: wdmath.ridge_minimizer(np.eye(2), 1.0), "risk must be a QuadraticRisk"),
    "risk of an ellipse": (lambda: wdmath.level_set_ellipse(np.eye(2), 1.0), "risk must be a QuadraticRisk"),
    "risk of a projection": (
        lambda: wdmath.project_on_eigenspaces(np.eye(2), [1, 1]),
        "risk must be a QuadraticRisk",
    ),
    "intercept a word": (
        lambda: wdmath.ridge_path(X, Y, 1.0, scale="sum", intercept="no"),
        "intercept must be True or False, got 'no'",
    ),
    "intercept of the lasso a word": (
        lambda: wdmath.lasso_path(X, Y, scale="sum", intercept="no"),
        "intercept must be True or False, got 'no'",
    ),
    "nesterov a number": (
        lambda: wdmath.sgd_path(RISK, [0, 0], 0.1, 1, momentum=0.5, nesterov=1),
        "nesterov must be True or False, got 1",
    ),
    "constant a word": (
        lambda: wdmath.polynomial_features([1.0], 2, constant="no"),
        "constant must be True or False, got 'no'",
    ),
    "masked numbers to round": (
        lambda: wdmath.round_to(np.ma.masked_array([1.0], [True]), "float16"),
        "x must be a plain array, got a masked one",
    ),
    "scale a list": (lambda: wdmath.ridge_path(X, Y, 1.0, scale=[1, 2]), "scale must have 0 dimensions"),
}


@pytest.mark.parametrize("case", CALLS)
def test_wrong_values(case):
    call, message = CALLS[case]
    with pytest.raises(ValueError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("case", WRONG_KINDS)
def test_wrong_kinds(case):
    call, message = WRONG_KINDS[case]
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_rounding_is_accepted():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wdmath.QuadraticRisk([[1.0, 0.5 + 1e-14], [0.5, 1.0]], [1, 1])
        wdmath.QuadraticRisk(np.diag([1.0, -1e-15]), [1, 1])
        wdmath.shrinkage_factors([1.0, -1e-16], 1.0)
        wdmath.ridge_path_from_hessian(np.diag([1.0, -1e-15]), [1, 0], [0.0, 1.0])


@pytest.mark.parametrize("kind", [np.float32, np.int64, np.uint8, bool, list, tuple])
def test_real_numbers_of_any_kind_are_taken(kind):
    values = [[1, 0], [0, 1]]
    given = kind(map(tuple, values)) if kind in (list, tuple) else np.array(values, dtype=kind)
    assert wdmath.QuadraticRisk(given, [1, 1]).hessian.dtype == np.float64


def test_long_values_are_cut_short():
    with pytest.raises(ValueError, match="minimizer") as caught:
        wdmath.QuadraticRisk(np.eye(2), list(range(1000)))
    assert len(str(caught.value)) < 200


def test_step_counts():
    np.testing.assert_array_equal(check.step_counts(3), [0, 1, 2, 3])
    np.testing.assert_array_equal(check.step_counts([7, 0]), [7, 0])
    for wrong, error in (
        (-1, ValueError),
        (2.0, TypeError),
        ([1.5], TypeError),
        ([], (TypeError, ValueError)),
        ([-1], ValueError),
    ):
        with pytest.raises(error, match="steps"):
            check.step_counts(wrong)


def test_numbers():
    assert check.real_number(3, "a") == 3.0
    for wrong in (float("nan"), float("inf"), np.nan):
        with pytest.raises(ValueError, match="a must be finite"):
            check.real_number(wrong, "a")
    with pytest.raises(ValueError, match=re.escape("a must have 0 dimensions, got shape (1,): [1]")):
        check.real_number([1], "a")


def test_large_finite_numbers_are_finite():
    check.real_array([1e308, -1e308], "a")
    huge = wdmath.QuadraticRisk(np.diag([1e300, 1e299]), [1.0, 1.0])
    np.testing.assert_allclose(wdmath.ridge_minimizer(huge, 1e299), [10 / 11, 0.5])
