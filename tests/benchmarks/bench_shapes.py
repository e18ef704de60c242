"""A grid of shapes, tall to wide, chosen to find where a peer is faster; what is below its bound says where we lose.

Every peer at its best settings, on the same data, with its answer compared; where solvers are iterative, at the
accuracy of ours.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec

import numpy as np
from scipy.sparse import random as random_sparse

import wdmath
from tests.benchmarks.timing import Row, compare

LAMS = np.geomspace(1e-2, 1e3, 100)
# Rows, columns, strength of a common part of all columns.
SELECTION = (
    (30, 3),
    (1000, 10),
    (200_000, 20),
    (1_000_000, 20),
    (2000, 300),
    (1000, 1000),
    (300, 2000),
    (50, 20_000),
)
PATHS = ((30, 3), (100_000, 10), (3000, 800), (1000, 1000), (500, 3000), (20, 20_000))
LASSO = ((100, 10), (5000, 100), (2000, 1000), (500, 1000), (200, 2000), (50, 5000))


def run() -> Iterator[Row]:
    """All rows, as they come."""
    warnings.filterwarnings("ignore", category=FutureWarning)
    for n, p in SELECTION:
        yield from selection(n, p)
    yield from sparse_selection(20_000, 500)
    for n, p in PATHS:
        for common in (0.0, 3.0):
            yield from paths(n, p, common)
    for n, p in LASSO:
        yield from lasso(n, p)
    for n, p, penalties in ((569, 30, 50), (20_000, 100, 1), (200, 1000, 10)):
        yield from logistic(n, p, penalties)
    yield from softmax()
    for n, p in ((5000, 50), (500, 500), (100, 2000)):
        yield from elastic_net(n, p)


def data(n: int, p: int, common: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A noisy linear target of columns that may share a part."""
    rng = np.random.default_rng(n + p)
    X = rng.standard_normal((n, p))
    X += common * rng.standard_normal((n, 1))
    return X, X @ (rng.standard_normal(p) * (rng.random(p) < 0.3)) + rng.standard_normal(n)


