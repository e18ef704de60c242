"""Ridge paths, leave-one-out and import against the ways people usually get them."""

from __future__ import annotations

import resource
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import random_array
from scipy.sparse.linalg import LinearOperator, cg

import wdmath
from tests.benchmarks.timing import Row, compare

LAMS = np.geomspace(1e-3, 1e3, 200)


def run() -> Iterator[Row]:
    """All rows, as they come; those with peers that are not installed are left out."""
    yield from imports()
    yield from small()
    for n, p in ((2000, 500), (500, 5000)):
        yield from selection(n, p)
    for n, p in ((2000, 500), (500, 5000), (5000, 2000)):
        yield from paths(n, p)
    yield from sparse()


def data(n: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian features and a noisy linear target."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, p))
    return X, X @ rng.standard_normal(p) + rng.standard_normal(n)


def cholesky_loop(X: np.ndarray, y: np.ndarray, lams: np.ndarray) -> np.ndarray:
    """One Cholesky factorization for each penalty, of the smaller Gram matrix, formed once."""
    n, p = X.shape
    if n >= p:
        gram, b, identity = X.T @ X, X.T @ y, np.eye(p)
        return np.array([cho_solve(cho_factor(gram + lam / 2 * identity), b) for lam in lams])
    gram, identity = X @ X.T, np.eye(n)
    return np.array([X.T @ cho_solve(cho_factor(gram + lam / 2 * identity), y) for lam in lams])


def one_eigh(X: np.ndarray, y: np.ndarray, lams: np.ndarray) -> np.ndarray:
    """The least that a path through the eigenvectors costs: Gram matrix, eigh, one product."""
    n, p = X.shape
    if n >= p:
        sigma, Q = np.linalg.eigh(X.T @ X)
        return ((Q.T @ (X.T @ y)) / (sigma + lams[:, None] / 2)) @ Q.T
    sigma, Q = np.linalg.eigh(X @ X.T)
    return (((Q.T @ y) / (sigma + lams[:, None] / 2)) @ Q.T) @ X


def paths(n: int, p: int) -> list[Row]:
    """200 penalties, one target."""
    X, y = data(n, p)
    large = n * p >= 5_000_000
    few = LAMS[::100] if large else LAMS[::20]
    one = LAMS[100:101]
    peers = {
        "Cholesky loop": (lambda: cholesky_loop(X, y, LAMS), 15.0),
        "Gram, one eigh, one product": (lambda: one_eigh(X, y, LAMS), 1 / 1.3),
    }
    if find_spec("sklearn"):
        from sklearn.linear_model import Ridge

        def scikit_learn(solver: str, lams: np.ndarray) -> None:
            for lam in lams:
                Ridge(alpha=lam / 2, fit_intercept=False, solver=solver).fit(X, y)

        share = len(few) / len(LAMS)
        peers[f"scikit-learn Ridge(cholesky), {len(few)} lams"] = (
            lambda: scikit_learn("cholesky", few),
            75.0,
            share,
        )
        peers["scikit-learn Ridge(svd), one lam"] = (lambda: scikit_learn("svd", one), 500.0, 1 / 200)
    if find_spec("himalaya"):
        from himalaya.kernel_ridge import KernelRidge
        from himalaya.ridge import Ridge as HimalayaRidge

        # himalaya takes one penalty for each target: the same target 200 times.
        Y = np.tile(y[:, None], len(LAMS))
        if n > p:
            peers["himalaya Ridge"] = (lambda: HimalayaRidge(alpha=LAMS / 2).fit(X, Y), 20.0)
        else:
            peers["himalaya KernelRidge, coefficients"] = (
                lambda: KernelRidge(alpha=LAMS / 2).fit(X, Y).get_primal_coef(),
                3.0,
            )
    task = f"path of 200 lams, n = {n}, p = {p}"
    return compare(
        task, lambda: wdmath.ridge_path(X, y, LAMS, scale="sum"), peers, rounds=1 if n == 5000 else 5
    )


def selection(n: int, p: int) -> list[Row]:
    """Leave-one-out, generalized cross-validation and degrees of freedom."""
    X, y = data(n, p)
    if not find_spec("sklearn"):
        return []
    from sklearn.linear_model import RidgeCV

    task = f"leave-one-out, GCV and df, n = {n}, p = {p}"
    peers = {"scikit-learn RidgeCV": (lambda: RidgeCV(alphas=LAMS / 2).fit(X, y), 60.0 if n > p else 3.0)}

    def ours() -> None:
        criteria = wdmath.ridge_selection(X, y, LAMS, scale="sum", intercept=True)
        _ = criteria.leave_one_out

    return compare(task, ours, peers, rounds=3)


def small() -> list[Row]:
    """What a slider needs."""
    X, y = wdmath.load_i2ml()
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="sum")
    H, b, identity = risk.hessian, risk.hessian @ risk.minimizer, np.eye(2)

    def loop() -> np.ndarray:
        return np.array([np.linalg.solve(H + lam * identity, b) for lam in LAMS])

    peers = {"solve loop": (loop, 40.0)}
    rows = compare("path of 200 lams, p = 2, of a risk", lambda: wdmath.ridge_minimizer(risk, LAMS), peers)
    peers = {"Gram and solve loop": (lambda: data_loop(X, y), 40.0)}
    return rows + compare(
        "path of 200 lams, p = 2, from data", lambda: wdmath.ridge_path(X, y, LAMS, scale="sum"), peers
    )


def data_loop(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The usual three lines."""
    H, b = 2 * X.T @ X, 2 * X.T @ y
    return np.array([np.linalg.solve(H + lam * np.eye(2), b) for lam in LAMS])


def sparse() -> list[Row]:
    """200 penalties for a sparse matrix with 1e5 columns."""
    n, p = 200_000, 100_000
    rng = np.random.default_rng(0)
    X = random_array((n, p), density=1e-4, rng=rng, format="csr")
    X.data = rng.standard_normal(X.data.size)
    y = rng.standard_normal(n)
    lams = np.geomspace(1e-2, 1e2, 200)
    b = X.T @ y

    def separate(chosen: np.ndarray) -> None:
        for lam in chosen:
            operator = LinearOperator((p, p), matvec=lambda v, mu=lam / 2: X.T @ (X @ v) + mu * v)
            cg(operator, b, rtol=1e-10)

    peers = {"conjugate gradients, 10 lams": (lambda: separate(lams[::20]), 25.0, 10 / 200)}
    task = "path of 200 lams, sparse, p = 100000"
    return compare(task, lambda: wdmath.ridge_path(X, y, lams, scale="sum", rtol=1e-10), peers, rounds=1)


def imports() -> list[Row]:
    """Processor time of fresh interpreters, less that of an empty one."""

    def cost(code: str) -> float:
        def once() -> float:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", code], check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

        return min(once() for _ in range(7))

    empty = cost("pass")
    ours, peer = cost("import wdmath; wdmath.ridge_path") - empty, cost("import numpy") - empty
    return [Row("import wdmath and use it", "import numpy", peer / ours, 0.5, ours)]


warnings.filterwarnings("ignore", category=UserWarning, module="himalaya")
