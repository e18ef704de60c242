"""Published values: NIST's certified regressions, the ridge table of a textbook, and R's glmnet."""

import csv
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import wdmath

HERE = Path(__file__).parent / "reference"
CERTIFIED = json.loads((HERE / "nist.json").read_text())
PREDICTORS = ("lcavol", "lweight", "age", "lbph", "svi", "lcp", "gleason", "pgg45")


def table(name):
    with (HERE / name).open() as lines:
        return list(csv.DictReader(lines))


def exact_problem(name):
    """Design matrix and responses as fractions."""
    if name == "longley":
        rows = table("longley.csv")
        X = [[Fraction(1)] + [Fraction(row[f"x{j}"]) for j in range(1, 7)] for row in rows]
        return X, [Fraction(row["y"]) for row in rows]
    rows = table("filip.csv" if name == "filip" else "wampler.csv")
    degree, column = (10, "y") if name == "filip" else (5, f"y{name[-1]}")
    X = [[Fraction(row["x"]) ** k for k in range(degree + 1)] for row in rows]
    return X, [Fraction(row[column]) for row in rows]


def floats(values):
    return np.array([[float(v) for v in row] for row in values])


def solve_exactly(X, y, mu=Fraction(0), free=0):
    """(X^T X + mu I) theta = X^T y in fractions, without mu for the first `free` coefficients."""
    p = len(X[0])
    rows = [
        [sum(a[i] * a[j] for a in X) + (mu if i == j >= free else 0) for j in range(p)]
        + [sum(a[i] * b for a, b in zip(X, y, strict=True))]
        for i in range(p)
    ]
    for i in range(p):
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for k in range(p):
            if k != i:
                rows[k] = [v - rows[k][i] * u for v, u in zip(rows[k], rows[i], strict=True)]
    return [row[p] for row in rows]


def correct_digits(found, wanted):
    error = np.abs(np.asarray(found) / np.asarray(wanted) - 1).max()
    return -np.log10(max(error, 1e-16))


@pytest.mark.parametrize("name", CERTIFIED)
def test_certified_values_are_the_exact_solutions(name):
    exact = solve_exactly(*exact_problem(name))
    for found, certified in zip(exact, CERTIFIED[name], strict=True):
        assert abs(float(found / Fraction(Decimal(certified))) - 1) < 2e-14


# Digits that double precision leaves after the condition number of the data: about 15 - log10(cond).
DIGITS = {
    "longley": 9.5,
    "filip": 7,
    "wampler1": 8.5,
    "wampler2": 11,
    "wampler3": 9,
    "wampler4": 7.5,
    "wampler5": 5.5,
}


@pytest.mark.parametrize("lam", [0.0, 1e-30, 1e-20])
@pytest.mark.parametrize("name", DIGITS)
def test_regressions_of_nist(name, lam):
    X, y = exact_problem(name)
    wanted = [float(v) for v in CERTIFIED[name]]
    path = wdmath.ridge_path(floats(X), floats([y])[0], lam, scale="sum")
    assert path.method == "svd"
    assert correct_digits(path.coefficients, wanted) > DIGITS[name]


@pytest.mark.parametrize("name", DIGITS)
def test_regressions_of_nist_with_a_free_intercept(name):
    X, y = exact_problem(name)
    wanted = [float(v) for v in CERTIFIED[name]]
    path = wdmath.ridge_path(floats(X)[:, 1:], floats([y])[0], 0.0, scale="sum", intercept=True)
    assert correct_digits([path.intercept, *path.coefficients], wanted) > DIGITS[name]


@pytest.mark.parametrize("mu", [Fraction(1, 1000), Fraction(1), Fraction(1000)])
@pytest.mark.parametrize("free", [0, 1])
@pytest.mark.parametrize("name", ["longley", "wampler3"])
def test_ridge_of_nist_data_against_fractions(name, mu, free):
    X, y = exact_problem(name)
    wanted = [float(v) for v in solve_exactly(X, y, mu, free)]
    data = floats(X)
    path = wdmath.ridge_path(data[:, free:], floats([y])[0], float(2 * mu), scale="sum", intercept=free == 1)
    found = [path.intercept, *path.coefficients] if free else path.coefficients
    assert np.linalg.norm(np.subtract(found, wanted)) < 1e-9 * np.linalg.norm(wanted)