def by_numpy(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Leave-one-out and generalized cross-validation with an intercept, as quick as we could write them in NumPy."""
    n, p = X.shape
    X, y = X - X.mean(axis=0), y - y.mean()
    mu = LAMS / 2
    if n > p:
        sigma, V = np.linalg.eigh(X.T @ X)
        U = X @ (V / np.sqrt(sigma))
    else:
        sigma, U = np.linalg.eigh(X @ X.T)
        sigma, U = sigma[1:], U[:, 1:]
    z = U.T @ y
    lost = mu[:, None] / (sigma + mu[:, None])
    outside = y - U @ z
    squares, slack = U**2, 1 - 1 / n - (U**2).sum(axis=1)
    size = max(2**17 // len(mu), 16)
    left_out = np.zeros(len(mu))
    for start in range(0, n, size):
        rows = slice(start, start + size)
        left_out += (
            ((outside[rows] + (lost * z) @ U[rows].T) / (slack[rows] + lost @ squares[rows].T)) ** 2
        ).sum(axis=1)
    whole = lost**2 @ z**2 + outside @ outside
    return left_out / n, whole / n / ((n - 1 - len(sigma) + lost.sum(axis=1)) / n) ** 2


def selection(n: int, p: int) -> Iterator[Row]:
    """Leave-one-out and generalized cross-validation of 100 penalties."""
    X, y = data(n, p)

    def ours() -> tuple[np.ndarray, np.ndarray]:
        found = wdmath.ridge_selection(X, y, LAMS, scale="sum", intercept=True)
        return found.leave_one_out, found.generalized_cross_validation

    for found, expected in zip(ours(), by_numpy(X, y), strict=True):
        assert np.allclose(found, expected, rtol=1e-6)
    peers = {"NumPy": (partial(by_numpy, X, y), 1.0)}
    if find_spec("sklearn"):
        from sklearn.linear_model import RidgeCV

        peers["RidgeCV"] = (lambda: RidgeCV(alphas=LAMS / 2).fit(X, y), 3.0)
    yield from compare(f"n = {n}, p = {p}: LOO and GCV, 100 lam", ours, peers, rounds=3)


def sparse_selection(n: int, p: int) -> Iterator[Row]:
    """The same of a sparse matrix."""
    if not find_spec("sklearn"):
        return
    from sklearn.linear_model import RidgeCV

    X = random_sparse(n, p, density=0.01, format="csr", random_state=0)
    y = X @ np.ones(p) + np.random.default_rng(0).standard_normal(n)

    def ours() -> np.ndarray:
        return wdmath.leave_one_out(X, y, LAMS, scale="sum", intercept=True)

    peer = {"RidgeCV": (lambda: RidgeCV(alphas=LAMS / 2).fit(X, y), 3.0)}
    yield from compare(f"n = {n}, p = {p}, sparse: LOO, 100 lam", ours, peer, rounds=1)


def by_svd(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A path through NumPy's singular values."""
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    return ((s * (U.T @ y)) / (s**2 + LAMS[:, None] / 2)) @ Vt


def paths(n: int, p: int, common: float) -> Iterator[Row]:
    """A ridge path of 100 penalties, also of a correlated design."""
    X, y = data(n, p, common)

    def ours() -> np.ndarray:
        return wdmath.ridge_path(X, y, LAMS, scale="sum").coefficients

    assert np.allclose(ours(), by_svd(X, y), rtol=1e-6, atol=1e-8)
    how = ", correlated" if common else ""
    peer = {"NumPy's svd": (partial(by_svd, X, y), 1.0)}
    yield from compare(f"n = {n}, p = {p}{how}: path of 100 lam", ours, peer, rounds=3)


def lasso(n: int, p: int) -> Iterator[Row]:
    """The whole path against LARS, and 100 penalties of it against coordinate descent."""
    X, y = data(n, p)
    ours = partial(wdmath.lasso_path, X, y, scale="half_mean")
    if find_spec("sklearn"):
        from sklearn.linear_model import lars_path

        theirs = partial(lars_path, X, y, method="lasso")
        yield from compare(
            f"n = {n}, p = {p}: lasso, whole path", ours, {"lars_path": (theirs, 1.0)}, rounds=3
        )
    if find_spec("celer"):
        from celer import celer_path

        most = float(np.abs(X.T @ y).max() / n)
        alphas = most * np.geomspace(1, 0.01, 100)
        some = partial(wdmath.lasso_path, X, y, scale="half_mean", lam_min=0.01 * most)
        coefficients = some().at(alphas)
        theirs = partial(celer_path, X, y, pb="lasso", alphas=alphas, tol=1e-10, max_iter=1000)
        # Where many columns are alike celer stops before it has converged; the objective tells who is nearer.
        ours_left, theirs_left = (
            ((y - found @ X.T) ** 2).sum(axis=1) / (2 * n) + alphas * np.abs(found).sum(axis=1)
            for found in (coefficients, theirs()[1].T)
        )
        assert (ours_left <= theirs_left * (1 + 1e-9)).all()
        task = f"n = {n}, p = {p}: lasso, 100 lam to lam_max / 100"
        yield from compare(task, lambda: some().at(alphas), {"celer_path": (theirs, 1.0)}, rounds=3)


def logistic(n: int, p: int, penalties: int) -> Iterator[Row]:
    """Ridge paths of logistic regression."""
    if not find_spec("sklearn"):
        return
    from sklearn.linear_model import LogisticRegression

    X, y = data(n, p)
    labels, lams = (y > 0) * 1, np.geomspace(1e2, 1e-1, penalties)

    def ours() -> np.ndarray:
        return wdmath.LogisticRisk(X, labels, scale="sum", intercept=True).ridge_path(lams)

    def theirs(solver: str) -> np.ndarray:
        model = LogisticRegression(tol=1e-8, max_iter=1000, solver=solver, warm_start=True)
        return np.array([model.set_params(C=1 / lam).fit(X, labels).coef_[0].copy() for lam in lams])

    assert np.allclose(theirs("newton-cholesky"), ours()[:, :p], rtol=1e-4, atol=1e-5)
    peers = {solver: (partial(theirs, solver), 1.5) for solver in ("newton-cholesky", "lbfgs")}
    yield from compare(f"n = {n}, p = {p}: logistic, {penalties} lam", ours, peers, rounds=3)


def softmax() -> Iterator[Row]:
    """Ten digits of 64 pixels."""
    if not find_spec("sklearn"):
        return
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    X, y = load_digits(return_X_y=True)

    def ours() -> np.ndarray:
        return wdmath.SoftmaxRisk(X, y, scale="sum", intercept=True).ridge_path(1.0)

    for tol in (1e-4, 1e-8):
        model = LogisticRegression(C=1.0, tol=tol, max_iter=10_000)
        yield from compare(
            "digits: softmax, one lam",
            ours,
            {f"lbfgs, tol = {tol:g}": (lambda m=model: m.fit(X, y), 1.0)},
            rounds=3,
        )


def elastic_net(n: int, p: int) -> Iterator[Row]:
    """50 penalties, against coordinate descent at an accuracy of 8 digits."""
    if not find_spec("sklearn"):
        return
    from sklearn.linear_model import enet_path

    X, y = data(n, p)
    alphas = np.abs(X.T @ y).max() / n * np.geomspace(1, 0.01, 50)

    def ours() -> np.ndarray:
        return wdmath.elastic_net_path(X, y, alphas, l1_ratio=0.5, scale="half_mean").coefficients

    theirs = partial(enet_path, X, y, alphas=alphas, l1_ratio=0.5, tol=1e-10, max_iter=100_000)
    assert np.allclose(theirs()[1].T, ours(), atol=1e-3 * np.abs(ours()).max())
    yield from compare(f"n = {n}, p = {p}: elastic net, 50 lam", ours, {"enet_path": (theirs, 1.0)}, rounds=3)