def prostate(rows):
    X = np.array([[float(row[name]) for name in PREDICTORS] for row in rows])
    return X, np.array([float(row["lpsa"]) for row in rows])


def test_prostate_table_of_the_elements_of_statistical_learning():
    # Table 3.3: predictors standardized over all 97 men, the 67 training rows fitted, ridge with 5.0 effective degrees
    # of freedom, intercept first. The intercept is the mean of the training responses, taken off before; the predictors
    # are not centered again over the training rows.
    least_squares = [2.465, 0.680, 0.263, -0.141, 0.210, 0.305, -0.288, -0.021, 0.267]
    ridge = [2.452, 0.420, 0.238, -0.046, 0.162, 0.227, 0.000, 0.040, 0.133]
    rows = table("prostate.csv")
    X, y = prostate(rows)
    X = (X - X.mean(axis=0)) / X.std(axis=0, ddof=1)
    train = np.array([row["train"] == "T" for row in rows])
    path = wdmath.ridge_path(X[train], y[train], 0.0, scale="half_sum", intercept=True)
    assert np.abs([path.intercept, *path.coefficients] - np.array(least_squares)).max() < 5.5e-4
    lam = wdmath.lam_for_degrees_of_freedom(np.linalg.eigvalsh(X[train].T @ X[train]), 5.0)
    mean = y[train].mean()
    path = wdmath.ridge_path(X[train], y[train] - mean, lam, scale="half_sum")
    assert path.degrees_of_freedom == pytest.approx(5.0, abs=1e-9)
    assert np.abs([mean, *path.coefficients] - np.array(ridge)).max() < 5.5e-4


OTHER_MODELS = ("lasso", "elastic net", "logistic")


def glmnet(models):
    """Rows of the table: by the same models, or by others than these."""
    rows = [row for row in table("glmnet.csv") if (row["case"] in OTHER_MODELS) == models]
    return pytest.mark.parametrize("row", rows, ids=[f"{row['case']}-{row['lambda']}" for row in rows])


def assert_near(found, row, tolerance):
    wanted = np.array([float(row[name]) for name in ("intercept", *PREDICTORS)])
    assert np.abs(found - wanted).max() < tolerance * np.abs(wanted).max()


@glmnet(models=False)
def test_coefficients_of_glmnet(row):
    # glmnet standardizes y and divides its lambda by the standard deviation of y; see make_glmnet.R.
    X, y = prostate([line for line in table("prostate.csv") if line["train"] == "T"])
    n = len(y)
    factors = np.array([1, 2, 0.5, 1, 1, 3, 0.25, 0.25])
    weights = np.linspace(0.5, 2, n) if row["case"] == "weights" else np.ones(n)
    intercept = row["case"] != "no intercept"
    center = np.average(y, weights=weights) if intercept else 0.0
    deviation = np.sqrt(np.average((y - center) ** 2, weights=weights))
    path = wdmath.ridge_path(
        X,
        y,
        float(row["lambda"]) / deviation,
        scale="half_mean",
        intercept=intercept,
        sample_weight=weights,
        penalty_weights=factors / factors.mean() if row["case"] == "penalty factors" else None,
    )
    assert_near([path.intercept, *path.coefficients], row, 1e-11)


@glmnet(models=True)
def test_other_models_of_glmnet(row):
    X, y = prostate([line for line in table("prostate.csv") if line["train"] == "T"])
    strength = float(row["lambda"])
    if row["case"] == "logistic":
        risk = wdmath.LogisticRisk(X, y > 2.5, scale="mean", intercept=True)
        *weights, intercept = risk.ridge_path(strength)
    else:
        share = {"lasso": 1.0, "elastic net": 0.25}[row["case"]]
        ridge = strength * (1 - share) / y.std()
        path = wdmath.lasso_path(X, y, scale="half_mean", intercept=True, ridge=ridge)
        weights, intercept = path.at(strength * share), path.intercept_at(strength * share)
    assert_near([intercept, *weights], row, 1e-11)
